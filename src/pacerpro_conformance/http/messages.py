"""Requests and answers, as data."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import httpx

from pacerpro_conformance.findings import Leeway
from pacerpro_conformance.values import parse

from .masking import Mask

JSON = ("Content-Type", "application/json")
LONGEST_SHOWN = 300  # characters of a body
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

    def masked(self, text: str) -> str:
        """The text without the request's token."""
        return text.replace(self.token, "$TOKEN") if len(self.token) > 8 else text


NOTHING = Request()


@dataclass(frozen=True)
class Answer:
    """A response, read to its end; `earlier` are those that asked the caller to come again later."""

    request: Request
    status: int
    reason: str
    headers: httpx.Headers
    body: bytes
    earlier: tuple["Answer", ...] = field(default=(), repr=False)

    @cached_property
    def json(self) -> Any:
        """The body as JSON, or `NOT_JSON`."""
        return parse(self.body)

    def shown(self, mask: Mask) -> str:
        """The answer in one line, without secrets."""
        body = self.request.masked(self.body.decode("utf-8", "replace"))
        text = mask.text(body, mask.sent_in(self.request.headers, self.request.content))
        if len(text) > LONGEST_SHOWN:
            text = f"{text[:LONGEST_SHOWN]}... ({len(text)} characters)"
        kind = self.headers.get("content-type", "no content type")
        return f"{self.status} {self.reason}, {kind}, {text or 'no body'}".replace(" ,", ",")
