"""Read what travels as facts: a place in the contract, and what the contract says there.

A place is an operation or a part of it (``POST /session``, ``POST /session 200``), or a property of a class in one
direction (``request User.email``, ``response Session.jwtToken``): the same change can break one and not the other.
Schemas are read in their plain form (see generator.normalize): all that holds at a place counts, and another way to say
the same makes no difference. Descriptions, examples and the like are not facts; a digest stands for them.
"""

import hashlib
import json
import re
from typing import Any

from generator.contract import REBUILD
from generator.described import Operation
from generator.generate import configuration
from generator.json_pointer import Pointer, resolve
from generator.lint import server_url
from generator.merging import Schema, annotations_of, is_annotation, types
from generator.normalize import KEPT
from generator.plain_schema import name_of
from generator.reading import LOCATIONS, Reading
from generator.session_lifecycle import EXTENSION
from generator.structure import parts

# Attributes of a place, each with its values.
Attributes = dict[str, list[str]]
Facts = dict[str, Attributes]

# Keywords that a plain schema says by its parts, by its names or by other words.
STRUCTURE = frozenset(
    {"$ref", "anyOf", "items", "prefixItems", "properties", "additionalProperties", "unevaluatedProperties", "required"}
    | {"type", "enum", "literal", "exactly", "names", "closed", "newer", "file", "discriminator"}
)
# Limits that say nothing.
IDLE = {"uniqueItems": False, "minLength": 0, "minItems": 0, "minProperties": 0}
# What is said in words. (A default that is sent is a fact too.)
WORDS = frozenset(
    {"info", "tags", "servers", "externalDocs", "operationId"}
    | {"description", "summary", "example", "examples", "default"}
)
SCHEME = ("type", "scheme", "in", "name", "bearerFormat")
# Keywords whose lists have an order that matters.
ORDERED = ("prefixItems", "const", "default")
PLAIN_NAME = re.compile(r"[\w$-]+")


def wire_api(document: dict[str, Any]) -> tuple[Facts, str]:
    """Return the facts of a contract, and a digest of what it says in words, apart from its version."""
    info = {key: each for key, each in document["info"].items() if key not in {"version", REBUILD}}
    words = {
        _text([key, each])
        for _, _, part in parts({**document, "info": info})
        if isinstance(part, dict)
        for key, each in part.items()
        if key in WORDS or str(key).startswith("x-")
    }
    return _Reader(document).facts, hashlib.sha256(_text(sorted(words)).encode()).hexdigest()[:16]


