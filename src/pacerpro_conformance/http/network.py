"""The way to the server: directly or through a proxy, and which certificates are trusted."""

import os
import ssl
from collections.abc import Generator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from urllib.request import getproxies, proxy_bypass

import httpx

# httpx and OpenSSL read it by themselves; requests does not.
CA_VARIABLE = "SSL_CERT_FILE"


def is_loopback(url: str) -> bool:
    """Whether the server is on this machine."""
    host = httpx.URL(url).host
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def settled(url: str) -> Generator[None]:
    """Make every client bypass the environment's proxies if the server is on this machine, which no proxy can reach."""
    before = os.environ.get("no_proxy")
    if is_loopback(url):
        os.environ["no_proxy"] = "*"
    try:
        yield
    finally:
        os.environ.pop("no_proxy", None)
        if before is not None:
            os.environ["no_proxy"] = before


def proxy_of(url: str) -> str | None:
    """The proxy that the environment names for a URL, without its password."""
    target, proxies = httpx.URL(url), getproxies()
    if proxy_bypass(target.host):
        return None
    proxy = proxies.get(target.scheme) or proxies.get("all")
    return proxy and proxy.rpartition("@")[2]


def authority(ca: Path | None) -> Path | None:
    """The file of trusted certificates, from the flag or the environment; None for those of the system."""
    named = os.environ.get(CA_VARIABLE)
    return ca or (Path(named) if named else None)


def tls(ca: Path | None) -> ssl.SSLContext:
    """How a client verifies certificates. Raises OSError if the file cannot be used."""
    return ssl.create_default_context(cafile=ca) if ca else httpx.create_ssl_context()
