"""JSON Schema as OpenAPI 3.1 uses it: whether a value is valid, and a valid value, made of the contract's examples."""

import math
from collections.abc import Iterator
from typing import Any, cast

from jsonschema import Draft202012Validator, SchemaError, ValidationError, validators

from pacerpro_mock.http.operations import ABSENT
from pacerpro_mock.service.strict_json import is_array, is_object

# From this depth on, only what is required is made: a schema may contain itself.
DEEP = 4
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
    """The schemas of a document. In requests no `readOnly` property is required; responses have no `writeOnly` ones."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        for schema in document.get("components", {}).get("schemas", {}).values():
            self.check(schema)
        self._validators = {hidden: self._validator(hidden) for hidden in ("readOnly", "writeOnly")}

    def _validator(self, hidden: str) -> Any:
        """What validates messages in one direction, in which properties with this keyword are not required."""

        def required(_: Any, names: list[str], instance: Any, schema: dict[str, Any]) -> Iterator[ValidationError]:
            properties = schema.get("properties", {})
            for name in names if is_object(instance) else ():
                if name not in instance and not self._has(properties.get(name), hidden):
                    yield ValidationError(f"{name} is required")

        def properties(validator: Any, by_name: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
            yield from Draft202012Validator.VALIDATORS["properties"](validator, by_name, instance, schema)
            for name in instance if hidden == "writeOnly" and is_object(instance) else ():
                if self._has(by_name.get(name), hidden):
                    yield ValidationError(f"{name} is in no response")

        made = cast("Any", validators).extend(Draft202012Validator, {"required": required, "properties": properties})
        return made(self.document, format_checker=Draft202012Validator.FORMAT_CHECKER)

    def _has(self, schema: Any, keyword: str) -> bool:
        found = self.resolve(schema)
        return is_object(found) and found.get(keyword) is True

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

    def mistake(self, schema: Any, value: Any, hidden: str = "readOnly") -> str | None:
        """Where a value is invalid and which keyword it fails, without the value; None if it is valid."""
        for error in self._validators[hidden].evolve(schema=schema).iter_errors(value):
            place = "".join(f"/{part}" for part in error.absolute_path)
            return f"{place or 'the whole'} fails {error.validator}: {error.validator_value!r}"[:300]
        return None

    def example(self, schema: Any, given: Any = ABSENT, depth: int = 0) -> Any:
        """A valid value in a response: `given`, or one that keeps what is valid of it. Raises `NoExample`."""
        if not depth:
            self.check(schema)
        for candidate in (given, *self._made(schema, given, depth)):
            if candidate is not ABSENT and self.mistake(schema, candidate, "writeOnly") is None:
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
                if self._has(properties.get(name), "writeOnly"):
                    continue
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
