"""Turn the values that a caller passes into what travels: JSON, parameters and the parts of a multipart body."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from enum import Enum
from typing import Any, cast
from urllib.parse import quote_plus
from uuid import UUID

import attrs

from pacerpro_runtime.transfer import Source
from pacerpro_runtime.types import UNSET, File, FileTypes

from .decode import json_name
from .json_types import is_array, is_object


def fields(model: object) -> tuple[attrs.Attribute[Any], ...]:
    """Return the fields of a model; the library's own function is not typed for a class that is not known."""
    return cast("tuple[attrs.Attribute[Any], ...]", attrs.fields(_class(model)))


def encode(value: Any) -> Any:
    """Return the value as ``json.dumps`` takes it. A date-time without a zone is taken as UTC, as in a response."""
    if attrs.has(_class(value)) and not isinstance(value, File):
        return encode_model(value)
    if isinstance(value, list | tuple):
        return [encode(each) for each in value]
    if is_object(value):
        return {key: encode(each) for key, each in value.items()}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime.datetime):
        return (value if value.tzinfo else value.replace(tzinfo=datetime.UTC)).isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    return value


def each_of(value: Any) -> list[Any]:
    """Return the elements of an array, or a single value as the only one."""
    return list(value) if isinstance(value, list | tuple) else [value]


def encode_model(model: Any) -> dict[str, Any]:
    """Return a model's properties by their names in JSON, without those that are unset."""
    if is_object(model):
        return {key: encode(each) for key, each in model.items()}
    encoded: dict[str, Any] = {}
    for field in fields(model):
        value = getattr(model, field.name)
        if not field.init:
            encoded = {**encode(value), **encoded}
        elif value is not UNSET:
            encoded[json_name(field)] = encode(value)
    return encoded


def encode_text(value: Any) -> str:
    """Return a single value as it stands in a path, a query, a header or a form; null is empty.

    Raises:
        ValueError: It is an array or an object, which is not text.
    """
    encoded = encode(value)
    if is_array(encoded) or is_object(encoded):
        raise ValueError("an array or an object cannot stand here")
    if encoded is None:
        return ""
    return ("true" if encoded else "false") if isinstance(encoded, bool) else str(encoded)


def encode_json(value: Any) -> bytes:
    """Return a body of JSON (RFC 8259): compact, and without NaN or Infinity, which raise ``ValueError``."""
    # In ASCII no text fails to be encoded, so no error can carry the text, which may be a password.
    return json.dumps(encode(value), separators=(",", ":"), allow_nan=False, default=_refuse).encode("ascii")


def _refuse(value: object) -> None:
    raise TypeError(f"a {type(value).__name__} cannot stand in JSON")


def encode_form(model: Any, encoding: Mapping[str, Any]) -> str:
    """Return a model as an ``application/x-www-form-urlencoded`` body; an object is written as JSON."""
    pairs: list[str] = []
    for name, value in encode_model(model).items():
        how = encoding.get(name)
        if how and how.content_type and "json" in how.content_type:
            pairs.append(f"{quote_plus(name)}={quote_plus(encode_json(value))}")
        elif how and not how.explode and is_array(value):
            pairs.append(f"{quote_plus(name)}={','.join(quote_plus(encode_text(each)) for each in value)}")
        else:
            texts = [encode_json(each).decode() if is_object(each) else encode_text(each) for each in each_of(value)]
            pairs += [f"{quote_plus(name)}={quote_plus(text)}" for text in texts]
    return "&".join(pairs)


def encode_parts(model: Any, encoding: Mapping[str, Any]) -> list[tuple[str, FileTypes]]:
    """Return a model as the parts of a ``multipart/form-data`` body: an array is a part for each of its elements."""
    parts: list[tuple[str, FileTypes]] = []
    for name, value in _properties(model):
        content_type = encoding[name].content_type if name in encoding else None
        whole = content_type is not None and "json" in content_type
        parts += [(name, _part(name, each, content_type)) for each in ([value] if whole else each_of(value))]
    return parts


def _properties(model: Any) -> list[tuple[str, Any]]:
    if is_object(model):
        return list(model.items())
    own = [(json_name(each), getattr(model, each.name)) for each in fields(model) if each.init]
    more = getattr(model, "additional_properties", {})
    return [(name, value) for name, value in [*own, *more.items()] if value is not UNSET]


def _part(name: str, value: Any, content_type: str | None) -> FileTypes:
    if isinstance(value, File):
        content: Any = value.payload if isinstance(value.payload, bytes) else Source(value)
        # Without a name it would be taken for a text (RFC 7578, section 4.2).
        return value.name or name, content, value.mime_type or (content_type or "").partition(",")[0] or None
    encoded = encode(value)
    if isinstance(encoded, dict | list) or (content_type is not None and "json" in content_type):
        return None, encode_json(encoded), content_type or "application/json"
    return None, encode_text(encoded).encode(), content_type or "text/plain"


def _class(value: object) -> Any:
    return type(value)
