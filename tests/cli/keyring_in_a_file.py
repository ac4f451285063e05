"""A keyring for tests, which keeps its entries in a file, and can be locked."""

import json
import os
from pathlib import Path

import keyring.errors
from keyring.backend import KeyringBackend


class Keyring(KeyringBackend):
    priority = 1

    def _entries(self):
        if "KEYRING_LOCKED" in os.environ:
            raise keyring.errors.KeyringLocked("Failed to unlock the collection!")
        if "KEYRING_BROKEN" in os.environ:
            raise ConnectionError("the bus is gone")
        file = Path(os.environ["KEYRING_FILE"])
        return json.loads(file.read_text()) if file.exists() else {}

    def get_password(self, service, username):
        return self._entries().get(f"{service} {username}")

    def set_password(self, service, username, password):
        entries = {**self._entries(), f"{service} {username}": password}
        Path(os.environ["KEYRING_FILE"]).write_text(json.dumps(entries))

    def delete_password(self, service, username):
        entries = self._entries()
        del entries[f"{service} {username}"]
        Path(os.environ["KEYRING_FILE"]).write_text(json.dumps(entries))
