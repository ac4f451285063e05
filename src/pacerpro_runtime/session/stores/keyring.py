"""Sessions in the keyring of the operating system."""

from typing import Any

from pacerpro_runtime.lazy import needs

from .base import DocumentStore, state_path


class KeyringStore(DocumentStore):
    """Keeps sessions in the operating system's keyring, with an entry for each origin.

    Args:
        service: The name under which the keyring shows the entries.

    Raises:
        ModuleNotFoundError: The extra ``keyring`` is not installed.
    """

    _way_out = "unlock it, or use FileStore"

    def __init__(self, service: str = "pacerpro") -> None:
        self._keyring: Any = needs("keyring", "pacerpro-client[keyring]")
        self.service = service
        self._name, self._lock_path = f"the entry {service!r} of the keyring", state_path("keyring")
        self._failures = (OSError, self._keyring.errors.KeyringError)

    def __repr__(self) -> str:
        return f"KeyringStore({self.service!r})"

    def _read(self, origin: str) -> Any:
        return self._keyring.get_password(self.service, origin)

    def _write(self, origin: str, text: str) -> None:
        self._keyring.set_password(self.service, origin, text)
