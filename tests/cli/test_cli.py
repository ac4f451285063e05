"""The command `pacerpro`, run as a user would."""

import json
import os
import pty
import stat
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from .conftest import EMAIL, PASSWORD

KEYRING = "keyring_in_a_file.Keyring"


def test_login_keeps_the_session_in_a_file_and_says_so(shell, tmp_path, pacerpro_mock):
    done = shell("login", "--email", EMAIL, "--password-stdin", stdin=f"{PASSWORD}\n")

    file = tmp_path / "state" / "pacerpro" / "sessions.json"
    assert (done.returncode, done.stdout) == (0, f"Logged in to {pacerpro_mock.url} as {EMAIL}\n")
    assert done.stderr == f"pacerpro: the session is kept in {file}, because this machine has no keyring\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert PASSWORD not in file.read_text()


def test_the_keyring_is_used_if_there_is_one(shell, tmp_path):
    done = shell("login", "--email", EMAIL, "--password-stdin", keyring=KEYRING, stdin=PASSWORD)

    assert (done.returncode, done.stderr) == (0, "")
    assert not (tmp_path / "state" / "pacerpro" / "sessions.json").exists()
    assert EMAIL in (tmp_path / "keyring.json").read_text()
    assert shell("token", keyring=KEYRING).returncode == 0
    assert shell("token").returncode == 4, "without the keyring there is no session"


def test_a_keyring_that_keeps_nothing_is_reported(shell):
    done = shell("login", "--email", EMAIL, "--password-stdin", keyring="keyring.backends.null.Keyring", stdin=PASSWORD)

    assert done.returncode == 1
    assert done.stderr.endswith("does not keep the session\n")


@pytest.mark.parametrize("backend", ["keyring.backends.none", "none.Keyring", "none"])
def test_without_a_backend_that_can_be_loaded_a_file_is_used(shell, backend):
    done = shell("login", "--email", EMAIL, "--password-stdin", keyring=backend, stdin=PASSWORD)

    assert done.returncode == 0, done.stderr
    assert "sessions.json, because " in done.stderr


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"KEYRING_LOCKED": "1"}, "Failed to unlock the collection!"),
        ({"KEYRING_BROKEN": "1"}, "the bus is gone"),
        ({}, "the entry 'pacerpro' of the keyring is damaged"),
    ],
)
def test_a_keyring_that_cannot_be_used_is_an_error_and_not_replaced_by_a_file(shell, tmp_path, variables, words):
    login = ("login", "--email", EMAIL, "--password-stdin")
    shell(*login, keyring=KEYRING, stdin=PASSWORD)
    if not variables:
        file = tmp_path / "keyring.json"
        file.write_text(json.dumps(dict.fromkeys(json.loads(file.read_text()), "{")))

    for arguments in (login, ("status", "--json")):
        done = shell(*arguments, keyring=KEYRING, stdin=PASSWORD, **variables)
        assert done.returncode == 1
        assert words in done.stderr
        assert len(done.stderr.splitlines()) == 1
    assert words in json.loads(done.stdout)["error"]
    assert not (tmp_path / "state" / "pacerpro" / "sessions.json").exists()


def test_a_session_in_the_file_is_found_after_a_keyring_appears(logged_in):
    assert json.loads(logged_in("status", "--json", keyring=KEYRING).stdout)["store"] == "file"

    logged_in("login", "--email", EMAIL, "--password-stdin", keyring=KEYRING, stdin=PASSWORD)
    assert json.loads(logged_in("status", "--json", keyring=KEYRING).stdout)["store"] == "keyring"

    assert logged_in("logout", "--yes", keyring=KEYRING).returncode == 0
    assert logged_in("status", keyring=KEYRING).returncode == 4


@pytest.mark.parametrize(
    ("arguments", "stdin", "status", "words"),
    [
        (("--email", EMAIL, "--password-stdin"), "wrong horse", 1, "401 Unauthorized from POST"),
        (("--email", EMAIL, "--password-stdin"), "", 2, "must not be empty"),
        (("--email", EMAIL), PASSWORD, 2, "there is no terminal to ask on: use --password-stdin"),
        (("--password-stdin",), PASSWORD, 2, "there is no terminal to ask on: use --email"),
    ],
)
def test_a_log_in_that_fails_is_one_line(shell, arguments, stdin, status, words):
    done = shell("login", *arguments, stdin=stdin)

    assert (done.returncode, done.stdout) == (status, "")
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "wrong horse" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "redirect", "status", "words"),
    [
        (("login", "--email", EMAIL, "--password-stdin"), "<&-", 2, "standard input is closed, and --password-stdin"),
        (("api", "POST", "/session", "--input", "-"), "<&-", 2, "standard input is closed, and --input -"),
        (("token",), ">&-", 2, "standard output is closed"),
        (("token",), ">/dev/full", 1, "the output cannot be used: No space left"),
        (("api", "DELETE", "/session", "--include"), ">/dev/full", 1, "the output cannot be used: No space left"),
    ],
)
def test_a_closed_or_full_stream_is_one_line(logged_in, arguments, redirect, status, words):
    done = logged_in(*arguments, redirect=redirect)

    assert done.returncode == status
    assert done.stderr.startswith(f"pacerpro: {words}")
    assert len(done.stderr.splitlines()) == 1


