"""Settings: flags, environment variables, and a file of users."""

from __future__ import annotations

import os
from pathlib import Path

import httpx
import pytest

from pacerpro_mock import Mock
from pacerpro_mock.cli import OPTIONS, parse, server_of
from pacerpro_mock.settings import Settings

# For each option: a value as it is typed, the same in its variable, and what becomes of it.
EACH = {
    "--host": ("::1", "::1", "::1"),
    "--port": ("0", "0", 0),
    "--user": ("ada@example.com:a:b", "ada@example.com:a:b", {"ada@example.com": "a:b"}),
    "--users-file": (os.devnull, os.devnull, Path(os.devnull)),
    "--secret": ("s" * 32, "s" * 32, "s" * 32),
    "--token-life": ("5", "5", 5),
    "--max-body": ("5", "5", 5),
    "--body-timeout": ("0.5", "0.5", 0.5),
    "--login-limit": ("5", "5", 5),
    "--lockout-after": ("5", "5", 5),
    "--lockout-seconds": ("5", "5", 5),
    "--request-id-header": ("X-Id", "X-Id", "X-Id"),
    "--contract": (os.devnull, os.devnull, Path(os.devnull)),
    "--strict-slashes": (None, "1", True),
    "--gateway": (None, "1", True),
    "--cors": ("https://a.example", "https://a.example", ["https://a.example"]),
    "--tls": (None, "1", True),
    "--tls-name": ("mock", "mock", ["mock"]),
    "--tls-ca": ("ca.pem", "ca.pem", Path("ca.pem")),
    "--tls-cert": ("cert.pem", "cert.pem", Path("cert.pem")),
    "--tls-key": ("key.pem", "key.pem", Path("key.pem")),
    "--control-token": ("t" * 8, "t" * 8, "t" * 8),
    "--fail": ("status=503 times=2", "status=503 times=2", [{"status": 503, "times": 2, "headers": {}}]),
    "--quiet": (None, "1", True),
}
BY_FLAG = {option.flag: option for option in OPTIONS}


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch):
    for option in OPTIONS:
        monkeypatch.delenv(option.variable, raising=False)


@pytest.fixture
def users_file(tmp_path) -> Path:
    path = tmp_path / "users.toml"
    path.write_text('[users]\n"ada@example.com" = "se,cr:et"\n"bob@example.com" = "another"\n', encoding="utf-8")
    return path


def log_in(arguments: list[str], email: str, password: str) -> bool:
    from pacerpro_mock.service.authentication import WrongCredentials

    try:
        server_of(parse(arguments)).service.log_in(email, password)
    except WrongCredentials:
        return False
    return True


def test_the_defaults_are_as_the_help_says():
    options = parse([])
    assert (options.host, options.port, options.users, options.secret) == ("127.0.0.1", 8080, None, None)
    assert log_in([], "ada@example.com", "correct horse battery staple")


def words_of(flag: str) -> list[str]:
    typed = EACH[flag][0]
    return [flag] if typed is None else [flag, typed]


def test_every_option_is_in_the_table_and_every_setting_is_an_option():
    assert EACH.keys() == BY_FLAG.keys()
    assert Settings.__annotations__.keys() <= {option.name for option in OPTIONS}


@pytest.mark.parametrize("flag", EACH)
def test_each_option_is_a_flag_and_a_variable_and_the_flag_wins(monkeypatch, flag):
    option, (_, in_environment, expected) = BY_FLAG[flag], EACH[flag]
    # What is in the file is another test's.
    monkeypatch.setattr("pacerpro_mock.cli.from_file", lambda _path: {})
    assert getattr(parse([]), option.name) == option.default != expected
    assert getattr(parse(words_of(flag)), option.name) == expected
    monkeypatch.setenv(option.variable, in_environment)
    assert getattr(parse([]), option.name) == expected
    monkeypatch.setenv(option.variable, "")
    assert getattr(parse([]), option.name) == option.default
    monkeypatch.setenv(option.variable, {"--user": "eve@example.com:0", "--fail": "status=500"}.get(flag, "0"))
    assert getattr(parse(words_of(flag)), option.name) == expected


@pytest.mark.parametrize("name", Settings.__annotations__)
def test_each_setting_reaches_the_mock(monkeypatch, name):
    flag = next(flag for flag, option in BY_FLAG.items() if option.name == name)
    made = []
    monkeypatch.setattr("pacerpro_mock.http.server.MockServer", lambda _users, **settings: made.append(settings))
    server_of(parse(words_of(flag)))
    assert made[0][name] == EACH[flag][2]


