"""What a store of sessions has to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from attrs import define, field

from pacerpro_runtime.errors import PacerProError

LOCK_SECONDS: Final = 8.0
"""For how long a holder of a store's lock may block others."""


class StoreError(PacerProError):
    """A store cannot be used. The message says what to do."""


class SeveralUsersError(StoreError):
    """A store holds the sessions of several users, and nothing says which to use."""


@define(frozen=True)
class Stored:
    """A session that a store holds.

    Attributes:
        email: Whose it is.
        session: The session as JSON knows it. It holds the token.
        life: How many seconds it still lives, or None if that is not known.
    """

    email: str
    session: Mapping[str, Any] = field(repr=False)
    life: float | None = None


class TokenStore(Protocol):
    """Keeps sessions, one for each origin and user.

    All methods are short calls: those that wait for anything but a disk or one answer of a server must give up within a
    few seconds. They may be called by any thread. Any exception counts as a failure of the store: the session then goes
    on without it.
    """

    def load(self, origin: str, email: str | None) -> Stored | None:
        """Return a user's session, or None if there is none. Without an email, return that of the only user.

        Raises:
            StoreError: The store cannot be read.
        SeveralUsersError: There is no email, and there are several users.
        """
        ...

    def save(self, origin: str, email: str, session: Mapping[str, Any], life: float | None) -> None:
        """Keep a user's session, which lives for so many seconds, in place of the one before."""
        ...

    def clear(self, origin: str, email: str) -> None:
        """Forget a user's session, if there is one."""
        ...

    def lock(self, origin: str, email: str) -> Callable[[], object] | None:
        """Try to take the lock on a user's session, without waiting.

        Returns:
            A function that frees the lock, and that any thread may call; None if another process holds it. The lock of
            a process that was killed must be free after :data:`LOCK_SECONDS`.
        """
        ...


def only(found: Mapping[str, Stored]) -> Stored | None:
    """Return the session of the only user, of those whose sessions still live if there are several.

    Raises:
        SeveralUsersError: There are several.
    """
    living = {email: each for email, each in found.items() if each.life is None or each.life > 0} or found
    if len(living) > 1:
        raise SeveralUsersError(f"the store holds sessions of {len(living)} users: say which with email=")
    return next(iter(living.values()), None)
