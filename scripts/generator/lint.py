"""What a contract has to keep: OpenAPI's own rules, and those that the generator and this project add."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from difflib import get_close_matches
from functools import cache
from importlib.util import find_spec
from math import isfinite
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from jsonschema_rs import Draft202012, Draft202012Validator, Registry, ValidationError

from generator.contract_version import REBUILD, VERSION
from generator.json_pointer import Pointer, at, parsed, resolve, walk, written
from generator.merging import ANNOTATIONS, KEYWORDS
from generator.naming import operation_name
from generator.structure import COMPONENTS, METHODS, PARTS, leads_to, parts, path_items

# An extension on a schema: the property that stands for the whole in a line of text.
DISPLAY = "x-display"

Fault = tuple[Pointer, str]


def faults(document: dict[str, Any], later: Callable[[dict[str, Any]], Iterable[Fault]]) -> Iterator[Fault]:
    """Yield what is wrong, as a place and a message.

    The rules stand in stages, of which each relies on what the ones before have found to be sound. ``later`` is what
    the reading of a sound document finds; if only the last stage finds faults, it is asked too, as far as it gets.
    """
    stages = [
        [_values],
        [_references, _operations],
        [_openapi],
        [_loops],
        [_version, _server, _security, _displays, _unsupported, _keywords, _defaults, _tags],
    ]
    for rules in stages:
        found = [fault for rule in rules for fault in rule(document)]
        yield from found
        if found and rules is stages[-1]:
            with suppress(Exception):
                yield from later(document)
        if found:
            return


def server_url(document: dict[str, Any]) -> str:
    """Return the URL of the first server, with the defaults of its variables, and no slash at its end."""
    servers: list[dict[str, Any]] = document.get("servers") or [{}]
    url = str(servers[0].get("url", ""))
    for name, variable in servers[0].get("variables", {}).items():
        url = url.replace(f"{{{name}}}", str(variable["default"]))
    return url.rstrip("/")


def _values(document: dict[str, Any]) -> Iterator[Fault]:
    for pointer, value in walk(document):
        if isinstance(value, dict) and (odd := [key for key in value if not isinstance(key, str)]):
            yield (*pointer, str(odd[0])), f"the key {odd[0]} is not text: put it in quotes"
        if isinstance(value, float) and not isfinite(value):
            yield pointer, f"{value} is a number that JSON does not know"


def _references(document: dict[str, Any]) -> Iterator[Fault]:
    for pointer, kind, value in parts(document):
        for word in ("$dynamicRef", "$id"):
            if kind == "schema" and isinstance(value, dict) and word in value:
                yield (*pointer, word), f"{word} is not supported: use a $ref to a place in this document"
        reference = value.get("$ref") if isinstance(value, dict) else None
        if reference is None:
            continue
        place = (*pointer, "$ref")
        if not isinstance(reference, str):
            yield place, f"{reference} is not a reference, which is text"
            continue
        target = resolve(document, value)
        if not reference.startswith("#/"):
            yield place, f"{reference} is not in this document: a reference begins with #/"
        elif target is None:
            yield place, f"{reference} refers to nothing"
        elif isinstance(target, dict) and "$ref" in target:
            yield place, f"{reference} leads back to itself"
        elif not isinstance(target, dict | bool):
            yield place, f"{reference} is not a {kind}"


# RFC 9110, sections 9.3.1, 9.3.2 and 9.3.8: their content has no meaning, and some servers reject or drop it.
BODILESS = ("get", "head", "trace")
STATUS = re.compile(r"[2-5](\d\d|XX)|default|x-.*")


def _operations(document: dict[str, Any]) -> Iterator[Fault]:
    """Each operation is a module of the client, named after its operationId."""
    if not isinstance(document.get("paths"), dict):
        yield (), "there are no paths, so there is nothing to call"
        return
    taken: dict[str, str] = {}
    shapes: dict[str, str] = {}
    for path, held in path_items(document):
        # OpenAPI 3.1.1, section 4.8.8.1: the names of placeholders make no other path.
        if (other := shapes.setdefault(re.sub(r"{[^}]*}", "{}", path), path)) != path:
            yield ("paths", path), f"{path} is the same path as {other}: put its operations there"
        for method, place in held.items():
            operation = at(document, place)
            if method not in METHODS or not isinstance(operation, dict):
                continue
            stated = str(operation.get("operationId", ""))
            name = operation_name(stated, f"{method}{path}")
            if name in taken and stated:
                yield (*place, "operationId"), f"{stated} makes the name {name}, as {taken[name]} does: choose another"
            elif name in taken:
                yield place, f"its name, {name}, is also that of {taken[name]}: give it an operationId"
            taken[name] = f"{method.upper()} {path}"
            if method in BODILESS and "requestBody" in operation:
                message = f"the body of a {method.upper()} request has no meaning: use POST, or parameters in the query"
                yield (*place, "requestBody"), message
            yield from _statuses(place, operation.get("responses"))
    if not taken:
        yield ("paths",), "there are no operations, so there is nothing to call: add one"


def _statuses(place: Pointer, responses: Any) -> Iterator[Fault]:
    if not responses:
        yield place, "an operation needs responses"
    elif isinstance(responses, dict):
        for status in responses:
            if not STATUS.fullmatch(status):
                message = f"{status} is not the status of an answer: use 200 to 599, 2XX or default"
                yield (*place, "responses", status), message
        if not any(status.startswith(("2", "3", "d")) for status in responses):
            yield (*place, "responses"), "no success is documented: add a status from 200 to 399, or `default`"


def _version(document: dict[str, Any]) -> Iterator[Fault]:
    info = document["info"]
    if not VERSION.fullmatch(str(info["version"])):
        yield ("info", "version"), f"the version is three numbers, such as 1.2.3, and {info['version']} is none"
    rebuild = info.get(REBUILD, 1)
    if type(rebuild) is not int or rebuild < 1:
        yield ("info", REBUILD), f"a rebuild is counted from 1, and {rebuild} is no such number"


def _openapi(document: dict[str, Any]) -> Iterator[Fault]:
    rules, known = _rules_of_openapi()
    try:
        found = [(_place(document, error), error) for error in rules.iter_errors(document)]
    except ValueError:  # jsonschema_rs counts the levels itself.
        raise RecursionError from None
    places = [place for place, _ in found]
    for place, error in found:
        # What holds a fault has not been evaluated, and that is no other fault.
        if not any(each[: len(place)] == place and each != place for each in places):
            misspelt = [word for word in getattr(error.kind, "unexpected", ()) if word not in known]
            near = [each for word in misspelt for each in get_close_matches(word, known, 1)]
            yield place, f"{said(error)}: did you mean {' and '.join(near)}?" if near else said(error)


@cache
def _rules_of_openapi() -> tuple[Draft202012Validator, set[str]]:
    """Return the schema of OpenAPI 3.1 documents, with that of their schemas, which it leaves open; and its words."""
    package = find_spec("openapi_spec_validator")
    if package is None or package.origin is None:
        raise FileNotFoundError(2, "is not installed: run make setup", "openapi-spec-validator")
    file = Path(package.origin).parent / "resources" / "schemas" / "v3.1" / "schema.json"
    rules = json.loads(file.read_text(encoding="utf-8"))
    mapping = {"type": "object", "additionalProperties": {"type": "string"}}
    properties = {"propertyName": {"type": "string"}, "mapping": mapping}
    discriminator = {"type": "object", "required": ["propertyName"], "properties": properties}
    rules["$defs"]["schema"] |= {
        "$ref": "https://json-schema.org/draft/2020-12/schema",
        "properties": {"discriminator": discriminator, "deprecated": {"type": "boolean"}},
    }
    words = {word for each in rules["$defs"].values() for word in each.get("properties", ())}
    return Draft202012Validator(rules), words


def _place(document: Any, error: ValidationError) -> Pointer:
    """Return where an error is; the validator takes each key of digits for an index."""
    found: list[str | int] = []
    for key in error.instance_path:
        found.append(key if isinstance(document, list) else str(key))
        document = document[found[-1]]
    return tuple(found)


def said(error: ValidationError) -> str:
    """Return what an error says, in the quotes of all other messages."""
    return error.message.replace('"', "'")


class Fits:
    """Tells whether values fit the schemas of a document, by the places of these."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._registry = Registry([("urn:contract", document)], draft=Draft202012)

    def fault(self, place: Pointer, value: Any) -> str:
        """Return why a value does not fit; nothing if it does, or if a pattern is not one that Rust reads."""
        reference = f"urn:contract#{quote(written(place)[1:])}"
        try:
            rules = Draft202012Validator({"$ref": reference}, registry=self._registry, validate_formats=True)
        except (ValidationError, ValueError):
            return ""
        error = next(rules.iter_errors(value), None)
        return said(error) if error else ""


