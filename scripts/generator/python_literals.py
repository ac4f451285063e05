"""Write a value of JSON as the Python code that a caller of the client would write for it."""

from __future__ import annotations

import datetime
import json
from dataclasses import dataclass, replace
from typing import Any

from generator.example_values import Values
from generator.merging import Schema
from generator.naming import attributes_of
from generator.plain_schema import name_of

WIDTH = 100  # characters of a line that is not broken


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

    def __init__(self, classes: dict[str, Schema], values: Values) -> None:
        self._classes, self._values = classes, values
        self.models: set[str] = set()
        self.types: set[str] = set()
        self.modules: set[str] = set()

    def of(self, plain: Schema, value: Any) -> Code:
        """Return a value that a plain schema allows."""
        if name := name_of(plain):
            return self._named(name, value)
        if "anyOf" in plain:
            # A date says more than a string that looks like one.
            order = sorted(plain["anyOf"], key=lambda each: each.keys() == {"type"})
            return self.of(next(each for each in order if self._values.allows(each, value)), value)
        if plain.get("type") == "array" and "exactly" not in plain:
            starts, items = plain.get("prefixItems", []), plain["items"] or {}
            parts = [self.of(starts[index] if index < len(starts) else items, each) for index, each in enumerate(value)]
            tail = ",)" if len(parts) == 1 else ")"
            return Code("(", tuple(parts), tail) if starts else Code("[", tuple(parts), "]")
        if isinstance(value, dict):
            inner = plain.get("additionalProperties", {})
            return Code("{", tuple(self.of(inner, each).named(literal(key), ": ") for key, each in value.items()), "}")
        if isinstance(value, list):
            return Code("[", tuple(self.of({}, each) for each in value), "]")
        if plain.get("file"):
            self.types.add("File")
            return Code('File(b"content", "file.txt")')
        if isinstance(value, str) and plain.get("type") == "string":
            return Code(self._text(plain.get("format"), value))
        return Code(literal(int(value) if plain.get("type") == "integer" else value))

    def _text(self, format_: str | None, value: str) -> str:
        if format_ == "uuid":
            self.modules.add("from uuid import UUID")
            return f'UUID("{value}")'
        if format_ not in {"date", "date-time"}:
            return literal(value)
        self.modules.add("import datetime")
        if format_ == "date":
            return repr(datetime.date.fromisoformat(value))
        instant = datetime.datetime.fromisoformat(value)
        aware = instant.astimezone(datetime.UTC) if instant.tzinfo else instant.replace(tzinfo=datetime.UTC)
        return repr(aware).replace("datetime.timezone.utc", "datetime.UTC")

    def _named(self, name: str, value: Any) -> Code:
        schema = self._classes[name]
        if "names" not in schema and "closed" not in schema:
            return self.of(schema, value)
        self.models.add(name)
        if "names" in schema:
            return Code(f"{name}.{next(key for key, each in schema['names'].items() if each == value)}")
        properties = schema["properties"]
        attributes = attributes_of(properties)
        shown = [self.of(each, value[key]).named(attributes[key]) for key, each in properties.items() if key in value]
        return Code(f"{name}(", tuple(shown), ")")


def literal(value: Any) -> str:
    """Return a value as Python code, with the formatter's quotes."""
    if not isinstance(value, str):
        return repr(value)
    # Python reads the escapes of JSON alike; what cannot be seen is escaped, as in a repr.
    return "".join(
        each if each.isprintable() else json.dumps(each)[1:-1] for each in json.dumps(value, ensure_ascii=False)
    )
