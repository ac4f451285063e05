"""JSON as RFC 8259 has it, where Python's own reader is more lenient."""

from __future__ import annotations

import json
from typing import Any, NoReturn


class NotJson(ValueError):
    """The bytes are no JSON text, or one nested more deeply than can be read (RFC 8259, section 9)."""


def parse(data: bytes) -> Any:
    """The value of a JSON text in UTF-8 (RFC 8259, section 8.1: without a byte order mark). Raises `NotJson`."""
    try:
        return json.loads(
            data.decode("utf-8"),
            parse_constant=_refuse_constant,
            parse_int=_to_int,
            object_pairs_hook=_unambiguous,
        )
    except (ValueError, RecursionError):
        # `from None`: the cause quotes the text, which may hold a password.
        raise NotJson("not a JSON text") from None


def _refuse_constant(name: str) -> NoReturn:
    """`NaN` and `Infinity` are Python's, not JSON's."""
    raise ValueError(name)


def _to_int(digits: str) -> int | float:
    """Python refuses to read an integer of thousands of digits, which JSON allows."""
    return int(digits) if len(digits) < 100 else float(digits)


def _unambiguous(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A name that occurs twice has no value to rely on (RFC 8259, section 4), so it counts as absent."""
    seen: dict[str, Any] = {}
    twice: set[str] = set()
    for name, value in pairs:
        if name in seen:
            twice.add(name)
        seen[name] = value
    return {name: value for name, value in seen.items() if name not in twice}
