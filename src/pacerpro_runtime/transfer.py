"""Files on their way: uploads that are not read whole, and downloads in chunks."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import suppress
from email.message import Message
from email.utils import collapse_rfc2231_value
from pathlib import Path
from typing import IO, Any, Self, cast

from attrs import define

from ._http import httpx
from .types import File, Progress, is_path

_CHUNK = 64 * 1024  # bytes


class Source:
    """The content of a file to send. A path is opened when it is first read, and closed at its end."""

    def __init__(self, file: File) -> None:
        payload: Any = file.payload
        self._path = Path(payload) if is_path(payload) else None
        self._opened: IO[bytes] | None = None if self._path else cast("IO[bytes]", payload)
        self._progress = file.progress
        self._sent = 0
        self.start = self.tell() if self._is_seekable() else 0
        self.length = self._length()

    @property
    def replayable(self) -> bool:
        """Whether it can be read once more."""
        return self.length is not None

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, and tell the progress hook."""
        chunk = self._file().read(size)
        self._sent += len(chunk)
        if chunk and self._progress is not None:
            self._progress(self._sent, self.length)
        if not chunk and self._path and self._opened:
            self._opened.close()
            self._opened = None
        return chunk

    def rewind(self) -> None:
        """Go to where it began, if that is possible."""
        if self.replayable:
            self.seek(self.start)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to another place, as a file does."""
        self._sent = 0
        return self._file().seek(offset, whence)

    def tell(self) -> int:
        """Return the place, as a file does."""
        return self._file().tell()

    def _file(self) -> IO[bytes]:
        if self._opened is None:
            assert self._path is not None  # noqa: S101 - one of the two is there
            self._opened = self._path.open("rb")
        return self._opened

    def _is_seekable(self) -> bool:
        return self._path is not None or bool(getattr(self._opened, "seekable", bool)())

    def _length(self) -> int | None:
        if not self._is_seekable():
            return None
        end = self.seek(0, os.SEEK_END)
        self.seek(self.start)
        return end - self.start


@define
class Upload:
    """The body of a request that is a file, for the synchronous client."""

    source: Source

    def __iter__(self) -> Iterator[bytes]:
        self.source.rewind()
        while chunk := self.source.read(_CHUNK):
            yield chunk


@define
class AsyncUpload:
    """The body of a request that is a file, for the asynchronous client: it is read in a thread."""

    source: Source

    async def __aiter__(self) -> AsyncIterator[bytes]:
        from anyio import to_thread  # noqa: PLC0415  # Programs that are not asynchronous do without it.

        self.source.rewind()
        while chunk := await to_thread.run_sync(self.source.read, _CHUNK):
            yield chunk


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
        with _Draft(Path(path), progress, self.length) as draft:
            for chunk in self.iter_bytes():
                draft.write(chunk)
        return Path(path)

    async def asave(self, path: str | os.PathLike[str], progress: Progress | None = None) -> Path:
        """Write the content to a file; the asynchronous form of :meth:`save`."""
        from anyio import to_thread  # noqa: PLC0415  # As above.

        with _Draft(Path(path), progress, self.length) as draft:
            async for chunk in self.aiter_bytes():
                await to_thread.run_sync(draft.write, chunk)
        return Path(path)


class _Draft:
    """A file that is in its place once it is whole."""

    def __init__(self, path: Path, progress: Progress | None, length: int | None) -> None:
        self._path, self._progress, self._length = path, progress, length
        self._part = path.with_name(f".{path.name}.{os.getpid()}.part")
        self._received = 0

    def __enter__(self) -> Self:
        self._file = self._part.open("wb")
        return self

    def write(self, chunk: bytes) -> None:
        self._file.write(chunk)
        self._received += len(chunk)
        if self._progress is not None:
            self._progress(self._received, self._length)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._file.close()
        if kind is None:
            self._part.replace(self._path)
        else:
            with suppress(FileNotFoundError):
                self._part.unlink()


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
