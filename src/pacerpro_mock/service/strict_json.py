"""JSON as RFC 8259 has it, where Python's own reader is more lenient."""

import json
from collections import Counter
from typing import Any, TypeGuard


class NotJson(ValueError):
    """The bytes are no JSON text, or one nested more deeply than can be read (RFC 8259, section 9)."""


def is_object(value: Any) -> TypeGuard[dict[str, Any]]:
    """Whether a JSON value is an object."""
    return isinstance(value, dict)


def is_array(value: Any) -> TypeGuard[list[Any]]:
    """Whether a JSON value is an array."""
    return isinstance(value, list)


def parse(data: bytes) -> Any:
    """The value of a JSON text in UTF-8 (RFC 8259, section 8.1: without a byte order mark). Raises `NotJson`."""
    try:
        return _DECODER.decode(data.decode("utf-8"))
    except (ValueError, RecursionError):
        # `from None`: the cause quotes the text, which may hold a password.
        raise NotJson("not valid JSON") from None


def _unambiguous(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A name that occurs twice has no value to rely on (RFC 8259, section 4), so it counts as absent."""
    value = dict(pairs)
    if len(value) == len(pairs):
        return value
    times = Counter(name for name, _ in pairs)
    return {name: member for name, member in value.items() if times[name] == 1}


_DECODER = json.JSONDecoder(
    # `NaN` and `Infinity` are Python's, not JSON's, and no integers: this raises `ValueError`.
    parse_constant=int,
    # Python refuses to read an integer of thousands of digits, which JSON allows.
    parse_int=lambda digits: int(digits) if len(digits) < 100 else float(digits),
    object_pairs_hook=_unambiguous,
)
