"""The source of tokens: it logs in, refreshes and repairs, over connections of its own."""

import copy
import datetime
import math
import threading
import time
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, TypeVar

from attrs import define, evolve, field

from pacerpro_runtime._http import httpx
from pacerpro_runtime.client import ApiClient
from pacerpro_runtime.errors import InvalidResponse, PacerProError, SessionExpired, Unauthorized
from pacerpro_runtime.operation import Operation, Received, documented
from pacerpro_runtime.retries import date_of
from pacerpro_runtime.types import UNSET, Response
from pacerpro_runtime.wire.model import Model

from . import clock
from .lifecycle import Lifecycle, Token
from .log import SessionLog
from .state import Flight, SessionState
from .stores.base import LOCK_SECONDS, SeveralUsersError, TokenStore
from .threads import call, caller_loop, run_in, settled

T = TypeVar("T")

# Seconds between two looks at a lock that another process holds.
_POLL = 0.05


@define(eq=False, repr=False, slots=False)
class TokenSource:
    """One user's session at one base URL, for any number of threads, tasks and event loops."""

    lifecycle: Lifecycle
    client: ApiClient
    credentials: Model
    store: TokenStore | None
    leeway: float | None
    close: bool  # Whether to close the client's connections after each call.
    is_async: bool  # Its asynchronous transport is the user's own, and is used in the event loop that asks.
    admits: Callable[[Any], bool]
    log: SessionLog
    state: SessionState = field(init=False, factory=SessionState)

    def __attrs_post_init__(self) -> None:
        url = httpx.URL(self.client.base_url)
        self._origin = f"{url.scheme}://{url.netloc.decode()}"
        self._failure = ""  # Of the last question to the store, if it failed.
        # Calls of the user's own that change the session.
        operations = (self.lifecycle.refresh, self.lifecycle.logout)
        self._lessons = {(each.method, f"{url.path.rstrip('/')}{each.path}"): each for each in operations}

    def be_guest(self, email: str | None, session: Any = None) -> None:
        """Go on without a password, with a given session or that of the store, whichever expires later."""
        self.log.email = email
        self.state.has_password = False
        token, given = self._stored(), None if session is None else self._token_of(session)
        if given is not None and (token is None or (token.expiry and given.expiry and token.expiry < given.expiry)):
            token = given
            self._save(token)
        self.state.token = token

    async def obtain(self, rejected: Token | None = None, *, login: bool = False, blocking: bool) -> Token:
        """Return a token to send: the one at hand, or a new one; the rejected one if the last repair did not help."""
        while True:
            decision = self.state.decide(rejected, login=login, blocking=blocking)
            if isinstance(decision, Token):
                return decision
            flight, leads = decision
            if leads:
                try:
                    return await call(self._lead, flight, blocking=blocking)
                except (KeyboardInterrupt, RuntimeError):  # No thread can be started, for example.
                    self.state.end(flight, None)
                    raise
            try:
                return await settled(flight, blocking=blocking)
            except CancelledError:
                continue  # Its leader is gone.
            except Exception as error:
                with suppress(Exception):  # An error of the user's own transport may have arguments that copy misses.
                    error = copy.copy(error)  # Each caller's has a traceback of its own.
                raise error from None

    async def log_out(self, *, blocking: bool) -> None:
        """Revoke all of the user's tokens, and log in no more until the user asks for it."""
        await call(self._log_out, blocking=blocking)

    def repaired(self, token: Token, status_code: int) -> None:
        """Learn whether a new token has helped against a 401: then the next one may be replaced at once too."""
        if status_code != 401 and self.state.token is token:
            self.state.next_repair = 0.0

    def teaches(self, request: Any) -> bool:
        """Tell whether a call is one of the session's own, from whose answer to learn."""
        return (request.method, request.url.path) in self._lessons

    async def learn(self, token: Token, request: Any, response: Any, *, blocking: bool) -> None:
        """Adopt the token of a refresh that the user called with a token, and stop at the user's own log-out."""
        operation = self._lessons[request.method, request.url.path]
        parse = documented(operation.success, response.status_code)
        if parse is None:
            return
        if operation is self.lifecycle.logout:
            await call(self._logged_out, self.state.stop(), blocking=blocking)
            return
        body = response.read() if blocking else await response.aread()
        try:
            fresh = self._token_of(parse(Received(body, response.headers)), response.headers)
        except ValueError:
            return  # The caller gets the error.
        if self.state.token is token and not self.state.stopped:
            self.state.keep(fresh)
            self.log.tell("refreshed the session of %s")
            await call(self._save, fresh, blocking=blocking)

    def _lead(self, flight: Flight) -> Token:
        outcome: Token | Exception | None = None  # Of a leader that is interrupted.
        if not self.is_async:
            flight.thread = threading.get_ident()  # It may be one of its own, which a blocked event loop does not stop.
        try:
            fresh = outcome = self._renew(flight)
        except Exception as error:
            if not (self.is_async and isinstance(error, CancelledError | RuntimeError)):  # Its event loop has ended.
                outcome = error
            raise
        finally:
            self.state.end(flight, outcome)
        return fresh

    def _renew(self, flight: Flight) -> Token:
        with self._locked():
            stored = None if flight.login else self._stored()
            if stored is not None and not flight.rejected:
                self.state.learn(stored, flight)
                if clock.now() < stored.refresh_at:
                    return stored
            # A rejected token is replaced by a log-in. But another in the store may live, and so may that of a source
            # that cannot log in: a refresh tells.
            replaced = flight.login or (flight.rejected and self.state.has_password)
            candidates = [each for each in (stored, None if replaced else flight.token) if each is not None]
            fresh, what = self._refreshed(flight, candidates), "refreshed the session of %s, until %s"
            if fresh is None:
                if not self.state.has_password:
                    over = f"no session at {self._origin} lives, and there is no password to log in with"
                    raise SessionExpired(self._failure or over)
                fresh, what = self._call(flight, self.lifecycle.login, self.credentials), "logged in %s, until %s"
            if fresh in candidates:
                return fresh
            try:
                self.state.learn(fresh, flight)
            except SessionExpired:
                if self.state.stopped:  # And no later log-in is to last.
                    with suppress(PacerProError, httpx.RequestError):
                        self._revoke(fresh)
                raise
            self.log.tell(what, fresh.expiry)
            self._save(fresh)
            return fresh

    def _refreshed(self, flight: Flight, candidates: list[Token]) -> Token | None:
        """Return a later token than the first of these that lives, that itself if this fails, or None to log in."""
        for token in candidates:
            try:
                return self._call(flight, self.lifecycle.refresh, token=token)
            except Unauthorized:
                if self.state.token in (token, flight.token):
                    self.state.token = None
            except (PacerProError, httpx.RequestError):
                if flight.rejected:
                    raise
                return token if clock.now() < token.expires_at else None
        return None

    def _call(self, flight: Flight, operation: Operation[Any], body: Any = UNSET, token: Token | None = None) -> Token:
        """Log in or refresh, unless an earlier error still counts."""
        self.state.check(refusals=token is None and not flight.login)
        since = clock.now()
        try:
            response = self._send(operation, body, token)
            try:
                return self._token_of(response.parsed, response.headers, since)
            except ValueError as error:
                bare, url = evolve(response, parsed=None), f"{self.client.base_url}{operation.path}"  # Without secrets.
                raise InvalidResponse(bare, method=operation.method, url=url, detail=str(error)) from None
        except (PacerProError, httpx.RequestError) as error:
            self.log.failed("log-in of %s failed: %s" if token is None else "refresh for %s failed: %s", error)
            if token is None or not isinstance(error, Unauthorized):
                self.state.failed(error, flight)
            raise

    def _log_out(self) -> None:
        held = self.state.stop()
        is_revoked = any(self._revoke(each) for each in (self._stored(), held) if each is not None)
        self._logged_out(held, is_revoked=is_revoked)

    def _revoke(self, token: Token) -> bool:
        """Revoke all of the user's tokens with one of them; tell whether that lives."""
        try:
            self._send(self.lifecycle.logout, token=token)
        except Unauthorized:
            return False
        except (PacerProError, httpx.RequestError) as error:
            self.log.failed("log-out of %s failed: %s", error)
            raise
        return True

    def _logged_out(self, held: Token | None, *, is_revoked: bool = True) -> None:
        if self.state.token is held:
            self.state.token = None
        with self._locked():  # A log-in under way may be about to save.
            email = self.log.email
            if email is not None:
                self._ask(lambda store: store.clear(self._origin, email))
        self.log.tell("logged out %s" if is_revoked else "nothing was revoked for %s: there was no token that lives")

    def _send(self, operation: Operation[Any], body: Any = UNSET, token: Token | None = None) -> Response[Any]:
        client = self.client.with_headers({} if token is None else {"Authorization": token.header})
        loop = caller_loop.get() if self.is_async else None
        if loop is not None:
            return run_in(loop, partial(client.asend, operation, body=body))
        try:
            return client.send(operation, body=body)
        finally:
            if self.close:
                client.close()

    def _token_of(self, session: Any, headers: Mapping[str, str] | None = None, since: float | None = None) -> Token:
        """Return the token of a session, or raise ValueError if it is not a bearer token."""
        life = self.lifecycle
        token = Token(getattr(session, life.token), session, getattr(session, life.expiry))
        if token.expiry is not None:
            # Its life counts from the answer's Date (RFC 9110, section 6.6.1): this machine's clock may be wrong.
            date = date_of((headers or {}).get("Date"))
            seconds = (token.expiry - (date or datetime.datetime.now(datetime.UTC))).total_seconds()
            if date is not None:
                seconds = max(seconds - 1, seconds / 2)  # It counts whole seconds.
            token.live(seconds, since=clock.now() if since is None else since, leeway=self.leeway)
        return token

    @contextmanager
    def _locked(self) -> Generator[None]:
        """Hold the store's lock. After a failure, or if it cannot be taken for a longer time, go on without it."""
        until = clock.now() + LOCK_SECONDS
        while (release := self._ask(lambda store: store.lock(self._origin, self.log.email or ""))) is None:
            if self.store is None or self._failure or clock.now() > until:
                break
            time.sleep(_POLL)
        try:
            yield
        finally:
            if release is not None:
                with suppress(Exception):  # It frees itself after a while.
                    release()

    def _stored(self) -> Token | None:
        """Return a living token that the store holds, if it is another than the current one; remember its user."""

        def load(store: TokenStore) -> Token | None:
            stored = store.load(self._origin, self.log.email)
            if stored is None:
                return None
            token = self._token_of(self.lifecycle.session.from_dict(stored.session))
            if stored.life is not None:
                token.live(stored.life, since=clock.now(), leeway=self.leeway)
            self.log.email = stored.email
            return token

        token, known = self._ask(load), self.state.token
        is_new = token is not None and (known is None or known.value != token.value)
        return token if token is not None and is_new and clock.now() < token.expires_at else None

    def _save(self, token: Token) -> None:
        email, life = self.log.email, token.expires_at - clock.now()
        if email is not None:  # It is known whose it is.
            seconds, session = life if math.isfinite(life) else None, token.session.to_dict()
            self._ask(lambda store: store.save(self._origin, email, session, seconds))

    def _ask(self, question: Callable[[TokenStore], T]) -> T | None:
        """Return the store's answer. Without a store it is None; one that fails is logged and passed by."""
        if self.store is None:
            return None
        try:
            answer = question(self.store)
        except SeveralUsersError:
            raise
        except Exception as error:  # noqa: BLE001  # A store fails in its own way.
            self._failure = f"the session cannot be read from its store: {self.log.reason(error)}"
            self.log.failed("the session of %s goes on in memory, without its store: %s", error)
            return None
        self._failure = ""
        return answer
