"""What is said of a server that does not hold the contract: what was expected, what came, how to repeat it."""

import re
import subprocess
import time
from collections import Counter
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import pytest
from mutate import SECRET, USERS

from pacerpro_conformance import cli, report, suite
from pacerpro_conformance.contract import Operation
from pacerpro_conformance.http.wire import Call
from pacerpro_conformance.masking import Mask
from pacerpro_mock.service.authentication import Account, Service

OWN = [f"--only={group}.*" for group in suite.GROUPS]
TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.")


@pytest.fixture
def log_out_does_nothing(monkeypatch):
    monkeypatch.setattr(Account, "renew_jti", lambda _account: None)


@pytest.fixture
def any_password_will_do(monkeypatch):
    monkeypatch.setattr(Service, "_password_matches", lambda _self, account, _password: bool(account.email))


def run(capsys, *arguments):
    status = cli.main(list(arguments))
    return status, capsys.readouterr().out


def test_a_server_that_holds_the_contract(capsys, flags):
    status, text = run(capsys, *flags, "--only=logout.*")
    assert status == 0
    assert text.endswith("s.\n")
    assert "The server holds the contract: 13 checks passed" in text


def test_a_finding_says_what_was_expected_and_what_came(capsys, flags, log_out_does_nothing):
    status, text = run(capsys, *flags, "--only=logout.*")
    assert status == 1
    assert "  expected  401: log-out of ada@example.com has ended the token that was sent\n" in text
    assert '  came      200 OK, application/json, {"jwtToken":"$TOKEN","expiresAt":"' in text
    assert "  with      log-out of ada@example.com has ended the token that was sent\n" in text
    assert '  repeat    curl -i -X GET -H "Authorization: Bearer $TOKEN" http://127.0.0.1:' in text
    assert "The server does not hold the contract: 6 of 13 checks failed" in text


def test_no_secret_is_shown(capsys, flags, log_out_does_nothing, any_password_will_do, tmp_path):
    junit = tmp_path / "report.xml"
    status, text = run(capsys, *flags, *OWN, f"--junit={junit}")
    assert status == 1
    for shown in (text, junit.read_text()):
        assert not TOKEN.search(shown)
        for secret in (SECRET, *USERS.values()):
            assert secret.casefold() not in shown.casefold()
            # Nor what nearly is the secret, nor how it looks in a URL.
            assert secret[1:].casefold() not in shown.casefold()
            assert secret.replace(" ", "+").casefold() not in shown.casefold()


def words_of(line, variables):
    """The words that a shell makes of a line."""
    command = ["/bin/sh", "-c", f"printf '%s\\n' {line}"]
    return subprocess.run(command, capture_output=True, text=True, env=variables, check=True).stdout.splitlines()


def test_the_command_repeats_the_finding(capsys, flags, any_password_will_do):
    """It is run as it is printed, with the shell's own variables."""
    _, text = run(capsys, *flags, "--only=login.wrong*")
    line = next(line for line in text.splitlines() if "repeat" in line).split("repeat", 1)[1].strip()
    assert '{"email": "ada@example.com", "password": "whatever"}' in words_of(line, {"PASSWORD": "whatever"})


def test_junit(capsys, flags, log_out_does_nothing, tmp_path):
    junit = tmp_path / "report.xml"
    run(capsys, *flags[:4], "--only=logout.*", "--only=forged.*", f"--junit={junit}")
    suite_element = ET.parse(junit).getroot()  # noqa: S314 - the suite has just written it
    cases = {case.get("name"): case for case in suite_element}
    assert suite_element.get("tests") == str(len(cases))
    assert suite_element.get("failures") == str(sum(case.find("failure") is not None for case in cases.values()))
    failure = cases["logout.ends_every_token"].find("failure")
    assert (
        failure.get("message") == "Log-out ends the token that was sent, those of other log-ins, and those of refresh"
    )
    assert "expected" in failure.text
    assert cases["forged.with_other_hash"].find("skipped").get("message") == suite.UNSIGNED
    assert cases["logout.answers_an_empty_object"].find("failure") is None


def test_without_the_secret_forging_is_skipped_and_that_is_said(capsys, flags):
    status, text = run(capsys, *flags[:4], "--only=forged.*", "--only=tokens.*")
    assert status == 0
    assert f"        5 more skipped: {suite.UNSIGNED}\n" in text
    assert f"        1 more skipped: {suite.UNSIGNED}\n" in text


def test_documented_statuses_that_were_not_seen_are_named(contract):
    seen = Counter(
        {("sessionRefresh", 200): 3, ("sessionRefresh", 503): 1, ("sessionDelete", 200): 1, ("QUERY", 405): 1}
    )
    assert report.unseen(contract, seen) == [
        f"{name}: {', '.join(each for each in operation.responses if (name, int(each)) not in seen)}"
        for name, operation in contract.operations.items()
    ]


def test_a_documented_range_is_seen_when_one_of_its_statuses_is():
    operations = {"find": Operation("find", "get", "/", secured=False, responses={"200": {}, "4XX": {}, "5XX": {}})}
    contract = SimpleNamespace(operations=operations)
    assert report.unseen(contract, Counter({("find", 503): 1})) == ["find: 200, 4XX"]


def test_a_server_that_dies_on_the_way(capsys, flags, server, monkeypatch):
    """The rest is not tried, and that is said."""
    log_out = Service.log_out

    def dying(self, token):
        server.fail_next(times=None, drop="before")
        return log_out(self, token)

    monkeypatch.setattr(Service, "log_out", dying)
    status, text = run(capsys, *flags, "--only=logout.*", "--only=forged.*", "--only=schemathesis")
    assert status == 1
    assert suite.GONE in text
    assert "Generated requests" not in text


def test_a_server_that_hangs_on_one_operation(capsys, flags, server):
    """Other answers in between do not make it worth waiting for: some time-outs, and not one for each check."""
    server.fail_next(operation="sessionRefresh", latency=60, times=None)
    start = time.monotonic()
    status, text = run(capsys, *flags, *OWN, "--timeout=0.5")
    assert status == 1
    assert suite.GONE in text
    assert time.monotonic() - start < 10


def test_every_check_has_a_name_and_a_rule_of_its_own():
    every = suite.checks(lambda _name: True)
    assert len({each.name for each in every}) == len({each.title for each in every}) == len(every) > 50
    assert all(each.title for each in every)
    assert {each.group for each in every} == set(suite.GROUPS)


@pytest.mark.parametrize("text", ["it's", 'a "b" $(touch x) `y` $HOME $TOKEN', "$TOKENS \\ $PASSWORD", "$SECRET"])
def test_nothing_but_our_own_variables_is_expanded(text):
    mask = Mask(["correct horse"], None, "password")
    call = Call("GET", "http://127.0.0.1/", (("X-Test", text),))
    values = {"TOKEN": "t", "PASSWORD": "p", "SECRET": "s", "TOKENS": "wrong", "HOME": "wrong"}
    words = words_of(call.as_curl(mask), values)
    expected = re.sub(r"\$(TOKEN|PASSWORD|SECRET)\b", lambda found: values[found[1]], text)
    assert f"X-Test: {expected}" in words
