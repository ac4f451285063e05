"""Contracts as a server reads them: data made from their schemas, and what of it has to stand on the wire.

The data comes from schemathesis, which shares no code with the generator or the runtime. Each operation becomes a
schema for one object: its arguments, and the body of each documented success.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, unquote_plus

import httpx
import schemathesis
import yaml
from hypothesis.strategies import SearchStrategy

from .readings import parts, same

CONTRACTS = Path(__file__).with_name("contracts")
NAMES = sorted(file.stem for file in CONTRACTS.glob("*.yaml"))
FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
METHODS = ("get", "put", "post", "patch", "delete", "head")
# What a string may hold: an empty segment makes another path, and in a header, in ASCII, a comma parts values.
SAFE = {"path": "^[a-z0-9 é/%:]{1,9}[a-z]$", "header": "^[!-+.-~]{1,20}$", "cookie": "^[a-z0-9]{1,20}$"}


@dataclass(frozen=True)
class Called:
    """An operation of a contract, with its references resolved where a test looks at them."""

    contract: str
    path: str
    method: str
    parameters: tuple[dict[str, Any], ...]
    body: tuple[str, dict[str, Any]] | None
    answers: dict[str, tuple[str, dict[str, Any]]]

    def __str__(self) -> str:
        return f"{self.contract} {self.method.upper()} {self.path}"


def document(name: str) -> dict[str, Any]:
    """Return a contract."""
    return yaml.load((CONTRACTS / f"{name}.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)


def operations(name: str) -> Iterator[Called]:
    """Yield the operations of a contract."""
    whole = document(name)
    for path, item in whole["paths"].items():
        for method in METHODS:
            if method in item:
                yield _called(whole, name, path, method)


def _called(whole: dict[str, Any], name: str, path: str, method: str) -> Called:
    item = whole["paths"][path]
    found = [resolve(whole, each) for each in (*item.get("parameters", ()), *item[method].get("parameters", ()))]
    body = resolve(whole, item[method].get("requestBody"))
    answers = {status: _media(resolve(whole, each)) for status, each in item[method]["responses"].items()}
    # Of failures those in JSON, of ranges one of their statuses.
    kept = {status: each for status, each in answers.items() if status.startswith("2") or is_json(each[0])}
    return Called(
        name,
        path,
        method,
        tuple(found),
        _media(body) if body else None,
        {status.replace("XX", "18").replace("default", "418"): each for status, each in kept.items()},
    )


def _media(value: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the first media type and its whole entry; nothing, if there is none."""
    return next(iter(value.get("content", {}).items()), ("", {}))


def resolve(whole: dict[str, Any], value: Any) -> Any:
    """Return what a reference stands for."""
    while isinstance(value, dict) and "$ref" in value:
        target: Any = whole
        for key in value["$ref"].removeprefix("#/").split("/"):
            target = target[key.replace("~1", "/").replace("~0", "~")]
        value = target
    return value


def strategies(name: str) -> dict[str, SearchStrategy[Any]]:
    """Return for each operation the strategy of its arguments and of its answers, by the operation's text."""
    whole = document(name)
    schemas = with_heirs(whole["components"]["schemas"]).items()
    made: dict[str, Any] = {
        **{key: whole[key] for key in ("openapi", "info", "servers")},
        "paths": {},
        "components": {"schemas": {f"{way}{key}": one_way(schema, way) for key, schema in schemas for way in WAYS}},
    }
    called = list(operations(name))
    for number, each in enumerate(called):
        schema = closed({"request": _arguments(whole, each), "answers": _answers(each)})
        content = {"application/json": {"schema": schema}}
        body = {"required": True, "content": content}
        made["paths"][f"/{number}"] = {"post": {"requestBody": body, "responses": {"200": {"description": "It."}}}}
    loaded = schemathesis.openapi.from_dict(made)
    return {str(each): loaded[f"/{number}"]["POST"].as_strategy() for number, each in enumerate(called)}


