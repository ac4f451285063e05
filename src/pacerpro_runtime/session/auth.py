"""Logged in, refreshed and repaired by itself: a source of tokens, and an auth for any client of the HTTP library."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from types import UnionType
from typing import TYPE_CHECKING, ClassVar, Generic, NoReturn, Self, TypedDict, TypeVar, Unpack, cast

from pacerpro_runtime._http import httpx
from pacerpro_runtime.auth import OriginAuth, refuse_pickling
from pacerpro_runtime.client import DEFAULT_TIMEOUT, ApiClient
from pacerpro_runtime.driver import run
from pacerpro_runtime.lazy import needs
from pacerpro_runtime.transports.network import Named, Verify

from .adapters.flows import TokenFlows
from .log import SessionLog

if TYPE_CHECKING:
    import aiohttp
    import httpx2
    from requests.auth import AuthBase

    from pacerpro_runtime.wire.model import Model

    from .lifecycle import Lifecycle
    from .stores.base import TokenStore

S = TypeVar("S", bound="Model")

_ADAPTERS = "pacerpro_runtime.session.adapters"


class Settings(TypedDict, total=False):
    """The settings of :class:`SessionAuth`, without the store."""

    base_url: str | None
    timeout: httpx.Timeout | float | None
    headers: Mapping[str, str] | None
    verify: Verify
    proxy: httpx.Proxy | httpx.URL | str | None
    transport: httpx.BaseTransport | Named | None
    async_transport: httpx.AsyncBaseTransport | None
    allow_insecure_hosts: Collection[str] | None
    leeway: float | None


class SessionAuth(TokenFlows, OriginAuth, Generic[S]):
    """Logs in at the first call, refreshes in time, and repairs a revoked session.

    It is an ``httpx.Auth``: give it to the generated client, or to any ``httpx.Client`` or ``httpx.AsyncClient``.
    :meth:`for_httpx2`, :meth:`for_requests` and :meth:`for_aiohttp` return the same for other libraries, and
    :meth:`token` returns the token itself. All threads, event loops and clients of a program can share one object: it
    logs in once for all of them, over its own connections. It sends the token only to the origin of the base URL.

    A call raises what a log-in raises: the HTTP library's own error if the network fails; ``errors.Unauthorized`` if
    the credentials are wrong, which is remembered for 30 s; ``errors.TooManyRequests`` until the server's
    ``Retry-After`` has passed; any other ``errors.ApiError``; ``errors.SessionExpired`` after a log-out. A call that is
    answered 401 is repaired once: it is sent again with a new token. If that is answered 401 too, or if the body can be
    read only once, the caller gets the 401.

    It cannot be pickled; a copy of it is itself.

    Args:
        email: The address that identifies the user.
        password: The user's password.
        base_url: The URL to log in at and to send the token to; by default the client's.
        timeout: Seconds to wait for each step of a log-in, refresh or log-out, or an ``httpx.Timeout``; by default the
            client's.
        headers: Headers to send with each of them, such as an ``x-api-key``.
        verify: The path of a file of certificate authorities, an ``ssl.SSLContext``, or False for no verification.
        proxy: The proxy to use.
        transport: An ``httpx.BaseTransport`` for these calls, or the name of one. It is not closed.
        async_transport: An ``httpx.AsyncBaseTransport`` for those of asynchronous callers, in their event loop. By
            default they use ``transport``, in a thread. It is not closed.
        allow_insecure_hosts: Hosts to which plain http is allowed, for test networks.
        leeway: How many seconds before its end a token is refreshed, but at most half of its life. By default it is
            refreshed once two thirds of its life have passed.
        store: A store that shares the session with other processes, such as a ``FileStore``. If it fails, that is
            logged, and the session goes on in memory.

    Raises:
        ValueError: A setting cannot be used.
        TypeError: A setting is of another type.
        errors.InsecureUrl: The base URL is neither https nor on loopback.
    """

    _replayable = httpx.ByteStream
    client_class: ClassVar[type[ApiClient]]
    email_variable: ClassVar[str]
    password_variable: ClassVar[str]

    def __init__(
        self,
        *,
        email: str,
        password: str,
        base_url: str | None = None,
        timeout: httpx.Timeout | float | None = DEFAULT_TIMEOUT,
        headers: Mapping[str, str] | None = None,
        verify: Verify = True,
        proxy: httpx.Proxy | httpx.URL | str | None = None,
        transport: httpx.BaseTransport | Named | None = None,
        async_transport: httpx.AsyncBaseTransport | None = None,
        allow_insecure_hosts: Collection[str] | None = None,
        leeway: float | None = None,
        store: TokenStore | None = None,
    ) -> None:
        # Imported when an auth is made: a program that makes none starts sooner.
        from .source import TokenSource  # noqa: PLC0415
        from .stores import base  # noqa: PLC0415

        life = self.lifecycle()
        if not (_is(email, str) and _is(password, str)):
            raise TypeError(f"{life.identity} and {life.password} are strings")
        if leeway is not None and not (_is(leeway, int | float) and leeway >= 0):
            raise ValueError("leeway must be a number of seconds, and not negative")
        if store is not None and (isinstance(store, type) or not _is(store, base.TokenStore)):
            raise TypeError("store is an object with the methods of TokenStore, such as FileStore()")
        client = self.client_class(
            base_url=base_url,
            timeout=timeout,
            headers=headers,
            verify=verify,
            proxy=proxy,
            transport=transport,
            async_transport=async_transport,
            allow_insecure_hosts=allow_insecure_hosts,
            retries=0,
        )
        super().__init__(httpx.URL(client.base_url))
        self._source = TokenSource(
            lifecycle=life,
            client=client,
            credentials=life.credentials(**{life.identity: email, life.password: password}),
            store=store,
            leeway=leeway,
            close=isinstance(transport, str | None),
            is_async=async_transport is not None,
            admits=self.admits,
            log=SessionLog(str.__str__(email)),  # The text that is sent: the str of an enumeration may differ.
        )

    @classmethod
    def lifecycle(cls) -> Lifecycle:
        """Return what the contract says of the life of a session."""
        raise NotImplementedError

    @classmethod
    def from_env(cls, *, store: TokenStore | None = None, **settings: Unpack[Settings]) -> Self:
        """Take e-mail address and password from the environment.

        Raises:
            ValueError: One of the variables is not set.
        """
        email, password = os.environ.get(cls.email_variable), os.environ.get(cls.password_variable)
        if not email or not password:
            raise ValueError(f"set {cls.email_variable} and {cls.password_variable} to log in")
        return cls(email=email, password=password, store=store, **settings)

    @classmethod
    def from_session(
        cls, session: S, *, email: str | None = None, store: TokenStore | None = None, **settings: Unpack[Settings]
    ) -> Self:
        """Continue an existing session, without a password.

        It is refreshed for as long as it can be. Then calls raise ``errors.SessionExpired``.

        Args:
            session: The session.
            email: The user's address; needed with a store.
            store: A store that shares the session with other processes.
            settings: See :class:`SessionAuth`.

        Raises:
            TypeError: It is not a session. Another auth has none before its first log-in, for example.
            ValueError: There is a store, and no email.
        """
        kind = cls.lifecycle().session
        if not _is(session, kind):
            raise TypeError(f"from_session takes a {kind.__name__}, and not {type(session).__name__}")
        if store is not None and email is None:
            raise ValueError("say whose session it is with email=, to keep it in a store")
        auth = cls(email=email or "", password="", store=store, **settings)
        auth._source.be_guest(email, session)
        return auth

    @classmethod
    def from_store(cls, store: TokenStore, email: str | None = None, **settings: Unpack[Settings]) -> Self:
        """Continue the session that a store holds, without a password.

        Args:
            store: The store.
            email: The user's address, if the store holds several sessions of this origin.
            settings: See :class:`SessionAuth`.

        Raises:
            SeveralUsersError: The store holds the sessions of several users, and there is no email.
        """
        auth = cls(email=email or "", password="", store=store, **settings)
        auth._source.be_guest(email)
        return auth

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._source.log.who}, base_url={str(self.base_url)!r})"

    def __reduce__(self) -> NoReturn:
        refuse_pickling(type(self).__name__, "make one in each process, for example with from_env()")

    @property
    def email(self) -> str | None:
        """The address that identifies the user, if it is known."""
        return self._source.log.email

    @property
    def session(self) -> S | None:
        """The current session, or None before the first log-in and after the log-out."""
        state = self._source.state
        return None if state.token is None or state.stopped else cast("S", state.token.session)

    def token(self, *, rejected: str | None = None) -> str:
        """Return a token that is good to send, as ``Authorization: Bearer TOKEN``.

        Args:
            rejected: A token that the server has answered with 401, to be replaced. If the same token is returned, the
                401 stands: the last repair was less than 30 s ago and did not help.

        Raises:
            errors.Unauthorized: The credentials are wrong.
            errors.SessionExpired: The session is over, and there is no password; or the user has logged out.
            errors.ApiError: The server answers a log-in with any other error.
            httpx.RequestError: The server cannot be reached.
        """
        known = self._source.state.named(rejected)
        del rejected  # A traceback may show the values of its frames.
        return run(self._source.obtain(known, blocking=True)).value

    async def atoken(self, *, rejected: str | None = None) -> str:
        """Return a token that is good to send; the asynchronous form of :meth:`token`."""
        known = self._source.state.named(rejected)
        del rejected
        return (await self._source.obtain(known, blocking=False)).value

    def login(self) -> S:
        """Log in now and return the session. Only needed after :meth:`logout`. Raises what :meth:`token` raises."""
        return cast("S", run(self._source.obtain(login=True, blocking=True)).session)

    async def alogin(self) -> S:
        """Log in now; the asynchronous form of :meth:`login`."""
        return cast("S", (await self._source.obtain(login=True, blocking=False)).session)

    def logout(self) -> None:
        """Log the user out EVERYWHERE: in this process and in EVERY other one that is logged in as the same user.

        The server revokes all of the user's tokens at once; other processes notice at their next call. This object does
        not log in again until :meth:`login` is called: calls raise ``errors.SessionExpired``, also those that wait for
        a log-in. If the server cannot be reached, calls stop too, and you can try again. Without a living token, here
        or in the store, nothing is revoked: only this object stops, and the log says so.

        Raises:
            errors.ApiError: The server did not revoke the tokens.
            httpx.RequestError: The server cannot be reached.
        """
        run(self._source.log_out(blocking=True))

    async def alogout(self) -> None:
        """Log the user out EVERYWHERE, in EVERY process; the asynchronous form of :meth:`logout`."""
        await self._source.log_out(blocking=False)

    def for_httpx2(self) -> httpx2.Auth:
        """Return an auth for ``httpx2.Client`` and ``httpx2.AsyncClient``."""
        return cast("httpx2.Auth", needs(f"{_ADAPTERS}.httpx2_auth", "httpx2").Httpx2Auth(self._source))

    def for_requests(self) -> AuthBase:
        """Return an auth for ``requests``, and for a ``requests.Session``."""
        return cast("AuthBase", needs(f"{_ADAPTERS}.requests_auth", "requests").RequestsAuth(self._source))

    def for_aiohttp(self) -> aiohttp.ClientMiddlewareType:
        """Return a middleware for ``aiohttp.ClientSession(middlewares=[...])``, in asyncio."""
        adapter = needs(f"{_ADAPTERS}.aiohttp_middleware", "aiohttp>=3.12")
        return cast("aiohttp.ClientMiddlewareType", adapter.middleware(self._source))

    def auth_flow(self, request: httpx.Request) -> NoReturn:  # noqa: ARG002  # The HTTP library's signature.
        """Raise TypeError: an auth that delegates to this one must say whether it may block the thread."""
        raise TypeError("delegate to sync_auth_flow or async_auth_flow: this auth waits, and only the first may block")


def _is(value: object, type_: type | UnionType) -> bool:
    """Tell of what type a value is, whatever its annotation says."""
    return isinstance(value, type_)
