"""How a request comes by its token: the decisions, without the sending and the waiting.

:meth:`SessionCore.steps` is a generator. It yields requests, and is sent their responses, read if they are of the
session's own calls; and it yields flights, which are to be waited for. Threads and tasks each have a driver for it.
"""

from __future__ import annotations

import datetime
import logging
import time
from collections.abc import Generator
from typing import Any

from attrs import define

from ._http import httpx
from .auth import bearer
from .errors import ApiError, InvalidResponse, PacerProError, SessionExpired, Unauthorized
from .exchange import Exchange
from .flight import Flight
from .model import Model
from .operation import Operation
from .origin import origin
from .retries import policy
from .session_request import refuse_redirected, refuse_redirects, session_request
from .session_state import PATIENCE, Lead, SessionState
from .token import Token, life_of
from .types import UNSET, Response

Step = httpx.Request | Flight

logger = logging.getLogger("pacerpro_client")


@define(frozen=True)
class Lifecycle:
    """What the contract says of the life of a session.

    Attributes:
        login: The operation that takes the credentials.
        refresh: The operation that exchanges a valid token for a later one.
        logout: The operation that revokes all of a user's tokens.
        credentials: The model that logs in.
        identity: Its attribute that says who.
        password: Its attribute that proves it.
        token: The attribute of the answer's model that is the token.
        expiry: The attribute of the answer's model that is the end of the token's life.
    """

    login: Operation[Any]
    refresh: Operation[Any]
    logout: Operation[Any]
    credentials: type[Model]
    identity: str
    password: str
    token: str
    expiry: str


class SessionCore:
    """One user's session at one base URL."""

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
        self._user_agent = user_agent
        self._leeway = leeway
        self._monotonic = time.monotonic
        self.credentials = credentials
        held = None if session is None else self.token_of(session, {}, since=self.now())
        self.state = SessionState(held, can_log_in=credentials is not None)

    def now(self) -> float:
        """Return the time on the monotonic clock, in seconds."""
        return self._monotonic()

    @property
    def who(self) -> str:
        """The user, masked so that a log may hold it."""
        if self.credentials is None:
            return "the user of the given session"
        name, at, domain = str(getattr(self.credentials, self._lifecycle.identity)).rpartition("@")
        return f"{name[:1]}***{at}{domain}" if at else "***"

    def token_of(self, session: Model, headers: Any, *, since: float) -> Token:
        """Return the token of a session that came with these response headers.

        Raises:
            ValueError: It is no bearer token.
        """
        value, expiry = getattr(session, self._lifecycle.token), getattr(session, self._lifecycle.expiry)
        bearer(value)
        # The contract may leave the expiry open: then there is no life to speak of.
        life = life_of(expiry, headers) if isinstance(expiry, datetime.datetime) else 0.0
        return Token.lasting(value, session, since=since, life=life, leeway=self._leeway)

    def steps(self, request: httpx.Request, *, blocking: bool) -> Generator[Step, httpx.Response | None, None]:
        """Send a request with a token, and once more with another where the first is no longer accepted."""
        if origin(request.url) != origin(self._base_url):
            yield request
            return
        token = yield from self._token(request, rejected=None, blocking=blocking)
        request.headers["Authorization"] = bearer(token.value)
        response = yield request
        if response is None or response.status_code != 401 or response.url != request.url:
            return
        if not isinstance(request.stream, httpx.ByteStream):
            return  # The body cannot be sent again: what came is the caller's answer.
        token = yield from self._token(request, rejected=token.value, blocking=blocking)
        request.headers["Authorization"] = bearer(token.value)
        yield request

    def _token(
        self, request: httpx.Request, *, rejected: str | None, blocking: bool
    ) -> Generator[Step, httpx.Response | None, Token]:
        failures = 0
        while True:
            decision = self.state.decide(self.now(), rejected=rejected, failures=failures, blocking=blocking)
            if isinstance(decision, Token):
                return decision
            if isinstance(decision, Lead):
                if rejected is not None:
                    logger.info("the token of %s is no longer accepted: logging in again", self.who)
                return (yield from self._lead(request, decision, blocking=blocking))
            yield decision.flight
            if decision.flight.token is not None and decision.flight.token.value != rejected:
                return decision.flight.token
            failures += 1
            if decision.flight.error is not None and failures >= PATIENCE:
                raise decision.flight.error.again()

    def _lead(
        self, request: httpx.Request, lead: Lead, *, blocking: bool
    ) -> Generator[Step, httpx.Response | None, Token]:
        flight = lead.flight
        try:
            token = None
            if lead.living is not None:
                token = yield from self._refresh(request, lead.living, blocking=blocking)
            if token is None:
                token = yield from self._log_in(request, blocking=blocking)
            flight.token = token
        except ApiError as error:
            flight.error = error
            raise
        finally:
            self.state.end(flight)
        return token

    def _refresh(
        self, request: httpx.Request, living: Token, *, blocking: bool
    ) -> Generator[Step, httpx.Response | None, Token | None]:
        """Return a later token, the living one where that fails, or None where only a log-in helps."""
        try:
            token = yield from self._call(self._lifecycle.refresh, request, token=living, blocking=blocking)
        except Unauthorized as error:
            logger.warning("the session of %s cannot be refreshed: %s", self.who, error)
            return None
        except (PacerProError, httpx.TransportError) as error:
            logger.warning("the session of %s could not be refreshed: %s", self.who, error)
            return living if living.lives(self.now()) else None
        self.state.learn(token)
        self.log("refreshed the session of", token.session)
        return token

    def _log_in(self, request: httpx.Request, *, blocking: bool) -> Generator[Step, httpx.Response | None, Token]:
        if self.credentials is None:
            raise SessionExpired("the session cannot be refreshed, and there is no password to log in again with")
        try:
            token = yield from self._call(
                self._lifecycle.login, request, body=self.credentials, token=None, blocking=blocking
            )
        except PacerProError as error:
            self.refused(error)
            raise
        self.state.learn(token)
        self.log("logged in", token.session)
        return token

    def _call(
        self, operation: Operation[Any], like: httpx.Request, *, body: Any = UNSET, token: Token | None, blocking: bool
    ) -> Generator[Step, httpx.Response | None, Token]:
        headers = {"User-Agent": self._user_agent}
        if token is not None:
            headers["Authorization"] = bearer(token.value)
        request = session_request(str(self._base_url), operation, headers, like, body)
        refuse_redirects(request, blocking=blocking)
        since = self.now()
        response = yield request
        assert response is not None  # noqa: S101  # A driver answers a request with its response.
        refuse_redirected(request, response)
        # One attempt: whoever made the client decides on retries.
        result = Exchange(operation, request, body, policy(0)).result(response)
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
        raise InvalidResponse(result, method=operation.method, url=f"{self._base_url}{operation.path}", detail=detail)

    def refused(self, error: PacerProError) -> None:
        """Log that a log-in failed, and remember it if it was refused."""
        if isinstance(error, Unauthorized):
            self.state.refuse(error, self.now())
        logger.warning("log-in of %s failed: %s", self.who, error)

    def log(self, what: str, session: Model) -> None:
        """Log what happened, whose session it was, and until when it lasts."""
        logger.info("%s %s, until %s", what, self.who, getattr(session, self._lifecycle.expiry))
