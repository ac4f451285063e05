"""Sessions in a file of the user's own."""

import os
import stat
import tempfile
from pathlib import Path

from .base import DocumentStore, StoreError, state_path


class FileStore(DocumentStore):
    """Keeps sessions in a JSON file that only its owner can read (mode 0600, in a folder of mode 0700).

    Processes of one machine that share the file share the session: those that start at the same time make one log-in.
    The file is replaced as a whole, so that no reader sees half of it. A file of another user, one that others can read
    or write, and one that holds anything else is not used and not changed.

    Args:
        path: The file; by default ``sessions.json`` in the folder that the platform has for a program's state.
    """

    _way_out = "check the path, or choose another file"

    def __init__(self, path: str | os.PathLike[str] | None = None) -> None:
        path = state_path("sessions.json") if path is None else Path(path)
        self.path = Path(os.path.realpath(path.expanduser()))  # What a link leads to: the link is not replaced.
        self._name, self._lock_path = str(self.path), self.path

    def __repr__(self) -> str:
        return f"FileStore({self._name!r})"

    def _read(self, origin: str) -> bytes | None:  # noqa: ARG002  # One file holds all origins.
        try:
            file = self.path.open("rb")
        except FileNotFoundError:
            return None
        with file:
            status = os.fstat(file.fileno())
            if hasattr(os, "geteuid"):  # Windows has no such modes.
                if status.st_uid != os.geteuid():
                    raise StoreError(f"{self.path} belongs to another user: choose another file")
                if stat.S_IMODE(status.st_mode) & 0o077:
                    raise StoreError(f"{self.path} can be read or written by others: run chmod 600 on it, or delete it")
            return file.read()

    def _write(self, origin: str, text: str) -> None:  # noqa: ARG002  # As above.
        descriptor, draft = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(draft).replace(self.path)
        finally:
            Path(draft).unlink(missing_ok=True)
