"""The mock behind a socket: what only shows on the wire."""

from __future__ import annotations

import json
import re
import socket
import threading
import time

import httpx
import pytest

from pacerpro_mock import MockServer

ADA = "ada@example.com"
USERS = {ADA: "secret"}
LOG_IN = {"email": ADA, "password": "secret"}
SECRET = "a secret of at least thirty-two bytes"


def address(server: MockServer) -> tuple[str, int]:
    url = httpx.URL(server.url)
    return url.host, url.port


def speak(server: MockServer, *parts: bytes) -> bytes:
    """Send bytes as they are, and read until the server has closed or has said nothing for a second."""
    received = b""
    with socket.create_connection(address(server), timeout=1) as connection:
        for part in parts:
            connection.sendall(part)
        try:
            while chunk := connection.recv(65536):
                received += chunk
        except TimeoutError:
            pass
    return received


def head(line: str, *headers: str) -> bytes:
    return "\r\n".join([line, "Host: mock", *headers, "", ""]).encode("latin-1")


def test_it_serves_on_a_port_of_its_own_until_the_block_ends():
    before = threading.active_count()
    with MockServer(USERS) as first, MockServer(USERS) as second:
        assert first.url != second.url
        assert re.fullmatch(r"http://127\.0\.0\.1:[0-9]+/v1", first.url)
        for server in (first, second):
            assert httpx.post(f"{server.url}/session", json=LOG_IN).status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.post(f"{first.url}/session", json=LOG_IN)
    assert threading.active_count() == before


def test_it_can_listen_on_ipv6():
    with MockServer(USERS, host="::1") as server:
        assert server.url.startswith("http://[::1]:")
        assert httpx.post(f"{server.url}/session", json=LOG_IN).status_code == 200


@pytest.mark.parametrize("place", [{"host": ""}, {"port": -1}, {"port": 65536}, {"port": "8080"}])
def test_a_place_that_cannot_be_is_refused_when_it_is_made(place):
    with pytest.raises(ValueError, match=r"host is empty|port is a whole number"):
        MockServer(USERS, **place)


def test_a_taken_port_is_an_os_error(server):
    with pytest.raises(OSError, match="Address already in use"):
        MockServer(USERS, port=address(server)[1]).start()


def test_stopping_twice_or_before_the_start_does_nothing():
    server = MockServer(USERS)
    server.stop()
    server.start()
    server.stop()
    server.stop()


def test_started_again_it_is_on_the_same_port_and_knows_its_tokens():
    server = MockServer(USERS)
    with server:
        url, token = server.url, httpx.post(f"{server.url}/session", json=LOG_IN).json()["jwtToken"]
    with server:
        assert server.url == url
        assert httpx.get(f"{url}/session", headers={"Authorization": f"Bearer {token}"}).status_code == 200
        with pytest.raises(RuntimeError, match="runs already"):
            server.start()


def test_it_stops_at_once_whatever_its_callers_do():
    with MockServer(USERS) as server, httpx.Client() as idle:
        idle.post(f"{server.url}/session", json=LOG_IN)
        server.fail_next(latency=30)
        waiting = socket.create_connection(address(server))
        waiting.sendall(head("GET /v1/session HTTP/1.1"))
        silent = socket.create_connection(address(server))
        while not server.requests[1:]:
            time.sleep(0.001)
        started = time.monotonic()
    assert time.monotonic() - started < 2
    for connection in (waiting, silent):
        assert connection.recv(1) == b""
        connection.close()


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
def test_what_is_no_http_is_refused_as_an_error(server, request_):
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
def test_a_request_says_once_for_which_host_it_is(server, hosts, version, status):
    """RFC 9112, section 3.2."""
    lines = [f"GET /v1/session HTTP/{version}", *(f"Host: {host}" for host in hosts), "Connection: close", "", ""]
    received = speak(server, "\r\n".join(lines).encode())
    assert received.startswith(f"HTTP/1.1 {status} ".encode())
    assert json.loads(received.partition(b"\r\n\r\n")[2])["status"] == status


def test_a_body_behind_a_head_without_a_host_is_no_second_request(server):
    body = json.dumps(LOG_IN)
    request = f"POST /v1/session HTTP/1.1\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    assert re.findall(rb"HTTP/1\.1 \d+ .*\r\n", speak(server, request.encode())) == [b"HTTP/1.1 400 Bad Request\r\n"]
    assert server.requests == []


def test_a_reason_phrase_is_sent(server):
    assert speak(server, head("GET /v1/session HTTP/1.1", "Connection: close")).startswith(
        b"HTTP/1.1 401 Unauthorized\r\n"
    )


