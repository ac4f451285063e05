"""Limits of the service, which are off by default."""

from __future__ import annotations

import uuid

import httpx
import pytest

from pacerpro_mock import Mock

USERS = {"ada@example.com": "secret", "bob@example.com": "another"}


def log_in(mock: Mock, password: str = "secret", email: str = "ada@example.com") -> httpx.Response:
    with httpx.Client(transport=mock.transport(), base_url=mock.url) as client:
        return client.post("/session", json={"email": email, "password": password})


def test_by_default_nothing_is_limited():
    mock = Mock(USERS)
    assert {log_in(mock, "wrong").status_code for _ in range(200)} == {401}
    response = log_in(mock)
    assert response.status_code == 200
    assert set(response.headers) == {"content-type", "content-length", "cache-control", "date"}


def test_log_ins_can_be_limited_by_the_minute():
    mock = Mock(USERS, login_limit=2)
    mock.clock.freeze(1_000_000)
    assert [log_in(mock).status_code, log_in(mock, "wrong").status_code] == [200, 401]
    mock.clock.advance(19.5)
    refused = log_in(mock)
    assert (refused.status_code, refused.json()) == (429, {"message": "Too Many Requests"})
    assert refused.headers["retry-after"] == "41"
    mock.clock.advance(40.4)
    assert log_in(mock).headers["retry-after"] == "1"
    mock.clock.advance(0.6)
    assert log_in(mock).status_code == 200


def test_log_ins_in_the_future_of_a_clock_that_was_set_back_do_not_count():
    mock = Mock(USERS, login_limit=1)
    mock.clock.freeze(1_000_000)
    assert log_in(mock).status_code == 200
    mock.clock.advance(-86_400)
    assert [log_in(mock).status_code for _ in range(2)] == [200, 429]
    assert log_in(mock).headers["retry-after"] == "60"


def test_refresh_and_log_out_are_not_limited():
    mock = Mock(USERS, login_limit=1)
    headers = {"Authorization": f"Bearer {log_in(mock).json()['jwtToken']}"}
    with httpx.Client(transport=mock.transport(), base_url=mock.url, headers=headers) as client:
        assert [client.get("/session").status_code for _ in range(5)] == [200] * 5
        assert client.delete("/session").status_code == 200


def test_an_account_can_be_locked_by_wrong_passwords():
    mock = Mock(USERS, lockout_after=3, lockout_seconds=100)
    mock.clock.freeze(1_000_000)
    for _ in range(2):
        assert [log_in(mock, "wrong").status_code for _ in range(2)] == [401, 401]
        assert log_in(mock).status_code == 200
    assert [log_in(mock, "wrong").status_code for _ in range(3)] == [401] * 3
    locked, unknown = log_in(mock), log_in(mock, "x", "eve@example.com")
    assert (locked.status_code, locked.content, locked.headers) == (401, unknown.content, unknown.headers)
    assert log_in(mock, "another", "bob@example.com").status_code == 200
    mock.clock.advance(99)
    assert log_in(mock).status_code == 401
    mock.clock.advance(1)
    assert log_in(mock).status_code == 200


def test_responses_can_have_an_id():
    mock = Mock(USERS, request_id_header="X-Request-Id")
    ids = [uuid.UUID(log_in(mock).headers["x-request-id"]) for _ in range(3)]
    assert len(set(ids)) == 3


@pytest.mark.parametrize("life", [1, 86400])
def test_tokens_live_as_long_as_is_set(life):
    mock = Mock(USERS, token_life=life)
    mock.clock.freeze(1_000_000)
    log_in(mock)
    assert mock.session_of("ada@example.com").expires_at.timestamp() == 1_000_000 + life


@pytest.mark.parametrize(
    "settings",
    [
        {"users": {}},
        {"users": {"ada": "x"}},
        {"users": {"ada@example.com": ""}},
        {"secret": ""},
        {"secret": b"x" * 31},
        {"token_life": 0},
        {"token_life": 10**12},
        {"max_body": 0},
        {"login_limit": 0},
        {"lockout_after": 0},
        {"lockout_seconds": 0},
    ],
)
def test_an_invalid_setting_is_refused(settings):
    with pytest.raises(ValueError, match=" "):
        Mock(**settings)


def test_an_unknown_setting_is_refused():
    with pytest.raises(TypeError):
        Mock(USERS, token_live=5)
