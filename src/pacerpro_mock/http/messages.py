"""HTTP messages as plain data: what the mock decides does not depend on how they travel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import parse_qs

from pacerpro_mock.service.tokens import InvalidToken

_WHITESPACE = b" \t"


class NoToken(InvalidToken):
    """There is no `Authorization` header."""


@dataclass(slots=True)
class Head:
    """A request without its body. Header names are in lower case, and a header sent twice is there twice."""

    method: str
    path: str
    # None of these is shown: a password or a token is often put where it does not belong.
    headers: Sequence[tuple[bytes, bytes]] = field(repr=False)
    raw_path: bytes = field(default=b"", repr=False)
    query: bytes = field(default=b"", repr=False)

    def values(self, name: bytes) -> list[bytes]:
        """All values of a header, without the whitespace around them (RFC 9110, section 5.5)."""
        return [value.strip(_WHITESPACE) for key, value in self.headers if key == name]

    def parameters(self) -> dict[str, list[str]]:
        """The parameters of the query."""
        return parse_qs(self.query.decode("latin-1"), keep_blank_values=True)

    def media_type(self) -> str | None:
        """The media type in lower case (RFC 9110, section 8.3.1), without parameters; None unless it is there once."""
        declared = self.values(b"content-type")
        # The mock reads a body as it is sent (RFC 9110, section 8.4).
        if len(declared) != 1 or any(coding.lower() != b"identity" for coding in self.values(b"content-encoding")):
            return None
        return declared[0].decode("latin-1").partition(";")[0].strip(" \t").lower()

    def is_json(self) -> bool:
        """Whether the body is declared as `application/json`, whose parameters mean nothing (RFC 8259, section 11)."""
        return self.media_type() == "application/json"

    def bearer_token(self) -> str:
        """The token in the `Authorization` header, behind `Bearer`, spelled so, and one space.

        Raises `NoToken`, and `InvalidToken` for another scheme and for several headers.
        """
        sent = self.values(b"authorization")
        if not sent:
            raise NoToken("no Authorization header")
        scheme, _, token = sent[0].partition(b" ")
        if len(sent) != 1 or scheme != b"Bearer":
            raise InvalidToken("not exactly one Authorization header with the scheme Bearer")
        return token.decode("latin-1")


@dataclass(slots=True)
class Answer:
    """A response, and how it travels. Header names are in lower case.

    `user` is the e-mail address that the request proved. `latency` is in seconds. `drop` ends the connection before
    the answer, or in the middle of its body.
    """

    status: int
    body: bytes = field(default=b"", repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    user: str | None = None
    latency: float = 0.0
    drop: Literal["before", "body"] | None = None

    def with_headers(self, headers: Mapping[str, str]) -> Answer:
        """The same answer with these headers, in place of those of the same names."""
        return replace(self, headers={**self.headers, **{name.lower(): value for name, value in headers.items()}})

    def with_header(self, name: str, value: str) -> Answer:
        """The same answer with this header, in place of one of the same name."""
        return self.with_headers({name: value})

    def with_body(self, body: bytes) -> Answer:
        """The same answer with another body."""
        return replace(self, body=body).with_header("Content-Length", str(len(body)))

    @property
    def sent_body(self) -> bytes:
        """What arrives of the body."""
        return self.body[: len(self.body) // 2] if self.drop == "body" else self.body
