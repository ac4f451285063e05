"""Calls over pyreqwest, an engine in Rust, with the errors that httpx's own transport raises."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar, cast

from pyreqwest import exceptions
from pyreqwest.client import ClientBuilder, SyncClientBuilder
from pyreqwest.compatibility.httpx import HttpxTransport, SyncHttpxTransport
from pyreqwest.proxy import ProxyBuilder

from pacerpro_runtime._http import httpx

B = TypeVar("B", ClientBuilder, SyncClientBuilder)


@dataclass
class Settings:
    """The settings of a transport. ``direct`` passes by the proxies of the environment."""

    timeout: httpx.Timeout
    verify: ssl.SSLContext | str | os.PathLike[str] | bool
    proxy: httpx.Proxy | None
    direct: bool


def transport(settings: Settings, *, blocking: bool) -> BlockingTransport | AsyncTransport:
    """Return a transport with these settings, for synchronous or asynchronous calls."""
    if blocking:
        return BlockingTransport(_configured(SyncClientBuilder(), settings).build())
    return AsyncTransport(_configured(ClientBuilder(), settings).build())


def _configured(builder: B, settings: Settings) -> B:
    builder = builder.follow_redirects(enable=False).max_connections(100)
    for step in ("connect", "read", "pool"):
        if (seconds := getattr(settings.timeout, step)) is not None:
            builder = getattr(builder, f"{step}_timeout")(timedelta(seconds=seconds))
    if settings.verify is False:
        builder = builder.danger_accept_invalid_certs(enable=True)
    elif path := os.environ.get("SSL_CERT_FILE") if settings.verify is True else settings.verify:
        builder = builder.add_root_certificate_pem(Path(cast("str", path)).read_bytes())
    if settings.proxy is not None:
        proxy = ProxyBuilder.all(str(settings.proxy.url))
        builder = builder.proxy(proxy if settings.proxy.auth is None else proxy.basic_auth(*settings.proxy.auth))
    return builder.no_proxy() if settings.direct else builder


class BlockingTransport(SyncHttpxTransport):
    """For synchronous calls. Its errors are those of httpx."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request."""
        request.extensions.pop("timeout", None)  # It would be added up, and bound the whole answer.
        with _errors_of_httpx(request):
            response = super().handle_request(request)
        response.stream = _Body(response.stream, request)
        return response


class AsyncTransport(HttpxTransport):
    """For asynchronous calls on asyncio. Its errors are those of httpx."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; on trio, raise RuntimeError."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            raise RuntimeError("pyreqwest needs asyncio: use another transport with trio") from None
        request.extensions.pop("timeout", None)
        with _errors_of_httpx(request):
            response = await super().handle_async_request(request)
        response.stream = _Body(response.stream, request)
        return response


class _Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    def __init__(self, stream: Any, request: httpx.Request) -> None:
        self._stream = stream
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        with _errors_of_httpx(self._request):
            yield from self._stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _errors_of_httpx(self._request):
            async for chunk in self._stream:
                yield chunk

    def close(self) -> None:
        self._stream.close()

    async def aclose(self) -> None:
        await self._stream.aclose()


@contextmanager
def _errors_of_httpx(request: httpx.Request) -> Generator[None]:
    """Raise the error of httpx for each error of pyreqwest, whose own translation does not tell what has been sent."""
    try:
        yield
    except (httpx.RequestError, exceptions.PyreqwestError) as error:
        found = error.__cause__ or error
    else:
        return
    causes: list[str] = []
    if isinstance(found, exceptions.DetailedPyreqwestError):
        causes = [each["message"] for each in found.details["causes"] or []]
    text = ": ".join([str(found.args[0]), *causes[-1:]])
    failure = _kind(found, " ".join(causes))(text, request=request)
    # Raised out here, because what pyreqwest raised would stay attached as the context.
    raise failure from (ssl.SSLCertVerificationError(text) if "certificate" in text else None)


def _kind(error: BaseException, causes: str) -> type[httpx.RequestError]:
    if isinstance(error, exceptions.PoolTimeoutError):
        return httpx.PoolTimeout
    if isinstance(error, exceptions.RequestTimeoutError):
        return httpx.ConnectTimeout if "(Connect)" in causes else httpx.ReadTimeout
    if "(Connect)" in causes:
        return httpx.ProxyError if "tunnel" in causes else httpx.ConnectError
    if "os error" in causes:
        return httpx.ReadError
    if isinstance(error, exceptions.DecodeError) and "from connection" not in causes and "SendRequest" not in causes:
        return httpx.DecodingError
    return httpx.RemoteProtocolError
