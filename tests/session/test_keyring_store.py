"""Sessions in the keyring."""

from __future__ import annotations

import importlib

import keyring

from pacerpro_client.stores import KeyringStore

from .services import in_memory


def test_a_machine_without_a_keyring_gets_a_hint(ring, settings, time, caplog):
    keyring.set_keyring(importlib.import_module("keyring.backends.fail").Keyring())
    in_memory(KeyringStore(), settings, caplog, "use FileStore")


def test_a_keyring_entry_of_another_program_is_not_used(ring, settings, time, caplog):
    ring.set_password("pacerpro", "https://pacerpro.test", "not JSON")
    in_memory(KeyringStore(), settings, caplog, "delete it")
