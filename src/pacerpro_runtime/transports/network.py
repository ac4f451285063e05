"""How to reach the API: the settings of the network, checked once, and the HTTP clients that are made from them."""

from __future__ import annotations

import os
import ssl
import sys
import weakref
from collections.abc import Collection, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, Literal, Self, TypeVar

from pacerpro_runtime._http import httpx
from pacerpro_runtime.auth import is_loopback
from pacerpro_runtime.errors import InsecureUrl
from pacerpro_runtime.lazy import needs

C = TypeVar("C", httpx.Client, httpx.AsyncClient)

Verify = ssl.SSLContext | str | os.PathLike[str] | bool
"""True for the usual authorities, False to check nothing, the path of a CA file or folder, or a context."""

Named = Literal["pyreqwest"]
"""The transports that a client can be given by name, each an extra of the distribution."""


class Connections:
    """Opens HTTP clients when they are first needed: one for threads, and one for each event loop of asyncio or trio.

    A connection belongs to the event loop that opened it. A process that was forked starts without any.
    """

    def __init__(self, settings: dict[str, Any], transports: tuple[Any, Any]) -> None:
        self._settings = settings  # By the names that the HTTP library gives them.
        self._transports = transports  # For synchronous and asynchronous calls.
        self._forget()
        forget_in_children(self, "_forget")

    def _forget(self) -> None:
        # A child process has the sockets of its parent, and must not write to them.
        self._lock = Lock()
        self._clients: dict[Any, Any] = {}  # By event loop, or by "threads".

    def get_httpx_client(self) -> httpx.Client:
        """Return the HTTP client behind the synchronous calls, for a call that the contract does not know.

        It sends the token to the base URL's origin alone. It follows no redirects, and it does not retry.
        """
        return self._clients.get("threads") or self._opened("threads", httpx.Client, self._transports[0])

    def get_async_httpx_client(self) -> httpx.AsyncClient:
        """Return the HTTP client behind the asynchronous calls of this event loop; see :meth:`get_httpx_client`."""
        loop = _running_loop()  # The first loop gets the client that was made before it ran.
        return self._clients.get(loop) or self._opened(loop, httpx.AsyncClient, self._transports[1])

    def close(self) -> None:
        """Close the connections of the synchronous calls."""
        if (found := self._clients.get("threads")) is not None:
            found.close()

    async def aclose(self) -> None:
        """Close the connections of the asynchronous calls of this event loop."""
        if (found := self._clients.get(_running_loop())) is not None:
            await found.aclose()

    def __enter__(self) -> Self:
        self.get_httpx_client()  # Open from here on, so that it is closed at the end even if there was no call.
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        self.get_async_httpx_client()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

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
        url, proxy = self._settings["base_url"], self._settings["proxy"]
        # Past the proxies of the environment, to which http would carry the secrets in the clear.
        direct = url.scheme == "http" and proxy is None
        if isinstance(transport, str):
            from . import pyreqwest  # noqa: PLC0415  # It needs an extra.

            transport = pyreqwest.transport(self._settings, direct=direct, blocking=kind is httpx.Client)
        # Only the usual transport has a use for these two.
        trust: Any = {"proxy": None} if transport is not None else {"verify": tls_context(self._settings["verify"])}
        mounts = {f"http://{url.netloc.decode()}": None} if direct else None
        client = kind(**{**self._settings, **trust}, transport=transport, mounts=mounts)
        vars(client).update(_cookies=_NoCookies())  # The property makes a copy.
        return client


_forgetful: weakref.WeakKeyDictionary[Any, str] = weakref.WeakKeyDictionary()


def forget_in_children(owner: object, method: str) -> None:
    """Have a method of an object called in each process that is forked."""
    _forgetful[owner] = method


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=lambda: [getattr(owner, method)() for owner, method in [*_forgetful.items()]])


class _NoCookies(httpx.Cookies):
    """Keeps no cookie that a server sets: it would go out with the calls of another user."""

    def extract_cookies(self, response: httpx.Response) -> None:
        """Keep nothing."""


def _running_loop() -> object:
    """Return what stands for the running event loop, or None outside of one."""
    for module, running in (("asyncio", "get_running_loop"), ("trio.lowlevel", "current_trio_token")):
        if module in sys.modules:  # One that nobody has imported runs no loop.
            with suppress(RuntimeError):
                return getattr(sys.modules[module], running)()
    return None


