"""Asynchronous calls over aiohttp that fail as they do over httpx: an error says whether the request has been sent."""

from __future__ import annotations

from typing import Any, cast

import aiohttp
from httpx_aiohttp import AiohttpTransport, HttpxAiohttpClient

from pacerpro_runtime._http import httpx

# Of what httpx-aiohttp takes for a time-out while connecting, which is each error of a connection, only the first is.
_KINDS: list[tuple[type[Exception], type[httpx.TransportError]]] = [
    (aiohttp.ConnectionTimeoutError, httpx.ConnectTimeout),
    (aiohttp.ClientConnectorError, httpx.ConnectError),
    (aiohttp.ServerDisconnectedError, httpx.RemoteProtocolError),
    (aiohttp.ClientConnectionError, httpx.ReadError),
]


class AiohttpClient(HttpxAiohttpClient):
    """The client of httpx-aiohttp, over transports that tell errors apart.

    It is a client and not a transport alone, because httpx leaves out the environment's proxies where one is given.
    """

    def _init_transport(self, *arguments: Any, **settings: Any) -> httpx.AsyncBaseTransport:
        return ErrorMappingTransport(cast("AiohttpTransport", super()._init_transport(*arguments, **settings)))

    def _init_proxy_transport(self, *arguments: Any, **settings: Any) -> httpx.AsyncBaseTransport:
        return ErrorMappingTransport(cast("AiohttpTransport", super()._init_proxy_transport(*arguments, **settings)))


class ErrorMappingTransport(httpx.AsyncBaseTransport):
    """A transport of httpx-aiohttp whose errors are those that httpx's own transport raises."""

    def __init__(self, transport: AiohttpTransport) -> None:
        self._transport = transport

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request.

        Raises:
            httpx.TransportError: As httpx's documentation says of each of its kinds.
        """
        if self._transport.client is None:
            session = self._transport.client = self._transport.get_client()
            # aiohttp would send what is idempotent again by itself, whatever `retries` says, and has no setting for it.
            session._retry_connection = False  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # No setting.
        try:
            return await self._transport.handle_async_request(request)
        except aiohttp.ClientResponseError as error:
            failure: httpx.TransportError = httpx.RemoteProtocolError(error.message)
        except httpx.ConnectTimeout as error:
            kind = next((ours for theirs, ours in _KINDS if isinstance(error.__cause__, theirs)), httpx.ConnectTimeout)
            failure = kind(str(error))
        # Raised out here: an error of aiohttp can hold the request's headers, and would stay attached as the context.
        raise failure

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()
