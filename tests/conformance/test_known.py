"""Accepted deviations: they are reported as such, and a deviation that no longer happens is said."""

import json

import pytest

from pacerpro_mock.service.authentication import Account, Service

CHECK = "logout.ends_every_token"
ENTRY = f'[[known]]\ncheck = "{CHECK}"\nreason = "until release 7"\ndate = 2026-01-31\n'
OTHER = '[[known]]\ncheck = "logout.is_final"\nreason = "mended"\ndate = 2026-01-31\n'


@pytest.fixture
def known(tmp_path):
    def write(text):
        path = tmp_path / "known.toml"
        path.write_text(text)
        return f"--known={path}"

    return write


@pytest.fixture
def log_out_does_nothing(monkeypatch):
    monkeypatch.setattr(Account, "renew_jti", lambda _account: None)


def test_an_accepted_deviation_does_not_fail(run, flags, known, log_out_does_nothing, tmp_path):
    status, text = run(
        *flags, "--only=logout.*", known(ENTRY), f"--json={tmp_path / 'json'}", f"--junit={tmp_path / 'j'}"
    )
    assert status == 0, text
    assert f"  accepted   {CHECK}: 401: log-out has ended the token that was sent (until release 7, 2026-01-31)" in text
    assert "stale" not in text
    (check,) = (each for each in json.loads((tmp_path / "json").read_text())["checks"] if each["name"] == CHECK)
    assert check["outcome"] == "accepted"
    assert check["accepted"][0]["known"]["reason"] == "until release 7"
    assert 'skipped message="accepted: until release 7 (2026-01-31)"' in (tmp_path / "j").read_text()


def test_a_deviation_may_be_narrower_than_its_check(run, flags, known, monkeypatch):
    monkeypatch.setattr(Service, "_password_matches", lambda _self, account, _password: bool(account.email))
    check = "login.wrong_credentials_are_refused"
    narrow = known(f'{ENTRY.replace(CHECK, check)}expected = "*another*"\n')
    status, text = run(*flags, "--only=login.wrong*", narrow)
    assert status == 1
    assert f"accepted   {check}: 401: another password (until release 7, 2026-01-31)" in text
    assert "expected  401: another password" not in text
    assert "expected  401: the other user's password" in text


def test_a_deviation_that_no_longer_happens_is_said(run, flags, known):
    status, text = run(*flags, "--only=logout.*", known(OTHER))
    assert status == 0
    assert "  stale      logout.is_final no longer deviates" in text


def test_a_deviation_of_a_check_that_did_not_run_is_not_stale(run, flags, known):
    _, text = run(*flags, "--only=login.*", known(OTHER))
    assert "stale" not in text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[known", "is not TOML"),
        ("", "needs a table [[known]]"),
        ("known = 1", "needs a table [[known]]"),
        ("known = [1]", "deviation 1 needs check, reason and date"),
        (ENTRY.replace("reason", "why"), "deviation 1 needs check, reason and date"),
        (ENTRY.replace('"until release 7"', '""'), "deviation 1 needs check, reason and date"),
        (ENTRY.replace("2026-01-31", '"2026-01-31"'), "date (2026-01-31, no quotes)"),
        (ENTRY + OTHER.replace("is_final", "works"), "deviation 2: no check has the name logout.works"),
    ],
)
def test_a_broken_file_gets_one_line(run, flags, server, known, text, says):
    status, said = run(*flags, known(text))
    assert status == 2
    assert says in said
    assert said.count("\n") == 1
    assert server.requests == []


def test_a_file_that_cannot_be_read_gets_one_line(run, flags, tmp_path):
    status, said = run(*flags, f"--known={tmp_path / 'nowhere'}")
    assert (status, said.count("\n")) == (2, 1)
    assert "cannot be read: No such file or directory" in said


@pytest.mark.parametrize("name", ["answers.schema", "schemathesis.not_a_server_error", "forged.malformed_tokens"])
def test_any_finding_can_be_accepted(run, flags, known, name):
    status, _ = run(*flags, "--only=login.right*", known(ENTRY.replace(CHECK, name)))
    assert status == 0
