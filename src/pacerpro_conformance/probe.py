"""What a check works with: two users, a way to send requests, and a place for what it finds."""

import json
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from . import answers, jws
from .contract import Contract, Operation
from .errors import HungUpError, NoAnswerError, StopCheckError
from .findings import Check, Finding, Leeway, Level, Result
from .http.masking import Mask
from .http.wire import JSON, NOTHING, Answer, Header, Request, Wire
from .server import User
from .values import as_object

MOST_SILENCES = 5  # requests without an answer, before the suite gives the server up
NEW, KEPT = "a new token is accepted", "refresh has not ended the token that was sent"
ENDED = "log-out has ended the token that was sent"
GATEWAY = Leeway("openapi.yaml, responses.Forbidden: a gateway refuses in its own words, with `message` alone")


@dataclass(frozen=True)
class Token:
    """A token that the server issued, with the expiry beside it."""

    value: str = field(repr=False)
    expires_at: str
    user: User
    answer: Answer = field(repr=False)


class Probe:
    """Asks the server, and holds every answer against the contract on the way.

    A `quick` run generates fewer requests, and a `seed` varies them.
    """

    def __init__(
        self, contract: Contract, wire: Wire, users: tuple[User, User], secret: bytes, mask: Mask,
        seed: int | None = None, *, quick: bool = False,
    ) -> None:  # fmt: skip
        self.contract, self.wire, self.users, self.secret, self.mask = contract, wire, users, secret, mask
        self.ada, self.bob = users
        self.right = self.credentials(self.ada.email, self.ada.password)
        self.seed, self.quick = seed, quick
        self.random = random.Random(seed or 0)  # noqa: S311 - to vary what is asked, not to keep a secret
        self.result = Result(Check("probe", "", Level.VIOLATION, ""))  # of the check that runs
        self.aspects = {aspect: Result(check) for aspect, check in answers.ASPECTS.items()}
        self.further: dict[str, Result] = {}  # of checks that the running one has made itself
        self.findings: list[Finding] = []
        self.judged = 0  # answers
        self._silences = 0

    @property
    def gone(self) -> bool:
        """Whether the server left so many requests without an answer that the rest of the run would take too long."""
        return self._silences >= MOST_SILENCES

    def expect(
        self, holds: object, expected: str, answer: Answer | None = None, *, came: str = "",
        leeway: Leeway | None = None, level: Level | None = None, result: Result | None = None,
    ) -> bool:  # fmt: skip
        """Record a finding unless something holds; return whether it does. `leeway` may make it advice.

        Each expectation has one finding: what an earlier check found is a consequence here.
        """
        if holds:
            return True
        result = result or self.result
        level, source = level or result.check.level, result.check.source
        if leeway and (answer is None or answer.status in leeway.statuses):
            level, source = Level.ADVICE, leeway.source
        expected = self.mask.text(expected)
        for each in self.findings:
            if each.expected == expected and (each.level is Level.VIOLATION or level is Level.ADVICE):
                result.not_tried = f"it met the finding of {each.check} again"
                return False
        came, note, repeat = self.mask.text(came), "", ""
        if answer:
            came, repeat = came or self.mask.answer(answer), self.mask.curl(answer.request)
            made = filter(None, (answer.request.note, answer.request.recipe))
            note = self.mask.text(": ".join(made), answer.request)
        finding = Finding(result.check.name, level, source, expected, came, note, repeat)
        self.findings.append(finding)
        result.findings.append(finding)
        return False

    def failure(self, expected: str, answer: Answer | None = None, *, came: str = "") -> StopCheckError:
        """Record a violation, and return the error that ends the check."""
        self.expect(None, expected, answer, came=came, level=Level.VIOLATION)
        return StopCheckError()

    def leave_out(self, what: str, why: str) -> StopCheckError:
        """Say that a part of the check cannot be tried with this server; return the error to raise if it is all."""
        if (gap := self.mask.text(f"{what}: {why}")) not in self.result.gaps:
            self.result.gaps.append(gap)
        return StopCheckError()

    def send(self, method: str, path: str, request: Request = NOTHING, *, raw: bool = False) -> Answer:
        """Send anything, if `raw` without a client's help. Raises StopCheckError if no answer comes."""
        request = replace(request, method=method, url=self.wire.base_url + path + request.query)
        try:
            answer = self.wire.send_raw(request) if raw else self.wire.send(request)
        except NoAnswerError as error:
            self._silences += 1
            note, leeway = request.note and f" ({request.note})", request.leeway
            if leeway and not (leeway.hang_up and isinstance(error, HungUpError)):
                leeway = None
            self.expect(None, f"an answer to {method} {path}{note}", came=str(error), leeway=leeway)
            raise StopCheckError from error
        keeps = not answers.repeats_a_secret(self.contract, self.mask, answer)
        expected = "an answer that does not repeat a secret of the request"
        self.expect(keeps, expected, answer, result=self.aspects["secrecy"])
        return answer

    def bearer(self, token: Token | str) -> Header:
        """The header that carries a token."""
        return ("Authorization", f"{self.contract.scheme} {token.value if isinstance(token, Token) else token}")

    def call(self, operation: Operation, request: Request = NOTHING, token: Token | None = None) -> Answer:
        """Call an operation, with the token where it belongs, and hold the answer against the contract.

        The answer need not fit the contract if the request allows another than the ordinary one.
        """
        if token:
            request = replace(request, headers=(self.bearer(token), *request.headers), token=token.value)
        answer = self.send(operation.method, operation.path, request)
        self.judged += 1
        if request.leeway is None or answer.status not in request.leeway.statuses:
            for aspect, fault in answers.faults(operation, answer):
                expected = f"{fault}, in an answer {answer.status} of {operation.name}"
                self.expect(None, expected, answer, result=self.aspects[aspect])
        return answer

    def expect_status(self, status: int, answer: Answer, why: str = "") -> bool:
        """Record a finding unless an answer has a status. Where 401 is due, a gateway's own 403 is advice."""
        leeway = GATEWAY if status == 401 and self.is_of_gateway(answer) else answer.request.leeway
        return self.expect(answer.status == status, f"{status}: {why or answer.request.note}", answer, leeway=leeway)

    @staticmethod
    def is_of_gateway(answer: Answer) -> bool:
        """Whether an answer is a gateway's 403, which has `message` alone."""
        return answer.status == 403 and as_object(answer.json).keys() == {"message"}

    def posted(
        self, value: Any, note: str, leeway: Leeway | None = None, headers: tuple[Header, ...] = (JSON,)
    ) -> Request:
        """A request with a body: bytes as they are, anything else as JSON."""
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        return Request(note, headers, body, leeway=leeway)

    def credentials(self, email: Any, password: Any) -> dict[str, Any]:
        """A log-in's body, with any values."""
        return {self.contract.identity: email, self.contract.password: password}

    def log_in(self, user: User | None = None) -> Token:
        """A new session, of the first user by default. Raises StopCheckError if there is none."""
        user = user or self.ada
        request = self.posted(self.credentials(user.email, user.password), f"the credentials of {user.email}")
        return self.session(self.call(self.contract.log_in, request), user)

    def refresh(self, token: Token) -> Token:
        """The session that follows. Raises StopCheckError if the token is refused."""
        return self.session(self._call_with(token, self.contract.refresh), token.user)

    def log_out(self, token: Token) -> None:
        """End the user's tokens. Raises StopCheckError if the token is refused."""
        self._call_with(token, self.contract.log_out)

    def _call_with(self, token: Token, operation: Operation) -> Answer:
        answer = self.call(operation, Request("a live token"), token)
        if answer.status != 200:
            raise self.failure(self._cause(f"200 from {operation.name} with a live token", token.user), answer)
        return answer

    def session(self, answer: Answer, user: User) -> Token:
        """The session in an answer. Raises StopCheckError if there is none."""
        session = as_object(answer.json)
        value, expires_at = session.get(self.contract.token), session.get(self.contract.expiry)
        if answer.status != 200 or not isinstance(value, str) or not isinstance(expires_at, str):
            raise self.failure(f"200 and a session with both properties from {answer.request.method}", answer)
        return Token(value, expires_at, user, answer)

    def parts(self, token: Token) -> jws.Parts:
        """A token taken apart. Raises StopCheckError, after a finding, if it is not a JSON Web Token."""
        if parts := jws.read(token.value):
            return parts
        raise self.failure("a JSON Web Token: three segments of base64url, two of them of JSON objects", token.answer)

    def expect_alive(self, token: Token, why: str) -> None:
        """Record a finding unless refresh accepts a token; if it accepts no new token either, that is the finding."""
        answer = self.call(self.contract.refresh, Request(why), token)
        if answer.status != 200:
            self.expect(None, self._cause(f"200: {why}", token.user), answer)

    def _cause(self, expected: str, user: User) -> str:
        """What a refused token shows: if a new token is refused as well, or on its second use, that is the cause."""
        fresh = self.log_in(user)
        for rule in (NEW, KEPT):
            if self.call(self.contract.refresh, Request(rule), fresh).status != 200:
                return f"200: {rule}"
        return expected

    def expect_dead(self, token: Token, why: str) -> None:
        """Record a finding unless refresh and log-out refuse a token; if log-out ends no token, that is the finding."""
        for operation in (self.contract.refresh, self.contract.log_out):
            answer = self.call(operation, Request(why), token)
            if answer.status == 200 and why != ENDED:
                fresh = self.log_in(token.user)
                self.log_out(fresh)
                why = ENDED if self.call(self.contract.refresh, Request(ENDED), fresh).status == 200 else why
            self.expect_status(401, answer, why)

    def expect_refused(
        self, make: Callable[[Token], Iterable[Request]], user: User | None = None, step: int = 1
    ) -> None:
        """Send each request made of a live token, or each `step`-th: 401, and the token stays alive."""
        for operation in (self.contract.refresh, self.contract.log_out):
            live = self.log_in(user)
            requests = list(make(live))
            for number in range(0, len(requests), step):
                answer = self.call(operation, requests[number])
                self.expect_status(401, answer)
                if operation is self.contract.log_out and answer.status < 300:
                    # It may have ended the live token. That is no second finding.
                    live = self.log_in(user)
                    requests = list(make(live))
            self.expect_alive(live, "requests that were refused have not ended a live token")


def answered(status: int) -> Callable[[Callable[[Probe], Iterable[Request]], Probe], None]:
    """Make a runner of checks: log-in must give each request that the function yields this status."""

    def run(function: Callable[[Probe], Iterable[Request]], probe: Probe) -> None:
        for request in function(probe):
            probe.expect_status(status, probe.call(probe.contract.log_in, request))

    return run
