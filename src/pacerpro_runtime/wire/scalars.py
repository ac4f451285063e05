"""Decode values that hold no others: texts, numbers, dates, constants."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from enum import Enum
from typing import Any
from uuid import UUID

from .mismatch import Mismatch

Decoder = Callable[[Any], Any]


def _exactly(type_: type, expected: str) -> Decoder:
    def decode_exactly(value: Any) -> Any:
        if type(value) is type_:
            return value
        raise Mismatch(expected, value)

    return decode_exactly


def _integer(value: Any) -> int:
    if type(value) is int:
        return value
    if type(value) is float and value.is_integer():  # In JSON Schema 1.0 is an integer.
        return int(value)
    raise Mismatch("an integer", value)


def _number(value: Any) -> float:
    if type(value) is int or type(value) is float:
        return value
    raise Mismatch("a number", value)


def _from_string(construct: Callable[[str], Any], expected: str) -> Decoder:
    def decode_string(value: Any) -> Any:
        if type(value) is str:
            try:
                return construct(value)
            except (ValueError, OverflowError):
                pass  # The mismatch below says what was expected; why the text is none is no help.
        raise Mismatch(expected, value)

    return decode_string


def _date_time(text: str) -> datetime.datetime:
    if len(text) <= len("2030-01-01"):
        raise ValueError("a date alone")
    leap = text[16:19] == ":60"  # RFC 3339, section 5.7. Python has no such second: it is the one after.
    text = f"{text[:16]}:59{text[19:]}" if leap else text
    instant = datetime.datetime.fromisoformat(text.upper())  # "t" and "z" are as good (RFC 3339, section 5.6).
    instant = instant if instant.tzinfo else instant.replace(tzinfo=datetime.UTC)
    return instant + datetime.timedelta(seconds=1) if leap else instant


def _date(text: str) -> datetime.date:
    if text[4:5] != "-" or text[7:8] != "-":  # Python knows other spellings.
        raise ValueError("not the spelling of RFC 3339")
    return datetime.date.fromisoformat(text)


def _uuid(text: str) -> UUID:
    if len(text) != len("5f0c0a52-7d0e-4b9e-9a55-1d8d8f3f8f10"):  # Python knows other spellings (RFC 9562, section 4).
        raise ValueError("not the spelling of a UUID")
    return UUID(text)


def one_of(values: tuple[Any, ...]) -> Decoder:
    """Return the function that decodes one of some constants."""

    def decode_literal(value: Any) -> Any:
        if any(type(value) is type(each) and value == each for each in values):
            return value
        raise Mismatch(f"one of {', '.join(map(repr, values))}", value)

    return decode_literal


def member_of(enum: type[Enum]) -> Decoder:
    """Return the function that decodes the members of an enum."""
    members: dict[Any, Enum] = {_key(member.value): member for member in enum}

    def decode_member(value: Any) -> Enum:
        try:
            return members[_key(value)]
        except (KeyError, TypeError):
            raise Mismatch(f"one of {', '.join(repr(each.value) for each in enum)}", value) from None

    return decode_member


def constant(decode: Decoder, text: str) -> Decoder:
    """Return the function that decodes one JSON value, and no other of its type."""
    wanted = json.loads(text)

    def decode_constant(value: Any) -> Any:
        if json.dumps(value, sort_keys=True) != json.dumps(wanted, sort_keys=True):
            raise Mismatch(f"exactly {text}", value)
        return decode(value)

    return decode_constant


def _key(value: Any) -> tuple[bool, Any]:
    # To Python True equals 1; to JSON it does not, and 1.0 does.
    return isinstance(value, bool), value


SIMPLE: dict[Any, Decoder] = {
    Any: lambda value: value,
    object: lambda value: value,
    str: _exactly(str, "a string"),
    bool: _exactly(bool, "a boolean"),
    int: _integer,
    float: _number,
    None: _exactly(type(None), "null"),
    type(None): _exactly(type(None), "null"),
    "datetime.datetime": _from_string(_date_time, "a date-time"),
    "datetime.date": _from_string(_date, "a date"),
    UUID: _from_string(_uuid, "a UUID"),
}
