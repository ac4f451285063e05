"""What a contract has to keep: OpenAPI's own rules, and those that the generator and this project add."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext, suppress
from difflib import get_close_matches
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml
from jsonschema_rs import Draft202012, Draft202012Validator, Registry, ValidationError

from generator.json_pointer import Pointer, at, parsed, resolve, written
from generator.merging import ANNOTATIONS, KEYWORDS
from generator.naming import operation_name
from generator.structure import COMPONENTS, METHODS, PARTS, leads_to, parts, path_items

# An extension on a schema: the property that stands for the whole in a line of text.
DISPLAY = "x-display"

# The lists of schemas that hold the same value to all, or to some, of them.
_COMBINED = ("allOf", "anyOf", "oneOf")

Fault = tuple[Pointer, str]


def faults(document: dict[str, Any], later: Callable[[dict[str, Any]], Iterable[Fault]]) -> Iterator[Fault]:
    """Yield what is wrong, as a place and a message.

    The first rules find what the others rely on. ``later`` is what the reading of a sound document finds; if the last
    rules find faults, the others of them and it are asked too, as far as they get.
    """
    for rules in ([_references, _operations], [_loops]):
        if found := [fault for rule in rules for fault in rule(document)]:
            yield from found
            return
    broken = list(_rules(document))
    for rule in (_server, _security, _displays, _values, _tags):
        with suppress(Exception) if broken else nullcontext():
            broken += rule(document)
    yield from broken
    if broken:
        with suppress(Exception):
            yield from later(document)


def server_url(document: dict[str, Any]) -> str:
    """Return the URL of the first server, with the defaults of its variables, and no slash at its end."""
    servers: list[dict[str, Any]] = document.get("servers") or [{}]
    url = str(servers[0].get("url", ""))
    for name, variable in servers[0].get("variables", {}).items():
        url = url.replace(f"{{{name}}}", str(variable["default"]))
    return url.rstrip("/")


def _references(document: dict[str, Any]) -> Iterator[Fault]:
    kinds: dict[Pointer, str] = {tuple(map(str, pointer)): kind for pointer, kind, _ in parts(document)}
    for pointer, kind, value in parts(document):
        if not isinstance(value, dict) or "$ref" not in value:
            continue
        reference, place = value["$ref"], (*pointer, "$ref")
        if not isinstance(reference, str):
            yield place, f"{reference} is not a reference, which is text"
            continue
        target = resolve(document, value)
        if not reference.startswith("#/"):
            yield place, f"{reference} is not in this document: a reference begins with #/"
        elif target is None:
            yield place, f"{reference} refers to nothing: add that, or name what is there"
        elif isinstance(target, dict) and "$ref" in target:
            yield place, f"{reference} leads back to itself: name another place"
        elif not isinstance(target, dict | bool) or kinds.get(parsed(reference), kind) != kind:
            yield place, f"{reference} is not a {kind}: name one"


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
            responses = operation.get("responses")
            if not isinstance(responses, dict) or not any(str(each).startswith(("2", "3", "d")) for each in responses):
                message = "no success is documented: add responses with a status from 200 to 399, or `default`"
                yield (*place, *(["responses"] if "responses" in operation else [])), message
    if not taken:
        yield ("paths",), "there are no operations, so there is nothing to call: add one"


def _rules(document: dict[str, Any]) -> Iterator[Fault]:
    """Hold the document against OpenAPI's own schema of documents, and what contract_rules.yaml adds to it."""
    rules, known = _schema_of_documents()
    try:
        errors = [(_place(document, error), error) for error in Draft202012Validator(rules).iter_errors(document)]
    except ValueError:  # jsonschema_rs counts the levels itself.
        raise RecursionError from None
    own = {place for place, error in errors if _own(rules, error)}
    for place, error in errors:
        inside = {each for each, _ in errors if each[: len(place)] == place and each != place}
        unexpected = getattr(error.kind, "unexpected", ())
        for word in unexpected:
            # What holds a fault has not been evaluated, and that is no other fault.
            if not any(each[len(place)] == word for each in inside) and not (inside and word in known):
                near = next(iter(get_close_matches(word, known, 1)), "")
                way_out = f"did you mean {near}?" if near else "the name of an extension begins with x-"
                yield (*place, word), f"unknown keyword {word}: {'it has no place here' if near == word else way_out}"
        if text := _own(rules, error):
            yield place, text
        elif place not in own and not unexpected and not inside:
            yield place, said(error)


def _own(rules: dict[str, Any], error: ValidationError) -> str:
    """Return what our own rule says of an error; nothing for a rule of OpenAPI."""
    rule = at(rules, tuple(error.schema_path[:-1]))
    text = str(rule.get("says", "")) if isinstance(rule, dict) else ""
    key = str(error.instance_path[-1]) if error.instance_path else ""
    return text.replace("{key}", key).replace("{value}", str(error.instance))


