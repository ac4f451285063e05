"""Say what the HTTP request for a call of an operation consists of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, quote_plus

from ._http import httpx
from .headers import header_text
from .operation import Operation, Parameter
from .transfer import AsyncUpload, Source, Upload
from .types import UNSET, File
from .wire.encode import each_of, encode, encode_form, encode_json, encode_parts, encode_text
from .wire.json_types import is_object

_COOKIE = re.compile(r"[!#-+\--:<-\[\]-~]*")  # RFC 6265, section 4.1.1

_JSON = re.compile(r"(application|text)/json|.*\+json|\*/\*|application/\*")
_PLACEHOLDER = re.compile(r"{([^}]*)}")

NO_ARGUMENTS: Mapping[str, Any] = MappingProxyType({})


# An extension by which a request whose body is a file says whether that can be read once more.
REPLAYABLE = "pacerpro.replayable"


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
    described = {(each.location, each.name): each for each in operation.parameters}
    segments = {name: _segment(name, _text_of(described["path", name], value)) for name, value in given["path"].items()}
    path = _PLACEHOLDER.sub(lambda found: segments[found[1]], operation.path)
    query = [pair for name, value in given["query"].items() for pair in _query(described["query", name], value)]
    headers = {
        name: header_text(name, _header(described["header", name], value)) for name, value in given["header"].items()
    }
    if cookies := [pair for name, value in given["cookie"].items() for pair in _pairs(name, value)]:
        headers["Cookie"] = "; ".join(f"{name}={_cookie(name, text)}" for name, text in cookies)
    content: dict[str, Any] = {}
    if body is not UNSET:
        content, media_type = _content(operation, body)
        headers |= media_type
    url = _parsed(base_url + path)
    return {
        "method": operation.method,
        "url": url.copy_with(query="&".join(query).encode("ascii")) if query else url,
        "headers": headers,
        **content,
    }


def build_request(http: httpx.Client | httpx.AsyncClient, parts: dict[str, Any]) -> httpx.Request:
    """Return the request of which these are the parts."""
    source: Source | None = parts.pop("source", None)
    if source is not None:
        if source.length is not None:
            parts["headers"]["Content-Length"] = str(source.length)
        parts["extensions"] = {REPLAYABLE: source.replayable}
        parts["content"] = AsyncUpload(source) if isinstance(http, httpx.AsyncClient) else Upload(source)
    return http.build_request(**parts)


def _cookie(name: str, text: str) -> str:
    if not _COOKIE.fullmatch(text):
        raise ValueError(f"{name} has characters that cannot stand in a cookie")
    return text


# The parsed URLs of the latest paths: parsing one takes as long as all else that is done for a call.
_parsed = lru_cache(maxsize=256)(httpx.URL)


def _text_of(parameter: Parameter, value: Any) -> Any:
    return encode_json(value).decode() if parameter.json else value


def _segment(name: str, value: Any) -> str:
    text = ",".join(quote(encode_text(each), safe="") for each in each_of(value))
    if text in ("", ".", ".."):  # It would name another path (RFC 3986, section 5.2.4).
        raise ValueError(f"{name} must not be {text!r}: it is a part of the path")
    return text


def _header(parameter: Parameter, value: Any) -> str:
    return ",".join(encode_text(each) for each in each_of(encode(_text_of(parameter, value))))


# Of the characters that URLs reserve, those that do not end a parameter or the query.
_RESERVED = ":/?@!$'()*,;="


def _query(parameter: Parameter, value: Any) -> list[str]:
    """Return the pairs that stand for a parameter, as they stand in the URL."""

    def escaped(text: str) -> str:
        if parameter.reserved:
            return quote(text, safe=_RESERVED, errors="surrogatepass")
        return quote_plus(text, errors="surrogatepass")

    if parameter.explode is False and not parameter.json:
        encoded = encode(value)
        flat = [each for pair in encoded.items() for each in pair] if is_object(encoded) else each_of(encoded)
        return [f"{escaped(parameter.name)}={','.join(escaped(encode_text(each)) for each in flat)}"] if flat else []
    pairs = _pairs(parameter.name, _text_of(parameter, value))
    return [f"{quote_plus(name, errors='surrogatepass')}={escaped(text)}" for name, text in pairs]


def _pairs(name: str, value: Any) -> list[tuple[str, str]]:
    """Return what stands for a parameter: an element of an array, and a property of an object, each has its own."""
    encoded = encode(value)
    if is_object(encoded):
        named = [(key, each) for key, elements in encoded.items() for each in each_of(elements)]
        return [(key, encode_text(each)) for key, each in named if each is not None]
    return [(name, encode_text(each)) for each in each_of(encoded)]


def _content(operation: Operation[Any], body: Any) -> tuple[dict[str, Any], dict[str, str]]:
    media_type = _media_type(operation, body)
    known = operation.read_as.get(media_type, media_type).partition(";")[0].strip().lower()
    if isinstance(body, File):
        given = body.mime_type if body.mime_type and "*" in media_type else media_type
        headers = {"Content-Type": "application/octet-stream" if given == "*/*" else given}
        content = {"content": body.payload} if isinstance(body.payload, bytes) else {"source": Source(body)}
        return content, headers
    if known == "application/x-www-form-urlencoded":
        return {"content": encode_form(body, operation.encoding).encode()}, {"Content-Type": media_type}
    if known == "multipart/form-data":
        return {"files": encode_parts(body, operation.encoding)}, {}
    if isinstance(body, str) and not _JSON.fullmatch(known):
        return _text(body, media_type)
    return {"content": encode_json(body)}, {"Content-Type": media_type}


def _text(body: str, media_type: str) -> tuple[dict[str, Any], dict[str, str]]:
    charset = re.search(r"charset=[\"']?([\w.:-]+)", media_type)
    if charset is None and media_type.startswith("text/"):
        media_type = f"{media_type}; charset=utf-8"
    try:
        return {"content": body.encode(charset[1] if charset else "utf-8")}, {"Content-Type": media_type}
    except UnicodeEncodeError as error:
        message = f"the body has characters that {error.encoding} does not have"
    raise ValueError(message)  # Out here: the other error holds the body.


def _media_type(operation: Operation[Any], body: Any) -> str:
    """Return the media type of a body: the first whose class it is an instance of, or else the first."""
    for media_type, type_ in operation.bodies.items():
        # `Any` is a class from Python 3.11 on, and still not one of which anything can be an instance.
        if type_ is Any or (isinstance(type_, type) and isinstance(body, type_)):
            return media_type
    return next(iter(operation.bodies))
