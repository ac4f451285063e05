"""Which request gets which answer: the session's three operations, and all others."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from pacerpro_mock.http import answers, requests
from pacerpro_mock.http.messages import Answer, Head
from pacerpro_mock.http.other_operations import LOG_IN, OPERATIONS, REFRESH, SESSION, Operation, OtherOperations
from pacerpro_mock.service import strict_json
from pacerpro_mock.service.authentication import Service, WrongCredentials
from pacerpro_mock.service.tokens import InvalidToken
from pacerpro_mock.settings import PREFIX, is_whole, require

_SLASHES = re.compile("/+")
_BELOW = f"{PREFIX}/"


class SessionOperation(Operation):
    """One of the session's operations, which the service knows by itself. Refresh and log-out read the token."""

    def __init__(self, api: Api, method: str, name: str) -> None:
        super().__init__(name, method, SESSION)
        self.api, self.reads_body = api, name == LOG_IN

    def refuse_type(self, head: Head) -> Answer | None:
        """415 for a body that is not JSON."""
        return None if requests.is_json(head) else answers.unsupported_media_type()

    def answer(self, head: Head, _params: dict[str, str], body: bytes, _user: str | None) -> Answer:
        """The service's own answer."""
        if self.id == LOG_IN:
            return self.api.log_in(body)
        token = requests.bearer_token(head)
        return self.api.refresh(token) if self.id == REFRESH else self.api.log_out(token)


@dataclass
class Api:
    """Answers requests. `refuse` looks at the head alone, so that a body may stay unread; `answer` does the rest.

    A slash more than the contract has, at the end of a path or beside another, is taken unless `strict_slashes`.
    """

    service: Service
    max_body: int
    others: OtherOperations = field(init=False, default_factory=OtherOperations)
    strict_slashes: bool = field(init=False, default=False)
    gateway: bool = field(init=False, default=False)

    def __post_init__(self) -> None:
        require(is_whole(self.max_body, 1), "the largest body is a whole number of bytes, and at least 1")
        self._session = {method: SessionOperation(self, method, name) for method, name in OPERATIONS.items()}

    def path_of(self, head: Head) -> str:
        """The path below the prefix, or an empty text."""
        path = requests.path_of(head)
        if not self.strict_slashes and ("//" in path or path.endswith("/")):
            path = _SLASHES.sub("/", path).rstrip("/")
        return path[len(PREFIX) :] if path.startswith(_BELOW) else ""

    def find(self, head: Head) -> Operation | None:
        """What answers the request, or None if the contract has no such operation."""
        path = self.path_of(head)
        own = self._session.get(head.method) if path == SESSION else None
        return own or self.others.on(path).get(head.method)

    def operation_of(self, head: Head) -> str | None:
        """The operationId of the request, or None."""
        found = self.find(head)
        return found.id if found else None

    def refuse(self, head: Head) -> Answer | None:
        """The answer to a request that is refused regardless of its body, or None."""
        found = self.find(head)
        if found is None:
            return self.refuse_unknown(self.path_of(head))
        if not self.needs_body(head):
            return None
        try:
            self.user_of(found, head)
        except InvalidToken as invalid:
            return self.refuse_token(invalid)
        return self.refuse_body(head)

    def refuse_unknown(self, path: str) -> Answer:
        """The answer to a path or method that the contract lacks."""
        if self.gateway:
            return answers.gateway_error(403, "Missing Authentication Token")
        allowed = {*self.others.on(path), *(self._session if path == SESSION else ())}
        return answers.method_not_allowed(allowed) if allowed else answers.not_found()

    def needs_body(self, head: Head) -> bool:
        """Whether the operation reads a body. Elsewhere one means nothing (RFC 9110, section 9.3.1)."""
        found = self.find(head)
        return found is not None and found.reads_body

    def refuse_body(self, head: Head) -> Answer | None:
        """The answer to a body that is refused for its size or its type, or None."""
        if requests.declares_more_than(head, self.max_body):
            return answers.content_too_large()
        found = self.find(head)
        return found.refuse_type(head) if found else None

    def answer(self, head: Head, body: bytes) -> Answer:
        """The answer to a request that `refuse` lets pass."""
        found = self.find(head)
        if found is None:
            return answers.not_found()
        try:
            user = self.user_of(found, head)
            if len(body) > self.max_body and found.reads_body:
                return answers.content_too_large()
            params = (found.match(self.path_of(head)) if found.names else None) or {}
            if wrong := found.mistake(head, params, body):
                return answers.error(400, wrong)
            override = self.others.overrides.get(found.id)
            if found.id not in OPERATIONS.values():
                return replace(override or found.answer(head, params, body, user), user=user)
            answer = found.answer(head, params, body, user)
        except InvalidToken as invalid:
            return self.refuse_token(invalid)
        return replace(override, user=answer.user) if override and answer.status < 300 else answer

    def user_of(self, found: Operation, head: Head) -> str | None:
        """The user whose token was sent; None if the operation needs none. Raises `InvalidToken`."""
        return self.service.user_of(requests.bearer_token(head)) if found.needs_token else None

    @staticmethod
    def refuse_token(invalid: InvalidToken) -> Answer:
        """401. It says nothing more if there was no token (RFC 6750, section 3.1)."""
        return answers.missing_token() if isinstance(invalid, requests.NoToken) else answers.invalid_token()

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
