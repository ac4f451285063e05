"""Tell the alternatives of a union apart: by a discriminator, by their kinds, or by their properties."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, combinations
from typing import Any

from generator.json_pointer import Pointer, parsed
from generator.merging import Schema
from generator.plain_schema import name_of, resolved
from generator.structure import COMPONENTS, leads_to

Fault = tuple[Pointer, str]
Union = tuple[Pointer, Schema]


@dataclass(frozen=True)
class Tag:
    """What a discriminator says of a class: the values of a property that stand for it."""

    place: Pointer
    class_name: str
    name: str
    values: tuple[str, ...]
    mapped: bool


def tag_of(place: Pointer, class_name: str, discriminator: dict[str, Any], target: Pointer) -> Tag:
    """Return the tag of a class: the values that are mapped to its schema, or else the schema's name."""
    mapped = tuple(value for value, each in _mapping(discriminator).items() if each == target)
    return Tag(place, class_name, discriminator["propertyName"], mapped or (str(target[-1]),), bool(mapped))


def check_mapping(discriminator: Any, members: list[Pointer | None], place: Pointer) -> Iterator[Fault]:
    """Yield what a discriminator says of schemas that are not among the alternatives."""
    for value, target in _mapping(discriminator or {}).items():
        if target not in members:
            message = f"{target[-1]} is not one of the alternatives: add it to them, or leave {value} out"
            yield (*place, "discriminator", "mapping", value), message


def families(components: dict[str, Any]) -> dict[Pointer, list[Pointer]]:
    """Return what inherits, by ``allOf``, from each schema that has a discriminator and no union, and from its heirs.

    An heir from which nothing inherits is left out.
    """
    schemas: dict[Pointer, Schema] = {
        (*COMPONENTS, name): each for name, each in components.items() if isinstance(each, dict)
    }
    parents: dict[Pointer, list[Pointer]] = {}
    for pointer, schema in schemas.items():
        given = [each for each in schema.get("allOf", []) if isinstance(each, dict) and "$ref" in each]
        parents[pointer] = [parsed(str(each["$ref"])) for each in given]

    def heirs(base: Pointer) -> list[Pointer]:
        return [each for each in parents if leads_to(each, base, parents)]

    bases = [each for each, schema in schemas.items() if "discriminator" in schema]
    found = {each: heirs(each) for each in bases if not {"oneOf", "anyOf"} & schemas[each].keys()}
    inner: dict[Pointer, list[Pointer]] = {each: own for each in chain(*found.values()) if (own := heirs(each))}
    return inner | found


def unmapped(components: dict[str, Any], families_: dict[Pointer, list[Pointer]]) -> dict[Pointer, str]:
    """Return the heirs that the mapping of their base leaves out, with the name of the base."""
    found: dict[Pointer, str] = {}
    for base, heirs in families_.items():
        mapped = _mapping(components[str(base[-1])].get("discriminator", {})).values()
        found |= {each: str(base[-1]) for each in heirs if mapped and each not in {*mapped, *families_}}
    return found


def _mapping(discriminator: dict[str, Any]) -> dict[str, Pointer]:
    """Return the places of the schemas that values stand for, by their references or their names."""
    given = discriminator.get("mapping", {}).items()
    return {value: parsed(each) if each.startswith("#/") else (*COMPONENTS, each) for value, each in given}


