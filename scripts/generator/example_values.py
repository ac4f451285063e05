"""Find a value that a schema allows: an example of the contract, what can be used of one, or one that is made up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import cache
from re import _compiler, _parser  # type: ignore[attr-defined]  # They are not public, and nothing else reads patterns.
from string import printable
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from generator.merging import Schema

FORMATS = {
    "date": "2030-01-01",
    "date-time": "2030-01-01T00:00:00Z",
    "email": "ada@example.com",
    "uri": "https://example.com/",
    "uuid": "5f0c0a52-7d0e-4b9e-9a55-1d8d8f3f8f10",
}
# What may stand for any character of a set, the plainest first.
CANDIDATES = f"a0A{printable}"
CHECKER = FormatChecker()
# jsonschema leaves this format to a package that is not here.
CHECKER.checks("date-time", ValueError)(
    lambda text: not isinstance(text, str) or bool(len(text) > 10 and datetime.fromisoformat(text))
)


class Endless(Exception):
    """No value can be made: the schema requires itself."""


class Values:
    """Values for plain schemas, which refer to classes."""

    def __init__(self, classes: dict[str, Schema]) -> None:
        self._classes = classes
        self._document = {"components": {"schemas": classes}}

    def allows(self, schema: Schema, value: Any) -> bool:
        """Tell whether a schema allows a value."""
        try:
            return Draft202012Validator({**schema, **self._document}, format_checker=CHECKER).is_valid(value)
        except re.error:
            return True  # Its patterns are not Python's: JavaScript's has \\p{L}, for example.

    def fitting(self, schema: Schema, given: Iterable[Any] = (), around: tuple[str, ...] = ()) -> Any:
        """Return a value that a schema allows: the first that does of those given, and of the schema's own examples.

        ``around`` holds the names of the classes that are being made.

        Raises:
            Endless: There is none.
        """
        reference = str(schema.get("$ref", ""))
        if reference in around:
            raise Endless(reference.rpartition("/")[2])
        around = (*around, reference) if reference else around
        if reference:
            use = {key: each for key, each in schema.items() if key != "$ref"}
            schema = {**self._classes[reference.rpartition("/")[2]], **use}
        candidates = [*given, *_stated(schema)]
        for each in candidates:
            if self.allows(schema, each):
                return each
        return self._made(schema, candidates, around)

    def _made(self, schema: Schema, candidates: list[Any], around: tuple[str, ...]) -> Any:
        endless = Endless("nothing")
        # Null says the least, and it is what ends what has no other end.
        for each in sorted(schema.get("anyOf", [schema]), key=lambda one: one.get("type") == "null"):
            try:
                return (
                    self.fitting(each, candidates, around) if "anyOf" in schema else self._of(each, candidates, around)
                )
            except Endless as error:
                endless = error
        raise endless

    def _of(self, schema: Schema, candidates: list[Any], around: tuple[str, ...]) -> Any:
        """Return a value of a schema's one type."""
        if schema.get("type") == "object":
            return self._object(schema, next((each for each in candidates if isinstance(each, dict)), {}), around)
        if schema.get("type") == "array":
            return self._array(schema, next((each for each in candidates if isinstance(each, list)), []), around)
        guesses = list(_guesses(schema))
        return next((each for each in guesses if self.allows(schema, each)), guesses[0])

    def _object(self, schema: Schema, example: dict[str, Any], around: tuple[str, ...]) -> dict[str, Any]:
        """Return an object with what is required, and with what the example has beside that."""
        properties, required = schema.get("properties", {}), schema.get("required", [])
        found: dict[str, Any] = {}
        for name, each in properties.items():
            if (name in required and not each.get("readOnly")) or name in example:
                try:
                    found[name] = self.fitting(each, [example[name]] if name in example else [], around)
                except Endless:
                    if name in required:
                        raise
        rest = [(name, each) for name, each in properties.items() if name not in found]
        if not found and rest:
            name, each = rest[0]
        elif len(found) < schema.get("minProperties", 0):
            name, each = ("name", schema["additionalProperties"])
        else:
            return found
        try:
            return {**found, name: self.fitting(each, [], around)}
        except Endless:
            return found

    def _array(self, schema: Schema, example: list[Any], around: tuple[str, ...]) -> list[Any]:
        least, starts = schema.get("minItems", 0), schema.get("prefixItems", [])
        items = schema["items"] if schema["items"] is not False else {}
        wanted = max(least, len(example) or len(starts) or 1)
        try:
            found = [
                self.fitting(starts[index] if index < len(starts) else items, example[index : index + 1], around)
                for index in range(wanted)
            ]
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
    kind = schema.get("type", "string")
    yield {"boolean": True, "null": None, "integer": 1, "number": 1.5}.get(kind, "text")
    if kind == "string":
        yield FORMATS.get(schema.get("format", ""))
        yield ("text" * (schema.get("minLength", 0) // 4 + 1))[: schema.get("maxLength", schema.get("minLength"))]
        if "pattern" in schema and (match := _match(schema["pattern"])) is not None:
            yield match
    elif kind in {"integer", "number"}:
        step = schema.get("multipleOf", 1)
        for word, sign in (("inimum", 1), ("aximum", -1)):
            for limit in (schema.get(f"m{word}", 0), schema.get(f"exclusiveM{word}", 0)):
                nearest = -(-limit // step) * step if sign == 1 else limit // step * step
                yield from (limit, nearest, nearest + sign * step, limit + sign * step / 1000)


@cache
def _match(pattern: str) -> str | None:
    """Return a short text that matches a pattern. Hypothesis finds one as well, but takes seconds for each."""
    try:
        return _text(_parser.parse(pattern))
    except (re.error, StopIteration):
        return None  # Python does not read it, or nothing was found.


def _text(parsed: Any) -> str:
    """Return a text for a pattern, from how the standard library reads it."""
    return "".join(_piece(*each) for each in parsed)


def _piece(operator: Any, argument: Any) -> str:
    kind = str(operator)
    if kind.endswith("_REPEAT"):
        return _text(argument[2]) * int(argument[0])
    if kind == "SUBPATTERN":
        return _text(argument[3])
    if kind == "BRANCH":
        return _text(argument[1][0])
    if kind in {"LITERAL", "IN", "ANY", "CATEGORY", "NOT_LITERAL"}:
        one = _compiler.compile(_parser.SubPattern(_parser.State(), [(operator, argument)]))
        return chr(argument) if kind == "LITERAL" else next(each for each in CANDIDATES if one.fullmatch(each))
    return ""
