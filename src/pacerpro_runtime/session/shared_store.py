"""The store as the session uses it: a store that fails is logged and passed by."""

from __future__ import annotations

import math
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from pacerpro_runtime.errors import SessionExpired

from . import clock
from .driver import call, is_abandoned
from .log import SessionLog
from .stores.base import LOCK_SECONDS, SeveralUsersError, Stored, TokenStore
from .token import Token

T = TypeVar("T")

# Seconds between two looks at a lock that another process holds.
_POLL = 0.05
# A store that takes longer to fail, in seconds, is left alone for a while: each call would wait for it again.
_SLOW, _REST = 0.5, 10.0


class SharedStore:
    """The session of one user in a store. Without a store, nothing is found and nothing is kept."""

    def __init__(self, store: TokenStore | None, origin: str, log: SessionLog) -> None:
        self._store = store
        self._origin = origin
        self._log = log
        self._problem = ""  # The last that was logged.
        self._failure = ""  # Of the last question, if it failed.
        self._rests_until = -math.inf

    @asynccontextmanager
    async def locked(self, *, wait: bool = True, blocking: bool) -> AsyncGenerator[bool]:
        """Hold the store's lock, and tell whether another process holds it instead, unless it is waited for.

        After a failure, or if the lock cannot be taken for a longer time, the session goes on without it.
        """
        until = clock.now() + LOCK_SECONDS
        while True:
            release: Callable[[], object] | None = await self._ask(
                lambda store: store.lock(self._origin, self._log.email or ""), blocking=blocking, otherwise=_nothing
            )
            if release is not None or not wait or clock.now() > until:
                break
            await call(time.sleep, _POLL, blocking=blocking)
        try:
            yield release is None and not wait
        finally:
            if release is None or release is _nothing:
                pass
            elif blocking or is_abandoned():
                self._try(release, None)
            else:
                from anyio import CancelScope  # noqa: PLC0415  # Programs that are not asynchronous do without it.

                with CancelScope(shield=True):
                    await call(self._try, release, None, blocking=False)

    async def load(self, read: Callable[[Stored], T], *, blocking: bool) -> T | None:
        """Return what can be read of the session that the store holds."""

        def loaded(store: TokenStore) -> T | None:
            found = store.load(self._origin, self._log.email)
            return None if found is None else read(found)

        return await self._ask(loaded, None, blocking=blocking)

    def nothing(self) -> SessionExpired:
        """Return the error of a user without a password, after nothing was loaded."""
        if self._failure:
            return SessionExpired(f"the session cannot be read from its store: {self._failure}")
        return SessionExpired(
            f"the store holds no living session of {self._origin}, and there is no password to log in with"
        )

    async def save(self, token: Token, *, blocking: bool) -> None:
        """Keep a token, if it is known whose it is."""
        email, life = self._log.email, token.expires_at - clock.now()
        if email is not None:
            seconds, session = life if math.isfinite(life) else None, token.session.to_dict()
            await self._ask(lambda store: store.save(self._origin, email, session, seconds), None, blocking=blocking)

    async def clear(self, *, blocking: bool) -> None:
        """Forget the session."""
        email = self._log.email
        if email is not None:
            await self._ask(lambda store: store.clear(self._origin, email), None, blocking=blocking)

    async def _ask(self, question: Callable[[TokenStore], T], otherwise: T, *, blocking: bool) -> T:
        store = self._store
        if store is None or clock.now() < self._rests_until:
            return otherwise
        return await call(self._try, lambda: question(store), otherwise, blocking=blocking)

    def _try(self, function: Callable[[], T], otherwise: T) -> T:
        begun = clock.now()
        try:
            answer = function()
        except SeveralUsersError:
            raise
        except Exception as error:  # noqa: BLE001  # A store fails in its own way.
            self._failure = self._log.reason(error)
            if self._failure != self._problem:
                self._problem = self._failure
                self._log.failed("the session of %s goes on in memory, without its store: %s", error)
            if clock.now() - begun > _SLOW:
                self._rests_until = clock.now() + _REST
            return otherwise
        self._failure = ""
        return answer


def _nothing() -> None:
    """Free a lock that is not held."""
