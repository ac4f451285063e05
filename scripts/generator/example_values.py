"""Find a value that a schema allows: an example of the contract, what can be used of one, or one that is made up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from generator.json_pointer import resolve

FORMATS = {
    "date": "2030-01-01",
    "date-time": "2030-01-01T00:00:00Z",
    "email": "ada@example.com",
    "uri": "https://example.com/",
    "uuid": "5f0c0a52-7d0e-4b9e-9a55-1d8d8f3f8f10",
}
CHECKER = FormatChecker()
# jsonschema leaves this format to a package that is not here.
CHECKER.checks("date-time", ValueError)(lambda text: not isinstance(text, str) or bool(datetime.fromisoformat(text)))


class Endless(Exception):
    """No value can be made: the schema requires itself."""


class Values:
    """Values for the schemas of a document."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document

    def allows(self, schema: dict[str, Any], value: Any) -> bool:
        """Tell whether a schema of the document allows a value."""
        whole = {**self._document, **schema}  # References lead into the document.
        return Draft202012Validator(whole, format_checker=CHECKER).is_valid(value)

    def fitting(self, schema: dict[str, Any], given: Iterable[Any] = (), around: tuple[str, ...] = ()) -> Any:
        """Return a value that a schema allows: the first that does of those given, and of the schema's own examples.

        ``around`` holds the names of the schemas that are being made.

        Raises:
            Endless: There is none.
        """
        reference = str(schema.get("$ref", ""))
        if reference in around:
            raise Endless(reference.rpartition("/")[2])
        around = (*around, reference) if reference else around
        schema = resolve(self._document, schema)
        candidates = [*given, *_stated(schema)]
        for each in candidates:
            if self.allows(schema, each):
                return each
        return self._made(schema, candidates, around)

    def _made(self, schema: dict[str, Any], candidates: list[Any], around: tuple[str, ...]) -> Any:
        kinds = schema.get("type", "object" if "properties" in schema or "allOf" in schema else "string")
        kinds = [{**schema, "type": kind} for kind in ([kinds] if isinstance(kinds, str) else kinds)]
        alternatives = schema.get("oneOf") or schema.get("anyOf")
        endless = Endless("nothing")
        # Null says the least, and it is what ends what has no other end.
        for each in sorted(alternatives or kinds, key=lambda one: one.get("type") == "null"):
            try:
                return self.fitting(each, candidates, around) if alternatives else self._of(each, candidates, around)
            except Endless as error:
                endless = error
        raise endless

    def _of(self, schema: dict[str, Any], candidates: list[Any], around: tuple[str, ...]) -> Any:
        """Return a value of a schema's one type."""
        if schema["type"] == "object":
            return self._object(schema, next((each for each in candidates if isinstance(each, dict)), {}), around)
        if schema["type"] == "array":
            return self._array(schema, next((each for each in candidates if isinstance(each, list)), []), around)
        guesses = list(_guesses(schema))
        return next((each for each in guesses if self.allows(schema, each)), guesses[0])

    def _object(self, schema: dict[str, Any], example: dict[str, Any], around: tuple[str, ...]) -> dict[str, Any]:
        """Return an object with what is required, and with what the example has beside that."""
        properties, required = self._properties(schema)
        found: dict[str, Any] = {}
        for name, each in properties.items():
            if name in required or name in example:
                try:
                    found[name] = self.fitting(each, [example[name]] if name in example else [], around)
                except Endless:
                    if name in required:
                        raise
        rest = [(name, each) for name, each in properties.items() if name not in found]
        more = schema.get("additionalProperties")
        if not found and rest:
            name, each = rest[0]
        elif len(found) < schema.get("minProperties", 0):
            name, each = ("name", more if isinstance(more, dict) else {})
        else:
            return found
        try:
            return {**found, name: self.fitting(each, [], around)}
        except Endless:
            return found

    def _properties(self, schema: dict[str, Any]) -> tuple[dict[str, Any], set[str]]:
        """Return the schemas of an object's properties and the names of the required ones, with those of others."""
        schema = resolve(self._document, schema)
        properties: dict[str, Any] = {}
        required: set[str] = set(schema.get("required", []))
        for part in schema.get("allOf", []):
            others, more = self._properties(part)
            properties |= others
            required |= more
        return {**properties, **schema.get("properties", {})}, required

    def _array(self, schema: dict[str, Any], example: list[Any], around: tuple[str, ...]) -> list[Any]:
        least, items = schema.get("minItems", 0), schema.get("items", {})
        try:
            found = [self.fitting(items, [each], around) for each in example or [None]]
            while len(found) < least:
                found.append(self.fitting(items, [], around))
        except Endless:
            if least:
                raise
            return []
        return found[: schema.get("maxItems")]


def _stated(schema: dict[str, Any]) -> list[Any]:
    """Return what a schema itself says that it may be."""
    single = [schema[word] for word in ("example", "const", "default") if word in schema]
    return [*single, *schema.get("examples", []), *schema.get("enum", [])]


def _guesses(schema: dict[str, Any]) -> Iterator[Any]:
    """Yield simple values of a type, some of which keep to limits."""
    kind = schema["type"]
    yield {"boolean": True, "null": None, "integer": 1, "number": 1.5}.get(kind, "text")
    if kind == "string":
        yield FORMATS.get(schema.get("format", ""))
        yield ("text" * (schema.get("minLength", 0) // 4 + 1))[: schema.get("maxLength", schema.get("minLength"))]
        if "pattern" in schema:
            yield from _matches(schema["pattern"])
    elif kind in {"integer", "number"}:
        step = schema.get("multipleOf", 1)
        for word, sign in (("inimum", 1), ("aximum", -1)):
            for limit in (schema.get(f"m{word}", 0), schema.get(f"exclusiveM{word}", 0)):
                nearest = -(-limit // step) * step if sign == 1 else limit // step * step
                yield from (limit, nearest, nearest + sign * step, limit + sign * step / 1000)


def _matches(pattern: str) -> Iterator[str]:
    """Yield the simplest text that matches a pattern."""
    from hypothesis import find, settings, strategies  # noqa: PLC0415 - it takes long, and few need it

    with suppress(re.error):
        yield find(strategies.from_regex(pattern), lambda _: True, settings=settings(derandomize=True, database=None))
