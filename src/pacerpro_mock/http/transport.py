"""The mock as a transport of httpx: the same service, and no socket."""

import time
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from typing import cast

import anyio
import httpx

from pacerpro_mock.http.api import Exchange
from pacerpro_mock.http.messages import Answer, Head

TOLD = "the mock was told to do so"


class MockTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Brings the requests of sync and async httpx clients to a mock, for any host.

    A fault shows as the exception of httpx that it would cause on the wire. Latency that is longer than the client's
    read timeout raises `httpx.ReadTimeout` at once, since waiting would show nothing more.
    """

    def __init__(self, begin: Callable[[Head], Exchange], max_body: int) -> None:
        self._begin, self._max_body = begin, max_body

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of a sync client."""
        exchange = self._begin(_head_of(request))
        if (answer := next(exchange)) is None:
            # As on a socket, a stream is used up, and not read on if it is too large.
            body, chunks = b"", iter(cast("Iterable[bytes]", request.stream))
            while len(body) <= self._max_body and (chunk := next(chunks, None)) is not None:
                body += chunk
            answer = exchange.send(body)
        time.sleep(_latency_of(answer, request))
        return _to_response(answer, request)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of an async client, under asyncio or trio."""
        exchange = self._begin(_head_of(request))
        if (answer := next(exchange)) is None:
            body, chunks = b"", aiter(cast("AsyncIterable[bytes]", request.stream))
            while len(body) <= self._max_body and (chunk := await anext(chunks, None)) is not None:
                body += chunk
            answer = exchange.send(body)
        await anyio.sleep(_latency_of(answer, request))
        return _to_response(answer, request)


class _Broken(httpx.ByteStream):
    """A body that breaks off."""

    def __iter__(self) -> Iterator[bytes]:
        yield from super().__iter__()
        raise httpx.RemoteProtocolError(f"peer closed connection without sending complete message body ({TOLD})")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self:
            yield part


def _head_of(request: httpx.Request) -> Head:
    headers = [(name.lower(), value) for name, value in request.headers.raw]
    raw_path, _, query = request.url.raw_path.partition(b"?")
    return Head(request.method, request.url.path, headers, raw_path, query)


def _latency_of(answer: Answer, request: httpx.Request) -> float:
    patience = request.extensions.get("timeout", {}).get("read")
    if patience is not None and answer.latency > patience:
        raise httpx.ReadTimeout(f"the mock is slower than the client waits ({TOLD})")
    return answer.latency


def _to_response(answer: Answer, request: httpx.Request) -> httpx.Response:
    if answer.drop == "before":
        raise httpx.RemoteProtocolError(f"Server disconnected without sending a response ({TOLD}).")
    # An answer to HEAD has no body (RFC 9110, section 9.3.2).
    body = b"" if request.method == "HEAD" else answer.sent_body
    stream = _Broken(body) if answer.drop == "body" else httpx.ByteStream(body)
    return httpx.Response(answer.status, headers=dict(answer.headers), stream=stream)
