"""The whole suite, as people run it: strictly, against the project's own mock, over HTTP."""

import json
import subprocess
import sys

import pytest

from pacerpro_conformance import answers, cli, suite

pytestmark = pytest.mark.timeout(320)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    report = tmp_path_factory.mktemp("whole") / "report.json"
    command = [sys.executable, "-m", "pacerpro_conformance", "--timeout=30", "--json", str(report)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    return done, json.loads(report.read_text("utf-8"))


def test_the_projects_own_mock_holds_the_contract_strictly(whole):
    done, report = whole
    assert (done.returncode, done.stderr) == (0, "")
    passed = len(suite.checks()) + len(answers.ASPECTS)
    assert report["strict"]
    assert report["counts"] == {"passed": passed}
    assert f"The server holds the contract: {passed} checks passed" in done.stdout.splitlines()[-1]


def test_every_check_is_tried_completely(whole):
    done, report = whole
    assert [check["not_tried"] for check in report["checks"] if check["not_tried"]] == []
    for group in suite.GROUPS:
        assert f"  ok    {group} " in done.stdout


def test_the_callers_variables_do_not_change_the_mock(monkeypatch):
    monkeypatch.setenv("PACERPRO_MOCK_FAIL", "status=503 times=always")
    assert cli.main(["--only=tokens.*"]) == 0
