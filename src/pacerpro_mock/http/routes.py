"""The contract's three operations: which request gets which answer."""

from __future__ import annotations

from dataclasses import dataclass

from pacerpro_mock.http import answers, requests
from pacerpro_mock.http.messages import Answer, Head
from pacerpro_mock.service import strict_json
from pacerpro_mock.service.authentication import Service, WrongCredentials
from pacerpro_mock.service.tokens import InvalidToken
from pacerpro_mock.settings import is_whole

PREFIX = "/v1"
SESSION_PATH = f"{PREFIX}/session"
LOG_IN, REFRESH, LOG_OUT = "sessionCreate", "sessionRefresh", "sessionDelete"
OPERATIONS = {"POST": LOG_IN, "GET": REFRESH, "DELETE": LOG_OUT}


@dataclass
class Api:
    """Answers requests. `refuse` looks at the head alone, so that a body may stay unread; `answer` does the rest."""

    service: Service
    max_body: int

    def __post_init__(self) -> None:
        if not is_whole(self.max_body, 1):
            raise ValueError("the largest body is a whole number of bytes, and at least 1")

    def operation_of(self, head: Head) -> str | None:
        """The operationId of the request, or None where the contract has no such operation."""
        return OPERATIONS.get(head.method) if requests.path_of(head) == SESSION_PATH else None

    def refuse(self, head: Head) -> Answer | None:
        """The answer to a request that is refused whatever its body says, or None."""
        if requests.path_of(head) != SESSION_PATH:
            return answers.not_found()
        if head.method not in OPERATIONS:
            return answers.method_not_allowed(OPERATIONS)
        return self.refuse_body(head) if self.needs_body(head) else None

    def needs_body(self, head: Head) -> bool:
        """Whether the operation reads a body. Elsewhere one means nothing (RFC 9110, section 9.3.1)."""
        return self.operation_of(head) == LOG_IN

    def refuse_body(self, head: Head) -> Answer | None:
        """The answer to a body that is refused for its size or its type, or None."""
        if requests.declares_more_than(head, self.max_body):
            return answers.content_too_large()
        if not requests.is_json(head):
            return answers.unsupported_media_type()
        return None

    def answer(self, head: Head, body: bytes) -> Answer:
        """The answer to a request that `refuse` lets pass."""
        operation = self.operation_of(head)
        if operation == LOG_IN:
            return self.log_in(body)
        if not head.values(b"authorization"):
            return answers.missing_token()
        try:
            token = requests.bearer_token(head)
            return self.refresh(token) if operation == REFRESH else self.log_out(token)
        except InvalidToken:
            return answers.invalid_token()

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
