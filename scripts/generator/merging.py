"""Merge schemas that hold at the same time, as the parts of an ``allOf`` do, into one."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

from generator.json_pointer import Pointer, resolve

Schema = dict[str, Any]

# Keywords that describe a value and allow or forbid none (JSON Schema 2020-12, "Meta-Data").
ANNOTATIONS = frozenset(
    {"title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly", "externalDocs"}
    | {"xml", "$comment", "$schema", "$id", "$anchor", "$defs"}
)
# What a part of an allOf says of itself alone.
OWN = frozenset({"title", "description", "example", "examples", "discriminator", "$defs", "xml", "externalDocs"})

KEYWORDS = {
    "object": (
        *("properties", "required", "additionalProperties", "patternProperties", "propertyNames"),
        *("minProperties", "maxProperties", "dependentRequired", "unevaluatedProperties"),
    ),
    "array": ("items", "prefixItems", "unevaluatedItems", "contains", "minItems", "maxItems", "uniqueItems"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "string": ("pattern", "minLength", "maxLength", "contentEncoding", "contentMediaType", "format"),
}
NUMERIC = frozenset({"int32", "int64", "float", "double"})


class Refused(Exception):
    """A schema cannot be generated: why, and where, which whoever merges schemas does not know."""

    def __init__(self, message: str, pointer: Pointer = ()) -> None:
        super().__init__(message)
        self.pointer = pointer


class Impossible(Refused):
    """Nothing fits what is asked for at once."""


def is_annotation(keyword: str) -> bool:
    """Tell whether a keyword only describes."""
    return keyword in ANNOTATIONS or keyword.startswith("x-")


def annotations_of(schema: Schema) -> Schema:
    """Return the keywords of a schema that only describe."""
    return {key: each for key, each in schema.items() if is_annotation(key)}


def kind_of(value: Any) -> str:
    """Return the type of a JSON value."""
    kinds: dict[type, str] = {bool: "boolean", str: "string", int: "integer", float: "number", type(None): "null"}
    return kinds.get(type(value), "array" if isinstance(value, list) else "object")


def types(schema: Schema) -> list[str]:
    """Return the types that a schema states, or else those that its keywords are about; none for any value."""
    if "type" in schema:
        stated = schema["type"]
        return [stated] if isinstance(stated, str) else list(stated)
    if "const" in schema or "enum" in schema:
        return list(dict.fromkeys(kind_of(each) for each in schema.get("enum", [schema.get("const")])))
    if schema.get("format") in NUMERIC:
        return ["integer" if str(schema["format"]).startswith("int") else "number"]
    return [kind for kind, keywords in KEYWORDS.items() if any(each in schema for each in keywords)][:1]


def only_for(kind: str, schema: Schema) -> Schema:
    """Return what a schema of several types says of one of them."""
    others = {word for each, words in KEYWORDS.items() if each != kind.replace("integer", "number") for word in words}
    return {
        key: each for key, each in schema.items() if key not in others and (key == "title" or not is_annotation(key))
    }


def fits(value: Any, kinds: list[str]) -> bool:
    """Tell whether a value is of one of these types."""
    kind = kind_of(value)
    whole = isinstance(value, int | float) and not isinstance(value, bool) and value == int(value)
    return not kinds or kind in kinds or (kind == "integer" and "number" in kinds) or (whole and "integer" in kinds)


def both(one: Schema, other: Schema) -> Schema:
    """Return the schema of what fits two schemas. Of what only describes, the second has the last word.

    Properties, items and the like become an ``allOf`` of two, to be merged in turn.

    Raises:
        Impossible: Nothing fits.
    """
    merged = dict(one)
    for key, value in other.items():
        merged[key] = _joined(key, one[key], value) if key in one and one[key] != value else value
    stated = types({"type": merged["type"]}) if "type" in merged else []
    if "enum" in merged:
        merged["enum"] = _some([each for each in merged["enum"] if fits(each, stated)])
    if "const" in merged:
        value, others = merged["const"], merged.get("enum", [merged["const"]])
        if not fits(value, stated) or not any(same(value, each) for each in others):
            raise Impossible(f"the const {json.dumps(value)} does not fit what else is said")
    return merged


def _joined(key: str, one: Any, other: Any) -> Any:
    if is_annotation(key):
        return other
    if key in JOINERS:
        return JOINERS[key](one, other)
    if key.startswith(("min", "exclusiveMin")):
        return max(one, other)
    if key.startswith(("max", "exclusiveMax")):
        return min(one, other)
    if key == "discriminator":
        raise Refused("two unions with discriminators hold at once: leave one out")
    if key in {"const", "format"}:
        raise Impossible(f"{key} is {one} and {other} at once")
    return other


def _properties(one: Schema, other: Schema) -> Schema:
    return {**one, **{name: {"allOf": [one[name], each]} if name in one else each for name, each in other.items()}}


def _held(one: Any, other: Any) -> Any:
    """Return what fits both of two schemas for what an array or an object holds."""
    if one is False or other is False:
        return False
    return {"allOf": [each for each in (one, other) if each is not True]}


def _starts(one: list[Any], other: list[Any]) -> list[Any]:
    shorter, longer = sorted((one, other), key=len)
    return [*({"allOf": list(pair)} for pair in zip(shorter, longer, strict=False)), *longer[len(shorter) :]]


def _common_types(one: list[str], other: list[str]) -> list[str]:
    both_ways = [each for each in one if each in other or (each == "integer" and "number" in other)]
    return _some(both_ways + [each for each in other if each == "integer" and "number" in one])


def _some(values: list[Any]) -> list[Any]:
    if not values:
        raise Impossible("nothing can be all of it at once")
    return list(dict.fromkeys(values)) if all(isinstance(each, str) for each in values) else values


def same(one: Any, other: Any) -> bool:
    """Tell whether two JSON values are equal; in Python, True equals 1."""
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


JOINERS: dict[str, Callable[[Any, Any], Any]] = {
    "properties": _properties,
    "patternProperties": _properties,
    "required": lambda one, other: list(dict.fromkeys([*one, *other])),
    "type": lambda one, other: _common_types(types({"type": one}), types({"type": other})),
    "enum": lambda one, other: _some([each for each in one if any(same(each, value) for value in other)]),
    "anyOf": lambda one, other: [{"allOf": [first, second]} for first in one for second in other],
    **dict.fromkeys(("items", "additionalProperties", "unevaluatedProperties", "unevaluatedItems"), _held),
    "prefixItems": _starts,
    "multipleOf": lambda one, other: math.lcm(one, other) if isinstance(one * other, int) else one * other,
    "uniqueItems": lambda one, other: one or other,
    "not": lambda one, other: {"anyOf": [one, other]},
    **dict.fromkeys(("if", "then", "else", "contains", "propertyNames"), lambda one, other: {"allOf": [one, other]}),
    **dict.fromkeys(("dependentRequired", "dependentSchemas"), lambda one, other: {**one, **other}),
    "pattern": lambda one, other: f"^(?=[\\s\\S]*?(?:{one}))(?=[\\s\\S]*?(?:{other}))",
}


def only_requires(document: Schema, schema: Any) -> bool:
    """Tell whether a member of a union says nothing of what a value is, and only asks more of it."""
    found = resolve(document, schema)
    if not isinstance(found, dict):
        return True
    says = {key for key in found if not is_annotation(key)}
    return says <= {"required", "not", "minProperties", "maxProperties", "dependentRequired"}
