"""How to reach the API: the settings of the network, checked once, and the HTTP clients that are built from them."""

from __future__ import annotations

import os
import ssl
import sys
import weakref
from copy import copy
from functools import lru_cache
from http.cookiejar import CookieJar
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any, Literal, Self, TypeVar

from pacerpro_runtime._http import httpx
from pacerpro_runtime.auth import is_loopback
from pacerpro_runtime.errors import InsecureUrl

C = TypeVar("C", httpx.Client, httpx.AsyncClient)

Verify = ssl.SSLContext | str | os.PathLike[str] | bool
"""True for the usual authorities, False to check nothing, the path of a CA file or folder, or a context."""

Named = Literal["pyreqwest"]
"""The transports that a client can be given by name, each an extra of the distribution."""


class Network:
    """The settings of the network, and the HTTP clients that are opened when they are first needed.

    A connection of asyncio or trio belongs to the event loop that opened it, so each loop has a client of its own.
    A process that was forked starts without any. See the generated ``Client`` for the meaning of each setting.
    """

    def __init__(
        self,
        *,
        base_url: httpx.URL,
        auth: httpx.Auth | None,
        timeout: Any,
        headers: httpx.Headers,
        verify: Any,
        proxy: Any,
        transport: Any,
        async_transport: Any,
        insecure_hosts: frozenset[str],
    ) -> None:
        self.timeout = checked_timeout(timeout)
        self.headers = headers
        self.verify: Verify = verify
        self.proxy = _checked_proxy(proxy)
        self.direct = base_url.scheme == "http" and self.proxy is None
        """Whether to pass by the proxies of the environment, to which http would carry the secrets in the clear."""
        self._base_url = base_url
        self._auth = auth
        self._transport = transport
        self._async_transport = async_transport
        _check_transports(transport, async_transport)
        if isinstance(verify, str | os.PathLike):
            tls_context(self.verify)  # It tells whether it can be read.
        elif not isinstance(verify, bool | ssl.SSLContext):
            raise TypeError(f"verify is True, False, a path or an ssl.SSLContext, not {type(verify).__name__}")
        if isinstance(transport, str) and (isinstance(self.verify, ssl.SSLContext) or Path(str(self.verify)).is_dir()):
            raise ValueError("over pyreqwest, verify is True, False or the path of a file")
        if self.proxy is not None:
            if not isinstance(transport, str | None) or async_transport is not None:
                raise ValueError("give a proxy or a transport, not both: the transport would not be used")
            host = self.proxy.url.host
            seen = base_url.scheme == "http" and self.proxy.url.scheme != "https"
            if seen and not is_loopback(host) and host not in insecure_hosts:
                raise InsecureUrl(f"the proxy {host} would see secrets in the clear: use https for the base URL")
        self.forget()

    def forget(self) -> None:
        """Start without clients. A child process has the sockets of its parent, and must not write to them."""
        self._lock = Lock()
        self._clients: dict[Any, Any] = {}  # By event loop, or by "threads".
        forget_in_children(self)

    def but(self, **changes: Any) -> Self:
        """Return a network with some settings changed, and with clients of its own."""
        other = copy(self)
        vars(other).update(changes)
        other.forget()
        return other

    def client(self) -> httpx.Client:
        """Return the HTTP client for threads."""
        return self._clients.get("threads") or self._opened("threads", httpx.Client, self._transport)

    def async_client(self) -> httpx.AsyncClient:
        """Return the HTTP client for the running event loop. The first loop gets one that was made before it ran."""
        loop = _running_loop()
        named = self._transport if isinstance(self._transport, str) else None
        return self._clients.get(loop) or self._opened(loop, httpx.AsyncClient, self._async_transport or named)

    def close(self) -> None:
        """Close the HTTP client for threads, if there is one. It stays closed."""
        if (found := self._clients.get("threads")) is not None:
            found.close()

    async def aclose(self) -> None:
        """Close that of the running event loop, if there is one. It stays closed."""
        if (found := self._clients.get(_running_loop())) is not None:
            await found.aclose()

    def _opened(self, key: object, kind: type[C], transport: Any) -> C:
        with self._lock:
            for each in [each for each in self._clients if getattr(each, "is_closed", bool)()]:
                del self._clients[each]
            if key not in self._clients:  # Another thread may have been here while this one waited.
                early = self._clients.pop(None, None) if kind is httpx.AsyncClient else None
                self._clients[key] = early or self._new(kind, transport)
            found: C = self._clients[key]
        return found

    def _new(self, kind: type[C], transport: Any) -> C:
        if isinstance(transport, str):
            from . import pyreqwest  # noqa: PLC0415  # It needs an extra.

            settings = pyreqwest.Settings(self.timeout, self.verify, self.proxy, self.direct)
            transport = pyreqwest.transport(settings, blocking=kind is httpx.Client)
        trust: dict[str, Any] = {"verify": tls_context(self.verify), "proxy": self.proxy} if transport is None else {}
        return kind(
            **trust,
            transport=transport,
            base_url=self._base_url,
            auth=self._auth,
            timeout=self.timeout,
            headers=self.headers,
            cookies=_NoCookies(),
            follow_redirects=False,
            mounts={f"http://{self._base_url.netloc.decode()}": None} if self.direct else None,
        )


