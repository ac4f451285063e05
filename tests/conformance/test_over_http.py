"""The whole suite, as people run it: against the project's own mock, over HTTP, in less than two minutes."""

import resource
import subprocess
import sys

import pytest
from conftest import ROOT

from pacerpro_conformance import answers, cli, suite

pytestmark = pytest.mark.timeout(320)


@pytest.fixture(scope="module")
def whole():
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, str(ROOT / "scripts" / "conformance.py")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_the_projects_own_mock_holds_the_contract(whole):
    done, _ = whole
    assert (done.returncode, done.stderr) == (0, "")
    passed = len(suite.checks(lambda _name: True)) + len(answers.ASPECTS) + 1
    assert f"The server holds the contract: {passed} checks passed" in done.stdout.splitlines()[-1]


def test_it_takes_less_than_two_minutes(whole):
    """Of the processor, so that a machine with other work to do does not matter."""
    _, seconds = whole
    assert seconds < 120


def test_every_group_and_every_phase_is_told_of(whole):
    done, _ = whole
    for group in suite.GROUPS:
        assert f"  ok    {suite.title_of(group)} (" in done.stdout
    for phase in ("examples", "coverage", "fuzzing", "stateful"):
        assert f"        phase {phase}: " in done.stdout


def test_the_callers_variables_do_not_change_the_mock(monkeypatch):
    monkeypatch.setenv("PACERPRO_MOCK_FAIL", "status=503 times=always")
    assert cli.main(["--only=tokens.*"]) == 0


def test_the_statuses_of_the_gateway_are_named_as_not_seen(whole, contract):
    done, _ = whole
    for name, operation in contract.operations.items():
        gateways = ", ".join(each for each in operation.responses if each in {"403", "429"} or each.startswith("5"))
        assert f"  note  Documented and not seen, {name}: {gateways}\n" in done.stdout


def test_nothing_is_skipped(whole):
    done, _ = whole
    assert "skip" not in done.stdout
