"""Import the names of a package at their first use (PEP 562), so that a program pays for what it uses alone."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy(package: str, homes: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return ``__getattr__`` and ``__dir__`` for a package with the home of each name. A module is its own home."""

    def getattr_(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        home = import_module(f".{homes[name]}", package)
        found = home if name == homes[name] else getattr(home, name)
        setattr(sys.modules[package], name, found)
        return found

    return getattr_, lambda: sorted({*homes, *getattr(sys.modules[package], "__all__", ())})


def needs(module: str, install: str) -> Any:
    """Import a library, or raise ModuleNotFoundError with a message that says how to install it."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        missing = error.name or module
        raise ModuleNotFoundError(f'{missing} is not installed: pip install "{install}"', name=missing) from None
