"""What cannot be checked gets one line and exit status 2, within the timeout."""

import socket
import sys
import threading
import time
from contextlib import contextmanager

import pytest
from conftest import ROOT

from pacerpro_conformance import cli
from pacerpro_conformance.http import wire

TWO = ["--user=ada@example.com:correct horse", "--user=grace@example.com:battery staple"]
TIMEOUT = 0.5
CONTRACT = (ROOT / "openapi.yaml").read_text("utf-8")
JSON = b"Content-Type: application/json\r\n"


def run(capsys, *arguments):
    """The exit status, and what was written to stderr."""
    try:
        status = cli.main([f"--timeout={TIMEOUT}", *arguments])
    except SystemExit as stopped:
        status = stopped.code
    return status, capsys.readouterr().err


def expect_one_line(capsys, *arguments, says):
    status, error = run(capsys, *arguments)
    assert status == 2
    assert error.count("\n") == 1, error
    assert error.startswith("conformance: ")
    assert says in error
    assert "horse" not in error


@contextmanager
def serving(answer):
    """A server that gives each connection to a function."""
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def serve():
        while not stop.is_set():
            connection, _ = listener.accept()
            with connection:
                if not stop.is_set():
                    connection.recv(65536)
                    answer(connection, stop)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    finally:
        stop.set()
        socket.create_connection(listener.getsockname()).close()
        thread.join(5)
        listener.close()


def response(status, body, headers=JSON):
    head = f"HTTP/1.1 {status} Whatever\r\nContent-Length: {len(body)}\r\nConnection: close\r\n".encode()
    return lambda connection, _stop: connection.sendall(head + headers + b"\r\n" + body)


def test_nothing_listens(capsys):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    expect_one_line(capsys, "--url", f"http://127.0.0.1:{port}/v1", *TWO, says="does not answer: the connection failed")


@pytest.mark.parametrize(
    "url",
    [
        "127.0.0.1:8080",
        "ftp://127.0.0.1/",
        "http://",
        "http://[::1",
        "http://h:x/",
        "/v1",
        "http://a b/",
        "http://a/?b",
    ],
)
def test_a_text_that_is_not_a_url(capsys, url):
    expect_one_line(capsys, "--url", url, *TWO, says="a base URL looks like")


def test_a_url_with_a_user_in_it(capsys):
    expect_one_line(capsys, "--url", "http://ada:horse@127.0.0.1/v1", *TWO, says="has no user name in it")


def test_wrong_credentials(capsys, server):
    users = ["--user=ada@example.com:wrong", TWO[1]]
    expect_one_line(
        capsys,
        "--url",
        server.url,
        *users,
        says="is the base URL right, and does it know ada@example.com",
    )


def test_wrong_credentials_of_the_second_user(capsys, server):
    users = [TWO[0], "--user=grace@example.com:wrong"]
    expect_one_line(capsys, "--url", server.url, *users, says="does it know grace@example.com")


def test_one_user(capsys, server):
    expect_one_line(
        capsys, "--url", server.url, TWO[0], says="two different users are needed as EMAIL:PASSWORD, and 1 are given"
    )


def test_no_user(capsys, server):
    expect_one_line(capsys, "--url", server.url, says="and 0 are given")


def test_the_same_user_twice(capsys, server):
    expect_one_line(capsys, "--url", server.url, TWO[0], TWO[0], says="two different users are needed")


def test_three_users(capsys, server):
    """None of them is ignored."""
    third = "--user=eve@example.com:horse"
    expect_one_line(capsys, "--url", server.url, *TWO, third, says="and 3 are given")


def test_a_user_with_two_passwords(capsys, server):
    expect_one_line(
        capsys, "--url", server.url, *TWO, "--user=ada@example.com:horse", says="two different users are needed"
    )


@pytest.mark.parametrize("user", ["ada@example.com", ":horse", "ada@example.com:"])
def test_a_user_without_address_or_password(capsys, server, user):
    expect_one_line(
        capsys, "--url", server.url, f"--user={user}", TWO[1], says="two different users are needed as EMAIL:PASSWORD"
    )


def test_users_without_a_url(capsys):
    expect_one_line(capsys, *TWO, says="there is no --url")


@pytest.mark.parametrize("name", ["USERS", "SECRET"])
def test_variables_without_a_url(capsys, monkeypatch, name):
    monkeypatch.setenv(f"PACERPRO_CONFORMANCE_{name}", "ada@example.com:horse")
    expect_one_line(capsys, says="there is no --url")


def test_a_server_that_hangs(capsys):
    start = time.monotonic()
    with serving(lambda _connection, stop: stop.wait(10)) as url:
        expect_one_line(capsys, "--url", url, *TWO, says=f"within {TIMEOUT} s")
        assert time.monotonic() - start < 3 * TIMEOUT + 1


