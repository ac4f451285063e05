"""Say what the HTTP request for a call of an operation consists of."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from .encode import each_of, encode_form, encode_json, encode_parts, encode_text
from .operation import Operation
from .types import UNSET, File

NO_ARGUMENTS: Mapping[str, Any] = MappingProxyType({})


def request_parts(
    base_url: str, operation: Operation[Any], body: Any = UNSET, arguments: Mapping[str, Any] = NO_ARGUMENTS
) -> dict[str, Any]:
    """Return the parts of a request, by the names that the HTTP library gives them.

    Raises:
        ValueError: An argument cannot travel where the contract puts it.
    """
    given: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}, "cookie": {}}
    for parameter in operation.parameters:
        value = arguments[parameter.argument]
        if value is not UNSET and value is not None:
            given[parameter.location][parameter.name] = value
    path = operation.path.format_map({name: _segment(name, value) for name, value in given["path"].items()})
    query: list[tuple[str, str | int | float | bool | None]] = [
        (name, encode_text(each)) for name, value in given["query"].items() for each in each_of(value)
    ]
    headers = {name: encode_text(value) for name, value in given["header"].items()}
    if given["cookie"]:
        headers["Cookie"] = "; ".join(f"{name}={encode_text(value)}" for name, value in given["cookie"].items())
    content: dict[str, Any] = {}
    if body is not UNSET:
        content, media_type = _content(operation, body)
        headers |= media_type
    url = base_url + path
    return {"method": operation.method, "url": url, "params": query or None, "headers": headers, **content}


def _segment(name: str, value: Any) -> str:
    text = encode_text(value)
    if text in ("", ".", ".."):  # It would name another path (RFC 3986, section 5.2.4).
        raise ValueError(f"{name} must not be {text!r}: it is a part of the path")
    return quote(text, safe="")


def _content(operation: Operation[Any], body: Any) -> tuple[dict[str, Any], dict[str, str]]:
    media_type = next(
        (media for media, type_ in operation.bodies.items() if isinstance(type_, type) and isinstance(body, type_)),
        next(iter(operation.bodies)),
    )
    if media_type == "application/x-www-form-urlencoded":
        return {"data": encode_form(body)}, {}
    if media_type == "multipart/form-data":
        return {"files": encode_parts(body)}, {}
    if isinstance(body, File):
        return {"content": body.payload}, {"Content-Type": media_type}
    return {"content": encode_json(body)}, {"Content-Type": media_type}
