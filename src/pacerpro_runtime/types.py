"""The values that generated signatures speak of: an absent value, a file, and a response."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from copy import deepcopy
from enum import Enum
from pathlib import Path
from typing import IO, Annotated, Any, Final, Generic, Literal, TypeGuard, TypeVar

from attrs import define, field

if sys.version_info >= (3, 13):  # Passed on to generated modules.
    from typing import TypeAliasType as TypeAliasType  # noqa: PLC0414
    from warnings import deprecated as deprecated  # noqa: PLC0414
else:
    from typing_extensions import TypeAliasType as TypeAliasType  # noqa: PLC0414
    from typing_extensions import deprecated as deprecated  # noqa: PLC0414

T = TypeVar("T")
V = TypeVar("V")
T_co = TypeVar("T_co", covariant=True)

FileContent = IO[bytes] | bytes | str | os.PathLike[str]
Progress = Callable[[int, int | None], object]
FileTypes = tuple[str | None, FileContent, str | None]


class Unset(Enum):
    """The type of :data:`UNSET`."""

    # A member, because those are singletons for `pickle` and `copy`, and type checkers narrow by them.
    UNSET = "UNSET"

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return self.name


UNSET: Final = Unset.UNSET
"""Stands for a property or parameter that is not sent at all, as opposed to one that is null."""

OPEN: Final = "a newer server may send other values"
MAYBE: Final = "a server may send null where it should leave the property out"

OpenEnum = Annotated[T | V, OPEN]
"""A member of an enum; or, as ``V``, a value that a newer server sends and this version does not know."""

MaybeNull = Annotated[T | Unset | None, MAYBE]
"""An optional property of an answer: ``UNSET`` if it is absent; None if a server sends null against the contract."""


@define(frozen=True)
class Exactly:
    """Marks the type of a constant that Python has no literal type for, such as an array; ``json`` is the constant."""

    json: str


def is_path(value: object) -> TypeGuard[str | os.PathLike[str]]:
    """Tell whether a value is the path of a file."""
    return isinstance(value, str | os.PathLike)


@define
class File:
    """A file to send, or one that was received.

    It is sent as it is read, and not held in memory: pass a path, or a file that is open for reading bytes.
    """

    payload: FileContent
    """The content: a binary file, bytes, or the path of a file."""
    file_name: str | None = None
    """The name that the server is told; by default that of the file."""
    mime_type: str | None = None
    """The media type that the server is told."""
    progress: Progress | None = field(default=None, repr=False)
    """Is called with the bytes that are sent, and with those that there are, or None if that is not known."""

    @property
    def name(self) -> str | None:
        """The name that the server is told."""
        source: object = self.payload if is_path(self.payload) else getattr(self.payload, "name", None)
        return self.file_name or (Path(source).name if is_path(source) else None)


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
