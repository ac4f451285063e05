"""The client that generated packages derive theirs from."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncGenerator, Collection, Generator, Mapping
from contextlib import aclosing, asynccontextmanager, closing, contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, Self, TypeVar

from ._http import httpx
from .auth import BearerAuth, OriginAuth, host_names, refuse_pickling, secure_base_url
from .driver import run
from .errors import ApiError
from .retries import checked_retries
from .transports import network
from .transports.network import Connections, Named, Verify

if TYPE_CHECKING:
    from .exchange import Exchange
    from .operation import Operation
    from .retries import Retry
    from .types import FileStream, Response

T = TypeVar("T")

DEFAULT_TIMEOUT: Final = httpx.Timeout(30.0, connect=5.0)
"""Seconds to wait for each step of a request: 5 to connect; 30 to read, to write, and for a free connection."""


class Api(NamedTuple):
    """What the contract says of the API as a whole."""

    server: str  # The URL of its first server.
    environment: str  # The prefix of its environment variables, such as `PACERPRO`.
    user_agent: str  # The name and version of the generated package (RFC 9110, section 10.1.5).


class ApiClient(Connections):
    """Calls the operations of one API, with threads or with asyncio and trio. The generated ``Client`` documents it."""

    api: ClassVar[Api]

    def __init__(
        self,
        base_url: str | None = None,
        *,
        auth: httpx.Auth | str | None = None,
        timeout: httpx.Timeout | float | None = DEFAULT_TIMEOUT,
        headers: Mapping[str, str] | None = None,
        verify: Verify = True,
        proxy: httpx.Proxy | httpx.URL | str | None = None,
        transport: httpx.BaseTransport | Named | None = None,
        async_transport: httpx.AsyncBaseTransport | None = None,
        retries: int | Retry = 3,
        strict: bool = False,
        allow_insecure_hosts: Collection[str] | None = None,
    ) -> None:
        if base_url is None:
            base_url = os.environ.get(f"{self.api.environment}_BASE_URL") or self.api.server
        if allow_insecure_hosts is None:
            hosts = os.environ.get(f"{self.api.environment}_ALLOW_INSECURE_HOSTS", "")
            allow_insecure_hosts = hosts.replace(",", " ").split()
        insecure_hosts = host_names(allow_insecure_hosts)
        url = secure_base_url(base_url, insecure_hosts)
        settings = {
            "base_url": url,
            "auth": _checked_auth(auth, url),
            "timeout": network.checked_timeout(timeout),
            "headers": network.checked_headers({"User-Agent": self.api.user_agent}, headers or {}),
            "verify": verify,
            "proxy": network.checked_proxy(proxy, url, insecure_hosts),
        }
        super().__init__(settings, network.checked_transports(transport, async_transport, verify, settings["proxy"]))
        self._retries: int | Retry = checked_retries(retries)
        self._strict = strict
        self._base_url = str(url)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self._base_url!r})"

    def __copy__(self, _memo: object = None) -> Self:
        return self._with()

    __deepcopy__ = __copy__

    def __reduce__(self) -> tuple[Any, ...]:
        refuse_pickling(type(self).__name__, "make one in each process")

    @property
    def base_url(self) -> str:
        """The URL that the paths of all operations are relative to."""
        return self._base_url

    @property
    def timeout(self) -> httpx.Timeout:
        """Seconds to wait for each step of a request."""
        timeout: httpx.Timeout = self._settings["timeout"]
        return timeout

    def with_headers(self, headers: Mapping[str, str]) -> Self:
        """Return a client like this one that sends more headers.

        It has connections of its own, unless it was given a transport: the two share that.
        """
        return self._with(headers=network.checked_headers(self._settings["headers"], headers))

    def with_timeout(self, timeout: httpx.Timeout | float | None) -> Self:
        """Return a client like this one that waits for other times, in seconds; see :meth:`with_headers`."""
        return self._with(timeout=network.checked_timeout(timeout))

    def send(self, operation: Operation[T], /, **arguments: Any) -> Response[T]:
        """Call an operation with its parameters and its ``body``. Generated functions are the typed way to do so."""
        return run(self._sent(operation, arguments, blocking=True)).result()

    async def asend(self, operation: Operation[T], /, **arguments: Any) -> Response[T]:
        """Call an operation; the asynchronous form of :meth:`send`."""
        return (await self._sent(operation, arguments, blocking=False)).result()

    @contextmanager
    def stream(self, operation: Operation[Any], /, **arguments: Any) -> Generator[FileStream]:
        """Call an operation whose answer is a file, and read that as it comes."""
        exchange = run(self._sent(operation, arguments, blocking=True, stream=True))
        with closing(exchange.response):
            try:
                yield exchange.download()
            except httpx.RequestError as error:
                exchange.expose(error)
                raise

    @asynccontextmanager
    async def astream(self, operation: Operation[Any], /, **arguments: Any) -> AsyncGenerator[FileStream]:
        """Call an operation whose answer is a file; the asynchronous form of :meth:`stream`."""
        exchange = await self._sent(operation, arguments, blocking=False, stream=True)
        async with aclosing(exchange.response):
            try:
                yield exchange.download()
            except httpx.RequestError as error:
                exchange.expose(error)
                raise

    async def _sent(
        self, operation: Operation[T], arguments: dict[str, Any], *, blocking: bool, stream: bool = False
    ) -> Exchange[T]:
        from .exchange import Exchange  # noqa: PLC0415  # A program that only makes a client starts sooner.

        exchange = Exchange(operation, arguments, self._retries, strict=self._strict)
        http: Any = self.get_httpx_client() if blocking else self.get_async_httpx_client()
        request = exchange.begin(http, self._base_url)
        auth = httpx.USE_CLIENT_DEFAULT if operation.secured else None
        while True:
            try:
                sending = http.send(request, auth=auth, follow_redirects=False, stream=stream)
                exchange.response = response = sending if blocking else await sending
                pause = exchange.pause_after(response)
                if pause is not None:
                    response.close() if blocking else await response.aclose()
                elif stream and not exchange.is_file:
                    response.read() if blocking else await response.aread()
            except (httpx.RequestError, ApiError) as error:
                pause = exchange.pause_after(error)
                if pause is None:
                    exchange.expose(error)
                    raise
            if pause is None:
                return exchange
            if blocking:
                time.sleep(pause)  # noqa: ASYNC251  # It may block.
            else:
                from anyio import sleep  # noqa: PLC0415  # Programs that are not asynchronous do without it.

                await sleep(pause)

    def _with(self, **changes: Any) -> Self:
        like = object.__new__(type(self))
        vars(like).update(vars(self))
        Connections.__init__(like, self._settings | changes, self._transports)
        return like


def _checked_auth(auth: Any, url: httpx.URL) -> httpx.Auth | None:
    if isinstance(auth, str):
        return BearerAuth(auth, url)
    if not isinstance(auth, httpx.Auth | None):
        raise TypeError(f"auth is an httpx.Auth or a token, and not of the type {type(auth).__name__}")
    if isinstance(auth, OriginAuth) and not auth.covers(url):
        raise ValueError(f"the auth is for {auth.base_url}, and would not be used at {url}")
    return auth
