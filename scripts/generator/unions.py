"""Tell the alternatives of a union apart: by a discriminator, by their kinds, or by their properties."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from generator.discriminators import Fault, Tag
from generator.merging import Schema
from generator.normalize import Schemas


def narrow(schemas: Schemas) -> None:
    """Give the property of each discriminator the values that stand for its class, and no other."""
    values: dict[tuple[str, str], list[Tag]] = {}
    for tag in schemas.tags:
        if tag.class_name in schemas.classes:
            values.setdefault((tag.class_name, tag.name), []).append(tag)
    for (class_name, name), tags in values.items():
        model = schemas.classes[class_name]
        if "properties" not in model:
            continue
        if name not in model["properties"]:
            schemas.problems.append(
                (tags[0].place, f"{class_name} has no property {name}, which the discriminator names")
            )
            continue
        wanted = list(dict.fromkeys(value for tag in tags for value in tag.values))
        stated = schemas.resolve(model["properties"].get(name, {}))
        allowed = [
            each for each in wanted if each in stated.get("enum", [each]) and stated.get("type", "string") == "string"
        ]
        places = {tag.place for tag in tags}
        others = [tag for tag in schemas.tags if tag.place in places and tag.class_name != class_name]
        is_apart = "enum" in stated and all(_disjoint(stated, _values_of(schemas, tag)) for tag in others)
        if not allowed and is_apart and not any(tag.mapped for tag in tags):
            continue  # Its own constants tell it apart, and nobody has said that its name does.
        if not allowed:
            message = f"the discriminator's value for {class_name} is {wanted[0]}, which its property {name} cannot be"
            schemas.problems.append((tags[0].place, f"{message}: map one that it can be"))
        for other, value in [(each, value) for each in others for value in each.values if value in allowed]:
            message = f"{value} stands for {other.class_name} and, in another union, for {class_name}"
            schemas.problems.append((other.place, f"{message}: map it to one of them everywhere"))
        said = {key: each for key, each in model["properties"].get(name, {}).items() if key == "description"}
        model["properties"][name] = {"literal": allowed, "enum": allowed, "tag": True, **said}
        model["required"] = list(dict.fromkeys([*model.get("required", []), name]))


def _values_of(schemas: Schemas, tag: Tag) -> Schema:
    """Return the schema of the property that a discriminator looks at; without an enum, it has the tag's values."""
    properties = schemas.classes.get(tag.class_name, {}).get("properties", {})
    return {"enum": tag.values, **schemas.resolve(properties.get(tag.name, {}))}


def undecidable(schemas: Schemas) -> Iterator[Fault]:
    """Yield the unions of which a value may be two alternatives alike."""
    for place, union in schemas.unions:
        for one, other in combinations(union.get("anyOf", []), 2):
            if not _differ(schemas, one, other):
                names = " and ".join(
                    str(each.get("$ref", "")).rpartition("/")[2] or "an array" for each in (one, other)
                )
                yield place, f"{names} cannot be told apart: give them a discriminator, or a property with a const"
                break


def _differ(schemas: Schemas, one: Schema, other: Schema) -> bool:
    first, second = schemas.resolve(one), schemas.resolve(other)
    if first.get("type") == second.get("type") == "array" and not first.get("prefixItems"):
        mine, theirs = first.get("items") or {}, second.get("items") or {}
        return not ("$ref" in mine and "$ref" in theirs) or _differ(schemas, mine, theirs)
    if "properties" not in first or "properties" not in second:
        return True
    if first["properties"].keys() != second["properties"].keys():
        return True
    needed = set(first.get("required", [])) & set(second.get("required", []))
    pairs = [
        (schemas.resolve(first["properties"][name]), schemas.resolve(second["properties"][name])) for name in needed
    ]
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
