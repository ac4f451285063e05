"""Turn the values that a caller passes into what travels: JSON, parameters and the parts of a multipart body."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from enum import Enum
from typing import Any
from urllib.parse import quote_plus
from uuid import UUID

import attrs

from pacerpro_runtime.operation import Encoding
from pacerpro_runtime.types import UNSET, File, FileTypes, Source

from .decode import json_name
from .json_types import is_array, is_object, is_sequence

_USUAL = Encoding()


def properties_of(model: Any) -> dict[str, Any]:
    """Return the properties of a model by their names in JSON, without those that are unset."""
    if is_object(model):
        return model
    own = {json_name(each): getattr(model, each.name) for each in attrs.fields(model.__class__) if each.init}
    own = {name: value for name, value in own.items() if value is not UNSET}
    return {**own, **getattr(model, "additional_properties", {}), **own}


def encode(value: Any) -> Any:
    """Return the value as ``json.dumps`` takes it. A date-time without a zone is taken as UTC, as in a response."""
    if hasattr(value, "__attrs_attrs__") and not isinstance(value, File):
        return encode(properties_of(value))
    if is_sequence(value):
        return [encode(each) for each in value]
    if is_object(value):
        return {key: encode(each) for key, each in value.items()}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime.datetime):
        return (value if value.tzinfo else value.replace(tzinfo=datetime.UTC)).isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


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
