"""Libraries that only some programs need."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def needs(module: str, install: str) -> Any:
    """Import a library, or raise ModuleNotFoundError with a message that says how to install it."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        missing = error.name or module
        raise ModuleNotFoundError(f'{missing} is not installed: pip install "{install}"', name=missing) from None
