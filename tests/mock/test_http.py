"""HTTP/1.1 as the mock's socket takes it."""

from __future__ import annotations

import json
import logging
import re
import socket
import time

import pytest

from pacerpro_mock import MockServer
from pacerpro_mock.http import asgi

from .wire import address, get, head, post, speak

ADA = "ada@example.com"
USERS = {ADA: "secret"}
LOG_IN = {"email": ADA, "password": "secret"}


def test_head_gets_the_headers_and_no_body(server):
    received = speak(server, head("HEAD /v1/session HTTP/1.1", "Connection: close"))
    assert received.startswith(b"HTTP/1.1 405 Method Not Allowed\r\n")
    assert b"\r\nallow: DELETE, GET, POST\r\n" in received
    assert received.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    "request_",
    [
        b"nonsense\r\n\r\n",
        b"GET /v1/sess\xffion HTTP/1.1\r\n\r\n",
        b"GET /v1/session HTTP/1.1\r\n\x00: 1\r\n\r\n",
        b"FROB /v1/session HTTP/1.1\r\n\r\n",
        b"CONNECT mock:80 HTTP/1.1\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\n\r\n",
    ],
)
def test_malformed_http_is_refused_as_an_error(server, request_):
    received = speak(server, request_)
    assert re.match(rb"HTTP/1\.1 40[04] ", received), received
    assert json.loads(received.partition(b"\r\n\r\n")[2])["type"] == "error"


@pytest.mark.parametrize(
    ("hosts", "version", "status"),
    [
        ([], "1.1", 400),
        (["mock", "mock"], "1.1", 400),
        (["mock", "other"], "1.0", 400),
        (["a b"], "1.1", 400),
        (["ada@mock"], "1.1", 400),
        (["mock/path"], "1.1", 400),
        ([], "1.0", 401),
        ([""], "1.1", 401),
        (["mock:8080"], "1.1", 401),
        (["[::1]:8080"], "1.1", 401),
    ],
)
def test_a_request_needs_exactly_one_valid_host(server, hosts, version, status):
    """RFC 9112, section 3.2."""
    lines = [f"GET /v1/session HTTP/{version}", *(f"Host: {host}" for host in hosts), "Connection: close", "", ""]
    received = speak(server, "\r\n".join(lines).encode())
    assert received.startswith(f"HTTP/1.1 {status} ".encode())
    assert json.loads(received.partition(b"\r\n\r\n")[2])["status"] == status


def test_a_body_after_a_refused_head_is_not_read_as_a_request(server):
    body = json.dumps(LOG_IN)
    request = f"POST /v1/session HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    assert re.findall(rb"HTTP/1\.1 \d+ .*\r\n", speak(server, request.encode())) == [b"HTTP/1.1 400 Bad Request\r\n"]
    assert server.requests == []


def test_a_reason_phrase_is_sent(server):
    assert speak(server, head("GET /v1/session HTTP/1.1", "Connection: close")).startswith(
        b"HTTP/1.1 401 Unauthorized\r\n"
    )


def test_trailing_whitespace_of_header_values_is_ignored(server):
    """RFC 9110, section 5.5: it is excluded before a value is evaluated."""
    body = json.dumps(LOG_IN)
    lines = ["POST /v1/session HTTP/1.1", "Host: mock \t", "Content-Type: application/json ", "Connection: close"]
    request = "\r\n".join([*lines, f"Content-Length: {len(body)} \t", "", body])
    received = speak(server, request.encode())
    assert received.startswith(b"HTTP/1.1 200 ")
    token = json.loads(received.partition(b"\r\n\r\n")[2])["jwtToken"]
    refresh = head("GET /v1/session HTTP/1.1", f"Authorization: Bearer {token} \t ", "Connection: close")
    assert speak(server, refresh).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (head("POST /v1/session HTTP/1.1", "Transfer-Encoding: gzip, chunked") + b"0\r\n\r\n", 501),
        (head("POST /v1/session HTTP/1.1", "Transfer-Encoding: gzip", "Transfer-Encoding: chunked"), 501),
        (head("POST /v1/session HTTP/1.1", "Transfer-Encoding: Chunked", "Connection: close") + b"0\r\n\r\n", 415),
        (head("GET /v1/session HTTP/2.0"), 505),
        (head("PRI * HTTP/2.0"), 505),
        (head("GET /v1/session HTTP/3.0"), 505),
    ],
)
def test_unknown_codings_are_501_and_unknown_versions_505(server, request_, status):
    """RFC 9112, section 6.1, and RFC 9110, section 15.6.6."""
    received = speak(server, request_)
    assert received.startswith(f"HTTP/1.1 {status} ".encode()), received
    assert b"\r\nconnection: close\r\n" in received
    if status != 415:
        assert json.loads(received.partition(b"\r\n\r\n")[2])["status"] == status


@pytest.mark.parametrize("name", ["Upgrade", "upgrade", "UPGRADE"])
def test_the_body_survives_an_offer_to_upgrade(server, name):
    body = json.dumps(LOG_IN).encode()
    headers = ("Connection: Upgrade, HTTP2-Settings, close", f"{name}: h2c", "HTTP2-Settings: AAMAAABk")
    start = head(
        "POST /v1/session HTTP/1.1", *headers, "Content-Type: application/json", f"Content-Length: {len(body)}"
    )
    assert speak(server, start + body).startswith(b"HTTP/1.1 200 OK\r\n")


