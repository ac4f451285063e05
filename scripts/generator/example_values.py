"""Find a value that a schema allows: an example of the contract, what can be used of one, or one that is made up."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from re import _compiler, _parser  # type: ignore[attr-defined]  # They are not public, and nothing else reads patterns.
from string import printable
from typing import Any

from jsonschema_rs import Draft202012Validator, ReferencingError, ValidationError

from generator.merging import Schema
from generator.plain_schema import name_of, names_of

FORMATS = {
    "date": "2030-01-01",
    "date-time": "2030-01-01T00:00:00Z",
    "email": "ada@example.com",
    "uri": "https://example.com/",
    "uuid": "5f0c0a52-7d0e-4b9e-9a55-1d8d8f3f8f10",
}


class Endless(Exception):
    """No value can be made: the schema requires itself."""


class Values:
    """Values for plain schemas, which refer to classes."""

    def __init__(self, classes: dict[str, Schema]) -> None:
        self.classes = classes

    def allows(self, schema: Schema, value: Any) -> bool:
        """Tell whether a schema allows a value."""
        needed = {name: self.classes.get(name, {}) for name in names_of(schema, self.classes)}
        try:
            whole = Draft202012Validator({**schema, "components": {"schemas": needed}}, validate_formats=True)
        except (ReferencingError, ValidationError, ValueError):
            return True  # Rust reads other patterns than ECMAScript.
        return whole.is_valid(value)

    def fitting(self, schema: Schema, given: Iterable[Any] = (), around: tuple[str, ...] = ()) -> Any:
        """Return a value that a schema allows: the first that does of those given, and of the schema's own examples.

        ``around`` holds the names of the classes that are being made.

        Raises:
            Endless: There is none.
        """
        if name := name_of(schema):
            if name in around:
                raise Endless(name)
            schema, around = {**self.classes[name], **schema}, (*around, name)
            del schema["$ref"]
        stated = [schema[word] for word in ("example", "const", "default") if word in schema]
        candidates = [*given, *stated, *schema.get("examples", []), *schema.get("enum", [])]
        for each in candidates:
            if self.allows(schema, each):
                return each
        endless = Endless("nothing")
        # Null says the least, and it is what ends what has no other end.
        for each in sorted(schema.get("anyOf", ()), key=lambda one: one.get("type") == "null"):
            try:
                return self.fitting(each, candidates, around)
            except Endless as error:
                endless = error
        if "anyOf" in schema:
            raise endless
        if schema.get("type") == "object":
            return self._object(schema, next((each for each in candidates if isinstance(each, dict)), {}), around)
        if schema.get("type") == "array":
            return self._array(schema, next((each for each in candidates if isinstance(each, list)), []), around)
        guesses = list(_guesses(schema))
        return next((each for each in guesses if self.allows(schema, each)), guesses[0])

    def _object(self, schema: Schema, example: dict[str, Any], around: tuple[str, ...]) -> dict[str, Any]:
        """Return an object with what is required, and what the example has beside that; or with its first property."""
        properties = schema.get("properties", {})
        required = [name for name in schema.get("required", ()) if not properties[name].get("readOnly")]
        least = schema.get("minProperties", 0)
        shown = [name for name in properties if name in required or name in example] or [*properties][:1]
        shown += [name for name in properties if name not in shown][: max(0, least - len(shown))]
        found: dict[str, Any] = {}
        for name in shown:
            try:
                found[name] = self.fitting(properties[name], [example[name]] if name in example else (), around)
            except Endless:
                if name in required:
                    raise
        for number in range(len(found), least):
            found[f"name{number + 1}"] = self.fitting(schema["additionalProperties"], (), around)
        return found

    def _array(self, schema: Schema, example: list[Any], around: tuple[str, ...]) -> list[Any]:
        least, starts = schema.get("minItems", 0), schema.get("prefixItems", [])
        kinds = [*starts, *[schema["items"] or {}] * max(least, len(example), not starts)]
        kinds = kinds[: max(least, len(example) or len(starts) or 1)][: schema.get("maxItems")]
        found: list[Any] = []
        for index, each in enumerate(kinds):
            try:
                value = self.fitting(each, example[index : index + 1], around)
            except Endless:
                if least:
                    raise
                return []
            found.append(self._another(each, found) if schema.get("uniqueItems") and value in found else value)
        return found

    def _another(self, schema: Schema, taken: list[Any]) -> Any:
        """Return a value that is not taken: another constant, or one with another number in it."""
        plain = {**self.classes.get(name_of(schema), {}), **schema}
        first, numbers = taken[0], range(1, len(taken) + 2)
        if isinstance(first, str):
            guesses: list[Any] = [re.sub(r"\d(?=\D*$)|(?<!\d)$", str(each), first, count=1) for each in numbers]
        else:
            guesses = [first + each for each in numbers if isinstance(first, int | float)]
        free = (each for each in [*plain.get("enum", ()), *guesses] if each not in taken)
        return next((each for each in free if self.allows(schema, each)), first)


def _guesses(schema: dict[str, Any]) -> Iterator[Any]:
    """Yield simple values of a type, some of which keep to limits."""
    kind = schema.get("type", "string")
    plain = {"boolean": True, "null": None, "integer": 1, "number": 1.5}
    # The first is taken if no other fits: it too has to make a date or a UUID.
    yield plain.get(kind, FORMATS.get(schema.get("format", ""), "text"))
    if kind == "string":
        yield ("text" * (schema.get("minLength", 0) // 4 + 1))[: schema.get("maxLength", schema.get("minLength"))]
        with suppress(re.error, StopIteration):  # Python does not read the pattern, or nothing is found.
            yield _text(_parser.parse(schema.get("pattern", "")))
    step = schema.get("multipleOf", 1)
    for word in ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum") if kind in {"integer", "number"} else ():
        limit = schema.get(word, 0)
        nearest = limit // step * step
        yield from (limit, nearest, nearest + step, nearest - step, limit + step / 1000, limit - step / 1000)


def _text(parsed: Any) -> str:
    """Return a text for a pattern, from how the standard library reads it. Hypothesis takes seconds for one."""
    return "".join(_piece(*each) for each in parsed)


def _piece(operator: Any, argument: Any) -> str:
    kind = str(operator)
    if kind.endswith("_REPEAT"):
        return _text(argument[2]) * int(argument[0])
    if kind in {"SUBPATTERN", "BRANCH"}:
        return _text(argument[3] if kind == "SUBPATTERN" else argument[1][0])
    if kind not in {"LITERAL", "IN", "ANY", "CATEGORY", "NOT_LITERAL"}:
        return ""
    one = _compiler.compile(_parser.SubPattern(_parser.State(), [(operator, argument)]))
    return chr(argument) if kind == "LITERAL" else next(each for each in f"a0A{printable}" if one.fullmatch(each))