def _server(document: dict[str, Any]) -> Iterator[Fault]:
    """The first server is the client's default, which sends it passwords."""
    url = server_url(document)
    place: Pointer = ("servers", 0, "url") if document.get("servers") else ()
    try:
        parsed_url = urlsplit(url)
        usable = parsed_url.scheme == "https" and parsed_url.hostname and (parsed_url.port or True)
    except ValueError:
        usable = False
    if not usable:
        yield place, "the first server must be an https URL: it is the client's default"
    elif parsed_url.username is not None or parsed_url.query or parsed_url.fragment:
        yield place, "the first server's URL must hold no user, password, query or fragment"
    elif "{" in url:
        yield place, "the first server's URL has a variable that nothing is said of"


def _security(document: dict[str, Any]) -> Iterator[Fault]:
    schemes = document.get("components", {}).get("securitySchemes", {})
    for place, operation in _calls(document) if schemes and "security" not in document else ():
        if "security" not in operation:
            yield place, "no security is stated: name what it needs, or write `security: []` if it needs none"
    bearers = {name for name, scheme in schemes.items() if _is_bearer(resolve(document, scheme))}
    for pointer, kind, value in parts(document):
        ways = value.get("security", []) if kind in {"document", "operation"} else []
        named = [(name, (*pointer, "security", index, name)) for index, way in enumerate(ways) for name in way]
        yield from ((place, f"there is no security scheme {name}") for name, place in named if name not in schemes)
        if ways and not any(way.keys() <= bearers for way in ways):
            for name in (name for name, _ in named if name in schemes.keys() - bearers):
                yield ("components", "securitySchemes", name), "the client sends bearer tokens alone (RFC 6750)"


