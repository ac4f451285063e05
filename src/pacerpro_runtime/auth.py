"""Send a fixed token."""

from __future__ import annotations

from collections.abc import Generator

from ._http import httpx
from .origin import origin
from .types import refuse_pickling


class BearerAuth(httpx.Auth):
    """Sends a token in the ``Authorization`` header (RFC 6750, section 2.1), to one origin and to no other."""

    def __init__(self, token: str, base_url: httpx.URL) -> None:
        self._header = f"Bearer {token}"
        self._origin = origin(base_url)

    def __repr__(self) -> str:
        return "BearerAuth(***)"

    def __reduce__(self) -> tuple[object, ...]:
        refuse_pickling("BearerAuth", "hand the token over by a way that you trust")

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the header; the HTTP library calls this for each request."""
        if origin(request.url) == self._origin:
            request.headers["Authorization"] = self._header
        yield request
