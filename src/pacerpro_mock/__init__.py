"""A mock of the PacerPro API to test against, stateful and with real signed tokens.

    from pacerpro_mock import MockServer

    with MockServer(users={"ada@example.com": "secret"}) as server:
        ...  # server.url is the base URL

The public names are loaded when they are first used: pytest imports this package for its plug-in in every run, even if
what the mock needs is not installed.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pacerpro_mock.http.asgi import create_app
    from pacerpro_mock.http.server import MockServer
    from pacerpro_mock.mock import Mock
    from pacerpro_mock.service.authentication import UserSession
    from pacerpro_mock.service.clock import Clock
    from pacerpro_mock.settings import DEMO_USERS

__all__ = ["DEMO_USERS", "Clock", "Mock", "MockServer", "UserSession", "create_app"]

INSTALL = "the mock needs: pip install 'pacerpro-client[mock]'"

_HOMES = {
    "DEMO_USERS": "settings",
    "Clock": "service.clock",
    "Mock": "mock",
    "MockServer": "http.server",
    "UserSession": "service.authentication",
    "create_app": "http.asgi",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        home = importlib.import_module(f"{__name__}.{_HOMES[name]}")
    except ModuleNotFoundError as missing:
        raise ImportError(f"no module {missing.name!r}; {INSTALL}") from missing
    return getattr(home, name)