@cache
def _schema_of_documents() -> tuple[dict[str, Any], set[str]]:
    """Return the rules for documents, and the keywords that OpenAPI and JSON Schema know."""
    package = find_spec("openapi_spec_validator")
    if package is None or package.origin is None:
        raise FileNotFoundError(2, "is not installed: run make setup", "openapi-spec-validator")
    file = Path(package.origin).parent / "resources" / "schemas" / "v3.1" / "schema.json"
    rules = json.loads(file.read_text(encoding="utf-8"))
    own = yaml.safe_load(Path(__file__).with_name("contract_rules.yaml").read_text(encoding="utf-8"))
    known = {word for each in rules["$defs"].values() for word in each.get("properties", ())}
    known |= ANNOTATIONS | PARTS["schema"].keys() | {word for words in KEYWORDS.values() for word in words}
    rules["$defs"]["schema"] |= own.pop("schema")
    for name, rule in own.items():
        whole = rules if name == "document" else rules["$defs"][name]
        whole["allOf"] = [*whole.get("allOf", ()), rule]
    return rules, known


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
    if not re.fullmatch(r"https://([^\s/?#@:{}\[]+|\[[\d:a-fA-F.]+\])(:\d+)?(/[^?#{}]*)?", server_url(document)):
        place: Pointer = ("servers", 0, "url") if document.get("servers") else ()
        message = "without user, password, query, fragment and undeclared variables: it is the client's default"
        yield place, f"the first server must be an https URL {message}"


def _security(document: dict[str, Any]) -> Iterator[Fault]:
    stated = document.get("components", {}).get("securitySchemes", {})
    schemes = {name: resolve(document, each) for name, each in stated.items()}
    for place, operation in _calls(document) if schemes and "security" not in document else ():
        if "security" not in operation:
            yield place, "no security is stated: name what it needs, or write `security: []` if it needs none"
    kinds = {name: (each.get("type"), str(each.get("scheme")).lower()) for name, each in schemes.items()}
    bearers = {name for name, kind in kinds.items() if kind == ("http", "bearer")}
    for pointer, kind, value in parts(document):
        ways = value.get("security", []) if kind in {"document", "operation"} else []
        named = [(name, (*pointer, "security", index, name)) for index, way in enumerate(ways) for name in way]
        for name, place in named:
            if name not in schemes:
                yield place, f"there is no security scheme {name}: declare it in the components"
        if ways and not any(way.keys() <= bearers for way in ways):
            for name in (name for name, _ in named if name in schemes.keys() - bearers):
                message = "the client sends bearer tokens alone (RFC 6750): use `type: http, scheme: bearer`"
                yield ("components", "securitySchemes", name), message


def _displays(document: dict[str, Any]) -> Iterator[Fault]:
    for pointer, schema in each_of(document, "schema"):
        if DISPLAY in schema and str(schema[DISPLAY]) not in schema.get("properties", {}):
            yield (*pointer, DISPLAY), f"there is no property {schema[DISPLAY]}"


def each_of(document: dict[str, Any], kind: str) -> Iterator[tuple[Pointer, dict[str, Any]]]:
    """Yield the OpenAPI objects of a kind, each with its place."""
    return ((place, value) for place, found, value in parts(document) if found == kind and isinstance(value, dict))


def _loops(document: dict[str, Any]) -> Iterator[Fault]:
    """JSON Schema 2020-12, section 9.4.1: to check one value, no schema may lead back to itself."""
    leads: dict[Pointer, list[Pointer]] = {}
    for place, schema in each_of(document, "schema"):
        own = tuple(map(str, place))
        lists = {word: schema[word] for word in _COMBINED if isinstance(schema.get(word), list)}
        inner = [(*own, word, str(index)) for word, schemas in lists.items() for index in range(len(schemas))]
        leads[own] = [*inner, *([parsed(schema["$ref"])] if "$ref" in schema else [])]
    for place in leads:
        if place[:2] == COMPONENTS and len(place) == 3 and leads_to(place, place, leads):
            yield place, "it leads back to itself by allOf, anyOf, oneOf or $ref: it needs another value in between"


def _values(document: dict[str, Any]) -> Iterator[Fault]:
    """Defaults, constants and the values of enums fit what is said beside them."""
    fits = Fits(document)
    for place, schema in each_of(document, "schema"):
        stated: list[tuple[Pointer, Any]] = [((word,), schema[word]) for word in ("default", "const") if word in schema]
        stated += [(("enum", index), each) for index, each in enumerate(schema.get("enum", ()))]
        for where, value in stated:
            if fault := fits.fault(place, value):
                yield (*place, *where), fault


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
