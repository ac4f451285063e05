"""Read what a schema says with all that it refers to: references, and the parts of an ``allOf``."""

from __future__ import annotations

from typing import Any

from generator.json_pointer import Pointer, at, parsed
from generator.merging import OWN, Impossible, Refused, Schema, both, is_annotation
from generator.structure import parts
from generator.unions import families


class Composition:
    """The schemas of a document, each with all that holds for its values.

    Attributes:
        components: The schemas that have a name.
        families: What inherits from each base with a discriminator, and from its heirs.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.components: dict[str, Any] = document.get("components", {}).get("schemas", {})
        self.families = families(self.components)
        # Each has a class of its own, even if it adds nothing to its base.
        self._heirs = {each for heirs in self.families.values() for each in heirs}
        self._places = {id(each): pointer for pointer, kind, each in parts(document) if kind == "schema"}
        self._made: dict[int, Any] = {}  # What an allOf makes of its parts, by its id.

    def place(self, schema: Any) -> Pointer:
        """Return where a schema stands in the document."""
        return self._places.get(id(schema), ())

    def wrapped(self, schema: Any) -> Pointer | None:
        """Return the place that a schema refers to if it says nothing else, in an ``allOf`` or not."""
        says = {key: each for key, each in schema.items() if not is_annotation(key)} if isinstance(schema, dict) else {}
        if says.keys() == {"$ref"}:
            return parsed(str(says["$ref"]))
        if says.keys() == {"allOf"} and self.place(schema) not in self._heirs:
            telling = [each for each in says["allOf"] if not (isinstance(each, dict) and all(map(is_annotation, each)))]
            targets = (target for target in map(self.wrapped, telling) if target is not None)
            return next((each for each in targets if all(self._allows(part, each) for part in telling)), None)
        return None

    def _allows(self, schema: Any, target: Pointer) -> bool:
        """Tell whether a schema is no more than a reference, or a union that has this one as an alternative."""
        pointer = self.wrapped(schema)
        if pointer is not None and target in (pointer, *self.families.get(pointer, ())):
            return True
        union = schema if pointer is None else at(self.document, pointer)
        return isinstance(union, dict) and any(self._allows(each, target) for each in _members_of(union))

    def merged(self, schema: Schema) -> Schema:
        """Return all that a schema says, with what it refers to and with its ``allOf``; its ``oneOf`` is an ``anyOf``.

        Raises:
            Refused: Its parts cannot be merged.
        """
        place = self.place(schema)
        given = [*([{"$ref": schema["$ref"]}] if "$ref" in schema else []), *schema.get("allOf", [])]
        for base in map(self.wrapped, given):
            if base and base in self.families and place not in self._heirs:
                message = f"an extension of {base[-1]} would lose its heirs: list them in a oneOf, and extend that"
                raise Refused(message, place)
        own = {key: each for key, each in schema.items() if key not in {"allOf", "$ref", "oneOf"}}
        found = [*map(self.part, given), own]
        merged: Schema = {}
        for part in [*found, {"anyOf": schema["oneOf"]} if "oneOf" in schema else {}]:
            merged = both(merged, part)
        for name, each in merged.get("properties", {}).items():
            self.make(each, (*place, "properties", name))
        inner = [
            *merged.get("anyOf", []),
            *merged.get("prefixItems", []),
            *merged.get("patternProperties", {}).values(),
        ]
        for each in [*inner, merged.get("items"), merged.get("additionalProperties")]:
            self.make(each, place)
        for part in found:
            self._hold(merged, part, place)
        return merged

    def part(self, schema: Any) -> Schema:
        """Return what a part of an ``allOf`` says of the whole."""
        alone = isinstance(schema, dict) and schema.keys() == {"$ref"}
        target = at(self.document, parsed(str(schema["$ref"]))) if alone else schema
        if target is False:
            raise Impossible("nothing fits `false`: leave the schema out")
        part = self.merged(target) if isinstance(target, dict) else {}
        # A discriminator goes with the union that it tells apart.
        own = OWN - {"discriminator"} if "anyOf" in part else OWN
        return {key: each for key, each in part.items() if key not in own}

    def _hold(self, merged: Schema, part: Schema, place: Pointer) -> None:
        """Hold the properties of a whole to what one part says of those that it does not name."""
        more = part.get("additionalProperties", True)
        if more is True or part.get("patternProperties"):
            return
        for name in [each for each in merged.get("properties", {}) if each not in part.get("properties", {})]:
            if more is False:
                message = f"additionalProperties forbids the property {name} of another part: leave it out"
                raise Refused(f"{message}, or use unevaluatedProperties", place)
            both_of = {"allOf": [merged["properties"][name], more]}
            merged["properties"] = {**merged["properties"], name: self.make(both_of, (*place, "properties", name))}

    def make(self, schema: Any, pointer: Pointer) -> Any:
        """Note the place of a schema that stands in the document by its parts alone, and return it."""
        if isinstance(schema, dict) and id(schema) not in self._places:
            # Of two that were joined, the second is the one that says something else.
            self._places[id(schema)] = self.place(schema["allOf"][-1]) or pointer if "allOf" in schema else pointer
            self._made[id(schema)] = schema
        return schema

    def is_made(self, schema: Any) -> bool:
        """Tell whether a schema is one that no author wrote, but an ``allOf`` makes of its parts."""
        return id(schema) in self._made


def _members_of(schema: Schema) -> list[Any]:
    """Return the alternatives of a schema that only lists them."""
    says = [each for key, each in schema.items() if not is_annotation(key) and key != "discriminator"]
    return says[0] if len(says) == 1 and {"oneOf", "anyOf"} & schema.keys() else []
