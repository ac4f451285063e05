"""JSON as it is read: strictly, with errors that never show a value; and its texts, numbers, dates and constants."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from typing import Any, Final, NoReturn, TypeGuard
from uuid import UUID

from pacerpro_runtime.types import UNSET

TOO_DEEP: Final = "nested too deeply"


class Mismatch(ValueError):
    """A value is not what the contract says. The message names the place (RFC 6901) and the kinds, never the value."""

    def __init__(self, expected: str, value: object) -> None:
        super().__init__(expected)
        self.pointer = ""
        is_ = f"should be {expected}, and is {_KINDS.get(type(value), 'something else')}"
        self._what = "is missing" if value is UNSET else is_

    def __str__(self) -> str:
        return f"{self.pointer or 'the body'} {self._what}"

    def inside(self, key: str | int) -> Mismatch:
        """Return the same mismatch as seen from the container."""
        self.pointer = f"/{str(key).replace('~', '~0').replace('/', '~1')}{self.pointer}"
        return self


_KINDS: dict[type, str] = {
    bool: "a boolean",
    int: "a number",
    float: "a number",
    str: "a string",
    list: "an array",
    dict: "an object",
    type(None): "null",
}


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Tell whether a value is an array."""
    return isinstance(value, list)


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Tell whether a value is an object."""
    return isinstance(value, dict)


def is_sequence(value: object) -> TypeGuard[list[Any] | tuple[Any, ...]]:
    """Tell whether a value is written as an array: an array, or a tuple."""
    return isinstance(value, list | tuple)


def parse_json(content: bytes) -> Any:
    """Parse JSON strictly (RFC 8259): UTF-8, and neither NaN nor Infinity."""
    if not content:
        raise ValueError("the body is empty")
    try:
        return _JSON.decode(content.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise ValueError(f"the body is not JSON from character {error.pos} on") from None
    except UnicodeDecodeError as error:
        raise ValueError(f"the body is not UTF-8 from byte {error.start} on") from None
    except RecursionError:
        raise ValueError(TOO_DEEP) from None


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_JSON = json.JSONDecoder(parse_constant=_constant)


def _integer(number: float) -> int:
    if number % 1:  # In JSON Schema 1.0 is an integer.
        raise ValueError("a fraction")
    return int(number)


def _date_time(text: str) -> datetime.datetime:
    if len(text) <= len("2030-01-01"):
        raise ValueError("a date alone")
    leap = text[16:19] == ":60"  # RFC 3339, section 5.7. Python has no such second: it is the one after.
    text = f"{text[:16]}:59{text[19:]}" if leap else text
    instant = datetime.datetime.fromisoformat(text.upper())  # "t" and "z" are as good (RFC 3339, section 5.6).
    instant = instant if instant.tzinfo else instant.replace(tzinfo=datetime.UTC)
    return instant + datetime.timedelta(seconds=1) if leap else instant


def _spelled(value: Any, text: str) -> Any:
    """Return a value, if the text is its usual spelling: Python reads others too."""
    if str(value) != text.lower():
        raise ValueError("another spelling")
    return value


def same(value: Any, **_strict: bool) -> Any:
    """Return a value as it is."""
    return value


Scalar = tuple[str, Callable[[Any], Any], tuple[type, ...]]
"""How a value that holds no others is said, how it is made, and from which types of JSON."""

SCALARS: dict[Any, Scalar] = {
    str: ("a string", same, (str,)),
    bool: ("a boolean", same, (bool,)),
    int: ("an integer", _integer, (int, float)),
    float: ("a number", same, (int, float)),
    None: ("null", same, (type(None),)),
    type(None): ("null", same, (type(None),)),
    "datetime.datetime": ("a date-time", _date_time, (str,)),
    "datetime.date": ("a date", lambda text: _spelled(datetime.date.fromisoformat(text), text), (str,)),
    UUID: ("a UUID", lambda text: _spelled(UUID(text), text), (str,)),
}


def decode_scalar(scalar: Scalar, value: Any, **_strict: bool) -> Any:
    """Return the value of a scalar type."""
    expected, construct, types = scalar
    if type(value) in types:
        try:
            return construct(value)
        except (ValueError, OverflowError):
            pass  # The mismatch says what was expected.
    raise Mismatch(expected, value)


def decode_constant(known: dict[tuple[bool, Any], Any], value: Any, **_strict: bool) -> Any:
    """Return what a constant stands for in Python, of those that are known."""
    try:
        return known[isinstance(value, bool), value]
    except (KeyError, TypeError):
        raise Mismatch(f"one of {', '.join(repr(each) for _, each in known)}", value) from None
