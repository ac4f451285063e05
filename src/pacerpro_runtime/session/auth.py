"""Logged in, refreshed and repaired by itself: an auth for any client of the HTTP library."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from types import UnionType
from typing import Any, ClassVar, Generic, NoReturn, Self, TypedDict, TypeVar, Unpack, cast

from pacerpro_runtime._http import httpx
from pacerpro_runtime.auth import OriginAuth
from pacerpro_runtime.client import ApiClient
from pacerpro_runtime.errors import PacerProError, SessionExpired
from pacerpro_runtime.transports.network import check_transports
from pacerpro_runtime.types import refuse_pickling
from pacerpro_runtime.wire.model import Model

from .core import SessionCore
from .flow import AsyncFlow, SyncFlow
from .lifecycle import Lifecycle
from .session_request import longest_wait
from .token import Token

S = TypeVar("S", bound=Model)


class Settings(TypedDict, total=False):
    """What every way of making a :class:`SessionAuth` takes besides.

    Attributes:
        base_url: Where to log in, and where the token goes; by default as the client's.
        leeway: How many seconds before its end a token is refreshed, if that is less than half of its life; 60 s.
        transport: An ``httpx.BaseTransport`` for :meth:`SessionAuth.login` and :meth:`SessionAuth.logout`.
        async_transport: An ``httpx.AsyncBaseTransport`` for their asynchronous forms.
    """

    base_url: str | None
    leeway: float
    transport: httpx.BaseTransport | None
    async_transport: httpx.AsyncBaseTransport | None


class SessionAuth(OriginAuth, Generic[S]):
    """An ``httpx.Auth`` that logs in at the first call, refreshes in time, and repairs a revoked session once.

    Give it to the generated client, or to any ``httpx.Client`` or ``httpx.AsyncClient``. One is enough for a program:
    threads, event loops, synchronous and asynchronous clients may share it, and log in once for all of them. The token
    goes to the origin of the base URL alone, and the password to its log-in alone; no redirect takes them elsewhere.

    A call fails with the HTTP library's own error where the network does, and otherwise raises what a log-in raises:
    ``errors.Unauthorized`` where the credentials are wrong, which is remembered for 30 s; any other
    ``errors.ApiError``; or ``errors.SessionExpired`` after a log-out. A call whose answer is still 401 after one repair
    gets that answer, as does one whose body cannot be sent again: a generator, a file, or multipart.

    What the HTTP library does not let an auth see or do, where the client is a plain ``httpx`` one: a refresh that the
    network breaks off ends the call, although the token still lives; the next call has it. So does a 401 of which an
    event hook makes an error; the next call logs in, if the error is an ``httpx.HTTPStatusError``, comes from one, or
    has its ``response``. A proxy of the environment also takes plain http for loopback: set ``NO_PROXY``. A network
    error after the answer has begun keeps the request with its token. Over a transport that is not ``httpx``'s own, a
    redirect ends a refresh like the network does, and one from http on port 80 to https on port 443 of the same
    loopback host keeps the token. The generated client has none of this.

    It cannot be pickled; a copy of it is itself.

    Args:
        email: The address that identifies the user.
        password: The user's password.
        settings: See :class:`Settings`.

    Raises:
        ValueError: A setting cannot be used.
        errors.InsecureUrl: The base URL is neither https nor on loopback.
    """

    client_class: ClassVar[type[ApiClient]]
    lifecycle: ClassVar[Lifecycle]
    email_variable: ClassVar[str]
    password_variable: ClassVar[str]

    def __init__(
        self,
        *,
        email: str,
        password: str,
        **settings: Unpack[Settings],
    ) -> None:
        life = self.lifecycle
        credentials = life.credentials(**{life.identity: email, life.password: password})
        self._begin(credentials, None, **settings)

    def _begin(
        self,
        credentials: Model | None,
        session: S | None,
        base_url: str | None = None,
        leeway: float = 60.0,
        transport: httpx.BaseTransport | None = None,
        async_transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        if credentials is None and not _is(session, Model):
            raise TypeError("there is no session to go on with")
        life, api = self.lifecycle, self.client_class.api
        if credentials is not None and not all(
            _is(getattr(credentials, each), str) for each in (life.identity, life.password)
        ):
            raise TypeError(f"{life.identity} and {life.password} are strings")
        super().__init__(api.base_url(base_url))
        check_transports(transport, async_transport)
        self._transport = transport
        self._async_transport = async_transport
        if not _is(leeway, int | float) or not leeway >= 0:
            raise ValueError("leeway must be a number of seconds, and not negative")
        self._core = SessionCore(
            life, self.base_url, api.user_agent, credentials=credentials, session=session, leeway=leeway
        )

    @classmethod
    def from_env(
        cls,
        **settings: Unpack[Settings],
    ) -> Self:
        """Take e-mail address and password from the environment.

        Raises:
            ValueError: One of the variables is not set.
        """
        email, password = os.environ.get(cls.email_variable), os.environ.get(cls.password_variable)
        if not email or not password:
            raise ValueError(f"set {cls.email_variable} and {cls.password_variable} to log in")
        return cls(email=email, password=password, **settings)

    @classmethod
    def from_session(
        cls,
        session: S,
        **settings: Unpack[Settings],
    ) -> Self:
        """Go on with a session that somebody else has begun, without a password.

        It is refreshed for as long as it can be. Then calls raise ``errors.SessionExpired``.

        Raises:
            TypeError: It is no session; another auth has none before its first log-in, for example.
        """
        auth = cls.__new__(cls)
        auth._begin(None, session, **settings)  # noqa: SLF001  # It is of this very class.
        return auth

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._core.log.who}, base_url={str(self.base_url)!r})"

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        refuse_pickling(type(self).__name__, "make one in each process, for example with from_env()")

    @property
    def session(self) -> S | None:
        """The current session, or None before the first log-in and after the log-out."""
        token = self._core.state.token
        return None if token is None else cast("S", token.session)

    def login(self) -> S:
        """Log in now, whatever has happened before, and return the session.

        It uses connections of its own. It is not needed, except after :meth:`logout`.

        Raises:
            errors.Unauthorized: The credentials are wrong.
            errors.SessionExpired: There are no credentials, since this was made of a session; or somebody has logged
                out meanwhile.
        """
        credentials, epoch, since = self._credentials(), self._core.state.epoch, self._core.now()
        with self._client() as client:
            try:
                response = client.send(self.lifecycle.login, credentials)
                token = self._core.received(self.lifecycle.login, response, since=since)
            except (PacerProError, httpx.RequestError) as error:
                self._core.refused(error)
                raise
        return self._logged_in(token, epoch)

    async def alogin(self) -> S:
        """Log in now; the asynchronous form of :meth:`login`."""
        credentials, epoch, since = self._credentials(), self._core.state.epoch, self._core.now()
        async with self._aclient() as client:
            try:
                response = await client.asend(self.lifecycle.login, credentials)
                token = self._core.received(self.lifecycle.login, response, since=since)
            except (PacerProError, httpx.RequestError) as error:
                self._core.refused(error)
                raise
        return self._logged_in(token, epoch)

    def logout(self) -> None:
        """Log the user out EVERYWHERE: in this process and in EVERY other one that is logged in as the same user.

        The server revokes all of the user's tokens at once. This object forgets its own, and does not log in again
        until :meth:`login` is called; calls raise ``errors.SessionExpired`` until then, also those that wait for a
        log-in. Other processes notice at their next call.

        Without a token at hand nothing is revoked, and a token that has expired revokes nothing. Where the server
        cannot be reached, calls are stopped all the same, and a second try may be made. A log-in that is under way is
        not used, and the token that it brings is not revoked.

        Raises:
            errors.ApiError: The server did not revoke the tokens.
        """
        token = self._core.state.stop()
        if token is not None:
            try:
                with self._client(token) as client:
                    client.send(self.lifecycle.logout)
            except (PacerProError, httpx.RequestError) as error:
                self._core.not_logged_out(error)
        self._core.logged_out(token)

    async def alogout(self) -> None:
        """Log the user out EVERYWHERE, in EVERY process; the asynchronous form of :meth:`logout`."""
        token = self._core.state.stop()
        if token is not None:
            try:
                async with self._aclient(token) as client:
                    await client.asend(self.lifecycle.logout)
            except (PacerProError, httpx.RequestError) as error:
                self._core.not_logged_out(error)
        self._core.logged_out(token)

    def auth_flow(self, request: httpx.Request) -> NoReturn:  # noqa: ARG002  # The HTTP library's signature.
        """Refuse to be called, by an auth that delegates to this one.

        Raises:
            TypeError: Always. It cannot tell whether it may block the thread.
        """
        raise TypeError("delegate to sync_auth_flow or async_auth_flow: this auth waits, and blocks in the first alone")

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Send a request with a token; the HTTP library's synchronous client calls this."""
        return SyncFlow(self._core.steps(request, blocking=True), longest_wait(request))

    def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        """Send a request with a token; the HTTP library's asynchronous client calls this."""
        return AsyncFlow(self._core.steps(request, blocking=False), longest_wait(request))

    @contextmanager
    def _client(self, token: Token | None = None) -> Generator[ApiClient]:
        client = self._new_client(token)
        try:
            yield client
        finally:
            if self._transport is None:  # Else its owner closes it, who may be using it elsewhere.
                client.close()

    @asynccontextmanager
    async def _aclient(self, token: Token | None = None) -> AsyncGenerator[ApiClient]:
        client = self._new_client(token)
        try:
            yield client
        finally:
            if self._async_transport is None:
                await client.aclose()

    def _new_client(self, token: Token | None) -> ApiClient:
        return self.client_class(
            str(self.base_url),
            auth=None if token is None else token.value,
            transport=self._transport,
            async_transport=self._async_transport,
        )

    def _credentials(self) -> Model:
        if self._core.credentials is None:
            raise SessionExpired("there is no password to log in with: this was made of a session")
        return self._core.credentials

    def _logged_in(self, token: Token, epoch: int) -> S:
        self._core.state.learn(token, epoch)
        self._core.log.begins("logged in", token.session)
        return cast("S", token.session)


def _is(value: object, type_: type | UnionType) -> bool:
    """Tell of what type a value is, whatever its annotation says."""
    return isinstance(value, type_)