def test_the_password_is_asked_for_without_echo(pacerpro_mock, tmp_path):
    variables = {
        "HOME": str(tmp_path),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        "PACERPRO_BASE_URL": pacerpro_mock.url,
    }
    command = [sys.executable, "-m", "pacerpro_cli", "login"]
    process, terminal = pty.fork()
    if process == 0:
        os.execve(command[0], command, {**os.environ, **variables})  # noqa: S606  # The child of a fork.
    shown = b""
    for prompt, answer in ((b"E-mail: ", EMAIL), (b"Password: ", PASSWORD), (b"Logged in", "")):
        while prompt not in shown:
            shown += os.read(terminal, 1024)
        os.write(terminal, f"{answer}\n".encode())
    _, status = os.waitpid(process, 0)
    os.close(terminal)

    assert os.waitstatus_to_exitcode(status) == 0
    assert PASSWORD.encode() not in shown


def test_status_for_people_and_for_programs(logged_in, pacerpro_mock):
    words, data = logged_in("status"), json.loads(logged_in("status", "--json").stdout)

    assert f"Logged in to {pacerpro_mock.url} as {EMAIL}\n" in words.stdout
    assert (data["logged_in"], data["email"], data["service"]) == (True, EMAIL, pacerpro_mock.url)
    assert data["expires_at"].endswith("+00:00")
    assert (data["store"], Path(data["path"]).name) == ("file", "sessions.json")


def change_entries(state, **values):
    file = state / "pacerpro" / "sessions.json"
    document = json.loads(file.read_text())
    for users in document["sessions"].values():
        for entry in users.values():
            entry.update(values)
    file.write_text(json.dumps(document))


def test_a_time_beyond_the_calendar_is_unknown(logged_in, tmp_path):
    change_entries(tmp_path / "state", expires=1e15)

    assert "expires at an unknown time" in logged_in("status").stdout


def test_a_kept_session_that_cannot_be_read_is_status_4_with_the_reason(logged_in, tmp_path, pacerpro_mock):
    before = len(pacerpro_mock.requests)
    change_entries(tmp_path / "state", session={})

    for arguments in (("logout", "--yes"), ("status",)):
        done = logged_in(*arguments)
        reason, line = done.stderr.splitlines()
        assert (done.returncode, done.stdout) == (4, "")
        assert "without its store" in reason
        assert line.endswith("sessions.json cannot be read: run `pacerpro login`")
    assert len(pacerpro_mock.requests) == before


@pytest.mark.parametrize("arguments", [("status",), ("token",), ("api", "/matters"), ("logout", "--yes")])
def test_without_a_session_the_status_is_4(shell, arguments):
    done = shell(*arguments)

    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.startswith("pacerpro: not logged in to http")
    assert done.stderr.endswith(": run `pacerpro login`\n")


def test_status_as_json_without_a_session(shell):
    assert json.loads(shell("status", "--json").stdout)["logged_in"] is False


def test_token_prints_a_token_that_the_service_accepts(logged_in, pacerpro_mock):
    token = logged_in("token").stdout.strip()

    answer = httpx.get(f"{pacerpro_mock.url}/session", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200


def test_api_sends_the_token_and_streams_the_answer(logged_in):
    done = logged_in("api", "/session", "--include")

    head, _, body = done.stdout.partition("\n\n")
    assert head.startswith("HTTP/1.1 200 OK")
    assert json.loads(body)


@pytest.mark.parametrize("path", ["a:b", "//a", "/a?b=http:c"])
def test_any_path_is_below_the_base_url(logged_in, pacerpro_mock, path):
    done = logged_in("api", path)

    assert done.stderr == f"pacerpro: 404 Not Found from GET {pacerpro_mock.url}/{path.lstrip('/')}\n"
    assert done.returncode == 1


def test_a_damaged_file_is_named_and_not_changed(logged_in, tmp_path, pacerpro_mock):
    before = len(pacerpro_mock.requests)
    file = tmp_path / "state" / "pacerpro" / "sessions.json"
    file.write_text("{")

    login = ("login", "--email", EMAIL, "--password-stdin")
    for arguments in (login, ("status",), ("token",), ("api", "/session"), ("logout", "--yes")):
        done = logged_in(*arguments, stdin=PASSWORD)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == f"pacerpro: {file} is damaged, or holds something other than sessions: delete it\n"
    assert file.read_text() == "{"
    assert len(pacerpro_mock.requests) == before


def test_a_folder_that_cannot_be_used_is_named(shell, tmp_path):
    (tmp_path / "state").write_text("")

    done = shell("login", "--email", EMAIL, "--password-stdin", stdin=PASSWORD)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"pacerpro: {tmp_path / 'state' / 'pacerpro' / 'sessions.json'} cannot be used (")
    assert len(done.stderr.splitlines()) == 1


