"""The auth flows of httpx, and of libraries that are like it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from typing import TYPE_CHECKING, Any

from pacerpro_runtime.session.driver import run

if TYPE_CHECKING:
    from pacerpro_runtime.session.source import TokenSource


def sync_flow(source: TokenSource, request: Any, replayable: type) -> Generator[Any, Any, None]:
    """Drive the asynchronous flow, which does not suspend if it may block."""
    flow = async_flow(source, request, replayable, blocking=True)
    response = None
    try:
        while True:
            response = yield run(flow.asend(response))
    except StopAsyncIteration:
        pass
    finally:
        run(flow.aclose())


async def async_flow(
    source: TokenSource, request: Any, replayable: type, *, blocking: bool = False
) -> AsyncGenerator[Any, Any]:
    """Send a request with a token, and once more with another if the answer is 401.

    ``replayable`` is the library's class of a body that can be sent again.
    """
    if not source.admits(request.url):
        yield request
        return
    sent = token = source.state.usable() or await source.obtain(blocking=blocking)
    request.headers["Authorization"] = token.header
    response = yield request
    if response.status_code == 401 and _answers(request, response):
        token = await source.obtain(sent, blocking=blocking)
        if token.value != sent.value and isinstance(request.stream, replayable):
            request.headers["Authorization"] = token.header
            response = yield request
    source.answered(token, response.status_code, response.headers, repaired=token is not sent)
    if lesson := source.lesson(request.method, request.url.path, response.status_code):
        content = response.read() if blocking else await response.aread()
        await source.learn(lesson, token, content, response.headers, blocking=blocking)


def _answers(request: Any, response: Any) -> bool:
    """Tell whether a response is to this request with this token, and not to one that follows a redirect."""
    answered = response.request
    token = request.headers["Authorization"]
    return bool(answered.method == request.method and answered.headers.get("Authorization") == token)
