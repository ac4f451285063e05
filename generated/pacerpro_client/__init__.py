# Made from openapi.yaml by `make generate`. Do not edit: change the contract or a template.
"""Log in to PacerPro, stay logged in, and call its operations.

Where to look: ``api`` has a module for each operation, ``models`` the objects that travel, ``errors`` what a call
raises, ``Client`` calls the operations, and ``SessionAuth`` logs in by itself.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

# Imported at their first use (PEP 562), so that a program pays for what it uses alone.
_HOMES = {"Client": "client", "SessionAuth": "session_auth", "errors": "errors"}

if TYPE_CHECKING:
    from . import errors
    from .client import Client
    from .session_auth import SessionAuth
else:

    def __getattr__(name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        home = import_module(f".{_HOMES[name]}", __name__)
        return globals().setdefault(name, home if name == _HOMES[name] else getattr(home, name))


__version__ = "0.6.0"

__all__ = ["Client", "SessionAuth", "__version__", "errors"]


def __dir__() -> list[str]:
    return __all__
