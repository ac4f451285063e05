"""JSON values of unknown shape, read with care."""

import json
from typing import Any, TypeGuard

NOT_JSON = object()


def parse(body: bytes | str) -> Any:
    """The value, or `NOT_JSON`."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return NOT_JSON


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether a value of JSON, YAML or TOML is an object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Whether a value of JSON, YAML or TOML is a list."""
    return isinstance(value, list)


def as_object(value: object) -> dict[str, Any]:
    """The value if it is an object, or an empty one."""
    return value if is_object(value) else {}
