"""Find the parts of an OpenAPI document, and not what only looks like one, such as data in an example."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from generator.json_pointer import Pointer, at, parsed

COMPONENTS: Final[Pointer] = ("components", "schemas")
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

# What each kind of object holds: `kind` for one, `[kind]` for a list, `{kind}` for a map (OpenAPI 3.1.1, section 4.8).
_SCHEMAS = ("items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames")
_SCHEMA_MAPS = ("properties", "patternProperties", "$defs", "dependentSchemas")
_SCHEMA_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_PARAMETER = {"schema": "schema", "content": "{media}", "examples": "{example}"}
PARTS: dict[str, dict[str, str]] = {
    "document": {"paths": "{path}", "webhooks": "{path}", "components": "components"},
    "components": {
        "schemas": "{schema}",
        "responses": "{response}",
        "parameters": "{parameter}",
        "requestBodies": "{body}",
        "headers": "{header}",
        "examples": "{example}",
        "links": "{link}",
        "callbacks": "{callback}",
        "pathItems": "{path}",
        "securitySchemes": "{scheme}",
    },
    "path": {"parameters": "[parameter]", **dict.fromkeys(METHODS, "operation")},
    "operation": {
        "parameters": "[parameter]",
        "requestBody": "body",
        "responses": "{response}",
        "callbacks": "{callback}",
    },
    "parameter": _PARAMETER,
    "header": _PARAMETER,
    "body": {"content": "{media}"},
    "response": {"headers": "{header}", "content": "{media}", "links": "{link}"},
    "media": {"schema": "schema", "encoding": "{encoding}", "examples": "{example}"},
    "encoding": {"headers": "{header}"},
    "schema": {
        **dict.fromkeys((*_SCHEMAS, "unevaluatedItems", "unevaluatedProperties", "contentSchema"), "schema"),
        **dict.fromkeys(_SCHEMA_MAPS, "{schema}"),
        **dict.fromkeys(_SCHEMA_LISTS, "[schema]"),
    },
}


def parts(value: Any, kind: str = "document", pointer: Pointer = ()) -> Iterator[tuple[Pointer, str, Any]]:
    """Yield each OpenAPI object of a document with its place and its kind, from the outside in."""
    yield pointer, kind, value
    if not isinstance(value, dict):
        return
    if kind == "callback":
        yield from _held(value, "{path}", pointer)
    for key, inner in PARTS.get(kind, {}).items():
        if key in value:
            yield from _held(value[key], inner, (*pointer, key))


def _held(value: Any, kind: str, pointer: Pointer) -> Iterator[tuple[Pointer, str, Any]]:
    if kind.startswith("{"):
        for key, each in value.items() if isinstance(value, dict) else ():
            if not (kind in {"{path}", "{response}"} and str(key).startswith("x-")):
                yield from parts(each, kind[1:-1], (*pointer, key))
    elif kind.startswith("["):
        for index, each in enumerate(value if isinstance(value, list) else ()):
            yield from parts(each, kind[1:-1], (*pointer, index))
    else:
        yield from parts(value, kind, pointer)


def path_items(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Pointer]]]:
    """Yield each path with the places of what describes it, in its own item or in the one that this refers to."""
    for path in document["paths"]:
        held: dict[str, Pointer] = {}
        place: Pointer = ("paths", path)
        seen = set[Pointer]()
        while isinstance(item := at(document, place), dict) and place not in seen and not path.startswith("x-"):
            held = {key: (*place, key) for key in item} | held
            seen.add(place)
            place = parsed(str(item.get("$ref", "")))
        yield path, held


def leads_to(start: Pointer, end: Pointer, graph: Mapping[Pointer, Iterable[Pointer]]) -> bool:
    """Tell whether a path of one step or more leads from one place to another."""
    seen, open_ = set[Pointer](), [start]
    while open_:
        for each in graph.get(open_.pop(), ()):
            if each == end:
                return True
            if each not in seen:
                seen.add(each)
                open_.append(each)
    return False
