"""The values that generated signatures speak of: an absent value, a file to send or to receive, and a response."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from email.message import Message
from email.utils import collapse_rfc2231_value
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import IO, Annotated, Any, Final, Generic, Literal, TypeGuard, TypeVar, cast

from attrs import define, field

from ._http import httpx

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

_CHUNK = 64 * 1024  # bytes


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

    def read(self) -> bytes:
        """Return the content, or what is left of it if it is a file that has been read from."""
        if isinstance(self.payload, bytes):
            return self.payload
        return Path(self.payload).read_bytes() if is_path(self.payload) else cast("IO[bytes]", self.payload).read()

    def to_tuple(self) -> FileTypes:
        """Return the file as a tuple of name, content and media type, as ``httpx`` takes it in ``files``."""
        content: Any = self.read() if is_path(self.payload) else self.payload
        return self.name, content, self.mime_type


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


class Source(httpx.SyncByteStream, httpx.AsyncByteStream):
    """The content of a file to send. A path is opened when it is first read."""

    def __init__(self, file: File) -> None:
        payload = self._payload = file.payload
        self._path = Path(payload) if is_path(payload) else None
        self._progress = file.progress
        self._start = self._sent = 0
        self.length = self._path.stat().st_size if self._path else None  # None if it can be read only once.
        if not self._path and getattr(payload, "seekable", bool)():
            self._start = self.tell()
            self.length = self.seek(0, os.SEEK_END) - self._start
            self.seek(self._start)

    def __iter__(self) -> Iterator[bytes]:
        self._rewind()
        while chunk := self.read(_CHUNK):
            yield chunk

    async def __aiter__(self) -> AsyncIterator[bytes]:
        from anyio import to_thread  # noqa: PLC0415  # Programs that are not asynchronous do without it.

        self._rewind()
        while chunk := await to_thread.run_sync(self.read, _CHUNK):
            yield chunk

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, and tell the progress hook."""
        chunk: bytes = self._file.read(size)
        self._sent += len(chunk)
        if chunk and self._progress is not None:
            self._progress(self._sent, self.length)
        if not chunk and self._path:
            self._file.close()
            del self._file  # To be opened anew, if it is sent again.
        return chunk

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to another place, as a file does."""
        self._sent = 0
        return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        """Return the place, as a file does."""
        return int(self._file.tell())

    def _rewind(self) -> None:
        if self.length is not None:
            self.seek(self._start)

    @cached_property
    def _file(self) -> Any:
        return self._path.open("rb") if self._path else self._payload


class FileStream:
    """A file that is being received.

    Attributes:
        status_code: The HTTP status code.
        headers: The headers; names are not case-sensitive.
        file_name: The name that the server gives it, without folders.
        mime_type: The media type.
        length: How many bytes there are, or None if that is not known.
    """

    def __init__(self, response: httpx.Response) -> None:
        self._response = response
        self.status_code = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self.file_name = file_name_of(response.headers)
        self.mime_type: str | None = response.headers.get("Content-Type")
        length = response.headers.get("Content-Length", "")
        # It counts bytes before they are unpacked.
        self.length = int(length) if length.isdigit() and "Content-Encoding" not in response.headers else None

    def iter_bytes(self, chunk_size: int | None = None) -> Iterator[bytes]:
        """Return the content in chunks, of ``chunk_size`` bytes or as they come."""
        return self._response.iter_bytes(chunk_size)

    def aiter_bytes(self, chunk_size: int | None = None) -> AsyncIterator[bytes]:
        """Return the content in chunks; the asynchronous form of :meth:`iter_bytes`."""
        return self._response.aiter_bytes(chunk_size)

    def save(self, path: str | os.PathLike[str], progress: Progress | None = None) -> Path:
        """Write the content to a file, which is in its place once it is whole, and return the path.

        Args:
            path: Where to.
            progress: Is called with the bytes that are received, and with :attr:`length`.
        """
        with _draft(Path(path)) as file:
            for chunk in self.iter_bytes():
                file.write(chunk)
                if progress is not None:
                    progress(file.tell(), self.length)
        return Path(path)

    async def asave(self, path: str | os.PathLike[str], progress: Progress | None = None) -> Path:
        """Write the content to a file; the asynchronous form of :meth:`save`."""
        from anyio import to_thread  # noqa: PLC0415  # As above.

        with _draft(Path(path)) as file:
            async for chunk in self.aiter_bytes():
                await to_thread.run_sync(file.write, chunk)
                if progress is not None:
                    progress(file.tell(), self.length)
        return Path(path)


@contextmanager
def _draft(path: Path) -> Generator[IO[bytes]]:
    """Open a file to write that is in its place once it is whole."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def header_parameter(headers: Mapping[str, str], header: str, name: str) -> str | None:
    """Return a parameter of a header (RFC 9110, section 5.6.6), or None."""
    message = Message()
    message[header] = headers.get(header, "")
    found = message.get_param(name, header=header)
    return collapse_rfc2231_value(found) if found is not None else None


def file_name_of(headers: Mapping[str, str]) -> str | None:
    """Return the name that a server gives a file, without folders, in which it has no say (RFC 6266, section 4.3)."""
    name = header_parameter(headers, "Content-Disposition", "filename")
    return re.split(r"[/\\\\]", name)[-1] or None if name else None
