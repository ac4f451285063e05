"""The requests by which a session lives, for a client that somebody else has made.

They are built so that the client cannot be redirected, whatever its settings, and so that nothing that the client
holds on to has a secret in it.
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
        # Given as a stream, since a request keeps the content that it is given, and an error the request. With a
        # stream it leaves these two headers to its maker.
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
    before httpx looks at them; without ``Location`` there is nothing to follow, and the answer is one like any other.
    Other transports do not call back: then the URL stops httpx when it makes the next request.
    """

    async def atrace(event: str, info: MutableMapping[str, Any]) -> None:
        _drop_location(event, info)

    request.extensions["trace"] = _drop_location if blocking else atrace
    request.url = _LastUrl(request.url)


class _LastUrl(httpx.URL):
    """A URL from which nothing leads on."""

    @property
    def fragment(self) -> str:
        # No request sends it; httpx reads it to hand it on to the URL of a redirect.
        raise PacerProError(f"{self} answered with a redirect, which is not followed, so that no secret goes astray")


def _drop_location(event: str, info: MutableMapping[str, Any]) -> None:
    if event.endswith("receive_response_headers.complete"):
        headers: list[tuple[bytes, bytes]] = info["return_value"][-1]
        headers[:] = [(name, value) for name, value in headers if name.lower() != b"location"]


class _Once(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that can be sent once, and is then forgotten."""

    def __init__(self, content: bytes) -> None:
        self._content: bytes | None = content

    def __iter__(self) -> Iterator[bytes]:
        yield self._take()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._take()

    def _take(self) -> bytes:
        content, self._content = self._content, None
        if content is None:
            raise PacerProError("the log-in was to be sent a second time: its body is sent once")
        return content
