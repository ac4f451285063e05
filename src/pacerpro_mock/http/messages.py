"""HTTP messages as plain data: what the mock decides does not depend on how they travel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

_WHITESPACE = b" \t"


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
        """All values of a header, without the whitespace around them, which is not theirs (RFC 9110, section 5.5)."""
        return [value.strip(_WHITESPACE) for key, value in self.headers if key == name]


@dataclass(slots=True)
class Answer:
    """A response, and how it travels.

    `user` is the e-mail address of the user whom it is about, if that is proven. `latency` is how many seconds pass
    before it is sent; `drop` says that the connection ends before it, or in the middle of its body.
    """

    status: int
    body: bytes = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    user: str | None = None
    latency: float = 0.0
    drop: Literal["before", "body"] | None = None

    def with_header(self, name: str, value: str) -> Answer:
        """The same answer with this header, in place of one of the same name."""
        lower = name.lower()
        others = [header for header in self.headers if header[0].lower() != lower]
        return Answer(self.status, self.body, (*others, (name, value)), self.user, self.latency, self.drop)

    @property
    def sent_body(self) -> bytes:
        """What arrives of the body."""
        return self.body[: len(self.body) // 2] if self.drop == "body" else self.body
