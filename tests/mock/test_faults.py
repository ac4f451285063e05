"""Faults on demand, on a socket and offline, for sync and async clients."""

from __future__ import annotations

import json
import time
from collections import deque

import httpx
import pytest

from .wire import Client, post

LOG_IN = {"email": "ada@example.com", "password": "secret"}


def log_in(call) -> httpx.Response:
    return call("POST", json=LOG_IN)


def test_a_status_fault_is_answered_as_often_as_asked_for(each_way):
    each_way.mock.fail_next(status=503, times=2, retry_after=1)
    for _ in range(2):
        response = log_in(each_way)
        assert (response.status_code, response.json()) == (503, {"message": "Service Unavailable"})
        assert response.headers["retry-after"] == "1"
    assert log_in(each_way).status_code == 200


@pytest.mark.parametrize("status", [400, 403, 413, 415, 500, 502, 504, 520, 599, 301, 200])
def test_any_status_can_be_asked_for(each_way, status):
    each_way.mock.fail_next(status=status)
    response = log_in(each_way)
    assert response.status_code == status
    assert response.json().keys() == {"message"}
    assert "retry-after" not in response.headers


@pytest.mark.parametrize(
    ("status", "request_"),
    [
        (413, {"content": b"x" * 70_000, "headers": {"Content-Type": "application/json"}}),
        (415, {"content": b"x", "headers": {"Content-Type": "text/plain"}}),
    ],
)
def test_a_fault_looks_like_the_mocks_own_refusal(call, status, request_):
    call.mock.clock.freeze()
    by_itself = call("POST", **request_)
    call.mock.fail_next(status=status)
    on_demand = log_in(call)
    assert by_itself.status_code == on_demand.status_code == status
    assert (by_itself.headers.multi_items(), by_itself.content) == (on_demand.headers.multi_items(), on_demand.content)


@pytest.mark.parametrize("status", [204, 304])
def test_a_status_without_a_body_has_none(each_way, status):
    each_way.mock.fail_next(status=status)
    assert (log_in(each_way).status_code, log_in(each_way).status_code) == (status, 200)


def test_a_429_has_a_retry_after(each_way):
    each_way.mock.fail_next(status=429, operation="sessionCreate")
    response = log_in(each_way)
    assert (response.status_code, response.headers["retry-after"]) == (429, "1")
    each_way.mock.fail_next(status=429, retry_after="Wed, 21 Oct 2065 07:28:00 GMT")
    assert log_in(each_way).headers["retry-after"] == "Wed, 21 Oct 2065 07:28:00 GMT"


@pytest.mark.parametrize(
    ("method", "message"), [("POST", "Invalid email or password"), ("GET", "Token invalid or expired")]
)
def test_a_401_fault_looks_like_the_services_own(each_way, method, message):
    each_way.mock.fail_next(status=401)
    response = each_way(method, json=LOG_IN)
    assert response.json()["message"] == message
    assert response.headers["www-authenticate"].startswith("Bearer ")


def test_a_status_keeps_the_request_from_the_service(each_way):
    token = each_way.log_in()
    each_way.mock.fail_next(status=502, operation="sessionDelete")
    assert each_way.with_token("DELETE", token).status_code == 502
    assert each_way.with_token("GET", token).status_code == 200


def test_a_fault_waits_for_the_operation_that_it_is_aimed_at(each_way):
    each_way.mock.fail_next(status=503, operation="sessionRefresh")
    each_way.mock.fail_next(status=504)
    token = each_way.mock.service.log_in(**LOG_IN).token
    assert [each_way.with_token("GET", token).status_code, log_in(each_way).status_code] == [503, 504]
    assert [each_way.with_token("GET", token).status_code, log_in(each_way).status_code] == [200, 200]


def test_faults_come_in_the_order_in_which_they_were_asked_for(each_way):
    for status in (500, 502, 503):
        each_way.mock.fail_next(status=status)
    assert [log_in(each_way).status_code for _ in range(4)] == [500, 502, 503, 200]


def test_a_fault_can_last_until_it_is_removed(each_way):
    each_way.mock.fail_next(status=503, times=None)
    assert [log_in(each_way).status_code for _ in range(5)] == [503] * 5
    each_way.mock.stop_failing()
    assert log_in(each_way).status_code == 200


