"""The requests by which a session lives, for a client that somebody else has made.

They are built so that the client cannot be redirected, whatever its settings, and so that nothing that the client
holds on to has a secret in it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, MutableMapping
from contextlib import suppress
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


def keep_token(request: httpx.Request, *, blocking: bool) -> None:
    """Let the token of this request go to no other origin, by whatever redirects.

    httpx takes it out on the way to another origin, with one exception: from http to https on the same host, each on
    its own port. There its transport (httpcore) shows the request to a callback, before it is sent.
    """
    if request.url.scheme != "http" or request.url.port is not None:
        return
    before = request.extensions.get("trace")

    async def atrace(event: str, info: MutableMapping[str, Any]) -> None:
        _drop_token(event, info)
        if before is not None:
            await before(event, info)

    def trace(event: str, info: MutableMapping[str, Any]) -> None:
        _drop_token(event, info)
        if before is not None:
            before(event, info)

    request.extensions["trace"] = trace if blocking else atrace


def _drop_token(event: str, info: MutableMapping[str, Any]) -> None:
    if event.endswith("send_request_headers.started") and info["request"].url.scheme == b"https":
        headers: list[tuple[bytes, bytes]] = info["request"].headers
        headers[:] = [(name, value) for name, value in headers if name.lower() != b"authorization"]


class Broken(BaseException):
    """What ends an auth flow before its end, with what may be the reason.

    No ``GeneratorExit``, which a generator does not hand on to those that it has delegated to.

    Attributes:
        error: An error of the network or of an event hook, or a cancellation. None where there is none.
        response: The response that a hook has made the error of. Nobody can read it any more: if the hook has not, its
            body is empty here.
    """

    def __init__(self, error: BaseException | None) -> None:
        self.error = error
        self.response = _read(error.response) if isinstance(error, httpx.HTTPStatusError) else None

    def forget_token(self) -> None:
        """Take the token out of the requests that the error holds on to: those that redirects have led to."""
        if isinstance(self.error, httpx.RequestError | httpx.HTTPStatusError):
            with suppress(RuntimeError):  # It has no request.
                self.error.request.headers.pop("Authorization", None)


def _read(response: httpx.Response) -> httpx.Response:
    with suppress(httpx.ResponseNotRead):
        response.content  # noqa: B018  # It raises the error.
        return response
    headers = httpx.Headers(response.headers)
    headers.pop("Content-Encoding", None)  # An empty body has none.
    return httpx.Response(response.status_code, headers=headers, request=response.request)


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
        return iter((self._take(),))

    def __aiter__(self) -> AsyncIterator[bytes]:
        return _Piece(self._take())

    def _take(self) -> bytes:
        content, self._content = self._content, None
        if content is None:
            raise PacerProError("the log-in was to be sent a second time: its body is sent once")
        return content


class _Piece(AsyncIterator[bytes]):
    """The only piece of a body. No asynchronous generator: trio warns of one that a cancelled task leaves behind."""

    def __init__(self, content: bytes) -> None:
        self._content: bytes | None = content

    async def __anext__(self) -> bytes:
        content, self._content = self._content, None
        if content is None:
            raise StopAsyncIteration
        return content
