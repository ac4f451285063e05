"""Sessions in the keyring of the operating system."""

from __future__ import annotations

from typing import Any

from pacerpro_runtime.lazy import needs

from .base import DocumentStore, StoreError, state_path


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
        self._name, self._lock_path = f"the entry {service!r} of the keyring", state_path("keyring")

    def __repr__(self) -> str:
        return f"KeyringStore({self.service!r})"

    def _read(self, origin: str) -> str | None:
        text: str | None = self._ask(self._keyring.get_password, origin)
        return text

    def _write(self, origin: str, text: str) -> None:
        self._ask(self._keyring.set_password, origin, text)

    def _ask(self, function: Any, *arguments: str) -> Any:
        try:
            return function(self.service, *arguments)
        except self._keyring.errors.KeyringError as error:
            raise StoreError(
                f"the keyring cannot be used ({error or type(error).__name__}): unlock it, or use FileStore"
            ) from None
