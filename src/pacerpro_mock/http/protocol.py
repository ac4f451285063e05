"""HTTP/1.1 on the wire: uvicorn's httptools protocol, with the things that a mock needs beside."""

from __future__ import annotations

import re
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from pacerpro_mock.http import answers
from pacerpro_mock.http.asgi import HANG_UP
from pacerpro_mock.http.routes import OPERATIONS

# RFC 9112, section 3.2: a host and a port (RFC 3986, section 3.2.2), or nothing for a target that has neither.
_HOST = re.compile(rb"[\w.~!$&'()*+,;=%:\[\]-]*")
_UPGRADE = re.compile(rb"\nupgrade:", re.IGNORECASE)
# How long it can be and not be seen yet.
_BEGUN = 8
_REQUEST_LINE = re.compile(rb"(?:\r?\n)*([!#$%&'*+.^_`|~0-9A-Za-z-]+) \S+ HTTP/1\.[01]\r?\n")
# One that httptools knows, and that has no ways of its own.
_STAND_IN = b"PATCH"


class MockProtocol(HttpToolsProtocol):
    """Refuses what is no HTTP with an `Error`, and can end a connection whose caller is not done."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # uvicorn takes any handler, as that of a test's log, for a wish to log requests; it would log their queries.
        self.access_log = False
        self.complaint: str | None = None
        self._idle, self._in_head = True, False
        self._last = b""
        self._method: str | None = None
        self._cycles: list[RequestResponseCycle] = []

    def data_received(self, data: bytes) -> None:
        """Hide from the parser what it would answer by itself, and what is for the application to answer."""
        super().data_received(self._with_known_method(self._without_offer(data)))

    def _with_known_method(self, data: bytes) -> bytes:
        """Let a method that nobody knows through, as one that the contract lacks: httptools takes it for no HTTP.

        It does so as soon as it sees the first letter, so a request line that comes in two parts is left to it.
        """
        line = _REQUEST_LINE.match(data) if self._idle else None
        if line is None or (method := line[1].decode("ascii")) in OPERATIONS:
            return data
        self._method = method
        return data[: line.start(1)] + _STAND_IN + data[line.end(1) :]

    def _without_offer(self, data: bytes) -> bytes:
        """Pass over an offer to upgrade, as RFC 9110, section 7.8, allows.

        Java's and curl's clients offer h2c with each request, and httptools drops the body of one that does. The name
        in its place is as long, so that no body changes its length. Of a name that comes in two parts the first has
        been read, in a head and no body: there it may get longer.
        """
        begun = self._in_head and _UPGRADE.search(self._last + data[:_BEGUN])
        self._last = (self._last + data)[-_BEGUN:]
        return (b"-" if begun else b"") + _UPGRADE.sub(b"\nx-offer:", data)

    def on_message_begin(self) -> None:
        """Let the application end the connection."""
        super().on_message_begin()
        self._idle, self._in_head = False, True
        scope = cast("dict[str, Any]", self.scope)
        # Closed and not aborted: what has been written of the answer still arrives.
        scope["extensions"] = {HANG_UP: {"now": self.transport.close}}

    def on_headers_complete(self) -> None:
        """Refuse a request that does not say, once and clearly, for which host it is."""
        self._in_head = False
        hosts = [value for name, value in self.headers if name == b"host"]
        needed = self.parser is not None and self.parser.get_http_version() == "1.1"
        if len(hosts) > 1 or len(hosts) < needed or not all(_HOST.fullmatch(host) for host in hosts):
            self.complaint = "An HTTP/1.1 request has one Host header"
            # httptools makes an error of its own of it, as of any other HTTP that is none.
            raise ValueError(self.complaint)
        super().on_headers_complete()
        if self._method is not None:
            self.scope["method"], self._method = self._method, None
        # What comes now are trailers, which are no part of the head (RFC 9110, section 6.5.1): a token there is none.
        self.headers = []
        self._cycles = [cycle for cycle in self._cycles if not cycle.response_complete]
        self._cycles.append(self.cycle)

    def on_message_complete(self) -> None:
        """Expect another request."""
        self._idle = True
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell all requests whose answer is due; uvicorn tells the last, and of a pipeline the first is under way."""
        super().connection_lost(exc)
        for cycle in self._cycles:
            cycle.disconnected = True
            cycle.message_event.set()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP."""
        refused = answers.error(400, self.complaint or msg).with_header("Connection", "close")
        lines = [b"HTTP/1.1 400 Bad Request"]
        lines += [f"{name.lower()}: {value}".encode("latin-1") for name, value in refused.headers]
        self.transport.write(b"\r\n".join([*lines, b"", refused.body]))
        self.transport.close()

    def drop_unanswered(self) -> None:
        """Break the connection if an answer is due on it."""
        if not all(cycle.response_complete for cycle in self._cycles):
            self.transport.abort()
