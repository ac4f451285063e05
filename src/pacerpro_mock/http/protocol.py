"""HTTP/1.1 on the wire: uvicorn's httptools protocol, with what a mock needs beyond it."""

import re
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from pacerpro_mock.http import answers
from pacerpro_mock.http.asgi import HANG_UP
from pacerpro_mock.http.messages import Answer
from pacerpro_mock.http.operations import OPERATIONS

# RFC 9112, section 3.2: a host and a port (RFC 3986, section 3.2.2), or nothing for a target that has neither.
_HOST = re.compile(rb"[\w.~!$&'()*+,;=%:\[\]-]*")
_UPGRADE = re.compile(rb"\nupgrade:", re.IGNORECASE)
# The longest part of that which can be in a packet without being found.
_BEGUN = 8
_REQUEST_LINE = re.compile(rb"(?:\r?\n)*([!#$%&'*+.^_`|~0-9A-Za-z-]+) \S+ HTTP/([0-9])\.[0-9]\r?\n")
# A method that httptools knows and does not treat specially.
_STAND_IN = b"PATCH"


class MockProtocol(HttpToolsProtocol):
    """Refuses what is not HTTP/1 with an `Error`, and can end a connection while a request is being sent."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # uvicorn logs requests, with their queries, as soon as its logger has any handler, such as a test's.
        self.access_log = False
        self._refusal: Answer | None = None
        self._idle, self._in_head = True, False
        self._last = b""
        self._method: str | None = None

    def data_received(self, data: bytes) -> None:
        """Hide from the parser what it would answer by itself, and what is for the application to answer."""
        known = self._with_known_method(self._without_offer(data))
        if self._refusal is None:
            super().data_received(known)
        else:
            self.send_400_response("")

    def _with_known_method(self, data: bytes) -> bytes:
        """Let an unknown method through, as one that the contract lacks: httptools refuses it as malformed.

        It does so as soon as it sees the first letter, so a request line that comes in two parts is left to it.
        """
        line = _REQUEST_LINE.match(data) if self._idle else None
        if line is None:
            return data
        if line[2] != b"1":
            self._refusal = answers.error(505, "The mock speaks HTTP/1.1")
        if (method := line[1].decode("ascii")) in OPERATIONS:
            return data
        self._method = method
        return data[: line.start(1)] + _STAND_IN + data[line.end(1) :]

    def _without_offer(self, data: bytes) -> bytes:
        """Ignore an offer to upgrade, as RFC 9110, section 7.8, allows.

        Java's and curl's clients offer h2c with each request, and httptools drops the body of one that does. The name
        in its place is as long, so that no body changes its length. If a name comes in two parts, the first has been
        read, in a head and not in a body: there it may get longer.
        """
        begun = self._in_head and _UPGRADE.search(self._last + data[:_BEGUN])
        self._last = (self._last + data)[-_BEGUN:]
        return (b"-" if begun else b"") + _UPGRADE.sub(b"\nx-offer:", data)

    def on_message_begin(self) -> None:
        """Look for no further request line until this message is complete."""
        super().on_message_begin()
        self._idle, self._in_head = False, True

    def on_headers_complete(self) -> None:
        """Refuse a request that does not say, once and clearly, for which host it is, and unknown codings."""
        self._in_head = False
        hosts = [value.strip(b" \t") for name, value in self.headers if name == b"host"]
        needed = self.parser is not None and self.parser.get_http_version() == "1.1"
        if len(hosts) > 1 or len(hosts) < needed or not all(_HOST.fullmatch(host) for host in hosts):
            self._refusal = answers.error(400, "An HTTP/1.1 request has one Host header")
        codings = b",".join(value for name, value in self.headers if name == b"transfer-encoding")
        if codings and codings.strip(b" \t").lower() != b"chunked":
            # RFC 9112, section 6.1.
            self._refusal = answers.error(501, "The mock knows the transfer coding chunked, and no other")
        if self._refusal is not None:
            # httptools raises an error of its own for it, and uvicorn answers that as any other.
            raise ValueError("refused")
        super().on_headers_complete()
        if self._method is not None:
            self.scope["method"], self._method = self._method, None
        cycle = self.cycle

        def hang_up() -> None:
            cycle.disconnected = True  # So that uvicorn does not wait for the rest of the answer.
            self.transport.close()  # And does not abort: what has been written still arrives.

        cast("Any", self.scope)["extensions"] = {HANG_UP: hang_up}
        # What comes now are trailers, which are not part of the head (RFC 9110, section 6.5.1): they count for nothing.
        self.headers = []

    def on_message_complete(self) -> None:
        """Expect another request."""
        self._idle = True
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP/1.1, with 400 or what has been found out about it."""
        refused = (self._refusal or answers.error(400, msg)).with_header("Connection", "close")
        lines = [STATUS_LINE[refused.status].rstrip()]
        lines += [f"{name}: {value}".encode("latin-1") for name, value in refused.headers.items()]
        self.transport.write(b"\r\n".join([*lines, b"", refused.body]))
        self.transport.close()
