"""A server that answers every request from memory, so that a benchmark measures the client and little else.

It prints its port when it is ready. ``GET /logins`` says how many times somebody has logged in.
"""

import asyncio
import json
from typing import cast

import uvloop

SESSION = {"jwtToken": "a.session.token", "expiresAt": "2099-01-01T00:00:00Z"}


def _response(body: object) -> bytes:
    content = json.dumps(body).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n"
    return head.encode() + b"Date: Thu, 01 Jan 2026 00:00:00 GMT\r\nCache-Control: no-store\r\n\r\n" + content


class Server(asyncio.Protocol):
    """One connection."""

    answer = _response(SESSION)
    logins = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin with nothing received."""
        self._transport = cast("asyncio.WriteTransport", transport)
        self._received = b""

    def data_received(self, data: bytes) -> None:
        """Answer each request that is complete."""
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head = self._received[:end].lower()
            _, found, length = head.partition(b"\r\ncontent-length:")
            end += 4 + (int(length.split(b"\r\n", 1)[0]) if found else 0)
            if len(self._received) < end:
                return
            self._received = self._received[end:]
            Server.logins += head.startswith(b"post ")
            counted = head.startswith(b"get /logins ")
            self._transport.write(_response(Server.logins) if counted else self.answer)


async def main() -> None:
    """Serve on a free port of loopback until the process is ended."""
    server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
