"""JSON as it is read: strictly, and with its two kinds of container told apart so that type checkers follow."""

from __future__ import annotations

import json
from typing import Any, Final, NoReturn, TypeGuard

TOO_DEEP: Final = "nested too deeply"


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Tell whether a value is an array."""
    return isinstance(value, list)


def is_sequence(value: object) -> TypeGuard[list[Any] | tuple[Any, ...]]:
    """Tell whether a value is written as an array: an array, or a tuple."""
    return isinstance(value, list | tuple)


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Tell whether a value is an object."""
    return isinstance(value, dict)


def parse_json(content: bytes) -> Any:
    """Parse JSON strictly (RFC 8259): UTF-8, and neither NaN nor Infinity.

    Raises:
        ValueError: It is something else, or is nested too deeply to be read.
    """
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
