"""Which request gets which answer: the session's three operations, and all others."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pacerpro_mock.http import answers, requests
from pacerpro_mock.http.messages import Answer, Head
from pacerpro_mock.http.other_operations import LOG_IN, LOG_OUT, OPERATIONS, REFRESH, SESSION, OtherOperations
from pacerpro_mock.service import strict_json
from pacerpro_mock.service.authentication import Service, WrongCredentials
from pacerpro_mock.service.tokens import InvalidToken
from pacerpro_mock.settings import PREFIX, is_whole, require

SESSION_PATH = f"{PREFIX}{SESSION}"

_SLASHES = re.compile("/+")


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

    def path_of(self, head: Head) -> str:
        """The path that the contract may have."""
        path = requests.path_of(head)
        if self.strict_slashes or not ("//" in path or path.endswith("/")):
            return path
        return _SLASHES.sub("/", path).rstrip("/")

    def operation_of(self, head: Head) -> str | None:
        """The operationId of the request, or None if the contract has no such operation."""
        path = self.path_of(head)
        if path == SESSION_PATH and head.method in OPERATIONS:
            return OPERATIONS[head.method]
        other = self.others.find(head.method, path)
        return other.id if other else None

    def refuse(self, head: Head) -> Answer | None:
        """The answer to a request that is refused regardless of its body, or None."""
        operation = self.operation_of(head)
        if operation is None:
            return self.refuse_unknown(self.path_of(head))
        if not self.needs_body(head):
            return None
        try:
            if operation not in OPERATIONS.values():
                self.user_of(head)
        except InvalidToken as invalid:
            return self.refuse_token(invalid)
        return self.refuse_body(head)

    def refuse_unknown(self, path: str) -> Answer:
        """The answer to a path or method that the contract lacks."""
        if self.gateway:
            return answers.unknown_to_gateway()
        allowed = self.others.methods_of(path).union(OPERATIONS if path == SESSION_PATH else ())
        return answers.method_not_allowed(allowed) if allowed else answers.not_found()

    def needs_body(self, head: Head) -> bool:
        """Whether the operation reads a body. Elsewhere one means nothing (RFC 9110, section 9.3.1)."""
        operation = self.operation_of(head)
        if operation in OPERATIONS.values():
            return operation == LOG_IN
        other = self.others.find(head.method, self.path_of(head))
        return other is not None and other.reads_body

    def refuse_body(self, head: Head) -> Answer | None:
        """The answer to a body that is refused for its size or its type, or None."""
        if requests.declares_more_than(head, self.max_body):
            return answers.content_too_large()
        if self.operation_of(head) == LOG_IN:
            return None if requests.is_json(head) else answers.unsupported_media_type()
        other = self.others.find(head.method, self.path_of(head))
        return other.refuse_type(head) if other else None

    def answer(self, head: Head, body: bytes) -> Answer:
        """The answer to a request that `refuse` lets pass."""
        operation = self.operation_of(head)
        if operation == LOG_IN:
            return self.log_in(body)
        try:
            if operation == REFRESH:
                return self.refresh(requests.bearer_token(head))
            if operation == LOG_OUT:
                return self.log_out(requests.bearer_token(head))
            return self.answer_other(head, body, self.user_of(head))
        except InvalidToken as invalid:
            return self.refuse_token(invalid)

    def answer_other(self, head: Head, body: bytes, user: str | None) -> Answer:
        """The answer of an operation that the session does not have."""
        if len(body) > self.max_body:
            return answers.content_too_large()
        return self.others.answer(head, self.path_of(head), body, user)

    def user_of(self, head: Head) -> str | None:
        """The user whose token was sent; None if the operation needs none. Raises `InvalidToken`."""
        other = self.others.find(head.method, self.path_of(head))
        needed = other is not None and other.needs_token
        return self.service.user_of(requests.bearer_token(head)) if needed else None

    @staticmethod
    def refuse_token(invalid: InvalidToken) -> Answer:
        """401. It says nothing more if there was no token (RFC 6750, section 3.1)."""
        return answers.missing_token() if isinstance(invalid, requests.NoToken) else answers.invalid_token()

    def log_in(self, body: bytes) -> Answer:
        """`sessionCreate`: a session for an e-mail address and a password."""
        if len(body) > self.max_body:
            return answers.content_too_large()
        try:
            email, password = requests.credentials(body)
            return answers.session(self.service.log_in(email, password))
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
