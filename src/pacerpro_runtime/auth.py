"""Send a fixed token."""

from __future__ import annotations

import re
from collections.abc import Generator

from ._http import httpx
from .origin import origin
from .types import refuse_pickling

# RFC 6750, section 2.1: what a bearer token may consist of.
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")


class OriginAuth(httpx.Auth):
    """Sends a secret to one origin, and to no other.

    Attributes:
        base_url: The URL whose origin that is.
    """

    def __init__(self, base_url: httpx.URL) -> None:
        self.base_url = base_url
        self._origin = origin(base_url)

    def covers(self, url: httpx.URL) -> bool:
        """Tell whether a URL is of the origin that the secret is for."""
        return origin(url) == self._origin


class BearerAuth(OriginAuth):
    """Sends a token in the ``Authorization`` header (RFC 6750, section 2.1)."""

    __slots__ = ("_header",)  # So that ``vars`` does not show it.

    def __init__(self, token: str, base_url: httpx.URL) -> None:
        super().__init__(base_url)
        self._header = bearer(token)

    def __repr__(self) -> str:
        return "BearerAuth(***)"

    def __reduce__(self) -> tuple[object, ...]:
        refuse_pickling("BearerAuth", "hand the token over by a way that you trust")

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the header; the HTTP library calls this for each request."""
        if self.covers(request.url):
            request.headers["Authorization"] = self._header
        yield request


def bearer(token: object) -> str:
    """Return the value of an ``Authorization`` header.

    Raises:
        ValueError: No bearer token consists of these characters. The message does not show them.
    """
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise ValueError("the token is no bearer token: it is empty, or has characters that none may have")
    return f"Bearer {token}"
