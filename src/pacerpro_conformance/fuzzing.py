"""Drives schemathesis through all its phases, with a log-in of its own for each case.

One log-in for all would be ended by the first log-out, and every later answer would be a 401 that proves nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import schemathesis
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder

from .contract import Contract
from .findings import Finding, Result
from .masking import Mask
from .probe import User

PHASES = ("examples", "coverage", "fuzzing", "stateful")
CHECK = "schemathesis"
FILTERED = "[Filtered]"  # in place of a token or a password, in what schemathesis prints


@dataclass(frozen=True)
class Plan:
    """How many cases of each operation each random phase makes, and how many successes there have to be, by method."""

    examples: int
    least: Mapping[str, int]
    seed: int | None = None  # None: the same cases on each run
    timeout: float = 5.0
    ca: Path | None = None


FULL = Plan(examples=100, least={"GET": 50, "DELETE": 30})
QUICK = Plan(examples=40, least={"GET": 20, "DELETE": 15})


@dataclass
class Outcome:
    """What came of it. `seen` counts answers by operation and status."""

    findings: list[Finding] = field(default_factory=list)
    seen: Counter[tuple[str, int]] = field(default_factory=Counter)
    cases: list[tuple[str, str, bytes | None]] = field(default_factory=list)

    def successes(self, contract: Contract) -> Counter[str]:
        """How many answers were 2xx, by method."""
        found: Counter[str] = Counter()
        for (name, status), count in self.seen.items():
            if 200 <= status < 300 and name in contract.operations:
                found[contract.operations[name].method] += count
        return found

    def results(self, seconds: float) -> list[Result]:
        """The same as results, one for each check of schemathesis that found something, and one for the rest."""
        names = sorted({each.check for each in self.findings})
        found = [Result(name, name, [each for each in self.findings if each.check == name]) for name in names]
        return [*found, Result(f"{CHECK}.run", "Generated requests get the contract's answers", seconds=seconds)]


def run(
    contract: Contract,
    base_url: str,
    user: User,
    plan: Plan,
    mask: Mask,
    on_phase: Callable[[str, int], None] = lambda *_: None,
    app: Any = None,
) -> Outcome:
    """Hold a server, or an ASGI application at `base_url`, against the contract."""
    schema = schemathesis.openapi.from_dict(deepcopy(dict(contract.document)), config=_config(contract, base_url, plan))
    schema.app = app
    _log_in_for_each_case(schema, contract, user)
    outcome, count = Outcome(), 0
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            _take_in(event.recorder, contract, outcome, mask)
        elif isinstance(event, events.PhaseFinished) and event.phase.name.value.lower() in PHASES:
            on_phase(event.phase.name.value.lower(), len(outcome.cases) - count)
            count = len(outcome.cases)
        else:
            outcome.findings += _troubles(event, mask)
    outcome.findings += _too_few(outcome.successes(contract), plan)
    return outcome


def _config(contract: Contract, base_url: str, plan: Plan) -> schemathesis.Config:
    secured = [each.name for each in contract.operations.values() if each.secured]
    settings: dict[str, Any] = {
        # Without parameters to spoil, nearly every negative case spoils the token, and few would be left that succeed.
        "operations": [{"include-operation-id": secured, "phases": {"fuzzing": {"generation": {"mode": "positive"}}}}],
        "base-url": base_url,
        "request-timeout": plan.timeout,
        "tls-verify": str(plan.ca) if plan.ca else True,
        "rate-limit": "auto",  # waits as Retry-After says
        "continue-on-failure": True,
        "cache": {"enabled": False},
        "generation": {
            "deterministic": plan.seed is None,
            "max-examples": plan.examples,
            "database": "none",
            "no-shrink": True,  # it would repeat each failure for half a minute
        },
    }
    return schemathesis.Config.from_dict(settings if plan.seed is None else {**settings, "seed": plan.seed})


def _log_in_for_each_case(schema: Any, contract: Contract, user: User) -> None:
    operation = schema[contract.log_in.path][contract.log_in.method]
    body = {contract.identity: user.email, contract.password: user.password}

    @schema.auth(refresh_interval=None)
    class LogInAnew:
        def get(self, *_: object) -> str:
            answer = operation.Case(body=body, media_type="application/json").call()
            return str(answer.json()[contract.token])

        def set(self, case: Any, token: str, _: object) -> None:
            case.headers["Authorization"] = f"{contract.scheme} {token}"


def _take_in(recorder: ScenarioRecorder, contract: Contract, outcome: Outcome, mask: Mask) -> None:
    names = {(each.method, each.path): each.name for each in contract.operations.values()}
    for number, interaction in recorder.interactions.items():
        request, response = interaction.request, interaction.response
        outcome.cases.append((request.method, request.uri, request.body))
        if response is not None:
            name = names.get((request.method, recorder.cases[number].value.operation.path), request.method)
            outcome.seen[name, response.status_code] += 1
    for number, nodes in recorder.checks.items():
        response = recorder.find_response(case_id=number)
        for node in nodes:
            if node.failure_info is None:
                continue
            failure = node.failure_info.failure
            finding = Finding(
                check=f"{CHECK}.{node.name}",
                expected=mask.text(f"{recorder.label}: {failure.title}. {' '.join(failure.message.split())}"),
                came=mask.text(f"{response.status_code} {response.text:.300}" if response else "no answer"),
                curl=mask.text(_repeatable(node.failure_info.code_sample, contract)),
            )
            # One fault shows in many cases.
            if not any((each.check, each.came) == (finding.check, finding.came) for each in outcome.findings):
                outcome.findings.append(finding)


def _repeatable(sample: str, contract: Contract) -> str:
    """A curl line of schemathesis, with the shell's variables in place of what it has filtered out."""
    header = f'-H "Authorization: {contract.scheme} $TOKEN"'
    return sample.replace(f"-H 'Authorization: {FILTERED}'", header).replace(FILTERED, "'\"$PASSWORD\"'")


def _troubles(event: events.EngineEvent, mask: Mask) -> Iterator[Finding]:
    """What else schemathesis had to say: errors of its own, and doubts about the contract."""
    if isinstance(event, events.NonFatalError):
        yield Finding(f"{CHECK}.error", f"{event.label} can be tried", mask.text(" ".join(str(event.value).split())))
    elif isinstance(event, events.FatalError):
        yield Finding(f"{CHECK}.error", "schemathesis can do its work", mask.text(repr(event.exception)))
    elif isinstance(event, events.SchemaAnalysisWarnings) and event.warnings:
        yield Finding(f"{CHECK}.warning", "a contract without warnings", f"{event.warnings}")


def _too_few(successes: Counter[str], plan: Plan) -> Iterator[Finding]:
    for method, least in plan.least.items():
        if successes[method] < least:
            yield Finding(f"{CHECK}.successes", f"at least {least} answers 2xx to {method}", f"{successes[method]}")