_all: weakref.WeakSet[Any] = weakref.WeakSet()


def forget_in_children(each: Any) -> None:
    """Have the ``forget`` of an object called in each process that is forked."""
    _all.add(each)


def _forget_all() -> None:
    for each in list(_all):
        each.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)


class _NoCookies(CookieJar):
    """Keeps no cookie that a server sets: it would go out with the calls of another user."""

    def extract_cookies(self, response: Any, request: Any) -> None:
        """Keep nothing."""


def _running_loop() -> object:
    """Return what stands for the running event loop, or None outside of one."""
    # A module that nobody has imported runs no loop.
    for module, running in (("asyncio", "get_running_loop"), ("trio.lowlevel", "current_trio_token")):
        if module in sys.modules:
            try:
                return getattr(sys.modules[module], running)()
            except RuntimeError:
                pass
    return None


def checked_timeout(timeout: Any) -> httpx.Timeout:
    """Return the timeouts for each step of a request."""
    checked = httpx.Timeout(timeout)
    seconds: list[Any] = [each for each in checked.as_dict().values() if each is not None]
    if not all(isinstance(each, int | float) and each >= 0 for each in seconds):
        raise ValueError("timeout is a number of seconds that is not negative, an httpx.Timeout, or None")
    return checked


def checked_headers(*several: Any) -> httpx.Headers:
    """Return the headers of several mappings as one; the later wins, and names are not case-sensitive."""
    merged = httpx.Headers()
    for headers in several:
        if headers is not None and not hasattr(headers, "items"):
            raise TypeError("headers is a mapping of strings, such as a dict")
        for name, value in headers.items() if headers is not None else ():
            if not isinstance(name, str) or not isinstance(value, str):
                raise TypeError(f"headers: the name and the value of {name!r} must be strings")
            merged[name] = header_text(name, value)
    return merged


def header_text(name: str, text: str) -> str:
    """Return a header's value as it is."""
    if not text.isascii() or not text.isprintable() or text != text.strip():
        raise ValueError(f"{name} has characters that cannot stand in a header")
    return text


def _checked_proxy(proxy: Any) -> httpx.Proxy | None:
    if proxy is None or isinstance(proxy, httpx.Proxy):
        return proxy
    try:
        return httpx.Proxy(proxy)
    except (ValueError, TypeError, httpx.InvalidURL):  # Their message may quote a password.
        raise ValueError("proxy is a URL such as http://proxy.example:3128, or an httpx.Proxy") from None


def _check_transports(transport: Any, async_transport: Any) -> None:
    if not isinstance(async_transport, httpx.AsyncBaseTransport | None):
        raise TypeError("async_transport is an httpx.AsyncBaseTransport")
    if isinstance(transport, str):
        if transport != "pyreqwest":
            raise ValueError(f"there is no transport called {transport!r}; there is 'pyreqwest'")
        if find_spec(transport) is None:
            raise ImportError(
                f'the transport {transport!r} is not installed: pip install "pacerpro-client[{transport}]"'
            )
    elif not isinstance(transport, httpx.BaseTransport | None):
        if isinstance(transport, httpx.AsyncBaseTransport):
            raise TypeError("transport is for synchronous calls: give it as async_transport")
        raise TypeError("transport is an httpx.BaseTransport, or 'pyreqwest'")


def tls_context(verify: Verify) -> ssl.SSLContext:
    """Return the TLS context for a ``verify`` setting.

    Contexts are cached by path, modification time and size, so a CA file that is replaced is read again. The usual
    authorities are those of ``SSL_CERT_FILE`` or ``SSL_CERT_DIR``, if set.
    """
    if isinstance(verify, ssl.SSLContext):
        return verify
    if verify is True:
        verify = os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR") or True
    if isinstance(verify, bool):
        return _context(verify)
    try:
        stat = Path(verify).stat()
        return _context(os.fspath(verify), stat.st_mtime_ns, stat.st_size)
    except OSError as error:  # ssl.SSLError is one.
        raise ValueError(f"cannot read CA certificates from {verify}: {error.strerror or error}") from None


# Reading the authorities' certificates takes longer than a call.
@lru_cache(maxsize=16)
def _context(verify: str | bool, *_version: int) -> ssl.SSLContext:  # noqa: FBT001 - the cache is by position
    if isinstance(verify, bool):
        return httpx.create_ssl_context(verify=verify, trust_env=False)
    if Path(verify).is_dir():
        return ssl.create_default_context(capath=verify)
    return ssl.create_default_context(cafile=verify)
