"""The mock as an ASGI application."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from types import SimpleNamespace
from typing import Any

import anyio

from pacerpro_mock.http import answers
from pacerpro_mock.http.messages import Answer, Head
from pacerpro_mock.mock import Mock

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

# How long a caller that is still sending may take to notice that it was refused, in seconds.
LINGER = 2.0
# The ASGI extension of `MockProtocol`: a function that ends the connection.
HANG_UP = "pacerpro_mock.hang_up"


class ClientDisconnect(Exception):
    """The caller has left."""


def create_app(mock: Mock | None = None) -> Endpoint:
    """The ASGI application of a mock, by default of a new one; `app.state.mock` is the mock."""
    return Endpoint(mock or Mock())


class Incoming:
    """The body of a request, which can be read in several steps."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._more = True

    async def stream(self) -> AsyncIterator[bytes]:
        """The rest of the body. Raises `ClientDisconnect` if the caller leaves."""
        while self._more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            self._more = message.get("more_body", False)
            yield message.get("body", b"")

    async def drop(self) -> None:
        """Drop the rest of the body."""
        async for _ in self.stream():
            pass

    async def left(self) -> None:
        """Raise `ClientDisconnect` when the caller has left."""
        await self.drop()
        while (await self._receive())["type"] != "http.disconnect":
            pass
        raise ClientDisconnect


class Endpoint:
    """Brings requests to the mock and answers back."""

    def __init__(self, mock: Mock) -> None:
        self.state = SimpleNamespace(mock=mock)
        self._mock = mock

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request. Raises `RuntimeError` for another scope, as ASGI asks of an application without it."""
        if scope["type"] != "http":
            raise RuntimeError(f"the mock has no {scope['type']}")
        incoming = Incoming(receive)
        try:
            exchange = self._mock.begin(head_of(scope))
            answer = next(exchange) or exchange.send(await self._read_body(incoming))
        except ClientDisconnect:
            return
        except Exception:
            await send_answer(scope["method"], answers.error(500, "Internal Server Error"), send)
            raise  # The server logs what went wrong.
        with contextlib.suppress(ClientDisconnect):
            await _deliver(scope, incoming, answer, send)

    async def _read_body(self, incoming: Incoming) -> bytes | None:
        """The body, or what is enough of it to see that it is too large; None if it does not arrive in time."""
        body = bytearray()
        with anyio.move_on_after(self._mock.body_timeout):
            async for chunk in incoming.stream():
                body += chunk
                if len(body) > self._mock.api.settings.max_body:
                    break
            return bytes(body)
        return None


def head_of(scope: Message) -> Head:
    """The head of the request that an ASGI scope describes."""
    path = scope["path"]
    raw_path = scope.get("raw_path") or path.encode()
    return Head(scope["method"], path, scope["headers"], raw_path, scope.get("query_string", b""))


async def _deliver(scope: Message, incoming: Incoming, answer: Answer, send: Send) -> None:
    if answer.latency:
        with anyio.move_on_after(answer.latency):
            await incoming.left()
    closing = answer.drop is not None or answer.headers.get("connection") == "close"
    if answer.drop != "before":
        await send_answer(scope["method"], answer, send, more=closing)
    if closing:
        # To close on a caller who still sends would reset the connection, and the caller could lose the answer
        # (RFC 9112, section 9.6).
        with anyio.move_on_after(LINGER):
            await incoming.drop()
    if answer.drop:
        hang_up = scope.get("extensions", {}).get(HANG_UP)
        if hang_up is None:  # Another server, which an exception tells to end the connection.
            raise ConnectionAbortedError("the mock was told to drop the connection")
        hang_up()
    elif closing:
        await send({"type": "http.response.body", "body": b""})


async def send_answer(method: str, answer: Answer, send: Send, *, more: bool = False) -> None:
    """Send the answer; if there is `more`, an empty last part is still to come."""
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    # An answer to HEAD has no body (RFC 9110, section 9.3.2).
    body = b"" if method == "HEAD" else answer.sent_body
    await send({"type": "http.response.body", "body": body, "more_body": more})