def test_faults_apply_only_to_operations_of_the_contract(each_way):
    each_way.mock.fail_next(status=503)
    assert each_way("GET", "/ready").status_code == 200
    assert each_way("PUT").status_code == 405
    assert each_way("GET", "/v1/other").status_code == 404
    assert log_in(each_way).status_code == 503


def test_a_dropped_connection_before_the_answer(each_way):
    token = each_way.log_in()
    each_way.mock.fail_next(drop="before", operation="sessionDelete")
    with pytest.raises(httpx.RemoteProtocolError, match="disconnected without sending a response"):
        each_way.with_token("DELETE", token)
    assert each_way.mock.requests[-1].status is None
    assert each_way.with_token("GET", token).status_code == 200


def test_a_dropped_connection_in_the_middle_of_the_body(each_way):
    token = each_way.log_in()
    each_way.mock.fail_next(drop="body", operation="sessionDelete")
    with pytest.raises(httpx.RemoteProtocolError, match="peer closed connection without sending complete message body"):
        each_way.with_token("DELETE", token)
    # Here the service has done its part, and the caller does not know.
    assert each_way.with_token("GET", token).status_code == 401


def test_what_comes_before_the_drop_arrives(server):
    server.fail_next(drop="body")
    with Client() as client, client.stream("POST", f"{server.url}/session", json=LOG_IN) as response:
        chunks: list[bytes] = []
        with pytest.raises(httpx.RemoteProtocolError):
            # `extend` would drop what came before the error.
            deque(map(chunks.append, response.iter_raw()))
    received = b"".join(chunks)
    assert response.status_code == 200
    assert received.startswith(b'{"jwtToken":')
    assert len(received) == int(response.headers["content-length"]) // 2


def test_a_truncated_body_is_half_the_json_well_framed(each_way):
    each_way.mock.fail_next(malform="truncated")
    response = log_in(each_way)
    assert response.status_code == 200
    assert len(response.content) == int(response.headers["content-length"])
    with pytest.raises(json.JSONDecodeError):
        response.json()


def test_a_proxys_page_is_html(each_way):
    each_way.mock.fail_next(malform="html", status=502)
    response = log_in(each_way)
    assert (response.status_code, response.headers["content-type"]) == (502, "text/html")
    assert "<h1>" in response.text
    each_way.mock.fail_next(malform="html")
    assert log_in(each_way).status_code == 200


def test_a_body_can_be_empty(each_way):
    each_way.mock.fail_next(malform="empty")
    response = log_in(each_way)
    assert (response.status_code, response.content, response.headers["content-length"]) == (200, b"", "0")


@pytest.mark.parametrize("content", ['{"jwtToken": 5}', b"\xff\xfe"])
def test_a_body_can_be_anything(each_way, content):
    each_way.mock.fail_next(content=content)
    assert log_in(each_way).content == (content if isinstance(content, bytes) else content.encode())


def test_headers_can_be_added_and_replaced(each_way):
    headers = {"Location": "http://elsewhere.invalid/", "content-type": "application/problem+json", "Date": "never"}
    each_way.mock.fail_next(status=307, headers=headers)
    response = log_in(each_way)
    assert response.headers.multi_items().count(("content-type", "application/problem+json")) == 1
    assert [response.headers[name] for name in ("location", "date")] == ["http://elsewhere.invalid/", "never"]
    assert len(response.headers.get_list("content-type")) == 1


def test_latency_lets_the_answer_come_late(each_way):
    each_way.mock.fail_next(latency=0.15)
    started = time.monotonic()
    assert log_in(each_way).status_code == 200
    assert 0.15 <= time.monotonic() - started < 5


def test_latency_beyond_the_read_timeout_is_a_read_timeout(each_way):
    each_way.mock.fail_next(latency=30)
    started = time.monotonic()
    with pytest.raises(httpx.ReadTimeout):
        each_way("POST", json=LOG_IN, timeout=0.2)
    assert time.monotonic() - started < 5


