"""The service that the tests call, with a socket and without, and a transport that lets a test look in between."""

from __future__ import annotations

import logging

import httpx

from pacerpro_client import SessionAuth
from pacerpro_mock import Mock
from pacerpro_mock.http import answers
from pacerpro_mock.http.api import Api
from pacerpro_mock.http.messages import Answer
from pacerpro_mock.http.operations import Operation
from pacerpro_mock.service.tokens import InvalidToken
from pacerpro_runtime.session import clock

from .worlds import settled

EMAIL, PASSWORD = "ada@example.com", "correct horse battery staple"
BOB = "bob@example.com"

# What stores keep.
ORIGIN = "https://api.example"
SESSION = {"jwtToken": "a.b.c", "expiresAt": "2030-01-01T00:00:00Z"}


class Matters:
    """More operations than the contract has, which stand for the rest of the API.

    ``/matters`` wants a token, ``/forbidden`` answers 401 whatever the token, ``/elsewhere`` redirects.
    """

    def __init__(self, api: Api) -> None:
        self.api = api
        self.bodies: list[bytes] = []
        self.redirect = ""

    def find(self, head):
        name = head.path.removeprefix("/v1/")
        if name not in ("matters", "forbidden", "elsewhere"):
            return Api.find(self.api, head)
        return Operation(name, head.method, f"/{name}", self.answer, reads_body=head.method == "POST")

    def refuse(self, head):
        return None if head.path != "/v1/session" else Api.refuse(self.api, head)

    def answer(self, head, body):
        if head.path == "/v1/session":
            return Api.answer(self.api, head, body)
        if head.path == "/v1/elsewhere":
            return Answer(302, headers={"location": self.redirect})
        self.bodies.append(body)
        try:
            if head.path == "/v1/forbidden" or not head.values(b"authorization"):
                return answers.invalid_token()
            self.api.service._authenticate(head.bearer_token())
        except InvalidToken:
            return answers.invalid_token()
        return Answer(200, b"[]", {"content-type": "application/json"})


def with_matters(mock):
    mock.matters = Matters(mock.api)
    mock.api.find, mock.api.refuse, mock.api.answer = mock.matters.find, mock.matters.refuse, mock.matters.answer
    return mock


class Time:
    """The clock of this process, and the service's."""

    def __init__(self, monkeypatch, mock: Mock) -> None:
        self.now = 1000.0
        self._mock = mock
        monkeypatch.setattr(clock, "now", lambda: self.now)

    def advance(self, seconds: float) -> None:
        self.now += seconds
        self._mock.clock.advance(seconds)


class Through(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Brings requests to a mock, and lets a test do something before each; it may return an awaitable."""

    def __init__(self, mock: Mock) -> None:
        self._transport = mock.transport()
        self.before = lambda request: None
        self.requests: list[httpx.Request] = []

    def handle_request(self, request):
        self.requests.append(request)
        self.before(request)
        return self._transport.handle_request(request)

    async def handle_async_request(self, request):
        self.requests.append(request)
        await settled(self.before(request))
        return await self._transport.handle_async_request(request)

    @property
    def seen(self) -> list[str]:
        return [request.method for request in self.requests]


def in_memory(store, settings, caplog, hint):
    """A source works without its store, and says once what is wrong."""
    source = SessionAuth(email=EMAIL, password=PASSWORD, store=store, **settings)
    with caplog.at_level(logging.WARNING, "pacerpro_client"):
        token = source.token()
        assert source.token() == token
    assert caplog.messages
    assert len(caplog.messages) <= 3
    for message in caplog.messages:
        assert "goes on in memory" in message
        assert "\n" not in message
        assert token not in message
    assert any(hint in message for message in caplog.messages), caplog.messages