@pytest.mark.parametrize("flag", ["--port", "--body-timeout", "--quiet", "--user", "--fail"])
def test_an_error_names_the_flag_or_the_variable_it_came_from(monkeypatch, flag):
    variable = BY_FLAG[flag].variable
    if flag != "--quiet":
        with pytest.raises(ValueError, match=f"^{flag}\\b") as caught:
            server_of(parse([flag, "nonsense"]))
        assert variable not in str(caught.value)
    monkeypatch.setenv(variable, "nonsense")
    with pytest.raises(ValueError, match=f"^{variable}\\b") as caught:
        server_of(parse([]))
    assert flag not in str(caught.value)


def test_faults_can_come_from_the_environment(monkeypatch):
    monkeypatch.setenv("PACERPRO_MOCK_FAIL", "status=503 operation=sessionCreate;status=502;content='a b'")
    mock = server_of(parse([]))
    with httpx.Client(transport=mock.transport(), base_url=mock.url) as client:
        answers = [client.post("/session", json={"email": mock.email, "password": mock.password}) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [503, 502, 200, 200]
    assert answers[2].text == "a b"


def test_users_can_come_from_a_file(users_file, monkeypatch):
    arguments = ["--users-file", str(users_file)]
    assert log_in(arguments, "ada@example.com", "se,cr:et")
    assert log_in([*arguments, "--user", "eve@example.com:x"], "bob@example.com", "another")
    assert log_in([*arguments, "--user", "eve@example.com:x"], "eve@example.com", "x")
    monkeypatch.setenv("PACERPRO_MOCK_USERS_FILE", str(users_file))
    assert log_in([], "ada@example.com", "se,cr:et")


def test_a_file_may_begin_with_a_byte_order_mark(users_file):
    users_file.write_bytes(b"\xef\xbb\xbf" + users_file.read_bytes())
    assert log_in(["--users-file", str(users_file)], "ada@example.com", "se,cr:et")


@pytest.mark.parametrize(
    ("name", "nearest"), [("USER", "USERS"), ("TOKENLIFE", "TOKEN_LIFE"), ("USERSFILE", "USERS_FILE")]
)
def test_an_unknown_variable_is_refused_and_the_nearest_named(monkeypatch, name, nearest):
    monkeypatch.setenv(f"PACERPRO_MOCK_{name}", "")
    assert parse([]).users is None
    monkeypatch.setenv(f"PACERPRO_MOCK_{name}", "a@b:hush")
    with pytest.raises(ValueError, match=f"^no such variable: PACERPRO_MOCK_{name}; .* PACERPRO_MOCK_{nearest}$"):
        parse([])


KUBERNETES = {
    "PACERPRO_MOCK_SERVICE_HOST": "10.96.7.1",
    "PACERPRO_MOCK_SERVICE_PORT": "8080",
    "PACERPRO_MOCK_SERVICE_PORT_HTTP": "8080",
    "PACERPRO_MOCK_PORT": "tcp://10.96.7.1:8080",
    "PACERPRO_MOCK_PORT_8080_TCP": "tcp://10.96.7.1:8080",
    "PACERPRO_MOCK_PORT_8080_TCP_PROTO": "tcp",
    "PACERPRO_MOCK_PORT_8080_TCP_PORT": "8080",
    "PACERPRO_MOCK_PORT_8080_TCP_ADDR": "10.96.7.1",
    # Of another Service, which is called pacerpro-mock-tls.
    "PACERPRO_MOCK_TLS_SERVICE_HOST": "10.96.7.2",
    "PACERPRO_MOCK_TLS_PORT": "udp://10.96.7.2:443",
}


def test_variables_that_kubernetes_injects_are_ignored(monkeypatch):
    for name, value in KUBERNETES.items():
        monkeypatch.setenv(name, value)
    assert (parse([]).host, parse([]).port) == ("127.0.0.1", 8080)
    monkeypatch.setenv("PACERPRO_MOCK_PORT", "9090")
    assert parse([]).port == 9090
    monkeypatch.setenv("PACERPRO_MOCK_PORT", "x://10.96.7.1:8080")
    with pytest.raises(ValueError, match="PACERPRO_MOCK_PORT: invalid literal"):
        parse([])


def test_users_can_come_from_the_environment_unless_the_command_line_names_some(monkeypatch):
    monkeypatch.setenv("PACERPRO_MOCK_USERS", "ada@example.com:a:b,bob@example.com:another")
    assert parse([]).users == {"ada@example.com": "a:b", "bob@example.com": "another"}
    assert parse(["--user", "eve@example.com:x"]).users == {"eve@example.com": "x"}


@pytest.mark.parametrize("password", ["hush,hush", "hush,", ",hush", "hush,hush:hush"])
def test_a_comma_in_the_variable_of_users_begins_the_next_user(monkeypatch, password):
    """A password that is cut short would be found out at the first log-in, and not before."""
    monkeypatch.setenv("PACERPRO_MOCK_USERS", f"ada@example.com:{password},bob@example.com:another")
    with pytest.raises(ValueError, match=r"^PACERPRO_MOCK_USERS: .* put a password with a comma") as caught:
        parse([])
    assert "hush" not in str(caught.value)
    assert parse(["--user", f"ada@example.com:{password}"]).users == {"ada@example.com": password}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "no table"),
        ("[users]\n", "no table"),
        ("users = 5\n", "no table"),
        ("hush\n", "users.toml: "),
        ('[users]\n"ada@example.com" = "hush', "users.toml: "),
        ('[users]\n"ada@example.com" = 5\n', "not a user"),
        ('[users]\n"ada@example.com" = ""\n', "not a user"),
        ('[users]\nada = "hush"\n', "not a user .*: number 1"),
        ('[users]\n"a@b" = "hush"\nhush = "ada@example.com"\n', "not a user .*: number 2"),
        (b"\xff", "users.toml: "),
    ],
)
def test_an_invalid_users_file_is_one_line(tmp_path, content, words):
    path = tmp_path / "users.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ValueError, match=words) as caught:
        parse(["--users-file", str(path)])
    assert "hush" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_an_unreadable_users_file_is_refused(tmp_path):
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
        (["--user", "hush"], "takes EMAIL:PASSWORD"),
    ],
)
def test_an_error_names_the_option_and_repeats_no_secret(arguments, words):
    with pytest.raises(ValueError, match=words) as caught:
        parse(arguments)
    assert "hush" not in str(caught.value)


