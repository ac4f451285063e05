"""Decode values that hold no others: texts, numbers, dates, constants."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any
from uuid import UUID

from .json_types import Mismatch

Decoder = Callable[[Any], Any]


def _scalar(expected: str, construct: Callable[[Any], Any], *types: type) -> Decoder:
    """Return the function that constructs a value from one of these JSON types."""

    def decode_scalar(value: Any) -> Any:
        if type(value) in types:
            with suppress(ValueError, OverflowError):
                return construct(value)
        raise Mismatch(expected, value)

    return decode_scalar


def _same(value: Any) -> Any:
    return value


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
    Any: _same,
    object: _same,
    str: _scalar("a string", _same, str),
    bool: _scalar("a boolean", _same, bool),
    int: _scalar("an integer", _integer, int, float),
    float: _scalar("a number", _same, int, float),
    None: _scalar("null", _same, type(None)),
    type(None): _scalar("null", _same, type(None)),
    "datetime.datetime": _scalar("a date-time", _date_time, str),
    "datetime.date": _scalar("a date", lambda text: _spelled(datetime.date.fromisoformat(text), text), str),
    UUID: _scalar("a UUID", lambda text: _spelled(UUID(text), text), str),
}
