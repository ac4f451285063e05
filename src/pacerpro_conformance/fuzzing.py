"""Drives schemathesis through all its phases, with a log-in of its own for each case.

With one log-in for all, the first log-out would end it, and every later answer would be a 401 that proves nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import schemathesis
from schemathesis import checks
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder

from .contract import Contract
from .findings import Check, Finding, Level, Result
from .http.repeat import Repeats
from .http.wire import Call
from .server.users import User

PHASES = ("examples", "coverage", "fuzzing", "stateful")
GROUP = "schemathesis"
# What schemathesis asks for beyond the contract.
ADVICE = {
    "unsupported_method": "RFC 9110, section 9.1: openapi.yaml does not say what other methods get",
    "allow_header_conformance": "RFC 9110, section 15.5.6: openapi.yaml has no 405",
}
# Whose finding, of our own checks, one of schemathesis only repeats.
REPEATS = {
    "status_code_conformance": "answers.status",
    "content_type_conformance": "answers.media_type",
    "response_schema_conformance": "answers.schema",
    "response_headers_conformance": "answers.headers",
    "unsupported_method": "routes.other_methods_are_405",
    "allow_header_conformance": "routes.other_methods_are_405",
}
RUN = Check(f"{GROUP}.run", "Generated requests get the contract's answers", Level.VIOLATION, "openapi.yaml")
NO_ANSWER = "no_answer"
# Headers that curl sets by itself, or that mean nothing to the server.
OWN_HEADERS = {"accept", "accept-encoding", "connection", "content-length", "host", "transfer-encoding", "user-agent"}


@dataclass(frozen=True)
class Plan:
    """How many cases of each operation each random phase makes, and how many successes there must be."""

    examples: int
    least_refresh: int = 0
    least_log_out: int = 0
    seed: int | None = None  # None: the same cases on each run
    timeout: float = 5.0
    ca: Path | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


FULL = Plan(examples=100, least_refresh=50, least_log_out=30)
QUICK = Plan(examples=40, least_refresh=20, least_log_out=15)


@dataclass
class Outcome:
    """The outcome of a run: findings, what could not be tried, and answers counted by operation and status."""

    findings: list[Finding] = field(default_factory=list[Finding])
    troubles: list[str] = field(default_factory=list[str])
    seen: Counter[tuple[str, int]] = field(default_factory=Counter[tuple[str, int]])
    cases: list[tuple[str, str, bytes | None]] = field(default_factory=list[tuple[str, str, bytes | None]])

    def successes(self) -> Counter[str]:
        """How many answers were 2xx, by operation."""
        found: Counter[str] = Counter()
        for (name, status), count in self.seen.items():
            found[name] += count if 200 <= status < 300 else 0
        return found

    def results(self, seconds: float, earlier: Iterable[Result] = ()) -> list[Result]:
        """A result for each check of schemathesis that found something, and one for the rest.

        A finding that only repeats one of the `earlier` results is left out.
        """
        known = {each.check.name for each in earlier if each.findings}
        results: list[Result] = []
        for name in sorted({each.check.partition(".")[2] for each in self.findings}):
            result = Result(check_of(name))
            if (cause := REPEATS.get(name)) in known:
                result.not_tried = f"it met the finding of {cause} again"
            else:
                result.findings = [each for each in self.findings if each.check == result.check.name]
            results.append(result)
        troubles = list(dict.fromkeys(self.troubles))
        nothing = "" if any(self.successes().values()) else "; ".join(troubles)
        return [*results, Result(RUN, seconds=seconds, not_tried=nothing, gaps=troubles)]


def check_of(name: str) -> Check:
    """One of schemathesis' checks, as one of ours."""
    level = Level.ADVICE if name in ADVICE else Level.VIOLATION
    source = ADVICE.get(name, "openapi.yaml, as schemathesis reads it")
    return Check(f"{GROUP}.{name}", name.replace("_", " ").capitalize(), level, source)


def names() -> list[str]:
    """The names of all checks that can have findings here."""
    return [RUN.name, *(f"{GROUP}.{name}" for name in (NO_ANSWER, *_any(checks).CHECKS.get_all_names()))]


def run(
    contract: Contract, base_url: str, user: User, plan: Plan, repeats: Repeats,
    on_phase: Callable[[str, int], None] | None = None, app: Any = None,
) -> Outcome:  # fmt: skip
    """Check a server, or an ASGI application at `base_url`."""
    schema = _any(schemathesis.openapi).from_dict(
        deepcopy(dict(contract.document)), config=_config(contract, base_url, plan)
    )
    schema = schema.include(operation_id=[each.name for each in contract.session_operations])
    schema.app = app
    _log_in_for_each_case(schema, contract, user, plan)
    outcome, count = Outcome(), 0
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            _take_in(event.recorder, contract, outcome, repeats)
        elif isinstance(event, events.PhaseFinished) and event.phase.name.value.lower() in PHASES and on_phase:
            on_phase(event.phase.name.value.lower(), len(outcome.cases) - count)
            count = len(outcome.cases)
        else:
            _note_trouble(event, outcome, repeats)
    for name, least in ((contract.refresh.name, plan.least_refresh), (contract.log_out.name, plan.least_log_out)):
        if (count := outcome.successes()[name]) < least:
            outcome.troubles.append(f"{name}: {count} successes, and {least} are needed to prove much")
    return outcome


