"""What a check works with: two users, a way to send requests, and a place for what it finds."""

import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from . import answers
from .cases import JSON, NOTHING, Case, Header
from .contract import Contract, Operation
from .errors import NoAnswerError, ServerGoneError, StopCheckError
from .findings import Check, Finding, Leeway, Level
from .http.masking import Mask
from .http.repeat import Repeats
from .http.wire import Answer, Wire
from .server.users import User
from .tokens import jws
from .values import as_object

MOST_SILENCES = 3  # in a row, or as many timeouts in all, before the suite gives the server up
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
    """Asks the server, and holds every answer against the contract on the way."""

    def __init__(
        self, contract: Contract, wire: Wire, users: tuple[User, User], secret: bytes | None, seed: int = 0,
        mask: Mask | None = None, folder: Path | None = None,
    ) -> None:  # fmt: skip
        self.contract, self.wire, self.users, self.secret = contract, wire, users, secret
        self.ada, self.bob = users
        self.random = random.Random(seed)  # noqa: S311 - to vary what is asked, not to keep a secret
        self.mask = mask or Mask([user.password for user in users], None, contract.password, contract.token)
        self.repeats = Repeats(self.mask, folder)
        self.check = Check("probe", "", Level.VIOLATION, "")
        self.findings: list[Finding] = []
        self.gaps: list[str] = []
        self.consequence_of = ""  # the check whose finding the current check met again
        self.seen: Counter[tuple[str, int]] = Counter()
        self._silences = 0
        self._silent = 0.0  # seconds, in all, of waiting for answers that did not come

    def expect(
        self, holds: object, expected: str, answer: Answer | None = None, *, came: str = "",
        leeway: Leeway | None = None, check: Check | None = None, repeat: str = "",
    ) -> bool:  # fmt: skip
        """Record a finding unless something holds; return whether it does. `leeway` may make it advice.

        Each expectation has one finding: what an earlier check found is a consequence here.
        """
        if holds:
            return True
        check = check or self.check
        level, source = check.level, check.source
        if leeway and (answer is None or answer.status in leeway.statuses):
            level, source = Level.ADVICE, leeway.source
        expected = self.mask.text(expected)
        for each in self.findings:
            if each.expected == expected and (each.level is Level.VIOLATION or level is Level.ADVICE):
                # What answers have in common does not keep a check from its own work.
                self.consequence_of = each.check if check.name == self.check.name else self.consequence_of
                return False
        note = self.mask.text(answer.call.masked(answer.call.note)) if answer else ""
        repeat = repeat or (self.repeats.curl(answer.call) if answer else "")
        came = self.mask.text(came) or (answer.shown(self.mask) if answer else "")
        self.findings.append(Finding(check.name, level, source, expected, came, note, repeat))
        return False

    def failure(self, expected: str, answer: Answer | None = None, *, came: str = "") -> StopCheckError:
        """Record a violation, and return the error that ends the check."""
        self.expect(None, expected, answer, came=came, check=replace(self.check, level=Level.VIOLATION))
        return StopCheckError()

    def leave_out(self, what: str, why: str) -> None:
        """Say that a part of the check cannot be tried with this server."""
        if (gap := self.mask.text(f"{what}: {why}")) not in self.gaps:
            self.gaps.append(gap)

    def send(self, method: str, path: str, case: Case = NOTHING) -> Answer:
        """Send anything. Raises StopCheckError if no answer comes, and ServerGoneError if that happens too often."""
        start = time.monotonic()
        note = f"{case.note}: {case.recipe}" if case.recipe else case.note
        try:
            answer = self.wire.send(method, path + case.query, case.headers, case.body, note, case.token)
        except NoAnswerError as error:
            leeway = case.leeway if case.leeway and case.leeway.hang_up and error.hung_up else None
            stop = f"an answer to {method} {path} {case.note and f'({case.note})'}".strip()
            self.expect(None, stop, came=str(error), leeway=leeway)
            self._silences += 1
            self._silent += time.monotonic() - start
            if self._silences >= MOST_SILENCES or self._silent >= MOST_SILENCES * self.wire.timeout:
                raise ServerGoneError from error
            raise StopCheckError from error
        self._silences = 0
        leaks = answers.repeats_a_secret(self.contract, self.mask, answer)
        expected = "an answer that does not repeat a secret of the request"
        self.expect(not leaks, expected, answer, check=answers.ASPECTS["secrecy"])
        return answer

    def bearer(self, token: Token | str) -> Header:
        """The header that carries a token."""
        return ("Authorization", f"{self.contract.scheme} {token.value if isinstance(token, Token) else token}")

    def call(self, operation: Operation, case: Case = NOTHING, token: Token | None = None) -> Answer:
        """Call an operation, with the token where it belongs, and hold the answer against the contract."""
        if token:
            headers = (self.bearer(token), *case.headers)
            case = Case(case.note, headers, case.body, case.query, case.leeway, token.value)
        answer = self.send(operation.method, operation.path, case)
        for each in (*answer.earlier, answer):
            self.seen[operation.name, each.status] += 1
            # Another answer than the ordinary one need not fit the contract.
            ordinary = not (case.leeway and each.status in case.leeway.statuses)
            for aspect, fault in answers.faults(self.contract, operation, each) if ordinary else ():
                expected = f"{fault}, in an answer {each.status} of {operation.name}"
                self.expect(None, expected, each, check=answers.ASPECTS[aspect])
        return answer

    def expect_each(self, status: int, cases: Iterable[Case], operation: Operation | None = None) -> None:
        """Record a finding for each case that an operation, by default log-in, does not answer with a status."""
        for case in cases:
            answer = self.call(operation or self.contract.log_in, case)
            self.expect_status(status, answer, case)

    def expect_status(self, status: int, answer: Answer, case: Case) -> bool:
        """Record a finding unless an answer has a status. Where 401 is due, a gateway's own 403 is advice."""
        leeway = GATEWAY if status == 401 and self.is_of_gateway(answer) else case.leeway
        return self.expect(answer.status == status, f"{status}: {case.note}", answer, leeway=leeway)

    @staticmethod
    def is_of_gateway(answer: Answer) -> bool:
        """Whether an answer is a gateway's 403, which has `message` alone."""
        return answer.status == 403 and as_object(answer.json).keys() == {"message"}

    def posted(
        self, value: Any, note: str, leeway: Leeway | None = None, headers: tuple[Header, ...] = (JSON,)
    ) -> Case:
        """A case of log-in with a body: bytes as they are, anything else as JSON."""
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        return Case(note, headers, body, leeway=leeway)

    def credentials(self, email: Any, password: Any) -> dict[str, Any]:
        """A log-in's body, with any values."""
        return {self.contract.identity: email, self.contract.password: password}

    @property
    def right(self) -> dict[str, Any]:
        """The first user's credentials."""
        return self.credentials(self.ada.email, self.ada.password)

    def log_in(self, user: User | None = None) -> Token:
        """A new session, of the first user by default. Raises StopCheckError if there is none."""
        user = user or self.ada
        case = self.posted(self.credentials(user.email, user.password), f"the credentials of {user.email}")
        return self.session(self.call(self.contract.log_in, case), user)

    def refresh(self, token: Token) -> Token:
        """The session that follows. Raises StopCheckError if the token is refused."""
        answer = self.call(self.contract.refresh, Case("a live token"), token)
        if answer.status != 200:
            raise self.failure(self._cause(answer, "200 from refresh with a live token", token.user), answer)
        return self.session(answer, token.user)

    def session(self, answer: Answer, user: User) -> Token:
        """The session in an answer. Raises StopCheckError if there is none."""
        session = as_object(answer.json)
        if answer.status != 200 or not session:
            raise self.failure(f"200 and a session from {answer.call.method}", answer)
        value, expires_at = session.get(self.contract.token), session.get(self.contract.expiry)
        if not isinstance(value, str) or not isinstance(expires_at, str):
            raise self.failure("a session with both properties", answer)
        return Token(value, expires_at, user, answer)

    def parts(self, token: Token) -> jws.Parts:
        """A token taken apart. Raises StopCheckError, after a finding, if it is not a JSON Web Token."""
        try:
            return jws.read(token.value)
        except jws.NotATokenError as error:
            raise self.failure(f"a JSON Web Token in compact form ({error})", token.answer) from error

    def log_out(self, token: Token) -> None:
        """End the user's tokens. Raises StopCheckError if the token is refused."""
        answer = self.call(self.contract.log_out, Case("a live token"), token)
        if answer.status != 200:
            raise self.failure(self._cause(answer, "200 from log-out with a live token", token.user), answer)

    def expect_alive(self, token: Token, why: str) -> None:
        """Record a finding unless refresh accepts a token; if it accepts no new token either, that is the finding."""
        answer = self.call(self.contract.refresh, Case(why), token)
        self.expect(answer.status == 200, self._cause(answer, f"200: {why}", token.user), answer)

    def _cause(self, answer: Answer, expected: str, user: User) -> str:
        """What a refused token shows: if a new token is refused as well, or on its second use, that is the cause."""
        if answer.status != 200:
            fresh = self.log_in(user)
            for rule in (NEW, KEPT):
                if self.call(self.contract.refresh, Case(rule), fresh).status != 200:
                    return f"200: {rule}"
        return expected

    def expect_dead(self, token: Token, why: str) -> None:
        """Record a finding unless refresh and log-out refuse a token; if log-out ends no token, that is the finding."""
        for operation in (self.contract.refresh, self.contract.log_out):
            answer = self.call(operation, Case(why), token)
            if answer.status == 200 and why != ENDED:
                fresh = self.log_in(token.user)
                self.log_out(fresh)
                why = ENDED if self.call(self.contract.refresh, Case(ENDED), fresh).status == 200 else why
            self.expect_status(401, answer, Case(why))

    def expect_refused(
        self, operation: Operation, make: Callable[[Token], Iterable[Case]], user: User | None = None, step: int = 1
    ) -> None:
        """Send each case made of a live token, or each `step`-th: 401, and the token stays alive."""
        live = self.log_in(user)
        cases = list(make(live))
        for number in range(0, len(cases), step):
            answer = self.call(operation, cases[number])
            self.expect_status(401, answer, cases[number])
            if operation is self.contract.log_out and answer.status < 300:
                # It may have ended the live token. That is no second finding.
                live = self.log_in(user)
                cases = list(make(live))
        self.expect_alive(live, "requests that were refused have not ended a live token")
