"""HTTP messages as plain data: what the mock decides does not depend on how they travel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace


@dataclass(frozen=True)
class Head:
    """A request without its body. Header names are in lower case, and a header sent twice is there twice."""

    method: str
    path: str
    # Neither is shown: a password or a token is often put where it does not belong.
    headers: Sequence[tuple[bytes, bytes]] = field(repr=False)
    raw_path: bytes = field(default=b"", repr=False)

    def values(self, name: bytes) -> list[bytes]:
        """All values of a header, one for each time that it was sent."""
        return [value for key, value in self.headers if key == name]


@dataclass(frozen=True)
class Answer:
    """A response. `user` is the e-mail address of the user whom it is about, where that has been proven."""

    status: int
    body: bytes = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    user: str | None = None

    def with_header(self, name: str, value: str) -> Answer:
        """The same answer with one header more."""
        return replace(self, headers=(*self.headers, (name, value)))
