"""Calls over pyreqwest, an engine in Rust, with the errors that httpx's own transport raises."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from pyreqwest import exceptions
from pyreqwest.client import ClientBuilder, SyncClientBuilder
from pyreqwest.compatibility.httpx import HttpxTransport, SyncHttpxTransport
from pyreqwest.proxy import ProxyBuilder

from pacerpro_runtime._http import httpx


def transport(settings: dict[str, Any], *, direct: bool, blocking: bool) -> BlockingTransport | AsyncTransport:
    """Return a transport with these settings. ``direct`` passes by the proxies of the environment."""
    timeout, verify, proxy = settings["timeout"], settings["verify"], settings["proxy"]
    builder: Any = (SyncClientBuilder if blocking else ClientBuilder)()
    builder = builder.follow_redirects(enable=False).max_connections(100)
    for step in ("connect", "read", "pool"):
        if (seconds := getattr(timeout, step)) is not None:
            builder = getattr(builder, f"{step}_timeout")(timedelta(seconds=seconds))
    if verify is False:
        builder = builder.danger_accept_invalid_certs(enable=True)
    elif path := os.environ.get("SSL_CERT_FILE") if verify is True else verify:
        builder = builder.add_root_certificate_pem(Path(path).read_bytes())
    if proxy is not None:
        hop = ProxyBuilder.all(str(proxy.url))
        builder = builder.proxy(hop if proxy.auth is None else hop.basic_auth(*proxy.auth))
    built = (builder.no_proxy() if direct else builder).build()
    return BlockingTransport(built) if blocking else AsyncTransport(built)


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


# By the class of an error, and by words in the texts of its causes; the first that fits counts. (The translation that
# pyreqwest brings does not tell what has been sent.)
_KINDS: list[tuple[type[Exception], str, type[httpx.RequestError]]] = [
    (exceptions.PoolTimeoutError, "", httpx.PoolTimeout),
    (exceptions.RequestTimeoutError, "(Connect)", httpx.ConnectTimeout),
    (exceptions.RequestTimeoutError, "", httpx.ReadTimeout),
    (Exception, "tunnel", httpx.ProxyError),
    (Exception, "(Connect)", httpx.ConnectError),
    (Exception, "os error", httpx.ReadError),
    (exceptions.DecodeError, "from connection", httpx.RemoteProtocolError),
    (exceptions.DecodeError, "SendRequest", httpx.RemoteProtocolError),
    (exceptions.DecodeError, "", httpx.DecodingError),
    (Exception, "", httpx.RemoteProtocolError),
]


@contextmanager
def _errors_of_httpx(request: httpx.Request) -> Generator[None]:
    """Raise the error of httpx for each error of pyreqwest."""
    try:
        yield
    except (httpx.RequestError, exceptions.PyreqwestError) as error:
        found = error.__cause__ or error
    else:
        return
    causes: list[str] = []
    if isinstance(found, exceptions.DetailedPyreqwestError):
        causes = [each["message"] for each in found.details["causes"] or []]
    text, said = ": ".join([str(found.args[0]), *causes[-1:]]), " ".join(causes)
    kind = next(kind for class_, words, kind in _KINDS if isinstance(found, class_) and words in said)
    # Raised out here, because what pyreqwest raised would stay attached as the context.
    raise kind(text, request=request) from (ssl.SSLCertVerificationError(text) if "certificate" in text else None)