def narrow(tags: list[Tag], classes: dict[str, Schema]) -> Iterator[Fault]:
    """Give the property of each discriminator the values that stand for its class, and no other."""
    by_property: dict[tuple[str, str], list[Tag]] = {}
    for tag in tags:
        if "properties" in classes.get(tag.class_name, {}):
            by_property.setdefault((tag.class_name, tag.name), []).append(tag)
    for (class_name, name), own in by_property.items():
        model, place = classes[class_name], own[0].place
        if name not in model["properties"]:
            yield place, f"{class_name} has no property {name}, which the discriminator names"
            continue
        stated = resolved(model["properties"][name], classes)
        wanted = dict.fromkeys(value for tag in own for value in tag.values)
        is_text = stated.get("type", "string") == "string"
        allowed = [each for each in wanted if is_text and each in stated.get("enum", wanted)]
        others = [tag for tag in tags if tag.class_name != class_name and tag.place in {each.place for each in own}]
        is_apart = "enum" in stated and all(_disjoint(stated, _values_of(tag, classes)) for tag in others)
        if not allowed and is_apart and not any(tag.mapped for tag in own):
            continue  # Its own constants tell it apart, and nobody has said that its name does.
        if not allowed:
            message = f"the discriminator's value for {class_name} is {next(iter(wanted))}, which its property {name}"
            yield place, f"{message} cannot be: map one that it can be"
        for other, value in [(each, value) for each in others for value in each.values if value in allowed]:
            message = f"{value} stands for {other.class_name} and, in another union, for {class_name}"
            yield other.place, f"{message}: map it to one of them everywhere"
        said = {key: each for key, each in model["properties"][name].items() if key == "description"}
        # An object without it may stand where there is no union; one that a user makes says what it is.
        said |= {"default": allowed[0]} if len(allowed) == 1 and name not in model.get("required", ()) else {}
        model["properties"][name] = {"literal": allowed, "enum": allowed, "tag": True, **said}


def _values_of(tag: Tag, classes: dict[str, Schema]) -> Schema:
    """Return the schema of the property that a discriminator looks at; without an enum, it has the tag's values."""
    properties = classes.get(tag.class_name, {}).get("properties", {})
    return {"enum": tag.values, **resolved(properties.get(tag.name, {}), classes)}


def undecidable(unions: list[Union], classes: dict[str, Schema]) -> Iterator[Fault]:
    """Yield the unions of which a value may be two alternatives alike."""
    for place, union in unions:
        pairs = combinations(union.get("anyOf", []), 2)
        alike = next((pair for pair in pairs if not _differ(*pair, classes)), ())
        if alike:
            names = " and ".join(name_of(each) or "an array" for each in alike)
            yield place, f"{names} cannot be told apart: give them a discriminator, or a required property with a const"


def _differ(one: Schema, other: Schema, classes: dict[str, Schema]) -> bool:
    first, second = resolved(one, classes), resolved(other, classes)
    if first.get("type") == second.get("type") == "array" and not first.get("prefixItems"):
        mine, theirs = first.get("items") or {}, second.get("items") or {}
        return not ("$ref" in mine and "$ref" in theirs) or _differ(mine, theirs, classes)
    if "properties" not in first or "properties" not in second:
        return True
    if first["properties"].keys() != second["properties"].keys():
        return True
    telling = [
        {name for name, each in model["properties"].items() if name in model.get("required", ()) or "tag" in each}
        for model in (first, second)
    ]
    both = telling[0] & telling[1]
    pairs = [[resolved(each["properties"][name], classes) for each in (first, second)] for name in both]
    # A constant that only one of them has is looked at first, and one of a discriminator before that.
    alone = any((word in mine) != (word in theirs) for mine, theirs in pairs for word in ("enum", "tag"))
    return alone or any(_disjoint(mine, theirs) for mine, theirs in pairs)


def _disjoint(one: Schema, other: Schema) -> bool:
    """Tell whether no value fits both."""
    if "anyOf" in one or "anyOf" in other:
        pairs = [(first, second) for first in one.get("anyOf", [one]) for second in other.get("anyOf", [other])]
        return all(_disjoint(first, second) for first, second in pairs)
    if "enum" in one and "enum" in other:
        return not any(each in other["enum"] for each in one["enum"])
    kinds = [str(each.get("type")).replace("integer", "number") for each in (one, other)]
    return "None" not in kinds and kinds[0] != kinds[1]
