"""The requests by which a session lives, for a client that somebody else has made.

They are built so that the client cannot be redirected, whatever its settings: a log-in carries the password.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, MutableMapping
from typing import Any

from ._http import httpx
from .errors import PacerProError
from .operation import Operation
from .request import request_parts
from .types import UNSET


def session_request(base_url: str, operation: Operation[Any], like: httpx.Request, body: Any = UNSET) -> httpx.Request:
    """Return the request for an operation, with the timeouts of another request."""
    parts = request_parts(base_url, operation, body)
    content: bytes | None = parts.pop("content", None)
    if content is not None:
        # Given as a stream, since a request keeps the content that it is given, to be sent again. With a stream it
        # leaves these two headers to its maker.
        parts["stream"] = _Once(content)
        parts["headers"] |= {"Host": httpx.URL(base_url).netloc.decode(), "Content-Length": str(len(content))}
    request = httpx.Request(**parts)
    request.extensions["timeout"] = like.extensions.get("timeout", {})
    return request


def longest_wait(request: httpx.Request) -> float | None:
    """Return the seconds that a request may take by its timeouts, or None if it may take for ever."""
    timeouts: dict[str, float | None] = request.extensions.get("timeout", {})
    seconds = [each for each in timeouts.values() if each is not None]
    return sum(seconds) if seconds and len(seconds) == len(timeouts) else None


def forget_body(response: httpx.Response) -> None:
    """Let a response whose body could not be read, and that is closed, have an empty one.

    httpx reads each response of an auth flow before it sends the next request, and would fail there once more.
    """
    response.stream = httpx.ByteStream(b"")
    response.is_stream_consumed = response.is_closed = False


def refuse_redirects(request: httpx.Request, *, blocking: bool) -> None:
    """Let no redirect of this request be followed.

    httpx has no such setting for a single request. Its transport (httpcore) shows the response's headers to a callback
    before httpx looks at them; without ``Location`` there is nothing to follow. Other transports do not call back: then
    the stream of a log-in cannot be sent a second time, and :func:`refuse_redirected` sees the rest.
    """

    async def atrace(event: str, info: MutableMapping[str, Any]) -> None:
        _drop_location(event, info)

    request.extensions["trace"] = _drop_location if blocking else atrace


def refuse_redirected(request: httpx.Request, response: httpx.Response) -> None:
    """Raise an error if a response answers another request than the one that was sent."""
    if response.request is not request:
        raise PacerProError(f"{request.method} {request.url} was redirected to {response.url.host}: it is not followed")


def _drop_location(event: str, info: MutableMapping[str, Any]) -> None:
    if event.endswith("receive_response_headers.complete"):
        headers: list[tuple[bytes, bytes]] = info["return_value"][-1]
        headers[:] = [(name, value) for name, value in headers if name.lower() != b"location"]


class _Once(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that can be sent once."""

    def __init__(self, content: bytes) -> None:
        self._content: bytes | None = content

    def __iter__(self) -> Iterator[bytes]:
        yield self._take()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._take()

    def _take(self) -> bytes:
        content, self._content = self._content, None
        if content is None:
            raise PacerProError("the log-in was to be sent a second time, as after a redirect: it is not sent")
        return content