def _is_bearer(scheme: dict[str, Any]) -> bool:
    return (scheme.get("type"), str(scheme.get("scheme")).lower()) == ("http", "bearer")


def _displays(document: dict[str, Any]) -> Iterator[Fault]:
    for pointer, schema in each_of(document, "schema"):
        if DISPLAY in schema and str(schema[DISPLAY]) not in schema.get("properties", {}):
            yield (*pointer, DISPLAY), f"there is no property {schema[DISPLAY]}"


def _unsupported(document: dict[str, Any]) -> Iterator[Fault]:
    """What is valid and the client would get wrong, so that it is refused and not dropped."""
    for pointer, kind, value in parts(document):
        if kind in {"path", "operation"} and isinstance(value, dict) and "servers" in value:
            yield (*pointer, "servers"), "the client knows the document's servers alone"
    for path, held in path_items(document):
        if held and (found := re.search(r"[?#]", path)):
            part = "query" if found[0] == "?" else "fragment (#)"
            yield ("paths", path), f"a path has no {part}: say what is in the query by parameters"


# JSON Schema 2020-12, and what OpenAPI 3.1.1 adds to it in section 4.8.24.
KNOWN = ANNOTATIONS | PARTS["schema"].keys() | {word for words in KEYWORDS.values() for word in words}
KNOWN |= {"$ref", "$dynamicRef", "type", "enum", "const", "minContains", "maxContains", "discriminator"}
DIALECTS = ("https://spec.openapis.org/oas/3.1/dialect/base", "https://json-schema.org/draft/2020-12/schema")


def each_of(document: dict[str, Any], kind: str) -> Iterator[tuple[Pointer, dict[str, Any]]]:
    """Yield the OpenAPI objects of a kind, each with its place."""
    return ((place, value) for place, found, value in parts(document) if found == kind and isinstance(value, dict))


def _keywords(document: dict[str, Any]) -> Iterator[Fault]:
    """JSON Schema ignores unknown keywords, so a misspelt one would have no effect."""
    if document.get("jsonSchemaDialect", DIALECTS[0]) not in DIALECTS:
        yield ("jsonSchemaDialect",), "the jsonSchemaDialect is not that of OpenAPI 3.1: leave it out"
    for place, schema in each_of(document, "schema"):
        for word in schema.keys() - KNOWN:
            near = get_close_matches(word, KNOWN, 1)
            way_out = f"did you mean {near[0]}?" if near else "the name of an extension begins with x-"
            if word == "nullable":
                way_out = "in OpenAPI 3.1 null is a type: [string, 'null']"
            if not word.startswith("x-"):
                yield (*place, word), f"{word} is not a keyword of JSON Schema: {way_out}"


def _loops(document: dict[str, Any]) -> Iterator[Fault]:
    """JSON Schema 2020-12, section 9.4.1: to check one value, no schema may lead back to itself."""
    held = dict(each_of(document, "schema"))
    leads: dict[Pointer, list[Pointer]] = {}
    for place, schema in held.items():
        leads[tuple(map(str, place))] = _same_value(place, schema)
    for place in held:
        if place[:2] == COMPONENTS and len(place) == 3 and leads_to(place, place, leads):
            yield place, "it leads back to itself by allOf, anyOf, oneOf or $ref: it needs another value in between"


def _same_value(place: Pointer, schema: dict[str, Any]) -> list[Pointer]:
    """Return the schemas that a schema holds the same value to."""
    inner = ((word, index) for word in ("allOf", "anyOf", "oneOf") for index in range(len(schema.get(word, ()))))
    found = [(*map(str, place), word, str(index)) for word, index in inner]
    return [*found, *([parsed(schema["$ref"])] if "$ref" in schema else [])]


def _defaults(document: dict[str, Any]) -> Iterator[Fault]:
    fits = Fits(document)
    for place, schema in each_of(document, "schema"):
        if "default" in schema and (fault := fits.fault(place, schema["default"])):
            yield (*place, "default"), fault


def _tags(document: dict[str, Any]) -> Iterator[Fault]:
    """A misspelt tag would be a namespace of the client."""
    declared = [each["name"] for each in document.get("tags", [])]
    for index, name in enumerate(declared):
        if name in declared[:index]:
            yield ("tags", index), f"the tag {name} is declared twice: leave one out"
    for place, operation in _calls(document) if declared else ():
        for index, name in enumerate(operation.get("tags", [])):
            if name not in declared:
                yield (*place, "tags", index), f"the tag {name} is not declared: add it to the document's tags"


def _calls(document: dict[str, Any]) -> Iterator[tuple[Pointer, dict[str, Any]]]:
    """Yield the operations that a client calls; those of webhooks and callbacks, the service does."""
    for place, operation in each_of(document, "operation"):
        if place[0] != "webhooks" and "callbacks" not in place:
            yield place, operation
