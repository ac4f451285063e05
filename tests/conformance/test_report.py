"""What the suite says of a server: what was expected, what came, how to repeat it, and nothing secret."""

import json
import re
from xml.etree import ElementTree as ET

import pytest
from mutate import SECRET, USERS

from pacerpro_conformance import answers, suite
from pacerpro_conformance.findings import Level
from pacerpro_mock.http.messages import Head
from pacerpro_mock.service.authentication import Account, Service
from pacerpro_mock.service.tokens import InvalidToken, Signer

OWN = [f"--only={group}.*" for group in suite.GROUPS]
TOKEN = re.compile(r"eyJ[\w-]+\.[\w-]+\.")


@pytest.fixture
def log_out_does_nothing(monkeypatch):
    monkeypatch.setattr(Account, "renew_jti", lambda _account: None)


@pytest.fixture
def any_password_will_do(monkeypatch):
    monkeypatch.setattr(Service, "_password_matches", lambda _self, account, _password: bool(account.email))


@pytest.fixture
def any_case_of_bearer(monkeypatch):
    """What RFC 9110 allows, and what is therefore advice."""
    bearer_token = Head.bearer_token

    def lenient(head):
        changed = [(name, re.sub(rb"(?i)^bearer ", b"Bearer ", value)) for name, value in head.headers]
        return bearer_token(type(head)(head.method, head.path, changed))

    monkeypatch.setattr(Head, "bearer_token", lenient)


def test_a_server_that_holds_the_contract(run, flags):
    status, text = run(*flags, "--only=logout.*")
    assert status == 0
    assert "The server holds the contract: 12 checks passed" in text


def test_a_finding_says_what_was_expected_what_came_and_where_the_rule_is_written(run, flags, log_out_does_nothing):
    status, text = run(*flags, "--only=logout.*")
    assert status == 1
    assert "  expected  401: log-out has ended the token that was sent\n" in text
    assert '  came      200 OK, application/json, {"jwtToken":"$TOKEN","expiresAt":"' in text
    assert "  written   openapi.yaml, sessionDelete, description: all tokens of the user end at once" in text
    assert '-X GET -H "Authorization: Bearer $TOKEN" http://127.0.0.1:' in text


def test_a_consequence_is_not_a_second_finding(run, flags, log_out_does_nothing):
    """Each of the other checks meets the same fault."""
    _, text = run(*flags, "--only=logout.*", "--only=bodies.*", "--only=routes.queries*")
    assert text.count("expected  401: log-out has ended the token that was sent") == 1
    assert "not tried  logout.is_final" in text
    assert "it met the finding of logout.ends_every_token again" in text


def test_tokens_that_end_at_once_are_one_finding(run, flags, monkeypatch):
    monkeypatch.setattr(Service, "_first_expiry", lambda self: int(self._clock.now()) - 5)
    _, text = run(*flags, "--only=login.*", "--only=refresh.*", "--only=logout.*", "--only=placement.*")
    assert re.findall(r"expected  (.*)", text) == ["200: a new token is accepted"]


def test_unverified_signatures_are_one_check(run, flags, monkeypatch):
    monkeypatch.setattr(Signer, "check_signature", lambda _self, _segments: None)
    _, text = run(*flags, "--only=forged.*", "--json=/dev/null")
    assert "forged.other_algorithms, forged.keys_in_the_header: it met the finding of forged.invalid_sig" in text


def test_advice_does_not_fail_and_is_short(run, flags, any_case_of_bearer):
    status, text = run(*flags, "--only=placement.*")
    assert status == 0
    assert "Advice, which does not fail:\n  placement.other_schemes_are_refused: expected 401: a live token" in text
    assert "written: RFC 9110, section 11.1: the scheme is case-insensitive" in text
    assert "  repeat  " not in text
    assert "passed, 1 advice" in text


def test_advice_fails_a_strict_run(run, flags, any_case_of_bearer):
    status, text = run(*flags, "--only=placement.*", "--strict")
    assert status == 1
    assert "1 of 13 checks failed" in text


def test_a_log_out_that_was_advice_has_no_consequence(run, flags, any_case_of_bearer):
    """`bearer` logs the user out, and the live token has to be replaced."""
    _, text = run(*flags, "--only=placement.*")
    assert "have not ended a live token" not in text


def test_nothing_checked_is_not_a_pass(run, user_flags):
    status, text = run(*user_flags, "--only=forged.with*")
    assert status == 2
    assert text.splitlines()[-1] == "conformance: nothing was checked: no check that was asked for could run"


def test_skip_leaves_checks_out(run, flags, tmp_path):
    report = tmp_path / "report.json"
    skipped = [f"--skip={group}.*" for group in suite.GROUPS if group != "logout"]
    status, _ = run(*flags, *skipped,
                    "--skip=logout.is_final", "--json", report)  # fmt: skip
    names = [check["name"] for check in json.loads(report.read_text())["checks"]]
    assert status == 0
    assert [name for name in names if not name.startswith("answers.")] == [
        each.name for each in suite.checks(["logout.*"]) if each.name != "logout.is_final"
    ]


def test_without_the_secret_forging_with_it_is_named_as_not_tried(run, user_flags):
    status, text = run(*user_flags, "--only=forged.*", "--only=tokens.one*")
    assert status == 0
    assert "  not tried  tokens.one_key_signs_all, forged.with_an_expired_exp, forged.with_another_header" in text
    assert suite.UNSIGNED in text


