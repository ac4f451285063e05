"""What the contract says of the life of a session, as its extension on the security scheme states it."""

from __future__ import annotations

from typing import Any

from attrs import define

from pacerpro_runtime.operation import Operation
from pacerpro_runtime.wire.model import Model


@define(frozen=True)
class Lifecycle:
    """What the contract says of the life of a session.

    Attributes:
        login: The operation that takes the credentials.
        refresh: The operation that exchanges a valid token for a later one.
        logout: The operation that revokes all of a user's tokens.
        credentials: The model that logs in.
        identity: Its attribute that identifies the user.
        password: Its attribute that is the password.
        session: The model that the server answers.
        token: Its attribute that is the token.
        expiry: Its attribute that is the end of the token's life.
    """

    login: Operation[Any]
    refresh: Operation[Any]
    logout: Operation[Any]
    credentials: type[Model]
    identity: str
    password: str
    session: type[Model]
    token: str
    expiry: str