@pytest.mark.skipif(not os.supports_bytes_environ, reason="the environment is text here")
def test_a_secret_may_be_of_any_bytes(monkeypatch):
    monkeypatch.setitem(os.environb, b"PACERPRO_MOCK_SECRET", b"\xff" * 32)
    assert server_of(parse([])).service._signer._key == b"\xff" * 32


def test_an_empty_host_is_not_every_address(monkeypatch):
    monkeypatch.setenv("PACERPRO_MOCK_HOST", "")
    assert parse([]).host == "127.0.0.1"
    with pytest.raises(ValueError, match="--host needs an address"):
        parse(["--host", ""])


def test_a_request_id_header_needs_a_valid_name():
    with pytest.raises(ValueError, match="no header may have"):
        server_of(parse(["--request-id-header", "a b"]))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"users": {"ada@example.com": 5}}, "not a user .*: number 1"),
        ({"users": {"ada@example.com": "hush", 5: "hush"}}, "not a user .*: number 2"),
        ({"users": {"hush": "ada@example.com"}}, "not a user .*: number 1"),
        ({"secret": "hush\ud800" * 10}, "the secret has half a character"),
        ({"users": [("ada@example.com", "hush")]}, "users are passwords by e-mail address"),
        ({"users": {}}, "the mock needs a user"),
        ({"secret": 5}, "text or bytes"),
        ({"token_life": 1.5}, "whole number of seconds"),
        ({"token_life": "3600"}, "whole number of seconds"),
        ({"token_life": True}, "whole number of seconds"),
        ({"token_life": 0}, "whole number of seconds"),
        ({"max_body": "5"}, "whole number of bytes"),
        ({"max_body": 0}, "whole number of bytes"),
        ({"body_timeout": 0}, "number of seconds"),
        ({"body_timeout": -1}, "number of seconds"),
        ({"body_timeout": "5"}, "number of seconds"),
        ({"body_timeout": float("inf")}, "number of seconds"),
        ({"login_limit": 0}, "login_limit is a whole number"),
        ({"login_limit": "5"}, "login_limit is a whole number"),
        ({"lockout_after": 0}, "lockout_after is a whole number"),
        ({"lockout_after": "5"}, "lockout_after is a whole number"),
        ({"lockout_seconds": 1.5}, "lockout_seconds is a whole number"),
        ({"request_id_header": 5}, "no header may have"),
        ({"cors": "https://a.example"}, "cors takes origins"),
        ({"cors": ["a.example"]}, "cors takes origins"),
        ({"cors": ["https://a.example/path"]}, "cors takes origins"),
        ({"control_token": "hush"}, "at least 8 characters"),
        ({"control_token": "hush hush \n"}, "at least 8 characters"),
    ],
)
def test_a_setting_of_the_wrong_type_is_refused_without_its_value(settings, words):
    with pytest.raises(ValueError, match=words) as caught:
        Mock(**settings)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("fault", [{"times": 1.5}, {"status": "503"}, {"status": 503.0}])
def test_an_invalid_fault_is_refused_at_once(fault):
    with pytest.raises(ValueError, match="whole number"):
        Mock().fail_next(**{"status": 503, **fault})
