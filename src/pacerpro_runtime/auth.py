"""Send a fixed token, to one origin."""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import Any, NoReturn, Self

from ._http import httpx
from .log import logger
from .origin import origin

# RFC 6750, section 2.1: what a bearer token may consist of.
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")


class OriginAuth(httpx.Auth):
    """Sends a secret to one origin, and to no other."""

    def __init__(self, base_url: httpx.URL) -> None:
        self.base_url = base_url
        """The URL whose origin that is."""
        self._origin = origin(base_url)
        self._withheld = False

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def covers(self, url: httpx.URL) -> bool:
        """Tell whether a URL is of the origin that the secret is for."""
        return origin(url) == self._origin

    def admits(self, url: Any) -> bool:
        """Tell whether the secret may go to a URL. The first time that it may not, the log says so."""
        covered = self.covers(url)
        if not covered and not self._withheld:
            self._withheld = True
            # `localhost` and `127.0.0.1` are two origins, for example.
            logger.warning(
                "a request to %s://%s goes without the token, which is for %s", url.scheme, url.host, self.base_url
            )
        return covered


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
        if self.admits(request.url):
            request.headers["Authorization"] = self._header
        yield request


def bearer(token: object) -> str:
    """Return the value of an ``Authorization`` header."""
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise ValueError("the token is no bearer token: it is empty, or has characters that none may have")
    return f"Bearer {token}"


def refuse_pickling(what: str, instead: str) -> NoReturn:
    """Raise the ``TypeError`` of an object that must not be pickled, in one wording for all of them."""
    raise TypeError(f"{what} cannot be pickled, because it holds a secret: {instead}")