def checked_timeout(timeout: Any) -> httpx.Timeout:
    """Return the timeouts for each step of a request."""
    checked = httpx.Timeout(timeout)
    seconds: list[Any] = [each for each in checked.as_dict().values() if each is not None]
    if not all(isinstance(each, int | float) and each >= 0 for each in seconds):
        raise ValueError("timeout is a number of seconds that is not negative, an httpx.Timeout, or None")
    return checked


def checked_headers(usual: Mapping[str, str], more: Any) -> httpx.Headers:
    """Return the usual headers and more, which win; names are not case-sensitive."""
    merged = httpx.Headers(usual)
    if not hasattr(more, "items"):
        raise TypeError("headers is a mapping of strings, such as a dict")
    for name, value in more.items():
        if not isinstance(name, str) or not isinstance(value, str):
            raise TypeError(f"headers: the name and the value of {name!r} must be strings")
        merged[name] = header_text(name, value)
    return merged


def header_text(name: str, text: str) -> str:
    """Return a header's value as it is."""
    if not text.isascii() or not text.isprintable() or text != text.strip():
        raise ValueError(f"{name} has characters that cannot stand in a header")
    return text


def checked_proxy(given: Any, base_url: httpx.URL, insecure_hosts: Collection[str]) -> httpx.Proxy | None:
    """Return the proxy, if secrets may pass it."""
    try:
        proxy = given if isinstance(given, httpx.Proxy | None) else httpx.Proxy(given)
    except (ValueError, TypeError, httpx.InvalidURL):  # Their message may quote a password.
        raise ValueError("proxy is a URL such as http://proxy.example:3128, or an httpx.Proxy") from None
    if proxy is not None and base_url.scheme == "http" and proxy.url.scheme != "https":
        host = proxy.url.host
        if not is_loopback(host) and host not in insecure_hosts:
            raise InsecureUrl(f"the proxy {host} would see secrets in the clear: use https for the base URL")
    return proxy


def checked_transports(transport: Any, async_transport: Any, verify: Any, proxy: Any) -> tuple[Any, Any]:
    """Return the transports of synchronous and asynchronous calls, if they go with the other settings."""
    checked: Verify = verify
    if isinstance(verify, str | os.PathLike):
        tls_context(checked)  # It tells whether it can be read.
    elif not isinstance(verify, bool | ssl.SSLContext):
        raise TypeError(f"verify is True, False, a path or an ssl.SSLContext, not {type(verify).__name__}")
    if not isinstance(async_transport, httpx.AsyncBaseTransport | None):
        raise TypeError("async_transport is an httpx.AsyncBaseTransport")
    if isinstance(transport, str):
        if transport != "pyreqwest":
            raise ValueError(f"there is no transport called {transport!r}; there is 'pyreqwest'")
        if isinstance(verify, ssl.SSLContext) or Path(str(checked)).is_dir():
            raise ValueError("over pyreqwest, verify is True, False or the path of a file")
        needs(transport, f"pacerpro-client[{transport}]")
    elif not isinstance(transport, httpx.BaseTransport | None):
        raise TypeError("transport is an httpx.BaseTransport, or 'pyreqwest'; an asynchronous one is async_transport")
    if proxy is not None and (not isinstance(transport, str | None) or async_transport is not None):
        raise ValueError("give a proxy or a transport, not both: the transport would not be used")
    return transport, async_transport or (transport if isinstance(transport, str) else None)


def tls_context(verify: Verify) -> ssl.SSLContext:
    """Return the TLS context for a ``verify`` setting; a CA file that is replaced is read again."""
    if isinstance(verify, ssl.SSLContext):
        return verify
    if verify is True:
        verify = os.environ.get("SSL_CERT_FILE") or os.environ.get("SSL_CERT_DIR") or True
    key = verify if isinstance(verify, bool) else os.fspath(verify)
    if key == "":
        raise ValueError("verify is an empty path, which would be the current folder")
    try:
        stat = None if isinstance(key, bool) else Path(key).stat()
        return _context(key, stat and stat.st_mtime_ns, stat and stat.st_size)
    except OSError as error:  # ssl.SSLError is one.
        raise ValueError(f"cannot read CA certificates from {verify}: {error.strerror or error}") from None


# By path, modification time and size: reading the authorities' certificates takes longer than a call.
@lru_cache(maxsize=16)
def _context(verify: str | bool, *_version: int | None) -> ssl.SSLContext:  # noqa: FBT001 - the cache is by position
    if isinstance(verify, bool):
        return httpx.create_ssl_context(verify=verify, trust_env=False)
    is_folder = Path(verify).is_dir()
    return ssl.create_default_context(cafile=None if is_folder else verify, capath=verify if is_folder else None)
