"""Sessions in the keyring of the operating system."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pacerpro_runtime.session.library import needs
from pacerpro_runtime.wire.json_types import is_object

from .base import StoreError
from .document import DocumentStore


class KeyringStore(DocumentStore):
    """Keeps sessions in the operating system's keyring, with an entry for each origin.

    Args:
        service: The name under which the keyring shows the entries.

    Raises:
        ModuleNotFoundError: The extra ``keyring`` is not installed.
    """

    def __init__(self, service: str = "pacerpro") -> None:
        self._keyring: Any = needs("keyring", "pacerpro-client[keyring]")
        self.service = service

    def __repr__(self) -> str:
        return f"KeyringStore({self.service!r})"

    def _read(self, origin: str) -> dict[str, Any]:
        text = self._asked(self._keyring.get_password, self.service, origin)
        if text is None:
            return {}
        try:
            entries = json.loads(text)
        except ValueError:
            entries = None
        if not is_object(entries):
            raise StoreError(f"the keyring's entry {self.service} of {origin} is not one of sessions: delete it")
        return entries

    def _write(self, origin: str, entries: dict[str, Any]) -> None:
        if entries:
            self._asked(self._keyring.set_password, self.service, origin, json.dumps(entries))
        else:
            self._asked(self._keyring.delete_password, self.service, origin)

    def _lock_path(self) -> Path:
        from platformdirs import user_state_path  # noqa: PLC0415  # Only programs that use a store need it.

        folder = user_state_path("pacerpro", appauthor=False)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder / "keyring"

    def _asked(self, function: Any, *arguments: str) -> Any:
        errors = self._keyring.errors
        try:
            return function(*arguments)
        except errors.NoKeyringError:
            raise StoreError("this machine has no keyring: use FileStore, or install a backend of keyring") from None
        except errors.KeyringError as error:
            raise StoreError(f"the keyring cannot be used: {error or type(error).__name__}") from None
