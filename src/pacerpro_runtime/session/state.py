"""What threads and tasks share of a session, and what each of them is to do next.

Everything here is decided under one lock, quickly, and without waiting: a caller is told to use a token, to wait for
somebody who is getting one, or to get one.
"""

from __future__ import annotations

import os
import threading
import weakref

from attrs import define

from pacerpro_runtime.errors import SessionExpired, Unauthorized

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
        epoch: The log-outs before it. A token that it gets is not wanted after another.
    """

    flight: Flight
    living: Token | None
    epoch: int


class SessionState:
    """The state of one session."""

    def __init__(self, token: Token | None, *, can_log_in: bool) -> None:
        self.token = token
        self.epoch = 0
        self._can_log_in = can_log_in
        self._stopped = False
        self._unrevoked: Token | None = None
        self._refusal: Unauthorized | None = None
        self._refused_until = 0.0
        self._next_refresh = 0.0
        self._backoff = REFRESH_BACKOFF
        self.forked()
        _all.add(self)

    def forked(self) -> None:
        """Begin with a free lock: in a child process, whoever held it or led a flight does not exist."""
        # Re-entrant, because the garbage collector may end a lost leader's flight in a thread that holds it.
        self._lock = threading.RLock()
        self._flight: Flight | None = None

    def decide(self, now: float, *, rejected: Token | None, failures: int, blocking: bool) -> Token | Join | Lead:
        """Say what a caller is to do.

        Args:
            now: The time on the monotonic clock.
            rejected: A token that the server has just refused.
            failures: How many flights this caller has waited for.
            blocking: Whether waiting would block the thread.

        Raises:
            SessionExpired: There is no token, and logging in is impossible or not wanted.
            Unauthorized: A log-in was refused a moment ago.
        """
        token = self.token
        if token is not None and now < token.refresh_at and token is not rejected:
            return token  # Nearly always, and without the lock: the reference is read once.
        with self._lock:
            return self._decide(now, rejected=rejected, failures=failures, blocking=blocking)

    def _decide(self, now: float, *, rejected: Token | None, failures: int, blocking: bool) -> Token | Join | Lead:
        self.drop(rejected)
        token = self.token if self.token is not None and self.token.lives(now) else None
        flight = self._flight
        if token is not None and (now < token.refresh_at or flight is not None or now < self._next_refresh):
            return token
        if flight is not None and failures < PATIENCE and not flight.waits_for_me(blocking=blocking):
            return Join(flight)
        if token is None:
            self.check_log_in(now)
        lead = Lead(Flight(), token, self.epoch)
        if flight is None:
            self._flight = lead.flight
        return lead

    def check_log_in(self, now: float) -> None:
        """Raise an error if nobody is to log in now.

        Raises:
            SessionExpired: Logging in is impossible or not wanted.
            Unauthorized: A log-in was refused a moment ago.
        """
        if self._stopped:
            raise SessionExpired("logged out: call login() to begin another session")
        if not self._can_log_in:
            raise SessionExpired("the session has ended, and there is no password to log in again with")
        if self._refusal is not None and now < self._refused_until:
            raise self._refusal.again()

    def learn(self, token: Token, epoch: int) -> None:
        """Keep a new token, got by somebody who began in this epoch.

        Raises:
            SessionExpired: Somebody has logged out meanwhile.
        """
        with self._lock:
            if epoch != self.epoch:
                raise SessionExpired("logged out while logging in: call login() to begin another session")
            self.token = token
            self._stopped = False
            self._refusal = None
            self._next_refresh, self._backoff = 0.0, REFRESH_BACKOFF

    def drop(self, token: Token | None) -> None:
        """Use a token no more."""
        with self._lock:
            if self.token is token:
                self.token = None

    def refuse(self, error: Unauthorized, now: float) -> None:
        """Remember that a log-in was refused."""
        with self._lock:
            # A copy: the error itself holds on to whatever the stack held when it was raised.
            self._refusal, self._refused_until = error.again(), now + REFUSAL_REMEMBERED

    def stop(self) -> Token | None:
        """Log in no more, and return the token that is to be revoked."""
        with self._lock:
            self.epoch += 1
            self._stopped = True
            self._flight = None
            self._unrevoked, self.token = self.token or self._unrevoked, None
            return self._unrevoked

    def revoked(self, token: Token | None) -> None:
        """Forget the token that was to be revoked."""
        with self._lock:
            if self._unrevoked is token:
                self._unrevoked = None

    def end(self, lead: Lead, now: float) -> None:
        """End a flight, and wake those who wait for it."""
        with self._lock:
            if self._flight is lead.flight:
                self._flight = None
            if lead.living is not None and self.token is lead.living:  # Still the same: the refresh came to nothing.
                self._next_refresh = now + self._backoff
                self._backoff = min(self._backoff * 2, LONGEST_REFRESH_BACKOFF)
        lead.flight.land()

    def give_up(self, flight: Flight) -> None:
        """Wait no longer for a flight that takes too long: somebody else may lead another."""
        with self._lock:
            if self._flight is flight:
                self._flight = None


_all: weakref.WeakSet[SessionState] = weakref.WeakSet()


def _after_fork() -> None:
    for state in list(_all):
        state.forked()
        if state.token is not None:
            state.token.spread()  # The parent and all its children have the same.


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
