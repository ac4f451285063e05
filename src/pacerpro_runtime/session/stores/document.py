"""What the stores have in common that keep the sessions of all users of an origin in one document."""

from __future__ import annotations

import hashlib
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pacerpro_runtime.wire.json_types import is_object

from .base import LOCK_SECONDS, Stored, StoreError, only

if TYPE_CHECKING:
    from filelock import FileLock

# Seconds after its expiry for which a session is kept: this machine's clock may be wrong.
_KEPT = 86400.0


class DocumentStore(ABC):
    """Reads a document, changes it and writes it back, under a lock on a file."""

    @abstractmethod
    def _read(self, origin: str) -> dict[str, Any]:
        """Return the entries of an origin by email, as they were written."""

    @abstractmethod
    def _write(self, origin: str, entries: dict[str, Any]) -> None:
        """Replace the entries of an origin."""

    @abstractmethod
    def _lock_path(self) -> Path:
        """Return the path of the lock, in a folder that exists."""

    def load(self, origin: str, email: str | None) -> Stored | None:
        """Return a user's session, or that of the only user."""
        found = {name: _stored(name, entry) for name, entry in self._read(origin).items()}
        return only(found) if email is None else found.get(email)

    def save(self, origin: str, email: str, session: Mapping[str, Any], life: float | None) -> None:
        """Keep a user's session."""
        now = time.time()
        entry = {"session": session, "expires": None if life is None else now + life}
        with self._file_lock():
            entries = self._read(origin)
            kept = {name: each for name, each in entries.items() if (_expires(each) or now) > now - _KEPT}
            self._write(origin, {**kept, email: entry})

    def clear(self, origin: str, email: str) -> None:
        """Forget a user's session."""
        with self._file_lock():
            entries = self._read(origin)
            if entries.pop(email, None) is not None:
                self._write(origin, entries)

    def lock(self, origin: str, email: str) -> Callable[[], object] | None:
        """Try to take the lock on a user's session, without waiting."""
        name = hashlib.sha256(f"{origin} {email}".encode()).hexdigest()[:16]
        lock = self._file_lock(f".{name}")
        try:
            lock.acquire(timeout=0)
        except TimeoutError:
            return None
        return lock.release

    def _file_lock(self, suffix: str = "") -> FileLock:
        from filelock import FileLock  # noqa: PLC0415  # Only programs that use a store need it.

        # The system frees it when its process ends; any thread may free it before.
        return FileLock(f"{self._lock_path()}{suffix}.lock", timeout=LOCK_SECONDS, mode=0o600, thread_local=False)


def _expires(entry: Any) -> float | None:
    expires = entry.get("expires") if is_object(entry) else None
    return expires if isinstance(expires, int | float) else None


def _stored(email: str, entry: Any) -> Stored:
    if not is_object(entry) or not is_object(session := entry.get("session")):
        raise StoreError("the store holds something else than sessions: empty it, or choose another")
    expires = _expires(entry)
    return Stored(email, session, None if expires is None else expires - time.time())
