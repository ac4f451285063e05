"""Where a secret may go, over https or to this machine, and the auth that sends it there and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Generator
from functools import cache
from ipaddress import ip_address
from typing import Any, NoReturn, Self

from ._http import httpx
from .errors import InsecureUrl
from .log import logger

# RFC 6750, section 2.1: what a bearer token may consist of.
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")


def secure_base_url(base_url: str, insecure_hosts: frozenset[str] = frozenset()) -> httpx.URL:
    """Return the URL, without a slash at its end, if secrets may be sent to it."""
    try:
        url = httpx.URL(base_url)
    except (httpx.InvalidURL, TypeError) as error:
        # Behind an @ the reason may quote a part of a password.
        raise ValueError(f"the base URL cannot be read{f': {error}' if '@' not in str(base_url) else ''}") from None
    if url.scheme not in ("http", "https") or not url.host or url.userinfo or url.query or url.fragment:
        # Said without the URL: what stands in it may be a password.
        raise ValueError("the base URL must begin with https:// and name a host, without user, query or fragment")
    if url.scheme == "http" and not is_loopback(url.host):
        if url.host not in insecure_hosts:
            raise InsecureUrl(f"{url} would carry secrets in the clear: use https, or allow_insecure_hosts for tests")
        _warn_of(url.host)
    return httpx.URL(str(url.copy_with(query=None, fragment=None)).rstrip("/"))


def host_names(given: Any) -> frozenset[str]:
    """Return the names of hosts as URLs have them."""
    if isinstance(given, str) or not all(isinstance(each, str) for each in given):
        raise TypeError('allow_insecure_hosts is a set of host names, such as {"mock", "10.0.0.7"}')
    return frozenset(each.strip("[]").lower() for each in given)


@cache
def _warn_of(host: str) -> None:
    """Log, once for each host, that secrets go there in the clear."""
    logger.warning("secrets are sent to %s over plain http, because allow_insecure_hosts names it", host)


def origin(url: httpx.URL) -> tuple[str, str, int | None]:
    """Return the scheme, host and port of a URL (RFC 6454, section 4), with the scheme's own port made explicit."""
    return url.scheme, url.host, url.port or {"http": 80, "https": 443}.get(url.scheme)


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine: an address of loopback, or ``localhost`` (RFC 6761, section 6.3)."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"  # Not names below it: some resolvers ask the network for them.


class OriginAuth(httpx.Auth):
    """Sends a secret to one origin, and to no other."""

    def __init__(self, base_url: httpx.URL) -> None:
        self.base_url = base_url
        self._origin = origin(base_url)
        self._withheld = False

    def __copy__(self, _memo: object = None) -> Self:
        return self

    __deepcopy__ = __copy__

    def covers(self, url: httpx.URL) -> bool:
        """Tell whether a URL is of the origin that the secret is for."""
        return origin(url) == self._origin

    def admits(self, url: Any) -> bool:
        """Tell whether the secret may go to a URL. The first time that it may not, the log says so."""
        covered = self.covers(url)
        if not covered and not self._withheld:
            self._withheld = True
            # `localhost` and `127.0.0.1` are two origins, for example.
            there = f"{url.scheme}://{url.host}"
            logger.warning("a request to %s goes without the token, which is for %s", there, self.base_url)
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
