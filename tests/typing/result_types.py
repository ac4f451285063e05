"""What every function of every operation returns, in words that type checkers verify."""

from typing import assert_type

from pacerpro_client import Client, SessionAuth, errors
from pacerpro_client.api.authentication import session_create, session_delete, session_refresh
from pacerpro_client.models import Empty, Error, Session, User
from pacerpro_client.types import Response


def blocking(client: Client, user: User) -> None:
    """The success type, and neither a union with the errors nor None."""
    assert_type(session_create.sync(client=client, body=user), Session)
    assert_type(session_create.sync_detailed(client=client, body=user), Response[Session])
    assert_type(session_refresh.sync(client=client), Session)
    assert_type(session_refresh.sync_detailed(client=client), Response[Session])
    assert_type(session_delete.sync(client=client), Empty)
    assert_type(session_delete.sync_detailed(client=client), Response[Empty])


async def of_a_session(auth: SessionAuth, session: Session) -> None:
    """Every way to get a session returns the contract's type."""
    assert_type(auth.login(), Session)
    assert_type(await auth.alogin(), Session)
    assert_type(auth.session, Session | None)
    assert_type(SessionAuth.from_session(session), SessionAuth)
    assert_type(SessionAuth.from_env(), SessionAuth)


async def asynchronous(client: Client, user: User) -> None:
    """The same without blocking."""
    assert_type(await session_create.asyncio(client=client, body=user), Session)
    assert_type(await session_create.asyncio_detailed(client=client, body=user), Response[Session])
    assert_type(await session_refresh.asyncio(client=client), Session)
    assert_type(await session_refresh.asyncio_detailed(client=client), Response[Session])
    assert_type(await session_delete.asyncio(client=client), Empty)
    assert_type(await session_delete.asyncio_detailed(client=client), Response[Empty])


async def as_methods(client: Client, user: User) -> None:
    """The same of the methods of a client."""
    assert_type(client.authentication.session_create(body=user), Session)
    assert_type(await client.authentication.asession_create(body=user), Session)
    assert_type(client.authentication.session_delete(), Empty)
    assert_type(await client.authentication.asession_delete(), Empty)


def of_an_error(error: errors.Unauthorized) -> None:
    """The contract's own type of what an error says."""
    assert_type(error.parsed, Error | None)
    assert_type(error.request_id, str | None)
