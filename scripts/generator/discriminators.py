"""Read discriminators: which values stand for which class, and what inherits from a base that has one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from generator.json_pointer import Pointer, parsed
from generator.structure import leads_to

Fault = tuple[Pointer, str]


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
    mapping = discriminator.get("mapping", {})
    mapped = [value for value, each in mapping.items() if _target(each) == target]
    return Tag(place, class_name, discriminator["propertyName"], tuple(mapped or [str(target[-1])]), bool(mapped))


def check_mapping(discriminator: Any, members: list[Pointer | None], place: Pointer) -> Iterator[Fault]:
    """Yield what a discriminator says of schemas that are not among the alternatives."""
    for value, target in (discriminator or {}).get("mapping", {}).items():
        if _target(target) not in members:
            where = (*place, "discriminator", "mapping", value)
            yield where, f"{target} is not one of the alternatives: add it to them, or leave {value} out"


def families(components: dict[str, Any]) -> dict[Pointer, list[Pointer]]:
    """Return what inherits, by ``allOf``, from each schema that has a discriminator and no union, and from its heirs.

    An heir from which nothing inherits is left out.
    """
    parents: dict[Pointer, list[Pointer]] = {}
    for name, schema in components.items():
        bases = schema.get("allOf", []) if isinstance(schema, dict) else []
        refs = [parsed(str(each["$ref"])) for each in bases if isinstance(each, dict) and "$ref" in each]
        parents["components", "schemas", name] = refs
    is_base = {
        ("components", "schemas", name)
        for name, schema in components.items()
        if isinstance(schema, dict) and "discriminator" in schema and not {"oneOf", "anyOf"} & schema.keys()
    }

    def heirs(base: Pointer) -> list[Pointer]:
        return [each for each in parents if leads_to(each, base, parents)]

    found = {base: heirs(base) for base in parents if base in is_base}
    inner: dict[Pointer, list[Pointer]] = {each: own for each in chain(*found.values()) if (own := heirs(each))}
    return inner | found


def unmapped(components: dict[str, Any], families_: dict[Pointer, list[Pointer]]) -> dict[Pointer | None, str]:
    """Return the heirs that the mapping of their base leaves out, with the name of the base."""
    found: dict[Pointer | None, str] = {}
    for base, heirs in families_.items():
        mapped = [
            _target(each) for each in components[str(base[-1])].get("discriminator", {}).get("mapping", {}).values()
        ]
        found |= {each: str(base[-1]) for each in heirs if mapped and each not in mapped and each not in families_}
    return found


def _target(text: object) -> Pointer:
    return parsed(str(text)) if str(text).startswith("#/") else ("components", "schemas", str(text))
