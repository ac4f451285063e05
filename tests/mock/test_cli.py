"""The command `pacerpro-mock`, as a process of its own."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from pacerpro_mock import cli

from .wire import post

COMMAND = [str(Path(sys.executable).with_name("pacerpro-mock"))]
PATIENCE = 20
READY = re.compile(r"pacerpro-mock is ready: (http://\S+/v1)\n")


@contextlib.contextmanager
def running(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    process = subprocess.Popen(
        [*COMMAND, "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        line = process.stdout.readline()
        found = READY.fullmatch(line)
        assert found, line + (process.stderr.read() if process.poll() is not None else "")
        yield process, found[1]
    finally:
        process.kill()
        process.communicate(timeout=PATIENCE)


def log_in(url: str, email: str, password: str) -> int:
    return post(f"{url}/session", json={"email": email, "password": password}, trust_env=False).status_code


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_one_line_serves_and_stops_cleanly(number):
    with running("--quiet", "--user", "ada@example.com:sec:ret", "--user", "bob@example.com:x") as (process, url):
        assert url.startswith("http://127.0.0.1:")
        assert log_in(url, "ada@example.com", "sec:ret") == 200
        assert log_in(url, "bob@example.com", "x") == 200
        assert log_in(url, "bob@example.com", "sec:ret") == 401
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (0, "", "")


def test_it_stops_while_a_caller_is_slow():
    with running("--quiet") as (process, url):
        host, port = url.split("/")[2].split(":")
        with socket.create_connection((host, int(port))) as slow, socket.create_connection((host, int(port))):
            slow.sendall(b"POST /v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n")
            slow.sendall(b"Content-Length: 10\r\n\r\n{")
            assert log_in(url, "ada@example.com", "wrong") == 401
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (0, "", "")


def test_without_a_user_there_is_the_contracts_example():
    with running() as (_, url):
        assert log_in(url, "ada@example.com", "correct horse battery staple") == 200


def test_the_module_is_the_command():
    done = subprocess.run(
        [sys.executable, "-m", "pacerpro_mock", "--nonsense"],
        capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "pacerpro-mock: no such option: --nonsense\n"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.mark.skipif(sys.platform == "win32", reason="the shell of Windows cannot close a stream")
@pytest.mark.parametrize("closed", [">&-", "<&- >&- 2>&-"])
def test_it_serves_without_standard_streams(closed):
    port = free_port()
    command = f'exec "$0" --port {port} {closed}'
    process = subprocess.Popen(["/bin/sh", "-c", command, *COMMAND], stderr=subprocess.PIPE, text=True)
    try:
        until = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(httpx.ConnectError):
                assert log_in(f"http://127.0.0.1:{port}/v1", "ada@example.com", "wrong") == 401
                break
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < until
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        assert "Traceback" not in process.communicate(timeout=PATIENCE)[1]
        assert process.returncode == 0
    finally:
        process.kill()
        process.communicate(timeout=PATIENCE)


@pytest.fixture
def fails(capsys, monkeypatch):
    """Calls the command in this process, as it does not come to serve, and returns what it says."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(logging.getLogger("pacerpro_mock"), "level", logging.NOTSET)

    def call(*arguments: str) -> str:
        with pytest.raises(SystemExit) as ended:
            cli.main(arguments)
        out, err = capsys.readouterr()
        assert (ended.value.code, out) == (2, "")
        assert err.startswith("pacerpro-mock: ")
        assert err.count("\n") == 1
        return err

    return call


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--user", "ada@example.com"], "--user: takes EMAIL:PASSWORD"),
        (["--user", "ada@example.com:"], "--user: takes EMAIL:PASSWORD"),
        (["--user", ":hush"], "--user: takes EMAIL:PASSWORD"),
        (["--user", "ada:hush"], "--user: takes EMAIL:PASSWORD"),
        (["--user", "a@b:hush", "--user", "a@b:hush"], "a@b is there twice"),
        (["--secret", "hush"], "at least 32 bytes"),
        (["--secret", "h" * 31], "at least 32 bytes"),
        (["--port", "x"], "--port"),
        (["--port", "70000"], "the port is a whole number between 0 and 65535"),
        (["--port", "-1"], "the port is a whole number between 0 and 65535"),
        (["--host", "192.0.2.1"], "cannot listen on 192.0.2.1 port 8080"),
        (["--host", "nowhere.invalid"], "cannot listen on nowhere.invalid"),
        (["--nonsense"], "--nonsense"),
        (["--contract", "/nowhere.yaml"], "cannot read /nowhere.yaml: No such file or directory\n"),
        (["--contract", __file__], "test_cli.py is not a contract: "),
        (["--cors", "nonsense"], "cors takes origins"),
        (["--control-token", "hush"], "control_token is at least 8 characters"),
        (["--tls-cert", "cert.pem"], "--tls-cert and --tls-key go together"),
        (
            ["--tls-cert", "/no.pem", "--tls-key", "/no.pem"],
            "/no.pem and the key /no.pem cannot be used: No such file or directory\n",
        ),
        (["--tls-cert", __file__, "--tls-key", __file__], "cannot be used: "),
        (["--tls", "--tls-ca", "/nowhere/ca.pem"], "cannot write /nowhere/ca.pem: No such file or directory\n"),
        (["--tls", "--tls-cert", "a", "--tls-key", "b"], "does not go with"),
        (["--tls-ca", "ca.pem"], "need --tls"),
        (["--tls", "--tls-name", "a b"], "no certificate can have these names"),
        (["--fail", "times=2"], "--fail: a fault has to say what goes wrong"),
        (["--fail", "status=503 header=Content-Length:5"], "--fail: the mock itself says how long a body is"),
        (["--fail", "drop=body content="], "--fail: drop='body' needs a body"),
    ],
)
def test_wrong_usage_is_one_line_and_status_2(fails, arguments, words):
    said = fails(*arguments)
    assert words in said
    assert "hush" not in said


