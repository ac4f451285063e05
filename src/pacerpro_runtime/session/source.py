"""The source of tokens: it logs in, refreshes and repairs, over connections of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, cast

from attrs import define, evolve, field

from pacerpro_runtime._http import httpx
from pacerpro_runtime.client import ApiClient
from pacerpro_runtime.errors import InvalidResponse, PacerProError, SessionExpired, Unauthorized
from pacerpro_runtime.operation import Operation, Received, documented
from pacerpro_runtime.types import UNSET, Response
from pacerpro_runtime.wire.model import Model

from . import clock
from .driver import is_abandoned, run
from .log import SessionLog
from .shared_store import SharedStore
from .state import Flight, SessionState
from .stores.base import LOCK_SECONDS, Stored, TokenStore
from .token import Token

# Seconds after which a log-in counts as lost if the timeouts do not limit it.
_LONGEST_PATIENCE = 300.0


@define(frozen=True)
class Lifecycle:
    """The operations of a session, its two models, and the names of their attributes, as the contract states them."""

    login: Operation[Any]
    refresh: Operation[Any]  # Exchanges a valid token for a later one.
    logout: Operation[Any]  # Revokes all tokens of the user.
    credentials: type[Model]
    identity: str
    password: str
    session: type[Model]
    token: str
    expiry: str


@define(eq=False, repr=False, slots=False)
class TokenSource:
    """One user's session at one base URL, for any number of threads, tasks and event loops.

    ``client`` says how to reach the service; ``close`` whether to close its blocking and asynchronous connections.
    """

    lifecycle: Lifecycle
    client: ApiClient
    credentials: Model
    store: TokenStore | None
    leeway: float | None
    close: tuple[bool, bool]
    admits: Callable[[Any], bool]
    log: SessionLog
    state: SessionState = field(init=False, factory=SessionState)

    def __attrs_post_init__(self) -> None:
        url, timeouts = httpx.URL(self.client.base_url), self.client.timeout.as_dict().values()
        self._store = SharedStore(self.store, f"{url.scheme}://{url.netloc.decode()}", self.log)
        seconds = LOCK_SECONDS + sum(each or _LONGEST_PATIENCE for each in timeouts)
        self._patience = min(seconds, _LONGEST_PATIENCE)
        # Calls of the user's own that change the session.
        operations = (self.lifecycle.refresh, self.lifecycle.logout)
        self._lessons = {(each.method, f"{url.path.rstrip('/')}{each.path}"): each for each in operations}

    def be_guest(self, email: str | None, session: Any = None) -> None:
        """Go on without a password, with a given session or that of the store."""
        self.log.email = email
        self.state.has_password = False
        given = None if session is None else self._token_of(session)
        self.state.token = run(self._reload(given, blocking=True)) or given
        if given is not None and self.state.token is given:
            run(self._store.save(given, blocking=True))

    async def obtain(self, rejected: Token | None = None, *, login: bool = False, blocking: bool) -> Token:
        """Return a token to send: the one at hand, or a new one; the rejected one if the last repair did not help."""
        while True:
            decision = self.state.decide(rejected=rejected, login=login, blocking=blocking)
            if isinstance(decision, Token):
                return decision
            flight, leads = decision
            if not leads:
                token = await flight.wait(self._patience, blocking=blocking)
                if token is not None:
                    return token
                self.state.end(flight, None)  # Its leader is gone, or takes too long.
                continue
            outcome: Token | Exception | None = None  # Of a leader that is cancelled, interrupted or lost.
            try:
                fresh = outcome = await self._renew(flight)
            except Exception as error:
                outcome = None if is_abandoned(error) else error
                raise
            finally:
                self.state.end(flight, outcome)
            return fresh

    async def log_out(self, *, blocking: bool) -> None:
        """Revoke all of the user's tokens, and log in no more until the user asks for it."""
        held = self.state.stop()
        stored = await self._reload(held, rejected=True, blocking=blocking)
        is_revoked = await self._revoked(stored, held, blocking=blocking)
        what = "logged out %s" if is_revoked else "nothing was revoked for %s: there was no token that lives"
        await self._logged_out(held, what, blocking=blocking)

    async def answered(
        self,
        token: Token,
        request: tuple[str, str],
        status_code: int,
        headers: Mapping[str, str],
        read: Callable[[], bytes | Awaitable[bytes]],
        *,
        repaired: bool,
        blocking: bool,
    ) -> None:
        """Learn from the answer to a call with a token, perhaps the repair of a 401.

        The token of the user's own refresh is adopted, and the user's own log-out stops the source. ``request`` is a
        method and a path; ``read`` returns the answer's body.
        """
        state = self.state
        if status_code == 401:
            return
        if repaired and state.token is token:
            state.next_repair = 0.0  # It helped.
        if not token.measured and "Date" in headers and "Age" not in headers:  # A cached answer has an old Date.
            token.measure(headers, since=clock.now(), leeway=self.leeway)
        operation = self._lessons.get(request)
        parse = None if operation is None else documented(operation.success, status_code)
        if parse is None:
            return
        if operation is self.lifecycle.logout:
            await self._logged_out(state.stop(), "logged out %s", blocking=blocking)
            return
        body = cast("bytes", read() if blocking else await cast("Awaitable[bytes]", read()))
        try:
            fresh = self._token_of(parse(Received(body, headers)), headers)
        except ValueError:
            return  # The caller gets the error.
        if state.token is token and not state.stopped:
            state.keep(fresh)
            self.log.tell("refreshed the session of %s")
            await self._store.save(fresh, blocking=blocking)

    async def _renew(self, flight: Flight) -> Token:
        blocking, token = flight.blocking, flight.token
        due = None if flight.rejected or flight.login else token
        async with self._store.locked(wait=due is None, blocking=blocking) as is_busy:
            if is_busy and due is not None:
                self.state.postpone(flight)  # Another process is refreshing it.
                return due
            known, rejected = self.state.token, flight.rejected
            stored = None if flight.login else await self._reload(known, rejected=rejected, blocking=blocking)
            if stored is not None and not flight.rejected:
                self.state.learn(stored, flight)
                if clock.now() < stored.refresh_at:
                    return stored
            # A rejected token is replaced by a log-in. But another in the store may live, and so may that of a source
            # that cannot log in: a refresh tells.
            replaced = flight.login or (flight.rejected and self.state.has_password)
            candidate = stored or (None if replaced else token)
            fresh = None if candidate is None else await self._refreshed(flight, candidate)
            what = "refreshed the session of %s, until %s"
            if fresh is None:
                what = "logged in %s, until %s"
                if candidate is None and self.store is not None and not (flight.login or self.state.has_password):
                    raise self._store.nothing()
                fresh = await self._logged_in(flight)
            if fresh is not candidate:
                try:
                    self.state.learn(fresh, flight)
                except SessionExpired:
                    if self.state.stopped:  # And no later log-in is to last.
                        with suppress(PacerProError, httpx.RequestError):
                            await self._revoked(fresh, blocking=blocking)
                    raise
                self.log.tell(what, fresh.expiry)
                await self._store.save(fresh, blocking=blocking)
            return fresh

    async def _logged_in(self, flight: Flight) -> Token:
        self.state.check(login=True, asked_for=flight.login)
        if flight.rejected:
            self.log.tell("the token of %s is no longer accepted: logging in again")
        try:
            return await self._call(flight, self.lifecycle.login, self.credentials)
        except (PacerProError, httpx.RequestError) as error:
            self.log.failed("log-in of %s failed: %s", error)
            self.state.failed(error, flight)
            raise

    async def _refreshed(self, flight: Flight, token: Token) -> Token | None:
        """Return a later token, the same token if that fails, or None if only a log-in helps."""
        self.state.check(login=False)
        try:
            return await self._call(flight, self.lifecycle.refresh, token=token)
        except Unauthorized as error:
            self.log.failed("the session of %s cannot be refreshed: %s", error)
            if self.state.token in (token, flight.token):
                self.state.token = None
            stored = await self._store.load(self._recall, blocking=flight.blocking)
            if stored is not None and stored.value != token.value:
                return await self._refreshed(flight, stored)
            if stored is not None and not self.state.has_password:
                await self._store.clear(blocking=flight.blocking)
            return None
        except Exception as error:
            self.log.failed("the session of %s could not be refreshed: %s", error)
            self.state.failed(error, flight)
            if flight.rejected:
                raise
            return token if clock.now() < token.expires_at else None

    async def _revoked(self, *tokens: Token | None, blocking: bool) -> bool:
        """Revoke all of the user's tokens with the first of these that lives; tell whether one does."""
        for token in filter(None, tokens):
            try:
                await self._send(self.lifecycle.logout, token=token, blocking=blocking)
            except Unauthorized:
                continue
            except (PacerProError, httpx.RequestError) as error:
                self.log.failed("log-out of %s failed: %s", error)
                raise
            return True
        return False

    async def _logged_out(self, held: Token | None, what: str, *, blocking: bool) -> None:
        if self.state.token is held:
            self.state.token = None
        async with self._store.locked(blocking=blocking):  # A log-in under way may be about to save.
            await self._store.clear(blocking=blocking)
        self.log.tell(what)

    async def _call(
        self, flight: Flight, operation: Operation[Any], body: Any = UNSET, token: Token | None = None
    ) -> Token:
        since = clock.now()
        response = await self._send(operation, body, token, blocking=flight.blocking)
        try:
            return self._token_of(response.parsed, response.headers, since)
        except ValueError as error:
            detail = str(error)
        # Raised out here, and without what was parsed: an error must hold no secret, and be fit for a pickle.
        bare, url = evolve(response, parsed=None), f"{self.client.base_url}{operation.path}"
        raise InvalidResponse(bare, method=operation.method, url=url, detail=detail)

    async def _send(
        self, operation: Operation[Any], body: Any = UNSET, token: Token | None = None, *, blocking: bool
    ) -> Response[Any]:
        client = self.client.with_headers({} if token is None else {"Authorization": token.header})
        try:
            return client.send(operation, body=body) if blocking else await client.asend(operation, body=body)
        finally:
            if blocking and self.close[0]:
                client.close()
            elif not blocking and self.close[1] and not is_abandoned():
                await client.aclose()

    def _token_of(self, session: Any, headers: Mapping[str, str] | None = None, since: float | None = None) -> Token:
        """Return the token of a session, or raise ValueError if it is not a bearer token."""
        life = self.lifecycle
        token = Token(getattr(session, life.token), session, getattr(session, life.expiry))
        token.measure(headers or {}, since=clock.now() if since is None else since, leeway=self.leeway)
        return token

    def _recall(self, stored: Stored) -> Token:
        """Return the token of a session that a store held, and remember its user; raise ValueError for rubbish."""
        token = self._token_of(self.lifecycle.session.from_dict(stored.session))
        if stored.life is not None:
            token.live(stored.life, since=clock.now(), leeway=self.leeway)
            token.measured = True
        self.log.email = stored.email
        return token

    async def _reload(self, known: Token | None, *, rejected: bool = False, blocking: bool) -> Token | None:
        """Return another living token that the store holds; an older one only if the known one is rejected."""
        token = await self._store.load(self._recall, blocking=blocking)
        if token is None or token.expires_at <= clock.now() or (known is not None and known.value == token.value):
            return None
        is_older = known is not None and known.expiry and token.expiry and token.expiry < known.expiry
        return None if is_older and not rejected else token
