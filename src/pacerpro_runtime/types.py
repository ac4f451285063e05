"""The values that generated signatures speak of: an absent value, a file, and a response."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from enum import Enum
from typing import IO, Any, Final, Generic, Literal, NoReturn, TypeVar

from attrs import define, field

T_co = TypeVar("T_co", covariant=True)

FileContent = IO[bytes] | bytes
FileTypes = tuple[str | None, FileContent, str | None]


class Unset(Enum):
    """The type of :data:`UNSET`.

    An enumeration, because its members are singletons for ``pickle`` and ``copy``, and type checkers narrow by them.
    """

    UNSET = "UNSET"

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return self.name


UNSET: Final = Unset.UNSET
"""Stands for a property or parameter that is not sent at all, as opposed to one that is null."""


@define
class File:
    """A file to send, or one that was received."""

    payload: FileContent
    """The content, as a binary file or as bytes."""
    file_name: str | None = None
    """The name that the server is told."""
    mime_type: str | None = None
    """The media type that the server is told."""

    def to_tuple(self) -> FileTypes:
        """Return the form that the HTTP library takes for a part of a multipart body."""
        return self.file_name, self.payload, self.mime_type


@define(frozen=True)
class Response(Generic[T_co]):
    """A response of the server, and what it means.

    Its repr shows the status alone, and it leaves headers and content out of a pickle: both may carry secrets.
    """

    status_code: int
    """The HTTP status code, whatever its value."""
    headers: Mapping[str, str] = field(repr=False)
    """The headers; names are not case-sensitive."""
    content: bytes = field(repr=False)
    """The body as it came, after decompression."""
    parsed: T_co = field(repr=False)
    """The body as the type that the contract gives it."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Response[T_co]:
        return type(self)(self.status_code, self.headers, self.content, deepcopy(self.parsed, memo))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.status_code, {}, b"", self.parsed)


def refuse_pickling(what: str, instead: str) -> NoReturn:
    """Raise the ``TypeError`` of an object that must not be pickled, in one wording for all of them."""
    raise TypeError(f"{what} cannot be pickled, because it holds a secret: {instead}")


__all__ = ["UNSET", "File", "FileContent", "FileTypes", "Response", "Unset"]
