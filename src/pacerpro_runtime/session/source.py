"""The source of tokens: it logs in, refreshes and repairs, over connections of its own."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from attrs import evolve

from pacerpro_runtime._http import httpx
from pacerpro_runtime.client import ApiClient
from pacerpro_runtime.errors import ApiError, InvalidResponse, PacerProError, Unauthorized
from pacerpro_runtime.operation import Operation, Parse, Received, documented
from pacerpro_runtime.types import UNSET, Response
from pacerpro_runtime.wire.model import Model

from . import clock
from .driver import is_abandoned, run
from .lifecycle import Lifecycle
from .log import SessionLog
from .shared_store import SharedStore
from .state import Lead, SessionState
from .stores.base import Stored, TokenStore
from .token import Token, life_of

T = TypeVar("T")

Lesson = tuple[Operation[Any], Parse]


class TokenSource:
    """One user's session at one base URL, for any number of threads, tasks and event loops.

    Args:
        lifecycle: What the contract says of the life of a session.
        new_client: Returns a client for one call; it takes ``auth``.
        base_url: The URL below which the session's operations are.
        admits: Tells whether the token may go to a URL.
        credentials: The model to log in with, or None if there is no password.
        email: The address that identifies the user in the store, if it is known.
        store: The store that other processes share, if there is one.
        leeway: See :meth:`Token.measure`.
        patience: Seconds to wait for the log-in of another caller, before it counts as lost.
        close: Whether to close a client after its call, for blocking and for asynchronous calls.
    """

    def __init__(
        self,
        lifecycle: Lifecycle,
        new_client: Callable[..., ApiClient],
        *,
        base_url: httpx.URL,
        admits: Callable[[Any], bool],
        credentials: Model | None,
        email: str | None,
        store: TokenStore | None,
        leeway: float | None,
        patience: float,
        close: tuple[bool, bool],
    ) -> None:
        self.admits = admits
        self.log = SessionLog(email)
        self.state = SessionState(None, has_password=credentials is not None)
        self._lifecycle = lifecycle
        self._new_client = new_client
        self._base_url = str(base_url)
        self._credentials = credentials
        self._leeway = leeway
        self._patience = patience
        self._close = close
        self._store = SharedStore(store, f"{base_url.scheme}://{base_url.netloc.decode()}", self.log)
        path = base_url.path.rstrip("/")
        # Calls of the user's own that change the session.
        self._lessons = {(each.method, f"{path}{each.path}"): each for each in (lifecycle.refresh, lifecycle.logout)}

    def get(self, rejected: Token | None = None) -> Token:
        """Return a token that is good to send.

        Args:
            rejected: The token of a request that was answered 401. If the same token is returned, the 401 stands: the
                last repair was a moment ago and did not help.
        """
        return self.state.usable(rejected) or run(self.obtain(rejected, blocking=True))

    async def aget(self, rejected: Token | None = None) -> Token:
        """Return a token that is good to send; the asynchronous form of :meth:`get`."""
        return self.state.usable(rejected) or await self.obtain(rejected, blocking=False)

    def named(self, value: str | None) -> Token | None:
        """Return the current token if it has this value. Any other need not be replaced any more."""
        token = self.state.token
        return token if token is not None and token.value == value else None

    def answered(self, token: Token, status_code: int, headers: Mapping[str, str], *, repaired: bool) -> None:
        """Learn from the answer to a request with a token, which was perhaps got to repair a 401."""
        if status_code == 401:
            return
        if repaired:
            self.state.helped(token)
        if not token.measured and "Date" in headers:
            self._measure(token, headers, since=clock.now())

    async def obtain(self, rejected: Token | None = None, *, login: bool = False, blocking: bool) -> Token:
        """Return a token, or wait for one, or get one."""
        while True:
            decision = self.state.decide(rejected=rejected, login=login, blocking=blocking)
            if isinstance(decision, Token):
                return decision
            if isinstance(decision, Lead):
                return await self._lead(decision, blocking=blocking)
            token = decision.wait(self._patience) if blocking else await decision.wait_async(self._patience)
            if token is not None:
                return token
            self.state.end(decision, None)  # Its leader is gone, or takes too long.

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
        await self._logged_out(blocking=blocking)
        self.log.tell("logged out %s%s", "" if token is None else ", in every process")

    def lesson(self, method: str, path: str, status_code: int) -> Lesson | None:
        """Return what to learn from a call of the user's own, if it has refreshed the session or logged out."""
        operation = self._lessons.get((method, path))
        parse = None if operation is None else documented(operation.success, status_code)
        return None if operation is None or parse is None else (operation, parse)

    def learn(self, lesson: Lesson, token: Token, content: bytes, headers: Mapping[str, str]) -> None:
        """Adopt the token of the user's own refresh, or stop after the user's own log-out."""
        run(self._learn(lesson, token, content, headers, blocking=True))

    async def alearn(self, lesson: Lesson, token: Token, content: bytes, headers: Mapping[str, str]) -> None:
        """Adopt a token, or stop; the asynchronous form of :meth:`learn`."""
        await self._learn(lesson, token, content, headers, blocking=False)

    def token_of(self, session: Any) -> Token:
        """Return the token of a session, by this machine's clock.

        Raises:
            ValueError: It is not a bearer token.
        """
        token = Token(getattr(session, self._lifecycle.token), session)
        since = clock.now()
        self._measure(token, {}, since=since)
        return token

    def look_up(self) -> None:
        """Begin with the token that the store holds, if it holds one.

        Raises:
            SeveralUsersError: It holds several, and no email says which to use.
        """
        self.state.token = run(self._reload(None, blocking=True))

    def recall(self, stored: Stored) -> Token:
        """Return the token of a session that a store held, and remember whose it is.

        Raises:
            ValueError: It is not a session.
        """
        token = self.token_of(self._lifecycle.session.from_dict(stored.session))
        if stored.life is not None:
            token.measure(stored.life, since=clock.now(), leeway=self._leeway)
            token.measured = True
        self.log.email = stored.email
        return token

    def _measure(self, token: Token, headers: Mapping[str, str], *, since: float) -> None:
        expiry = getattr(token.session, self._lifecycle.expiry)
        # The contract may leave the expiry open: then there is no life to speak of.
        if isinstance(expiry, datetime.datetime):
            token.measure(life_of(expiry, headers), since=since, leeway=self._leeway)
        token.measured = "Date" in headers

    async def _learn(
        self, lesson: Lesson, token: Token, content: bytes, headers: Mapping[str, str], *, blocking: bool
    ) -> None:
        operation, parse = lesson
        if operation is self._lifecycle.logout:
            self.state.stop()
            await self._logged_out(blocking=blocking)
            self.log.tell("logged out %s, in every process")
            return
        try:
            fresh = self.token_of(parse(Received(content, headers)))
        except ValueError:
            return  # The caller hears of it.
        self._measure(fresh, headers, since=clock.now())
        if self.state.adopt(fresh, instead_of=token):
            self.log.tell("refreshed the session of %s")
            await self._save(fresh, blocking=blocking)

    async def _lead(self, lead: Lead, *, blocking: bool) -> Token:
        try:
            token = await self._renew(lead, blocking=blocking)
        except Exception as error:
            self.state.end(lead.flight, None if is_abandoned(error) else error)
            raise
        except BaseException:
            self.log.alert("the log-in or refresh of %s was broken off: the next caller takes over")
            self.state.end(lead.flight, None)
            raise
        self.state.end(lead.flight, token)
        return token

    async def _renew(self, lead: Lead, *, blocking: bool) -> Token:
        due = None if lead.rejected or lead.flight.login else lead.token
        release = await self._store.acquire(blocking=blocking, wait=due is None)
        if release is None:
            assert due is not None  # noqa: S101  # The lock is waited for otherwise.
            self.state.postpone()  # Another process is refreshing it.
            return due
        try:
            stored = None if lead.flight.login else await self._reload(self.state.token, blocking=blocking)
            if stored is None:
                return await self._renewed(lead, lead.token, rejected=lead.rejected, blocking=blocking)
            self.state.learn(stored, lead)
            if clock.now() < stored.refresh_at:
                return stored
            return await self._renewed(lead, stored, rejected=False, blocking=blocking)
        finally:
            await self._store.free(release, blocking=blocking)

    async def _renewed(self, lead: Lead, token: Token | None, *, rejected: bool, blocking: bool) -> Token:
        # A rejected token may live all the same. A source that cannot log in again has to find out.
        if token is not None and not lead.flight.login and not (rejected and self._credentials):
            fresh = await self._refreshed(lead, token, rejected=rejected, blocking=blocking)
            if fresh is not None:
                return fresh
        return await self._logged_in(lead, rejected=rejected, blocking=blocking)

    async def _refreshed(self, lead: Lead, token: Token, *, rejected: bool, blocking: bool) -> Token | None:
        """Return a later token, the same token if that fails, or None if only a log-in helps."""
        try:
            fresh = await self._call(self._lifecycle.refresh, token=token, blocking=blocking)
        except Unauthorized as error:
            self.log.failed("the session of %s cannot be refreshed: %s", error)
            self.state.drop(token)
            if self._credentials is None:
                await self._store.clear(blocking=blocking)
            return None
        except Exception as error:  # Whatever it is, a token that lives can be used.
            self.log.failed("the session of %s could not be refreshed: %s", error)
            self.state.postpone()
            if isinstance(error, ApiError):
                self.state.refused(error)
            if rejected:
                raise
            return token if token.lives(clock.now()) else None
        return await self._keep(lead, fresh, "refreshed the session of %s, until %s", blocking=blocking)

    async def _logged_in(self, lead: Lead, *, rejected: bool, blocking: bool) -> Token:
        self.state.check_login(asked_for=lead.flight.login)
        if rejected:
            self.log.tell("the token of %s is no longer accepted: logging in again")
        try:
            token = await self._call(self._lifecycle.login, self._credentials, blocking=blocking)
        except (PacerProError, httpx.RequestError) as error:
            if isinstance(error, ApiError):
                self.state.refused(error)
            self.log.failed("log-in of %s failed: %s", error)
            raise
        return await self._keep(lead, token, "logged in %s, until %s", blocking=blocking)

    async def _keep(self, lead: Lead, token: Token, what: str, *, blocking: bool) -> Token:
        self.state.learn(token, lead)
        self.log.tell(what, getattr(token.session, self._lifecycle.expiry))
        await self._save(token, blocking=blocking)
        return token

    async def _save(self, token: Token, *, blocking: bool) -> None:
        await self._store.save(token.session.to_dict(), token.expires_at - clock.now(), blocking=blocking)

    async def _call(
        self, operation: Operation[Any], body: Any = UNSET, token: Token | None = None, *, blocking: bool
    ) -> Token:
        since = clock.now()
        response = await self._send(operation, body, token, blocking=blocking)
        try:
            fresh = self.token_of(response.parsed)
        except ValueError as error:
            detail = str(error)
        else:
            self._measure(fresh, response.headers, since=since)
            return fresh
        # Raised out here, and without what was parsed: it holds a secret, and an error must be fit for a pickle.
        raise InvalidResponse(
            evolve(response, parsed=None),
            method=operation.method,
            url=f"{self._base_url}{operation.path}",
            detail=detail,
        )

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

    async def _logged_out(self, *, blocking: bool) -> None:
        self.state.revoked()
        release = await self._store.acquire(blocking=blocking, wait=True)  # A log-in under way may be about to save.
        try:
            await self._store.clear(blocking=blocking)
        finally:
            await self._store.free(release, blocking=blocking)

    async def _reload(self, known: Token | None, *, blocking: bool) -> Token | None:
        """Return the token that the store holds, if it lives and is not older than a token that is known."""
        token = await self._store.load(self.recall, blocking=blocking)
        if token is None or not token.lives(clock.now()):
            return None
        if known is not None:
            old, new = (getattr(each.session, self._lifecycle.expiry) for each in (known, token))
            if known.value == token.value or (isinstance(old, type(new)) and new < old):
                return None
        return token
