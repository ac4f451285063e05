"""Control over HTTP: what pytest has as methods, for tests in any language."""

from __future__ import annotations

import httpx
import pytest

from pacerpro_mock import Mock, MockServer

from .wire import get, post

USERS = {"ada@example.com": "secret", "bob@example.com": "another secret"}
ADA = "ada@example.com"
TOKEN = "a control token"


@pytest.fixture
def mock() -> Mock:
    return Mock(USERS, control_token=TOKEN)


def control(call, method: str, name: str, body: object = None, token: str = TOKEN) -> httpx.Response:
    content = {} if body is None else {"json": body}
    return call(method, f"/_mock/{name}", headers={"Authorization": f"Bearer {token}"}, **content)


def test_faults_are_added_and_removed(call):
    fault = {"status": 503, "times": None, "operation": "sessionCreate", "headers": {"X-Why": "told to"}}
    assert control(call, "POST", "faults", fault).json() == {}
    failed = call("POST", json={"email": ADA, "password": "secret"})
    assert (failed.status_code, failed.headers["x-why"]) == (503, "told to")
    assert control(call, "DELETE", "faults").status_code == 200
    assert call.log_in()


def test_the_clock_is_moved_frozen_and_run(call):
    token = call.log_in()
    frozen = control(call, "POST", "clock", {"freeze": 2_000_000_000, "advance": 3600}).json()
    assert frozen == {"now": "2033-05-18T04:33:20Z", "frozen": True}
    assert control(call, "GET", "clock").json() == frozen
    assert control(call, "POST", "clock", {"run": True}).json()["frozen"] is False
    assert call.with_token("GET", token).status_code == 401


def test_a_user_is_logged_out(call):
    token = call.log_in()
    control(call, "POST", "revoke", {"email": ADA})
    assert call.with_token("GET", token).status_code == 401


def test_recorded_requests_are_masked_and_exclude_control_requests(call):
    call.log_in()
    (record,) = control(call, "GET", "requests").json()
    assert {name: record[name] for name in ("method", "path", "status", "user")} == {
        "method": "POST", "path": "/v1/session", "status": 200, "user": ADA,
    }  # fmt: skip
    assert record["body"] == {"email": ADA, "password": "***"}
    assert record["headers"]["content-type"] == "application/json"
    assert control(call, "GET", "counts").json() == {"sessionCreate": 1}
    control(call, "POST", "reset")
    assert control(call, "GET", "requests").json() == []


def test_answers_are_overridden(call):
    control(call, "POST", "answers", {"operation": "sessionDelete", "json": {"bye": True}})
    assert call.with_token("DELETE", call.log_in()).json() == {"bye": True}


@pytest.mark.parametrize(
    ("method", "name", "body", "status"),
    [
        ("POST", "faults", {}, 400),
        ("POST", "faults", {"status": 99}, 400),
        ("POST", "faults", {"colour": "red"}, 400),
        ("POST", "faults", {"status": 503, "headers": "x"}, 400),
        ("POST", "faults", [1], 400),
        ("POST", "clock", {"advance": "soon"}, 400),
        ("POST", "clock", {"freeze": -1}, 400),
        ("POST", "revoke", {}, 400),
        ("POST", "revoke", {"email": "eve@example.com"}, 400),
        ("POST", "answers", {"operation": "nonsense", "json": 1}, 400),
        ("GET", "faults", None, 405),
        ("GET", "nonsense", None, 404),
        ("GET", "", None, 404),
    ],
)
def test_an_invalid_control_request_is_refused_and_changes_nothing(call, method, name, body, status):
    response = control(call, method, name, body)
    assert response.status_code == status
    assert response.json()["message"]
    assert call.log_in()


@pytest.mark.parametrize("token", ["", "another token", TOKEN.upper(), "\xff" * 15])
def test_only_the_control_token_opens_it(call, token):
    headers = [(b"Authorization", f"Bearer {token}".encode("latin-1"))]
    assert call("POST", "/_mock/reset", headers=headers).status_code == 401
    assert call("POST", "/_mock/reset").status_code == 401
    assert call.with_token("GET", TOKEN).status_code == 401


def test_a_token_of_a_user_does_not_open_it(call):
    assert control(call, "POST", "reset", token=call.log_in()).status_code == 401


def test_it_is_off_without_a_control_token(server):
    answer = post(f"{server.url.removesuffix('/v1')}/_mock/reset", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 404


def test_it_works_over_a_socket():
    with MockServer(USERS, control_token=TOKEN) as server:
        origin = server.url.removesuffix("/v1")
        headers = {"Authorization": f"Bearer {TOKEN}"}
        assert post(f"{origin}/_mock/faults", json={"status": 502}, headers=headers).status_code == 200
        assert get(f"{server.url}/session").status_code == 502