@pytest.mark.parametrize("end", [b"\r\n", b"\r\nUpgr", b"\r\nUpgrade", b"\r\nUpgrade:", b"\r\nUpgrade: h2c\r"])
def test_the_body_survives_an_offer_in_two_packets(server, caplog, end):
    body = json.dumps(LOG_IN).encode()
    lines = (
        "Connection: Upgrade, close",
        "Upgrade: h2c",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    )
    whole = head("POST /v1/session HTTP/1.1", *lines) + body
    cut = whole.index(b"\r\nUpgrade") + len(end)
    assert speak(server, whole[:cut], whole[cut:]).startswith(b"HTTP/1.1 200 OK\r\n")
    assert [record for record in caplog.records if record.name.startswith("uvicorn")] == []


def test_what_looks_like_an_offer_in_a_body_changes_no_length(server):
    for parts in ((b"{}\nUpgrade: x",), (b"{}\nUpgr", b"ade: x")):
        length = sum(len(part) for part in parts)
        lines = ("Content-Type: application/json", f"Content-Length: {length}")
        start = head("POST /v1/session HTTP/1.1", *lines)
        after = head("GET /v1/session HTTP/1.1", "Connection: close")
        received = speak(server, start + parts[0], *parts[1:], after)
        assert re.findall(rb"HTTP/1\.1 (\d+) ", received) == [b"400", b"401"]


@pytest.mark.parametrize("method", ["FOO", "get", "Post", "M-SEARCH", "CONNECT", "PRI", "X!#$%&'*+.^_`|~"])
def test_an_unknown_method_is_not_allowed(server, method):
    """As without a socket, and the connection goes on."""
    body = json.dumps(LOG_IN)
    lines = ("Content-Type: application/json", f"Content-Length: {len(body)}")
    requests = [head(f"{method} /v1/session HTTP/1.1", *lines) + body.encode(),
                head(f"{method} /v1/sessions HTTP/1.1"),
                head("GET /v1/session HTTP/1.1", "Connection: close")]  # fmt: skip
    received = []
    with socket.create_connection(address(server), timeout=10) as connection:
        for request in requests:
            connection.sendall(request)
            received.append(connection.recv(65536))
    assert re.findall(rb"HTTP/1\.1 (\d+) ", b"".join(received)) == [b"405", b"404", b"401"]
    assert [b"\r\nallow: DELETE, GET, POST\r\n" in answer for answer in received] == [True, False, False]
    assert [record.status for record in server.requests] == [405, 404, 401]
    assert server.counts == {"sessionRefresh": 1}


def test_a_drop_ends_all_of_a_pipeline(caplog):
    with MockServer(USERS) as server:
        server.fail_next(drop="before")
        assert speak(server, head("GET /v1/session HTTP/1.1") * 2) == b""
        deadline = time.monotonic() + 1
        while server._server.server_state.tasks and time.monotonic() < deadline:
            time.sleep(0.001)
        assert server._server.server_state.tasks == set()
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


def test_an_answer_that_closes_the_connection_is_not_delayed_further(server, monkeypatch):
    """The mock waits for what a caller still sends of a body, and here all of it has come."""
    monkeypatch.setattr(asgi, "LINGER", 60)
    server.fail_next(status=413, latency=0.1)
    request = head("POST /v1/session HTTP/1.1", "Content-Type: application/json", "Content-Length: 2") + b"{}"
    started = time.monotonic()
    with socket.create_connection(address(server), timeout=10) as connection:
        connection.sendall(request)
        assert b"".join(iter(lambda: connection.recv(65536), b"")).startswith(b"HTTP/1.1 413 ")
    assert 0.1 <= time.monotonic() - started < 0.9


def test_queries_are_not_logged(server, caplog):
    """uvicorn's own access log has whole targets, and pytest's handlers are enough to turn it on."""
    caplog.set_level(logging.DEBUG)
    logging.getLogger("uvicorn.access").addHandler(caplog.handler)
    try:
        get(f"{server.url}/session?token=canary")
    finally:
        logging.getLogger("uvicorn.access").removeHandler(caplog.handler)
    mocks = [record for record in caplog.records if record.name.partition(".")[0] in {"uvicorn", "pacerpro_mock"}]
    assert [record.getMessage() for record in mocks] == ["GET /v1/session 401 -"]


def test_two_authorization_headers_on_the_wire_are_refused(server):
    token = post(f"{server.url}/session", json=LOG_IN).json()["jwtToken"]
    twice = [f"Authorization: Bearer {token}"] * 2
    assert speak(server, head("GET /v1/session HTTP/1.1", *twice, "Connection: close")).startswith(b"HTTP/1.1 401 ")
    assert speak(server, head("GET /v1/session HTTP/1.1", twice[0], "Connection: close")).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_token_in_a_trailer_does_not_count(server, method):
    """RFC 9110, section 6.5.1. In one packet with the head, before the request is looked at."""
    token = post(f"{server.url}/session", json=LOG_IN).json()["jwtToken"]
    start = head(f"{method} /v1/session HTTP/1.1", "Transfer-Encoding: chunked", "Connection: close")
    trailer = f"0\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    assert speak(server, start + trailer).startswith(b"HTTP/1.1 401 ")
    assert server.session_of(ADA) is not None


def test_a_media_type_in_a_trailer_does_not_count(server):
    body = json.dumps(LOG_IN)
    start = head("POST /v1/session HTTP/1.1", "Transfer-Encoding: chunked", "Connection: close")
    rest = f"{len(body):x}\r\n{body}\r\n0\r\nContent-Type: application/json\r\n\r\n".encode()
    assert speak(server, start + rest).startswith(b"HTTP/1.1 415 ")
