"""HTTP/1.1 on the wire: uvicorn's httptools protocol, with the two things that a mock needs beside."""

from __future__ import annotations

from typing import cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from pacerpro_mock import answers


class MockProtocol(HttpToolsProtocol):
    """Refuses what is no HTTP with an `Error`, and can let a caller go who is not done."""

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP."""
        refused = answers.error(400, msg).with_header("Connection", "close")
        lines = [b"HTTP/1.1 400 Bad Request"]
        lines += [f"{name.lower()}: {value}".encode("latin-1") for name, value in refused.headers]
        self.transport.write(b"\r\n".join([*lines, b"", refused.body]))
        self.transport.close()

    def drop_unanswered(self) -> None:
        """Break the connection if an answer is due on it."""
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if cycle is not None and not cycle.response_complete:
            self.transport.abort()
