"""What a contract has to keep: OpenAPI's own rules, and those that the generator and this project add."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from difflib import get_close_matches
from math import isfinite
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from openapi_spec_validator import OpenAPIV31SpecValidator
from openapi_spec_validator.validation.exceptions import (
    DuplicateOperationIDError,
    ParameterDuplicateError,
    UnresolvableParameterError,
)

from generator.contract_version import REBUILD, VERSION
from generator.json_pointer import Pointer, at, resolve, walk
from generator.merging import ANNOTATIONS
from generator.structure import METHODS, PARTS, parts

# An extension on a schema: the property that stands for the whole in a line of text.
DISPLAY = "x-display"
# An extension on a schema: the value is a secret. Other generators pass over it, unlike `format: password`.
HIDDEN = "x-secret"

Fault = tuple[Pointer, str]


def faults(document: dict[str, Any]) -> Iterator[Fault]:
    """Yield what is wrong, as a place and a message.

    The rules stand in stages, of which each relies on what the ones before have found to be sound.
    """
    stages = [
        [_values],
        [_references, _operations],
        [_openapi],
        [_version, _server, _security, _displays, _unsupported, _keywords, _tags],
    ]
    for rules in stages:
        found = [fault for rule in rules for fault in rule(document)]
        yield from found
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
        if not isinstance(value, str | int | float | dict | list | None):
            yield pointer, f"{value} is a {type(value).__name__}, which JSON does not know: put it in quotes"


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


def _operations(document: dict[str, Any]) -> Iterator[Fault]:
    """Each operation is a module of the client, named after its operationId."""
    if not isinstance(paths := document.get("paths"), dict):
        yield (), "there are no paths, so there is nothing to call"
        return
    taken: dict[str, str] = {}
    shapes: dict[str, str] = {}
    for path, item in paths.items():
        # OpenAPI 3.1.1, section 4.8.8.1: the names of placeholders make no other path.
        if (other := shapes.setdefault(re.sub(r"{[^}]*}", "{}", path), path)) != path:
            yield ("paths", path), f"{path} is the same path as {other}: put its operations there"
        for method in METHODS:
            operation = item.get(method) if isinstance(item, dict) else None
            if not isinstance(operation, dict):
                continue
            place = ("paths", path, method)
            name = str(operation.get("operationId", f"{method}_{path}"))
            if (module := re.sub(r"[^a-z0-9]", "", name.lower())) in taken:
                yield (*place, "operationId"), f"{name} is too much like the operationId of {taken[module]}"
            taken[module] = f"{method.upper()} {path}"
            if method in BODILESS and "requestBody" in operation:
                message = f"the body of a {method.upper()} request has no meaning: use POST, or parameters in the query"
                yield (*place, "requestBody"), message
            if not operation.get("responses"):
                yield place, "an operation needs responses"


def _version(document: dict[str, Any]) -> Iterator[Fault]:
    info = document["info"]
    if not VERSION.fullmatch(str(info["version"])):
        yield ("info", "version"), f"the version is three numbers, such as 1.2.3, and {info['version']} is none"
    rebuild = info.get(REBUILD, 1)
    if type(rebuild) is not int or rebuild < 1:
        yield ("info", REBUILD), f"a rebuild is counted from 1, and {rebuild} is no such number"


def _openapi(document: dict[str, Any]) -> Iterator[Fault]:
    errors = OpenAPIV31SpecValidator(_without_data(document)).iter_errors()
    found = False
    while True:
        try:
            error = next(errors)
        except StopIteration:
            return
        except RecursionError:
            raise
        except Exception as failure:  # noqa: BLE001 - it fails in many ways on a document that breaks its own rules
            if not found:
                yield (), f"not valid OpenAPI: {failure}"
            return
        if not isinstance(error, PLACELESS) and not str(error.message).startswith("Duplicate tag"):
            found = True
            cause = best_match([error], key=_depth) or error
            yield _place(document, error), str(cause.message).split("\n\n")[0]


def _without_data(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document without examples and extensions: the validator would take what they hold for OpenAPI."""
    bare = deepcopy(document)
    data = {"example": ("value",), "schema": ("example", "examples", "$id", "$anchor", "$schema", "pattern")}
    for _, kind, value in parts(bare):
        if not isinstance(value, dict):
            continue
        for key in [key for key in value if key.startswith("x-") or key in data.get(kind, ("example",))]:
            if kind != "components":
                del value[key]
        if kind == "schema" and isinstance(value.get("default"), dict | list):
            del value["default"]
        if kind == "schema" and "$ref" in value.get("properties", ()):
            value["properties"]["ref"] = value["properties"].pop("$ref")
    return bare


# What the validator finds and does not locate; reading.py and _tags find it as well, and say where.
PLACELESS = (ParameterDuplicateError, UnresolvableParameterError, DuplicateOperationIDError)


def _depth(error: ValidationError) -> int:
    # best_match's own measure needs what the validator leaves out of its errors.
    return -len(error.path)


