"""What threads and tasks share of a session: a caller is told to use a token, to wait for one, or to get one."""

import copy
import random
import threading
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress

from pacerpro_runtime.errors import ApiError, SessionExpired, Unauthorized
from pacerpro_runtime.transports.network import forget_in_children

from . import clock
from .lifecycle import Token

# Seconds for which a refused log-in is remembered, so that workers with a wrong password do not lock the account.
REFUSAL_REMEMBERED = 30.0
# Seconds between two repairs if the first one did not help: the endpoint may answer 401 whatever the token.
REPAIR_INTERVAL = 30.0
# Seconds after a failed refresh or repair until the next.
RETRY_INTERVAL = 5.0
# The longest time for which `Retry-After` is respected.
LONGEST_THROTTLE = 300.0

_OVERTAKEN = "logged out while logging in: call login() to begin another session"


class Flight(Future[Token]):
    """A log-in or refresh that one caller leads, and whose outcome all others share. Without one, it is cancelled."""

    def __init__(self, token: Token | None, *, rejected: bool, login: bool, log_outs: int) -> None:
        super().__init__()
        self.token = token  # The current one, if it lives.
        self.rejected = rejected  # By the server.
        self.login = login  # The user has asked for a new session.
        self.log_outs = log_outs  # Its token is not wanted after another.
        self.thread = threading.get_ident()


class SessionState:
    """The state of one session. Everything is decided under one lock, quickly, and without waiting."""

    def __init__(self) -> None:
        self.token: Token | None = None  # It may have expired.
        self.has_password = True
        self.stopped = False  # By a log-out.
        self.next_repair = 0.0
        self._next_refresh = 0.0
        self._log_outs = 0
        self._error: ApiError | None = None  # Of a refused or throttled log-in.
        self._error_until = 0.0
        self.forget()
        forget_in_children(self, "forget")

    def forget(self) -> None:
        """Begin with a free lock: in a child process, the threads that held it or led a flight do not exist."""
        self._lock = threading.RLock()  # Re-entrant: a signal's handler may ask for a token too.
        self._flight: Flight | None = None
        if self.token is not None:
            self.token.spread()  # The parent and all its children have the same.

    def named(self, value: str | None) -> Token | None:
        """Return the current token if it has this value. Any other has been replaced."""
        token = self.token
        return token if token is not None and token.value == value else None

    def at_hand(self) -> Token | None:
        """Return the token, if it can be sent as it is. This usual case takes no lock."""
        token = self.token
        return None if token is None or self.stopped or clock.now() >= token.refresh_at else token

    def decide(self, rejected: Token | None, *, login: bool, blocking: bool) -> Token | tuple[Flight, bool]:
        """Return the token to use, or a flight and whether the caller leads it; raise an error after a log-out."""
        usual, now = self.at_hand(), clock.now()
        if usual is not None and usual is not rejected and not login:
            return usual
        with self._lock:
            if self.stopped and not login:
                raise SessionExpired("logged out: call login() to begin another session")
            token = self.token if self.token is not None and now < self.token.expires_at else None
            flight, is_rejected = self._flight, token is not None and token is rejected
            if token is not None and not login:
                if is_rejected and now < self.next_repair:
                    return token
                if not is_rejected and (now < max(token.refresh_at, self._next_refresh) or flight is not None):
                    return token
            # The leader could not go on while a caller blocks the thread of the leader's event loop.
            deadlock = blocking and flight is not None and flight.thread == threading.get_ident()
            if flight is not None and flight.login >= login and not deadlock:
                return flight, False
            mine = Flight(token, rejected=is_rejected, login=login, log_outs=self._log_outs)
            self._flight = flight or mine
            return mine, True

    def check(self, *, refusals: bool) -> None:
        """Raise the error of an earlier call for as long as it counts; a refused log-in, only if refusals count."""
        with self._lock:
            left, error = self._error_until - clock.now(), copy.copy(self._error)
        is_refusal = isinstance(error, Unauthorized)
        if error is not None and left > 0 and (refusals or not is_refusal):
            error.retry_after = None if is_refusal else left
            raise error

    def learn(self, token: Token, flight: Flight) -> None:
        """Keep the token of a flight. Raise SessionExpired if the user has logged out meanwhile."""
        with self._lock:
            if flight.log_outs != self._log_outs:
                raise SessionExpired(_OVERTAKEN)
            if flight.rejected:
                self.next_repair = clock.now() + REPAIR_INTERVAL
            self.stopped = False
            self.keep(token)

    def keep(self, token: Token) -> None:
        """Use a token from now on."""
        self.token, self._error, self._next_refresh = token, None, 0.0

    def failed(self, error: Exception, flight: Flight) -> None:
        """Remember the error of a log-in or refresh for as long as it counts. The current token goes on being used."""
        now = clock.now()
        with self._lock:
            if isinstance(error, Unauthorized):
                # A copy: the error itself keeps the values of all frames alive.
                self._error, self._error_until = copy.copy(error), now + REFUSAL_REMEMBERED
            elif isinstance(error, ApiError) and error.status_code in (429, 503) and error.retry_after:
                seconds = min(error.retry_after * random.uniform(1, 1.1), LONGEST_THROTTLE)  # noqa: S311  # Not a secret.
                self._error, self._error_until = copy.copy(error), now + seconds
                self._next_refresh = self._error_until
            elif flight.rejected:
                self.next_repair = now + RETRY_INTERVAL
            else:
                self._next_refresh = now + RETRY_INTERVAL

    def stop(self) -> Token | None:
        """Log in no more, and return the token that is to be revoked."""
        with self._lock:
            self._log_outs += 1
            self.stopped = True
            if self._flight is not None:
                self.end(self._flight, SessionExpired(_OVERTAKEN))
        return self.token

    def end(self, flight: Flight, outcome: Token | Exception | None) -> None:
        """Give the outcome of a flight to all that wait. The first outcome counts; without one, another leads."""
        with self._lock:
            if self._flight is flight:
                self._flight = None
        with suppress(InvalidStateError):
            if outcome is None:
                flight.cancel()
            elif isinstance(outcome, Token):
                flight.set_result(outcome)
            else:
                flight.set_exception(outcome)
