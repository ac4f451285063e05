"""Write a value of JSON as the Python code that a caller of the client would write for it."""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass, replace
from typing import Any

from openapi_python_client.parser.properties import (
    BooleanProperty,
    ConstProperty,
    DateProperty,
    DateTimeProperty,
    EnumProperty,
    FileProperty,
    FloatProperty,
    IntProperty,
    ListProperty,
    ModelProperty,
    NoneProperty,
    Property,
    StringProperty,
    UnionProperty,
    UuidProperty,
)

from generator.template_context import Facts

WIDTH = 100  # characters of a line that is not broken

# What the members of a union take.
KINDS: dict[type, dict[str, Any]] = {
    BooleanProperty: {"type": "boolean"},
    DateProperty: {"type": "string", "format": "date"},
    DateTimeProperty: {"type": "string", "format": "date-time"},
    FileProperty: {"type": "string"},
    FloatProperty: {"type": "number"},
    IntProperty: {"type": "integer"},
    NoneProperty: {"type": "null"},
    StringProperty: {"type": "string"},
    UuidProperty: {"type": "string", "format": "uuid"},
}


@dataclass(frozen=True)
class Code:
    """An expression: a word, or parts in brackets that may stand in lines of their own."""

    head: str
    parts: tuple[Code, ...] = ()
    tail: str = ""

    def named(self, name: str, mark: str = "=") -> Code:
        """Return it as an argument, or with whatever stands before it."""
        return replace(self, head=f"{name}{mark}{self.head}")

    def __str__(self) -> str:
        return f"{self.head}{', '.join(map(str, self.parts))}{self.tail}"

    def laid_out(self, indent: int) -> str:
        """Return it in one line, or in several where it is long."""
        line, pad = str(self), " " * (indent + 4)
        if not self.parts or indent + len(line) <= WIDTH:
            return line
        inside = "".join(f"{pad}{part.laid_out(indent + 4)},\n" for part in self.parts)
        return f"{self.head}\n{inside}{' ' * indent}{self.tail}"


class Expressions:
    """Writes values, and notes what has to be imported for them."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self.models: set[str] = set()
        self.types: set[str] = set()
        self.modules: set[str] = set()

    def of(self, prop: Property, value: Any) -> Code:
        """Return a value that the schema of a property allows."""
        if isinstance(prop, ModelProperty):
            return self._model(prop, value)
        if isinstance(prop, ListProperty):
            return Code("[", tuple(self.of(prop.inner_property, each) for each in value), "]")
        if isinstance(prop, UnionProperty):
            return self.of(next(each for each in prop.inner_properties if self._takes(each, value)), value)
        if isinstance(prop, EnumProperty):
            self.models.add(prop.class_info.name)
            return Code(f"{prop.class_info.name}.{next(key for key, each in prop.values.items() if each == value)}")
        if isinstance(prop, FileProperty):
            self.types.add("File")
            return Code('File(b"content", "file.txt")')
        if isinstance(prop, UuidProperty):
            self.modules.add("from uuid import UUID")
            return Code(f'UUID("{value}")')
        if isinstance(prop, DateTimeProperty | DateProperty):
            self.modules.add("import datetime")
            return Code(_day(value) if isinstance(prop, DateProperty) else _instant(value))
        return _literal(int(value) if isinstance(prop, IntProperty) else value)

    def _model(self, prop: ModelProperty, value: dict[str, Any]) -> Code:
        name = prop.class_info.name
        self.models.add(name)
        model = self._facts.models[name]  # A property may hold one that is not filled in yet.
        props = [*(model.required_properties or []), *(model.optional_properties or [])]
        named = {each.name.get_untrusted_value(): each for each in props}
        if value.keys() - named.keys():
            return Code(f"{name}.from_dict(", (_literal(value),), ")")
        shown = [self.of(each, value[key]).named(each.python_name) for key, each in named.items() if key in value]
        return Code(f"{name}(", tuple(shown), ")")

    def _takes(self, prop: Property, value: Any) -> bool:
        """Tell whether a value becomes one of this member of a union."""
        if isinstance(prop, ModelProperty):
            return self._facts.values.allows(self._facts.schema(prop), value)
        if isinstance(prop, ListProperty):
            return isinstance(value, list) and all(self._takes(prop.inner_property, each) for each in value)
        if isinstance(prop, EnumProperty):
            return value in prop.values.values()
        if isinstance(prop, ConstProperty):
            return bool(prop.value.raw_value == value)
        return self._facts.values.allows(KINDS.get(type(prop), {}), value)


def _day(text: str) -> str:
    return repr(datetime.date.fromisoformat(text))


def _instant(text: str) -> str:
    instant = datetime.datetime.fromisoformat(text)
    aware = instant.astimezone(datetime.UTC) if instant.tzinfo else instant.replace(tzinfo=datetime.UTC)
    return repr(aware).replace("datetime.timezone.utc", "datetime.UTC")


def _literal(value: Any) -> Code:
    """Return a value as it is, with the formatter's quotes."""
    if isinstance(value, dict):
        return Code("{", tuple(_literal(each).named(str(_literal(name)), ": ") for name, each in value.items()), "}")
    if isinstance(value, list):
        return Code("[", tuple(map(_literal, value)), "]")
    return Code(json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value))