def with_heirs(schemas: dict[str, Any]) -> dict[str, Any]:
    """Return schemas in which each base with a discriminator stands for its heirs; ``NameBase`` is the base itself."""
    found = deepcopy(schemas)
    for name, schema in schemas.items():
        if "discriminator" in schema and not schema.keys() & {"oneOf", "anyOf"}:
            base = {"$ref": f"#/components/schemas/{name}"}
            heirs = [heir for heir, each in schemas.items() if base in each.get("allOf", ())]
            for heir in heirs:
                found[heir]["allOf"] = [{"$ref": f"{base['$ref']}Base"}, *found[heir]["allOf"][1:]]
            found[f"{name}Base"] = schema
            found[name] = {"oneOf": [{"$ref": f"#/components/schemas/{heir}"} for heir in heirs]}
    return found


WAYS = {"Request": "readOnly", "Answer": "writeOnly"}


def one_way(schema: Any, way: str) -> Any:
    """Return a schema as it is for requests or for answers: without the properties that go the other way alone.

    Arrays and objects are kept small, so that thousands of them are made in seconds.
    """
    if isinstance(schema, list):
        return [one_way(each, way) for each in schema]
    if not isinstance(schema, dict):
        return schema
    properties = {
        key: one_way(each, way) for key, each in schema.get("properties", {}).items() if WAYS[way] not in each
    }
    result = {key: one_way(each, way) for key, each in schema.items() if key not in {*WAYS.values(), "properties"}}
    if isinstance(schema.get("$ref"), str):
        result["$ref"] = schema["$ref"].replace("#/components/schemas/", f"#/components/schemas/{way}")
    if "properties" in schema:
        gone = schema["properties"].keys() - properties
        result["properties"] = properties
        result["required"] = [key for key in schema.get("required", ()) if key not in gone]
    if schema.get("format") == "password":  # No other text may be alike: secrets are masked in what errors say.
        result["pattern"] = "^pw-[A-Z]{9}$"
    if schema.get("type") == "array" and "prefixItems" not in schema:
        result.setdefault("maxItems", max(2, schema.get("minItems", 0)))
    if schema.get("type") == "object":
        result.setdefault("maxProperties", len(properties) + 4 if properties else 2)
    return result


