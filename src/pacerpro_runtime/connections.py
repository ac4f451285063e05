"""The HTTP clients of one API client: one for threads, and one for each event loop."""

from __future__ import annotations

import os
import sys
import weakref
from collections.abc import Callable
from threading import Lock

from ._http import httpx
from .transports.network import Network


class Connections:
    """Opens HTTP clients when they are first needed, and drops them in a process that was forked.

    A connection of asyncio or trio belongs to the event loop that opened it, so each loop has a client of its own.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self.forget()
        _all.add(self)

    def forget(self) -> None:
        """Start without connections. A child process has the sockets of its parent, and must not write to them."""
        self._lock = Lock()
        self._blocking: httpx.Client | None = None
        self._by_loop: dict[object, httpx.AsyncClient] = {}

    def client(self) -> httpx.Client:
        """Return the HTTP client for threads."""
        if self._blocking is None:
            with self._lock:
                if self._blocking is None:  # Another thread may have been here while this one waited.
                    self._blocking = self._network.client()
        return self._blocking

    def async_client(self) -> httpx.AsyncClient:
        """Return the HTTP client for the running event loop. The first loop gets one that was made before it ran."""
        loop = _running_loop()
        found = self._by_loop.get(loop)
        if found is None:
            with self._lock:
                for each in [each for each in self._by_loop if _is_over(each)]:
                    del self._by_loop[each]
                found = self._by_loop.get(loop) or self._by_loop.pop(None, None) or self._network.async_client()
                self._by_loop[loop] = found
        return found

    def close(self) -> None:
        """Close the HTTP client for threads, if there is one. It stays closed."""
        if self._blocking is not None:
            self._blocking.close()

    async def aclose(self) -> None:
        """Close that of the running event loop, if there is one. It stays closed."""
        if (found := self._by_loop.get(_running_loop())) is not None:
            await found.aclose()


def _running_loop() -> object:
    """Return what stands for the running event loop, or None outside of one."""
    # A module that nobody has imported runs no loop.
    for module, running in (("asyncio", "get_running_loop"), ("trio.lowlevel", "current_trio_token")):
        if module in sys.modules:
            try:
                return getattr(sys.modules[module], running)()
            except RuntimeError:
                pass
    return None


def _is_over(loop: object) -> bool:
    is_closed: Callable[[], bool] = getattr(loop, "is_closed", bool)
    return is_closed()


_all: weakref.WeakSet[Connections] = weakref.WeakSet()


def _forget_all() -> None:
    for each in list(_all):
        each.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)
