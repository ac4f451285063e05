"""Sessions in the keyring of the operating system."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pacerpro_runtime.session.library import needs

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

    def _read(self, origin: str) -> str | None:
        text: str | None = self._asked(self._keyring.get_password, self.service, origin)
        return text

    def _write(self, origin: str, text: str) -> None:
        self._asked(self._keyring.set_password, self.service, origin, text)

    def _lock_path(self) -> Path:
        from platformdirs import user_state_path  # noqa: PLC0415  # Only programs that use a store need it.

        return user_state_path("pacerpro", appauthor=False) / "keyring"

    def _asked(self, function: Any, *arguments: str) -> Any:
        errors = self._keyring.errors
        try:
            return function(*arguments)
        except errors.NoKeyringError:
            raise StoreError("this machine has no keyring: use FileStore, or install a backend of keyring") from None
        except errors.KeyringError as error:
            raise StoreError(f"the keyring cannot be used: {error or type(error).__name__}") from None
