"""What the contract states of the life of a session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pacerpro_runtime.operation import Operation
    from pacerpro_runtime.wire.model import Model


class Lifecycle(NamedTuple):
    """The operations of a session, its two models, and the names of their attributes."""

    login: Operation[Any]
    refresh: Operation[Any]  # Exchanges a valid token for a later one.
    logout: Operation[Any]  # Revokes all tokens of the user.
    credentials: type[Model]
    identity: str
    password: str
    session: type[Model]
    token: str
    expiry: str
