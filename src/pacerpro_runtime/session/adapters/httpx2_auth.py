"""Send the tokens of a source with httpx2."""

import httpx2

from pacerpro_runtime.session.source import TokenSource

from .flows import TokenFlows


class Httpx2Auth(TokenFlows, httpx2.Auth):
    """Sends a token with each request to the origin that it is for."""

    _replayable = httpx2.ByteStream

    def __init__(self, source: TokenSource) -> None:
        self._source = source
