"""Decode values that hold no others: texts, numbers, dates, constants."""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from .json_types import Mismatch

Decoder = Callable[[Any], Any]


def _exactly(expected: str, *types: type) -> Decoder:
    def decode_exactly(value: Any) -> Any:
        if type(value) in types:
            return value
        raise Mismatch(expected, value)

    return decode_exactly


def _integer(value: Any) -> int:
    if type(value) is int:
        return value
    if type(value) is float and value.is_integer():  # In JSON Schema 1.0 is an integer.
        return int(value)
    raise Mismatch("an integer", value)


def _from_string(construct: Callable[[str], Any], expected: str, spelling: str = "") -> Decoder:
    """Return the function that decodes a text in one spelling, where Python knows others."""
    is_spelled = re.compile(spelling).fullmatch if spelling else bool

    def decode_string(value: Any) -> Any:
        if type(value) is str and is_spelled(value):
            try:
                return construct(value)
            except (ValueError, OverflowError):
                pass  # The mismatch below says what was expected.
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
    return datetime.date.fromisoformat(text)  # Looked up in each call: freezegun may have replaced it in the first.


def one_of(constants: Iterable[tuple[Any, Any]]) -> Decoder:
    """Return the function that decodes constants, each with what it stands for in Python."""
    pairs = list(constants)
    # To Python True equals 1; to JSON it does not, and 1.0 does.
    known = {(isinstance(value, bool), value): meaning for value, meaning in pairs}
    expected = f"one of {', '.join(repr(value) for value, _ in pairs)}"

    def decode_constant(value: Any) -> Any:
        try:
            return known[isinstance(value, bool), value]
        except (KeyError, TypeError):
            raise Mismatch(expected, value) from None

    return decode_constant


def constant(decode: Decoder, text: str) -> Decoder:
    """Return the function that decodes one JSON value, and no other of its type."""
    wanted = json.dumps(json.loads(text), sort_keys=True)

    def decode_constant(value: Any) -> Any:
        if json.dumps(value, sort_keys=True) != wanted:
            raise Mismatch(f"exactly {text}", value)
        return decode(value)

    return decode_constant


SIMPLE: dict[Any, Decoder] = {
    Any: lambda value: value,
    object: lambda value: value,
    str: _exactly("a string", str),
    bool: _exactly("a boolean", bool),
    int: _integer,
    float: _exactly("a number", int, float),
    None: _exactly("null", type(None)),
    type(None): _exactly("null", type(None)),
    "datetime.datetime": _from_string(_date_time, "a date-time"),
    "datetime.date": _from_string(_date, "a date", r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    UUID: _from_string(UUID, "a UUID", r"[0-9a-fA-F-]{36}"),
}
