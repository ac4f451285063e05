"""What travels, as facts: a place in the contract, and what it says there.

A place is an operation or a part of it (``POST /session``, ``POST /session 200``), or a property of a schema in one
direction (``request User.email``, ``response Session.jwtToken``): the same change can break one and not the other.
Descriptions, examples and the like are no facts; a digest stands for them.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

from generator.contract_version import REBUILD
from generator.json_pointer import resolve, walk
from generator.lint import server_url
from generator.structure import METHODS

# Attributes of a place, each with its values.
Attributes = dict[str, list[str]]
Facts = dict[str, Attributes]

FORMATS = ("format", "contentEncoding", "contentMediaType")
LIMITS = (
    "minimum",
    "exclusiveMinimum",
    "minLength",
    "minItems",
    "minProperties",
    "maximum",
    "exclusiveMaximum",
    "maxLength",
    "maxItems",
    "maxProperties",
    "multipleOf",
    "pattern",
    "uniqueItems",
)
# What has a way of its own into the facts, and what is words.
KNOWN = frozenset(
    {
        *("type", "enum", "const", "readOnly", "writeOnly", "deprecated", *FORMATS, *LIMITS),
        *("properties", "required", "additionalProperties", "items", "allOf", "oneOf", "anyOf"),
        *("title", "description", "default", "example", "examples", "externalDocs", "xml"),
    }
)
# Limits that say nothing.
IDLE = {"uniqueItems": False, "minLength": 0, "minItems": 0, "minProperties": 0}
PLAIN_NAME = re.compile(r"[\w$-]+")


def wire_facts(document: dict[str, Any]) -> Facts:
    """Return the facts of a contract, in the order of the contract."""
    return _Reader(document).read()


def digest(document: dict[str, Any]) -> str:
    """Return a digest of all that a contract says, apart from its version."""
    info = {key: value for key, value in document["info"].items() if key not in {"version", REBUILD}}
    whole = json.dumps({**document, "info": info}, sort_keys=True, default=str)
    return hashlib.sha256(whole.encode()).hexdigest()[:16]


class _Reader:
    def __init__(self, document: dict[str, Any]) -> None:
        self._document = document
        self._facts: Facts = {}
        self._schemas: list[tuple[str, str]] = []

    def read(self) -> Facts:
        self._facts["server"] = {"url": [server_url(self._document)]}
        for name, scheme in self._document.get("components", {}).get("securitySchemes", {}).items():
            words = ("type", "scheme", "in", "name", "bearerFormat")
            self._facts[f"security {name}"] = {word: [str(scheme[word])] for word in words if word in scheme}
        for path, item in self._document.get("paths", {}).items():
            for method in item:
                if method in METHODS:
                    self._operation(f"{method.upper()} {path}", item, item[method])
        for direction, name in self._schemas:  # It grows while it is read: schemas name schemas.
            self._schema(f"{direction} {name}", direction, self._document["components"]["schemas"][name])
        return self._facts

    def _operation(self, place: str, item: dict[str, Any], operation: dict[str, Any]) -> None:
        security = operation.get("security", self._document.get("security", []))
        schemes = ["+".join(sorted(map(_scheme, each.items()))) or "none" for each in security] or ["none"]
        self._facts[place] = {"security": schemes, **_flags(operation, "deprecated")}
        parameters = {
            (each["in"], each["name"]): each
            for each in (self._resolve(one) for one in [*item.get("parameters", []), *operation.get("parameters", [])])
        }
        for (location, name), each in parameters.items():
            required = "required" if each.get("required") else "optional"
            part = f"{place} {location} {quoted(name)}"
            self._schema(part, "request", each.get("schema", {}), required)
            self._facts[part] |= _flags(each, "deprecated", "allowReserved", "allowEmptyValue")
        if body := self._resolve(operation.get("requestBody")):
            self._facts[f"{place} body"] = {"required" if body.get("required") else "optional": []}
            self._content(f"{place} body", "request", body)
        for status, each in operation.get("responses", {}).items():
            response = self._resolve(each)
            self._facts[f"{place} {status}"] = {}
            self._content(f"{place} {status}", "response", response)
            for name, header in response.get("headers", {}).items():
                found = self._resolve(header)
                required = "required" if found.get("required") else "optional"
                self._schema(f"{place} {status} header {name}", "response", found.get("schema", {}), required)

    def _content(self, place: str, direction: str, holder: dict[str, Any]) -> None:
        for media_type, media in holder.get("content", {}).items():
            self._schema(f"{place} {media_type}", direction, media.get("schema", {}))
            if "encoding" in media:
                self._facts[f"{place} {media_type}"]["encoding"] = [json.dumps(media["encoding"], sort_keys=True)]

    def _schema(self, place: str, direction: str, schema: dict[str, Any], required: str = "") -> None:
        attributes: Attributes = {required: []} if required else {}
        self._facts[place] = attributes
        parts = list(self._parts(place, direction, schema, attributes))
        needed = {name for part in parts for name in part.get("required", [])}
        for part in parts:
            self._keywords(direction, part, attributes)
        # Of a schema with a name, as a rule: there they may be optional.
        if elsewhere := sorted(needed - {name for part in parts for name in part.get("properties", {})}):
            attributes["requires"] = elsewhere
        for part in parts:
            for name, each in part.get("properties", {}).items():
                self._schema(f"{place}.{quoted(name)}", direction, each, "required" if name in needed else "optional")
            if "items" in part:
                self._schema(f"{place}[]", direction, part["items"])
            if isinstance(part.get("additionalProperties"), dict):
                self._schema(f"{place}.*", direction, part["additionalProperties"])

    def _keywords(self, direction: str, part: dict[str, Any], attributes: Attributes) -> None:
        """Note what an inline schema says of itself."""
        own = _own(part)
        if kinds := [each for each in own.pop("type", []) if each not in attributes.get("type", [])]:
            attributes["type"] = [*kinds, *attributes.get("type", [])]
        attributes |= own
        for word, value in part.items():
            if word not in KNOWN and not word.startswith(("x-", "$")):
                attributes[word] = [json.dumps(value, sort_keys=True)]
                for _, each in walk(value):
                    self._named(direction, each)

    def _parts(
        self, place: str, direction: str, schema: dict[str, Any], attributes: Attributes, word: str = "type"
    ) -> Iterator[dict[str, Any]]:
        """Yield the inline schemas that hold at a place; what is a schema with a name is noted by its name."""
        if name := self._named(direction, schema):
            attributes.setdefault(word, []).append(name)
        yield schema  # What stands beside a reference holds as well (JSON Schema 2020-12, section 8.2.3.1).
        for each in schema.get("allOf", []):
            yield from self._parts(place, direction, each, attributes, "allOf")
        alternatives = [*schema.get("oneOf", []), *schema.get("anyOf", [])]
        kinds = [each for each in alternatives if each.get("type") != "null"]
        if len(kinds) < len(alternatives):
            attributes["nullable"] = []
        for each in kinds:
            kind = self._named(direction, each) or str(each.get("type", "object"))
            types = attributes.setdefault("type", [])
            number = len(types)
            types.append(kind)
            if each.keys() != {"$ref"}:
                self._schema(f"{place}({number})", direction, each)

    def _named(self, direction: str, schema: Any) -> str:
        reference = str(schema.get("$ref", "")) if isinstance(schema, dict) else ""
        if not reference.startswith("#/components/schemas/"):
            return ""
        name = reference.rpartition("/")[2]
        if (direction, name) not in self._schemas:
            self._schemas.append((direction, name))
        return name

    def _resolve(self, value: Any) -> dict[str, Any]:
        return resolve(self._document, value) or {}


def _own(schema: dict[str, Any]) -> Attributes:
    """Return what a schema says of itself."""
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    attributes: Attributes = {}
    if kinds := sorted(each for each in types if each != "null"):
        attributes["type"] = kinds
    values = [*schema.get("enum", []), *([schema["const"]] if "const" in schema else [])]
    # Both have to allow null: without values any will do, and without types any type.
    if ("null" in types or not types) and (None in values or not values) and (types or values):
        attributes["nullable"] = []
    if some := [str(each) for each in values if each is not None]:
        attributes["enum"] = some
    attributes |= {word: [str(schema[word])] for word in FORMATS if word in schema}
    attributes |= {word: [_limit(schema[word])] for word in LIMITS if word in schema and schema[word] != IDLE.get(word)}
    if schema.get("additionalProperties") is False:
        attributes["closed"] = []
    return attributes | _flags(schema, "readOnly", "writeOnly", "deprecated")


def _limit(value: Any) -> str:
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)


def quoted(name: str) -> str:
    """Return a name as a part of a place, where a dot or a bracket in it would look like the name's end."""
    return name if PLAIN_NAME.fullmatch(name) else json.dumps(name)


def _scheme(requirement: tuple[str, list[str]]) -> str:
    name, roles = requirement
    return f"{name}({' '.join(roles)})" if roles else name


def _flags(holder: dict[str, Any], *words: str) -> Attributes:
    return {word: [] for word in words if holder.get(word)}
