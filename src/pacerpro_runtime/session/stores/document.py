"""What the stores that keep the sessions of all users in a document have in common."""

from __future__ import annotations

import hashlib
import json
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pacerpro_runtime.wire.json_types import is_object

from .base import LOCK_SECONDS, Stored, StoreError, only

if TYPE_CHECKING:
    from filelock import FileLock

_FORMAT = "pacerpro-sessions-1"


class DocumentStore(ABC):
    """Reads a JSON document, changes it and writes it back, under a lock on a file."""

    _name: str  # As the user knows the document.
    _lock_path: Path  # Without its suffix.

    @abstractmethod
    def _read(self, origin: str) -> str | bytes | None:
        """Return the document that holds the sessions of an origin."""

    @abstractmethod
    def _write(self, origin: str, text: str) -> None:
        """Replace that document."""

    def load(self, origin: str, email: str | None) -> Stored | None:
        """Return a user's session, or that of the only user."""
        now = time.time()
        with self._explained():
            return only(
                Stored(name, entry["session"], None if entry["expires"] is None else entry["expires"] - now)
                for name, entry in self._sessions(origin).get(origin, {}).items()
                if email in (None, name)
            )

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
            return lock.release

    def _file_lock(self, suffix: str = "") -> FileLock:
        from filelock import FileLock  # noqa: PLC0415  # Only programs that use a store need it.

        self._lock_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # The system frees it when its process ends; any thread may free it before.
        return FileLock(f"{self._lock_path}{suffix}.lock", timeout=LOCK_SECONDS, mode=0o600, thread_local=False)

    def _sessions(self, origin: str) -> dict[str, dict[str, dict[str, Any]]]:
        """Return the entries by origin and email."""
        text = self._read(origin)
        if not text:
            return {}
        with suppress(ValueError, TypeError, KeyError, AttributeError):
            document = json.loads(text)
            sessions: dict[str, dict[str, dict[str, Any]]] = document["sessions"]
            entries = [entry for each in sessions.values() for entry in each.values()]
            sound = all(
                is_object(each["session"]) and isinstance(each["expires"], int | float | None) for each in entries
            )
            if document["format"] == _FORMAT and sound:
                return sessions
        raise StoreError(f"{self._name} is damaged, or holds something other than sessions: delete it")

    @contextmanager
    def _explained(self) -> Generator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(
                f"{self._name} cannot be used ({error.strerror or error}): mend that, or choose another file"
            ) from None
