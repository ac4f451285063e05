"""An operation, as the facts that the contract states. Generated modules hold one each; nothing here knows which."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any, Generic, Literal, TypeVar

from attrs import define, field

from .types import File
from .wire.decode import decode, parse_json

T_co = TypeVar("T_co", covariant=True)

Parse = Callable[[bytes], Any]


def as_json(type_: Any) -> Parse:
    """The body is JSON of a type, which is a model or any other annotation."""
    return lambda content: decode(type_, parse_json(content))


def as_text(content: bytes) -> str:
    """The body is text."""
    return content.decode()


def as_file(content: bytes) -> File:
    """The body is a file."""
    return File(BytesIO(content))


def as_nothing(content: bytes) -> None:
    """There is no body, or none that the contract gives a meaning."""


@define(frozen=True)
class Parameter:
    """A parameter outside the body.

    Attributes:
        name: Its name on the wire.
        location: Where it travels.
        argument: Its name in Python.
    """

    name: str
    location: Literal["path", "query", "header", "cookie"]
    argument: str


@define(frozen=True)
class Operation(Generic[T_co]):
    """What the contract says of one operation. ``T_co`` is the type of its success.

    Attributes:
        method: The request's method.
        path: The path below the base URL, with parameters in braces.
        success: How the body of each documented success is read, by status code or by range (``2XX``).
        errors: The same for each other documented status, and for ``default``.
        secured: Whether a token goes along.
        parameters: The parameters outside the body.
        bodies: The class of the body for each media type that the operation takes.
        repeatable: Whether sending it twice is as good as sending it once (RFC 9110, section 9.2.2).
        already_done: Statuses that answer a repetition when the first try had its effect after all.
    """

    method: str
    path: str
    success: Mapping[int | str, Parse]
    errors: Mapping[int | str, Parse] = field(factory=dict[int | str, Parse])
    secured: bool = True
    parameters: tuple[Parameter, ...] = ()
    bodies: Mapping[str, Any] = field(factory=dict[str, Any])
    repeatable: bool = False
    already_done: frozenset[int] = frozenset()


def documented(responses: Mapping[int | str, Parse], status_code: int) -> Parse | None:
    """Return what the contract says of a status: of the code itself, else of its range, else by default."""
    return responses.get(status_code) or responses.get(f"{status_code // 100}XX") or responses.get("default")
