"""Send the tokens of a source with aiohttp."""

from __future__ import annotations

import aiohttp

from pacerpro_runtime.session.source import TokenSource

from .flows import REPLACEMENTS


def middleware(source: TokenSource) -> aiohttp.ClientMiddlewareType:
    """Return a middleware that sends a token with each request to the origin that it is for."""

    async def send(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        if not source.admits(request.url):  # It is called for each hop of a redirect.
            return await handler(request)
        sent = token = await source.aget()
        request.headers["Authorization"] = token.header
        response = await handler(request)
        for _ in range(REPLACEMENTS):
            if response.status != 401:
                break
            old, token = token, await source.aget(rejected=token)
            if token.value == old.value or (request.body and request.body.consumed):
                break
            response.release()
            request.headers["Authorization"] = token.header
            response = await handler(request)
        source.answered(token, response.status, response.headers, repaired=token is not sent)
        return response

    return send