def test_what_is_signed_with_the_secret_proves_nothing_if_the_server_refuses_a_copy(run, flags, monkeypatch):
    """It knows each of its tokens, and takes no other, signed or not."""
    issued, sign, check = set(), Signer.sign, Signer.check_signature

    def remembered(self, claims):
        issued.add((token := sign(self, claims)).split(".")[1])
        return token

    def known(self, segments):
        if segments.payload not in issued:
            raise InvalidToken("it was not issued here")
        check(self, segments)

    monkeypatch.setattr(Signer, "sign", remembered)
    monkeypatch.setattr(Signer, "check_signature", known)
    status, text = run(*flags, "--only=forged.with*")
    assert status == 2
    for name in (each.name for each in suite.checks(["forged.with*"])):
        assert re.search(rf"not tried .*{name}.*: the server refuses a live token that was signed again", text)
    assert text.splitlines()[-1].startswith("conformance: nothing was checked")
    status, text = run(*flags, "--only=forged.*")
    assert status == 0
    assert "4 not tried" in text


def test_forgeries_are_made_of_other_tokens_too(run, flags, monkeypatch):
    """With a string `sub`, an `iat` and no `jti`, and a server that takes `alg: none`."""
    from mutants import taken  # noqa: F401 - it registers the mutant

    from pacerpro_mock.service import tokens

    read, write = tokens.read_claims, tokens.payload_of

    def other(claims):
        payload = write(claims)
        return {**payload, "sub": str(payload["sub"]), "iat": payload["exp"] - 60}

    monkeypatch.setattr(tokens, "payload_of", other)
    monkeypatch.setattr(tokens, "read_claims", lambda claims: read(
        {**{key: each for key, each in claims.items() if key != "iat"}, "sub": int(claims["sub"])}))  # fmt: skip
    check = Signer.check_signature
    monkeypatch.setattr(tokens, "check_header", lambda _header: None)
    monkeypatch.setattr(Signer, "check_signature", lambda self, segments: (
        None if tokens.read_object(segments.header).get("alg") == "none" else check(self, segments)))  # fmt: skip
    status, text = run(*flags, "--only=forged.*")
    assert status == 1
    assert "expected  401: a live token with alg 'none' and its old signature" in text


def test_no_secret_is_shown(run, flags, log_out_does_nothing, any_password_will_do, tmp_path):
    files = [tmp_path / name for name in ("junit", "json", "markdown")]
    key = "horse-api-key"
    status, text = run(
        *flags, *OWN, "--strict", "--quick", f"--header=x-api-key: {key}", *(f"--{each.name}={each}" for each in files)
    )
    assert status == 1
    for shown in (text, *(each.read_text() for each in files)):
        assert not TOKEN.search(shown)
        for secret in (SECRET, *USERS.values(), key):
            assert secret.casefold() not in shown.casefold()
            # Nor what nearly is the secret, nor how it looks in a URL.
            assert secret[1:].casefold() not in shown.casefold()
            assert secret.replace(" ", "+").casefold() not in shown.casefold()
    assert '-H "x-api-key: $X_API_KEY"' in text


def test_own_headers_are_sent_with_each_request(run, flags, server):
    run(*flags, "--only=logout.*", "--only=routes.head*", "--only=schemathesis", "--quick", "--header=x-api-key: k")
    assert len(server.requests) > 100
    assert all(record.headers.get("x-api-key") for record in server.requests)


def test_junit_json_and_markdown_have_all_findings(run, user_flags, any_password_will_do, tmp_path):
    files = {kind: tmp_path / kind for kind in ("junit", "json", "markdown")}
    _, text = run(
        *user_flags, "--only=login.*", "--only=forged.*", *(f"--{kind}={path}" for kind, path in files.items())
    )
    root = ET.parse(files["junit"]).getroot()  # noqa: S314 - the suite has just written it
    cases = {case.get("name"): case for case in root}
    assert root.get("tests") == str(len(cases))
    assert root.get("failures") == str(sum(case.find("failure") is not None for case in cases.values()))
    failure = cases["login.wrong_credentials_are_refused"].find("failure")
    assert cases["forged.with_other_claims"].find("skipped").get("message") == suite.UNSIGNED
    assert cases["login.right_credentials_open_a_session"].find("failure") is None
    report = json.loads(files["json"].read_text())
    (check,) = (each for each in report["checks"] if each["name"] == "login.wrong_credentials_are_refused")
    assert failure.get("message") == check["title"]
    assert len(check["findings"]) > 10
    assert (
        failure.text.count("expected") == files["markdown"].read_text().count(check["name"]) == len(check["findings"])
    )
    violations = [each for each in check["findings"] if each["level"] == "violation"]
    assert f"login.wrong_credentials_are_refused: {len(violations) - 5} more" in text


def test_a_server_that_dies_on_the_way(run, flags, server, monkeypatch):
    """The rest is not tried, and that is said."""
    log_out = Service.log_out

    def dying(self, token):
        server.fail_next(times=None, drop="before")
        return log_out(self, token)

    monkeypatch.setattr(Service, "log_out", dying)
    status, text = run(*flags, "--only=logout.*", "--only=forged.*", "--only=schemathesis")
    assert status == 1
    assert f"schemathesis.run: {suite.GONE}" in text


def test_a_server_that_hangs_on_one_operation(run, flags, server):
    """After some timeouts, and not one for each check, the rest is not tried."""
    server.fail_next(operation="sessionRefresh", latency=60, times=None)
    status, text = run(*flags, *OWN, "--timeout=0.5")
    assert status == 1
    assert suite.GONE in text
    assert len(server.requests) < 600  # thousands otherwise


def test_every_check_has_a_name_a_rule_a_level_and_a_source():
    every = [*suite.checks(), *answers.ASPECTS.values()]
    assert len({each.name for each in every}) == len({each.title for each in every}) == len(every) > 40
    assert all(each.title and each.source and each.level in Level for each in every)
    assert {each.group for each in every} == {*suite.GROUPS, "answers"}
