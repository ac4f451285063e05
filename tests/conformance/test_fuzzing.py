"""Schemathesis as a group of the suite: the same requests on each run, and findings like those of our own checks."""

import subprocess

import pytest

from pacerpro_conformance import suite
from pacerpro_conformance.findings import Finding, Level
from pacerpro_conformance.server import User
from pacerpro_mock.http import answers
from pacerpro_mock.service.tokens import Signer

RUN = "schemathesis.run"


@pytest.fixture
def fuzz(probe):
    """The results of schemathesis, by the name of the check."""

    def run(seed=None):
        probe.seed, probe.quick = seed, True
        (_, results), *_ = suite.run(probe, suite.checks(["schemathesis"]))
        return {each.check.name: each for each in results}

    return run


@pytest.fixture
def teapot(monkeypatch):
    monkeypatch.setattr(answers, "wrong_credentials", lambda: answers.error(418, "I'm a teapot"))


def test_each_run_sends_the_same_requests_unless_a_seed_varies_them(fuzz, server):
    def sent(seed=None):
        server.reset()
        assert [*fuzz(seed)] == [RUN]
        return [(each.method, each.path, each.body) for each in server.requests]

    assert sent() == sent()
    assert sent() != sent(1) == sent(1)


def test_generated_log_ins_succeed_for_any_user(fuzz, server, contract):
    """With the credentials of the contract's example, none would."""
    fuzz()
    made = [each for each in server.requests if "schemathesis" in each.headers.get("user-agent", "")]
    assert [each for each in made if (each.method, each.status) == (contract.log_in.method, 200)]


def test_too_few_successes_are_said(fuzz, server, contract):
    server.fail_next(operation=contract.refresh.name, status=503, times=None)
    assert f"{contract.refresh.name}: 0 successes, and 20 are needed to prove much" in fuzz()[RUN].gaps


def test_a_log_in_that_fails_is_a_finding(fuzz, probe):
    probe.ada = User(probe.ada.email, "wrong")
    (finding,) = fuzz()[RUN].findings
    assert finding.expected == "200 and a session with both properties from POST"
    assert finding.came.startswith("401")


def test_requests_without_an_answer_are_a_finding(fuzz, server, contract):
    server.fail_next(operation=contract.refresh.name, drop="before", times=None)
    findings = fuzz()[RUN].findings
    assert findings[0].expected.endswith(": an answer")


def test_a_finding_that_repeats_one_of_our_own_is_left_out(fuzz, probe, teapot):
    probe.findings.append(Finding("answers.status", Level.VIOLATION, "", "a status", "418"))
    result = fuzz()["schemathesis.status_code_conformance"]
    assert result.findings == []
    assert result.outcome(strict=True) == "not tried"
    assert result.not_tried == "it met the finding of answers.status again"


@pytest.fixture
def opaque_tokens(monkeypatch):
    issued, sign, read = {}, Signer.sign, Signer.read
    monkeypatch.setattr(Signer, "sign", lambda self, claims: (
        issued.setdefault(f"opaque-{len(issued):08}", sign(self, claims)) and [*issued][-1]))  # fmt: skip
    monkeypatch.setattr(Signer, "read", lambda self, token, now: read(self, issued.get(token, token), now))


@pytest.mark.parametrize("tokens", ["signed", "opaque"])
def test_a_finding_shows_no_secret(fuzz, probe, monkeypatch, request, tokens):
    """The token is in the answer that schemathesis complains about, and the password in the request."""
    if tokens == "opaque":
        request.getfixturevalue("opaque_tokens")
    session = answers.session
    monkeypatch.setattr(answers, "session", lambda started: session(started).with_header("Cache-Control", "private"))
    monkeypatch.setattr(type(probe), "call", lambda self, operation, request: self.send(  # it would find the same first
        operation.method, operation.path, request))  # fmt: skip
    found = fuzz()
    assert found.keys() == {RUN, "schemathesis.response_headers_conformance"}
    findings = found["schemathesis.response_headers_conformance"].findings
    for finding in findings:
        assert "$TOKEN" in finding.came
        assert "eyJ" not in str(finding)
        assert "opaque-" not in str(finding)
        assert probe.ada.password not in str(finding)
        assert finding.repeat.startswith("curl")
        assert "Filtered" not in finding.repeat
    assert any('-H "Authorization: Bearer $TOKEN"' in each.repeat for each in findings)


def test_a_shell_can_run_the_command_of_a_finding(fuzz, teapot):
    findings = fuzz()["schemathesis.status_code_conformance"].findings
    curl = next(each.repeat for each in findings if "$PASSWORD" in each.repeat)
    words = subprocess.run(
        ["/bin/sh", "-c", f"printf '%s\\n' {curl}"],
        env={"PASSWORD": "changed", "TOKEN": "t"}, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert '"password": "changed"' in words
