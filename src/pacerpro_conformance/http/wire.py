"""Sends one request at a time and returns exactly what came; it judges nothing."""

import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx

from pacerpro_conformance.cases import Body, Header
from pacerpro_conformance.errors import NoAnswerError
from pacerpro_conformance.values import parse

from . import network
from .masking import Mask

PATIENCE = 20.0  # seconds that the whole run waits, in all, for a server that throttles
MOST_WAITS = 5  # for one answer
LONGEST_SHOWN = 300  # characters of a body


@dataclass(frozen=True)
class Call:
    """A request as it was sent.

    `note` says how its credentials were made, because they are not shown; `token` is shown as `$TOKEN`.
    """

    method: str
    url: str
    headers: tuple[Header, ...] = ()
    body: bytes | None = None
    note: str = ""
    token: str = field(default="", repr=False)
    in_chunks: bool = False

    def masked(self, text: str) -> str:
        """The text without the call's token."""
        return text.replace(self.token, "$TOKEN") if len(self.token) > 8 else text


@dataclass(frozen=True)
class Answer:
    """A response, read to its end; `earlier` are those that asked the caller to come again later."""

    call: Call
    status: int
    reason: str
    headers: httpx.Headers
    body: bytes
    json: Any = field(repr=False)
    earlier: tuple["Answer", ...] = field(default=(), repr=False)

    def shown(self, mask: Mask) -> str:
        """The answer in one line, without secrets."""
        body = self.call.masked(self.body.decode("utf-8", "replace"))
        text = mask.text(body, mask.sent_in(self.call.headers, self.call.body))
        if len(text) > LONGEST_SHOWN:
            text = f"{text[:LONGEST_SHOWN]}... ({len(text)} characters)"
        kind = self.headers.get("content-type", "no content type")
        return f"{self.status} {self.reason}, {kind}, {text or 'no body'}".replace(" ,", ",")

    @property
    def now(self) -> float:
        """The time on the server's clock, in seconds since 1970; on ours if the server does not say."""
        try:
            return parsedate_to_datetime(self.headers["date"]).astimezone(UTC).timestamp()
        except (KeyError, ValueError):
            return datetime.now(UTC).timestamp()


class Wire:
    """Connections to the server. It follows no redirect, and waits if the server throttles."""

    def __init__(
        self, base_url: str, timeout: float, ca: Path | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.timeout = timeout
        self.proxy = network.proxy_of(base_url)
        self.waited = 0.0  # seconds, for a server that throttles
        self._tls = network.tls(ca)
        self._own = {"User-Agent": "pacerpro-conformance", **(headers or {})}
        self._client = httpx.Client(timeout=timeout, headers=self._own, verify=self._tls)

    def send(
        self,
        method: str,
        path: str,
        headers: tuple[Header, ...] = (),
        body: Body = None,
        note: str = "",
        token: str = "",
    ) -> Answer:
        """Send a request, and again after the time that a 429 asks for. Raises NoAnswerError."""
        whole = b"".join(body) if isinstance(body, list) else body
        call = Call(method, self.base_url + path, headers, whole, note, token, isinstance(body, list))
        earlier: list[Answer] = []
        while True:
            answer = self._send_or_reconnect(call, body)
            wait = answer.headers.get("retry-after", "") if answer.status == 429 else ""
            if not wait.isdecimal() or self.waited + float(wait) > PATIENCE or len(earlier) == MOST_WAITS:
                return replace(answer, earlier=tuple(earlier))
            earlier.append(answer)
            self.waited += float(wait)
            time.sleep(float(wait))

    def _send_or_reconnect(self, call: Call, body: Body) -> Answer:
        """Send a request, and again if the server had closed the kept connection (RFC 9112, section 9.3.1)."""
        connected: list[str] = []
        try:
            return self._send_once(call, body, connected)
        except NoAnswerError as error:
            if not error.hung_up or connected:
                raise
            return self._send_once(call, body, connected)

    def _send_once(self, call: Call, body: Body, connected: list[str]) -> Answer:
        def trace(event: str, _info: object) -> None:
            if event.startswith("connection.connect_"):
                connected.append(event)

        headers = [(name.encode(), value.encode()) for name, value in call.headers]
        deadline, read = time.monotonic() + self.timeout, b""
        extensions = {"trace": trace}
        try:
            with self._client.stream(
                call.method, call.url, headers=headers, content=body, extensions=extensions
            ) as response:
                for chunk in response.iter_bytes():
                    read += chunk
                    if time.monotonic() > deadline:
                        raise NoAnswerError(f"the answer was not complete within {self.timeout:g} s")
        except httpx.TimeoutException as error:
            raise NoAnswerError(f"no answer within {self.timeout:g} s") from error
        except httpx.RequestError as error:
            hung_up = isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError) and not read
            raise NoAnswerError(f"the connection failed: {error}", hung_up=hung_up) from error
        return Answer(call, response.status_code, response.reason_phrase, response.headers, read, parse(read))

    def send_raw(self, call: Call) -> bytes:
        """Send a request without httpx and return every byte that comes before the server closes the connection.

        A client hides what a server must not send, and sends no trailer. This bypasses a proxy, too. Raises
        NoAnswerError.
        """
        url = httpx.URL(call.url)
        message = raw_request(call.method, url, (*self._own.items(), *call.headers)).encode() + (call.body or b"")
        deadline, came = time.monotonic() + self.timeout, b""
        secure = url.scheme == "https"
        try:
            address = (url.host, url.port or (443 if secure else 80))
            plain = socket.create_connection(address, self.timeout)
            with self._tls.wrap_socket(plain, server_hostname=url.host) if secure else plain as connection:
                connection.sendall(message)
                while (chunk := connection.recv(65536)) and time.monotonic() < deadline:
                    came += chunk
        except OSError as error:
            if not came:
                raise NoAnswerError(f"the connection failed: {error}") from error
        return came

    def close(self) -> None:
        """Close every connection."""
        self._client.close()


def raw_request(method: str, url: httpx.URL, headers: tuple[Header, ...]) -> str:
    """The head of a request, for a connection of its own."""
    lines = [f"{method} {url.raw_path.decode()} HTTP/1.1", f"Host: {url.netloc.decode()}", "Connection: close"]
    return "\r\n".join([*lines, *(f"{name}: {value}" for name, value in headers), "", ""])
