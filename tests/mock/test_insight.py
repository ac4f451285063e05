"""What the mock tells of what it has seen, and what it keeps to itself."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import pytest

from pacerpro_mock.http.messages import Answer, Head
from pacerpro_mock.testing.request_log import RequestLog

ADA = "ada@example.com"
LOG_IN = {"email": ADA, "password": "secret"}


def test_requests_are_kept_with_method_path_status_and_user(each_way):
    token = each_way.log_in()
    each_way.with_token("GET", token)
    each_way.with_token("DELETE", token)
    each_way.with_token("GET", token)
    each_way("POST", json={"email": ADA, "password": "wrong"})
    each_way("PUT", "/v1/other")
    assert each_way.mock.requests == [
        ("POST", "/v1/session", 200, ADA),
        ("GET", "/v1/session", 200, ADA),
        ("DELETE", "/v1/session", 200, ADA),
        ("GET", "/v1/session", 401, None),
        ("POST", "/v1/session", 401, None),
        ("PUT", "/v1/other", 404, None),
    ]
    assert each_way.mock.counts == {"sessionCreate": 2, "sessionRefresh": 2, "sessionDelete": 1}


def test_requests_are_kept_with_headers_and_body_and_their_secrets_are_masked(each_way):
    token = each_way.log_in()
    headers = {"Authorization": f"Bearer {token}", "X-Api-Key": "hush", "Cookie": "session=hush", "X-Token-Of": token}
    each_way("GET", headers={**headers, "X-Note": f"see {token}"})
    logged_in, refreshed = each_way.mock.requests
    assert logged_in.body == {"email": ADA, "password": "***"}
    assert logged_in.headers["content-type"] == "application/json"
    assert refreshed.body is None
    assert [refreshed.headers[name] for name in ("authorization", "x-api-key", "cookie", "x-token-of", "x-note")] == [
        "Bearer ***", "***", "***", "***", "see ***",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"password": "hush"', "***"),
        (b'[{"password": "hush", "email": "a"}]', [{"password": "***", "email": "a"}]),
        (b'{"x": {"newPassword": ["hush"]}, "n": 1}', {"x": {"newPassword": "***"}, "n": 1}),
        (b'"hush' + b"x" * 20_000 + b'"', "(20006 bytes)"),
        (b"", None),
    ],
)
def test_bodies_that_are_not_a_log_in_are_masked_too(call, body, expected):
    call("POST", content=body, headers={"Content-Type": "application/json"})
    assert call.mock.requests[-1].body == expected


def test_requests_for_pages_are_not_recorded(each_way):
    for path in ("/ready", "/openapi.json", "/docs"):
        assert each_way("GET", path).status_code == 200
    assert each_way.mock.requests == []


def test_requests_and_counts_are_copies(mock):
    mock.requests.append("x")
    mock.counts["sessionCreate"] += 1
    assert (mock.requests, mock.counts["sessionCreate"]) == ([], 0)


def test_old_requests_are_forgotten_and_still_counted():
    log = RequestLog()
    for number in range(10_010):
        log.add("sessionRefresh", Head("GET", f"/{number}", []), b"", Answer(200, b""), None)
    assert len(log.requests) == 10_000
    assert log.requests[-1].path == "/10009"
    assert log.counts == {"sessionRefresh": 10_010}


def test_session_of_follows_the_user(call, mock):
    mock.clock.freeze(2_000_000_000)
    assert mock.session_of(ADA) is None
    token = call.log_in()
    first = mock.session_of(ADA)
    assert (first.email, first.user_id) == (ADA, 1)
    assert first.expires_at == datetime.fromtimestamp(2_000_003_600, UTC)
    mock.clock.advance(60)
    call.with_token("GET", token)
    second = mock.session_of(ADA)
    assert second.expires_at == datetime.fromtimestamp(2_000_003_660, UTC)
    assert second.jti == first.jti
    assert mock.session_of("bob@example.com") is None
    mock.clock.advance(3600)
    assert mock.session_of(ADA) is None
    call.with_token("DELETE", call.log_in())
    assert mock.session_of(ADA) is None
    call.log_in()
    assert mock.session_of(ADA).jti != first.jti
    with pytest.raises(KeyError):
        mock.session_of("eve@example.com")


def test_reset_is_as_new(call, mock):
    token = call.log_in()
    mock.clock.advance(10**6)
    mock.fail_next(status=503, times=None)
    mock.reset()
    assert (mock.requests, mock.counts, mock.session_of(ADA)) == ([], {}, None)
    assert call.with_token("GET", token).status_code == 401
    assert call("POST", json=LOG_IN).status_code == 200


def test_no_secret_is_kept_logged_or_shown(each_way, caplog):
    caplog.set_level(logging.DEBUG)
    token = each_way.log_in()
    each_way("GET", f"/v1/session?token={token}&password=secret", headers={"Authorization": f"Bearer {token}"})
    each_way("GET", f"/v1/session/{token}")
    each_way("GET", "/v1/" + "x" * 5000)
    each_way("POST", content=b'{"password": "secret"', headers={"Content-Type": "application/json"})
    each_way("POST", json={"email": "secret", "password": "secret"})
    each_way.mock.fail_next(content="secret", headers={"X": "secret"})
    kept = [*map(repr, each_way.mock.requests), *map(repr, each_way.mock.api.faults.waiting), repr(each_way.mock)]
    logged = [record.getMessage() for record in caplog.records if record.name.startswith("pacerpro_mock")]
    assert len(logged) == 6
    for text in (*kept, *logged):
        assert "secret" not in text
        assert token not in text
        assert token.split(".")[2] not in text
        assert len(text) < 400


def test_the_access_log_cannot_be_forged(each_way, caplog):
    caplog.set_level(logging.INFO, "pacerpro_mock.access")
    each_way("GET", "/v1/x%0AGET /v1/session 200 eve%1b[31m%C3%A9")
    assert [record.getMessage() for record in caplog.records if record.name == "pacerpro_mock.access"] == [
        "GET /v1/x%0AGET%20/v1/session%20200%20eve%1B%5B31m%C3%A9 404 -"
    ]
