"""How to reach the API: the settings of the network, checked once, and the HTTP clients that are built from them."""

from __future__ import annotations

from http.cookiejar import CookieJar
from importlib.util import find_spec
from typing import Any, Literal

from attrs import define, field

from pacerpro_runtime._http import httpx
from pacerpro_runtime.errors import InsecureUrl
from pacerpro_runtime.origin import is_loopback

from .tls import Verify, check_verify, is_file, tls_context

Named = Literal["pyreqwest"]
"""The transports that a client can be given by name, each an extra of the distribution."""


def checked_timeout(timeout: Any) -> httpx.Timeout:
    """Return the timeouts for each step of a request.

    Raises:
        ValueError: It is no number of seconds, or a negative one.
    """
    checked = httpx.Timeout(timeout)
    seconds: list[Any] = [each for each in checked.as_dict().values() if each is not None]
    if not all(isinstance(each, int | float) and each >= 0 for each in seconds):
        raise ValueError("timeout is a number of seconds that is not negative, an httpx.Timeout, or None")
    return checked


def _checked_proxy(proxy: Any) -> httpx.Proxy | None:
    if proxy is None or isinstance(proxy, httpx.Proxy):
        return proxy
    try:
        return httpx.Proxy(proxy)
    except (ValueError, TypeError, httpx.InvalidURL):  # Their message may quote a password.
        raise ValueError("proxy is a URL such as http://proxy.example:3128, or an httpx.Proxy") from None


def _check_transports(transport: Any, async_transport: Any) -> None:
    if async_transport is not None and not hasattr(async_transport, "handle_async_request"):
        raise TypeError("async_transport is an httpx.AsyncBaseTransport")
    if isinstance(transport, str):
        if transport != "pyreqwest":
            raise ValueError(f"there is no transport called {transport!r}; there is 'pyreqwest'")
        if find_spec(transport) is None:
            raise ImportError(
                f'the transport {transport!r} is not installed: pip install "pacerpro-client[{transport}]"'
            )
    elif transport is not None and not hasattr(transport, "handle_request"):
        if hasattr(transport, "handle_async_request"):
            raise TypeError("transport is for synchronous calls: give it as async_transport")
        raise TypeError("transport is an httpx.BaseTransport, or 'pyreqwest'")


class _NoCookies(CookieJar):
    """Keeps no cookie that a server sets: it would go out with the calls of another user."""

    def extract_cookies(self, response: Any, request: Any) -> None:
        """Keep nothing."""


@define(frozen=True, kw_only=True, repr=False, eq=False)
class Network:
    """Everything that an HTTP client is built from. See the generated ``Client`` for the meaning of each setting."""

    base_url: httpx.URL
    auth: httpx.Auth | None
    timeout: httpx.Timeout = field(converter=checked_timeout)
    headers: httpx.Headers
    verify: Verify
    proxy: httpx.Proxy | None = field(converter=_checked_proxy)
    transport: httpx.BaseTransport | Named | None
    async_transport: httpx.AsyncBaseTransport | None
    insecure_hosts: frozenset[str] = frozenset()

    def __attrs_post_init__(self) -> None:
        check_verify(self.verify)
        _check_transports(self.transport, self.async_transport)
        if isinstance(self.transport, str) and not isinstance(self.verify, bool) and not is_file(self.verify):
            raise ValueError("over pyreqwest, verify is True, False or the path of a file")
        if self.proxy is None:
            return
        if not (isinstance(self.transport, str | None) and self.async_transport is None):
            raise ValueError("give a proxy or a transport, not both: the transport would not be used")
        if self.base_url.scheme == "http" and self.proxy.url.scheme != "https":
            host = self.proxy.url.host
            if not is_loopback(host) and host not in self.insecure_hosts:
                raise InsecureUrl(f"the proxy {host} would see secrets in the clear: use https for the base URL")

    def client(self) -> httpx.Client:
        """Return an HTTP client for synchronous calls."""
        if self.transport is None:
            return httpx.Client(verify=tls_context(self.verify), proxy=self.proxy, **self._settings())
        transport = self.transport
        if isinstance(transport, str):
            from . import pyreqwest  # noqa: PLC0415  # It needs an extra.

            transport = pyreqwest.blocking_transport(self)
        return httpx.Client(transport=transport, **self._settings())

    def async_client(self) -> httpx.AsyncClient:
        """Return an HTTP client for asynchronous calls."""
        transport = self.async_transport
        if transport is None and isinstance(self.transport, str):
            from . import pyreqwest  # noqa: PLC0415  # As above.

            transport = pyreqwest.async_transport(self)
        if transport is None:
            return httpx.AsyncClient(verify=tls_context(self.verify), proxy=self.proxy, **self._settings())
        return httpx.AsyncClient(transport=transport, **self._settings())

    @property
    def direct(self) -> bool:
        """Whether to pass by the proxies of the environment, to which http would carry the secrets in the clear."""
        return self.base_url.scheme == "http" and self.proxy is None

    def _settings(self) -> dict[str, Any]:
        return {
            "base_url": self.base_url,
            "auth": self.auth,
            "timeout": self.timeout,
            "headers": self.headers,
            "cookies": _NoCookies(),
            "follow_redirects": False,
            "mounts": {f"http://{self.base_url.netloc.decode()}": None} if self.direct else None,
        }
