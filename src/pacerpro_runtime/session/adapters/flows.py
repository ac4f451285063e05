"""The auth flows of httpx, and of libraries that are like it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from typing import TYPE_CHECKING, Any

from pacerpro_runtime.session.driver import run

if TYPE_CHECKING:
    from pacerpro_runtime.session.source import TokenSource


def sync_flow(source: TokenSource, request: Any, replayable: type) -> Generator[Any, Any, None]:
    """Send a request with a token, and again with another if the answer is 401; see :func:`async_flow`."""
    flow, response = async_flow(source, request, replayable, blocking=True), None
    try:
        while True:
            response = yield run(flow.asend(response))
    except StopAsyncIteration:
        return
    finally:
        run(flow.aclose())


async def async_flow(
    source: TokenSource, request: Any, replayable: type, *, blocking: bool = False
) -> AsyncGenerator[Any, Any]:
    """Send a request with a token, and again with another if the answer is 401.

    ``replayable`` is the library's class of a body that can be sent again.
    """
    if not source.admits(request.url):
        yield request
        return
    token = sent = source.get() if blocking else await source.aget()
    request.headers["Authorization"] = sent.header
    response = yield request
    if response.status_code == 401 and response.request.method == request.method and _has(response.request, sent):
        token = source.get(rejected=sent) if blocking else await source.aget(rejected=sent)
        if token.value != sent.value and isinstance(request.stream, replayable):
            request.headers["Authorization"] = token.header
            response = yield request
    answered = response.request if response.history else request
    if _has(answered, token):  # Not where a redirect has led to another origin.
        facts = (answered.method, answered.url.path), response.status_code, response.headers
        read = response.read if blocking else response.aread
        await source.answered(token, *facts, read, repaired=token is not sent, blocking=blocking)


def _has(request: Any, token: Any) -> bool:
    return bool(request.headers.get("Authorization") == token.header)
