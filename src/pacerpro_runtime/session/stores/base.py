"""The protocol of a store of sessions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Protocol

from attrs import define, field

from pacerpro_runtime.errors import PacerProError

LOCK_SECONDS: Final = 8.0
"""How long, in seconds, a holder of a store's lock can block others."""


class StoreError(PacerProError):
    """A store cannot be used. The message says what to do."""


class SeveralUsersError(StoreError):
    """A store holds the sessions of several users, and no email says which to use."""


@define(frozen=True)
class Stored:
    """A session that a store holds.

    Attributes:
        email: The user's address.
        session: The session as a JSON object. It holds the token.
        life: The seconds until it expires, or None if that is not known.
    """

    email: str
    session: Mapping[str, Any] = field(repr=False)
    life: float | None = None


class TokenStore(Protocol):
    """Keeps sessions, one for each origin and user.

    All methods are short calls: they must give up within a few seconds. Any thread can call them. After an exception
    the session goes on without the store.
    """

    def load(self, origin: str, email: str | None) -> Stored | None:
        """Return a user's session, or None if there is none. Without an email, return that of the only user.

        Raises:
            StoreError: The store cannot be read.
            SeveralUsersError: There is no email, and there are several users.
        """
        ...

    def save(self, origin: str, email: str, session: Mapping[str, Any], life: float | None) -> None:
        """Replace a user's session by one that expires in ``life`` seconds."""
        ...

    def clear(self, origin: str, email: str) -> None:
        """Forget a user's session, if there is one."""
        ...

    def lock(self, origin: str, email: str) -> Callable[[], object] | None:
        """Try to take the lock on a user's session, without waiting.

        Returns:
            A function that frees the lock, which any thread can call; None if another process holds the lock. The lock
            of a killed process must be free after :data:`LOCK_SECONDS`.
        """
        ...


def only(found: Iterable[Stored]) -> Stored | None:
    """Return the session of the only user, or raise SeveralUsersError if several users have a living session."""
    every = list(found)
    living = [each for each in every if each.life is None or each.life > 0] or every
    if len(living) > 1:
        raise SeveralUsersError(f"the store holds sessions of {len(living)} users: say which with email=")
    return living[0] if living else None


def state_path(name: str) -> Path:
    """Return the path of a file in the folder that the platform has for a program's state."""
    from platformdirs import user_state_path  # noqa: PLC0415  # Only programs that use a store need it.

    return user_state_path("pacerpro", appauthor=False) / name
