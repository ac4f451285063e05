"""JSON as it is read: strictly, with types that type checkers follow, and with errors that never show a value."""

from __future__ import annotations

import json
from typing import Any, Final, NoReturn, TypeGuard

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
