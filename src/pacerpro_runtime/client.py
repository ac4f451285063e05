"""The client that generated packages derive theirs from."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Collection, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self, TypeVar

from attrs import define

from ._http import httpx
from .auth import OriginAuth, auth_of
from .connections import Connections
from .errors import ApiError
from .exchange import Exchange, as_model
from .operation import Operation
from .origin import secure_base_url
from .request import request_parts
from .retries import Policy
from .transports.named import Named
from .transports.network import Network, checked_headers
from .transports.tls import Verify
from .types import UNSET, Response, refuse_pickling

if TYPE_CHECKING:
    from .retries import Retry

T = TypeVar("T")

DEFAULT_TIMEOUT: Final = httpx.Timeout(30.0, connect=5.0)
"""Seconds to wait for each step of a request: 5 to connect; 30 to read, to write, and for a free connection."""


@define(frozen=True)
class Api:
    """What the contract says of the API as a whole.

    Attributes:
        server: The URL of its first server.
        environment: The prefix of its environment variables, such as ``PACERPRO``.
        user_agent: The name and version of the generated package (RFC 9110, section 10.1.5).
    """

    server: str
    environment: str
    user_agent: str

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
        self._retries = retries
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
        auth = httpx.USE_CLIENT_DEFAULT if operation.secured else None
        while True:
            try:
                response = http.send(exchange.request, auth=auth, follow_redirects=False)
            except (httpx.RequestError, ApiError) as error:
                seconds = exchange.failed(error)
            else:
                again = exchange.answered(response)
                if again is None:
                    return exchange.result(response)
                seconds = again
            time.sleep(seconds)

    async def asend(self, operation: Operation[T], /, body: Any = UNSET, **arguments: Any) -> Response[T]:
        """Call an operation; the asynchronous form of :meth:`send`."""
        http = self.get_async_httpx_client()
        exchange = self._exchange(http, operation, body, arguments)
        auth = httpx.USE_CLIENT_DEFAULT if operation.secured else None
        while True:
            try:
                response = await http.send(exchange.request, auth=auth, follow_redirects=False)
            except (httpx.RequestError, ApiError) as error:
                seconds = exchange.failed(error)
            else:
                again = exchange.answered(response)
                if again is None:
                    return exchange.result(response)
                seconds = again
            await _asleep(seconds)

    def _exchange(
        self, http: httpx.Client | httpx.AsyncClient, operation: Operation[T], body: Any, arguments: Mapping[str, Any]
    ) -> Exchange[T]:
        body = as_model(operation, body)
        request = http.build_request(**request_parts(self._base_url, operation, body, arguments))
        return Exchange(operation, request, body, self._policy)

    def close(self) -> None:
        """Close the connections of the synchronous calls."""
        if self._connections.blocking is not None:
            self._connections.blocking.close()

    async def aclose(self) -> None:
        """Close the connections of the asynchronous calls of this event loop."""
        if (http := self._connections.of_this_loop()) is not None:
            await http.aclose()

    def __enter__(self) -> Self:
        if self._connections.blocking is None:  # One that has made a call is open already, and refuses to be opened.
            self.get_httpx_client().__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.get_httpx_client().__exit__(kind, error, traceback)

    async def __aenter__(self) -> Self:
        if self._connections.of_this_loop() is None:
            await self.get_async_httpx_client().__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.get_async_httpx_client().__aexit__(kind, error, traceback)

    def _with(self, **changes: Any) -> Self:
        network = self._network
        settings: dict[str, Any] = {
            "base_url": self._base_url,
            "auth": network.auth,
            "timeout": network.timeout,
            "headers": network.headers,
            "verify": network.verify,
            "proxy": network.proxy,
            "transport": network.transport,
            "async_transport": network.async_transport,
            "retries": self._retries,
            "strict": self._strict,
            "allow_insecure_hosts": network.insecure_hosts,
        }
        return type(self)(**{**settings, **changes})


async def _asleep(seconds: float) -> None:
    import anyio  # noqa: PLC0415  # Programs that are not asynchronous do without it.

    await anyio.sleep(seconds)
