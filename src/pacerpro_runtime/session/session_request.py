"""The requests by which a session lives, for a client that somebody else has made.

They are built so that the client cannot be redirected, whatever its settings, and so that nothing that the client
holds on to has a secret in it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, MutableMapping
from typing import Any

from pacerpro_runtime._http import httpx
from pacerpro_runtime.errors import PacerProError
from pacerpro_runtime.operation import Operation
from pacerpro_runtime.request import OPTIONAL, Redirected, request_parts
from pacerpro_runtime.types import UNSET


def session_request(base_url: str, operation: Operation[Any], like: httpx.Request, body: Any = UNSET) -> httpx.Request:
    """Return the request for an operation, with the timeouts of another request."""
    parts = request_parts(base_url, operation, body)
    content: bytes | None = parts.pop("content", None)
    if content is not None:
        # Given as a stream, since a request keeps the content that it is given, and an error the request. With a
        # stream it leaves these two headers to its maker.
        parts["stream"] = _Once(content)
        parts["headers"] |= {"Host": httpx.URL(base_url).netloc.decode(), "Content-Length": str(len(content))}
    request = _Readable(**parts)
    request.extensions["timeout"] = like.extensions.get("timeout", {})
    return request


class _Readable(httpx.Request):
    """Has its content like a request that was not made of a stream, for the event hooks that look at it."""

    @property
    def content(self) -> bytes:
        """The body."""
        return self.read()


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


def refuse_redirects(request: httpx.Request, *, blocking: bool) -> Watch:
    """Let no redirect of this request be followed, and return what tells whether it was refused.

    httpx has no such setting for a single request. Its transport (httpcore) shows the response's headers to a callback
    before httpx looks at them; without ``Location`` there is nothing to follow, and the answer is one like any other.
    Other transports do not call back: then the URL stops httpx when it makes the next request.
    """
    watch = Watch(request)
    request.extensions["trace"] = watch if blocking else watch.in_a_task
    request.url = _LastUrl(request.url)
    request.url.optional = OPTIONAL in request.extensions
    return watch


class Watch:
    """Sees a response before anybody else does.

    Attributes:
        refusal: The response, without its body, if its status is 401.
    """

    def __init__(self, request: httpx.Request) -> None:
        self._request = request
        self._method = b""
        self.refusal: httpx.Response | None = None

    def __call__(self, event: str, info: MutableMapping[str, Any]) -> None:
        """Take the redirect out of a response; httpcore calls this."""
        if event.endswith("send_request_headers.started"):
            self._method = info["request"].method
        elif event.endswith("receive_response_headers.complete") and self._method != b"CONNECT":  # That is a proxy's.
            headers: list[tuple[bytes, bytes]] = info["return_value"][-1]
            headers[:] = [(name, value) for name, value in headers if name.lower() != b"location"]
            if 401 in info["return_value"]:
                self.refusal = without_body(401, headers, self._request)

    async def in_a_task(self, event: str, info: MutableMapping[str, Any]) -> None:
        """Do the same for an asynchronous client."""
        self(event, info)


def without_body(
    status_code: int, headers: httpx.Headers | list[tuple[bytes, bytes]], request: httpx.Request
) -> httpx.Response:
    """Return a response whose body nobody has read, or can read any more."""
    headers = httpx.Headers(headers)
    headers.pop("Content-Encoding", None)  # An empty body has none.
    return httpx.Response(status_code, headers=headers, request=request)


def forget_secrets(request: httpx.Request, *, failed: bool) -> None:
    """Leave no token in a request that was sent, and no password where it has failed: an error holds on to it."""
    request.headers.pop("Authorization", None)
    if failed and vars(request).get("_content"):  # Somebody has read it, an event hook perhaps.
        del vars(request)["_content"]
        request.stream = _Once(None)


def keep_token(request: httpx.Request, *, blocking: bool) -> None:
    """Let the token of this request go to no other origin, by whatever redirects.

    httpx takes it out on the way to another origin, with one exception: from http to https on the same host, each on
    its own port. There its transport (httpcore) shows the request to a callback, before it is sent.
    """
    if request.url.scheme == "http" and request.url.port is None:
        before = request.extensions.get("trace")
        before = before.before if isinstance(before, _Strip) else before  # It may have been sent before.
        request.extensions["trace"] = (_Strip if blocking else _StripInATask)(before)


class _Strip:
    """Takes the token out of a request that goes to https, and calls what the caller has given for a trace."""

    def __init__(self, before: Callable[[str, MutableMapping[str, Any]], Any] | None) -> None:
        self.before = before

    def __call__(self, event: str, info: MutableMapping[str, Any]) -> Any:
        if event.endswith("send_request_headers.started") and info["request"].url.scheme == b"https":
            headers: list[tuple[bytes, bytes]] = info["request"].headers
            headers[:] = [(name, value) for name, value in headers if name.lower() != b"authorization"]
        return None if self.before is None else self.before(event, info)


class _StripInATask(_Strip):
    async def __call__(self, event: str, info: MutableMapping[str, Any]) -> None:
        before = super().__call__(event, info)
        if before is not None:
            await before


class _LastUrl(httpx.URL):
    """A URL from which nothing leads on."""

    optional = False

    @property
    def fragment(self) -> str:
        # No request sends it; httpx reads it to hand it on to the URL of a redirect.
        raise Redirected(
            f"{self} answered with a redirect, which is not followed, so that no secret goes astray",
            optional=self.optional,
        )


class _Once(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that can be sent once, and is then forgotten."""

    def __init__(self, content: bytes | None) -> None:
        self._content = content

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
