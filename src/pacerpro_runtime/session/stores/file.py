"""Sessions in a file of the user's own."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pacerpro_runtime.wire.json_types import is_object

from .base import StoreError
from .document import DocumentStore

_FORMAT = "pacerpro-sessions-1"


class FileStore(DocumentStore):
    """Keeps sessions in a JSON file that only its owner can read (mode 0600, in a folder of mode 0700).

    Processes of one machine that share the file share the session: those that start at the same time make one log-in.
    The file is replaced as a whole, so that no reader sees half of it. A file of another user, one that others can read
    or write, and one that holds anything else is not used and not changed.

    Args:
        path: The file; by default ``sessions.json`` in the folder that the platform has for a program's state.
    """

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        if path is None:
            from platformdirs import user_state_path  # noqa: PLC0415  # Only programs that use a store need it.

            path = user_state_path("pacerpro", appauthor=False) / "sessions.json"
        self.path = Path(path).expanduser().absolute()

    def __repr__(self) -> str:
        return f"FileStore({str(self.path)!r})"

    def _read(self, origin: str) -> dict[str, Any]:
        entries = self._document().get(origin, {})
        if not is_object(entries):
            raise self._foreign()
        return entries

    def _write(self, origin: str, entries: dict[str, Any]) -> None:
        document = {**self._document(), origin: entries}
        with self._explained("written"):
            descriptor, draft = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
            try:
                with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                    json.dump({"format": _FORMAT, "sessions": document}, file, indent=1)
                    file.flush()
                    os.fsync(file.fileno())
                Path(draft).replace(self.path)
            except BaseException:
                with suppress(OSError):
                    Path(draft).unlink()
                raise

    def _lock_path(self) -> Path:
        with self._explained("locked"):
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self.path

    def _document(self) -> dict[str, Any]:
        with self._explained("read"):
            try:
                with self.path.open(encoding="utf-8") as file:
                    self._refuse_others(os.fstat(file.fileno()))
                    text = file.read()
            except FileNotFoundError:
                return {}
            except UnicodeDecodeError:
                raise self._foreign() from None
        if not text:
            return {}
        with suppress(ValueError):
            document = json.loads(text)
            if is_object(document) and document.get("format") == _FORMAT and is_object(document.get("sessions")):
                sessions: dict[str, Any] = document["sessions"]
                return sessions
        raise self._foreign()

    def _refuse_others(self, status: os.stat_result) -> None:
        if not hasattr(os, "geteuid"):
            return  # Windows has no such modes.
        if status.st_uid != os.geteuid():
            raise StoreError(f"{self.path} belongs to another user: choose another file with FileStore(path)")
        if stat.S_IMODE(status.st_mode) & 0o077:
            raise StoreError(f"{self.path} can be read or written by others: run chmod 600 on it, or delete it")

    def _foreign(self) -> StoreError:
        return StoreError(
            f"{self.path} is damaged, or is not a file of sessions: delete it, or choose another with FileStore(path)"
        )

    @contextmanager
    def _explained(self, what: str) -> Generator[None]:
        try:
            yield
        except OSError as error:
            raise StoreError(
                f"{self.path} cannot be {what} ({error.strerror or error}): choose another file with FileStore(path)"
            ) from None
