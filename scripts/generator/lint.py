"""What a contract has to keep: OpenAPI's own rules, and those that the generator and this project add."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from jsonschema.exceptions import ValidationError, best_match
from openapi_python_client.strings import PythonIdentifier
from openapi_spec_validator import OpenAPIV31SpecValidator

from generator.contract_version import REBUILD, VERSION
from generator.json_pointer import Pointer, at, parsed, resolve, walk

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

# An extension on a schema: the property that stands for the whole in a line of text.
DISPLAY = "x-display"
# An extension on a schema: the value is a secret. Other generators pass over it, unlike `format: password`.
HIDDEN = "x-secret"

Fault = tuple[Pointer, str]

LARGEST = 500_000  # values in a document


def faults(document: dict[str, Any]) -> Iterator[Fault]:
    """Yield what is wrong, as a place and a message.

    The rules stand in the order in which they can rely on each other: who stops at the first fault meets no later one
    that it has caused.
    """
    yield from _values(document)
    yield from _references(document)
    yield from _operations(document)
    yield from _openapi(document)
    yield from _version(document)
    yield from _server(document)
    yield from _security(document)
    yield from _displays(document)
    yield from _names(document)
    yield from _unsupported(document)


def server_url(document: dict[str, Any]) -> str:
    """Return the URL of the first server, with the defaults of its variables, and no slash at its end."""
    servers: list[dict[str, Any]] = document.get("servers") or [{}]
    url = str(servers[0].get("url", ""))
    for name, variable in servers[0].get("variables", {}).items():
        url = url.replace(f"{{{name}}}", str(variable["default"]))
    return url.rstrip("/")


def _values(document: dict[str, Any]) -> Iterator[Fault]:
    """YAML knows more kinds of values than JSON does, and a few lines of it can stand for a document without end."""
    for number, (pointer, value) in enumerate(walk(document)):
        if number == LARGEST:
            yield (), f"the document has more than {LARGEST} values, perhaps by aliases of aliases"
            return
        if isinstance(value, dict) and (odd := next((key for key in value if not isinstance(key, str)), "")) != "":
            yield (*pointer, odd), f"the key {odd} is not text: put it in quotes"
        if not isinstance(value, str | int | float | dict | list | None):
            yield pointer, f"{value} is a {type(value).__name__}, which JSON does not know: put it in quotes"


def _references(document: dict[str, Any]) -> Iterator[Fault]:
    for pointer, value in walk(document):
        reference = value.get("$ref") if isinstance(value, dict) else None
        if not isinstance(reference, str):
            continue
        place, target = (*pointer, "$ref"), resolve(document, value)
        if not reference.startswith("#/"):
            yield place, f"{reference} is not in this document: a reference begins with #/"
        elif target is None:
            yield place, f"{reference} refers to nothing"
        elif isinstance(target, dict) and "$ref" in target:
            yield place, f"{reference} leads back to itself"


def _operations(document: dict[str, Any]) -> Iterator[Fault]:
    """The generator names a module after each operation, and leaves out whatever it cannot read."""
    if not isinstance(paths := document.get("paths"), dict):
        yield (), "there are no paths, so there is nothing to call"
        return
    taken: dict[str, str] = {}
    for path, item in paths.items():
        for method in METHODS:
            operation = item.get(method) if isinstance(item, dict) else None
            if not isinstance(operation, dict):
                continue
            place = ("paths", path, method)
            name = operation.get("operationId")
            if not isinstance(name, str):
                yield place, "an operation needs an operationId: it names the generated module"
                continue
            if (module := re.sub(r"[^a-z0-9]", "", name.lower())) in taken:
                yield (*place, "operationId"), f"{name} is too much like the operationId of {taken[module]}"
            taken[module] = f"{method.upper()} {path}"
            if not operation.get("responses"):
                yield place, "an operation needs responses"
            yield from _placeholders(document, place)


def _version(document: dict[str, Any]) -> Iterator[Fault]:
    info = document["info"]
    if not VERSION.fullmatch(str(info["version"])):
        yield ("info", "version"), f"the version is three numbers, such as 1.2.3, and {info['version']} is none"
    rebuild = info.get(REBUILD, 1)
    if type(rebuild) is not int or rebuild < 1:
        yield ("info", REBUILD), f"a rebuild is counted from 1, and {rebuild} is no such number"


def _placeholders(document: dict[str, Any], place: Pointer) -> Iterator[Fault]:
    lists = [at(document, (*place, "parameters")), at(document, (*place[:-1], "parameters"))]
    parameters = [resolve(document, each) for each in lists if isinstance(each, list) for each in each]
    declared = {each.get("name") for each in parameters if isinstance(each, dict) and each.get("in") == "path"}
    for name in re.findall(r"{([^}]*)}", str(place[1])):
        if name not in declared:
            yield place, f"the path has {{{name}}}, and no parameter of that name says what it is"


def _openapi(document: dict[str, Any]) -> Iterator[Fault]:
    for error in OpenAPIV31SpecValidator(document).iter_errors():
        cause = best_match([error], key=_depth) or error
        yield _place(document, error), str(cause.message).split("\n\n")[0]


def _depth(error: ValidationError) -> int:
    # best_match's own measure needs what the validator leaves out of its errors.
    return -len(error.path)


def _place(document: dict[str, Any], error: ValidationError) -> Pointer:
    """Return a place from the root: the validator's own begins at the schema in which the mistake is."""
    path = tuple(error.absolute_path)
    if not path:  # Of a default it does not say where it stands.
        defaults = (place for place, value in walk(document) if place[-1:] == ("default",) and value is error.instance)
        return next(defaults, path)
    if at(document, path) is not None:
        return path
    schemas = document.get("components", {}).get("schemas", {})
    return next((place for name in schemas if at(document, place := ("components", "schemas", name, *path))), path)


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
    for pointer, value in walk({key: document[key] for key in ("security", "paths") if key in document}):
        if pointer[-1:] != ("security",) or not isinstance(value, list) or len(pointer) not in {1, 4}:
            continue
        for index, requirement in enumerate(value):
            for name in requirement:
                if name not in known:
                    yield (*pointer, index, name), f"there is no security scheme {name}"