def _place(document: dict[str, Any], error: ValidationError) -> Pointer:
    """Return a place from the root: the validator's own begins at the schema in which the mistake is."""
    path = tuple(error.absolute_path)
    if not path:  # Of a default it does not say where it stands.
        found = ((*place, "default") for place, _, value in parts(document) if _has(value, "default", error.instance))
        return next(found, path)
    if at(document, path) is not None and at(document, path) == error.instance:
        return path
    schemas = ((*place, *path) for place, kind, _ in parts(document) if kind == "schema")
    return next((place for place in schemas if at(document, place) == error.instance), path)


def _has(value: Any, key: str, instance: Any) -> bool:
    return isinstance(value, dict) and key in value and bool(value[key] == instance)


def _server(document: dict[str, Any]) -> Iterator[Fault]:
    """The first server is the client's default, which sends it passwords."""
    url = server_url(document)
    place: Pointer = ("servers", 0, "url") if document.get("servers") else ()
    try:
        parts = urlsplit(url)
        usable = parts.scheme == "https" and parts.hostname and (parts.port or True)
    except ValueError:
        usable = False
    if not usable:
        yield place, "the first server must be an https URL: it is the client's default"
    elif parts.username is not None or parts.query or parts.fragment:
        yield place, "the first server's URL must hold no user, password, query or fragment"
    elif "{" in url:
        yield place, "the first server's URL has a variable that nothing is said of"


def _security(document: dict[str, Any]) -> Iterator[Fault]:
    known = document.get("components", {}).get("securitySchemes", {})
    for pointer, kind, value in parts(document):
        for index, requirement in enumerate(value.get("security", ()) if kind in {"document", "operation"} else ()):
            for name in requirement:
                if name not in known:
                    yield (*pointer, "security", index, name), f"there is no security scheme {name}"


def _is_bearer(scheme: dict[str, Any]) -> bool:
    return (scheme.get("type"), str(scheme.get("scheme")).lower()) == ("http", "bearer")


def _displays(document: dict[str, Any]) -> Iterator[Fault]:
    for pointer, schema in each_of(document, "schema"):
        if DISPLAY in schema and str(schema[DISPLAY]) not in schema.get("properties", {}):
            yield (*pointer, DISPLAY), f"there is no property {schema[DISPLAY]}"


def _unsupported(document: dict[str, Any]) -> Iterator[Fault]:
    """What is valid and the client would get wrong, so that it is refused and not dropped."""
    schemes = document.get("components", {}).get("securitySchemes", {})
    for pointer, kind, value in parts(document):
        if kind in {"path", "operation"} and isinstance(value, dict) and "servers" in value:
            yield (*pointer, "servers"), "the client knows the document's servers alone"
        ways = value.get("security", []) if kind in {"document", "operation"} else []
        if ways and not any(all(_is_bearer(resolve(document, schemes.get(name, {}))) for name in way) for way in ways):
            for name in (name for way in ways for name in way if name in schemes):
                if not _is_bearer(resolve(document, schemes[name])):
                    yield ("components", "securitySchemes", name), "the client sends bearer tokens alone (RFC 6750)"
    for path in document["paths"]:
        if found := re.search(r"[?#]", path):
            part = "a query" if found[0] == "?" else "a fragment (#)"
            yield ("paths", path), f"a path has no {part}: say what is in the query by parameters"


# JSON Schema 2020-12, and what OpenAPI 3.1.1 adds to it in section 4.8.24.
KEYWORDS = ANNOTATIONS | PARTS["schema"].keys() | Draft202012Validator.VALIDATORS.keys()
KEYWORDS |= {"format", "contentEncoding", "contentMediaType", "minContains", "maxContains", "discriminator"}
DIALECTS = ("https://spec.openapis.org/oas/3.1/dialect/base", "https://json-schema.org/draft/2020-12/schema")


def each_of(document: dict[str, Any], kind: str) -> Iterator[tuple[Pointer, dict[str, Any]]]:
    """Yield the OpenAPI objects of a kind, each with its place."""
    return ((place, value) for place, found, value in parts(document) if found == kind and isinstance(value, dict))


def _keywords(document: dict[str, Any]) -> Iterator[Fault]:
    """JSON Schema ignores unknown keywords, so a misspelt one would have no effect."""
    if document.get("jsonSchemaDialect", DIALECTS[0]) not in DIALECTS:
        yield ("jsonSchemaDialect",), "the jsonSchemaDialect is not that of OpenAPI 3.1: leave it out"
    for place, schema in each_of(document, "schema"):
        for word in schema.keys() - KEYWORDS:
            near = get_close_matches(word, KEYWORDS, 1)
            way_out = f"did you mean {near[0]}?" if near else "the name of an extension begins with x-"
            if word == "nullable":
                way_out = "in OpenAPI 3.1 null is a type: [string, 'null']"
            if not word.startswith("x-"):
                yield (*place, word), f"{word} is not a keyword of JSON Schema: {way_out}"


def _tags(document: dict[str, Any]) -> Iterator[Fault]:
    declared = [each["name"] for each in document.get("tags", [])]
    for index, name in enumerate(declared):
        if name in declared[:index]:
            yield ("tags", index), f"the tag {name} is declared twice: leave one out"
