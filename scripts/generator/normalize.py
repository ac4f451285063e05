"""Bring the schemas of a contract into a plain form, in which each means what it says and nothing hides another.

This is the one place where a schema is read as JSON Schema asks. openapi-python-client drops what stands beside a
single ``allOf`` reference, ignores discriminators, takes two values of an enum for one, cannot build recursive arrays,
and takes ``oneOf`` with ``properties`` for the union alone. So it gets names only (see generate.py), and types come
from here.

plain_schema.py says what the form is.
"""

from __future__ import annotations

import json
from typing import Any

from generator.discriminators import Tag, check_mapping, cyclic, families, tag_of, unmapped
from generator.json_pointer import Pointer, at, parsed, written
from generator.merging import (
    OWN,
    Impossible,
    Refused,
    Schema,
    annotations_of,
    both,
    fits,
    is_annotation,
    only_for,
    only_requires,
    same,
    types,
)
from generator.naming import ClassNames, member_names
from generator.plain_schema import any_of, constant, name_of, ref
from generator.structure import COMPONENTS, PARTS, parts

# Keywords that allow less and change no type; the server checks them.
CONDITIONS = frozenset({"not", "if", "then", "else", "contains", "dependentSchemas", "propertyNames", "contentSchema"})
# What is said of an enum, which is said of its class too.
SAID_OF_ENUMS = frozenset({"title", "description", "deprecated", "type", "examples"})
# What is said of a class, which is said of each use too.
SAID_OF_USES = frozenset({"$ref", "default", "readOnly", "writeOnly", "deprecated"})
# They are kept beside the plain form, under this name: the version rule compares them.
KEPT = "x-conditions"


