# Made from openapi.yaml by `make generate`. Do not edit: change the contract or a template.
"""The operations as methods of a client: ``client.TAG.OPERATION()``, and ``await client.TAG.aOPERATION()``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import api as _api
from .models.empty import Empty
from .models.session import Session
from .models.user import User

if TYPE_CHECKING:
    from .client import Client


class AuthenticationOperations:
    """Log in, refresh the session, and log out."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def session_create(self, *, body: User) -> Session:
        """Log in: see :func:`pacerpro_client.api.authentication.session_create.sync`."""
        return self._client.send(_api.authentication.session_create.operation, body=body).parsed

    async def asession_create(self, *, body: User) -> Session:
        """Log in, without blocking: see :func:`pacerpro_client.api.authentication.session_create.asyncio`."""
        return (await self._client.asend(_api.authentication.session_create.operation, body=body)).parsed

    def session_refresh(self) -> Session:
        """Refresh the session: see :func:`pacerpro_client.api.authentication.session_refresh.sync`."""
        return self._client.send(_api.authentication.session_refresh.operation).parsed

    async def asession_refresh(self) -> Session:
        """Refresh the session, without blocking: see :func:`pacerpro_client.api.authentication.session_refresh.asyncio`."""
        return (await self._client.asend(_api.authentication.session_refresh.operation)).parsed

    def session_delete(self) -> Empty:
        """Log out everywhere: see :func:`pacerpro_client.api.authentication.session_delete.sync`."""
        return self._client.send(_api.authentication.session_delete.operation).parsed

    async def asession_delete(self) -> Empty:
        """Log out everywhere, without blocking: see :func:`pacerpro_client.api.authentication.session_delete.asyncio`."""
        return (await self._client.asend(_api.authentication.session_delete.operation)).parsed
