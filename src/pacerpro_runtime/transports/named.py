"""The faster transports that a client can be given by name, each an extra of the distribution."""

from __future__ import annotations

import os
import ssl
from functools import lru_cache
from importlib.util import find_spec
from typing import Any, Literal

from pacerpro_runtime._http import httpx

Named = Literal["aiohttp"]


def sync_client(transport: httpx.BaseTransport | Named | None, settings: dict[str, Any]) -> httpx.Client:
    """Return an HTTP client for synchronous calls. What is named ``aiohttp`` has no part in them."""
    if transport is not None and not isinstance(transport, str):
        return httpx.Client(transport=transport, **settings)
    return httpx.Client(verify=_tls_context(), **settings)


def async_client(
    transport: httpx.AsyncBaseTransport | None, named: httpx.BaseTransport | Named | None, settings: dict[str, Any]
) -> httpx.AsyncClient:
    """Return an HTTP client for asynchronous calls, over aiohttp where it is named and nothing else is given."""
    if transport is not None:
        return httpx.AsyncClient(transport=transport, **settings)
    if not isinstance(named, str):
        return httpx.AsyncClient(verify=_tls_context(), **settings)
    from .aiohttp_client import AiohttpClient  # noqa: PLC0415  # It needs an extra, which is slow to import.

    return AiohttpClient(**settings)


def _tls_context() -> ssl.SSLContext:
    return _tls_context_of(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))


@lru_cache(maxsize=1)
def _tls_context_of(_file: str | None, _directory: str | None) -> ssl.SSLContext:
    # The authorities' certificates take longer to read than a call takes, and all clients trust the same.
    return httpx.create_ssl_context()


def check_transports(transport: object, async_transport: object, *, named: bool = False) -> None:
    """Raise an error if these are no transports for synchronous and asynchronous calls, nor, where allowed, a name.

    Raises:
        TypeError: One is something else, such as a transport for calls of the other kind.
        ValueError: There is no transport of this name.
        ImportError: Its packages are not installed; the message says what to type.
    """
    if async_transport is not None and not hasattr(async_transport, "handle_async_request"):
        raise TypeError("async_transport is an httpx.AsyncBaseTransport")
    if named and isinstance(transport, str):
        _check_name(transport)
    elif transport is not None and not hasattr(transport, "handle_request"):
        if hasattr(transport, "handle_async_request"):
            raise TypeError("transport is for synchronous calls: give it as async_transport")
        raise TypeError("transport is an httpx.BaseTransport" + (", or 'aiohttp'" if named else ""))


def _check_name(name: str) -> None:
    if name != "aiohttp":
        raise ValueError(f"there is no transport called {name!r}; there is 'aiohttp'")
    if find_spec("httpx_aiohttp") is None:
        raise ImportError(f'the transport {name!r} is not installed: pip install "pacerpro-client[{name}]"')
