"""What all generated models have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

import attrs

from .decode import decode
from .encode import encode
from .json_types import is_array, is_object


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
