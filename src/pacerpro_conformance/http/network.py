"""The way to the server: past proxies or through one, and whose certificates are believed."""

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from pathlib import Path
from urllib.request import getproxies_environment, proxy_bypass_environment

import httpx

# httpx and OpenSSL obey it by themselves, and requests does not.
CA_VARIABLE = "SSL_CERT_FILE"


def is_loopback(url: str) -> bool:
    """Whether the server is on this machine."""
    host = httpx.URL(url).host
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def settled(url: str) -> Iterator[None]:
    """Have every client go past the environment's proxies where the server is on this machine, which no proxy knows."""
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
    target, proxies = httpx.URL(url), getproxies_environment()
    if proxy_bypass_environment(target.host, proxies):
        return None
    proxy = proxies.get(target.scheme) or proxies.get("all")
    return proxy and proxy.rpartition("@")[2]


def authority(ca: Path | None) -> Path | None:
    """The file of certificates to believe, of the flag or the environment; None for those that everybody believes."""
    named = os.environ.get(CA_VARIABLE)
    return ca or (Path(named) if named else None)


def tls(ca: Path | None) -> ssl.SSLContext:
    """What a client checks certificates with. Raises OSError where the file cannot be used."""
    return ssl.create_default_context(cafile=ca) if ca else httpx.create_ssl_context()
