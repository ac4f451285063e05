"""HTTP/1.1 on the wire: uvicorn's httptools protocol, with the things that a mock needs beside."""

from __future__ import annotations

import re
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from pacerpro_mock import answers
from pacerpro_mock.asgi import HANG_UP

# RFC 9112, section 3.2: a host and a port (RFC 3986, section 3.2.2), or nothing for a target that has neither.
_HOST = re.compile(rb"[\w.~!$&'()*+,;=%:\[\]-]*")
_UPGRADE = re.compile(rb"\r\nupgrade:", re.IGNORECASE)


class MockProtocol(HttpToolsProtocol):
    """Refuses what is no HTTP with an `Error`, and can end a connection whose caller is not done."""

    complaint: str | None = None

    def data_received(self, data: bytes) -> None:
        """Pass over an offer to upgrade, as RFC 9110, section 7.8, allows.

        Java's and curl's clients offer h2c with each request, and httptools drops the body of one that does. The name
        in its place is as long, so that no body changes its length.
        """
        super().data_received(_UPGRADE.sub(b"\r\nx-offer:", data))

    def on_message_begin(self) -> None:
        """Let the application end the connection."""
        super().on_message_begin()
        scope = cast("dict[str, Any]", self.scope)
        # Closed and not aborted: what has been written of the answer still arrives.
        scope["extensions"] = {HANG_UP: {"now": self.transport.close}}

    def on_headers_complete(self) -> None:
        """Refuse a request that does not say, once and clearly, for which host it is."""
        hosts = [value for name, value in self.headers if name == b"host"]
        needed = self.parser is not None and self.parser.get_http_version() == "1.1"
        if len(hosts) > 1 or len(hosts) < needed or not all(_HOST.fullmatch(host) for host in hosts):
            self.complaint = "An HTTP/1.1 request has one Host header"
            # httptools makes an error of its own of it, as of any other HTTP that is none.
            raise ValueError(self.complaint)
        super().on_headers_complete()
        # From here on they are trailers, which are no part of the head (RFC 9110, section 6.5.1): a token there is none.
        self.headers = []

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP."""
        refused = answers.error(400, self.complaint or msg).with_header("Connection", "close")
        lines = [b"HTTP/1.1 400 Bad Request"]
        lines += [f"{name.lower()}: {value}".encode("latin-1") for name, value in refused.headers]
        self.transport.write(b"\r\n".join([*lines, b"", refused.body]))
        self.transport.close()

    def drop_unanswered(self) -> None:
        """Break the connection if an answer is due on it."""
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if cycle is not None and not cycle.response_complete:
            self.transport.abort()
