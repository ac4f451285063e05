"""The mock behind a socket: what only shows on the wire."""

from __future__ import annotations

import re
import socket
import threading
import time

import httpx
import pytest

from pacerpro_mock import MockServer
from pacerpro_mock.http import asgi

from .wire import Client, address, get, head, post, speak

ADA = "ada@example.com"
USERS = {ADA: "secret"}
LOG_IN = {"email": ADA, "password": "secret"}
SECRET = "a secret of at least thirty-two bytes"


def test_it_serves_on_a_port_of_its_own_until_the_block_ends():
    before = threading.active_count()
    with MockServer(USERS) as first, MockServer(USERS) as second:
        assert first.url != second.url
        assert re.fullmatch(r"http://127\.0\.0\.1:[0-9]+/v1", first.url)
        for server in (first, second):
            assert post(f"{server.url}/session", json=LOG_IN).status_code == 200
    with pytest.raises(httpx.ConnectError):
        post(f"{first.url}/session", json=LOG_IN)
    assert threading.active_count() == before


def test_it_can_listen_on_ipv6():
    with MockServer(USERS, host="::1") as server:
        assert server.url.startswith("http://[::1]:")
        assert post(f"{server.url}/session", json=LOG_IN).status_code == 200


@pytest.mark.parametrize("place", [{"host": ""}, {"port": -1}, {"port": 65536}, {"port": "8080"}])
def test_an_invalid_host_or_port_is_refused(place):
    with pytest.raises(ValueError, match=r"host is empty|the port is a whole number"):
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
        url, token = server.url, post(f"{server.url}/session", json=LOG_IN).json()["jwtToken"]
    with server:
        assert server.url == url
        assert get(f"{url}/session", headers={"Authorization": f"Bearer {token}"}).status_code == 200
        with pytest.raises(RuntimeError, match="runs already"):
            server.start()


def test_it_stops_at_once_while_callers_wait():
    with MockServer(USERS) as server, Client() as idle:
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


def test_a_body_that_is_too_large_is_refused_before_it_is_sent(server, monkeypatch):
    monkeypatch.setattr(asgi, "LINGER", 0.05)
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


def test_a_caller_that_keeps_sending_still_gets_the_413(server):
    def chunks():
        for _ in range(3000):
            yield b" " * 10_000

    response = post(f"{server.url}/session", content=chunks(), headers={"Content-Type": "application/json"})
    assert response.status_code == 413


def test_a_slow_caller_does_not_delay_other_callers(server):
    start = head("POST /v1/session HTTP/1.1", "Content-Type: application/json", "Content-Length: 100")
    slow = [socket.create_connection(address(server)) for _ in range(50)]
    for connection in slow:
        connection.sendall(start + b"{")
    assert post(f"{server.url}/session", json=LOG_IN, timeout=1).status_code == 200
    for connection in slow:
        connection.close()


def test_a_body_that_does_not_arrive_is_given_up(monkeypatch):
    monkeypatch.setattr(asgi, "LINGER", 0.05)
    with MockServer(USERS, body_timeout=0.1) as server:
        received = speak(
            server, head("POST /v1/session HTTP/1.1", "Content-Type: application/json", "Content-Length: 9")
        )
    assert received.startswith(b"HTTP/1.1 408 ")
    assert received.endswith(b'"status":408,"type":"error"}')


def test_a_caller_that_hangs_up_is_not_an_error(server, caplog):
    with socket.create_connection(address(server)) as connection:
        connection.sendall(head("POST /v1/session HTTP/1.1", "Content-Type: application/json", "Content-Length: 9"))
        connection.sendall(b"{")
        time.sleep(0.05)
    assert post(f"{server.url}/session", json=LOG_IN).status_code == 200
    assert [
        record for record in caplog.records if record.name.startswith("uvicorn") and record.levelname == "ERROR"
    ] == []


def test_threads_may_log_in_at_once(server):
    answers: list[int] = []

    def log_in() -> None:
        with Client() as client:
            answers.extend(client.post(f"{server.url}/session", json=LOG_IN).status_code for _ in range(5))

    threads = [threading.Thread(target=log_in) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert answers == [200] * 40


def test_no_secret_shows_in_a_repr(server):
    token = post(f"{server.url}/session", json=LOG_IN).json()["jwtToken"]
    service = server.service
    shown = " ".join(
        repr(thing) for thing in (server, service, service.log_in(ADA, USERS[ADA]), server.api, server.session_of(ADA),
                                  vars(service), service._accounts, service._signer)
    )  # fmt: skip
    assert not [secret for secret in (token, USERS[ADA], SECRET) if secret in shown]
