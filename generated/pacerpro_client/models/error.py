# Made from openapi.yaml by `make generate`. Do not edit: change the contract or a template.
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import define, field
from pacerpro_runtime.wire.model import Model

from ..types import UNSET, MaybeNull, OpenEnum

if TYPE_CHECKING:
    from ..models.error_type import ErrorType


@define(kw_only=True)
class Error(Model):
    """What went wrong.

    Attributes:
        error: What went wrong, for a person to read. For example ``Token invalid or expired``.
        message: An alias of `error`. Errors of the gateway have this property only. For example ``Token invalid or
            expired``.
        status: The HTTP status code of the response. For example ``401``.
        type_: How a user interface should present the message. ``type`` in the contract; for example ``error``.
    """

    error: MaybeNull[str] = UNSET
    """What went wrong, for a person to read. For example ``Token invalid or expired``."""
    message: MaybeNull[str] = UNSET
    """An alias of `error`. Errors of the gateway have this property only. For example ``Token invalid or expired``."""
    status: MaybeNull[int] = UNSET
    """The HTTP status code of the response. For example ``401``."""
    type_: MaybeNull[OpenEnum[ErrorType, str]] = field(default=UNSET, metadata={"name": "type"})
    """How a user interface should present the message. ``type`` in the contract; for example ``error``."""
    additional_properties: dict[str, Any] = field(init=False, factory=dict[str, Any], repr=False)

    def __str__(self) -> str:
        return str(self.message) if self.message else repr(self)
