"""What threads and tasks share of a session, and what each caller is to do next.

Everything here is decided under one lock, quickly, and without waiting: a caller is told to use a token, to wait for
a caller that is getting one, or to get one.
"""

from __future__ import annotations

import copy
import os
import random
import threading
import weakref
from collections.abc import Mapping

from attrs import define

from pacerpro_runtime.errors import ApiError, SessionExpired, Unauthorized

from . import clock
from .flight import Flight
from .token import Token, date_of

# Seconds for which a refused log-in is remembered, so that many workers with a wrong password do not lock an account.
REFUSAL_REMEMBERED = 30.0
# Seconds between two repairs if the first one did not help: the endpoint may answer 401 whatever the token.
REPAIR_INTERVAL = 30.0
# Seconds after a failed refresh until the next; doubled each time, up to the limit.
REFRESH_BACKOFF = 1.0
LONGEST_REFRESH_BACKOFF = 30.0
# The longest time for which `Retry-After` is respected.
LONGEST_THROTTLE = 300.0


@define(frozen=True)
class Lead:
    """Get a token, and let the flight land in the end, whatever happens.

    Attributes:
        flight: The others wait for this.
        token: A token that lives, if there is one.
        rejected: Whether the server has rejected that token.
        epoch: The log-outs before it. A token that it gets is not wanted after another.
    """

    flight: Flight
    token: Token | None
    rejected: bool
    epoch: int


class SessionState:
    """The state of one session.

    Attributes:
        token: The current token. It may have expired.
        epoch: How often the user has logged out.
    """

    def __init__(self, token: Token | None, *, has_password: bool) -> None:
        self.token = token
        self.epoch = 0
        self._has_password = has_password
        self._stopped = False
        self._unrevoked: Token | None = None
        self._refusal: Unauthorized | None = None
        self._refused_until = 0.0
        self._throttle: ApiError | None = None
        self._throttled_until = 0.0
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
        """Return the token if nothing needs to be decided. This is nearly always so, and takes no lock."""
        token = self.token
        if token is not None and token is not rejected and clock.now() < token.refresh_at:
            return token
        return None

    def decide(self, *, rejected: Token | None, login: bool, blocking: bool) -> Token | Flight | Lead:
        """Say what a caller is to do.

        Args:
            rejected: A token that the server has just refused.
            login: Whether the caller wants a new session in any case.
            blocking: Whether waiting would block the thread.

        Raises:
            SessionExpired: The user has logged out.
        """
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
                return flight
            lead = Lead(Flight(login=login), token, is_rejected, self.epoch)
            if flight is None:
                self._flight = lead.flight
            return lead

    def _goes_on(self, token: Token, now: float, *, rejected: bool) -> bool:
        if rejected:
            return now < self._next_repair or (not self._has_password and now < self._next_refresh)
        return now < token.refresh_at or now < self._next_refresh or self._flight is not None

    def check_login(self, *, asked_for: bool) -> None:
        """Raise an error if nobody is to log in now.

        Raises:
            SessionExpired: There is no password.
            ApiError: The server asks to wait, or refused a log-in a moment ago. The latter does not count if the user
                asks for a log-in.
        """
        with self._lock:
            now = clock.now()
            if not self._has_password:
                raise SessionExpired("the session has ended, and there is no password to log in again with")
            if self._throttle is not None and now < self._throttled_until:
                error = copy.copy(self._throttle)
                error.retry_after = self._throttled_until - now
                raise error
            if self._refusal is not None and now < self._refused_until and not asked_for:
                raise copy.copy(self._refusal)

    def learn(self, token: Token, lead: Lead) -> None:
        """Keep a new token.

        Raises:
            SessionExpired: The user has logged out meanwhile.
        """
        with self._lock:
            if lead.epoch != self.epoch:
                raise SessionExpired("logged out while logging in: call login() to begin another session")
            if lead.rejected:
                self._next_repair = clock.now() + REPAIR_INTERVAL
            self._keep(token)

    def _keep(self, token: Token) -> None:
        self.token = token
        self._stopped = False
        self._refusal = self._throttle = None
        self._next_refresh, self._backoff = 0.0, REFRESH_BACKOFF

    def adopt(self, token: Token, *, instead_of: Token) -> bool:
        """Keep a token that the caller has got by itself for the current one; tell whether it was still current."""
        with self._lock:
            if self.token is not instead_of:
                return False
            self._keep(token)
            return True

    def helped(self, token: Token) -> None:
        """Allow the next repair at once: the server has accepted the token of the last one in place of another."""
        with self._lock:
            if self.token is token:
                self._next_repair = 0.0

    def drop(self, token: Token | None) -> None:
        """Use a token no more."""
        with self._lock:
            if self.token is token:
                self.token = None

    def refused(self, error: ApiError) -> None:
        """Remember an error of a log-in or refresh for as long as it counts."""
        with self._lock:
            now = clock.now()
            # A copy: the error itself keeps the values of all frames alive.
            if isinstance(error, Unauthorized):
                self._refusal, self._refused_until = copy.copy(error), now + REFUSAL_REMEMBERED
            elif error.status_code in (429, 503) and (asked := _retry_after(error)) > 0:
                seconds = min(asked * random.uniform(1, 1.1), LONGEST_THROTTLE)  # noqa: S311  # It hides nothing.
                self._throttle, self._throttled_until = copy.copy(error), now + seconds
                self._next_refresh = max(self._next_refresh, self._throttled_until)

    def postpone(self) -> None:
        """Try the next refresh later; the current token goes on being used."""
        with self._lock:
            self._next_refresh = max(self._next_refresh, clock.now() + self._backoff)
            self._backoff = min(self._backoff * 2, LONGEST_REFRESH_BACKOFF)

    def stop(self) -> Token | None:
        """Log in no more, and return the token that is to be revoked."""
        with self._lock:
            self.epoch += 1
            self._stopped = True
            flight, self._flight = self._flight, None
            self._unrevoked, self.token = self.token or self._unrevoked, None
            unrevoked = self._unrevoked
        if flight is not None:
            flight.land(SessionExpired("logged out while logging in: call login() to begin another session"))
        return unrevoked

    def revoked(self) -> None:
        """Forget the token that was to be revoked."""
        with self._lock:
            self._unrevoked = None

    def end(self, flight: Flight, outcome: Token | Exception | None) -> None:
        """End a flight: of its leader, or of a leader that takes too long."""
        with self._lock:
            if self._flight is flight:
                self._flight = None
        flight.land(outcome)


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
