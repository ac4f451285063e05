"""One request of a check, as data: what differs from an ordinary call of an operation."""

from dataclasses import dataclass, field

from .findings import Leeway

JSON = ("Content-Type", "application/json")
Header = tuple[str, str]
# A list is sent in chunks, without announcing its length.
Body = bytes | list[bytes] | None


@dataclass(frozen=True)
class Case:
    """A request. `note` says what is special about it, and `leeway` what the server may answer instead."""

    note: str = ""
    headers: tuple[Header, ...] = field(default=(), repr=False)
    body: Body = field(default=None, repr=False)
    query: str = ""
    leeway: Leeway | None = None
    token: str = field(default="", repr=False)  # what is shown as $TOKEN
    recipe: str = ""  # how to make that token


NOTHING = Case()
