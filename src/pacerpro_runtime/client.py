"""The client that generated packages derive theirs from."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncGenerator, Collection, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, Self, TypeVar

from ._http import httpx
from .auth import BearerAuth, OriginAuth, host_names, refuse_pickling, secure_base_url
from .retries import Policy
from .transports.network import Named, Network, Verify, checked_headers, checked_timeout

if TYPE_CHECKING:
    from .exchange import Exchange
    from .operation import Operation
    from .retries import Retry
    from .transfer import FileStream
    from .types import Response

T = TypeVar("T")

DEFAULT_TIMEOUT: Final = httpx.Timeout(30.0, connect=5.0)
"""Seconds to wait for each step of a request: 5 to connect; 30 to read, to write, and for a free connection."""


class Api(NamedTuple):
    """What the contract says of the API as a whole."""

    server: str
    """The URL of its first server."""
    environment: str
    """The prefix of its environment variables, such as ``PACERPRO``."""
    user_agent: str
    """The name and version of the generated package (RFC 9110, section 10.1.5)."""


class ApiClient:
    """Calls the operations of one API, with threads or with asyncio and trio.

    The generated ``Client`` documents its settings. The connections are opened at the first call and closed by
    ``with``, ``async with``, :meth:`close` and :meth:`aclose`.
    """

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
        self._network = Network(
            base_url=url,
            auth=_checked_auth(auth, url),
            timeout=timeout,
            headers=checked_headers({"User-Agent": self.api.user_agent}, headers),
            verify=verify,
            proxy=proxy,
            transport=transport,
            async_transport=async_transport,
            insecure_hosts=insecure_hosts,
        )
        self._policy = Policy(retries)
        self._strict = strict
        self._base_url = str(url)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self._base_url!r})"

    def __copy__(self) -> Self:
        return self._with()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self._with()

    def __reduce__(self) -> tuple[Any, ...]:
        refuse_pickling(type(self).__name__, "make one in each process")

    @property
    def base_url(self) -> str:
        """The URL that the paths of all operations are relative to."""
        return self._base_url

    @property
    def timeout(self) -> httpx.Timeout:
        """Seconds to wait for each step of a request."""
        return self._network.timeout

    def with_headers(self, headers: Mapping[str, str]) -> Self:
        """Return a client like this one that sends more headers.

        It has connections of its own, unless it was given a transport: the two share that.
        """
        return self._with(headers=checked_headers(self._network.headers, headers))

    def with_timeout(self, timeout: httpx.Timeout | float | None) -> Self:
        """Return a client like this one that waits for other times, in seconds; see :meth:`with_headers`."""
        return self._with(timeout=checked_timeout(timeout))

    def get_httpx_client(self) -> httpx.Client:
        """Return the HTTP client behind the synchronous calls, for a call that the contract does not know.

        It sends the token to the base URL's origin alone. It follows no redirects, and it does not retry.
        """
        return self._network.client()

    def get_async_httpx_client(self) -> httpx.AsyncClient:
        """Return the HTTP client behind the asynchronous calls of this event loop; see :meth:`get_httpx_client`."""
        return self._network.async_client()

    def send(self, operation: Operation[T], /, **arguments: Any) -> Response[T]:
        """Call an operation with its parameters and its ``body``. Generated functions are the typed way to do so."""
        return self._sent(operation, arguments).result()

    async def asend(self, operation: Operation[T], /, **arguments: Any) -> Response[T]:
        """Call an operation; the asynchronous form of :meth:`send`."""
        return (await self._asent(operation, arguments)).result()

    @contextmanager
    def stream(self, operation: Operation[Any], /, **arguments: Any) -> Generator[FileStream]:
        """Call an operation whose answer is a file, and read that as it comes."""
        exchange = self._sent(operation, arguments, stream=True)
        try:
            if not exchange.is_file:
                exchange.response.read()
            yield exchange.download()
        except httpx.RequestError as error:
            exchange.expose(error)
            raise
        finally:
            exchange.response.close()

    @asynccontextmanager
    async def astream(self, operation: Operation[Any], /, **arguments: Any) -> AsyncGenerator[FileStream]:
        """Call an operation whose answer is a file; the asynchronous form of :meth:`stream`."""
        exchange = await self._asent(operation, arguments, stream=True)
        try:
            if not exchange.is_file:
                await exchange.response.aread()
            yield exchange.download()
        except httpx.RequestError as error:
            exchange.expose(error)
            raise
        finally:
            await exchange.response.aclose()

    def _sent(self, operation: Operation[T], arguments: dict[str, Any], *, stream: bool = False) -> Exchange[T]:
        exchange = self._exchange(self.get_httpx_client, operation, arguments)
        http = exchange.http
        while True:
            try:
                response = http.send(exchange.request, auth=exchange.auth, follow_redirects=False, stream=stream)
                if exchange.answered(response):
                    return exchange
                response.close()
            except exchange.errors as error:
                exchange.failed(error)
            time.sleep(exchange.pause)

    async def _asent(self, operation: Operation[T], arguments: dict[str, Any], *, stream: bool = False) -> Exchange[T]:
        import anyio  # noqa: PLC0415  # Programs that are not asynchronous do without it.

        exchange = self._exchange(self.get_async_httpx_client, operation, arguments)
        http = exchange.http
        while True:
            try:
                response = await http.send(exchange.request, auth=exchange.auth, follow_redirects=False, stream=stream)
                if exchange.answered(response):
                    return exchange
                await response.aclose()
            except exchange.errors as error:
                exchange.failed(error)
            await anyio.sleep(exchange.pause)

    def _exchange(self, connect: Any, operation: Operation[T], arguments: dict[str, Any]) -> Exchange[T]:
        from .exchange import Exchange  # noqa: PLC0415  # A program that only makes a client starts sooner.

        return Exchange(connect, self._base_url, operation, arguments, self._policy, strict=self._strict)

    def close(self) -> None:
        """Close the connections of the synchronous calls."""
        self._network.close()

    async def aclose(self) -> None:
        """Close the connections of the asynchronous calls of this event loop."""
        await self._network.aclose()

    def __enter__(self) -> Self:
        self.get_httpx_client()  # Open from here on, so that it is closed at the end even if there was no call.
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        self.get_async_httpx_client()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def _with(self, **changes: Any) -> Self:
        like = object.__new__(type(self))
        vars(like).update(vars(self), _network=self._network.but(**changes))
        return like


def _checked_auth(auth: Any, url: httpx.URL) -> httpx.Auth | None:
    if isinstance(auth, str):
        return BearerAuth(auth, url)
    if not isinstance(auth, httpx.Auth | None):
        raise TypeError(f"auth is an httpx.Auth or a token, and not of the type {type(auth).__name__}")
    if isinstance(auth, OriginAuth) and not auth.covers(url):
        raise ValueError(f"the auth is for {auth.base_url}, and would not be used at {url}")
    return auth
