"""JSON Schema as OpenAPI 3.1 uses it: whether a value is valid, and a valid value, made of the contract's examples."""

import math
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator, SchemaError

from pacerpro_mock.http.operations import ABSENT
from pacerpro_mock.service.strict_json import is_array, is_object

# From this depth on, only what is required is made: a schema may contain itself.
DEEP = 4
# Keywords whose value is data, in which `$ref` means nothing, and keywords whose value has names for keys.
DATA = {"const", "default", "enum", "example", "examples", "value"}
NAMES = {"$defs", "content", "headers", "parameters", "paths", "properties", "requestBodies", "responses", "schemas"}
# Text in a format, for schemas without an example.
_BY_FORMAT = {
    "date": "2030-01-01",
    "date-time": "2030-01-01T12:00:00Z",
    "duration": "P1D",
    "email": "ada@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "time": "12:00:00Z",
    "uri": "https://example.com/",
    "uuid": "5f0c0a52-7d0e-4b9e-9a55-1d8d8f3f8f10",
}


class NoExample(ValueError):
    """The contract gives no valid example, and its schema is too narrow to make one."""


class Schemas:
    """The schemas of a document for messages in one direction, in which `hidden` properties are not required.

    `hidden` is `writeOnly` for responses, which must not have such properties, and `readOnly` for requests.
    """

    def __init__(self, document: dict[str, Any], hidden: str) -> None:
        self.document, self._hidden = document, hidden
        self.document = self._directed(document)
        for schema in self.document.get("components", {}).get("schemas", {}).values():
            self.check(schema)
        self._validator: Any = Draft202012Validator(self.document, format_checker=Draft202012Validator.FORMAT_CHECKER)

    def _directed(self, node: Any, *, names: bool = False) -> Any:
        """A copy in which no schema asks for a hidden property, with all references looked up."""
        if is_array(node):
            return [self._directed(each) for each in node]
        if not is_object(node):
            return node
        if not names and isinstance(node.get("$ref"), str):
            self.resolve(node)
        made = {
            name: each
            if not names and (name in DATA or name.startswith("x-"))
            else self._directed(each, names=not names and name in NAMES)
            for name, each in node.items()
        }
        properties, required = made.get("properties"), made.get("required")
        if not names and is_object(properties):
            resolved = {name: self.resolve(each) for name, each in properties.items()}
            hidden = [name for name, each in resolved.items() if is_object(each) and each.get(self._hidden) is True]
            if is_array(required):
                made["required"] = [name for name in required if name not in hidden]
            if self._hidden == "writeOnly":
                properties.update(dict.fromkeys(hidden, False))
        return made

    def resolve(self, node: Any) -> Any:
        """The node, or what its `$ref` stands for. Raises `ValueError` if that is not in the document."""
        for _ in range(50):
            if not is_object(node) or "$ref" not in node:
                return node
            found: Any = self.document if node["$ref"].startswith("#/") else ABSENT
            for part in node["$ref"].split("/")[1:]:
                name = part.replace("~1", "/").replace("~0", "~")
                found = found.get(name, ABSENT) if is_object(found) else ABSENT
            if found is ABSENT:
                break
            # What stands beside a reference holds as well (JSON Schema 2020-12, section 8.2.3.1).
            node = {**found, **_without(node, "$ref")} if is_object(found) else found
        raise ValueError(f"there is no {node['$ref']} in it; if that is another file, bundle the two first")

    def check(self, schema: Any) -> None:
        """Raise `ValueError` if this is not a JSON Schema."""
        try:
            Draft202012Validator.check_schema(schema)
        except SchemaError as error:
            raise ValueError(f"a schema in it is invalid: {error.message}") from None

    def mistake(self, schema: Any, value: Any) -> str | None:
        """Where a value is invalid and which keyword it fails, without the value; None if it is valid."""
        for error in self._validator.evolve(schema=schema).iter_errors(value):
            place = "".join(f"/{part}" for part in error.absolute_path)
            return f"{place or 'the whole'} fails {error.validator}: {error.validator_value!r}"[:300]
        return None

    def example(self, schema: Any, given: Any = ABSENT, depth: int = 0) -> Any:
        """A valid value: `given` if it is one, else one that keeps what is valid of it. Raises `NoExample`."""
        if not depth:
            self.check(schema)
        for candidate in (given, *self._made(schema, given, depth)):
            if candidate is not ABSENT and self.mistake(schema, candidate) is None:
                return candidate
        raise NoExample

    def _made(self, schema: Any, given: Any, depth: int) -> Iterator[Any]:
        """Values that may be valid, the likeliest first."""
        if schema is False:
            return
        flat = self._merged([schema])
        for key in ("const", "example", "default"):
            yield flat.get(key, ABSENT)
        yield from (*flat.get("examples", []), *flat.get("enum", []))
        for key in ("oneOf", "anyOf"):
            for option in flat.get(key, []):
                yield from self._made(self._merged([_without(flat, key), option]), given, depth)
        for kind in kinds_of(flat) or ["object" if "properties" in flat else "array" if "items" in flat else "string"]:
            if kind == "object":
                yield self._object(flat, given if is_object(given) else {}, depth)
            elif kind == "array":
                yield self._array(flat, given if is_array(given) else [], depth)
            else:
                yield from _scalars(kind, flat)

    def _object(self, schema: dict[str, Any], given: dict[str, Any], depth: int) -> Any:
        properties, required = schema.get("properties", {}), schema.get("required", [])
        closed = schema.get("additionalProperties") is False
        made = {name: value for name, value in given.items() if name not in properties and not closed}
        for name in dict.fromkeys((*properties, *required)):
            try:
                if name in required or name in given or depth < DEEP:
                    made[name] = self.example(properties.get(name, True), given.get(name, ABSENT), depth + 1)
            except NoExample:
                if name in required:
                    return ABSENT
        return made

    def _array(self, schema: dict[str, Any], given: list[Any], depth: int) -> Any:
        least = schema.get("minItems", 0)
        size = max(least, len(given)) or int(depth < DEEP)
        items = [*given, *[ABSENT] * size][: min(size, schema.get("maxItems", size))]
        try:
            return [self.example(schema.get("items", True), item, depth + 1) for item in items]
        except NoExample:
            return ABSENT if least else []

    def _merged(self, schemas: list[Any]) -> dict[str, Any]:
        """One schema for all of these, good enough to make a value, which is checked against the real one."""
        merged: dict[str, Any] = {}
        for each in map(self.resolve, schemas):
            if is_object(each):
                schema = self._merged([_without(each, "allOf"), *each["allOf"]]) if "allOf" in each else each
                properties = {**merged.get("properties", {}), **schema.get("properties", {})}
                required = [*merged.get("required", []), *schema.get("required", [])]
                merged |= schema | ({"properties": properties} if properties else {}) | {"required": required}
        return merged


def kinds_of(schema: Any) -> list[str]:
    """The types that a resolved schema names."""
    kinds: Any = schema.get("type", []) if is_object(schema) else []
    return [kinds] if isinstance(kinds, str) else kinds


def _without(schema: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name != key}


def _scalars(kind: str, schema: dict[str, Any]) -> Iterator[Any]:
    """Values of a type, to be tried in turn."""
    if kind == "string":
        text = _BY_FORMAT.get(schema.get("format", ""), "text")
        yield text.ljust(schema.get("minLength", 0), "x")[: schema.get("maxLength")]
    elif kind in {"integer", "number"}:
        step = schema.get("multipleOf", 1)
        yield from (1, 0, step)
        for key in ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"):
            if key in schema:
                nearest = step * math.ceil(schema[key] / step)
                yield from (nearest, nearest + step, nearest - step, schema[key], schema[key] + step / 2)
    else:
        yield {"boolean": True, "null": None}.get(kind, ABSENT)