def _displays(document: dict[str, Any]) -> Iterator[Fault]:
    for pointer, value in walk(document):
        if isinstance(value, dict) and (name := value.get(DISPLAY)) and name not in value.get("properties", {}):
            yield (*pointer, DISPLAY), f"there is no property {name}"


def _names(document: dict[str, Any]) -> Iterator[Fault]:
    """Properties become attributes, whose names have no room for all that JSON's have."""
    for pointer, value in walk(document):
        taken: dict[tuple[str, str], Pointer] = {}
        for place in _properties(document, value, pointer) if isinstance(value, dict) else ():
            name = str(place[-1])
            # As the generator makes them: if the first are alike, it takes the second.
            attribute = PythonIdentifier(name, "field_"), PythonIdentifier(name, "field_", skip_snake_case=True)
            other = taken.setdefault(attribute, place)
            if other[-1] != name:
                yield place, f"{other[-1]} and {name} would be one attribute in Python, {attribute[0]}"


def _properties(document: dict[str, Any], schema: dict[str, Any], pointer: Pointer) -> Iterator[Pointer]:
    """Yield the places of an object's properties, with those that it has from others."""
    parts = schema.get("allOf")
    for index, each in enumerate(parts if isinstance(parts, list) else []):
        part = resolve(document, each)
        if isinstance(part, dict):
            place = parsed(each["$ref"]) if "$ref" in each else (*pointer, "allOf", index)
            yield from _properties(document, part, place)
    own = schema.get("properties")
    yield from ((*pointer, "properties", name) for name in (own if isinstance(own, dict) else {}))


# How a parameter is written where nothing is said; the client knows no other way.
STYLES = {"query": ("form", True), "cookie": ("form", True), "path": ("simple", False), "header": ("simple", False)}


def _unsupported(document: dict[str, Any]) -> Iterator[Fault]:
    """What is valid and the client would get wrong, so that it is refused and not dropped."""
    schemes = document.get("components", {}).get("securitySchemes", {})
    shared = document.get("components", {}).get("parameters", {})
    places = [*walk(document.get("paths", {}), ("paths",)), *walk(shared, ("components", "parameters"))]
    for pointer, value in places:
        if not isinstance(value, dict):
            continue
        if value.get("in") in STYLES and "name" in value:
            if "content" in value:
                yield pointer, "the client writes parameters by a schema, not in a media type"
            style, explode = STYLES[value["in"]]
            if value.get("style", style) != style or value.get("explode", explode) != explode:
                yield pointer, "the client writes parameters in the default style alone"
        if len(pointer) in {2, 3} and "servers" in value:
            yield (*pointer, "servers"), "the client knows the document's servers alone"
    for name, scheme in schemes.items():
        if (scheme.get("type"), str(scheme.get("scheme")).lower()) != ("http", "bearer"):
            yield ("components", "securitySchemes", name), "the client sends bearer tokens alone (RFC 6750)"