def test_a_late_answer_does_not_delay_other_callers(server):
    server.fail_next(latency=30)
    with pytest.raises(httpx.ReadTimeout):
        post(f"{server.url}/session", json=LOG_IN, timeout=0.05)
    assert post(f"{server.url}/session", json=LOG_IN, timeout=1).status_code == 200


def test_parts_of_a_fault_combine(each_way):
    each_way.mock.fail_next(status=503, latency=0.01, content="{}", retry_after=7)
    response = log_in(each_way)
    assert (response.status_code, response.content, response.headers["retry-after"]) == (503, b"{}", "7")


@pytest.mark.parametrize(
    "fault",
    [
        {},
        {"times": 2, "operation": "sessionCreate"},
        {"status": 199},
        {"status": 600},
        {"times": 0, "status": 503},
        {"latency": -1},
        {"latency": float("nan")},
        {"latency": float("inf")},
        {"drop": "after"},
        {"malform": "pdf"},
        {"operation": "sessionUpdate", "status": 503},
        {"headers": {"a b": "c"}},
        {"headers": {"a": "b\r\nc: d"}},
        {"headers": {"X": 5}},
        {"headers": {5: "x"}},
        {"headers": [("a", "b")]},
        {"status": 503, "retry_after": "1\n"},
        {"status": 503, "retry_after": -1},
        {"status": 503, "retry_after": "-1"},
        {"status": 503, "retry_after": 1.5},
        {"status": 503, "retry_after": True},
        {"status": 503, "retry_after": "soon"},
        {"status": 503, "retry_after": "2065-10-21T07:28:00Z"},
        {"latency": "soon"},
        {"content": 5},
    ],
)
def test_an_invalid_fault_is_refused(mock, fault):
    with pytest.raises(ValueError, match=" "):
        mock.fail_next(**fault)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"drop": "before", "status": 503}, "only latency goes with it"),
        ({"drop": "before", "retry_after": 5}, "only latency goes with it"),
        ({"drop": "before", "malform": "html"}, "only latency goes with it"),
        ({"drop": "before", "content": ""}, "only latency goes with it"),
        ({"drop": "before", "headers": {"a": "b"}}, "only latency goes with it"),
        ({"drop": "body", "malform": "empty"}, "needs a body"),
        ({"drop": "body", "content": ""}, "needs a body"),
        ({"drop": "body", "status": 204}, "needs a body"),
        ({"drop": "body", "status": 304}, "needs a body"),
        ({"malform": "truncated", "content": "x"}, "take one of them"),
        ({"malform": "empty", "content": ""}, "take one of them"),
        ({"status": 204, "content": "x"}, "has no body"),
        ({"status": 304, "malform": "html"}, "has no body"),
        ({"status": 503, "retry_after": 5, "headers": {"retry-after": "soon"}}, "take one of them"),
        ({"headers": {"Content-Length": "5"}}, "how long a body is"),
        ({"content": "\ud800"}, "half a character"),
        ({"headers": {"transfer-encoding": "chunked"}}, "how long a body is"),
    ],
)
def test_a_fault_with_a_part_that_would_not_show_is_refused(mock, fault, words):
    with pytest.raises(ValueError, match=words):
        mock.fail_next(**fault)


@pytest.mark.parametrize("retry_after", [0, "0", "120", "Wed, 21 Oct 2065 07:28:00 GMT"])
def test_retry_after_takes_seconds_and_http_dates(call, retry_after):
    call.mock.fail_next(status=503, retry_after=retry_after)
    assert log_in(call).headers["retry-after"] == str(retry_after)


def test_an_invalid_retry_after_can_be_sent_as_a_header(each_way):
    each_way.mock.fail_next(status=429, headers={"Retry-After": "soon"})
    assert log_in(each_way).headers.get_list("retry-after") == ["soon"]


def test_revoke_ends_all_tokens_of_one_user(each_way):
    ada, bob = each_way.log_in(), each_way.log_in("bob@example.com")
    each_way.mock.revoke("ada@example.com")
    assert [each_way.with_token("GET", token).status_code for token in (ada, bob)] == [401, 200]
    with pytest.raises(KeyError):
        each_way.mock.revoke("eve@example.com")
