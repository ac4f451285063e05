"""Uses the whole public face of the package, as a user's program would: type checkers hold it to what it says.

It is not only read: a test runs :func:`main` against the mock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import httpx

from pacerpro_client import Client, SessionAuth, __version__, errors
from pacerpro_client.api.authentication import session_create, session_delete, session_refresh
from pacerpro_client.models import Empty, Error, ErrorType, Session, User
from pacerpro_client.types import UNSET, File, Response, Unset


def describe(error: errors.PacerProError) -> str:
    """Say what went wrong, from every kind of error."""
    match error:
        case errors.TooManyRequests(retry_after=float(seconds)):
            return f"wait {seconds} s"
        case errors.ApiError():
            headers: Mapping[str, str] = error.headers
            text = f"{error.method} {error.url}: {error.status_code}, {len(error.content)} bytes"
            message = error.parsed.message if error.parsed else "not JSON"
            return f"{text}, {headers.get('Content-Type')}, {message}"
        case errors.InvalidResponse():
            return f"{error.method} {error.url}: {error.status_code}, which breaks the contract"
        case errors.InsecureUrl():
            return "use https"
        case errors.SessionExpired():
            return "log in again"
        case _:
            return str(error)


def kinds_of_api_error() -> list[type[errors.ApiError]]:
    """List the classes that a program can tell apart."""
    return [
        errors.BadRequest,
        errors.Unauthorized,
        errors.Forbidden,
        errors.NotFound,
        errors.ContentTooLarge,
        errors.UnsupportedMediaType,
        errors.TooManyRequests,
        errors.ServerError,
    ]


def log_in(base_url: str, email: str, password: str) -> Session:
    """Log in with every setting that a client has."""
    with Client(
        base_url,
        auth=None,
        timeout=httpx.Timeout(5.0, connect=1.0),
        headers={"X-Request-Id": "1"},
        transport=httpx.HTTPTransport(),
        async_transport=httpx.AsyncHTTPTransport(),
        retries=0,
    ) as client:
        slower = client.with_timeout(10.0).with_headers({"X-Request-Id": "2"})
        session: Session = session_create.sync(client=slower, body=User(email=email, password=password))
        slower.close()
        return session


async def continue_and_end(client: Client) -> Empty:
    """Refresh and log out without blocking, and look at what else came."""
    async with client:
        refreshed: Response[Session] = await session_refresh.asyncio_detailed(client=client)
        newer: Session = refreshed.parsed
        older: Session = await session_refresh.asyncio(client=client)
        if (refreshed.status_code, refreshed.headers["Cache-Control"]) != (200, "no-store"):
            raise ValueError(refreshed)
        if newer.expires_at > older.expires_at:
            raise ValueError(older)
        return await session_delete.asyncio(client=client)


def stay_in(base_url: str, email: str, password: str) -> list[str]:
    """Let the session look after itself, in a client of the HTTP library and in our own."""
    auth = SessionAuth(email=email, password=password, base_url=base_url, leeway=30.0)
    with httpx.Client(auth=auth, base_url=base_url) as api:
        api.get("/session")
    with Client(base_url, auth=auth) as client:
        session_refresh.sync(client=client)
    begun: Session = auth.login()
    guest = SessionAuth.from_session(begun, base_url=base_url)
    now: Session | None = guest.session
    auth.logout()
    try:
        asyncio.run(continue_and_end(Client(base_url, auth=guest, transport="pyreqwest")))
    except errors.SessionExpired as error:
        return [repr(auth), repr(now), describe(error)]
    return []


def models() -> list[str]:
    """Make the objects that travel, without a server."""
    user = User.from_dict({"email": "ada@example.com", "password": "secret"})
    user.additional_properties["locale"] = "en"
    error = Error(message="Token invalid or expired", status=401, type_=ErrorType.ERROR)
    code: str | Unset | None = error.error
    nothing: bool = code is UNSET
    return [str(error), repr(user), str(sorted(user.to_dict())), str(nothing), repr(File(b"bytes", "name.txt"))]


def main(base_url: str, email: str, password: str) -> list[str]:
    """Go once through the life of a session, and return what a user would see of it."""
    session = log_in(base_url, email, password)
    client = Client(base_url, auth=session.jwt_token)
    nothing_left = asyncio.run(continue_and_end(client))
    seen = [__version__, *models(), *(each.__name__ for each in kinds_of_api_error()), repr(nothing_left)]
    seen += [client.base_url, repr(client.timeout), *stay_in(base_url, email, password)]
    try:
        with Client(base_url, auth=session.jwt_token) as late:
            late.get_httpx_client().get("/nowhere")
            session_delete.sync(client=late)
    except errors.PacerProError as error:
        seen.append(describe(error))
    return seen