def test_a_server_whose_body_drips(capsys):
    def drip(connection, stop):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n")
        try:
            while not stop.wait(TIMEOUT / 5):
                connection.sendall(b"H")
        except OSError:
            return

    start = time.monotonic()
    with serving(drip) as url:
        expect_one_line(capsys, "--url", url, *TWO, says=f"within {TIMEOUT} s")
        assert time.monotonic() - start < 3 * TIMEOUT + 1


def test_a_server_that_hangs_up(capsys):
    with serving(lambda _connection, _stop: None) as url:
        expect_one_line(capsys, "--url", url, *TWO, says="the connection failed")


@pytest.mark.parametrize(("status", "page"), [(200, b"<html>"), (502, b"<html>"), (200, b"")])
def test_html_from_a_proxy(capsys, status, page):
    with serving(response(status, page, b"Content-Type: text/html\r\n")) as url:
        expect_one_line(capsys, "--url", url, *TWO, says=f"answers a log-in with {status}, text/html: is the base URL")


def test_a_service_that_is_down(capsys):
    with serving(response(503, b'{"message": "Service Unavailable"}')) as url:
        expect_one_line(capsys, "--url", url, *TWO, says="answers a log-in with 503, application/json")


def test_a_base_url_without_its_prefix(capsys, server):
    expect_one_line(capsys, "--url", server.url.removesuffix("/v1"), *TWO, says="is the base URL right, and")


def test_a_server_that_throttles_for_long(capsys):
    with serving(response(429, b'{"message": "Too Many Requests"}', JSON + b"Retry-After: 3600\r\n")) as url:
        expect_one_line(capsys, "--url", url, *TWO, says="answers a log-in with 429")


def test_a_server_that_throttles_at_every_try(capsys, monkeypatch):
    """The waits for it do not count towards the timeout of one answer."""
    monkeypatch.setattr(wire, "PATIENCE", 1.5)
    with serving(response(429, b'{"message": "Too Many Requests"}', JSON + b"Retry-After: 1\r\n")) as url:
        expect_one_line(capsys, "--url", url, *TWO, says="answers a log-in with 429")


def test_a_server_that_does_not_speak_http(capsys):
    with serving(lambda connection, _stop: connection.sendall(b"SSH-2.0-OpenSSH\r\n")) as url:
        expect_one_line(capsys, "--url", url, *TWO, says="the connection failed")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--timeout=0"], "between 0 and 3600"),
        (["--timeout=soon"], "--timeout"),
        (["--seed=x"], "--seed"),
        (["--nonsense"], "--nonsense"),
        (["--contract=nowhere.yaml"], "nowhere.yaml cannot be read"),
        (["--header=x-api-key"], "'NAME: VALUE' is needed"),
        (["--header=Authorization: Basic horse"], "the checks set Authorization themselves"),
    ],
)
def test_bad_flags(capsys, server, arguments, says):
    expect_one_line(capsys, "--url", server.url, *TWO, *arguments, says=says)


@pytest.mark.parametrize("text", ["a: [", "[]", "openapi: 3.1.0", "\0", CONTRACT.replace("schemas/User", "schemas/Usr"),
                                  CONTRACT.replace("type: string", "type: strung")])  # fmt: skip
def test_a_broken_contract(capsys, server, tmp_path, text):
    (tmp_path / "contract.yaml").write_text(text)
    expect_one_line(capsys, "--url", server.url, *TWO, f"--contract={tmp_path / 'contract.yaml'}", says="contract.yaml")


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("nothing.*", "no check has the name nothing.*; there are "),
        ("answers.*", "logout.ends_every_token, "),
        ("logout", "logout.ends_every_token, "),
        ("", "no check has the name ;"),
    ],
)
@pytest.mark.parametrize("flag", ["--only", "--skip"])
def test_a_name_that_no_check_has(capsys, server, flags, flag, pattern, says):
    """The error comes before anything is sent, even beside a name that a check has."""
    expect_one_line(capsys, *flags, "--only=login.*", f"{flag}={pattern}", says=says)
    assert server.requests == []


@pytest.mark.parametrize("place", ["nowhere/report", "."])
@pytest.mark.parametrize("kind", ["junit", "json", "markdown"])
def test_a_report_that_cannot_be_written(capsys, server, flags, tmp_path, kind, place):
    """The error comes before anything is sent."""
    expect_one_line(capsys, *flags, "--only=logout.*", f"--{kind}={tmp_path / place}", says="cannot be written")
    assert server.requests == []


def test_no_report_is_left_behind_if_nothing_ran(capsys, tmp_path):
    expect_one_line(capsys, *TWO, f"--junit={tmp_path / 'report.xml'}", says="there is no --url")
    assert list(tmp_path.iterdir()) == []


def test_a_secret_that_is_not_the_servers(capsys, server, user_flags):
    secret = "horse and key of more than 32 bytes"
    expect_one_line(capsys, *user_flags, "--secret", secret, says="the secret is not the key")
    assert [record.method for record in server.requests] == ["POST"]


def test_a_mock_that_cannot_be_started(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    expect_one_line(capsys, says="the project's mock cannot be started")
