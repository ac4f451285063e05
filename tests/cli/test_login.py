"""`pacerpro login`: asking, and keeping the session in a keyring or a file."""

import json
import os
import pty
import stat
import sys

import pytest

from .conftest import EMAIL, KEYRING, PASSWORD


def test_login_keeps_the_session_in_a_file_and_says_so(shell, tmp_path, pacerpro_mock):
    done = shell("login", "--email", EMAIL, "--password-stdin", stdin=f"{PASSWORD}\n")

    file = tmp_path / "state" / "pacerpro" / "sessions.json"
    assert (done.returncode, done.stdout) == (0, f"Logged in to {pacerpro_mock.url} as {EMAIL}\n")
    assert done.stderr == f"pacerpro: the session is kept in {file}, because no keyring can be used\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert PASSWORD not in file.read_text()


def test_the_keyring_is_used_if_there_is_one(shell, tmp_path):
    done = shell("login", "--email", EMAIL, "--password-stdin", keyring=KEYRING, stdin=PASSWORD)

    assert (done.returncode, done.stderr) == (0, "")
    assert not (tmp_path / "state" / "pacerpro" / "sessions.json").exists()
    assert EMAIL in (tmp_path / "keyring.json").read_text()
    assert shell("token", keyring=KEYRING).returncode == 0
    assert shell("token").returncode == 4, "without the keyring there is no session"


@pytest.mark.parametrize("backend", ["keyring.backends.none", "none", "keyring.backends.null.Keyring"])
def test_without_a_backend_that_can_be_used_the_session_is_kept_in_a_file(shell, backend):
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


def test_a_folder_that_cannot_be_used_is_named(shell, tmp_path):
    (tmp_path / "state").write_text("")

    done = shell("login", "--email", EMAIL, "--password-stdin", stdin=PASSWORD)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"pacerpro: {tmp_path / 'state' / 'pacerpro' / 'sessions.json'} cannot be used (")
    assert len(done.stderr.splitlines()) == 1


def test_a_service_that_is_down_is_one_line(shell):
    done = shell("login", "--email", EMAIL, "--password-stdin", stdin=PASSWORD, PACERPRO_BASE_URL="http://127.0.0.1:9")

    assert done.returncode == 1
    assert "the service cannot be reached" in done.stderr
