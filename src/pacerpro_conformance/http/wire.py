"""Sends one request at a time and returns exactly what came; it judges nothing."""

import re
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import httpx

from pacerpro_conformance.errors import CannotRunError, NoAnswerError

from .messages import Answer, Request

PATIENCE = 20.0  # seconds that the whole run waits, in all, for a server that throttles
MOST_WAITS = 5  # for one answer


class Wire:
    """Connections to the server, past any proxy. It follows no redirect, and waits if the server throttles.

    Raises CannotRunError if the certificates cannot be read.
    """

    def __init__(
        self, base_url: str, timeout: float, ca: Path | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.timeout, self.ca = timeout, ca
        self._waited = 0.0  # seconds, for a server that throttles
        try:
            # Without a file, the system's certificates, or those that SSL_CERT_FILE names.
            self._tls = ssl.create_default_context(cafile=ca) if ca else httpx.create_ssl_context()
        except OSError as error:
            raise CannotRunError(f"no certificates can be read from {ca or 'SSL_CERT_FILE'}") from error
        self._own = {"User-Agent": "pacerpro-conformance", **(headers or {})}
        self._client = httpx.Client(timeout=timeout, headers=self._own, verify=self._tls, trust_env=False)

    def send(self, request: Request) -> Answer:
        """Send a request, and again after the time that a 429 asks for. Raises NoAnswerError."""
        earlier: list[Answer] = []
        while True:
            answer = self._send_once(request)
            wait = answer.headers.get("retry-after", "") if answer.status == 429 else ""
            if not wait.isdecimal() or self._waited + float(wait) > PATIENCE or len(earlier) == MOST_WAITS:
                return replace(answer, earlier=tuple(earlier))
            earlier.append(answer)
            self._waited += float(wait)
            time.sleep(float(wait))

    def _send_once(self, request: Request, *, reconnected: bool = False) -> Answer:
        headers = [(name.encode(), value.encode()) for name, value in request.headers]
        # The steps say whether the connection is a new one.
        deadline, read, steps = time.monotonic() + self.timeout, b"", list[str]()

        def trace(step: str, _info: object) -> None:
            steps.append(step)

        try:
            with self._client.stream(
                request.method, request.url, headers=headers, content=request.body, extensions={"trace": trace}
            ) as response:
                for chunk in response.iter_bytes():
                    read += chunk
                    if time.monotonic() > deadline:
                        raise NoAnswerError(f"the answer was not complete within {self.timeout:g} s")
        except httpx.TimeoutException as error:
            raise NoAnswerError(f"no answer within {self.timeout:g} s") from error
        except httpx.RequestError as error:
            hung_up = isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError) and not read
            if hung_up and not reconnected and not any(step.startswith("connection.connect_") for step in steps):
                # The server had closed the kept connection (RFC 9112, section 9.3.1).
                return self._send_once(request, reconnected=True)
            raise NoAnswerError(f"the connection failed: {error}", hung_up=hung_up) from error
        return Answer(request, response.status_code, response.reason_phrase, response.headers, read)

    def send_raw(self, request: Request) -> Answer:
        """Send a request without httpx, which hides what a server must not send, and sends no trailer.

        The body is every byte that comes after the headers before the server closes the connection, or everything if
        that is no HTTP. Raises NoAnswerError.
        """
        url = httpx.URL(request.url)
        lines = [f"{request.method} {url.raw_path.decode()} HTTP/1.1", f"Host: {url.netloc.decode()}"]
        lines += [f"{name}: {value}" for name, value in (*self._own.items(), *request.headers)]
        message = "\r\n".join([*lines, "Connection: close", "", ""]).encode() + request.content
        deadline, came = time.monotonic() + self.timeout, b""
        secure = url.scheme == "https"
        try:
            plain = socket.create_connection((url.host, url.port or (443 if secure else 80)), self.timeout)
            with self._tls.wrap_socket(plain, server_hostname=url.host) if secure else plain as connection:
                connection.sendall(message)
                while (chunk := connection.recv(65536)) and time.monotonic() < deadline:
                    came += chunk
        except OSError as error:
            if not came:
                raise NoAnswerError(f"the connection failed: {error}") from error
        head, end, body = came.partition(b"\r\n\r\n")
        line = re.match(r"HTTP/1\.\d (\d{3})(?: |$)(.*)", head.decode("latin-1"))
        status, reason = (int(line[1]), line[2]) if line else (0, "")
        return Answer(request, status, reason, httpx.Headers(), body if end else came)

    def close(self) -> None:
        """Close every connection."""
        self._client.close()
