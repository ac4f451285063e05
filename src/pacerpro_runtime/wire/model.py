"""What all generated models have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any, Self, SupportsIndex

import attrs

from pacerpro_runtime.types import refuse_pickling

from .decode import decode
from .encode import encode_model, fields
from .json_types import is_array, is_object


def masked(value: object) -> str:
    """The repr of a secret."""
    return "***" if value else repr(value)


@attrs.define
class Model:
    """An object of the contract. It keeps properties that the contract does not name in ``additional_properties``."""

    def to_dict(self) -> dict[str, Any]:
        """Return the object as JSON knows it. Secrets are in it: do not log it."""
        return encode_model(self)

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        """Make the object from what JSON was parsed to.

        Raises:
            ValueError: The contract does not allow it. The message says where, and does not show the value.
        """
        model: Self = decode(cls, dict(src_dict))
        return model

    def __copy__(self) -> Self:
        return self._copied(lambda value: value)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self._copied(lambda value: deepcopy(value, memo))

    def _copied(self, copied: Callable[[Any], Any]) -> Self:
        copy = object.__new__(type(self))
        for field in fields(self):
            object.__setattr__(copy, field.name, copied(getattr(self, field.name)))
        return copy

    def __reduce_ex__(self, protocol: SupportsIndex) -> str | tuple[Any, ...]:
        if secrets := ", ".join(field.name for field in fields(self) if field.repr is masked):
            refuse_pickling(type(self).__name__, f"pass {secrets} on by a way that you trust, such as to_dict()")
        return super().__reduce_ex__(protocol)


def secrets_of(value: object, *, marked: bool = False) -> list[str]:
    """Return the texts that the contract marks as secret, in a value and in all that it holds."""
    if isinstance(value, str):
        return [value] if marked and value else []
    if isinstance(value, Model):
        inner = [(getattr(value, field.name), marked or field.repr is masked) for field in fields(value)]
    elif is_object(value):
        inner = [(each, marked) for each in value.values()]
    elif is_array(value):
        inner = [(each, marked) for each in value]
    else:
        return []
    return [secret for each, is_marked in inner for secret in secrets_of(each, marked=is_marked)]
