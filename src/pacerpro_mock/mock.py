"""The mock as one object: the service, and what a test controls it by."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from pacerpro_mock.contract.document import Document, shipped
from pacerpro_mock.http.api import Api, Exchange
from pacerpro_mock.http.gateway import Cors, LoginLimit
from pacerpro_mock.http.messages import Answer, Head
from pacerpro_mock.http.operations import ABSENT, OPERATIONS, Operation, RouteRequest, answer_of
from pacerpro_mock.service.authentication import Service, UserSession
from pacerpro_mock.service.clock import Clock
from pacerpro_mock.service.tokens import InvalidToken, Signer
from pacerpro_mock.settings import (
    DEMO_USERS,
    PREFIX,
    Settings,
    checked,
    checked_headers,
    checked_users,
    require,
    to_bytes,
)
from pacerpro_mock.swagger_ui.pages import Pages
from pacerpro_mock.testing.control import Actions, Control
from pacerpro_mock.testing.faults import Drop, Fault, Malformed
from pacerpro_mock.testing.request_log import RequestRecord

if TYPE_CHECKING:
    from pacerpro_mock.http.transport import MockTransport

# The group of entry points by which an installed client says what `Mock.auth` and `Mock.client` make.
CLIENTS = "pacerpro_mock.clients"


class Mock:
    """The PacerPro service without a socket. `MockServer` is the same behind one.

        mock = Mock(users={"ada@example.com": "secret"})
        with httpx.Client(transport=mock.transport(), base_url=mock.url) as client:
            client.post("/session", json={"email": mock.email, "password": mock.password})

    `users` are passwords by e-mail address (`DEMO_USERS` by default); `email` and `password` are those of the first.
    The settings are the options that `pacerpro-mock --help` lists, with underscores. `clock` is the mock's time.
    Raises `ValueError` for an invalid setting, and for a contract that cannot be read.
    """

    # A name that exists nowhere (RFC 6761, section 6.2): a request that does not take the transport ends there.
    url = f"https://pacerpro.test{PREFIX}"

    def __init__(self, users: Mapping[str, str] | None = None, **settings: Unpack[Settings]) -> None:
        chosen = checked(settings)
        known = checked_users(DEMO_USERS if users is None else users)
        self.email: str = next(iter(known))
        self.password: str = known[self.email]
        self.body_timeout: float = chosen.body_timeout
        self.clock = Clock()
        # Not among what the parts of the mock keep and show.
        secret, token = (vars(chosen).pop(name) for name in ("secret", "control_token"))
        key = secrets.token_bytes(32) if secret is None else to_bytes(secret, "the secret")
        self.service = Service(known, Signer(key), self.clock, chosen)
        document = shipped() if chosen.contract is None else Document(Path(chosen.contract))
        self.api = Api(
            self.service,
            self.clock,
            chosen,
            document,
            LoginLimit(chosen.login_limit, self.clock),
            Pages(document, self.email, self.password),
            Cors(chosen.cors),
            None if token is None else Control(token, self.clock, self._actions()),
        )
        if chosen.contract is not None:
            _ = self.api.others  # So that a broken file is reported at once.

    def __repr__(self) -> str:
        return f"{type(self).__name__}(url={self.url!r}, email={self.email!r})"

    @property
    def requests(self) -> list[RequestRecord]:
        """The last 10,000 requests as (method, path, status, user), oldest first.

        Each also has `headers` and `body`, with secrets masked. A request that is not valid HTTP is not among them.
        """
        return list(self.api.log.requests)

    @property
    def counts(self) -> Counter[str]:
        """The number of requests of each operation, by operationId."""
        return Counter(self.api.log.counts)

    def session_of(self, email: str) -> UserSession | None:
        """The user's session, or None if there is no valid token. Raises `KeyError` for an unknown user."""
        return self.service.session_of(email)

    def user_of(self, token: str) -> str | None:
        """The e-mail address of the user whose token this is; None if it is not a valid token."""
        try:
            return self.service.user_of(token)
        except InvalidToken:
            return None

    def revoke(self, email: str) -> None:
        """End all tokens of a user, as a log-out elsewhere does. Raises `KeyError` for an unknown user."""
        self.service.revoke(email)

    def respond(
        self,
        operation: str,
        *,
        json: Any = ABSENT,
        content: bytes | str | None = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Answer an operation with this in place of the contract's example, until `reset`.

        The request still needs its token, and is validated. `json` is the body's value; `content` is the body itself.
        Raises `ValueError` for an operationId that the contract does not have, and for an invalid answer.
        """
        self._check_operation(operation)
        self.api.overrides[operation] = answer_of(json, content, status, headers)

    def route(
        self,
        method: str,
        path: str,
        answer: Any | Callable[[RouteRequest], Any],
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        needs_token: bool = True,
    ) -> None:
        """Add a route that the contract does not have, until `reset`. `path` is below the base URL.

            mock.route("GET", "/matters", [])
            mock.route("GET", "/matters/{number}", lambda request: {"number": request.params["number"]})

        `answer` is the JSON value of the body, or a function that gets a `RouteRequest` and returns it. A request
        needs a valid token of this mock, unless `needs_token` is False. Raises `ValueError` for an invalid route.
        """
        valid = path.startswith("/") and method.isupper()
        require(valid, "a route has a method in capitals, and a path that begins with a slash")
        fixed = None if callable(answer) else answer_of(answer, None, status, headers)

        def respond(request: RouteRequest) -> Answer:
            return fixed or answer_of(answer(request), None, status, headers)

        self.api.routes.insert(0, Operation(f"{method} {path}", method, path, respond, needs_token=needs_token))

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
        """Make the next requests fail. Faults apply in the order in which they were added.

        - `operation`: the operationId that fails (default: any of the contract's).
        - `times`: the number of requests that fail; None for all, until `stop_failing`.
        - `status`: the gateway answers with this status, and the service does not see the request.
        - `retry_after`: seconds, or an HTTP date, for the header of that name. A 429 always has one.
        - `latency`: the number of seconds by which the answer is late.
        - `drop`: the connection ends "before" the answer, and the service does not see the request; or in the "body".
        - `malform`: the body is "truncated" (half of its JSON, well framed), "html" (a proxy's page) or "empty".
        - `content`: the body is this instead.
        - `headers`: these are added or replaced, but not those that frame the body.

        Raises `ValueError` for an invalid value, and for a combination in which a part would not show.
        """
        if operation is not None:
            self._check_operation(operation)
        body = None if content is None else to_bytes(content, "content")
        fault = Fault(operation, times, status, retry_after, latency, drop, malform, body, checked_headers(headers))
        self.api.faults.waiting.append(fault)

    def _check_operation(self, operation: str) -> None:
        if operation not in OPERATIONS.values():
            known = [*OPERATIONS.values(), *(each.id for each in (*self.api.others, *self.api.routes))]
            require(operation in known, f"operation is one of {', '.join(known)}")

    def stop_failing(self) -> None:
        """Remove the faults that have not applied yet."""
        self.api.faults.waiting.clear()

    def reset(self) -> None:
        """Start over: no fault, request, override, route or valid token, and the clock at the machine's time."""
        self.stop_failing()
        self.api.log.clear()
        self.api.login_limit.passed.clear()
        self.api.overrides.clear()
        self.api.routes.clear()
        self.clock.reset()
        self.service.reset()

    def auth(self, **settings: Any) -> Any:
        """A `pacerpro_client.SessionAuth` for the first user of this mock.

        `settings` override those that the mock passes. Raises `ImportError` if no client is installed.
        """
        return _client("auth")(**{"email": self.email, "password": self.password, **self._network(), **settings})

    def client(self, **settings: Any) -> Any:
        """A `pacerpro_client.Client` with `auth()`, which logs in by itself. Use it in a `with` block."""
        network = self._network()
        return _client("client")(**{"auth": self.auth(), **network, **settings})

    def _network(self) -> dict[str, Any]:
        """The settings with which a client reaches this mock."""
        return {"base_url": self.url, "transport": self.transport(), "async_transport": self.transport()}

    def _actions(self) -> Actions:
        return {
            "faults": {"POST": self.fail_next, "DELETE": self.stop_failing},
            "answers": {"POST": self.respond},
            "revoke": {"POST": self.revoke},
            "reset": {"POST": self.reset},
            "requests": {"GET": lambda: [{**each._asdict(), **vars(each)} for each in self.requests]},
            "counts": {"GET": lambda: self.counts},
        }

    def begin(self, head: Head) -> Exchange:
        """Answer a request; see `Api.exchange`."""
        return self.api.exchange(head)

    def transport(self) -> MockTransport:
        """A transport for httpx clients, sync and async, that brings every request here. It needs httpx."""
        # The server has no use for httpx.
        from pacerpro_mock.http.transport import MockTransport  # noqa: PLC0415

        return MockTransport(self.begin, self.api.settings.max_body)


def _client(name: str) -> Any:
    """A part of the installed client, which the mock knows by its entry point alone."""
    from importlib.metadata import entry_points  # noqa: PLC0415 - few mocks are asked for one

    for found in entry_points(group=CLIENTS, name=name):
        return found.load()
    raise ImportError("no client is installed that the mock could hand out")
