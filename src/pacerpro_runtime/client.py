"""The client that generated packages derive theirs from."""

from __future__ import annotations

import os
import re
import time
from collections.abc import AsyncGenerator, Collection, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, TypeVar

from attrs import define, evolve

from ._http import httpx
from .auth import OriginAuth, auth_of
from .connections import Connections
from .errors import ApiError
from .headers import checked_headers
from .origin import secure_base_url
from .retries import Policy
from .transports.network import Named, Network
from .transports.tls import Verify
from .types import UNSET, Response, refuse_pickling

if TYPE_CHECKING:
    from .exchange import Exchange
    from .operation import Operation
    from .retries import Retry
    from .transfer import FileStream

T = TypeVar("T")

DEFAULT_TIMEOUT: Final = httpx.Timeout(30.0, connect=5.0)
"""Seconds to wait for each step of a request: 5 to connect; 30 to read, to write, and for a free connection."""


@define(frozen=True, eq=False)
class Api:
    """What the contract says of the API as a whole."""

    server: str
    """The URL of its first server."""
    environment: str
    """The prefix of its environment variables, such as ``PACERPRO``."""
    user_agent: str
    """The name and version of the generated package (RFC 9110, section 10.1.5)."""

    def base_url(self, given: str | None, insecure_hosts: frozenset[str] = frozenset()) -> httpx.URL:
        """Return the given base URL, else that of the environment, else the contract's.

        Raises:
            ValueError: It is no base URL.
            InsecureUrl: It is neither https nor on loopback, and its host is not one of ``insecure_hosts``.
        """
        if given is None:
            given = os.environ.get(f"{self.environment}_BASE_URL") or self.server
        return secure_base_url(given, insecure_hosts)

    def insecure_hosts(self, given: Collection[str] | None) -> frozenset[str]:
        """Return the hosts to which plain http is allowed: the given ones, or else those of the environment.

        Raises:
            TypeError: It is a single string, or not a collection of strings.
        """
        if given is None:
            given = re.findall(r"[^\s,]+", os.environ.get(f"{self.environment}_ALLOW_INSECURE_HOSTS", ""))
        if isinstance(given, str) or not all(isinstance(each, str) for each in given):
            raise TypeError('allow_insecure_hosts is a set of host names, such as {"mock", "10.0.0.7"}')
        return frozenset(each.strip("[]").lower() for each in given)


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
        insecure_hosts = self.api.insecure_hosts(allow_insecure_hosts)
        url = self.api.base_url(base_url, insecure_hosts)
        given_auth = auth_of(auth, url)
        if isinstance(given_auth, OriginAuth) and not given_auth.covers(url):
            raise ValueError(f"the auth is for {given_auth.base_url}, and would not be used at {url}")
        self._network = Network(
            base_url=url,
            auth=given_auth,
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
        self._connections = Connections(self._network)

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
        return self._with(timeout=timeout)

    def get_httpx_client(self) -> httpx.Client:
        """Return the HTTP client behind the synchronous calls, for a call that the contract does not know.

        It sends the token to the base URL's origin alone. It follows no redirects, and it does not retry.
        """
        return self._connections.client()

    def get_async_httpx_client(self) -> httpx.AsyncClient:
        """Return the HTTP client behind the asynchronous calls of this event loop; see :meth:`get_httpx_client`."""
        return self._connections.async_client()

    def send(self, operation: Operation[T], /, body: Any = UNSET, **arguments: Any) -> Response[T]:
        """Call an operation. Generated functions are the typed way to do so."""
        http = self.get_httpx_client()
        exchange = self._exchange(http, operation, body, arguments)
        self._attempt(http, exchange, stream=False)
        return exchange.result()

    @contextmanager
    def stream(self, operation: Operation[Any], /, body: Any = UNSET, **arguments: Any) -> Generator[FileStream]:
        """Call an operation whose answer is a file, and read that as it comes."""
        http = self.get_httpx_client()
        exchange = self._exchange(http, operation, body, arguments)
        self._attempt(http, exchange, stream=True)
        try:
            if not exchange.is_success:
                exchange.response.read()
                exchange.result()
            yield exchange.download()
        except httpx.RequestError as error:
            exchange.interrupted(error)
            raise
        finally:
            exchange.response.close()

    def _attempt(self, http: httpx.Client, exchange: Exchange[Any], *, stream: bool) -> None:
        while True:
            try:
                response = http.send(exchange.request, auth=exchange.auth, follow_redirects=False, stream=stream)
                exchange.answered(response)
            except (httpx.RequestError, ApiError) as error:
                exchange.failed(error)
            else:
                if exchange.pause is None:
                    return
                response.close()
            time.sleep(exchange.pause or 0)

    async def asend(self, operation: Operation[T], /, body: Any = UNSET, **arguments: Any) -> Response[T]:
        """Call an operation; the asynchronous form of :meth:`send`."""
        http = self.get_async_httpx_client()
        exchange = self._exchange(http, operation, body, arguments)
        await self._aattempt(http, exchange, stream=False)
        return exchange.result()

    @asynccontextmanager
    async def astream(
        self, operation: Operation[Any], /, body: Any = UNSET, **arguments: Any
    ) -> AsyncGenerator[FileStream]:
        """Call an operation whose answer is a file; the asynchronous form of :meth:`stream`."""
        http = self.get_async_httpx_client()
        exchange = self._exchange(http, operation, body, arguments)
        await self._aattempt(http, exchange, stream=True)
        try:
            if not exchange.is_success:
                await exchange.response.aread()
                exchange.result()
            yield exchange.download()
        except httpx.RequestError as error:
            exchange.interrupted(error)
            raise
        finally:
            await exchange.response.aclose()

    async def _aattempt(self, http: httpx.AsyncClient, exchange: Exchange[Any], *, stream: bool) -> None:
        while True:
            try:
                response = await http.send(exchange.request, auth=exchange.auth, follow_redirects=False, stream=stream)
                exchange.answered(response)
            except (httpx.RequestError, ApiError) as error:
                exchange.failed(error)
            else:
                if exchange.pause is None:
                    return
                await response.aclose()
            await _asleep(exchange.pause or 0)

    def _exchange(
        self, http: httpx.Client | httpx.AsyncClient, operation: Operation[T], body: Any, arguments: Mapping[str, Any]
    ) -> Exchange[T]:
        # Imported at the first call: a program that only makes a client starts sooner.
        from .exchange import Exchange, as_model  # noqa: PLC0415
        from .request import build_request, request_parts  # noqa: PLC0415

        body = as_model(operation, body)
        request = build_request(http, request_parts(self._base_url, operation, body, arguments))
        return Exchange(operation, request, body, self._policy, strict=self._strict)

    def close(self) -> None:
        """Close the connections of the synchronous calls."""
        self._connections.close()

    async def aclose(self) -> None:
        """Close the connections of the asynchronous calls of this event loop."""
        await self._connections.aclose()

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
        network = evolve(self._network, **changes)
        vars(like).update(vars(self), _network=network, _connections=Connections(network))
        return like


async def _asleep(seconds: float) -> None:
    import anyio  # noqa: PLC0415  # Programs that are not asynchronous do without it.

    await anyio.sleep(seconds)
