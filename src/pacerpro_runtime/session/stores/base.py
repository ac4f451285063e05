"""What stores of sessions have in common: their protocol, and the document that some of them keep."""

import hashlib
import json
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol, runtime_checkable

from attrs import define, field

from pacerpro_runtime.errors import PacerProError

LOCK_SECONDS: Final = 8.0
"""How long, in seconds, a holder of a store's lock can block others."""

_FORMAT = "pacerpro-sessions-1"


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


@runtime_checkable
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
    """Return the session of the only user, or raise SeveralUsersError if there are several."""
    sessions = list(found)
    if len(sessions) > 1:
        raise SeveralUsersError(f"the store holds sessions of {len(sessions)} users: say which with email=")
    return sessions[0] if sessions else None


def state_path(name: str) -> Path:
    """Return the path of a file in the folder that the platform has for a program's state."""
    from platformdirs import user_state_path  # noqa: PLC0415  # Only programs that use a store need it.

    try:
        return user_state_path("pacerpro", appauthor=False) / name
    except RuntimeError as error:  # There is no home directory.
        raise StoreError(str(error)) from None


class ExplainingStore:
    """Explains its failures in one line that says what to do."""

    _name: str  # As the user knows it.
    _failures: tuple[type[Exception], ...] = (OSError,)
    _way_out: str

    @contextmanager
    def _explained(self) -> Generator[None]:
        try:
            yield
        except self._failures as error:
            reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
            raise StoreError(f"{self._name} cannot be used ({reason}): {self._way_out}") from None
        except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
            raise StoreError(f"{self._name} is damaged, or holds something other than sessions: delete it") from None


class DocumentStore(ExplainingStore, ABC):
    """Keeps the sessions of all users in a JSON document, which it writes under a lock on a file."""

    _lock_path: Path  # Without its suffix.

    @abstractmethod
    def _read(self, origin: str) -> str | bytes | None:
        """Return the document that holds the sessions of an origin."""

    @abstractmethod
    def _write(self, origin: str, text: str) -> None:
        """Replace that document."""

    def load(self, origin: str, email: str | None) -> Stored | None:
        """Return a user's living session, or that of the only user."""
        with self._explained():
            users = self._sessions(origin).get(origin, {}).items()
            found = [
                Stored(name, each["session"], each["expires"] and each["expires"] - time.time())
                for name, each in users
                if email in (None, name)
            ]
            return only(each for each in found if each.life is None or each.life > 0)

    def save(self, origin: str, email: str, session: Mapping[str, Any], life: float | None) -> None:
        """Keep a user's session."""
        expires = None if life is None else time.time() + life
        with self._explained(), self._file_lock():
            sessions = self._sessions(origin)
            sessions.setdefault(origin, {})[email] = {"session": session, "expires": expires}
            self._write(origin, json.dumps({"format": _FORMAT, "sessions": sessions}, indent=1))

    def clear(self, origin: str, email: str) -> None:
        """Forget a user's session."""
        with self._explained(), self._file_lock():
            sessions = self._sessions(origin)
            if sessions.get(origin, {}).pop(email, None):
                self._write(origin, json.dumps({"format": _FORMAT, "sessions": sessions}, indent=1))

    def lock(self, origin: str, email: str) -> Callable[[], object] | None:
        """Try to take the lock on a user's session, without waiting."""
        with self._explained():
            lock = self._file_lock("." + hashlib.sha256(f"{origin} {email}".encode()).hexdigest()[:16])
            try:
                lock.acquire(timeout=0)
            except TimeoutError:
                return None
            release: Callable[[], object] = lock.release
            return release

    def _file_lock(self, suffix: str = "") -> Any:
        from filelock import FileLock  # noqa: PLC0415  # Only programs that use a store need it.

        self._lock_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # The system frees it when its process ends; any thread may free it before.
        return FileLock(f"{self._lock_path}{suffix}.lock", timeout=LOCK_SECONDS, mode=0o600, thread_local=False)

    def _sessions(self, origin: str) -> dict[str, dict[str, dict[str, Any]]]:
        """Return the entries by origin and email."""
        text = self._read(origin)
        document: dict[str, Any] = json.loads(text) if text else {"format": _FORMAT, "sessions": {}}
        if document["format"] != _FORMAT:
            raise ValueError
        found: dict[str, dict[str, dict[str, Any]]] = document["sessions"]
        return found
