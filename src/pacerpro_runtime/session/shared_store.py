"""The store as the session uses it: a store that fails is logged and passed by."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import TypeVar

from . import clock
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
        self._failure = ""  # Of the last question, if it failed.
        self._logged = ""
        self._rests_until = -math.inf

    @contextmanager
    def locked(self) -> Generator[None]:
        """Hold the store's lock. After a failure, or if it cannot be taken for a longer time, go on without it."""
        until = clock.now() + LOCK_SECONDS
        while (release := self._ask(lambda store: store.lock(self._origin, self._log.email or ""))) is None:
            if self._store is None or self._failure or clock.now() > until:
                break
            time.sleep(_POLL)
        try:
            yield
        finally:
            if release is not None:
                with suppress(Exception):  # It frees itself after a while.
                    release()

    def load(self, read: Callable[[Stored], Token]) -> Token | None:
        """Return what can be read of the session that the store holds."""

        def loaded(store: TokenStore) -> Token | None:
            found = store.load(self._origin, self._log.email)
            return None if found is None else read(found)

        return self._ask(loaded)

    def save(self, token: Token) -> None:
        """Keep a token, if it is known whose it is."""
        email, life = self._log.email, token.expires_at - clock.now()
        if email is not None:
            seconds, session = life if math.isfinite(life) else None, token.session.to_dict()
            self._ask(lambda store: store.save(self._origin, email, session, seconds))

    def clear(self) -> None:
        """Forget the session."""
        email = self._log.email
        if email is not None:
            self._ask(lambda store: store.clear(self._origin, email))

    def nothing(self) -> str:
        """Tell a user without a password why nothing was loaded."""
        if self._failure:
            return f"the session cannot be read from its store: {self._failure}"
        return f"the store holds no living session of {self._origin}, and there is no password to log in with"

    def _ask(self, question: Callable[[TokenStore], T]) -> T | None:
        begun = clock.now()
        if self._store is None or begun < self._rests_until:
            return None
        try:
            answer = question(self._store)
        except SeveralUsersError:
            raise
        except Exception as error:  # noqa: BLE001  # A store fails in its own way.
            self._failure = self._log.reason(error)
            if self._failure != self._logged:
                self._logged = self._failure
                self._log.failed("the session of %s goes on in memory, without its store: %s", error)
            if clock.now() - begun > _SLOW:
                self._rests_until = clock.now() + _REST
            return None
        self._failure = ""
        return answer
