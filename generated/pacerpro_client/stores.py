# Made from openapi.yaml by `make generate`. Do not edit: change the contract or a template.
"""Stores that let processes and machines share a session: ``SessionAuth(store=FileStore())``.

A store of your own has the methods of ``TokenStore``.
"""

from pacerpro_runtime.session.stores.base import SeveralUsersError, Stored, StoreError, TokenStore
from pacerpro_runtime.session.stores.file import FileStore
from pacerpro_runtime.session.stores.keyring import KeyringStore
from pacerpro_runtime.session.stores.redis import RedisStore

__all__ = ["FileStore", "KeyringStore", "RedisStore", "SeveralUsersError", "StoreError", "Stored", "TokenStore"]


def __dir__() -> list[str]:
    return __all__
