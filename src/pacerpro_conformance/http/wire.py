"""Sends one request at a time and gives back exactly what came; it judges nothing."""

import json
import re
import shlex
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx

from pacerpro_conformance.masking import Mask

from . import network

Headers = Iterable[tuple[str, str]]
# A list is sent in chunks, without announcing its length.
Body = bytes | list[bytes] | None

NOT_JSON = object()
PATIENCE = 20.0  # seconds that the whole run waits, all told, for a server that throttles
MOST_WAITS = 5  # for one answer
LONGEST_SHOWN = 300  # characters of a body
VARIABLE = re.compile(r"\\?(\$(?:TOKEN|PASSWORD|SECRET)\b)")


class NoAnswerError(Exception):
    """The server gave no answer; the message says in what way."""


@dataclass(frozen=True)
class Call:
    """A request as it was sent. `note` says how its credentials were made, for they are not shown."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    note: str = ""

    def as_curl(self, mask: Mask) -> str:
        """A command line that repeats the request, with `$TOKEN` and `$PASSWORD` in place of secrets."""
        parts = ["curl -i", "--head" if self.method == "HEAD" else f"-X {shlex.quote(self.method)}"]
        parts += [f"-H {_quote(f'{name}: {mask.header(name, value)}')}" for name, value in self.headers]
        if self.body is not None:
            parts.append(f"--data-binary {_quote(_shortened(mask.body(self.body)))}")
        return " ".join([*parts, _quote(mask.text(self.url))])


@dataclass(frozen=True)
class Answer:
    """A response, read to its end; `earlier` are those that asked to come again later."""

    call: Call
    status: int
    reason: str
    headers: httpx.Headers
    body: bytes
    json: Any = field(repr=False)
    earlier: tuple["Answer", ...] = field(default=(), repr=False)

    def shown(self, mask: Mask) -> str:
        """The answer in one line, without secrets."""
        text = _shortened(
            mask.text(self.body.decode("utf-8", "replace"), mask.sent_in(self.call.headers, self.call.body))
        )
        kind = self.headers.get("content-type", "no content type")
        return f"{self.status} {self.reason}, {kind}, {text or 'no body'}".replace(" ,", ",")

    @property
    def date(self) -> datetime:
        """What the server's clock showed; ours, where it does not say."""
        try:
            return parsedate_to_datetime(self.headers["date"]).astimezone(UTC)
        except (KeyError, ValueError):
            return datetime.now(UTC)


class Wire:
    """A connection to the server under test. It follows no redirect, and waits where the server throttles."""

    def __init__(self, base_url: str, timeout: float, ca: Path | None = None) -> None:
        self.base_url = base_url.rstrip("/")
        self.timeout = timeout
        self.proxy = network.proxy_of(base_url)
        self.waited = 0.0  # seconds, for a server that throttles
        self._tls = network.tls(ca)
        self._client = httpx.Client(timeout=timeout, headers={"User-Agent": "conformance"}, verify=self._tls)

    def send(self, method: str, path: str, headers: Headers = (), body: Body = None, note: str = "") -> Answer:
        """Send a request, again after the time that a 429 asks for. Raises NoAnswerError."""
        shown = body if isinstance(body, bytes) else None
        call = Call(method, self.base_url + path, tuple(headers), shown, note)
        earlier: list[Answer] = []
        while True:
            answer = self._send_once(call, body)
            wait = answer.headers.get("retry-after", "") if answer.status == 429 else ""
            if not wait.isdecimal() or self.waited + float(wait) > PATIENCE or len(earlier) == MOST_WAITS:
                return replace(answer, earlier=tuple(earlier))
            earlier.append(answer)
            self.waited += float(wait)
            time.sleep(float(wait))

    def _send_once(self, call: Call, body: Body) -> Answer:
        headers = [(name.encode(), value.encode()) for name, value in call.headers]
        deadline = time.monotonic() + self.timeout
        chunks: list[bytes] = []
        try:
            with self._client.stream(call.method, call.url, headers=headers, content=body) as response:
                for chunk in response.iter_bytes():
                    chunks.append(chunk)
                    if time.monotonic() > deadline:
                        raise NoAnswerError(f"the answer was not complete within {self.timeout:g} s")
        except httpx.TimeoutException as error:
            raise NoAnswerError(f"no answer within {self.timeout:g} s") from error
        except httpx.RequestError as error:
            raise NoAnswerError(f"the connection failed: {error}") from error
        read = b"".join(chunks)
        return Answer(call, response.status_code, response.reason_phrase, response.headers, read, _read_json(read))

    def send_raw(self, method: str, path: str, headers: Headers = (), body: bytes = b"") -> bytes:
        """Send a request past httpx and return every byte that comes before the server ends the connection.

        A client hides what a server must not send, and sends no trailer. It goes past a proxy, too. Raises
        NoAnswerError.
        """
        url = httpx.URL(self.base_url + path)
        lines = [f"{method} {url.raw_path.decode()} HTTP/1.1", f"Host: {url.netloc.decode()}", "Connection: close"]
        lines += [f"{name}: {value}" for name, value in headers]
        deadline, came = time.monotonic() + self.timeout, b""
        try:
            with self._connect(url) as connection:
                connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
                while (chunk := connection.recv(65536)) and time.monotonic() < deadline:
                    came += chunk
        except OSError as error:
            if not came:
                raise NoAnswerError(f"the connection failed: {error}") from error
        return came

    def _connect(self, url: httpx.URL) -> socket.socket:
        secure = url.scheme == "https"
        plain = socket.create_connection((url.host, url.port or (443 if secure else 80)), self.timeout)
        return self._tls.wrap_socket(plain, server_hostname=url.host) if secure else plain

    def close(self) -> None:
        """Close every connection."""
        self._client.close()


def _read_json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return NOT_JSON


def _quote(text: str) -> str:
    """The text as one word for a shell, which puts in the values of our own variables and nothing else."""
    if not VARIABLE.search(text):
        return shlex.quote(text)
    escaped = re.sub(r'([\\"`$])', r"\\\1", text)
    return '"' + VARIABLE.sub(r"\1", escaped) + '"'


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}... ({len(text)} characters)"
