"""Build the HTTP request for a call of an operation."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import lru_cache, partial
from typing import Any, get_origin
from urllib.parse import quote, quote_plus

from ._http import httpx
from .operation import Encoding, Operation, Parameter
from .transports.network import header_text
from .types import UNSET, File, FileTypes, Source
from .wire.json_types import is_array, is_object, is_sequence
from .wire.model import Model, encode, properties_of

_COOKIE = re.compile(r"[!#-+\--:<-\[\]-~]*")  # RFC 6265, section 4.1.1
_JSON = re.compile(r"(application|text)/json|.*\+json")
_PLACEHOLDER = re.compile(r"{([^}]*)}")
_USUAL = Encoding()
_escaped = partial(quote_plus, errors="surrogatepass")
# Of the characters that URLs reserve, those that do not end a parameter or the query are left.
_without_reserved = partial(quote, safe=":/?@!$'()*,;=", errors="surrogatepass")

# The parsed URLs of the latest paths: parsing one takes as long as all else that is done for a call.
_parsed = lru_cache(maxsize=256)(httpx.URL)


def as_model(operation: Operation[Any], body: Any) -> Any:
    """Return a body that is given as a dict as the model that it stands for: the model knows what is secret."""
    if is_object(body):
        for each in operation.bodies.values():
            if isinstance(each, type) and issubclass(each, Model):
                return each.from_dict(body)
    return body


def build_request(
    http: Any, base_url: str, operation: Operation[Any], body: Any, arguments: Mapping[str, Any]
) -> httpx.Request:
    """Return the request for a call."""
    segments: dict[str, str] = {}
    headers: dict[str, str] = {}
    query: list[str] = []
    cookies: list[str] = []
    for parameter in operation.parameters:
        name, value = parameter.name, arguments[parameter.argument]
        encoded = encode_json(value).decode() if parameter.json else encode(value)
        if parameter.location == "path":
            segments[name] = _segment(name, encoded)
        elif value is UNSET or value is None:
            continue
        elif parameter.location == "query":
            query += _query(parameter, encoded)
        elif parameter.location == "header":
            headers[name] = header_text(name, ",".join(encode_text(each) for each in each_of(encoded)))
        else:
            cookies += [_cookie(key, text) for key, text in _pairs(name, encoded)]
    if cookies:
        headers["Cookie"] = "; ".join(cookies)
    url = _parsed(base_url + _PLACEHOLDER.sub(lambda found: segments[found[1]], operation.path))
    if query:
        url = url.copy_with(query="&".join(query).encode("ascii"))
    content = {} if body is UNSET else _content(operation, body, headers)
    source = content.get("content")
    if isinstance(source, Source):
        content = {"content": iter(())}
    request: httpx.Request = http.build_request(operation.method, url, headers=headers, **content)
    if isinstance(source, Source):
        request.stream = source  # The HTTP library would open it already, and for one kind of client alone.
    return request


def _segment(name: str, encoded: Any) -> str:
    text = ",".join(quote(encode_text(each), safe="") for each in each_of(encoded))
    if text in ("", ".", ".."):  # It would name another path (RFC 3986, section 5.2.4).
        raise ValueError(f"{name} must not be {text!r}: it is a part of the path")
    return text


def _cookie(name: str, text: str) -> str:
    if not _COOKIE.fullmatch(text):
        raise ValueError(f"{name} has characters that cannot stand in a cookie")
    return f"{name}={text}"


def _query(parameter: Parameter, encoded: Any) -> list[str]:
    """Return the pairs that stand for a parameter, as they stand in the URL."""
    escaped = _without_reserved if parameter.reserved else _escaped
    if parameter.explode is False and not parameter.json:
        flat = [each for pair in encoded.items() for each in pair] if is_object(encoded) else each_of(encoded)
        return [f"{escaped(parameter.name)}={','.join(escaped(encode_text(each)) for each in flat)}"] if flat else []
    return [f"{_escaped(name)}={escaped(text)}" for name, text in _pairs(parameter.name, encoded)]


def _pairs(name: str, encoded: Any) -> list[tuple[str, str]]:
    """Return what stands for a parameter: a pair for each element of an array, and for each property of an object."""
    if is_object(encoded):
        named = [(key, each) for key, elements in encoded.items() for each in each_of(elements)]
        return [(key, encode_text(each)) for key, each in named if each is not None]
    return [(name, encode_text(each)) for each in each_of(encoded)]


def _content(operation: Operation[Any], body: Any, headers: dict[str, str]) -> dict[str, Any]:
    """Return the part of a request that is its body, and add its media type to the headers."""
    media_type = _media_type(operation, body)
    known = _known_as(operation, media_type)
    in_range = "*" in media_type  # The header names one media type (RFC 9110, section 8.3).
    if isinstance(body, File):
        headers["Content-Type"] = (body.mime_type or "application/octet-stream") if in_range else media_type
        source = body.payload if isinstance(body.payload, bytes) else Source(body)
        if isinstance(source, Source) and source.length is not None:
            headers["Content-Length"] = str(source.length)
        return {"content": source}
    if known == "multipart/form-data":
        return {"files": encode_parts(body, operation.encoding)}
    if known == "application/x-www-form-urlencoded":
        content = encode_form(body, operation.encoding).encode()
    elif isinstance(body, str) and operation.bodies[media_type] is str and not _JSON.fullmatch(known):
        if in_range:
            media_type = "text/plain" if fnmatchcase("text/plain", media_type) else "application/octet-stream"
        charset = re.search(r"charset=[\"']?([\w.:-]+)", media_type)
        if charset is None and media_type.startswith("text/"):
            media_type = f"{media_type}; charset=utf-8"
        content = body.encode(charset[1] if charset else "utf-8")
    else:
        media_type = "application/json" if in_range else media_type
        content = encode_json(body)
    headers["Content-Type"] = media_type
    return {"content": content}


def _known_as(operation: Operation[Any], media_type: str) -> str:
    return operation.read_as.get(media_type, media_type).partition(";")[0].strip().lower()


def _media_type(operation: Operation[Any], body: Any) -> str:
    """Return the media type of a body: what a file says, else the first of its class, else JSON, else the first."""
    bodies = operation.bodies
    if len(bodies) == 1:
        return next(iter(bodies))
    # `Any` is a class from Python 3.11 on, and still not one of which anything can be an instance.
    classes = {media_type: get_origin(type_) or type_ for media_type, type_ in bodies.items() if type_ is not Any}
    fitting = [each for each, class_ in classes.items() if isinstance(class_, type) and isinstance(body, class_)]
    fitting.sort(key=lambda each: classes[each] is not type(body))  # An enum of strings is a string too.
    said = body.mime_type if isinstance(body, File) else None
    same = [each for each in fitting if said and fnmatchcase(said.lower(), each.lower())]
    in_json = [each for each in bodies if _JSON.fullmatch(_known_as(operation, each))]
    return next(iter([*same, *fitting, *in_json, *bodies]))


def each_of(value: Any) -> list[Any]:
    """Return the elements of an array, or a single value as the only one."""
    return list(value) if is_sequence(value) else [value]


def encode_text(value: Any) -> str:
    """Return a single value as it stands in a path, a query, a header or a form; null is empty."""
    encoded = encode(value)
    if is_array(encoded) or is_object(encoded):
        raise ValueError("an array or an object cannot stand here")
    if encoded is None:
        return ""
    return str(encoded).lower() if isinstance(encoded, bool) else str(encoded)


def encode_json(value: Any) -> bytes:
    """Return a body of JSON (RFC 8259): compact, and without NaN or Infinity, which raise ``ValueError``."""
    # In ASCII no text fails to be encoded, so no error can carry the text, which may be a password.
    return json.dumps(encode(value), separators=(",", ":"), allow_nan=False).encode("ascii")


def encode_form(model: Any, encoding: Mapping[str, Encoding]) -> str:
    """Return a model as an ``application/x-www-form-urlencoded`` body; an object is written as JSON."""
    pairs: list[str] = []
    for name, value in encode(properties_of(model)).items():
        how = encoding.get(name, _USUAL)
        whole = "json" in how.content_type
        elements = [value] if whole else each_of(value)
        texts = [quote_plus(encode_json(each) if whole or is_object(each) else encode_text(each)) for each in elements]
        texts = texts if how.explode or not is_array(value) else [",".join(texts)]
        pairs += [f"{quote_plus(name)}={text}" for text in texts]
    return "&".join(pairs)


def encode_parts(model: Any, encoding: Mapping[str, Encoding]) -> list[tuple[str, FileTypes]]:
    """Return a model as the parts of a ``multipart/form-data`` body: an array is a part for each of its elements."""
    parts: list[tuple[str, FileTypes]] = []
    for name, value in properties_of(model).items():
        content_type = encoding.get(name, _USUAL).content_type
        elements = [value] if "json" in content_type else each_of(value)
        parts += [(name, _part(name, each, content_type)) for each in elements]
    return parts


def _part(name: str, value: Any, content_type: str) -> FileTypes:
    if isinstance(value, File):
        content: Any = value.payload if isinstance(value.payload, bytes) else Source(value)
        # Without a name it would be taken for a text (RFC 7578, section 4.2).
        return value.name or name, content, value.mime_type or content_type.partition(",")[0] or None
    encoded = encode(value)
    if is_array(encoded) or is_object(encoded) or "json" in content_type:
        return None, encode_json(encoded), content_type or "application/json"
    return None, encode_text(encoded).encode(), content_type or "text/plain"
