"""Settings: flags, environment variables, and a file of users."""

from __future__ import annotations

from pathlib import Path

import pytest

from pacerpro_mock import Mock
from pacerpro_mock.cli import mock_of
from pacerpro_mock.options import parse


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch):
    for name in ("HOST", "PORT", "USERS", "USERS_FILE", "SECRET", "TOKEN_LIFE", "MAX_BODY"):
        monkeypatch.delenv(f"PACERPRO_MOCK_{name}", raising=False)


@pytest.fixture
def users_file(tmp_path) -> Path:
    path = tmp_path / "users.toml"
    path.write_text('[users]\n"ada@example.com" = "se,cr:et"\n"bob@example.com" = "another"\n', encoding="utf-8")
    return path


def log_in(arguments: list[str], email: str, password: str) -> bool:
    from pacerpro_mock.service import WrongCredentials

    try:
        mock_of(parse(arguments)).service.log_in(email, password)
    except WrongCredentials:
        return False
    return True


def test_the_defaults_are_as_the_help_says():
    options = parse([])
    assert (options.host, options.port, options.users, options.secret) == ("127.0.0.1", 8080, None, None)
    assert log_in([], "ada@example.com", "correct horse battery staple")


@pytest.mark.parametrize(
    ("flag", "value", "name"),
    [
        ("--host", "::1", "host"),
        ("--port", "0", "port"),
        ("--secret", "s" * 32, "secret"),
        ("--token-life", "5", "token_life"),
        ("--max-body", "5", "max_body"),
        ("--login-limit", "5", "login_limit"),
        ("--lockout-after", "5", "lockout_after"),
        ("--lockout-seconds", "5", "lockout_seconds"),
        ("--request-id-header", "X-Id", "request_id_header"),
    ],
)
def test_each_setting_is_a_flag_and_a_variable_and_the_flag_wins(monkeypatch, flag, value, name):
    expected = int(value) if value.isdigit() else value
    assert getattr(parse([flag, value]), name) == expected
    variable = f"PACERPRO_MOCK_{name.upper()}"
    monkeypatch.setenv(variable, value)
    assert getattr(parse([]), name) == expected
    monkeypatch.setenv(variable, "7")
    assert getattr(parse([flag, value]), name) == expected


def test_users_can_come_from_a_file(users_file, monkeypatch):
    arguments = ["--users-file", str(users_file)]
    assert log_in(arguments, "ada@example.com", "se,cr:et")
    assert log_in([*arguments, "--user", "eve@example.com:x"], "bob@example.com", "another")
    assert log_in([*arguments, "--user", "eve@example.com:x"], "eve@example.com", "x")
    monkeypatch.setenv("PACERPRO_MOCK_USERS_FILE", str(users_file))
    assert log_in([], "ada@example.com", "se,cr:et")


def test_users_can_come_from_the_environment_unless_the_command_line_names_some(monkeypatch):
    monkeypatch.setenv("PACERPRO_MOCK_USERS", "ada@example.com:a:b,bob@example.com:another,")
    assert parse([]).users == {"ada@example.com": "a:b", "bob@example.com": "another"}
    assert parse(["--user", "eve@example.com:x"]).users == {"eve@example.com": "x"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "no table"),
        ("[users]\n", "no table"),
        ("users = 5\n", "no table"),
        ("hush\n", "is no TOML"),
        ('[users]\n"ada@example.com" = "hush', "is no TOML"),
        ('[users]\n"ada@example.com" = 5\n', "without an e-mail address or without a password"),
        ('[users]\n"ada@example.com" = ""\n', "without an e-mail address or without a password"),
        ('[users]\nada = "hush"\n', "without an e-mail address or without a password"),
        (b"\xff", "is no TOML"),
    ],
)
def test_a_file_that_holds_no_users_is_refused_in_one_line(tmp_path, content, words):
    path = tmp_path / "users.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ValueError, match=words) as caught:
        parse(["--users-file", str(path)])
    assert "hush" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"cannot read .*: No such file or directory"):
        parse(["--users-file", str(tmp_path / "none.toml")])
    with pytest.raises(ValueError, match=r"cannot read .*: Is a directory"):
        parse(["--users-file", str(tmp_path)])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--secrt=hush"], "no such option: --secrt"),
        (["--secrt", "hush"], "no such option: --secrt"),
        (["--token", "5"], "no such option: --token"),
        (["--port", "x"], "--port"),
        (["--token-life", "1.5"], "--token-life"),
        (["--user", "hush"], "number 1"),
    ],
)
def test_a_mistake_is_named_and_no_secret_repeated(arguments, words):
    with pytest.raises(ValueError, match=words) as caught:
        parse(arguments)
    assert "hush" not in str(caught.value)


def test_a_variable_that_cannot_be_is_refused(monkeypatch):
    monkeypatch.setenv("PACERPRO_MOCK_PORT", "x")
    with pytest.raises(ValueError, match="--port"):
        parse([])


def test_an_empty_host_is_not_every_address(monkeypatch):
    monkeypatch.setenv("PACERPRO_MOCK_HOST", "")
    assert parse([]).host == "127.0.0.1"
    with pytest.raises(ValueError, match="--host needs an address"):
        parse(["--host", ""])


def test_a_request_id_header_has_a_name_that_a_header_may_have():
    with pytest.raises(ValueError, match="no header may have"):
        mock_of(parse(["--request-id-header", "a b"]))


@pytest.mark.parametrize(
    "settings", [{"token_life": 1.5}, {"token_life": 0}, {"body_timeout": 0}, {"body_timeout": -1}]
)
def test_a_setting_that_cannot_be_is_refused_when_it_is_made(settings):
    with pytest.raises(ValueError, match="seconds"):
        Mock(**settings)


@pytest.mark.parametrize("fault", [{"times": 1.5}, {"status": "503"}, {"status": 503.0}])
def test_a_fault_that_cannot_be_is_refused_when_it_is_asked_for(fault):
    with pytest.raises(ValueError, match="whole number"):
        Mock().fail_next(**{"status": 503, **fault})
