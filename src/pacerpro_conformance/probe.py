"""What a check has in its hands: users, a way to send, and a place to put what it finds."""

import json
import random
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from . import answers, jws
from .contract import Contract, Operation
from .findings import Finding, StopCheckError
from .http.wire import Answer, Body, Headers, NoAnswerError, Wire
from .masking import Mask

JSON = ("Content-Type", "application/json")
MOST_SILENCES = 3  # in a row, or as many times the timeout in all, before the server is given up


class ServerGoneError(Exception):
    """The server leaves too much without an answer, and the rest of the run would take too long."""


@dataclass(frozen=True)
class User:
    """Credentials that the server knows."""

    email: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Token:
    """A token that the server has handed out, with what it said of its life."""

    value: str = field(repr=False)
    expires_at: str
    user: User
    answer: Answer = field(repr=False)

    @property
    def parts(self) -> jws.Parts:
        """Header, claims and signature. Raises NotATokenError."""
        return jws.read(self.value)


class Probe:
    """Asks the server, and holds every answer against the contract on the way."""

    def __init__(
        self, contract: Contract, wire: Wire, users: tuple[User, User], secret: bytes | None, seed: int
    ) -> None:
        self.contract = contract
        self.wire = wire
        self.users = users
        self.ada, self.bob = users
        self.secret = secret
        self.random = random.Random(seed)  # noqa: S311 - to vary what is asked, not to keep a secret
        key = secret.decode("utf-8", "surrogateescape") if secret else None
        self.mask = Mask([user.password for user in users], key, contract.password)
        self.check = ""
        self.findings: list[Finding] = []
        self.seen: Counter[tuple[str, int]] = Counter()
        self._silences = 0
        self._silent = 0.0  # seconds, all told, of waiting for answers that did not come

    def record(self, expected: str, answer: Answer | None = None, *, came: str = "", check: str = "") -> None:
        """Put down a finding, once."""
        finding = Finding(
            check=check or self.check,
            expected=self.mask.text(expected),
            came=self.mask.text(came) or (answer.shown(self.mask) if answer else ""),
            note=self.mask.text(answer.call.note) if answer else "",
            curl=answer.call.as_curl(self.mask) if answer else "",
        )
        if finding not in self.findings:
            self.findings.append(finding)

    def expect(self, holds: object, expected: str, answer: Answer | None = None, *, came: str = "") -> bool:
        """Put down a finding unless something holds; return whether it does."""
        if not holds:
            self.record(expected, answer, came=came)
        return bool(holds)

    def require(self, holds: object, expected: str, answer: Answer | None = None, *, came: str = "") -> None:
        """As `expect`, but end the check with StopCheckError when it does not hold."""
        if not holds:
            self.stop(expected, answer, came=came)

    def stop(self, expected: str, answer: Answer | None = None, *, came: str = "") -> NoReturn:
        """Put down a finding and end the check with StopCheckError."""
        self.record(expected, answer, came=came)
        raise StopCheckError

    def send(self, method: str, path: str, headers: Headers = (), body: Body = None, note: str = "") -> Answer:
        """Send anything. Raises StopCheckError when no answer comes, and ServerGoneError when that goes on."""
        start = time.monotonic()
        try:
            answer = self.wire.send(method, path, headers, body, note)
        except NoAnswerError as error:
            self.record(f"an answer to {method} {path} {note and f'({note})'}".strip(), came=str(error))
            self._silences += 1
            self._silent += time.monotonic() - start
            if self._silences >= MOST_SILENCES or self._silent >= MOST_SILENCES * self.wire.timeout:
                raise ServerGoneError from error
            raise StopCheckError from error
        self._silences = 0
        if answers.repeats_a_secret(self.contract, self.mask, answer):
            self._record_fault("secrecy", "an answer that does not repeat a secret of the request", answer)
        return answer

    def call(
        self,
        operation: Operation,
        token: Token | str | None = None,
        *,
        headers: Iterable[tuple[str, str]] = (),
        query: str = "",
        body: Body = None,
        note: str = "",
    ) -> Answer:
        """Call an operation, with the token where it belongs, and hold the answer against the contract."""
        value = token.value if isinstance(token, Token) else token
        own = [] if value is None else [("Authorization", f"{self.contract.scheme} {value}")]
        answer = self.send(operation.method, operation.path + query, [*own, *headers], body, note)
        for each in (*answer.earlier, answer):
            self.seen[operation.name, each.status] += 1
            for aspect, expected in answers.faults(self.contract, operation, each):
                self._record_fault(aspect, f"{expected}, in an answer {each.status} of {operation.name}", each)
        return answer

    def _record_fault(self, aspect: str, expected: str, answer: Answer) -> None:
        check = f"answers.{aspect}"
        # Once for all: the same fault shows in nearly every answer.
        if not any(each.check == check and each.expected == expected for each in self.findings):
            self.record(expected, answer, check=check)

    def post(self, value: Any, *, headers: Iterable[tuple[str, str]] = (JSON,), note: str = "") -> Answer:
        """Call log-in with a body: bytes as they are, anything else as JSON."""
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        return self.call(self.contract.log_in, headers=headers, body=body, note=note)

    def credentials(self, email: Any, password: Any) -> dict[str, Any]:
        """A log-in's body."""
        return {self.contract.identity: email, self.contract.password: password}

    def log_in(self, user: User | None = None) -> Token:
        """A new session, of the first user where none is named. Raises StopCheckError when there is none."""
        user = user or self.ada
        answer = self.post(self.credentials(user.email, user.password), note=f"the credentials of {user.email}")
        return self.session(answer, user)

    def refresh(self, token: Token) -> Token:
        """The session that follows. Raises StopCheckError when the token is refused."""
        return self.session(self.call(self.contract.refresh, token, note="a live token"), token.user)

    def session(self, answer: Answer, user: User) -> Token:
        """The session in an answer. Raises StopCheckError when there is none."""
        holds = answer.status == 200 and isinstance(answer.json, Mapping)
        self.require(holds, f"200 and a session of {user.email}", answer)
        value, expires_at = (answer.json.get(name) for name in (self.contract.token, self.contract.expiry))
        self.require(isinstance(value, str) and isinstance(expires_at, str), "a session with both properties", answer)
        return Token(value, expires_at, user, answer)

    def log_out(self, token: Token) -> Answer:
        """End the user's tokens. Raises StopCheckError when the token is refused."""
        answer = self.call(self.contract.log_out, token, note="a live token")
        self.require(answer.status == 200, "200 to a log-out with a live token", answer)
        return answer

    def expect_alive(self, token: Token, why: str) -> bool:
        """Put down a finding unless a token is taken by refresh."""
        answer = self.call(self.contract.refresh, token, note=why)
        return self.expect(answer.status == 200, f"200: {why}", answer)

    def expect_dead(self, token: Token, why: str) -> None:
        """Put down a finding unless a token is refused by refresh and by log-out."""
        for operation in (self.contract.refresh, self.contract.log_out):
            self.expect_refused(self.call(operation, token, note=why), operation, why)

    def expect_refused(self, answer: Answer, operation: Operation, why: str) -> bool:
        """Put down a finding unless an answer is the 401 of the contract, word for word."""
        if not self.expect(answer.status == 401, f"401: {why}", answer):
            return False
        example = self.contract.example(operation, 401)
        fits = isinstance(answer.json, Mapping) and all(answer.json.get(key) == example[key] for key in example)
        return self.expect(fits, f"401 with {json.dumps(example)}, as in the contract's example", answer)

    def expect_error(self, answer: Answer, status: int, why: str) -> None:
        """Put down a finding unless an answer is an `Error` of this status, or a gateway's own 403."""
        shape = self.contract.log_in.response(401)
        gateway = answer.status == 403 and isinstance(answer.json, Mapping) and set(answer.json) == {"message"}
        if self.expect(answer.status == status or gateway, f"{status} (or a gateway's 403): {why}", answer):
            for aspect, expected in answers.body_faults(self.contract, shape, answer):
                self._record_fault(aspect, f"{expected}, in an answer {answer.status} to {why}", answer)