def test_api_exits_with_1_and_prints_the_body_of_an_error(logged_in, pacerpro_mock):
    done = logged_in("api", "POST", "session", "-f", f"email={EMAIL}", "-f", "password=wrong")

    assert done.returncode == 1
    assert "message" in json.loads(done.stdout)
    assert done.stderr == f"pacerpro: 401 Unauthorized from POST {pacerpro_mock.url}/session\n"


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"status": 302, "headers": {"Location": "/"}}, "302 Found from GET {url}/session, a redirect that is not"),
        ({"drop": "body"}, "the exchange with the service failed: "),
        ({"headers": {"Content-Encoding": "gzip"}}, "the exchange with the service failed: "),
    ],
)
def test_api_exits_with_1_and_says_what_is_wrong_with_an_answer(logged_in, pacerpro_mock, fault, words):
    pacerpro_mock.fail_next(**fault)

    done = logged_in("api", "/session")

    assert done.returncode == 1
    assert done.stderr.startswith(f"pacerpro: {words.format(url=pacerpro_mock.url)}")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("source", ["file", "-"])
def test_api_takes_a_body_from_a_file_or_standard_input(logged_in, tmp_path, source):
    body = json.dumps({"email": EMAIL, "password": PASSWORD})
    (tmp_path / "body.json").write_text(body)

    done = logged_in("api", "/session", "--input", "body.json" if source == "file" else "-", stdin=body)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("/session", "--input", "none.json"), "--input none.json cannot be read: No such file"),
        (("/session", "-f", "nothing"), "-f takes KEY=VALUE"),
        (("https://elsewhere.example/",), "give the path below the service's base URL"),
        (("GET", "/a", "b"), "api takes [METHOD] PATH"),
        (("/a\nb",), "Invalid non-printable ASCII character in URL"),
        (("G\u00cbT", "/a"), "is not an HTTP method"),
    ],
)
def test_wrong_usage_of_api_is_one_line_and_status_2(logged_in, pacerpro_mock, arguments, words):
    before = len(pacerpro_mock.requests)

    done = logged_in("api", *arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert len(pacerpro_mock.requests) == before


def test_logout_ends_the_session_everywhere(logged_in, pacerpro_mock):
    token = logged_in("token").stdout.strip()

    unconfirmed, done = logged_in("logout"), logged_in("logout", "--yes")

    assert (unconfirmed.returncode, done.returncode) == (2, 0)
    assert "everywhere" in unconfirmed.stderr
    assert "everywhere" in done.stdout
    answer = httpx.get(f"{pacerpro_mock.url}/session", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert logged_in("status").returncode == 4


def test_a_session_that_was_revoked_elsewhere_is_status_4(logged_in, pacerpro_mock):
    pacerpro_mock.revoke(EMAIL)

    done = logged_in("api", "/session")

    assert done.returncode == 4
    assert done.stderr.splitlines()[-1] == "pacerpro: the session is over: run `pacerpro login`"


def test_several_users_are_told_apart_by_email(logged_in):
    grace = "grace@example.com"
    assert logged_in("login", "--email", grace, "--password-stdin", stdin="a moth in a relay").returncode == 0

    unclear, clear = logged_in("status", "--json"), logged_in("status", "--email", grace)

    assert unclear.returncode == 2
    assert "--email" in unclear.stderr
    found = json.loads(unclear.stdout)
    assert found["logged_in"] is True
    assert "--email" in found["error"]
    assert f"as {grace}" in clear.stdout


def test_a_service_that_is_down_is_one_line(shell):
    done = shell("login", "--email", EMAIL, "--password-stdin", stdin=PASSWORD, PACERPRO_BASE_URL="http://127.0.0.1:9")

    assert done.returncode == 1
    assert "the service cannot be reached" in done.stderr


def test_a_base_url_that_cannot_be_used_is_wrong_usage(shell):
    done = shell("status", PACERPRO_BASE_URL="http://example.com")

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", [(), ("login",), ("status",), ("token",), ("api",), ("logout",)])
def test_help_names_each_option_and_exits_0(shell, command):
    done = shell(*command, "--help")

    assert done.returncode == 0
    assert "Usage: " in done.stdout
    assert all(line.count("pacerpro ") < 2 for line in done.stdout.splitlines()), "examples stand on lines of their own"
    if not command:
        for name in ("login", "status", "token", "api", "logout", "PACERPRO_BASE_URL"):
            assert name in done.stdout


def test_without_its_extra_the_command_says_what_to_install():
    code = "import sys; sys.modules['typer'] = None; import pacerpro_cli; pacerpro_cli.main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 2
    assert done.stderr == 'pacerpro: typer is not installed: pip install "pacerpro-client[cli]"\n'