def test_a_taken_port_is_one_line_and_status_2(fails):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert f"cannot listen on 127.0.0.1 port {port}: Address already in use" in fails("--port", port)


def test_the_access_log_goes_to_stderr_without_secrets():
    with running("--user", "ada@example.com:hush") as (process, url):
        assert log_in(url, "ada@example.com", "hush") == 200
        assert log_in(url, "ada@example.com", "hush, hush") == 401
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE)
    assert out == ""
    assert [line.split(" ", 2)[2] for line in err.splitlines()] == [
        "POST /v1/session 200 ada@example.com",
        "POST /v1/session 401 -",
    ]


def test_faults_can_be_given_at_the_start():
    options = ("--fail", "status=503 times=2", "--fail", "operation=sessionCreate status=429 retry_after=9")
    with running("--user", "ada@example.com:hush", *options) as (_, url):
        answers = [log_in(url, "ada@example.com", "hush") for _ in range(4)]
    assert answers == [503, 503, 429, 200]


def test_passwords_of_the_file_are_not_in_the_process_list(tmp_path):
    (tmp_path / "users.toml").write_text('[users]\n"ada@example.com" = "hush"\n', encoding="utf-8")
    with running("--users-file", str(tmp_path / "users.toml")) as (process, url):
        assert log_in(url, "ada@example.com", "hush") == 200
        assert b"hush" not in Path(f"/proc/{process.pid}/cmdline").read_bytes()


def test_help_fits_and_shows_no_value_of_the_environment():
    done = subprocess.run(
        [*COMMAND, "--help"], capture_output=True, text=True, timeout=PATIENCE, check=False,
        env={**os.environ, "PACERPRO_MOCK_SECRET": "hush" * 10, "PACERPRO_MOCK_USERS": "a@b:hush"},
    )  # fmt: skip
    assert done.returncode == 0
    assert "--users-file" in done.stdout
    assert "hush" not in done.stdout


def test_a_missing_extra_is_one_line_and_status_2():
    code = "import sys; sys.modules['uvicorn'] = None; from pacerpro_mock.cli import main; main(['--port', '0'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "pacerpro-mock: no module 'uvicorn'; the mock needs: pip install 'pacerpro-client[mock]'\n"
