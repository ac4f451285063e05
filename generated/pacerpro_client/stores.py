# Made from openapi.yaml by `make generate`. Do not edit: change the contract or a template.
"""Stores that let processes and machines share a session: ``SessionAuth(store=FileStore())``.

A store of your own has the methods of ``TokenStore``.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

# Imported at their first use (PEP 562), so that a program pays for what it uses alone.
_HOMES = {
    "FileStore": "file",
    "KeyringStore": "keyring",
    "RedisStore": "redis",
    "SeveralUsersError": "base",
    "StoreError": "base",
    "Stored": "base",
    "TokenStore": "base",
}

if TYPE_CHECKING:
    from pacerpro_runtime.session.stores.base import SeveralUsersError, Stored, StoreError, TokenStore
    from pacerpro_runtime.session.stores.file import FileStore
    from pacerpro_runtime.session.stores.keyring import KeyringStore
    from pacerpro_runtime.session.stores.redis import RedisStore
else:

    def __getattr__(name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        home = import_module(f"pacerpro_runtime.session.stores.{_HOMES[name]}")
        return globals().setdefault(name, getattr(home, name))


__all__ = ["FileStore", "KeyringStore", "RedisStore", "SeveralUsersError", "StoreError", "Stored", "TokenStore"]


def __dir__() -> list[str]:
    return __all__
