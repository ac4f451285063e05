"""The store as the session uses it: a store that fails is logged and passed by."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from . import clock
from .driver import call, is_abandoned
from .log import SessionLog
from .stores.base import LOCK_SECONDS, SeveralUsersError, Stored, TokenStore

T = TypeVar("T")

# Seconds between two looks at a lock that another process holds.
_POLL = 0.05


class SharedStore:
    """The session of one user in a store. Without a store, nothing is found and nothing is kept."""

    def __init__(self, store: TokenStore | None, origin: str, log: SessionLog) -> None:
        self._store = store
        self._origin = origin
        self._log = log

    async def acquire(self, *, wait: bool, blocking: bool) -> Callable[[], object] | None:
        """Take the store's lock; return what frees it, or None if another process holds it.

        After a failure, or if the lock cannot be taken for a longer time, the session goes on without it.
        """
        until = clock.now() + LOCK_SECONDS
        while not wait or clock.now() < until:
            release: Callable[[], object] | None = await self._ask(
                "lock", self._log.email or "", blocking=blocking, otherwise=_nothing
            )
            if release is not None or not wait:
                return release
            if blocking:
                time.sleep(_POLL)  # noqa: ASYNC251  # No event loop runs here.
            else:
                from anyio import sleep  # noqa: PLC0415  # Programs that are not asynchronous do without it.

                await sleep(_POLL)
        return _nothing

    async def free(self, release: Callable[[], object] | None, *, blocking: bool) -> None:
        """Free the lock, also in a task that is cancelled."""
        if release is None or release is _nothing:
            return
        if blocking or is_abandoned():
            self._free(release)
            return
        from anyio import CancelScope  # noqa: PLC0415  # As above.

        with CancelScope(shield=True):
            await call(self._free, release, blocking=False)

    async def load(self, read: Callable[[Stored], T], *, blocking: bool) -> T | None:
        """Return what can be read of the session that the store holds."""
        found = await self._ask("load", self._log.email, blocking=blocking)
        try:
            return None if found is None else read(found)
        except Exception as error:  # noqa: BLE001  # A store of the user's own may return anything.
            self._log.store_failed(error)
            return None

    async def save(self, session: Mapping[str, Any], life: float, *, blocking: bool) -> None:
        """Keep a session, if it is known whose it is."""
        if self._log.email is not None:
            seconds = life if math.isfinite(life) else None
            await self._ask("save", self._log.email, session, seconds, blocking=blocking)

    async def clear(self, *, blocking: bool) -> None:
        """Forget the session."""
        if self._log.email is not None:
            await self._ask("clear", self._log.email, blocking=blocking)

    async def _ask(self, method: str, *arguments: Any, blocking: bool, otherwise: Any = None) -> Any:
        if self._store is None:
            return otherwise
        try:
            return await call(getattr(self._store, method), self._origin, *arguments, blocking=blocking)
        except SeveralUsersError:
            raise
        except Exception as error:  # noqa: BLE001  # A store fails in its own way.
            self._log.store_failed(error)
            return otherwise

    def _free(self, release: Callable[[], object]) -> None:
        try:
            release()
        except Exception as error:  # noqa: BLE001  # As above.
            self._log.store_failed(error)


def _nothing() -> None:
    """Free a lock that is not held."""
