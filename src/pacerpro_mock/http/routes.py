"""Which request gets which answer: the session's three operations, a test's own routes, the contract's others."""

import functools
import re
from dataclasses import dataclass, field, replace

from pacerpro_mock import INSTALL
from pacerpro_mock.contract.document import Document
from pacerpro_mock.http import answers, requests
from pacerpro_mock.http.messages import Answer, Head
from pacerpro_mock.http.operations import LOG_IN, LOG_OUT, OPERATIONS, REFRESH, SESSION, Operation, Respond
from pacerpro_mock.service import strict_json
from pacerpro_mock.service.authentication import Service, WrongCredentials
from pacerpro_mock.service.tokens import InvalidToken
from pacerpro_mock.settings import PREFIX, is_whole, require

_SLASHES = re.compile("/+")


@dataclass
class Api:
    """Answers requests. `refuse` looks at the head alone, so that a body may stay unread; `answer` does the rest.

    A slash more than the contract has, at the end of a path or beside another, is taken unless `strict_slashes`.
    """

    service: Service
    max_body: int
    document: Document | None = None
    strict_slashes: bool = False
    gateway: bool = False
    routes: list[Operation] = field(init=False, default_factory=list[Operation])
    overrides: dict[str, Answer] = field(init=False, default_factory=dict[str, Answer])

    def __post_init__(self) -> None:
        require(is_whole(self.max_body, 1), "the largest body is a whole number of bytes, and at least 1")
        respond: dict[str, Respond] = {
            LOG_IN: lambda _head, _params, body, _user: self.log_in(body),
            # The service itself checks these tokens.
            REFRESH: lambda head, _params, _body, _user: self.refresh(requests.bearer_token(head)),
            LOG_OUT: lambda head, _params, _body, _user: self.log_out(requests.bearer_token(head)),
        }
        self._session = {
            method: Operation(name, method, SESSION, respond[name], reads_body=name == LOG_IN)
            for method, name in OPERATIONS.items()
        }

    @functools.cached_property
    def others(self) -> list[Operation]:
        """The contract's operations beyond the session. Raises `ValueError` if the contract is broken."""
        if self.document is None:
            return []
        try:
            # It needs YAML and JSON Schema, which a mock of the session alone does without.
            from pacerpro_mock.contract import operations  # noqa: PLC0415

            read = operations.read(self.document)
        except ModuleNotFoundError as missing:
            raise ImportError(f"no module {missing.name!r}; {INSTALL}") from missing
        found = [each for each in read if each.path != SESSION or each.method not in OPERATIONS]
        # A path without a template goes first (OpenAPI 3.1, section 4.8.8.2).
        return sorted(found, key=lambda each: len(each.names))

    def path_of(self, head: Head) -> str:
        """The path below the prefix, or an empty text."""
        path = requests.path_of(head)
        if not self.strict_slashes and ("//" in path or path.endswith("/")):
            path = _SLASHES.sub("/", path).rstrip("/")
        return path.removeprefix(PREFIX) if path.startswith(f"{PREFIX}/") else ""

    def on(self, path: str) -> dict[str, Operation]:
        """What answers on a path, by method: a test's own route before the contract's operation."""
        every = (*self.routes, *self.others)
        found = {each.method: each for each in reversed(every) if each.match(path) is not None}
        return {**found, **self._session} if path == SESSION else found

    def find(self, head: Head) -> Operation | None:
        """What answers the request, or None if the contract has no such operation."""
        path = self.path_of(head)
        own = self._session.get(head.method) if path == SESSION else None
        return own or self.on(path).get(head.method)

    def operation_of(self, head: Head) -> str | None:
        """The operationId of the request, or None."""
        found = self.find(head)
        return found.id if found else None

    def needs_body(self, head: Head) -> bool:
        """Whether the operation reads a body. Elsewhere one means nothing (RFC 9110, section 9.3.1)."""
        found = self.find(head)
        return found is not None and found.reads_body

    def refuse(self, head: Head) -> Answer | None:
        """The answer to a request that is refused regardless of its body, or None."""
        found = self.find(head)
        if found is None:
            if self.gateway:
                return answers.gateway_error(403, "Missing Authentication Token")
            allowed = self.on(self.path_of(head))
            return answers.method_not_allowed(allowed) if allowed else answers.not_found()
        if not self.needs_body(head):
            return None
        try:
            self._user_of(found, head)
        except InvalidToken as invalid:
            return requests.refuse_token(invalid)
        if requests.declares_more_than(head, self.max_body):
            return answers.content_too_large()
        if found.id == LOG_IN and not requests.is_json(head):
            return answers.unsupported_media_type()
        return found.refuse_type(head)

    def answer(self, head: Head, body: bytes) -> Answer:
        """The answer to a request that `refuse` lets pass."""
        found = self.find(head)
        if found is None:
            return answers.not_found()
        try:
            user = self._user_of(found, head)
            if len(body) > self.max_body and found.reads_body:
                return answers.content_too_large()
            params = found.match(self.path_of(head)) or {}
            if wrong := found.mistake(head, params, body):
                return answers.error(400, wrong)
            override = self.overrides.get(found.id)
            if found.id not in OPERATIONS.values():
                return replace(override or found.respond(head, params, body, user), user=user)
            answer = found.respond(head, params, body, user)
        except InvalidToken as invalid:
            return requests.refuse_token(invalid)
        return replace(override, user=answer.user) if override and answer.status < 300 else answer

    def _user_of(self, found: Operation, head: Head) -> str | None:
        return self.service.user_of(requests.bearer_token(head)) if found.needs_token else None

    def log_in(self, body: bytes) -> Answer:
        """`sessionCreate`: a session for an e-mail address and a password."""
        try:
            return answers.session(self.service.log_in(*requests.credentials(body)))
        except strict_json.NotJson:
            return answers.not_json()
        except requests.NotAnObject:
            return answers.not_an_object()
        except WrongCredentials:
            return answers.wrong_credentials()

    def refresh(self, token: str) -> Answer:
        """`sessionRefresh`: a session that ends later."""
        return answers.session(self.service.refresh(token))

    def log_out(self, token: str) -> Answer:
        """`sessionDelete`: the end of all of the user's tokens."""
        return answers.logged_out(self.service.log_out(token))
