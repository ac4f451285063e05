"""Bring the schemas of a contract into a plain form, in which each means what it says and nothing hides another.

This is the one place where a schema is read as JSON Schema asks. openapi-python-client drops what stands beside a
single ``allOf`` reference, ignores discriminators, takes two values of an enum for one, cannot build recursive arrays,
and takes ``oneOf`` with ``properties`` for the union alone. So it gets names only (see rendering.py), and types come
from here.

plain_schema.py says what the form is.
"""

from __future__ import annotations

import json
from typing import Any

from generator.composition import Composition
from generator.json_pointer import Pointer, at, written
from generator.merging import Impossible, Refused, Schema, annotations_of, is_annotation, only_for, only_requires, types
from generator.naming import ClassNames, member_names
from generator.plain_schema import any_of, constant, name_of, ref, resolved
from generator.structure import COMPONENTS, PARTS, parts
from generator.unions import Fault, Tag, check_mapping, tag_of, unmapped

# Keywords that allow less and change no type; the server checks them.
CONDITIONS = frozenset({"not", "if", "then", "else", "contains", "dependentSchemas", "propertyNames", "contentSchema"})
# They are kept beside the plain form, under this name: the version rule compares them.
KEPT = "x-conditions"
# What is said of an enum, which is said of its class too.
SAID_OF_ENUMS = frozenset({"title", "description", "deprecated", "type", "examples"})
# What is said of a class, which is said of each use too.
SAID_OF_USES = frozenset({"$ref", "default", "readOnly", "writeOnly", "deprecated"})


