"""The source of tokens: it logs in, refreshes and repairs, over connections of its own."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from attrs import evolve

from pacerpro_runtime._http import httpx
from pacerpro_runtime.client import ApiClient
from pacerpro_runtime.errors import InvalidResponse, PacerProError, Unauthorized
from pacerpro_runtime.operation import Operation, Parse, Received, documented
from pacerpro_runtime.types import UNSET, Response
from pacerpro_runtime.wire.model import Model

from . import clock
from .driver import is_abandoned, run
from .flight import Flight
from .lifecycle import Lifecycle
from .log import SessionLog
from .shared_store import SharedStore
from .state import SessionState
from .stores.base import LOCK_SECONDS, Stored, TokenStore
from .token import Token, life_of

T = TypeVar("T")

Lesson = tuple[Operation[Any], Parse]

# Seconds after which a log-in counts as lost if the timeouts do not limit it.
_LONGEST_PATIENCE = 300.0


class TokenSource:
    """One user's session at one base URL, for any number of threads, tasks and event loops.

    ``timeout`` limits the wait for another caller; ``close`` says whether to close blocking and asynchronous clients.
    """

    def __init__(
        self,
        lifecycle: Lifecycle,
        new_client: Callable[..., ApiClient],
        *,
        base_url: httpx.URL,
        timeout: httpx.Timeout,
        admits: Callable[[Any], bool],
        credentials: Model,
        email: str,
        store: TokenStore | None,
        leeway: float | None,
        close: tuple[bool, bool],
    ) -> None:
        self.admits = admits
        self.log = SessionLog(email)
        self.state = SessionState(has_password=True)
        self._lifecycle = lifecycle
        self._new_client = new_client
        self._base_url = str(base_url)
        self._credentials = credentials
        self._leeway = leeway
        self._close = close
        seconds = LOCK_SECONDS + sum(each or _LONGEST_PATIENCE for each in timeout.as_dict().values())
        self._patience = min(seconds, _LONGEST_PATIENCE)
        self._store = SharedStore(store, f"{base_url.scheme}://{base_url.netloc.decode()}", self.log)
        path = base_url.path.rstrip("/")
        # Calls of the user's own that change the session.
        self._lessons = {(each.method, f"{path}{each.path}"): each for each in (lifecycle.refresh, lifecycle.logout)}

    def be_guest(self, email: str | None, session: Any = None) -> None:
        """Go on without a password, with a given session or that of the store."""
        self.log.email = email
        self.state.has_password = False
        given = None if session is None else self._token_of(session)
        kept = run(self._reload(given, blocking=True))
        self.state.token = kept or given
        if given is not None and kept is None:
            run(self._save(given, blocking=True))

    def get(self, rejected: Token | None = None) -> Token:
        """Return a token to send; the rejected one if the last repair did not help."""
        return self.state.usable(rejected) or run(self.obtain(rejected, blocking=True))

    async def aget(self, rejected: Token | None = None) -> Token:
        """Return a token to send; the asynchronous form of :meth:`get`."""
        return self.state.usable(rejected) or await self.obtain(rejected, blocking=False)

    def named(self, value: str | None) -> Token | None:
        """Return the current token if it has this value. Any other has been replaced."""
        token = self.state.token
        return token if token is not None and token.value == value else None

    def answered(self, token: Token, status_code: int, headers: Mapping[str, str], *, repaired: bool) -> None:
        """Learn from the answer to a request with a token, which may be the repair of a 401."""
        if status_code == 401:
            return
        if repaired:
            self.state.helped(token)
        if not token.measured and "Date" in headers and "Age" not in headers:  # A cached answer has an old Date.
            self._measure(token, headers, since=clock.now())

    async def obtain(self, rejected: Token | None = None, *, login: bool = False, blocking: bool) -> Token:
        """Return a token, wait for one, or get one."""
        while True:
            decision = self.state.decide(rejected=rejected, login=login, blocking=blocking)
            if isinstance(decision, Token):
                return decision
            flight, leads = decision
            if leads:
                return await self._lead(flight)
            token = flight.wait(self._patience) if blocking else await flight.wait_async(self._patience)
            if token is not None:
                return token
            self.state.end(flight, None)  # Its leader is gone, or takes too long.

    async def log_out(self, *, blocking: bool) -> None:
        """Revoke all of the user's tokens, and log in no more until the user asks for it."""
        token = self.state.stop()
        token = await self._reload(token, blocking=blocking) or token
        if token is not None:
            try:
                await self._send(self._lifecycle.logout, token=token, blocking=blocking)
            except Unauthorized:
                self.log.tell("the session of %s had ended before the log-out")
            except (PacerProError, httpx.RequestError) as error:
                self.log.failed("log-out of %s failed: %s", error)
                raise
        await self._logged_out("" if token is None else ", in every process", blocking=blocking)

    def lesson(self, method: str, path: str, status_code: int) -> Lesson | None:
        """Return what to learn from the user's own call, if it has refreshed the session or logged out."""
        operation = self._lessons.get((method, path))
        parse = None if operation is None else documented(operation.success, status_code)
        return None if operation is None or parse is None else (operation, parse)

    async def learn(
        self, lesson: Lesson, token: Token, content: bytes, headers: Mapping[str, str], *, blocking: bool
    ) -> None:
        """Adopt the token of the user's own refresh, or stop after the user's own log-out."""
        operation, parse = lesson
        if operation is self._lifecycle.logout:
            self.state.stop()
            await self._logged_out(", in every process", blocking=blocking)
            return
        try:
            fresh = self._token_of(parse(Received(content, headers)), headers)
        except ValueError:
            return  # The caller gets the error.
        if self.state.adopt(fresh, instead_of=token):
            self.log.tell("refreshed the session of %s")
            await self._save(fresh, blocking=blocking)

    def _token_of(self, session: Any, headers: Mapping[str, str] | None = None, since: float | None = None) -> Token:
        """Return the token of a session, or raise ValueError if it is not a bearer token."""
        token = Token(getattr(session, self._lifecycle.token), session)
        self._measure(token, headers or {}, since=clock.now() if since is None else since)
        return token

    def _recall(self, stored: Stored) -> Token:
        """Return the token of a session that a store held, and remember its user; raise ValueError for rubbish."""
        token = self._token_of(self._lifecycle.session.from_dict(stored.session))
        if stored.life is not None:
            token.measure(stored.life, since=clock.now(), leeway=self._leeway)
            token.measured = True
        self.log.email = stored.email
        return token

    def _measure(self, token: Token, headers: Mapping[str, str], *, since: float) -> None:
        expiry = getattr(token.session, self._lifecycle.expiry)
        if isinstance(expiry, datetime.datetime):  # The contract may leave it open.
            token.measure(life_of(expiry, headers), since=since, leeway=self._leeway)
        token.measured = "Date" in headers

    async def _lead(self, flight: Flight) -> Token:
        try:
            token = await self._renew(flight)
        except Exception as error:
            self.state.end(flight, None if is_abandoned(error) else error)
            raise
        except BaseException:
            self.log.alert("the log-in or refresh of %s was cancelled: the next caller takes over")
            self.state.end(flight, None)
            raise
        self.state.end(flight, token)
        return token

    async def _renew(self, flight: Flight) -> Token:
        token, rejected = flight.token, flight.rejected
        due = None if rejected or flight.login else token
        release = await self._store.acquire(blocking=flight.blocking, wait=due is None)
        if release is None:
            assert due is not None  # noqa: S101  # The lock is waited for otherwise.
            self.state.postpone()  # Another process is refreshing it.
            return due
        try:
            if not flight.login and (stored := await self._reload(self.state.token, blocking=flight.blocking)):
                flight.rejected = False  # It is no repair: this token may have ended as well.
                self.state.learn(stored, flight)
                if clock.now() < stored.refresh_at:
                    return stored
                token, rejected = stored, False
            # A rejected token may still live. A source that cannot log in again has to find out.
            if token is not None and not flight.login and not (rejected and self.state.has_password):
                fresh = await self._refreshed(flight, token, rejected=rejected)
                if fresh is not None:
                    return fresh
            return await self._logged_in(flight, rejected=rejected)
        finally:
            await self._store.free(release, blocking=flight.blocking)

    async def _refreshed(self, flight: Flight, token: Token, *, rejected: bool) -> Token | None:
        """Return a later token, the same token if that fails, or None if only a log-in helps."""
        try:
            fresh = await self._call(flight, self._lifecycle.refresh, token=token)
        except Unauthorized as error:
            self.log.failed("the session of %s cannot be refreshed: %s", error)
            self.state.drop(token)
            if not self.state.has_password:
                await self._store.clear(blocking=flight.blocking)
            return None
        except Exception as error:  # A token that lives can be used in any case.
            self.log.failed("the session of %s could not be refreshed: %s", error)
            self.state.postpone()
            self.state.refused(error)
            if rejected:
                raise
            return token if token.lives(clock.now()) else None
        return await self._keep(flight, fresh, "refreshed the session of %s, until %s")

    async def _logged_in(self, flight: Flight, *, rejected: bool) -> Token:
        self.state.check_login(asked_for=flight.login)
        if rejected:
            self.log.tell("the token of %s is no longer accepted: logging in again")
        try:
            token = await self._call(flight, self._lifecycle.login, self._credentials)
        except (PacerProError, httpx.RequestError) as error:
            self.state.refused(error)
            self.log.failed("log-in of %s failed: %s", error)
            raise
        return await self._keep(flight, token, "logged in %s, until %s")

    async def _keep(self, flight: Flight, token: Token, what: str) -> Token:
        self.state.learn(token, flight)
        self.log.tell(what, getattr(token.session, self._lifecycle.expiry))
        await self._save(token, blocking=flight.blocking)
        return token

    async def _save(self, token: Token, *, blocking: bool) -> None:
        await self._store.save(token.session.to_dict(), token.expires_at - clock.now(), blocking=blocking)

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
        bare, url = evolve(response, parsed=None), f"{self._base_url}{operation.path}"
        raise InvalidResponse(bare, method=operation.method, url=url, detail=detail)

    async def _send(
        self, operation: Operation[T], body: Any = UNSET, token: Token | None = None, *, blocking: bool
    ) -> Response[T]:
        client = self._new_client(auth=None if token is None else token.value)
        try:
            return client.send(operation, body) if blocking else await client.asend(operation, body)
        finally:
            if blocking and self._close[0]:
                client.close()
            elif not blocking and self._close[1] and not is_abandoned():
                await client.aclose()

    async def _logged_out(self, where: str, *, blocking: bool) -> None:
        self.state.unrevoked = None
        release = await self._store.acquire(blocking=blocking, wait=True)  # A log-in under way may be about to save.
        try:
            await self._store.clear(blocking=blocking)
        finally:
            await self._store.free(release, blocking=blocking)
        self.log.tell("logged out %s%s", where)

    async def _reload(self, known: Token | None, *, blocking: bool) -> Token | None:
        """Return the token that the store holds, if it lives and is not older than a token that is known."""
        token = await self._store.load(self._recall, blocking=blocking)
        if token is None or not token.lives(clock.now()):
            return None
        if known is not None:
            old, new = (getattr(each.session, self._lifecycle.expiry) for each in (known, token))
            if known.value == token.value or (isinstance(old, type(new)) and new < old):
                return None
        return token
