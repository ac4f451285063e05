"""What the stores that keep the sessions of all users in a document have in common."""

from __future__ import annotations

import hashlib
import json
import math
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
# Seconds after its expiry for which a session is kept: this machine's clock may be wrong.
_KEPT = 86400.0


class DocumentStore(ABC):
    """Reads a JSON document, changes it and writes it back, under a lock on a file."""

    @abstractmethod
    def _read(self, origin: str) -> str | bytes | None:
        """Return the document that holds the sessions of an origin."""

    @abstractmethod
    def _write(self, origin: str, text: str) -> None:
        """Replace that document."""

    @abstractmethod
    def _lock_path(self) -> Path:
        """Return the path of the lock, without its suffix."""

    def load(self, origin: str, email: str | None) -> Stored | None:
        """Return a user's session, or that of the only user."""
        found = {name: _stored(name, entry) for name, entry in self._document(origin).get(origin, {}).items()}
        return only(found) if email is None else found.get(email)

    def save(self, origin: str, email: str, session: Mapping[str, Any], life: float | None) -> None:
        """Keep a user's session."""
        self._change(origin, email, {"session": session, "expires": None if life is None else time.time() + life})

    def clear(self, origin: str, email: str) -> None:
        """Forget a user's session."""
        self._change(origin, email, None)

    def lock(self, origin: str, email: str) -> Callable[[], object] | None:
        """Try to take the lock on a user's session, without waiting."""
        name = hashlib.sha256(f"{origin} {email}".encode()).hexdigest()[:16]
        lock = self._file_lock(f".{name}")
        try:
            lock.acquire(timeout=0)
        except TimeoutError:
            return None
        return lock.release

    def _change(self, origin: str, email: str, entry: dict[str, Any] | None) -> None:
        with self._file_lock():
            document, oldest = self._document(origin), time.time() - _KEPT
            before = document.get(origin, {})
            if entry is None and email not in before:
                return
            others = {each: before[each] for each in before if each != email and _expires(before[each]) > oldest}
            sessions = {**document, origin: others if entry is None else {**others, email: entry}}
            self._write(origin, json.dumps({"format": _FORMAT, "sessions": sessions}, indent=1))

    def _file_lock(self, suffix: str = "") -> FileLock:
        from filelock import FileLock  # noqa: PLC0415  # Only programs that use a store need it.

        path = self._lock_path()
        with self._explained():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # The system frees it when its process ends; any thread may free it before.
        return FileLock(f"{path}{suffix}.lock", timeout=LOCK_SECONDS, mode=0o600, thread_local=False)

    def _document(self, origin: str) -> dict[str, dict[str, Any]]:
        """Return the entries by origin and email."""
        text = self._read(origin)
        if not text:
            return {}
        with suppress(ValueError):
            document: Any = json.loads(text)
            if is_object(document) and document.get("format") == _FORMAT and _holds_sessions(document.get("sessions")):
                sessions: dict[str, dict[str, Any]] = document["sessions"]
                return sessions
        raise StoreError(f"{self!r} is damaged, or holds something other than sessions: delete it, or choose another")

    @contextmanager
    def _explained(self) -> Generator[None]:
        try:
            yield
        except OSError as error:
            reason = error.strerror or error
            raise StoreError(f"{self!r} cannot be used ({reason}): choose another file with FileStore(path)") from None


def _holds_sessions(sessions: Any) -> bool:
    return is_object(sessions) and all(
        is_object(entries) and all(is_object(entry) and is_object(entry.get("session")) for entry in entries.values())
        for entries in sessions.values()
    )


def _expires(entry: Mapping[str, Any]) -> float:
    expires = entry.get("expires")
    return expires if isinstance(expires, int | float) else math.inf


def _stored(email: str, entry: Mapping[str, Any]) -> Stored:
    life = _expires(entry) - time.time()
    return Stored(email, entry["session"], life if math.isfinite(life) else None)
