"""Requests and answers as data, and the connections that they go over; nothing here judges them."""

import ssl
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any

import httpx

from pacerpro_conformance.errors import CannotRunError, HungUpError, NoAnswerError
from pacerpro_conformance.findings import Leeway
from pacerpro_conformance.values import parse

PATIENCE = 20.0  # seconds that the whole run waits, in all, for a server that throttles
SHORTEST_WAIT = 0.1  # seconds
JSON = ("Content-Type", "application/json")
Header = tuple[str, str]


@dataclass(frozen=True)
class Request:
    """A request: what differs from an ordinary call of an operation, and where it goes once that is known."""

    note: str = ""  # what is special about it
    headers: tuple[Header, ...] = field(default=(), repr=False)
    body: bytes | list[bytes] | None = field(default=None, repr=False)  # a list is sent in chunks
    query: str = ""
    leeway: Leeway | None = None  # what the server may answer instead
    token: str = field(default="", repr=False)  # what is shown as $TOKEN
    recipe: str = ""  # how to make that token
    method: str = ""
    url: str = ""

    @property
    def content(self) -> bytes:
        """The whole body."""
        return b"".join(self.body) if isinstance(self.body, list) else self.body or b""


NOTHING = Request()


@dataclass(frozen=True)
class Answer:
    """A response, read to its end."""

    request: Request
    status: int
    reason: str
    headers: httpx.Headers
    body: bytes

    @cached_property
    def json(self) -> Any:
        """The body as JSON, or `NOT_JSON`."""
        return parse(self.body)


class Wire:
    """Connections to the server, past any proxy. It follows no redirect, and waits if the server throttles.

    Raises CannotRunError if the certificates cannot be read.
    """

    def __init__(
        self, base_url: str, timeout: float, ca: Path | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        self.base_url, self.timeout, self.ca = base_url.rstrip("/"), timeout, ca
        self._patience = PATIENCE
        try:
            # Without a file, the system's certificates, or those that SSL_CERT_FILE names.
            self._tls = ssl.create_default_context(cafile=ca) if ca else httpx.create_ssl_context()
        except OSError as error:
            raise CannotRunError(f"no certificates can be read from {ca or 'SSL_CERT_FILE'}") from error
        self._own = {"User-Agent": "pacerpro-conformance", **(headers or {})}
        self._client = httpx.Client(timeout=timeout, headers=self._own, verify=self._tls, trust_env=False)
        self.close = self._client.close

    def send(self, request: Request) -> Answer:
        """Send a request, and again after the time that a 429 asks for. Raises NoAnswerError."""
        while True:
            answer = self._send_once(request)
            wait = answer.headers.get("retry-after", "") if answer.status == 429 else ""
            seconds = max(float(wait), SHORTEST_WAIT) if wait.isdecimal() else PATIENCE
            if seconds >= self._patience:
                return answer
            self._patience -= seconds
            time.sleep(seconds)

    def _send_once(self, request: Request, *, reconnected: bool = False) -> Answer:
        headers = [(name.encode(), value.encode()) for name, value in request.headers]
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
            if read or not isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError):
                raise NoAnswerError(f"the connection failed: {error}") from error
            if reconnected or any(step.startswith("connection.connect_") for step in steps):
                raise HungUpError(f"the connection failed: {error}") from error
            # The server had closed the kept connection (RFC 9112, section 9.3.1).
            return self._send_once(request, reconnected=True)
        return Answer(request, response.status_code, response.reason_phrase, response.headers, read)

    def send_raw(self, request: Request) -> Answer:
        """Send a request without httpx, which hides what a server must not send, and sends no trailer.

        The body is every byte that comes after the headers. Raises NoAnswerError.
        """
        url = httpx.URL(request.url)
        connection = HTTPConnection(url.host, url.port, timeout=self.timeout)
        if url.scheme == "https":
            connection = HTTPSConnection(url.host, url.port, timeout=self.timeout, context=self._tls)
        headers = {**self._own, **dict(request.headers), "Connection": "close"}
        try:
            with closing(connection):
                connection.request(request.method, url.raw_path.decode(), request.content, headers)
                response = connection.getresponse()
                body = response.fp.read()  # response.read() would stop where HTTP says that it must
        except (OSError, HTTPException) as error:
            raise NoAnswerError(f"the connection failed: {error}") from error
        return Answer(request, response.status, response.reason, httpx.Headers(response.getheaders()), body)
