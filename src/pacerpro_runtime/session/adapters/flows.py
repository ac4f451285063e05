"""The auth flows of httpx, and of libraries that are like it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from typing import TYPE_CHECKING, Any

from pacerpro_runtime.session.driver import run

if TYPE_CHECKING:
    from pacerpro_runtime.session.source import TokenSource
    from pacerpro_runtime.session.token import Token

# How often a token is replaced in one call. The first in its place may be the store's, and have ended as well.
REPLACEMENTS = 2


def sync_flow(source: TokenSource, request: Any, replayable: type) -> Generator[Any, Any, None]:
    """Send a request with a token, and again with another if the answer is 401.

    ``replayable`` is the library's class of a body that can be sent again.
    """
    if not source.admits(request.url):
        yield request
        return
    sent = token = source.get()
    request.headers["Authorization"] = token.header
    response = yield request
    for _ in range(REPLACEMENTS):
        if not _is_rejected(response, request, token):
            break
        old, token = token, source.get(rejected=token)
        if token.value == old.value or not isinstance(request.stream, replayable):
            break
        request.headers["Authorization"] = token.header
        response = yield request
    source.answered(token, response.status_code, response.headers, repaired=token is not sent)
    if lesson := _lesson(source, request, response):
        run(source.learn(lesson, token, response.read(), response.headers, blocking=True))


async def async_flow(source: TokenSource, request: Any, replayable: type) -> AsyncGenerator[Any, Any]:
    """Send a request with a token; the asynchronous form of :func:`sync_flow`."""
    if not source.admits(request.url):
        yield request
        return
    sent = token = await source.aget()
    request.headers["Authorization"] = token.header
    response = yield request
    for _ in range(REPLACEMENTS):
        if not _is_rejected(response, request, token):
            break
        old, token = token, await source.aget(rejected=token)
        if token.value == old.value or not isinstance(request.stream, replayable):
            break
        request.headers["Authorization"] = token.header
        response = yield request
    source.answered(token, response.status_code, response.headers, repaired=token is not sent)
    if lesson := _lesson(source, request, response):
        await source.learn(lesson, token, await response.aread(), response.headers, blocking=False)


def _lesson(source: TokenSource, request: Any, response: Any) -> Any:
    """Return what to learn from a response: nothing where a redirect has led, which is perhaps another origin."""
    if any(each.has_redirect_location for each in response.history):
        return None
    return source.lesson(request.method, request.url.path, response.status_code)


def _is_rejected(response: Any, request: Any, token: Token) -> bool:
    """Tell whether a response, perhaps one after redirects, is a 401 to this request with this token."""
    if response.status_code != 401:
        return False
    answered = response.request
    return bool(answered.method == request.method and answered.headers.get("Authorization") == token.header)
