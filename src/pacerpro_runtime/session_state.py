"""What threads and tasks share of a session, and what each of them is to do next.

Everything here is decided under one lock, quickly, and without waiting: a caller is told to use a token, to wait for
somebody who is getting one, or to get one.
"""

from __future__ import annotations

import os
import threading
import weakref

from attrs import define

from .errors import SessionExpired, Unauthorized
from .flight import Flight
from .token import Token

# How many flights that came to nothing a caller waits for, before it tries by itself beside the others. With the
# service down, everyone has their own error after three time-outs in a row, however many they are.
PATIENCE = 2
# Seconds for which a refused log-in is remembered, so that many workers with a wrong password do not lock an account.
REFUSAL_REMEMBERED = 30.0
# Seconds after a failed refresh until the next; doubled each time, up to the limit.
REFRESH_BACKOFF = 1.0
LONGEST_REFRESH_BACKOFF = 30.0


@define(frozen=True)
class Join:
    """Wait for somebody else's flight."""

    flight: Flight


@define(frozen=True)
class Lead:
    """Get a token, and let the flight land in the end, whatever happens.

    Attributes:
        flight: Those who wait for this.
        living: The token to refresh; None to log in.
    """

    flight: Flight
    living: Token | None


class SessionState:
    """The state of one session."""

    def __init__(self, token: Token | None, *, can_log_in: bool) -> None:
        self.token = token
        self._can_log_in = can_log_in
        self._stopped = False
        self._unrevoked: Token | None = None
        self._refusal: Unauthorized | None = None
        self._refused_until = 0.0
        self._next_refresh = 0.0
        self._failed_refreshes = 0
        self.forked()
        _all.add(self)

    def forked(self) -> None:
        """Begin with a free lock: in a child process, whoever held it or led a flight does not exist."""
        self._lock = threading.Lock()
        self._flight: Flight | None = None

    def decide(self, now: float, *, rejected: str | None, failures: int, blocking: bool) -> Token | Join | Lead:
        """Say what a caller is to do.

        Args:
            now: The time on the monotonic clock.
            rejected: A token that the server has just refused.
            failures: How many flights this caller has waited for in vain.
            blocking: Whether waiting would block the thread.

        Raises:
            SessionExpired: There is no token, and logging in is impossible or not wanted.
            Unauthorized: A log-in was refused a moment ago.
        """
        token = self.token
        if token is not None and now < token.refresh_at and token.value != rejected:
            return token  # Nearly always, and without the lock: the reference is read once.
        with self._lock:
            return self._decide(now, rejected=rejected, failures=failures, blocking=blocking)

    def _decide(self, now: float, *, rejected: str | None, failures: int, blocking: bool) -> Token | Join | Lead:
        if self.token is not None and self.token.value == rejected:
            self.token = None
        token = self.token if self.token is not None and self.token.lives(now) else None
        if token is not None and (now < token.refresh_at or self._flight is not None or now < self._next_refresh):
            return token
        if token is None:
            self._check_log_in(now)
        if self._flight is None:
            self._flight = Flight()
            if token is not None:
                self._note_refresh(now)
            return Lead(self._flight, token)
        # Waiting for a task of this very thread would block it, and so never end.
        own = blocking and self._flight.thread == threading.get_ident()
        return Lead(Flight(), None) if own or failures >= PATIENCE else Join(self._flight)

    def _check_log_in(self, now: float) -> None:
        if self._stopped:
            raise SessionExpired("logged out: call login() to begin another session")
        if not self._can_log_in:
            raise SessionExpired("the session has ended, and there is no password to log in again with")
        if self._refusal is not None and now < self._refused_until:
            raise self._refusal.again()

    def _note_refresh(self, now: float) -> None:
        # Written before the outcome is known, because the HTTP library does not tell of a network error.
        self._next_refresh = now + min(REFRESH_BACKOFF * 2**self._failed_refreshes, LONGEST_REFRESH_BACKOFF)
        self._failed_refreshes += 1

    def learn(self, token: Token, *, explicitly: bool = False) -> None:
        """Keep a new token.

        Raises:
            SessionExpired: Somebody has logged out meanwhile.
        """
        with self._lock:
            if self._stopped and not explicitly:
                raise SessionExpired("logged out while logging in: call login() to begin another session")
            self.token = token
            self._stopped = False
            self._refusal = None
            self._next_refresh, self._failed_refreshes = 0.0, 0

    def refuse(self, error: Unauthorized, now: float) -> None:
        """Remember that a log-in was refused."""
        with self._lock:
            self._refusal, self._refused_until = error, now + REFUSAL_REMEMBERED

    def stop(self) -> Token | None:
        """Log in no more, and return the token that is to be revoked."""
        with self._lock:
            self._stopped = True
            self._unrevoked, self.token = self.token or self._unrevoked, None
            return self._unrevoked

    def revoked(self) -> None:
        """Forget the token that was to be revoked."""
        with self._lock:
            self._unrevoked = None

    def end(self, flight: Flight) -> None:
        """End a flight, and wake those who wait for it."""
        with self._lock:
            if self._flight is flight:
                self._flight = None
        flight.land()


_all: weakref.WeakSet[SessionState] = weakref.WeakSet()


def _after_fork() -> None:
    for state in list(_all):
        state.forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
