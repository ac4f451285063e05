"""Send the tokens of a source with requests."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any

import requests
from requests.auth import AuthBase

from pacerpro_runtime._http import httpx
from pacerpro_runtime.session.source import TokenSource
from pacerpro_runtime.session.token import Token

from .flows import REPLACEMENTS

_parsed = lru_cache(maxsize=256)(httpx.URL)


class RequestsAuth(AuthBase):
    """Sends a token with each request to the origin that it is for."""

    def __init__(self, source: TokenSource) -> None:
        self._source = source

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Put the token on a request."""
        if self._source.admits(_parsed(request.url or "")):
            token = self._source.get()
            request.headers["Authorization"] = token.header
            request.hooks["response"].append(partial(self._answered, token))
        return request

    def _answered(self, token: Token, response: requests.Response, **options: Any) -> requests.Response:
        request = response.request
        if request.headers.get("Authorization") != token.header:
            return response  # Of another origin, after a redirect.
        sent = token
        for _ in range(REPLACEMENTS):
            if response.status_code != 401:
                break
            old, token = token, self._source.get(rejected=token)
            if token.value == old.value or not _can_be_sent_again(request.body):
                break
            _ = response.content  # Read, so that its connection can be used again.
            again = request.copy()
            again.headers["Authorization"] = token.header
            first, response = response, response.connection.send(again, **options)
            response.history = [*first.history, first]
        self._source.answered(token, response.status_code, response.headers, repaired=token is not sent)
        return response


def _can_be_sent_again(body: object) -> bool:
    """Tell whether a body is not a file or a generator, whatever its annotation says."""
    return isinstance(body, str | bytes | None)
