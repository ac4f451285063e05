"""Where a secret may go: to the origin that the user named, over https, or to this machine."""

from __future__ import annotations

from functools import cache
from ipaddress import ip_address
from typing import Any

from ._http import httpx
from .errors import InsecureUrl
from .log import logger


def secure_base_url(base_url: str, insecure_hosts: frozenset[str] = frozenset()) -> httpx.URL:
    """Return the URL, without a slash at its end, if secrets may be sent to it."""
    try:
        url = httpx.URL(base_url)
    except (httpx.InvalidURL, TypeError) as error:
        # Behind an @ the reason may quote a part of a password.
        raise ValueError(f"the base URL cannot be read{f': {error}' if '@' not in str(base_url) else ''}") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("the base URL must begin with https:// and name a host")
    if url.userinfo or url.query or url.fragment:
        # Said without the URL: what stands in it may be a password.
        raise ValueError("the base URL must hold no user, password, query or fragment")
    if url.scheme == "http" and not is_loopback(url.host):
        if url.host not in insecure_hosts:
            raise InsecureUrl(
                f"{url} would carry secrets in the clear: use https (http is for loopback,"
                " and for test networks that allow_insecure_hosts names)"
            )
        _warn_of(url.host)
    return httpx.URL(str(url.copy_with(query=None, fragment=None)).rstrip("/"))


def host_names(given: Any) -> frozenset[str]:
    """Return the names of hosts as URLs have them."""
    names: list[Any] = list(given) if hasattr(given, "__iter__") and not isinstance(given, str) else [None]
    if not all(isinstance(each, str) for each in names):
        raise TypeError('allow_insecure_hosts is a set of host names, such as {"mock", "10.0.0.7"}')
    return frozenset(each.strip("[]").lower() for each in names)


@cache
def _warn_of(host: str) -> None:
    """Log, once for each host, that secrets go there in the clear."""
    logger.warning("secrets are sent to %s over plain http, because allow_insecure_hosts names it", host)


def origin(url: httpx.URL) -> tuple[str, str, int | None]:
    """Return the scheme, host and port of a URL (RFC 6454, section 4), with the scheme's own port made explicit."""
    return url.scheme, url.host, url.port or {"http": 80, "https": 443}.get(url.scheme)


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine: an address of loopback, or ``localhost`` (RFC 6761, section 6.3).

    Names below ``localhost`` are left out: some resolvers ask the network for them.
    """
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
