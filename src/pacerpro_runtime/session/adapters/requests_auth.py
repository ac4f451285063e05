"""Send the tokens of a source with requests."""

from functools import lru_cache, partial
from typing import Any, cast

import requests
from requests.auth import AuthBase

from pacerpro_runtime._http import httpx
from pacerpro_runtime.driver import run
from pacerpro_runtime.session.lifecycle import Token
from pacerpro_runtime.session.source import TokenSource

_parsed = lru_cache(maxsize=256)(httpx.URL)


class RequestsAuth(AuthBase):
    """Sends a token with each request to the origin that it is for."""

    def __init__(self, source: TokenSource) -> None:
        self._source = source

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Put the token on a request."""
        if self._source.admits(_parsed(request.url or "")):
            token = run(self._source.obtain(blocking=True))
            request.headers["Authorization"] = token.header
            request.hooks["response"].append(partial(self._answered, token))
        return request

    def _answered(self, sent: Token, response: requests.Response, **options: Any) -> requests.Response:
        request = response.request
        # After a redirect, it may be of another origin.
        if response.status_code == 401 and request.headers.get("Authorization") == sent.header:
            token = run(self._source.obtain(sent, blocking=True))
            if token.value != sent.value and isinstance(cast("object", request.body), str | bytes | None):
                _ = response.content  # Read, so that its connection can be used again.
                again = request.copy()
                again.headers["Authorization"] = token.header
                first, response = response, response.connection.send(again, **options)
                response.history = [*first.history, first]
                self._source.repaired(token, response.status_code)
        return response
