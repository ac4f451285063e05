"""Turn the values that a caller passes into what travels: JSON, parameters and the parts of a multipart body."""

from __future__ import annotations

import datetime
import json
from enum import Enum
from typing import Any, cast
from uuid import UUID

import attrs

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
    if is_array(value):
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
    return value if is_array(value) else [value]


def encode_model(model: Any) -> dict[str, Any]:
    """Return a model's properties by their names in JSON, without those that are unset."""
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
    return json.dumps(encode(value), separators=(",", ":"), allow_nan=False).encode("ascii")


def encode_form(model: Any) -> dict[str, list[str]]:
    """Return a model as the fields of an ``application/x-www-form-urlencoded`` body; an object is written as JSON."""
    return {
        name: [encode_json(each).decode() if is_object(each) else encode_text(each) for each in each_of(value)]
        for name, value in encode_model(model).items()
    }


def encode_parts(model: Any) -> list[tuple[str, FileTypes]]:
    """Return a model as the parts of a ``multipart/form-data`` body: an array is a part for each of its elements."""
    return [(name, _part(element)) for name, value in _properties(model) for element in each_of(value)]


def _properties(model: Any) -> list[tuple[str, Any]]:
    own = [(json_name(each), getattr(model, each.name)) for each in fields(model) if each.init]
    more = getattr(model, "additional_properties", {})
    return [(name, value) for name, value in [*own, *more.items()] if value is not UNSET]


def _part(value: Any) -> FileTypes:
    if isinstance(value, File):
        return value.to_tuple()
    encoded = encode(value)
    if isinstance(encoded, dict | list):
        return None, encode_json(encoded), "application/json"
    return None, encode_text(encoded).encode(), "text/plain"


def _class(value: object) -> Any:
    return type(value)
