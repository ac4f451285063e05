"""The faster transports that a client can be given by name, each an extra of the distribution."""

from __future__ import annotations

from typing import Any, Literal

from ._http import httpx

Named = Literal["aiohttp"]


def sync_client(transport: httpx.BaseTransport | Named | None, settings: dict[str, Any]) -> httpx.Client:
    """Return an HTTP client for synchronous calls. What is named ``aiohttp`` has no part in them."""
    return httpx.Client(transport=None if isinstance(transport, str) else transport, **settings)


def async_client(
    transport: httpx.AsyncBaseTransport | None, named: httpx.BaseTransport | Named | None, settings: dict[str, Any]
) -> httpx.AsyncClient:
    """Return an HTTP client for asynchronous calls, over aiohttp where it is named and nothing else is given."""
    if transport is not None or not isinstance(named, str):
        return httpx.AsyncClient(transport=transport, **settings)
    from httpx_aiohttp import HttpxAiohttpClient  # noqa: PLC0415  # An extra, and slow to import.

    # A client of its own, and not a transport alone: so proxies of the environment are still honoured.
    client: httpx.AsyncClient = HttpxAiohttpClient(**settings)
    return client


def check_named(transport: object) -> None:
    """Raise an error if a transport is named that there is not, or that is not installed.

    Raises:
        ValueError: There is no transport of this name.
        ImportError: Its packages are not installed; the message says what to type.
    """
    if not isinstance(transport, str):
        return
    if transport != "aiohttp":
        raise ValueError(f"there is no transport called {transport!r}; there is 'aiohttp'")
    try:
        import httpx_aiohttp  # noqa: F401, PLC0415  # As above.
    except ImportError:
        raise ImportError(
            f'the transport {transport!r} is not installed: pip install "pacerpro-client[{transport}]"'
        ) from None
