"""Drives schemathesis through all its phases, with a log-in of its own for each case.

With one log-in for all, the first log-out would end it, and every later answer would be a 401 that proves nothing.
"""

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any
from unittest.mock import patch

import httpx
import schemathesis
from schemathesis import checks
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder

from .errors import StopCheckError
from .findings import Check, Level, Result, check
from .http.wire import Answer, Request
from .probe import Probe
from .values import as_object

GROUP = "schemathesis"
EXAMPLES, QUICK_EXAMPLES = 100, 40  # of each operation, in each phase
SOURCE = "openapi.yaml, as schemathesis reads it"
# What schemathesis asks for beyond the contract.
ADVICE = {
    "unsupported_method": "RFC 9110, section 9.1: openapi.yaml does not say what other methods get",
    "allow_header_conformance": "RFC 9110, section 15.5.6: openapi.yaml has no 405",
}
# The check of our own whose finding one of schemathesis only repeats.
REPEATS = {
    "status_code_conformance": "answers.status",
    "content_type_conformance": "answers.media_type",
    "response_schema_conformance": "answers.schema",
    "response_headers_conformance": "answers.headers",
    "unsupported_method": "routes.other_methods_are_405",
    "allow_header_conformance": "routes.other_methods_are_405",
}
# Headers that curl sets by itself, or that mean nothing to the server.
OWN_HEADERS = {"accept", "accept-encoding", "connection", "content-length", "host", "user-agent"}


def names() -> list[str]:
    """The names of the checks that schemathesis may have findings of."""
    return [f"{GROUP}.{name}" for name in _any(checks).CHECKS.get_all_names()]


@check(GROUP, source=SOURCE)
def run(probe: Probe) -> None:
    """Generated requests get the answers of the contract, each with a log-in of its own."""
    successes = Counter[str]()
    # It would use the environment's proxies and credentials, and the rest of the suite does not.
    with patch.dict(os.environ, no_proxy="*", NETRC=os.devnull):
        for event in from_schema(_schema(probe)).execute():
            if isinstance(event, events.ScenarioFinished):
                successes.update(_take_in(probe, event.recorder))
            else:
                _note_trouble(probe, event)
    least = (20, 15) if probe.quick else (50, 30)
    for operation, needed in zip((probe.contract.refresh, probe.contract.log_out), least, strict=True):
        if (count := successes[operation.name]) < needed:
            probe.leave_out(operation.name, f"{count} successes, and {needed} are needed to prove much")
    if not successes:
        raise StopCheckError


def _any(value: object) -> Any:
    """The value without its type, which is only partly known in schemathesis."""
    return value


def _schema(probe: Probe) -> Any:
    contract, wire = probe.contract, probe.wire
    config = {
        # Without parameters to spoil, nearly every negative case spoils the token, and few successes would be left.
        "operations": [{
            "include-operation-id": [contract.refresh.name, contract.log_out.name],
            "phases": {"fuzzing": {"generation": {"mode": "positive"}}},
        }],
        "base-url": wire.base_url,
        "request-timeout": wire.timeout,
        "tls-verify": str(wire.ca or os.environ.get("SSL_CERT_FILE") or "") or True,
        "headers": dict(probe.mask.headers),
        "rate-limit": "auto",  # waits as Retry-After says
        "continue-on-failure": True,
        "cache": {"enabled": False},
        "generation": {
            "deterministic": probe.seed is None,
            "max-examples": QUICK_EXAMPLES if probe.quick else EXAMPLES,
            "database": "none",
            "no-shrink": True,  # it would repeat each failure for half a minute
        },
        **({} if probe.seed is None else {"seed": probe.seed}),
    }  # fmt: skip
    document = deepcopy(dict(contract.document))
    log_in = document["paths"][contract.log_in.path][contract.log_in.method.lower()]
    for media_type in as_object(log_in.get("requestBody")).get("content", {}).values():
        # With the contract's own example, no log-in of the stateful phase would succeed.
        media_type["examples"] = {"user": {"value": probe.right}}
    loaded = _any(schemathesis.openapi).from_dict(document, config=_any(schemathesis.Config).from_dict(config))
    schema = loaded.include(operation_id=[each.name for each in contract.session_operations])

    class LogIn:
        def get(self, *_: object) -> str:
            if probe.gone:
                raise StopCheckError
            return probe.log_in().value

        def set(self, case: Any, token: str, _: object) -> None:
            name, value = probe.bearer(token)
            case.headers[name] = value

    # Log-in needs no token.
    schema.auth(refresh_interval=None).skip_for(operation_id=contract.log_in.name)(LogIn)
    return schema


def _take_in(probe: Probe, recorder: ScenarioRecorder) -> Iterator[str]:
    """Record what the checks found in a scenario; return the operation of each success."""
    routes = {(each.method, each.path): each.name for each in probe.contract.session_operations}
    skipped = {*OWN_HEADERS, "x-schemathesis-testcaseid", *(name.lower() for name in probe.mask.headers)}
    answers: dict[str, Answer] = {}
    for number, interaction in recorder.interactions.items():
        sent, came = interaction.request, interaction.response
        kept = tuple(each for each in _lines(sent.headers) if each[0].lower() not in skipped)
        token = next(iter(probe.mask.sent_in(Request(headers=kept))), "")
        request = Request(headers=kept, body=sent.body, token=token, method=sent.method, url=sent.uri)
        if came is not None:
            headers = httpx.Headers(_lines(came.headers))
            answers[number] = Answer(request, came.status_code, came.message, headers, came.content)
            if came.status_code < 300:
                yield routes.get((sent.method, _any(recorder.cases[number]).value.operation.path), "")
    for number, nodes in recorder.checks.items():
        for failed in (node for node in nodes if node.failure_info is not None):
            failure = _any(failed.failure_info).failure
            expected = f"{recorder.label}: {' '.join([failure.title, *failure.message.split()])}"
            _record(probe, failed.name, expected, answers.get(number))


def _lines(headers: Mapping[str, list[str]]) -> list[tuple[str, str]]:
    return [(name, value) for name, values in headers.items() for value in values]


def _record(probe: Probe, name: str, expected: str, answer: Answer | None) -> None:
    """Record a finding of one of schemathesis' checks, unless it only repeats one of our own."""
    level, title = Level.ADVICE if name in ADVICE else Level.VIOLATION, name.replace("_", " ").capitalize()
    new = Result(Check(f"{GROUP}.{name}", title, level, ADVICE.get(name, SOURCE)))
    result = probe.further.setdefault(name, new)
    if (cause := REPEATS.get(name)) in {each.check for each in probe.findings}:
        result.not_tried = f"it met the finding of {cause} again"
    # One fault shows in many cases.
    elif answer is None or probe.mask.answer(answer) not in {each.came for each in result.findings}:
        probe.expect(None, expected, answer, result=result)


def _note_trouble(probe: Probe, event: events.EngineEvent) -> None:
    """Take in what schemathesis could not do. A request without an answer is a finding."""
    if isinstance(event, events.NonFatalError):
        trouble = " ".join(str(event.value).split())
        if type(event.value).__module__.startswith("requests"):
            probe.expect(None, f"{event.label}: an answer", came=trouble)
        elif not isinstance(event.value, StopCheckError):  # the probe has recorded why
            probe.leave_out(event.label, trouble)
    elif isinstance(event, events.FatalError):
        probe.leave_out(GROUP, f"{event.exception!r}")
