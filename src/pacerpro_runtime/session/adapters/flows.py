"""The auth flows of httpx, and of libraries that are like it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from inspect import iscoroutine
from typing import TYPE_CHECKING, Any

from pacerpro_runtime.driver import run

if TYPE_CHECKING:
    from pacerpro_runtime.session.source import TokenSource


class TokenFlows:
    """Sends a token with each request to the origin that it is for, and sends it again with another after a 401."""

    _source: TokenSource
    _replayable: type  # The library's class of a body that can be sent again.

    def sync_auth_flow(self, request: Any) -> Generator[Any, Any, None]:
        """Send a request with a token; the HTTP library's synchronous client calls this."""
        flow, result = self._flow(request, blocking=True), None
        try:
            while True:
                step = flow.send(result)
                result = run(step) if iscoroutine(step) else (yield step)
        except StopIteration:
            return

    async def async_auth_flow(self, request: Any) -> AsyncGenerator[Any, Any]:
        """Send a request with a token; the HTTP library's asynchronous client calls this."""
        flow, result = self._flow(request, blocking=False), None
        try:
            while True:
                step = flow.send(result)
                result = await step if iscoroutine(step) else (yield step)
        except StopIteration:
            return

    def _flow(self, request: Any, *, blocking: bool) -> Generator[Any, Any, None]:
        """Yield requests to send, for their responses, and coroutines of the source, for their results."""
        source = self._source
        if not source.admits(request.url):
            yield request
            return
        token = sent = source.state.at_hand() or (yield source.obtain(blocking=blocking))
        request.headers["Authorization"] = sent.header
        response = yield request
        if response.status_code == 401 and response.request.method == request.method and _has(response.request, sent):
            token = yield source.obtain(sent, blocking=blocking)
            if token.value != sent.value and isinstance(request.stream, self._replayable):
                request.headers["Authorization"] = token.header
                response = yield request
                source.repaired(token, response.status_code)
        answered = response.request if response.history else request
        # Not where a redirect has led to another origin.
        if source.teaches(answered) and (answered is request or _has(answered, token)):
            yield source.learn(token, answered, response, blocking=blocking)


def _has(request: Any, token: Any) -> bool:
    return bool(request.headers.get("Authorization") == token.header)