def test_a_body_that_is_too_large_is_refused_before_it_is_sent(server):
    started = time.monotonic()
    received = speak(
        server,
        head("POST /v1/session HTTP/1.1", "Content-Type: application/json", "Content-Length: 100000000000",
             "Expect: 100-continue"),
    )  # fmt: skip
    assert received.startswith(b"HTTP/1.1 413 ")
    assert b"\r\nconnection: close\r\n" in received
    assert received.endswith(b'{"message":"Request Too Long"}')
    assert time.monotonic() - started < 5


def test_a_caller_who_sends_on_still_gets_the_413(server):
    def chunks():
        for _ in range(3000):
            yield b" " * 10_000

    response = httpx.post(f"{server.url}/session", content=chunks(), headers={"Content-Type": "application/json"})
    assert response.status_code == 413


def test_a_caller_who_sends_slowly_holds_nobody_up(server):
    start = head("POST /v1/session HTTP/1.1", "Content-Type: application/json", "Content-Length: 100")
    slow = [socket.create_connection(address(server)) for _ in range(50)]
    for connection in slow:
        connection.sendall(start + b"{")
    started = time.monotonic()
    assert httpx.post(f"{server.url}/session", json=LOG_IN).status_code == 200
    assert time.monotonic() - started < 1
    for connection in slow:
        connection.close()


def test_a_body_that_does_not_arrive_is_given_up():
    with MockServer(USERS, body_timeout=0.1) as server:
        received = speak(
            server, head("POST /v1/session HTTP/1.1", "Content-Type: application/json", "Content-Length: 9")
        )
    assert received.startswith(b"HTTP/1.1 408 ")
    assert received.endswith(b'"status":408,"type":"error"}')


def test_a_caller_who_hangs_up_is_no_error(server, caplog):
    with socket.create_connection(address(server)) as connection:
        connection.sendall(head("POST /v1/session HTTP/1.1", "Content-Type: application/json", "Content-Length: 9"))
        connection.sendall(b"{")
        time.sleep(0.05)
    assert httpx.post(f"{server.url}/session", json=LOG_IN).status_code == 200
    assert [
        record for record in caplog.records if record.name.startswith("uvicorn") and record.levelname == "ERROR"
    ] == []


@pytest.mark.parametrize("name", ["Upgrade", "upgrade", "UPGRADE"])
def test_an_offer_to_upgrade_costs_no_body(server, name):
    body = json.dumps(LOG_IN).encode()
    headers = ("Connection: Upgrade, HTTP2-Settings, close", f"{name}: h2c", "HTTP2-Settings: AAMAAABk")
    start = head(
        "POST /v1/session HTTP/1.1", *headers, "Content-Type: application/json", f"Content-Length: {len(body)}"
    )
    assert speak(server, start + body).startswith(b"HTTP/1.1 200 OK\r\n")


def test_two_authorization_headers_on_the_wire_are_refused(server):
    token = httpx.post(f"{server.url}/session", json=LOG_IN).json()["jwtToken"]
    twice = [f"Authorization: Bearer {token}"] * 2
    assert speak(server, head("GET /v1/session HTTP/1.1", *twice, "Connection: close")).startswith(b"HTTP/1.1 401 ")
    assert speak(server, head("GET /v1/session HTTP/1.1", twice[0], "Connection: close")).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_token_in_a_trailer_is_none(server, method):
    """RFC 9110, section 6.5.1. In one packet with the head, before the request is looked at."""
    token = httpx.post(f"{server.url}/session", json=LOG_IN).json()["jwtToken"]
    start = head(f"{method} /v1/session HTTP/1.1", "Transfer-Encoding: chunked", "Connection: close")
    trailer = f"0\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    assert speak(server, start + trailer).startswith(b"HTTP/1.1 401 ")
    assert server.session_of(ADA) is not None


def test_a_media_type_in_a_trailer_is_none(server):
    body = json.dumps(LOG_IN)
    start = head("POST /v1/session HTTP/1.1", "Transfer-Encoding: chunked", "Connection: close")
    rest = f"{len(body):x}\r\n{body}\r\n0\r\nContent-Type: application/json\r\n\r\n".encode()
    assert speak(server, start + rest).startswith(b"HTTP/1.1 415 ")


def test_threads_may_log_in_at_once(server):
    answers: list[int] = []

    def log_in() -> None:
        with httpx.Client() as client:
            answers.extend(client.post(f"{server.url}/session", json=LOG_IN).status_code for _ in range(20))

    threads = [threading.Thread(target=log_in) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert answers == [200] * 160


def test_no_secret_shows_in_a_repr(server):
    token = httpx.post(f"{server.url}/session", json=LOG_IN).json()["jwtToken"]
    service = server.service
    shown = " ".join(
        repr(thing) for thing in (server, service, service.log_in(ADA, USERS[ADA]), server.api, server.session_of(ADA),
                                  vars(service), service._accounts, service._signer)
    )  # fmt: skip
    assert not [secret for secret in (token, USERS[ADA], SECRET) if secret in shown]
