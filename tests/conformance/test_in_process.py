"""Schemathesis against the mock without a socket: all phases, the same on each run, and never green for nothing."""

import subprocess

from pacerpro_conformance import fuzzing
from pacerpro_conformance.fuzzing import Plan
from pacerpro_conformance.masking import Mask
from pacerpro_conformance.probe import User
from pacerpro_mock import Mock, create_app
from pacerpro_mock.http import answers

USER = User("ada@example.com", "correct horse")
SMALL = Plan(examples=15, least={})


def run(contract, plan, user=USER, phases=None):
    app = create_app(Mock({USER.email: USER.password}))
    mask = Mask([USER.password], None, contract.password)
    on_phase = (lambda phase, count: phases.append((phase, count))) if phases is not None else lambda *_: None
    return fuzzing.run(contract, "http://testserver/v1", user, plan, mask, on_phase=on_phase, app=app)


def test_the_mock_holds_the_contract_in_every_phase(contract):
    phases = []
    outcome = run(contract, fuzzing.FULL, phases=phases)
    assert outcome.findings == []
    assert [phase for phase, _ in phases] == ["examples", "coverage", "fuzzing", "stateful"]
    assert all(count for _, count in phases)
    successes = outcome.successes(contract)
    assert successes["GET"] >= 50
    assert successes["DELETE"] >= 30


def test_each_run_sends_the_same_requests(contract):
    assert run(contract, SMALL).cases == run(contract, SMALL).cases


def test_a_seed_sends_others_and_the_same_seed_the_same(contract):
    first, again, other = (run(contract, Plan(examples=15, least={}, seed=seed)).cases for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_too_few_successes_are_a_finding(contract):
    outcome = run(contract, Plan(examples=5, least=fuzzing.FULL.least))
    assert {finding.check for finding in outcome.findings} == {"schemathesis.successes"}
    assert {finding.expected for finding in outcome.findings} == {
        "at least 50 answers 2xx to GET",
        "at least 30 answers 2xx to DELETE",
    }


def test_a_log_in_that_fails_is_a_finding(contract):
    outcome = run(contract, SMALL, user=User(USER.email, "wrong"))
    assert "schemathesis.error" in {finding.check for finding in outcome.findings}


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
        assert finding.curl.startswith("curl")
    assert '-H "Authorization: Bearer $TOKEN"' in findings[0].curl
    assert [finding.curl for finding in findings if "Filtered" in finding.curl] == []


def test_the_command_of_a_finding_is_one_that_a_shell_can_repeat(contract, monkeypatch):
    monkeypatch.setattr(answers, "wrong_credentials", lambda: answers.error(418, "I'm a teapot"))
    curl = next(each.curl for each in run(contract, SMALL).findings if "$PASSWORD" in each.curl)
    words = subprocess.run(
        ["/bin/sh", "-c", f"printf '%s\\n' {curl}"],
        env={"PASSWORD": "whatever", "TOKEN": "t"}, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert '"password": "whatever"' in words
    assert "Authorization: Bearer t\n" in words
