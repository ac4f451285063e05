"""What threads and tasks share of a session, and what each caller is to do next.

Everything here is decided under one lock, quickly, and without waiting: a caller is told to use a token, to wait for
the caller that is getting one, or to get one.
"""

from __future__ import annotations

import copy
import os
import random
import threading
import weakref
from collections.abc import Mapping

from pacerpro_runtime.errors import ApiError, SessionExpired, Unauthorized

from . import clock
from .flight import Flight
from .token import Token, date_of

# Seconds for which a refused log-in is remembered, so that workers with a wrong password do not lock the account.
REFUSAL_REMEMBERED = 30.0
# Seconds between two repairs if the first one did not help: the endpoint may answer 401 whatever the token.
REPAIR_INTERVAL = 30.0
# Seconds after a failed refresh until the next; doubled each time, up to the limit.
REFRESH_BACKOFF = 1.0
LONGEST_REFRESH_BACKOFF = 30.0
# The longest time for which `Retry-After` is respected.
LONGEST_THROTTLE = 300.0


class SessionState:
    """The state of one session."""

    def __init__(self, *, has_password: bool) -> None:
        self.token: Token | None = None  # It may have expired.
        self.has_password = has_password
        self.unrevoked: Token | None = None  # Of a log-out that failed.
        self._log_outs = 0
        self._stopped = False
        # A refused or throttled log-in, and until when it counts.
        self._error: ApiError | None = None
        self._error_until = 0.0
        self._next_refresh = 0.0
        self._backoff = REFRESH_BACKOFF
        self._next_repair = 0.0
        self.forked()
        _all.add(self)

    def forked(self) -> None:
        """Begin with a free lock: in a child process, the threads that held it or led a flight do not exist."""
        # Re-entrant, because the garbage collector may end a lost leader's flight in a thread that holds it.
        self._lock = threading.RLock()
        self._flight: Flight | None = None

    def usable(self, rejected: Token | None = None) -> Token | None:
        """Return the token if nothing needs to be decided. This is the usual case, and takes no lock."""
        token = self.token
        if token is not None and token is not rejected and clock.now() < token.refresh_at:
            return token
        return None

    def decide(self, *, rejected: Token | None, login: bool, blocking: bool) -> Token | tuple[Flight, bool]:
        """Return the token to use, or a flight and whether the caller leads it; raise an error after a log-out."""
        with self._lock:
            if self._stopped and not login:
                raise SessionExpired("logged out: call login() to begin another session")
            now, flight = clock.now(), self._flight
            token = self.token if self.token is not None and self.token.lives(now) else None
            is_rejected = token is not None and token is rejected
            if token is not None and not login and self._goes_on(token, now, rejected=is_rejected):
                return token
            # The leader could not go on while a caller blocks the thread of the leader's event loop.
            deadlock = blocking and flight is not None and flight.thread == threading.get_ident()
            if flight is not None and flight.login >= login and not deadlock:
                return flight, False
            mine = Flight(token, rejected=is_rejected, login=login, blocking=blocking, log_outs=self._log_outs)
            if flight is None:
                self._flight = mine
            return mine, True

    def _goes_on(self, token: Token, now: float, *, rejected: bool) -> bool:
        if rejected:
            return now < self._next_repair or (not self.has_password and now < self._next_refresh)
        return now < token.refresh_at or now < self._next_refresh or self._flight is not None

    def check_login(self, *, asked_for: bool) -> None:
        """Raise an error if no log-in may be made now. A log-in that the user asks for ignores an earlier refusal."""
        with self._lock:
            left = self._error_until - clock.now()
            if not self.has_password:
                raise SessionExpired("the session has ended, and there is no password to log in again with")
            if self._error is None or left <= 0:
                return
            error = copy.copy(self._error)
        if not isinstance(error, Unauthorized):
            error.retry_after = left
        elif asked_for:
            return
        raise error

    def learn(self, token: Token, flight: Flight) -> None:
        """Keep a new token. Raise SessionExpired if the user has logged out meanwhile."""
        with self._lock:
            if flight.log_outs != self._log_outs:
                raise _overtaken()
            if flight.rejected:
                self._next_repair = clock.now() + REPAIR_INTERVAL
            self._keep(token)

    def _keep(self, token: Token) -> None:
        self.token = token
        self._stopped = False
        self._error = None
        self._next_refresh, self._backoff = 0.0, REFRESH_BACKOFF

    def adopt(self, token: Token, *, instead_of: Token) -> bool:
        """Keep the token of the user's own refresh, and tell so, if the old one is still the current one."""
        with self._lock:
            current = self.token is instead_of
            if current:
                self._keep(token)
            return current

    def helped(self, token: Token) -> None:
        """Allow the next repair at once: the server has accepted the token of the last one."""
        with self._lock:
            if self.token is token:
                self._next_repair = 0.0

    def drop(self, token: Token | None) -> None:
        """Use a token no more."""
        with self._lock:
            if self.token is token:
                self.token = None

    def refused(self, error: Exception) -> None:
        """Remember the error of a log-in or refresh for as long as it counts."""
        if isinstance(error, Unauthorized):
            seconds = REFUSAL_REMEMBERED
        elif isinstance(error, ApiError) and error.status_code in (429, 503) and (asked := _retry_after(error)) > 0:
            seconds = min(asked * random.uniform(1, 1.1), LONGEST_THROTTLE)  # noqa: S311  # Not a secret.
        else:
            return
        with self._lock:
            # A copy: the error itself keeps the values of all frames alive.
            self._error, self._error_until = copy.copy(error), clock.now() + seconds
            if not isinstance(error, Unauthorized):
                self._next_refresh = max(self._next_refresh, self._error_until)

    def postpone(self) -> None:
        """Try the next refresh later; the current token goes on being used."""
        with self._lock:
            self._next_refresh = max(self._next_refresh, clock.now() + self._backoff)
            self._backoff = min(self._backoff * 2, LONGEST_REFRESH_BACKOFF)

    def stop(self) -> Token | None:
        """Log in no more, and return the token that is to be revoked."""
        with self._lock:
            self._log_outs += 1
            self._stopped = True
            flight, self._flight = self._flight, None
            self.unrevoked, self.token = self.token or self.unrevoked, None
            unrevoked = self.unrevoked
        if flight is not None:
            flight.land(_overtaken())
        return unrevoked

    def end(self, flight: Flight, outcome: Token | Exception | None) -> None:
        """End a flight, with an outcome unless its leader is gone or takes too long."""
        with self._lock:
            if self._flight is flight:
                self._flight = None
        flight.land(outcome)


def _overtaken() -> SessionExpired:
    return SessionExpired("logged out while logging in: call login() to begin another session")


def _retry_after(error: ApiError) -> float:
    """Return the seconds that ``Retry-After`` asks for (RFC 9110, section 10.2.3). A date counts from ``Date``."""
    headers: Mapping[str, str] = error.headers
    then, date = date_of(headers.get("Retry-After")), date_of(headers.get("Date"))
    if then is not None and date is not None:
        return (then - date).total_seconds()
    return error.retry_after or 0.0


_all: weakref.WeakSet[SessionState] = weakref.WeakSet()


def _after_fork() -> None:
    for state in list(_all):
        state.forked()
        if state.token is not None:
            state.token.spread()  # The parent and all its children have the same.


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
