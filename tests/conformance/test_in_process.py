"""Schemathesis against the mock without a socket: all phases, and the same requests on each run."""

import re
import subprocess
from dataclasses import replace

from pacerpro_conformance import fuzzing
from pacerpro_conformance.answers import ASPECTS
from pacerpro_conformance.findings import Finding, Level, Result
from pacerpro_conformance.fuzzing import Plan
from pacerpro_conformance.http.masking import Mask
from pacerpro_conformance.http.repeat import Repeats
from pacerpro_conformance.server.users import User
from pacerpro_mock import Mock, create_app
from pacerpro_mock.http import answers

USER = User("ada@example.com", "correct horse")
SMALL = Plan(examples=15)


def run(contract, plan, user=USER, phases=None):
    app = create_app(Mock({USER.email: USER.password}))
    repeats = Repeats(Mask([USER.password], None, contract.password, contract.token))
    on_phase = (lambda phase, count: phases.append((phase, count))) if phases is not None else lambda *_: None
    return fuzzing.run(contract, "http://testserver/v1", user, plan, repeats, on_phase=on_phase, app=app)


def test_the_mock_holds_the_contract_in_every_phase(contract):
    phases = []
    outcome = run(contract, fuzzing.FULL, phases=phases)
    assert outcome.findings == []
    assert [phase for phase, _ in phases] == ["examples", "coverage", "fuzzing", "stateful"]
    assert all(count for _, count in phases)
    assert outcome.troubles == []


def test_each_run_sends_the_same_requests(contract):
    assert run(contract, SMALL).cases == run(contract, SMALL).cases


def test_a_seed_sends_others_and_the_same_seed_the_same(contract):
    first, again, other = (run(contract, Plan(examples=15, seed=seed)).cases for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_too_few_successes_are_said_and_no_success(contract):
    outcome = run(contract, replace(fuzzing.FULL, examples=5))
    assert [re.sub(r"\d+ successes", "few", each) for each in outcome.troubles if "successes" in each] == [
        f"{contract.refresh.name}: few, and 50 are needed to prove much",
        f"{contract.log_out.name}: few, and 30 are needed to prove much",
    ]
    (result,) = outcome.results(0)
    assert result.gaps == outcome.troubles


def test_a_log_in_that_fails_leaves_a_gap(contract):
    outcome = run(contract, SMALL, user=User(USER.email, "wrong"))
    assert outcome.results(0)[-1].not_tried.startswith("POST /session: log-in was answered 401")


def test_a_finding_that_repeats_one_of_our_own_is_left_out(contract, monkeypatch):
    monkeypatch.setattr(answers, "wrong_credentials", lambda: answers.error(418, "I'm a teapot"))
    outcome = run(contract, SMALL)
    own = Result(ASPECTS["status"], [Finding("answers.status", Level.VIOLATION, "", "a status", "418")])
    results = {each.check.name: each for each in outcome.results(0, [own])}
    assert results["schemathesis.status_code_conformance"].findings == []
    assert "answers.status" in results["schemathesis.status_code_conformance"].not_tried


def test_a_finding_shows_no_secret(contract, monkeypatch):
    """The token is in the answer that schemathesis complains about, and the password in the request."""
    session = answers.session
    monkeypatch.setattr(answers, "session", lambda started: session(started).with_header("Cache-Control", "private"))
    findings = run(contract, SMALL).findings
    assert {finding.check for finding in findings} == {"schemathesis.response_headers_conformance"}
    for finding in findings:
        assert "$TOKEN" in finding.came
        assert "eyJ" not in str(finding)
        assert USER.password not in str(finding)
        assert finding.repeat.startswith("curl")
    assert '-H "Authorization: Bearer $TOKEN"' in findings[0].repeat
    assert [finding.repeat for finding in findings if "Filtered" in finding.repeat] == []


def test_a_shell_can_run_the_command_of_a_finding(contract, monkeypatch):
    monkeypatch.setattr(answers, "wrong_credentials", lambda: answers.error(418, "I'm a teapot"))
    curl = next(each.repeat for each in run(contract, SMALL).findings if "$PASSWORD" in each.repeat)
    words = subprocess.run(
        ["/bin/sh", "-c", f"printf '%s\\n' {curl}"],
        env={"PASSWORD": "whatever", "TOKEN": "t"}, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert '"password": "whatever"' in words
    assert "Authorization: Bearer t\n" in words