class _Reader:
    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._reading = Reading(document, configuration())
        self._schemas = self._reading.models.schemas
        self._used: list[tuple[str, str]] = []
        self.facts: Facts = {"server": {"url": [server_url(document)]}}
        for name, given in document.get("components", {}).get("securitySchemes", {}).items():
            said = resolve(document, given)
            facts = self.facts[f"security {name}"] = {word: [str(said[word])] for word in SCHEME if word in said}
            if "scheme" in facts:  # It has no case (RFC 9110, section 11.1).
                facts["scheme"] = [facts["scheme"][0].lower()]
            if EXTENSION in said:
                facts["lifecycle"] = sorted(f"{role} {each}" for role, each in said[EXTENSION].items())
        for operation in self._reading.operations:
            self._operation(f"{operation.method.upper()} {operation.path}", operation)
        for direction, name in self._used:  # It grows while it is read: classes name classes.
            self._single(f"{direction} {name}", direction, self._schemas.classes[name], {})

    def _operation(self, place: str, operation: Operation) -> None:
        said = operation.said
        security = said.get("security", self._document.get("security", []))
        named = [[f"{name}({' '.join(roles)})" if roles else name for name, roles in each.items()] for each in security]
        schemes = sorted({"+".join(sorted(each)) or "none" for each in named}) or ["none"]
        self.facts[place] = {"security": schemes, **_flags(said, "deprecated")}
        for each in operation.parameters:
            self._parameter(f"{place} {each.location}", "request", each.name, each.said, each.schema)
        if operation.bodies:
            self.facts[f"{place} body"] = {"required" if operation.body_required else "optional": []}
        for one in operation.bodies:
            encoding = sorted(f"{name}: {facts}" for name, facts in one.encoding.items())
            part = f"{place} body {one.media_type.lower()}"  # It has no case (RFC 9110, section 8.3.1).
            self._schema(part, "request", one.schema, {"encoding": encoding} if encoding else {})
        for outcome in operation.outcomes:
            answer = resolve(self._document, said["responses"][outcome.status])
            self._answer(f"{place} {outcome.status}", answer, (*operation.place, "responses", outcome.status))

    def _answer(self, place: str, said: dict[str, Any], pointer: Pointer) -> None:
        self.facts[place] = {}
        for media_type in said.get("content", {}):
            plain = self._reading.contents.get((*pointer, "content", media_type), {})
            self._schema(f"{place} {media_type.lower()}", "response", plain, {})
        for name, given in said.get("headers", {}).items():
            header = resolve(self._document, given)
            media = next(iter(header.get("content", {}).values()), header)
            plain = self._schemas.plain(media.get("schema", {}), name)
            self._parameter(f"{place} header", "response", name, header, plain)

    def _parameter(self, place: str, direction: str, name: str, said: dict[str, Any], plain: Schema) -> None:
        """Note a parameter, or a header of an answer. The name of a header has no case (RFC 9110, section 5.1)."""
        location = place.rpartition(" ")[2]
        explode = LOCATIONS[location]
        attributes: Attributes = {"required" if said.get("required") else "optional": []}
        attributes |= _flags(said, "deprecated", "allowReserved")
        if said.get("explode", explode) != explode:
            attributes["explode"] = [_text(not explode)]
        if "content" in said:
            attributes["content"] = list(said["content"])
        part = quoted(name.lower() if location == "header" else name)
        self._schema(f"{place} {part}", direction, plain, attributes)

    def _schema(self, place: str, direction: str, plain: Schema, attributes: Attributes) -> None:
        """Note what a plain schema says at a place."""
        # The class of an enum is no more than a name for its values, which are shown in its place.
        members = [(each, self._schemas.resolve(each)) for each in plain.get("anyOf", [plain])]
        shown = [{**full, **annotations_of(each)} if "names" in full else each for each, full in members]
        telling = [each for each in shown if each.get("type") != "null"]
        if len(telling) < len(shown):
            attributes["nullable"] = []
        if len(telling) == 1:
            self._single(place, direction, {**telling[0], **annotations_of(plain)}, attributes)
            return
        kinds: dict[str, Schema] = {}
        for each in telling:
            kind = name_of(each) or "|".join(_kinds(each)) or "any"
            kinds[f"{kind} {len(kinds)}" if kind in kinds else kind] = each
        self._single(place, direction, annotations_of(plain), attributes)
        attributes["type"] = sorted(kinds) or ["null"]
        for kind, each in kinds.items():
            if each.keys() - {"type"}:
                self._schema(f"{place}({kind})", direction, each, {})

    def _single(self, place: str, direction: str, schema: Schema, attributes: Attributes) -> None:
        """Note what a plain schema says that is no union, or a class."""
        self.facts[place] = attributes
        name = name_of(schema)
        if name and (direction, name) not in self._used:
            self._used.append((direction, name))
        if kinds := [name] if name else _kinds(schema):
            attributes["type"] = kinds
        if "enum" in schema:
            attributes["enum"] = [each if isinstance(each, str) else _text(each) for each in schema["enum"]]
        for word, value in (schema | schema.get(KEPT, {})).items():
            if word not in STRUCTURE and not is_annotation(word) and value != IDLE.get(word):
                attributes[word] = [value if isinstance(value, str) else _text(self._expanded(value))]
        attributes |= _flags(schema, "deprecated", "closed") | ({"closed": []} if schema.get("items") is False else {})
        if "default" in schema and direction == "request":
            attributes["default"] = [_text(schema["default"])]
        self._inside(place, direction, schema)

    def _inside(self, place: str, direction: str, schema: Schema) -> None:
        """Note the properties and the items of a plain schema."""
        # What is only read is not sent, and what is only written does not come.
        hidden = "readOnly" if direction == "request" else "writeOnly"
        for key, each in schema.get("properties", {}).items():
            if not each.get(hidden):
                needed: Attributes = {"required" if key in schema.get("required", []) else "optional": []}
                self._schema(f"{place}.{quoted(key)}", direction, each, needed)
        starts = {f"[{index}]": each for index, each in enumerate(schema.get("prefixItems", []))}
        for suffix, each in {**starts, "[]": schema.get("items"), ".*": schema.get("additionalProperties")}.items():
            if each:
                self._schema(f"{place}{suffix}", direction, each, {})

    def _expanded(self, value: Any, inside: tuple[str, ...] = ()) -> Any:
        """Return a rule with its references replaced by what they stand for, and in one order."""
        if isinstance(value, list):
            return [self._expanded(each, inside) for each in value]
        if not isinstance(value, dict):
            return value
        if isinstance(reference := value.get("$ref"), str) and reference not in inside:
            beside = {key: each for key, each in value.items() if key != "$ref"}
            value, inside = {**resolve(self._document, value), **beside}, (*inside, reference)
        found = {key: self._expanded(each, inside) for key, each in value.items()}
        return {
            key: sorted(each, key=_text) if isinstance(each, list) and key not in ORDERED else each
            for key, each in found.items()
        }


def quoted(name: str) -> str:
    """Return a name as a part of a place; a dot or a bracket in it would look like the end of the name."""
    return name if PLAIN_NAME.fullmatch(name) else json.dumps(name)


def _kinds(schema: Schema) -> list[str]:
    """Return the types of a plain schema; those of an enum are the types of its values."""
    return sorted(types({"enum": schema["enum"]} if "enum" in schema else schema))


def _flags(holder: dict[str, Any], *words: str) -> Attributes:
    return {word: [] for word in words if holder.get(word)}


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True, default=str)
