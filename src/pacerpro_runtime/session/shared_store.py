"""The store as the session uses it: a store that fails is logged and passed by."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from . import clock
from .driver import Driver
from .log import SessionLog
from .stores.base import LOCK_SECONDS, SeveralUsersError, Stored, TokenStore

T = TypeVar("T")

# Seconds between two looks at a lock that another process holds.
_POLL = 0.05


class SharedStore:
    """The session of one user in a store.

    Args:
        store: The store; without one, nothing is ever found and nothing is kept.
        origin: The origin that the session is for.
        log: Knows whose session it is.
    """

    def __init__(self, store: TokenStore | None, origin: str, log: SessionLog) -> None:
        self._store = store
        self._origin = origin
        self._log = log

    async def acquire(self, driver: Driver, *, wait: bool) -> Callable[[], object] | None:
        """Take the store's lock.

        Returns:
            What frees it, or None if another holds it. A lock that cannot be taken for a longer time is passed by.
        """
        if self._store is None:
            return _nothing
        until = clock.now() + LOCK_SECONDS
        while True:
            took, release = await self._ask(driver, self._store.lock, self._origin, self._log.email or "")
            if not took or (wait and clock.now() >= until):
                return _nothing
            if release is not None or not wait:
                return release
            await driver.sleep(_POLL)

    async def free(self, driver: Driver, release: Callable[[], object] | None) -> None:
        """Free the lock, also in a task that is cancelled."""
        if release is not None and release is not _nothing:
            await driver.finish(lambda: self._free(release))

    async def load(self, driver: Driver, read: Callable[[Stored], T]) -> T | None:
        """Return what can be read of the session that the store holds."""
        if self._store is None:
            return None
        load = self._store.load

        def loaded() -> T | None:
            found = load(self._origin, self._log.email)
            return None if found is None else read(found)

        return (await self._ask(driver, loaded))[1]

    async def save(self, driver: Driver, session: Mapping[str, Any], life: float) -> None:
        """Keep a session."""
        if self._store is not None and self._log.email is not None:
            seconds = life if math.isfinite(life) else None
            await self._ask(driver, self._store.save, self._origin, self._log.email, session, seconds)

    async def clear(self, driver: Driver) -> None:
        """Forget the session."""
        if self._store is not None and self._log.email is not None:
            await self._ask(driver, self._store.clear, self._origin, self._log.email)

    async def _ask(self, driver: Driver, function: Callable[..., T], *arguments: Any) -> tuple[bool, T | None]:
        try:
            return True, await driver.call(function, *arguments)
        except SeveralUsersError:
            raise
        except Exception as error:  # noqa: BLE001  # A store fails in its own way.
            self._log.store_failed(error)
            return False, None

    def _free(self, release: Callable[[], object]) -> None:
        try:
            release()
        except Exception as error:  # noqa: BLE001  # As above.
            self._log.store_failed(error)


def _nothing() -> None:
    """Free a lock that is not held."""