def closed(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    """Return the schema of an object with these properties and no other."""
    names = sorted(properties) if required is None else required
    return {"type": "object", "properties": properties, "required": names, "additionalProperties": False}


def _arguments(whole: dict[str, Any], called: Called) -> dict[str, Any]:
    found: dict[str, Any] = {}
    required: list[str] = []
    for parameter in called.parameters:
        key = f"{parameter['in']} {parameter['name']}"
        schema = parameter["schema"] if "schema" in parameter else next(iter(parameter["content"].values()))["schema"]
        found[key] = one_way(_bounded(resolve(whole, schema), parameter["in"]), "Request")
        required += [key] if parameter.get("required") else []
    if called.body:
        media_type, media = called.body
        schema = body_schema(media_type, media)
        if media_type in FORMS:  # What the schema does not name may be an object, which has no place in a form.
            schema = {**resolve(whole, schema), "additionalProperties": False}
        found["body"] = one_way(schema, "Request")
        required.append("body")
    return closed(found, required)


def _bounded(schema: dict[str, Any], place: str) -> dict[str, Any]:
    schema = deepcopy(schema)
    if schema.get("type") == "object":
        schema.setdefault("additionalProperties", False)
    if schema.get("type") == "array":
        schema.setdefault("minItems", 1)
        schema["items"] = _bounded(schema["items"], place)
    if schema.get("type") == "string" and place in SAFE and not schema.keys() & {"enum", "format", "pattern", "const"}:
        schema["pattern"] = SAFE[place]
    return schema


def _answers(called: Called) -> dict[str, Any]:
    """Return the schema of the answers by their statuses: of all successes, and of some failures."""
    found = {status: one_way(body_schema(*media), "Answer") for status, media in called.answers.items()}
    return closed(found, [status for status in found if status < "4"])


def is_json(media_type: str) -> bool:
    """Tell whether a media type is JSON."""
    return media_type.partition(";")[0].endswith(("/json", "+json"))


def body_schema(media_type: str, media: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a body: bytes are texts of one byte for each character."""
    if not media_type:
        return {"type": "null"}
    schema = media.get("schema", {})
    if is_json(media_type) or media_type in FORMS:
        return schema
    return schema if schema.get("type") == "integer" else {"type": "string"}


def unlike(called: Called, request: httpx.Request, arguments: dict[str, Any]) -> str:
    """Return what in a request is not as the contract and the arguments say; nothing, if all is."""
    template = re.sub(r"\\{(.+?)\\}", "([^/]*)", re.escape(called.path))
    path, _, query = request.url.raw_path.decode().partition("?")
    found = re.search(f"{template}$", path)
    if request.method != called.method.upper() or not found:
        return f"{request.method} {path}"
    segments = dict(zip(re.findall(r"{(.+?)}", called.path), found.groups(), strict=True))
    raw = [pair.partition("=")[::2] for pair in query.split("&") if pair]
    cookies = dict(pair.split("=", 1) for pair in request.headers.get("Cookie", "").split("; ") if pair)
    known: set[str] = set()
    for parameter in called.parameters:
        name, place = parameter["name"], parameter["in"]
        value = arguments.get(f"{place} {name}")
        if place == "query":
            names = set(value) if isinstance(value, dict) and "schema" in parameter else {name}
            known |= names
            sent = [(unquote_plus(key), text) for key, text in raw if unquote_plus(key) in names]
        else:
            texts = {"path": segments, "header": request.headers, "cookie": cookies}[place]
            sent = [(name, texts[name])] if name in texts else []
        if not _fits(parameter, value, sent):
            return f"{place} {name}: {value!r} is sent as {sent}"
    if strange := {unquote_plus(key) for key, _ in raw} - known:
        return f"nobody knows {strange}"
    return _unlike_body(called, request, arguments)


def _fits(parameter: dict[str, Any], value: Any, sent: list[tuple[str, str]]) -> bool:
    """Tell whether a parameter is sent as the contract says (OpenAPI 3.1, section 4.8.12.2)."""
    name, place = parameter["name"], parameter["in"]
    default = parameter.get("schema", {}).get("default")
    if value is None:  # A default may be sent or left out.
        return not sent or default is not None or "$ref" in parameter.get("schema", {})
    read = unquote_plus if place == "query" else unquote if place == "path" else str
    if "content" in parameter:
        return len(sent) == 1 and same(json.loads(read(sent[0][1])), value)
    if isinstance(value, dict):
        wanted = [(key, each) for key, elements in value.items() for each in listed(elements) if each is not None]
    else:
        wanted = [(name, each) for each in listed(value)]
    if isinstance(value, list) and not parameter.get("explode", place in {"query", "cookie"}):
        sent = [(name, each) for _, joined in sent for each in joined.split(",")]
    return len(sent) == len(wanted) and all(
        key == unquote_plus(sent_key) and is_text_of(read(sent_text), each)
        for (sent_key, sent_text), (key, each) in zip(sent, wanted, strict=True)
    )


def listed(value: Any) -> list[Any]:
    """Return the elements of an array, or a single value as the only one."""
    return value if isinstance(value, list) else [value]


def is_text_of(text: str, value: Any) -> bool:
    """Tell whether a text is how a value stands outside of JSON."""
    return same(text if isinstance(value, str) else json.loads(text), value)


def _unlike_body(called: Called, request: httpx.Request, arguments: dict[str, Any]) -> str:
    if not called.body:
        return f"a body: {request.content!r}" if request.content else ""
    (media_type, _), value = called.body, arguments["body"]
    sent_type = request.headers.get("Content-Type", "")
    if not sent_type.startswith(media_type.replace("*", "")):
        return f"{sent_type} in place of {media_type}"
    if is_json(media_type):
        return "" if same(json.loads(request.content), value) else f"{request.content!r} in place of {value!r}"
    if media_type == "application/x-www-form-urlencoded":
        sent = dict(parse_qsl(request.content.decode(), keep_blank_values=True))
        fits = sent.keys() == value.keys() and all(
            sent[key] == ",".join(each) if isinstance(each, list) else is_text_of(sent[key], each)
            for key, each in value.items()
        )
        return "" if fits else f"{sent} in place of {value}"
    if media_type == "multipart/form-data":
        names = [part[0] for part in parts(request)]
        wanted = [key for key, each in value.items() for _ in listed(each)]
        return "" if sorted(names) == sorted(wanted) else f"parts {names} in place of {wanted}"
    return "" if request.content == value.encode() else f"{request.content!r} in place of {value!r}"