def _config(contract: Contract, base_url: str, plan: Plan) -> Any:
    secured = [each.name for each in contract.session_operations if each.secured]
    return _any(schemathesis.Config).from_dict({
        # Without parameters to spoil, nearly every negative case spoils the token, and few successes would be left.
        "operations": [{"include-operation-id": secured, "phases": {"fuzzing": {"generation": {"mode": "positive"}}}}],
        "base-url": base_url,
        "request-timeout": plan.timeout,
        "tls-verify": str(plan.ca) if plan.ca else True,
        "headers": dict(plan.headers),
        "rate-limit": "auto",  # waits as Retry-After says
        "continue-on-failure": True,
        "cache": {"enabled": False},
        "generation": {
            "deterministic": plan.seed is None,
            "max-examples": plan.examples,
            "database": "none",
            "no-shrink": True,  # it would repeat each failure for half a minute
        },
        **({} if plan.seed is None else {"seed": plan.seed}),
    })  # fmt: skip


def _log_in_for_each_case(schema: Any, contract: Contract, user: User, plan: Plan) -> None:
    operation = schema[contract.log_in.path][contract.log_in.method]
    body = {contract.identity: user.email, contract.password: user.password}

    class LogIn:
        def get(self, *_: object) -> str:
            answer = operation.Case(body=body, headers=dict(plan.headers), media_type="application/json").call()
            if answer.status_code != 200:
                raise ValueError(f"log-in was answered {answer.status_code}")
            return str(answer.json()[contract.token])

        def set(self, case: Any, token: str, _: object) -> None:
            case.headers["Authorization"] = f"{contract.scheme} {token}"

    schema.auth(refresh_interval=None)(LogIn)


def _take_in(recorder: ScenarioRecorder, contract: Contract, outcome: Outcome, repeats: Repeats) -> None:
    routes = {(each.method, each.path): each.name for each in contract.session_operations}
    for number, interaction in recorder.interactions.items():
        request, case = interaction.request, _any(recorder.cases[number]).value
        outcome.cases.append((request.method, request.uri, request.body))
        if interaction.response is not None:
            name = routes.get((request.method, case.operation.path), request.method)
            outcome.seen[name, interaction.response.status_code] += 1
    for number, nodes in recorder.checks.items():
        for failed in (node for node in nodes if node.failure_info is not None):
            response, failure = recorder.find_response(case_id=number), _any(failed.failure_info).failure
            check = check_of(failed.name)
            expected = repeats.mask.text(f"{recorder.label}: {failure.title}. {' '.join(failure.message.split())}")
            came = repeats.mask.text(f"{response.status_code} {response.text:.300}" if response else "no answer")
            # One fault shows in many cases.
            if not any((each.check, each.came) == (check.name, came) for each in outcome.findings):
                command = _command(recorder, number, repeats)
                outcome.findings.append(Finding(check.name, check.level, check.source, expected, came, repeat=command))


def _any(value: object) -> Any:
    """The value without its type, which is only partly known in schemathesis."""
    return value


def _command(recorder: ScenarioRecorder, number: str, repeats: Repeats) -> str:
    if number not in recorder.interactions:
        return ""
    request = recorder.interactions[number].request
    skipped = {*OWN_HEADERS, "x-schemathesis-testcaseid", *(name.lower() for name in repeats.mask.headers)}
    headers = ((name, value) for name, values in request.headers.items() for value in values)
    kept = tuple((name, value) for name, value in headers if name.lower() not in skipped)
    return repeats.curl(Call(request.method, request.uri, kept, request.body))


def _note_trouble(event: events.EngineEvent, outcome: Outcome, repeats: Repeats) -> None:
    """Take in what schemathesis could not do. A request without an answer is a finding."""
    if isinstance(event, events.NonFatalError):
        trouble = repeats.mask.text(f"{event.label}: {' '.join(str(event.value).split())}")
        if type(event.value).__module__.startswith("requests"):
            check = check_of(NO_ANSWER)
            outcome.findings.append(Finding(check.name, check.level, check.source, "an answer", trouble))
        else:
            outcome.troubles.append(trouble)
    elif isinstance(event, events.FatalError):
        outcome.troubles.append(repeats.mask.text(f"schemathesis failed: {event.exception!r}"))
    elif isinstance(event, events.SchemaAnalysisWarnings) and event.warnings:
        outcome.troubles.append(f"schemathesis doubts the contract: {event.warnings}")