class Schemas(Composition):
    """The schemas of a document in their plain form.

    Attributes:
        classes: The classes and aliases by their names.
        places: Where the classes stand.
        problems: What cannot be generated.
        unions: The unions, each with its place.
        tags: What the discriminators say of classes.
    """

    def __init__(self, document: dict[str, Any], names: ClassNames) -> None:
        super().__init__(document)
        self.classes: dict[str, Schema] = {}
        self.places: dict[str, Pointer] = {}
        self.problems: list[Fault] = []
        self.unions: list[tuple[Pointer, Schema]] = []
        self.tags: list[Tag] = []
        self._names = names
        self._plain: dict[Pointer, Schema] = {}
        self._open: dict[Pointer, bool] = {}  # What is being read, and whether it was met inside itself.
        self._known: dict[object, str] = {}  # Classes by their schema, and by their title and content.
        self._titles = self._contents_by_title()
        self._reserved: dict[Pointer, str] = {(*COMPONENTS, name): names.take(name) for name in self.components}
        self._unmapped = unmapped(self.components, self.families)

    def read_components(self) -> None:
        """Read all schemas that have a name."""
        for name in self.components:
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

    def resolve(self, schema: Schema) -> Schema:
        """Return the class or alias that a plain schema stands for, or the schema itself."""
        return resolved(schema, self.classes)

    def _lower(self, schema: Any, hint: str) -> Schema:
        if schema is False:
            raise Refused("nothing fits `false`: leave the schema out", self.place(schema))
        if schema is True or not schema:
            return {}
        target = self.wrapped(schema)
        if target is not None:
            return {**self._reference(target, self.place(schema)), **annotations_of(schema)}
        try:
            merged = self.merged(schema)
        except Refused as refused:
            refused.pointer = refused.pointer or self.place(schema)
            raise
        members = merged.pop("anyOf", [])
        conditions = {key: merged.pop(key) for key in CONDITIONS & merged.keys()}
        merged |= {KEPT: conditions} if conditions else {}
        if not all(only_requires(self.document, each) for each in members):
            return self._union(merged, members, hint, schema)
        if "const" in merged:
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
            items = merged.get("items", merged.get("unevaluatedItems", True))
            plain["items"] = self._lower(items, f"{hint}_item") if items is not False else False
        if kind == "array" and "prefixItems" in merged:
            starts = enumerate(merged["prefixItems"])
            plain["prefixItems"] = [self._lower(each, f"{hint}_item_{index}") for index, each in starts]
        return plain

    def _reference(self, pointer: Pointer, place: Pointer) -> Schema:
        """Return the plain form of what a reference leads to; the base of a family is a union with what inherits."""
        if place and (base := self._unmapped.get(pointer)):
            message = f"the discriminator of {base} does not say which value stands for {pointer[-1]}: map one"
            raise Refused(f"{message}, or if it holds any heir, extend a oneOf of them", place)
        while (inner := self.wrapped(at(self.document, pointer))) is not None:
            pointer = inner
        heirs = self.families.get(pointer)
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
        if pointer in self._open and name in self.classes:
            return self._lower(target, name)  # What else it may be stands beside the class that has its name.
        if pointer in self._open:
            self._open[pointer] = True
            return ref(name)
        self._open[pointer] = False
        plain = self._lower(target, name)
        if self._open.pop(pointer) and name_of(plain) != name:
            # An annotation cannot hold itself, and an alias can.
            self.classes[name], self.places[name], plain = plain, pointer, ref(name)
        # Most of what a class says of itself is not said again of each use.
        told = {key: each for key, each in plain.items() if key in SAID_OF_USES}
        self._plain[pointer] = told if "$ref" in plain else plain
        return self._plain[pointer]

    def _union(self, merged: Schema, members: list[Any], hint: str, schema: Any) -> Schema:
        place, discriminator = self.place(schema), merged.get("discriminator")
        says = {key: each for key, each in merged.items() if not is_annotation(key) and key != "discriminator"}
        found: list[Schema] = []
        impossible = Impossible("no value fits an empty list of alternatives")
        for index, member in enumerate(members):
            target, wanted = self.wrapped(member), member
            try:
                if says and (target is None or self._narrows(says, member)):
                    wanted = self.make({"allOf": [says, member]}, self.place(member) or place)
                if self.is_made(wanted):
                    self._check_required(wanted)
                plain = self._lower(wanted, f"{hint}_{target[-1]}" if target else f"{hint}_type_{index}")
            except Impossible as error:
                if not self.is_made(wanted):
                    raise
                impossible = error
                continue
            found.append(plain)
            if discriminator and target:
                alone = wanted is member and target in self.families
                self._tag(place, discriminator, target, self._own(target) if alone else plain)
        if not found:
            raise Impossible(str(impossible), place)
        self.problems += check_mapping(schema.get("discriminator"), [self.wrapped(each) for each in members], place)
        union = {**any_of(found), **annotations_of(merged), **({"newer": "UnknownKind"} if discriminator else {})}
        self.unions.append((place, union))
        return union

    def _narrows(self, says: Schema, member: Any) -> bool:
        """Tell whether what stands beside a union says more than an alternative of it does."""
        kinds = types(self.part(member)) or [""]
        stated = types({"type": says["type"]}) if "type" in says else kinds
        return bool(says.keys() - {"type", "minProperties", "maxProperties"}) or not {*kinds} <= {*stated}

    def _check_required(self, schema: Schema) -> None:
        """Raise an error if no value fits a property that is required."""
        merged = self.merged(schema)
        for name in merged.get("required", ()):
            if isinstance(each := merged.get("properties", {}).get(name), dict):
                self.merged(each)

    def _tag(self, place: Pointer, discriminator: dict[str, Any], target: Pointer, plain: Schema) -> None:
        """Note the class that a discriminator means by an alternative."""
        said = at(self.document, target)
        own = said.get("discriminator", {}) if isinstance(said, dict) else {}
        if own.get("propertyName") == discriminator["propertyName"]:
            return  # What it is a union of has tags of its own.
        classes = [name_of(each) for each in plain.get("anyOf", [plain]) if each.get("type") != "null"]
        if len(classes) > 1:
            raise Refused(f"{target[-1]} has several classes, and the discriminator needs one: list them here", place)
        self.tags.append(tag_of(place, classes[0], discriminator, target))

    def _enum(self, merged: Schema, hint: str, schema: Any) -> Schema:
        # In Python, True equals 1, so that they cannot be members of one enum.
        switches = [each for each in merged["enum"] if isinstance(each, bool)]
        values = [each for each in merged["enum"] if each is not None and not isinstance(each, bool)]
        found = [{"type": "boolean"} if len(switches) > 1 else constant({"const": switches[0]})] if switches else []
        found += [{"type": "null"}] if None in merged["enum"] else []
        if values:
            said = {key: each for key, each in merged.items() if key in SAID_OF_ENUMS}
            names = member_names(values)
            title = f"{hint.rpartition('_')[0]}_{said['title']}" if "title" in said else ""
            found = [self._class({**said, "enum": values, "names": names}, title, hint, schema), *found]
        return {**any_of(found), **annotations_of(merged)}

    def _object(self, merged: Schema, hint: str, schema: Any) -> Schema:
        properties, patterns = merged.get("properties", {}), merged.get("patternProperties", {})
        more = merged.get("additionalProperties", merged.get("unevaluatedProperties", True))
        if not properties and self.place(schema) not in self._reserved and (patterns or more is not False):
            rest = self._rest(more, patterns, hint)
            return {**merged, "type": "object", "additionalProperties": rest}
        found: Schema = {**merged, "type": "object", "properties": {}, "additionalProperties": {}}
        found["closed"] = more is False and not patterns
        # Else an array may hold what has the name, which is an alias then.
        alone = "array" not in types(merged)
        plain = self._class(found, str(merged.get("title", "")), hint, schema, alone=alone)
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

    def _class(self, found: Schema, title: str, hint: str, schema: Any, *, alone: bool = True) -> Schema:
        """Name a class: as the contract does, else after its title, and after its place if the title is taken.

        One that is not alone leaves the contract's name to what stands for it and others.
        """
        pointer, content = self.place(schema), (self._names.plain(title), _content(schema)) if title else None
        name = self._known.get(id(schema), "") or self._known.get(content, "")
        if not name:
            reserved = self._reserved.get(pointer)
            if alone and reserved and reserved not in self.classes:
                name = reserved
            elif content and len(self._titles.get(content[0], ())) <= 1:
                name = self._known[content] = self._names.take(title, hint)
            else:
                name = self._names.take(hint)
            self._known[id(schema)] = name
            self.classes[name], self.places[name] = found, pointer
        return ref(name)

    def _contents_by_title(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for pointer, kind, each in parts(self.document):
            inline = kind == "schema" and pointer[:-1] != COMPONENTS and isinstance(each, dict)
            if inline and "title" in each and (each.get("properties") or "allOf" in each):
                found.setdefault(self._names.plain(str(each["title"])), set()).add(_content(each))
        return found


def _content(schema: Any) -> str:
    return json.dumps(schema, sort_keys=True, default=str)
