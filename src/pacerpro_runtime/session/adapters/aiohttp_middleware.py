"""Send the tokens of a source with aiohttp."""

import aiohttp

from pacerpro_runtime.session.source import TokenSource


def middleware(source: TokenSource) -> aiohttp.ClientMiddlewareType:
    """Return a middleware that sends a token with each request to the origin that it is for."""

    async def send(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        if not source.admits(request.url):  # It is called for each hop of a redirect.
            return await handler(request)
        sent = source.state.at_hand() or await source.obtain(blocking=False)
        request.headers["Authorization"] = sent.header
        response = await handler(request)
        if response.status == 401:
            token = await source.obtain(sent, blocking=False)
            if token.value != sent.value and not (request.body and request.body.consumed):
                response.release()
                request.headers["Authorization"] = token.header
                response = await handler(request)
                source.repaired(token, response.status)
        return response

    return send
