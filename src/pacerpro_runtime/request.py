"""Say what the HTTP request for a call of an operation consists of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from ._http import httpx
from .headers import header_text
from .operation import Operation
from .types import UNSET, File
from .wire.encode import each_of, encode, encode_form, encode_json, encode_parts, encode_text
from .wire.json_types import is_object

_COOKIE = re.compile(r"[!#-+\--:<-\[\]-~]*")  # RFC 6265, section 4.1.1

NO_ARGUMENTS: Mapping[str, Any] = MappingProxyType({})


def request_parts(
    base_url: str, operation: Operation[Any], body: Any = UNSET, arguments: Mapping[str, Any] = NO_ARGUMENTS
) -> dict[str, Any]:
    """Return the parts of a request, by the names that the HTTP library gives them.

    Raises:
        ValueError: An argument cannot travel where the contract puts it. The message does not show it.
    """
    given: dict[str, dict[str, Any]] = {"path": {}, "query": {}, "header": {}, "cookie": {}}
    for parameter in operation.parameters:
        value = arguments[parameter.argument]
        if parameter.location == "path" or (value is not UNSET and value is not None):
            given[parameter.location][parameter.name] = value
    path = operation.path.format_map({name: _segment(name, value) for name, value in given["path"].items()})
    query = [pair for name, value in given["query"].items() for pair in _pairs(name, value)]
    headers = {name: header_text(name, encode_text(value)) for name, value in given["header"].items()}
    if cookies := [pair for name, value in given["cookie"].items() for pair in _pairs(name, value)]:
        headers["Cookie"] = "; ".join(f"{name}={_cookie(name, text)}" for name, text in cookies)
    content: dict[str, Any] = {}
    if body is not UNSET:
        content, media_type = _content(operation, body)
        headers |= media_type
    return {
        "method": operation.method,
        "url": _parsed(base_url + path),
        "params": query or None,
        "headers": headers,
        **content,
    }


def _cookie(name: str, text: str) -> str:
    if not _COOKIE.fullmatch(text):
        raise ValueError(f"{name} has characters that cannot stand in a cookie")
    return text


# The parsed URLs of the latest paths: parsing one takes as long as all else that is done for a call.
_parsed = lru_cache(maxsize=256)(httpx.URL)


def _segment(name: str, value: Any) -> str:
    text = ",".join(quote(encode_text(each), safe="") for each in each_of(value))
    if text in ("", ".", ".."):  # It would name another path (RFC 3986, section 5.2.4).
        raise ValueError(f"{name} must not be {text!r}: it is a part of the path")
    return text


def _pairs(name: str, value: Any) -> list[tuple[str, str]]:
    """Return what stands for a parameter: an element of an array, and a property of an object, each has its own."""
    encoded = encode(value)
    if is_object(encoded):
        named = [(key, each) for key, elements in encoded.items() for each in each_of(elements)]
        return [(key, encode_text(each)) for key, each in named if each is not None]
    return [(name, encode_text(each)) for each in each_of(encoded)]


def _content(operation: Operation[Any], body: Any) -> tuple[dict[str, Any], dict[str, str]]:
    # `Any` is a class from Python 3.11 on, and still not one of which anything can be an instance.
    classes = ((media, object if type_ is Any else type_) for media, type_ in operation.bodies.items())
    media_type = next(
        (media for media, type_ in classes if isinstance(type_, type) and isinstance(body, type_)),
        next(iter(operation.bodies)),
    )
    if media_type == "application/x-www-form-urlencoded":
        return {"data": encode_form(body)}, {}
    if media_type == "multipart/form-data":
        return {"files": encode_parts(body)}, {}
    if isinstance(body, File):
        # Read here, because the asynchronous client takes no file, and because bytes can be sent again.
        content = body.payload if isinstance(body.payload, bytes) else body.payload.read()
        return {"content": content}, {"Content-Type": media_type}
    return {"content": encode_json(body)}, {"Content-Type": media_type}