class Schemas:
    """The schemas of a document in their plain form.

    Attributes:
        classes: The classes and aliases by their names.
        places: Where the classes stand.
        problems: What cannot be generated.
        unions: The unions, each with its place.
        tags: What the discriminators say of classes.
    """

    def __init__(self, document: dict[str, Any], names: ClassNames) -> None:
        self.document = document
        self.classes: dict[str, Schema] = {}
        self.places: dict[str, Pointer] = {}
        self.problems: list[tuple[Pointer, str]] = []
        self.unions: list[tuple[Pointer, Schema]] = []
        self.tags: list[Tag] = []
        self._names = names
        self._places = {id(each): pointer for pointer, kind, each in parts(document) if kind == "schema"}
        self._kept: list[Any] = []  # What is known by its id has to stay.
        self._plain: dict[Pointer, Schema] = {}
        self._open: dict[Pointer, bool] = {}  # What is being read, and whether it was met inside itself.
        self._known: dict[object, str] = {}  # Classes by their schema, and by their title and content.
        self._titles = self._contents_by_title()
        self._components = document.get("components", {}).get("schemas", {})
        self._reserved: dict[Pointer, str] = {(*COMPONENTS, name): names.take(name) for name in self._components}
        self._families = families(self._components)
        # The names that are kept for the schemas with a name, in the order of the contract.
        self.component_classes = list(self._reserved.values())
        # Each has a class of its own, even if it adds nothing to its base.
        self._heirs = {each for heirs in self._families.values() for each in heirs}
        self._cyclic = cyclic(self._components)
        self._unmapped = unmapped(self._components, self._families)

    def read_components(self) -> None:
        """Read all schemas that have a name."""
        for name in self._components:
            self.plain({"$ref": written((*COMPONENTS, name))}, name)

    def plain(self, schema: Any, hint: str) -> Schema:
        """Return the plain form of a schema. A class without a name of its own is named after the hint.

        What cannot be generated is noted as a problem, and taken for anything.
        """
        try:
            return self._lower(schema, hint)
        except Refused as refused:
            self.problems.append((refused.pointer or self.place(schema), str(refused)))
        except RecursionError:
            self.problems.append((self.place(schema), "each level holds a new one: name the schema that is repeated"))
        return {}

    def place(self, schema: Any) -> Pointer:
        """Return where a schema stands in the document."""
        return self._places.get(id(schema), ())

    def resolve(self, schema: Schema) -> Schema:
        """Return the class or alias that a plain schema stands for, or the schema itself."""
        return self.classes.get(name_of(schema), schema)

    def _lower(self, schema: Any, hint: str) -> Schema:
        if schema is False:
            raise Refused("nothing fits `false`: leave the schema out", self.place(schema))
        if schema is True or not schema:
            return {}
        target = self.wrapped(schema)
        if target is not None:
            return {**self._reference(target, self.place(schema)), **annotations_of(schema)}
        try:
            merged = self._merged(schema)
        except Refused as refused:
            refused.pointer = refused.pointer or self.place(schema)
            raise
        members = merged.pop("anyOf", [])
        conditions = {key: merged.pop(key) for key in CONDITIONS & merged.keys()}
        merged |= {KEPT: conditions} if conditions else {}
        if not all(only_requires(self.document, each) for each in members):
            return self._union(merged, members, hint, schema)
        if "const" in merged:
            if "type" in merged and not fits(merged["const"], types(merged)):
                stated = " or ".join(types(merged))
                raise Impossible(
                    f"the const {json.dumps(merged['const'])} is not of the type {stated}", self.place(schema)
                )
            return constant(merged)
        if "enum" in merged:
            return self._enum(merged, hint, schema)
        kinds = types(merged)
        if len(kinds) > 1:
            apart = [self._of_kind(only_for(kind, merged), kind, hint, schema) for kind in kinds]
            return {**any_of(apart), **annotations_of(merged)}
        return self._of_kind(merged, kinds[0], hint, schema) if kinds else annotations_of(merged)

    def _of_kind(self, merged: Schema, kind: str, hint: str, schema: Any) -> Schema:
        if kind == "object":
            return self._object(merged, hint, schema)
        plain = {**merged, "type": kind}
        if kind == "array":
            items = merged.get("items", True)
            plain["items"] = self._lower(items, f"{hint}_item") if items is not False else False
        if kind == "array" and "prefixItems" in merged:
            starts = enumerate(merged["prefixItems"])
            plain["prefixItems"] = [self._lower(each, f"{hint}_item_{index}") for index, each in starts]
        return plain

    # References, and the parts of an allOf.

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
        if pointer is not None and target in (pointer, *self._families.get(pointer, ())):
            return True
        union = schema if pointer is None else at(self.document, pointer)
        return isinstance(union, dict) and any(self._allows(each, target) for each in _members_of(union))

    def _reference(self, pointer: Pointer, place: Pointer) -> Schema:
        """Return the plain form of what a reference leads to; the base of a family is a union with what inherits."""
        if place and (base := self._unmapped.get(pointer)):
            message = f"the discriminator of {base} does not say which value stands for {pointer[-1]}: map one"
            raise Refused(f"{message}, or if it holds any heir, extend a oneOf of them", place)
        while (inner := self.wrapped(at(self.document, pointer))) is not None:
            pointer = inner
        heirs = self._families.get(pointer)
        if not heirs:
            return self._own(pointer)
        union = any_of([self._own(each) for each in [*heirs, pointer]])
        discriminator = at(self.document, pointer).get("discriminator")
        for each in heirs if discriminator else []:
            self.tags.append(tag_of(pointer, name_of(self._own(each)), discriminator, each))
        self.unions.append((pointer, union))
        return union

    def _own(self, pointer: Pointer) -> Schema:
        if pointer in self._plain:
            return self._plain[pointer]
        target = at(self.document, pointer)
        if not isinstance(target, dict | bool):
            raise Refused(f"{written(pointer)} is not a schema", pointer)
        if pointer not in self._reserved:
            words = [str(key) for key in pointer[2:] if key not in PARTS["schema"]]
            self._reserved[pointer] = self._names.take("_".join(words))
        name = self._reserved[pointer]
        if pointer in self._open:
            self._open[pointer] = True
            return ref(name)
        self._open[pointer] = False
        plain = self._lower(target, name)
        if self._open.pop(pointer) and name_of(plain) != name:
            self.classes[name], plain = plain, ref(name)  # An annotation cannot hold itself, and an alias can.
        # Most of what a class says of itself is not said again of each use.
        told = {key: each for key, each in plain.items() if key in SAID_OF_USES}
        self._plain[pointer] = told if "$ref" in plain else plain
        return self._plain[pointer]

    def _merged(self, schema: Schema) -> Schema:
        """Return all that a schema says, with what it refers to and with its ``allOf``."""
        given = [*([{"$ref": schema["$ref"]}] if "$ref" in schema else []), *schema.get("allOf", [])]
        for base in map(self.wrapped, given):
            if base and base in self._families and self.place(schema) not in self._heirs:
                message = f"an extension of {base[-1]} would lose its heirs: list them in a oneOf, and extend that"
                raise Refused(message, self.place(schema))
        found = [self._part(each) for each in given]
        own = {key: each for key, each in schema.items() if key not in {"allOf", "$ref", "oneOf"}}
        merged: Schema = {}
        for part in [*found, own, *([{"anyOf": schema["oneOf"]}] if "oneOf" in schema else [])]:
            merged = both(merged, part)
        for name, each in merged.get("properties", {}).items():
            self._remember(each, (*self.place(schema), "properties", name))
        for each in [*merged.get("anyOf", []), merged.get("items"), merged.get("additionalProperties")]:
            self._remember(each, self.place(schema))
        self._hold_to_rest([*found, own], merged, schema)
        return merged

    def _hold_to_rest(self, found: list[Schema], merged: Schema, schema: Schema) -> None:
        """Hold the properties of each part to what the others say of further properties."""
        for part in found:
            more = part.get("additionalProperties", True)
            for name in [] if more is True or part.get("patternProperties") else merged.get("properties", {}):
                if name in part.get("properties", {}):
                    continue
                if more is False:
                    message = f"one part of the allOf forbids the property {name} of another: leave"
                    raise Refused(f"{message} additionalProperties out, or use unevaluatedProperties")
                merged["properties"] = {**merged["properties"], name: {"allOf": [merged["properties"][name], more]}}
                self._remember(merged["properties"][name], (*self.place(schema), "properties", name))

    def _part(self, schema: Any) -> Schema:
        alone = isinstance(schema, dict) and schema.keys() == {"$ref"}
        target = at(self.document, parsed(str(schema["$ref"]))) if alone else schema
        part = self._merged(target) if isinstance(target, dict) else {}
        # A discriminator goes with the union that it tells apart.
        own = OWN - {"discriminator"} if "anyOf" in part else OWN
        return {key: each for key, each in part.items() if key not in own}

    def _remember(self, schema: Any, pointer: Pointer) -> None:
        if isinstance(schema, dict) and id(schema) not in self._places:
            # Of two that were joined, the second is the one that says something else.
            self._places[id(schema)] = self.place(schema["allOf"][-1]) or pointer if "allOf" in schema else pointer
            self._kept.append(schema)

    # Kinds of schemas.

    def _union(self, merged: Schema, members: list[Any], hint: str, schema: Any) -> Schema:
        place, discriminator = self.place(schema), merged.get("discriminator")
        says = {key: each for key, each in merged.items() if not is_annotation(key) and key != "discriminator"}
        found: list[Schema] = []
        narrowed: Impossible | None = None
        for index, member in enumerate(members):
            target, wanted = self.wrapped(member), member
            try:
                if says and (target is None or self._narrows(says, member)):
                    wanted = {"allOf": [says, member]}
                    self._remember(wanted, self.place(member) or place)
                # What the contract's author did not write, but a part of an allOf makes, may be impossible.
                made = any(wanted is each for each in self._kept)
                if made:
                    self._check_required(wanted)
                plain = self._lower(wanted, f"{hint}_{target[-1]}" if target else f"{hint}_type_{index}")
            except Impossible as impossible:
                if not made:
                    raise
                narrowed = impossible
                continue
            found.append(plain)
            if discriminator and target:
                alone = wanted is member and target in self._families
                self._tag(place, discriminator, target, self._own(target) if alone else plain)
        if narrowed and not found:
            raise Impossible(str(narrowed), place)
        self.problems += check_mapping(schema.get("discriminator"), [self.wrapped(each) for each in members], place)
        union = {**any_of(found), **annotations_of(merged), **({"newer": "UnknownKind"} if discriminator else {})}
        self.unions.append((place, union))
        return union

    def _narrows(self, says: Schema, member: Any) -> bool:
        """Tell whether what stands beside a union says more than an alternative of it does."""
        kinds = types(self._part(member)) or [""]
        stated = types({"type": says["type"]}) if "type" in says else kinds
        return bool(says.keys() - {"type", "minProperties", "maxProperties"}) or not {*kinds} <= {*stated}

    def _check_required(self, schema: Schema) -> None:
        """Raise an error if no value fits a property that is required."""
        merged = self._merged(schema)
        for name in merged.get("required", ()):
            if isinstance(each := merged.get("properties", {}).get(name), dict):
                self._merged(each)

    def _tag(self, place: Pointer, discriminator: dict[str, Any], target: Pointer, plain: Schema) -> None:
        """Note the class that a discriminator means by an alternative."""
        said = at(self.document, target)
        if (
            isinstance(said, dict)
            and said.get("discriminator", {}).get("propertyName") == discriminator["propertyName"]
        ):
            return  # What it is a union of has tags of its own.
        classes = [name_of(each) for each in plain.get("anyOf", [plain]) if each.get("type") != "null"]
        if len(classes) > 1:
            raise Refused(f"{target[-1]} has several classes, and the discriminator needs one: list them here", place)
        self.tags.append(tag_of(place, classes[0], discriminator, target))

    def _enum(self, merged: Schema, hint: str, schema: Any) -> Schema:
        values, place = merged["enum"], (*self.place(schema), "enum")
        kinds = types({"type": merged["type"]}) if "type" in merged else []
        for index, each in enumerate(values):
            shown, reason = json.dumps(each), ""
            if not fits(each, kinds):
                reason = f"{shown} is not of the type {' or '.join(kinds)}"
            elif isinstance(each, dict | list):
                reason = "an enum of arrays or objects: write a oneOf of schemas with const"
            elif any(same(each, other) for other in values[:index]):
                reason = f"{shown} is there twice"
            if reason:
                raise Refused(reason, (*place, index))
        if not values:
            raise Refused("no value fits an empty enum", place)
        # In Python, True equals 1, so that they cannot be members of one enum.
        switches = [each for each in values if isinstance(each, bool)]
        unique = [each for each in values if each is not None and not isinstance(each, bool)]
        found = [self._members(unique, merged, hint, schema)] if unique else []
        found += [{"type": "boolean"} if len(switches) > 1 else constant({"const": switches[0]})] if switches else []
        found += [{"type": "null"}] if None in values else []
        return {**any_of(found), **annotations_of(merged)}

    def _members(self, values: list[Any], merged: Schema, hint: str, schema: Any) -> Schema:
        said = {key: each for key, each in merged.items() if key in SAID_OF_ENUMS}
        names = member_names(values, merged.get("x-enum-varnames", []))
        title = f"{hint.rpartition('_')[0]}_{said['title']}" if "title" in said else ""
        return self._class({**said, "enum": values, "names": names}, title, hint, schema)

    def _object(self, merged: Schema, hint: str, schema: Any) -> Schema:
        properties, patterns = merged.get("properties", {}), merged.get("patternProperties", {})
        more = merged.get("additionalProperties", merged.get("unevaluatedProperties", True))
        if not properties and self.place(schema) not in self._reserved and (patterns or more is not False):
            rest = self._rest(more, patterns, hint)
            return {**merged, "type": "object", "additionalProperties": rest}
        found: Schema = {**merged, "type": "object", "properties": {}, "additionalProperties": {}}
        found["closed"] = more is False and not patterns
        plain = self._class(found, str(merged.get("title", "")), hint, schema, alone=len(types(merged)) <= 1)
        name = name_of(plain)
        if self.classes[name] is found:
            everything = {**properties, **{each: {} for each in merged.get("required", []) if each not in properties}}
            for key, each in everything.items():
                found["properties"][key] = self.plain(each, f"{name}_{key}")
            found["additionalProperties"] = self._rest(more, patterns, f"{name}_additional_property")
        return {**plain, **annotations_of(merged)}

    def _rest(self, more: Any, patterns: Schema, hint: str) -> Schema:
        """Return what the further properties of an object are."""
        found = [self._lower(each, f"{hint}_{index}") for index, each in enumerate(patterns.values())]
        if more is not False or not found:
            return any_of([*found, self._lower(more or {}, hint)])
        known = any_of(found)
        return {"anyOf": known.get("anyOf", [known]), "newer": "Any"}

    # Names.

    def _class(self, found: Schema, title: str, hint: str, schema: Any, *, alone: bool = True) -> Schema:
        """Name a class: as the contract does, else after its title, and after its place if the title is taken.

        One that is not alone, but may be null, leaves the contract's name to the union if that holds itself.
        """
        pointer, content = self.place(schema), (self._names.plain(title), _content(schema)) if title else None
        name = self._known.get(id(schema), "") or self._known.get(content, "")
        if not name:
            is_free = pointer in self._reserved and self._reserved[pointer] not in self.classes
            if is_free and (alone or pointer not in self._cyclic):
                name = self._reserved[pointer]
            elif content and len(self._titles.get(content[0], ())) <= 1:
                name = self._known[content] = self._names.take(title, hint)
            else:
                name = self._names.take(hint)
            self._known[id(schema)] = name
            self._kept.append(schema)
            self.classes[name], self.places[name] = found, pointer
        return ref(name)

    def _contents_by_title(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for pointer, kind, each in parts(self.document):
            inline = kind == "schema" and pointer[:-1] != COMPONENTS and isinstance(each, dict)
            if inline and "title" in each and (each.get("properties") or "allOf" in each):
                found.setdefault(self._names.plain(str(each["title"])), set()).add(_content(each))
        return found


def _members_of(schema: Schema) -> list[Any]:
    """Return the alternatives of a schema that only lists them."""
    says = [each for key, each in schema.items() if not is_annotation(key)]
    return says[0] if len(says) == 1 and {"oneOf", "anyOf"} & schema.keys() else []


def _content(schema: Any) -> str:
    return json.dumps(schema, sort_keys=True, default=str)
