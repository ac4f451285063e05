"""The mock as an ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NoReturn

import anyio
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from pacerpro_mock.http import answers
from pacerpro_mock.http.exchange import Exchange
from pacerpro_mock.http.messages import Answer, Head
from pacerpro_mock.mock import Mock

# How long a caller that is still sending may take to notice that it was refused.
LINGER = 2.0
# The ASGI extension by which `MockProtocol` lets the application end a connection.
HANG_UP = "pacerpro_mock.hang_up"


def create_app(mock: Mock | None = None) -> Starlette:
    """The ASGI application of a mock, by default of a new one; `app.state.mock` is the mock."""
    app = Starlette(exception_handlers={Exception: answer_a_mistake})
    app.state.mock = mock or Mock()
    # The endpoint dispatches by itself: Starlette's routes answer HEAD, write a 405 without a full `Allow`, and
    # take a path with a line feed behind it.
    app.router.default = Endpoint(app.state.mock)
    return app


async def answer_a_mistake(_request: Request, _error: Exception) -> Response:
    """500 as an `Error`; the server logs what went wrong."""
    answer = answers.internal_error()
    return Response(answer.body, answer.status, dict(answer.headers))


class Incoming:
    """The body of a request, which can be read in two goes: Starlette's own refuses the second."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._more = True

    async def stream(self) -> AsyncIterator[bytes]:
        """What has not been read yet. Raises `ClientDisconnect` where the caller leaves."""
        while self._more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            self._more = message.get("more_body", False)
            yield message.get("body", b"")

    async def wait(self, seconds: float) -> None:
        """Let time pass, unless the caller leaves, which raises `ClientDisconnect`."""
        if not seconds:
            return
        with anyio.move_on_after(seconds):
            await self.left()

    async def left(self) -> NoReturn:
        """Raise `ClientDisconnect` as soon as the caller has left. What is read of the body until then is gone."""
        async for _ in self.stream():
            pass
        while (await self._receive())["type"] != "http.disconnect":
            pass
        raise ClientDisconnect


class Endpoint:
    """Brings requests to the mock and answers back."""

    def __init__(self, mock: Mock) -> None:
        self._mock = mock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        incoming = Incoming(receive)
        exchange = self._mock.begin(head_of(scope))
        try:
            answer = exchange.refuse() or await self._answer(exchange, incoming)
            await incoming.wait(answer.latency)
            if answer.drop != "before":
                await send_answer(exchange.head, answer, send)
            if answer.drop is not None:
                await hang_up(scope, incoming)
            if ("Connection", "close") in answer.headers:
                await take_in(incoming)
        except ClientDisconnect:
            return
        await send({"type": "http.response.body", "body": b""})

    async def _answer(self, exchange: Exchange, incoming: Incoming) -> Answer:
        if not exchange.needs_body:
            return exchange.answer(b"")
        try:
            with anyio.fail_after(self._mock.body_timeout):
                return exchange.answer(await self._read_body(incoming))
        except TimeoutError:
            return exchange.give_up()

    async def _read_body(self, incoming: Incoming) -> bytes:
        """The body, or what is enough of it to see that it is too large."""
        body = bytearray()
        async for chunk in incoming.stream():
            body += chunk
            if len(body) > self._mock.api.max_body:
                break
        return bytes(body)


def head_of(scope: Scope) -> Head:
    """The head of the request that an ASGI scope describes."""
    path = scope["path"]
    return Head(scope["method"], path, list(scope["headers"]), scope.get("raw_path") or path.encode())


async def send_answer(head: Head, answer: Answer, send: Send) -> None:
    """Send all of the answer; an empty last part is still to come."""
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    # An answer to HEAD has no body (RFC 9110, section 9.3.2).
    body = b"" if head.method == "HEAD" else answer.sent_body
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def hang_up(scope: Scope, incoming: Incoming) -> None:
    """End the connection, and raise `ClientDisconnect` when it has ended.

    A server that has no way to do so takes an exception for it: raises `ConnectionAbortedError` there.
    """
    await take_in(incoming)
    end = scope.get("extensions", {}).get(HANG_UP)
    if end is None:
        raise ConnectionAbortedError("the mock was told to drop the connection")
    end["now"]()
    await incoming.left()


async def take_in(incoming: Incoming) -> None:
    """Take in, for a moment at most, what the caller still sends.

    To close on it would reset the connection, and with it the caller could lose what has been sent to it (RFC 9112,
    section 9.6), or see another error than the next caller does.
    """
    with anyio.move_on_after(LINGER):
        async for _ in incoming.stream():
            pass
