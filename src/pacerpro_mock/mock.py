"""The mock as one object: the service, and the handles by which a test moves it."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pacerpro_mock.http.exchange import Exchange, Site
from pacerpro_mock.http.faults import Drop, Fault, Faults, Malformed, is_header_name
from pacerpro_mock.http.messages import Head
from pacerpro_mock.http.request_log import Journal, RequestRecord
from pacerpro_mock.http.routes import OPERATIONS, PREFIX, Api
from pacerpro_mock.service.authentication import Lockout, Service, UserSession
from pacerpro_mock.service.clock import Clock
from pacerpro_mock.service.login_limit import LoginLimit
from pacerpro_mock.service.tokens import Signer
from pacerpro_mock.settings import DEMO_USERS, is_a, is_seconds

if TYPE_CHECKING:
    from pacerpro_mock.http.transport import MockTransport


class Mock:
    """The PacerPro authentication service without a socket. `MockServer` is the same behind one.

        mock = Mock(users={"ada@example.com": "secret"})
        with httpx.Client(transport=mock.transport(), base_url=mock.url) as client:
            client.post("/session", json={"email": mock.email, "password": mock.password})

    `users` are passwords by e-mail address (`DEMO_USERS` without it); for the settings see `Settings`. `clock` is the
    time that it goes by. Raises `ValueError` for a value that cannot be.
    """

    # A name that exists nowhere (RFC 6761, section 6.2): whatever goes past the transport ends there.
    url = f"https://pacerpro.test{PREFIX}"

    def __init__(
        self,
        users: Mapping[str, str] | None = None,
        *,
        secret: str | bytes | None = None,
        token_life: int = 3600,
        max_body: int = 64 * 1024,
        body_timeout: float = 10.0,
        login_limit: int | None = None,
        lockout_after: int | None = None,
        lockout_seconds: int = 900,
        request_id_header: str | None = None,
    ) -> None:
        self._users = checked_users(DEMO_USERS if users is None else users)
        self.clock = Clock()
        self.service = Service(
            self._users,
            Signer(secrets.token_bytes(32) if secret is None else to_bytes(secret, "the secret")),
            self.clock,
            token_life,
            Lockout(lockout_after, lockout_seconds),
        )
        if not is_seconds(body_timeout) or body_timeout == 0:
            raise ValueError("body_timeout is a number of seconds, and more than 0")
        if request_id_header is not None and not is_header_name(request_id_header):
            raise ValueError("the request id's header has a name that no header may have")
        self.api = Api(self.service, max_body)
        self.body_timeout = body_timeout
        self._site = Site(
            self.api,
            self.clock,
            Faults(),
            Journal(),
            LoginLimit(login_limit, self.clock),
            request_id_header,
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}(url={self.url!r}, users={list(self._users)!r})"

    @property
    def email(self) -> str:
        """The e-mail address of the first user."""
        return next(iter(self._users))

    @property
    def password(self) -> str:
        """The password of the first user."""
        return next(iter(self._users.values()))

    @property
    def requests(self) -> list[RequestRecord]:
        """The requests so far as (method, path, status, user), oldest first; the last 10,000 of them.

        What is no HTTP, or names no host, never becomes a request: the server answers it 400, and it is not here.
        """
        return self._site.journal.requests

    @property
    def counts(self) -> Counter[str]:
        """How many requests there were of each operation, by operationId."""
        return self._site.journal.counts

    def session_of(self, email: str) -> UserSession | None:
        """The user's session, or None where no valid token is about. Raises `KeyError` for an unknown user."""
        return self.service.session_of(email)

    def revoke(self, email: str) -> None:
        """End all tokens of a user, as if somebody had logged out elsewhere. Raises `KeyError` for an unknown user."""
        self.service.revoke(email)

    def fail_next(
        self,
        *,
        operation: str | None = None,
        times: int | None = 1,
        status: int | None = None,
        retry_after: int | str | None = None,
        latency: float = 0.0,
        drop: Drop | None = None,
        malform: Malformed | None = None,
        content: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Let something go wrong with the next requests; faults wait in the order in which they were asked for.

        - `operation`: the operationId that is meant (any of the contract's without it).
        - `times`: how many requests meet the fault; None for all, until `stop_failing`.
        - `status`: the gateway answers with this status, and the service does not see the request.
        - `retry_after`: seconds, or an HTTP date, for the header of that name. A 429 always has one.
        - `latency`: the answer comes so many seconds late.
        - `drop`: the connection ends "before" the answer, and the service does not see the request, or in the middle
          of the "body", and the service does.
        - `malform`: the body is "truncated" (as a whole response whose JSON ends half-way), "html" (a proxy's page) or
          "empty".
        - `content`: the body is this instead.
        - `headers`: these are added, or come in place of others; any but those that say how long the body is.

        Without `status` the answer is the service's own. Raises `ValueError` for a value that cannot be, and for a
        combination of which a part would not show, as a `status` behind a connection that is dropped before it.
        """
        if operation is not None and operation not in OPERATIONS.values():
            raise ValueError(f"operation is one of {', '.join(OPERATIONS.values())}")
        if headers is not None and not is_a(headers, Mapping):
            raise ValueError("headers are values by name")
        body = None if content is None else to_bytes(content, "content")
        self._site.faults.add(
            Fault(operation, times, status, retry_after, latency, drop, malform, body, dict(headers or {}))
        )

    def stop_failing(self) -> None:
        """Forget the faults that have not been met yet."""
        self._site.faults.clear()

    def reset(self) -> None:
        """Be as new: no fault, no request seen, no valid token, and the clock at the machine's own time."""
        self._site.faults.clear()
        self._site.journal.clear()
        self._site.login_limit.clear()
        self.clock.reset()
        self.service.reset()

    def begin(self, head: Head) -> Exchange:
        """Take a request in."""
        return Exchange(self._site, head)

    def transport(self) -> MockTransport:
        """A transport for httpx clients, sync and async, that brings every request here. It needs httpx."""
        # The server has no use for httpx.
        from pacerpro_mock.http.transport import MockTransport  # noqa: PLC0415

        return MockTransport(self.begin, self.api.max_body)


def checked_users(users: Mapping[str, str]) -> dict[str, str]:
    """A copy of the users. Raises `ValueError` where there is none, or one who could not log in."""
    if not is_a(users, Mapping):
        raise ValueError('users are passwords by e-mail address, as in {"ada@example.com": "secret"}')
    if not users:
        raise ValueError("the mock needs a user")
    for number, (email, password) in enumerate(users.items(), start=1):
        if not is_a(email, str) or "@" not in email or not is_a(password, str) or not password:
            # Neither is shown: whoever has exchanged the two would read the password.
            raise ValueError(f"not a user with an e-mail address and a password, both of them text: number {number}")
    return dict(users)


def to_bytes(value: str | bytes, what: str) -> bytes:
    """The bytes, in UTF-8; of the environment they may be any. Raises `ValueError` for anything else."""
    if not is_a(value, str, bytes):
        raise ValueError(f"{what} is text or bytes")
    try:
        return value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
    except UnicodeEncodeError:  # It would keep the text.
        raise ValueError(f"{what} has half a character in it, which UTF-8 cannot hold") from None
