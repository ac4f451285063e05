"""Stand-ins for the service and for what it is reached by: with a socket and without, and in its place others."""

from __future__ import annotations

import dataclasses
import socket
import threading

import httpx

from pacerpro_mock import Mock, MockServer
from pacerpro_mock.http import answers, requests
from pacerpro_mock.http.messages import Answer
from pacerpro_mock.http.routes import Api
from pacerpro_mock.service.tokens import InvalidToken

from .worlds import settled

EMAIL, PASSWORD = "ada@example.com", "correct horse battery staple"
MATTERS = "/v1/matters"


class Matters(Api):
    """The contract's operations, and one more that the rest of the API stands for: it wants a token."""

    def __init__(self, mock: Mock) -> None:
        super().__init__(mock.service, 64 * 1024)
        self.bodies: list[bytes] = []
        self.refuses_everyone = False

    def operation_of(self, head):
        return "matters" if head.path == MATTERS else super().operation_of(head)

    def refuse(self, head):
        return None if head.path == MATTERS else super().refuse(head)

    def needs_body(self, head):
        return head.method == "POST"

    def answer(self, head, body):
        if head.path != MATTERS:
            return super().answer(head, body)
        self.bodies.append(body)
        try:
            if self.refuses_everyone or not head.values(b"authorization"):
                return answers.invalid_token()
            self.service._authenticate(requests.bearer_token(head))
        except InvalidToken:
            return answers.invalid_token()
        return Answer(200, b"[]", (("Content-Type", "application/json"),))


def with_matters(mock):
    mock._site = dataclasses.replace(mock._site, api=Matters(mock))
    mock.api = mock._site.api
    return mock


class Time:
    """The monotonic clock of this process, and the service's clock."""

    def __init__(self, server: MockServer) -> None:
        self.now = 1000.0
        self._server = server

    def advance(self, seconds: float) -> None:
        self.now += seconds
        self._server.clock.advance(seconds)


def without_a_socket(password: str, time: Time) -> Mock:
    mock = Mock({EMAIL: password})
    mock.clock = mock.service._clock = time._server.clock
    mock._site = dataclasses.replace(mock._site, clock=mock.clock)
    return with_matters(mock)


class Through(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Brings requests to a mock, and lets a test look at each of them before, and at each response after.

    Where the functions return something that can be awaited, it is.
    """

    def __init__(self, mock, before=lambda request: None, after=lambda request, response: None) -> None:
        self._transport = mock.transport()
        self._before, self._after = before, after
        self.requests: list[httpx.Request] = []

    def handle_request(self, request):
        self.requests.append(request)
        self._before(request)
        response = self._transport.handle_request(request)
        self._after(request, response)
        return response

    async def handle_async_request(self, request):
        self.requests.append(request)
        await settled(self._before(request))
        response = await self._transport.handle_async_request(request)
        await settled(self._after(request, response))
        return response

    @property
    def seen(self) -> list[str]:
        return [f"{request.method} {request.url.path}" for request in self.requests]


class Once:
    """A body that can be read once, and fails the second time."""

    def __init__(self) -> None:
        self.reads = 0

    def __iter__(self):
        self.reads += 1
        assert self.reads == 1
        yield b"read "
        yield b"once"


class AsyncOnce:
    """The same, for asynchronous clients."""

    def __init__(self) -> None:
        self._body = Once()

    @property
    def reads(self) -> int:
        return self._body.reads

    async def __aiter__(self):
        for chunk in self._body:
            yield chunk


class Scripted:
    """Gives every connection the same bytes, and hangs up."""

    def __init__(self, answer: str) -> None:
        self._answer = answer.encode()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        self.heads: list[bytes] = []

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(5)
                self.heads.append(connection.recv(65536))
                connection.sendall(self._answer)

    def stop(self) -> None:
        # Closing a socket does not wake whoever waits for it in another thread.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._listener.close()
        assert not self._thread.is_alive()
