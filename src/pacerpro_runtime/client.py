"""The client that generated packages derive theirs from."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from threading import Lock
from types import TracebackType
from typing import Any, ClassVar, Final, Self, TypeVar

from attrs import define

from ._http import httpx
from .auth import OriginAuth, auth_of
from .errors import PacerProError
from .exchange import Exchange
from .operation import Operation
from .origin import secure_base_url
from .request import header_text, request_parts
from .retries import Retry, policy
from .transports.named import Named, async_client, check_transports, sync_client
from .types import UNSET, Response, refuse_pickling

T = TypeVar("T")

DEFAULT_TIMEOUT: Final = httpx.Timeout(30.0, connect=5.0)
"""Seconds to wait for each step of a request: 5 to connect; 30 to read, to write, and for a free connection."""


@define(frozen=True)
class Api:
    """What the contract says of the API as a whole.

    Attributes:
        server: The URL of its first server.
        base_url_variable: The environment variable that takes the server's place.
        user_agent: The name and version of the generated package (RFC 9110, section 10.1.5).
    """

    server: str
    base_url_variable: str
    user_agent: str

    def base_url(self, given: str | None) -> httpx.URL:
        """Return the given base URL, else that of the environment, else the contract's.

        Raises:
            ValueError: It is no base URL.
            InsecureUrl: It is neither https nor on loopback.
        """
        if given is None:
            given = os.environ.get(self.base_url_variable) or self.server
        return secure_base_url(given)


class ApiClient:
    """Calls the operations of one API, with threads or with asyncio and trio.

    The connections are opened at the first call and closed by ``with``, ``async with``, :meth:`close` and
    :meth:`aclose`. It may be shared by threads; its asynchronous calls belong to one event loop. The environment's
    proxies are used, except for a base URL on this machine.
    """

    api: ClassVar[Api]

    def __init__(
        self,
        base_url: str | None = None,
        *,
        auth: httpx.Auth | str | None = None,
        timeout: httpx.Timeout | float | None = DEFAULT_TIMEOUT,
        headers: Mapping[str, str] | None = None,
        transport: httpx.BaseTransport | Named | None = None,
        async_transport: httpx.AsyncBaseTransport | None = None,
        retries: int | Retry = 3,
    ) -> None:
        self._url = self.api.base_url(base_url)
        self._base_url = str(self._url)
        self._auth = auth_of(auth, self._url)
        if isinstance(self._auth, OriginAuth) and not self._auth.covers(self._url):
            raise ValueError(f"the auth is for {self._auth.base_url}, and would not be used at {self._url}")
        self._timeout = _checked_timeout(timeout)
        self._headers = httpx.Headers({"User-Agent": self.api.user_agent})
        self._headers.update({name: header_text(name, value) for name, value in (headers or {}).items()})
        check_transports(transport, async_transport, named=True)
        self._transport: httpx.BaseTransport | Named | None = transport
        self._async_transport = async_transport
        self._retry = policy(retries)
        self._lock = Lock()
        self._http: httpx.Client | None = None
        self._async_http: httpx.AsyncClient | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}(base_url={self._base_url!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        refuse_pickling(type(self).__name__, "make one in each process")

    @property
    def base_url(self) -> str:
        """The URL that the paths of all operations are relative to."""
        return self._base_url

    @property
    def timeout(self) -> httpx.Timeout:
        """Seconds to wait for each step of a request."""
        return self._timeout

    def with_headers(self, headers: Mapping[str, str]) -> Self:
        """Return a client like this one that sends more headers.

        It has connections of its own, unless it was given a transport: the two share that.
        """
        merged = httpx.Headers(self._headers)  # Its names are not case-sensitive.
        merged.update(headers)
        return self._with(headers=merged)

    def with_timeout(self, timeout: httpx.Timeout | float | None) -> Self:
        """Return a client like this one that waits for other times, in seconds; see :meth:`with_headers`."""
        return self._with(timeout=timeout)

    def get_httpx_client(self) -> httpx.Client:
        """Return the HTTP client behind the synchronous calls, for a call that the contract does not know.

        It sends the token to the base URL's origin alone. It follows no redirects, and it does not retry.
        """
        if self._http is None:
            with self._lock:
                if self._http is None:  # Another thread may have been here while this one waited.
                    self._http = sync_client(self._transport, self._settings())
        return self._http

    def get_async_httpx_client(self) -> httpx.AsyncClient:
        """Return the HTTP client behind the asynchronous calls; see :meth:`get_httpx_client`."""
        if self._async_http is None:
            with self._lock:
                if self._async_http is None:
                    self._async_http = async_client(self._async_transport, self._transport, self._settings())
        return self._async_http

    def send(self, operation: Operation[T], /, body: Any = UNSET, **arguments: Any) -> Response[T]:
        """Call an operation. Generated functions are the typed way to do so."""
        http = self.get_httpx_client()
        request = http.build_request(**request_parts(self._base_url, operation, body, arguments))
        auth = httpx.USE_CLIENT_DEFAULT if operation.secured else None
        exchange = Exchange(operation, request, body, self._retry)
        while True:
            try:
                response = http.send(request, auth=auth, follow_redirects=False)
            except httpx.RequestError as error:
                seconds = exchange.failed(error)
            except PacerProError as error:
                seconds = exchange.not_logged_in(error)
            else:
                again = exchange.answered(response)
                if again is None:
                    return exchange.result(response)
                seconds = again
            time.sleep(seconds)

    async def asend(self, operation: Operation[T], /, body: Any = UNSET, **arguments: Any) -> Response[T]:
        """Call an operation; the asynchronous form of :meth:`send`."""
        http = self.get_async_httpx_client()
        request = http.build_request(**request_parts(self._base_url, operation, body, arguments))
        auth = httpx.USE_CLIENT_DEFAULT if operation.secured else None
        exchange = Exchange(operation, request, body, self._retry)
        while True:
            try:
                response = await http.send(request, auth=auth, follow_redirects=False)
            except httpx.RequestError as error:
                seconds = exchange.failed(error)
            except PacerProError as error:
                seconds = exchange.not_logged_in(error)
            else:
                again = exchange.answered(response)
                if again is None:
                    return exchange.result(response)
                seconds = again
            await _asleep(seconds)

    def close(self) -> None:
        """Close the connections of the synchronous calls."""
        if self._http is not None:
            self._http.close()

    async def aclose(self) -> None:
        """Close the connections of the asynchronous calls."""
        if self._async_http is not None:
            await self._async_http.aclose()

    def __enter__(self) -> Self:
        if self._http is None:  # One that has made a call is open already, and refuses to be opened.
            self.get_httpx_client().__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.get_httpx_client().__exit__(kind, error, traceback)

    async def __aenter__(self) -> Self:
        if self._async_http is None:
            await self.get_async_httpx_client().__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.get_async_httpx_client().__aexit__(kind, error, traceback)

    def _settings(self) -> dict[str, Any]:
        return {
            "base_url": self._url,
            "auth": self._auth,
            "timeout": self._timeout,
            "headers": self._headers,
            "follow_redirects": False,
            # A proxy of the environment may be another machine, and http would carry the secrets there in the clear.
            "mounts": {f"http://{self._url.netloc.decode()}": None} if self._url.scheme == "http" else None,
        }

    def _with(self, **changes: Any) -> Self:
        settings: dict[str, Any] = {
            "base_url": self._base_url,
            "auth": self._auth,
            "timeout": self._timeout,
            "headers": self._headers,
            "transport": self._transport,
            "async_transport": self._async_transport,
            "retries": self._retry,
        }
        return type(self)(**{**settings, **changes})


def _checked_timeout(timeout: Any) -> httpx.Timeout:
    checked = httpx.Timeout(timeout)
    seconds: list[Any] = [each for each in checked.as_dict().values() if each is not None]
    if not all(isinstance(each, int | float) and each >= 0 for each in seconds):
        raise ValueError("timeout is a number of seconds that is not negative, an httpx.Timeout, or None")
    return checked


async def _asleep(seconds: float) -> None:
    import anyio  # noqa: PLC0415  # Programs that are not asynchronous do without it.

    await anyio.sleep(seconds)
