"""An operation, as the facts that the contract states. Generated modules hold one each; nothing here knows which."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any, Generic, Literal, NamedTuple, TypeVar

from attrs import define, field

from .types import File, file_name_of, header_parameter
from .wire.decode import decode
from .wire.json_types import parse_json

T_co = TypeVar("T_co", covariant=True)


class Received(NamedTuple):
    """A body that a server sent."""

    content: bytes  # After decompression.
    headers: Mapping[str, str]  # Of the response.
    strict: bool = False  # Whether to refuse what can be read although the contract does not have it.

    def __repr__(self) -> str:
        return "Received(***)"  # Error trackers show locals.


Parse = Callable[[Received], Any]


def as_json(type_: Any) -> Parse:
    """The body is JSON of a type, which is a model or any other annotation."""
    return lambda received: decode(type_, parse_json(received.content), strict=received.strict)


def as_text(received: Received) -> str:
    """The body is text, in the charset that its header names; otherwise a ``ValueError`` is raised."""
    charset = header_parameter(received.headers, "Content-Type", "charset") or "utf-8"
    try:
        return received.content.decode(charset)
    except (LookupError, UnicodeDecodeError):
        raise ValueError(f"the body is not text in {charset}") from None


def as_text_of(type_: Any) -> Parse:
    """The body is the text of a single value, such as a number or a date."""

    def parse(received: Received) -> Any:
        text = as_text(received).strip()
        try:
            return decode(type_, text, strict=received.strict)
        except ValueError:  # It is not text in JSON either: a number, a boolean or null.
            return decode(type_, parse_json(text.encode()), strict=received.strict)

    return parse


def as_file(received: Received) -> File:
    """The body is a file, with the name and the media type that its headers say."""
    return File(BytesIO(received.content), file_name_of(received.headers), received.headers.get("Content-Type"))


def as_nothing(received: Received) -> None:
    """There is no body, or none that the contract gives a meaning."""


def by_media_type(parsers: Mapping[str, Parse]) -> Parse:
    """The body is what its media type says; a range such as ``image/*`` is for those that are not named."""
    known = {media_type.partition(";")[0].strip().lower(): parse for media_type, parse in parsers.items()}

    def parse_by_media_type(received: Received) -> Any:
        media_type = received.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        for each in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
            if each in known:
                return known[each](received)
        raise ValueError(f"the media type should be one of {', '.join(known)}, and is {media_type or 'not said'}")

    return parse_by_media_type


@define(frozen=True)
class Parameter:
    """A parameter outside the body."""

    name: str  # On the wire.
    location: Literal["path", "query", "header", "cookie"]
    argument: str  # Its name in Python.
    explode: bool | None = None  # Whether each element and property is by itself; by default in queries and cookies.
    json: bool = False  # Whether it is written as JSON.
    reserved: bool = False  # Whether characters that URLs reserve are left as they are (RFC 3986, section 2.2).


class Encoding(NamedTuple):
    """How a property of a form is written, apart from the usual."""

    content_type: str = ""  # The media type of a part; for JSON, the value is written so.
    explode: bool = True  # Whether each element of an array is a field by itself.


@define(frozen=True)
class Operation(Generic[T_co]):
    """What the contract says of one operation. ``T_co`` is the type of its success."""

    method: str
    path: str  # Below the base URL, with parameters in braces.
    success: Mapping[int | str, Parse]  # How to read each documented success, by status or range (`2XX`).
    errors: Mapping[int | str, Parse] = field(factory=dict[int | str, Parse])  # And any other status, or `default`.
    secured: bool = True  # Whether a token goes along.
    parameters: tuple[Parameter, ...] = ()
    bodies: Mapping[str, Any] = field(factory=dict[str, Any])  # The class of the body for each media type.
    read_as: Mapping[str, str] = field(factory=dict[str, str])  # The media type as which another is written.
    encoding: Mapping[str, Encoding] = field(factory=dict[str, Encoding])  # Of properties of a form.
    repeatable: bool = False  # Whether sending it twice is as good as once (RFC 9110, section 9.2.2).
    already_done: frozenset[int] = frozenset()  # Statuses of a repetition if the first try had its effect after all.


def documented(responses: Mapping[int | str, Parse], status_code: int) -> Parse | None:
    """Return what the contract says of a status: of the code itself, else of its range, else by default."""
    return responses.get(status_code) or responses.get(f"{status_code // 100}XX") or responses.get("default")
