"""How a request comes by its token: the decisions, without the sending and the waiting.

:meth:`SessionCore.steps` is a generator. It yields requests, which are to be sent, and gets their responses; responses,
which are to be read; and flights, which are to be waited for. Threads and tasks each have a driver for it.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Generator, Mapping
from contextlib import suppress
from typing import Any

from attrs import evolve

from pacerpro_runtime._http import httpx
from pacerpro_runtime.auth import bearer
from pacerpro_runtime.errors import InvalidResponse, PacerProError, ServerError, SessionExpired, Unauthorized
from pacerpro_runtime.exchange import Exchange
from pacerpro_runtime.operation import Operation
from pacerpro_runtime.origin import origin
from pacerpro_runtime.request import OPTIONAL
from pacerpro_runtime.retries import Policy
from pacerpro_runtime.types import UNSET, Response
from pacerpro_runtime.wire.model import Model

from .broken import Broken
from .flight import Flight
from .lifecycle import Lifecycle
from .log import SessionLog
from .session_request import forget_secrets, keep_token, refuse_redirects, session_request
from .state import PATIENCE, Lead, SessionState
from .token import Token, date_of

Step = httpx.Request | httpx.Response | Flight

# After these a second log-in may go better, so those who have waited for the first take their turns. (Where somebody
# has logged out, another may have logged in again.)
_PASSING = (ServerError, InvalidResponse, SessionExpired)

# An extension by which a request's header is known as one that was put there by this module. It shows no token.
PUT = "pacerpro.put"


class SessionCore:
    """One user's session at one base URL."""

    # On the class, so that a test can let time pass for all sessions, also while one is being made.
    _monotonic = staticmethod(time.monotonic)

    def __init__(
        self,
        lifecycle: Lifecycle,
        base_url: httpx.URL,
        user_agent: str,
        *,
        credentials: Model | None,
        session: Model | None,
        leeway: float,
    ) -> None:
        self._lifecycle = lifecycle
        self._base_url = base_url
        self._origin = origin(base_url)
        self._user_agent = user_agent
        self._leeway = leeway
        self.credentials = credentials
        # As it is sent, whatever the str of an enumeration is.
        email = None if credentials is None else str.__str__(getattr(credentials, lifecycle.identity))
        self.log = SessionLog(email, lifecycle.expiry)
        held = None if session is None else self.token_of(session, {}, since=self.now())
        self.state = SessionState(held, can_log_in=credentials is not None)

    def now(self) -> float:
        """Return the time on the monotonic clock, in seconds."""
        return self._monotonic()

    def token_of(self, session: Model, headers: Mapping[str, str], *, since: float) -> Token:
        """Return the token of a session that came with these response headers.

        Raises:
            ValueError: It is no bearer token.
        """
        value: Any = getattr(session, self._lifecycle.token)
        token = Token(value, bearer(value), session)
        self._measure(token, headers, since=since)
        return token

    def _measure(self, token: Token, headers: Mapping[str, str], *, since: float) -> None:
        expiry = getattr(token.session, self._lifecycle.expiry)
        # The contract may leave the expiry open: then there is no life to speak of.
        if isinstance(expiry, datetime.datetime):
            token.measure(expiry, headers, since=since, leeway=self._leeway)

    def steps(self, request: httpx.Request, *, blocking: bool) -> Generator[Step, httpx.Response | None, None]:
        """Send a request with a token, and once more with another where the first is no longer accepted."""
        if origin(request.url) != self._origin:
            self._withhold(request)
            yield request
            return
        keep_token(request, blocking=blocking)
        try:
            yield from self._attempts(request, blocking=blocking)
        except (GeneratorExit, Broken) as end:
            # An error of the network holds on to the request.
            header = request.headers.pop("Authorization", None)
            if isinstance(end, Broken) and header is not None:
                end.forget(header)
            raise

    def _attempts(self, request: httpx.Request, *, blocking: bool) -> Generator[Step, httpx.Response | None, None]:
        token = yield from self._token(request, rejected=None, blocking=blocking)
        _put(token, request)
        since = self.now()
        try:
            response = _given((yield request))
        except Broken as broken:
            answer = broken.answer_to(request, token.header)
            if answer is not None and answer.status_code == 401:
                self.state.drop(token)  # A hook has hidden it: this call is over, and the next one logs in.
            raise
        if response.status_code != 401:
            if not token.measured and _with(response, token) and date_of(response.headers):
                self._measure(token, response.headers, since=since)
            return
        if not _with(response, token):
            return  # A redirect has led to another origin, whose 401 says nothing of the token.
        if response.request.method != request.method or not isinstance(request.stream, httpx.ByteStream):
            # It has become another by redirects, or cannot be sent again. What came is the caller's answer, and the
            # next call logs in.
            self.state.drop(token)
            return
        self.state.drop(token)
        with suppress(httpx.RequestError, httpx.StreamError):  # Its body does not matter.
            yield response  # Unread, it would keep a connection, and the log-in might wait for one for ever.
        token = yield from self._token(request, rejected=token, blocking=blocking)
        _put(token, request)
        yield request

    def _withhold(self, request: httpx.Request) -> None:
        """Take the token out of a request that was sent to the right place before, and is now to go elsewhere."""
        if PUT in request.extensions and hash(request.headers.get("Authorization")) == request.extensions[PUT]:
            del request.headers["Authorization"]

    def _token(
        self, request: httpx.Request, *, rejected: Token | None, blocking: bool
    ) -> Generator[Step, httpx.Response | None, Token]:
        failures = 0
        while True:
            decision = self.state.decide(self.now(), rejected=rejected, failures=failures, blocking=blocking)
            if isinstance(decision, Token):
                return decision
            if isinstance(decision, Lead):
                if rejected is not None and decision.living is None:
                    self.log.tell("the token of %s is no longer accepted: logging in again")
                return (yield from self._lead(request, decision, blocking=blocking))
            flight = decision.flight
            yield flight
            failures += 1  # If it was one: else there is a token now.
            if not flight.landed:
                self.log.alert("the log-in of %s takes too long: not waiting for it any more")
                self.state.give_up(flight)
            elif flight.error is not None and (failures >= PATIENCE or not isinstance(flight.error, _PASSING)):
                raise flight.error.again()

    def _lead(
        self, request: httpx.Request, lead: Lead, *, blocking: bool
    ) -> Generator[Step, httpx.Response | None, Token]:
        try:
            token = None
            with lead.flight.led():
                if lead.living is not None:
                    token = yield from self._refresh(request, lead, lead.living, blocking=blocking)
                if token is None:
                    token = yield from self._log_in(request, lead, blocking=blocking)
        except PacerProError as error:
            lead.flight.error = error.again()  # The error itself holds on to the stack, and so to the flight.
            raise
        except (GeneratorExit, Broken) as end:
            what = "log-in" if lead.living is None else "refresh"
            reason = end.reason if isinstance(end, Broken) else "its caller is gone"
            self.log.alert(f"the {what} of %s was broken off: %s", reason)
            raise
        finally:
            self.state.end(lead, self.now())
        return token

    def _refresh(
        self, request: httpx.Request, lead: Lead, living: Token, *, blocking: bool
    ) -> Generator[Step, httpx.Response | None, Token | None]:
        """Return a later token, the living one where that fails, or None where only a log-in helps."""
        try:
            token = yield from self._call(self._lifecycle.refresh, request, token=living, blocking=blocking)
        except Unauthorized as error:
            self.log.failed("the session of %s cannot be refreshed: %s", error)
            self.state.drop(living)
            return None
        except (PacerProError, httpx.RequestError) as error:
            self.log.failed("the session of %s could not be refreshed: %s", error)
            return living if living.lives(self.now()) else None
        self.state.learn(token, lead.epoch)
        self.log.begins("refreshed the session of", token.session)
        return token

    def _log_in(
        self, request: httpx.Request, lead: Lead, *, blocking: bool
    ) -> Generator[Step, httpx.Response | None, Token]:
        self.state.check_log_in(self.now())  # A refresh that came to nothing may have led here.
        try:
            token = yield from self._call(
                self._lifecycle.login, request, body=self.credentials, token=None, blocking=blocking
            )
        except (PacerProError, httpx.RequestError) as error:
            self.refused(error)
            raise
        self.state.learn(token, lead.epoch)
        self.log.begins("logged in", token.session)
        return token

    def _call(
        self, operation: Operation[Any], like: httpx.Request, *, body: Any = UNSET, token: Token | None, blocking: bool
    ) -> Generator[Step, httpx.Response | None, Token]:
        request = session_request(str(self._base_url), operation, like, body)
        request.headers["User-Agent"] = self._user_agent
        if token is not None:
            request.headers["Authorization"] = token.header
            request.extensions[OPTIONAL] = True
        watch = refuse_redirects(request, blocking=blocking)
        since = self.now()
        # One attempt: the generated client makes others by itself, and a log-in is nothing to repeat unasked.
        exchange = Exchange(operation, request, body, Policy(0))
        failed = True
        try:
            response = _given((yield request))
            yield response
            result = exchange.result(response)
            failed = False
        except Broken as broken:
            answer = broken.answer_to(request) or watch.refusal
            if answer is not None:
                exchange.result(answer)  # A hook has made an error of it. It is an answer all the same.
            raise
        finally:
            forget_secrets(request, failed=failed)
        return self.received(operation, result, since=since)

    def received(self, operation: Operation[Any], result: Response[Any], *, since: float) -> Token:
        """Return the token that came.

        Raises:
            InvalidResponse: It is no bearer token.
        """
        try:
            return self.token_of(result.parsed, result.headers, since=since)
        except ValueError as error:
            detail = str(error)
        response = evolve(result, parsed=None)  # What was parsed holds a secret, and an error must be fit for a pickle.
        raise InvalidResponse(response, method=operation.method, url=f"{self._base_url}{operation.path}", detail=detail)

    def refused(self, error: PacerProError | httpx.RequestError) -> None:
        """Log that a log-in failed, and remember it if it was refused."""
        if isinstance(error, Unauthorized):
            self.state.refuse(error, self.now())
        self.log.failed("log-in of %s failed: %s", error)

    def not_logged_out(self, error: PacerProError | httpx.RequestError) -> None:
        """Raise an error of a log-out, unless it says that the session had ended before."""
        if not isinstance(error, Unauthorized):
            self.log.failed("log-out of %s failed: %s", error)
            raise error
        self.log.tell("the session of %s had ended before the log-out")

    def logged_out(self, token: Token | None) -> None:
        """Forget the token that has been revoked, if there was one."""
        self.state.revoked(token)
        self.log.tell("logged out %s%s", "" if token is None else ", in every process")


def _put(token: Token, request: httpx.Request) -> None:
    request.headers["Authorization"] = token.header
    request.extensions[PUT] = hash(token.header)


def _given(response: httpx.Response | None) -> httpx.Response:
    assert response is not None  # noqa: S101  # A driver answers a request with its response.
    return response


def _with(response: httpx.Response, token: Token) -> bool:
    """Tell whether a response, perhaps one after redirects, answers a request that had this token."""
    return bool(response.request.headers.get("Authorization") == token.header)
