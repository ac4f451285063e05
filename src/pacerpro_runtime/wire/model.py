"""What all generated models have in common, and how they become JSON."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from enum import Enum
from typing import Any, ClassVar, Self
from uuid import UUID

import attrs

from pacerpro_runtime.types import UNSET, File

from .decode import decode, json_name
from .json_types import is_array, is_object, is_sequence


def masked(value: object) -> str:
    """The repr of a secret."""
    return "***" if value else repr(value)


@attrs.define
class Model:
    """An object of the contract. It keeps properties that the contract does not name in ``additional_properties``.

    Its repr masks secrets; ``to_dict``, ``attrs.asdict``, copies and pickles have them. It can change, so it cannot be
    hashed: use a property that identifies it as the key of a dict.
    """

    def to_dict(self) -> dict[str, Any]:
        """Return the object as JSON knows it. Secrets are in it: do not log it."""
        encoded: dict[str, Any] = encode(self)
        return encoded

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Make the object from what JSON was parsed to.

        Raises:
            ValueError: The contract does not allow it. The message says where, and does not show the value.
        """
        model: Self = decode(cls, dict(src_dict))
        return model


@attrs.define(kw_only=True)
class UnknownKind(Model):
    """An object of a kind that this version does not know, from a newer server; all of it is in its properties."""

    stands_for_unknown: ClassVar[bool] = True
    additional_properties: dict[str, Any] = attrs.field(init=False, factory=dict[str, Any], repr=False)


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


def secrets_of(value: object, *, marked: bool = False) -> list[str]:
    """Return the texts that the contract marks as secret, in a value and in all that it holds."""
    if isinstance(value, str):
        return [value] if marked and value else []
    if isinstance(value, Model):
        inner = [(getattr(value, field.name), marked or field.repr is masked) for field in attrs.fields(type(value))]
    elif is_object(value):
        inner = [(each, marked) for each in value.values()]
    elif is_array(value):
        inner = [(each, marked) for each in value]
    else:
        return []
    return [secret for each, is_marked in inner for secret in secrets_of(each, marked=is_marked)]
