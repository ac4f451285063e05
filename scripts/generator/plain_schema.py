"""The plain form of a schema, in which each means what it says and nothing hides another.

A plain schema is one of:

- ``{"$ref": "#/components/schemas/Name"}``: a class or an alias of the client, by its name in Python;
- ``{"type": KIND}`` of ``string``, ``integer``, ``number``, ``boolean`` or ``null``, with its format and limits;
- ``{"type": "array"}`` with ``items``, and with ``prefixItems`` if it has a fixed start;
- ``{"type": "object", "additionalProperties": ...}``: a map;
- ``{"anyOf": [...]}``: a union of others, flat, with ``null`` last;
- ``{"literal": [...], "enum": [...]}``: one of some constants; and ``{}``: anything.

A class is an object with ``properties``, or an enum with ``enum`` and its members' names in ``names``; an alias is any
other.
"""

import json
from collections.abc import Iterator, Mapping, Sequence

from generator.json_pointer import written
from generator.merging import Schema, annotations_of, is_annotation, types
from generator.structure import COMPONENTS


def ref(name: str) -> Schema:
    """Return the plain schema that stands for a class."""
    return {"$ref": written((*COMPONENTS, name))}


def name_of(schema: Schema) -> str:
    """Return the class that a plain schema stands for, or nothing."""
    return str(schema.get("$ref", "")).rpartition("/")[2]


def resolved(schema: Schema, classes: Mapping[str, Schema]) -> Schema:
    """Return the class or alias that a plain schema stands for, or the schema itself."""
    return classes.get(name_of(schema), schema)


def inside(schema: Schema) -> Iterator[Schema]:
    """Yield the plain schemas of what an array or a map holds, and of the alternatives of a union."""
    for each in [*schema.get("anyOf", ()), *schema.get("prefixItems", ())]:
        yield each
    for each in (schema.get("items"), schema.get("additionalProperties")):
        if isinstance(each, dict):
            yield each


def held_by(schema: Schema) -> Iterator[str]:
    """Yield the classes that a plain schema, or a class, names; not those that these name in turn."""
    if name := name_of(schema):
        yield name
    for each in [*schema.get("properties", {}).values(), *inside(schema)]:
        yield from held_by(each)


def names_of(schema: Schema, classes: Mapping[str, Schema]) -> set[str]:
    """Return all classes that a plain schema leads to."""
    found, open_ = set[str](), [schema]
    while open_:
        new = set(held_by(open_.pop())) - found
        found |= new
        open_ += [classes[name] for name in new if name in classes]
    return found


def any_of(plain: Sequence[Schema]) -> Schema:
    """Return the union of plain schemas: flat, each once, null last; a single one as it is."""
    flat: list[Schema] = []
    for each in plain:
        bare = {key: value for key, value in each.items() if not is_annotation(key)}
        flat += bare.get("anyOf", [bare])
    unique = [each for index, each in enumerate(flat) if each not in flat[:index]]
    if {} in unique:
        return {}
    unique.sort(key=lambda each: each.get("type") == "null")
    newer = [{"newer": each["newer"]} for each in plain if "newer" in each]
    return {"anyOf": unique, **(newer or [{}])[0]} if newer or len(unique) > 1 else unique[0]


def constant(merged: Schema) -> Schema:
    """Return the plain form of a constant."""
    value, said = merged["const"], annotations_of(merged)
    if value is None:
        return {"type": "null", **said}
    if isinstance(value, str | bool | int):
        return {"literal": [value], "enum": [value], **said}
    # Python has no literal types for these: the type is that of the value.
    kind = types({"const": value})[0]
    rest: Schema = {"additionalProperties": {}} if kind == "object" else {}
    rest |= {"items": {}} if kind == "array" else {}
    return {"type": kind, "const": value, "exactly": json.dumps(value, sort_keys=True), **rest, **said}
