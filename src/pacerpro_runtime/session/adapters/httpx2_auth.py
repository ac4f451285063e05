"""Send the tokens of a source with httpx2."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator

import httpx2

from pacerpro_runtime.session.source import TokenSource

from .flows import async_flow, sync_flow


class Httpx2Auth(httpx2.Auth):
    """Sends a token with each request to the origin that it is for."""

    def __init__(self, source: TokenSource) -> None:
        self._source = source

    def sync_auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        """Send a request with a token; the synchronous client calls this."""
        return sync_flow(self._source, request, httpx2.ByteStream)

    def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        """Send a request with a token; the asynchronous client calls this."""
        return async_flow(self._source, request, httpx2.ByteStream)
