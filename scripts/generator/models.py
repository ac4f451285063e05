"""The classes of the client: which there are, and what their properties are called and typed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from openapi_python_client.config import Config

from generator.described import Model, Property
from generator.example_values import Values
from generator.json_pointer import Pointer
from generator.lint import DISPLAY
from generator.merging import Schema
from generator.naming import ClassNames, attributes_of
from generator.normalize import Schemas
from generator.plain_schema import held_by, inside, names_of, ref
from generator.python_literals import expression
from generator.structure import COMPONENTS
from generator.type_annotations import annotation
from generator.unions import narrow, undecidable

# An extension on a schema: the value is a secret. Other generators pass over it, unlike `format: password`.
HIDDEN = "x-secret"

BINARY = "JSON has no place for `format: binary`: use `contentEncoding: base64`, or a multipart body"
SHARED = "a file in a multipart body, and JSON elsewhere, which has no place for one: use two schemas"

Direction = Literal["sent", "answered", "form"]


def holds_file(plain: Schema) -> bool:
    """Tell whether a plain schema holds a file, outside of the classes that it names."""
    return plain.get("format") == "binary" or bool(plain.get("file")) or any(map(holds_file, inside(plain)))


class Models:
    """The classes of a contract.

    Attributes:
        schemas: The schemas that they are made of.
        values: Values that those schemas allow.
        all: The classes in the order of the contract, each before what is inside it; empty until :meth:`complete`.
    """

    def __init__(self, document: dict[str, Any], config: Config) -> None:
        self._names = ClassNames(config)
        self.schemas = Schemas(document, self._names)
        self.schemas.read_components()
        self.values = Values(self.schemas.classes)
        self.all: dict[str, Model] = {}
        self._used: dict[Direction, set[str]] = {"sent": set(), "answered": set(), "form": set()}

    def use(self, plain: Schema, direction: Direction) -> None:
        """Note that values of a schema are sent, as a multipart body or in another way, or answered."""
        self._used[direction] |= {*held_by(plain)}

    def annotation(self, plain: Schema, *, answered: bool = False) -> str:
        """Return the type of a plain schema."""
        return annotation(self.schemas.classes, plain, answered=answered)

    def complete(self) -> None:
        """Describe the classes, once all that is used of them is known."""
        classes = self.schemas.classes
        self.schemas.problems.extend(narrow(self.schemas.tags, classes))
        self.schemas.problems.extend(undecidable(self.schemas.unions, classes))
        # What is inside a part of a multipart body is JSON.
        self._used["sent"] |= {name for form in self._used["form"] for name in held_by(classes.get(form, {}))}
        for direction in ("sent", "answered"):
            self._used[direction] = names_of({"anyOf": [ref(each) for each in self._used[direction]]}, classes)
        self.schemas.problems.extend(self._files_in_json())
        self._used["sent"] |= self._used["form"]
        order = {(*COMPONENTS, name): number for number, name in enumerate(self.schemas.components)}
        for name in sorted(classes, key=lambda name: order.get(self.schemas.places[name][:3], len(order))):
            self.all[name] = self._model(name, classes[name])

    def _files_in_json(self) -> Iterator[tuple[Pointer, str]]:
        for name in sorted((self._used["sent"] | self._used["answered"]) & self.schemas.classes.keys()):
            schema, message = self.schemas.classes[name], SHARED if name in self._used["form"] else BINARY
            held: dict[Pointer, Schema] = {
                ("properties", key): each for key, each in schema.get("properties", {}).items()
            }
            for where, each in {**held, (): schema}.items():
                if holds_file(each):
                    yield (*self.schemas.places[name], *where), message

    def expression(self, plain: Schema, value: Any) -> str:
        """Return a default as Python code: a single value, which the schema allows; nothing for any other."""
        kind = self.schemas.resolve(plain)
        if isinstance(value, list | dict) or not self.values.allows(kind, value):
            return ""
        return expression(self.values, plain, value)

    def is_secret(self, plain: Schema) -> bool:
        """Tell whether a property must not be shown: it is marked as a secret or a password, or write-only.

        The properties of an object inside are for the class of that object to mark.
        """
        says = [each for each in (plain, self.schemas.resolve(plain)) if each.get("writeOnly") or each.get(HIDDEN)]
        return bool(says) or plain.get("format") == "password" or any(map(self.is_secret, inside(plain)))

    def _model(self, name: str, schema: Schema) -> Model:
        model = Model(name, self._names.modules[name], "model", schema)
        answered = name in self._used["answered"]
        if "names" in schema:
            kinds = {type(value) for value in schema["enum"]}
            numeric = "IntEnum" if kinds == {int} else "float, Enum"
            model.kind = "enum"
            model.type = numeric if kinds <= {int, float} else "StrEnum" if kinds == {str} else "Enum"
        elif "closed" not in schema:
            model.kind, model.type = "alias", self.annotation(schema, answered=True)
        else:
            model.type = self.annotation(schema["additionalProperties"], answered=answered)
            attributes = attributes_of(schema["properties"])
            for key, plain in schema["properties"].items():
                found = self._property(key, plain, schema, sent=name in self._used["sent"], answered=answered)
                found.python_name, found.deprecated = attributes[key], bool(plain.get("deprecated"))
                found.facts += [f'"name": {key!r}'] if attributes[key] != key else []
                found.facts += ['"discriminator": True'] if "tag" in plain else []
                model.properties.append(found)
            model.display = attributes.get(str(schema[DISPLAY]), "") if DISPLAY in schema else ""
        return model

    def _property(self, name: str, plain: Schema, model: Schema, *, sent: bool, answered: bool) -> Property:
        needed = name in model.get("required", ())
        code = self.annotation(plain, answered=answered)
        optional = code if code == "Any" else f"{code} | Unset"
        default = self.expression(plain, plain["default"]) if "default" in plain else ""
        facts: list[str] = []
        if not needed and answered and code not in {"None", "Any"} and not code.endswith(" | None"):
            code, default = f"MaybeNull[{code}]", default or "UNSET"
        elif not needed:
            code, default = optional, default or "UNSET"
        elif plain.get("readOnly") and sent:  # It travels one way, and the model goes both.
            code, default, facts = optional, "UNSET", ['"required": True']
        elif plain.get("writeOnly") and answered:
            code, facts = optional, ['"required": False']
        elif default:
            facts = ['"required": True']
        return Property(name, plain, code, needed, str(plain.get("description", "")), "", default, facts=facts)
