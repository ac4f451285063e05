"""The three operations as the contract and the known facts have them."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import jwt
import pytest
import yaml

ADA, BOB = "ada@example.com", "bob@example.com"
SECRET = "a secret of at least thirty-two bytes"
OPTIONS = {"verify_sub": False}
CONTRACT = yaml.safe_load((Path(__file__).resolve().parents[2] / "openapi.yaml").read_text("utf-8"))


def claims_of(token: str) -> dict:
    return jwt.decode(token, SECRET, algorithms=["HS256"], options=OPTIONS)


def test_log_in_hands_out_a_token_with_exactly_the_known_claims(call, mock):
    mock.clock.freeze(2_000_000_000.75)
    response = call("POST", json={"email": ADA, "password": "secret"})
    body = response.json()
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["date"] == "Wed, 18 May 2033 03:33:20 GMT"
    assert body.keys() == {"jwtToken", "expiresAt"}
    assert jwt.get_unverified_header(body["jwtToken"]) == {"typ": "JWT", "alg": "HS256"}
    options = {**OPTIONS, "verify_exp": False}
    claims = jwt.decode(body["jwtToken"], SECRET, algorithms=["HS256"], options=options)
    assert str(uuid.UUID(claims.pop("jti"))) in mock.session_of(ADA).jti
    assert claims == {"sub": 1, "exp": 2_000_003_600, "scp": "user"}
    assert body["expiresAt"] == "2033-05-18T04:33:20Z"
    assert type(claims["exp"]) is int


def test_the_token_is_as_the_contract_describes_it(call):
    """The tokens of the mock and the contract's own example, by the schemas of `x-jwt`."""
    described = CONTRACT["components"]["schemas"]["Session"]["properties"]["jwtToken"]
    for token in (call.log_in(), *described["examples"]):
        decoded = jwt.decode_complete(token, options={"verify_signature": False})
        jsonschema.validate(decoded["header"], described["x-jwt"]["header"], jsonschema.Draft202012Validator)
        jsonschema.validate(decoded["payload"], described["x-jwt"]["claims"], jsonschema.Draft202012Validator)
        assert decoded["payload"].keys() == described["x-jwt"]["claims"]["properties"].keys()


def test_expires_at_says_the_same_instant_as_exp(call):
    body = call("POST", json={"email": ADA, "password": "secret"}).json()
    expires_at = datetime.strptime(body["expiresAt"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert expires_at.timestamp() == claims_of(body["jwtToken"])["exp"]


def test_each_user_has_a_sub_of_their_own(call):
    assert [claims_of(call.log_in(email))["sub"] for email in (ADA, BOB)] == [1, 2]


def test_refresh_within_the_same_second_still_expires_later(call, mock):
    mock.clock.freeze()
    token = call.log_in()
    expiries = [claims_of(token)["exp"]]
    for _ in range(3):
        response = call.with_token("GET", token)
        assert response.headers["cache-control"] == "no-store"
        token = response.json()["jwtToken"]
        expiries.append(claims_of(token)["exp"])
    assert expiries == sorted(set(expiries))


def test_refresh_does_not_end_the_older_token(call):
    old = call.log_in()
    new = call.with_token("GET", old).json()["jwtToken"]
    assert new != old
    assert claims_of(new)["jti"] == claims_of(old)["jti"]
    assert [call.with_token("GET", token).status_code for token in (old, new)] == [200, 200]


def test_refresh_follows_the_clock(call, mock):
    mock.clock.freeze()
    token = call.log_in()
    mock.clock.advance(1800)
    assert claims_of(call.with_token("GET", token).json()["jwtToken"])["exp"] == claims_of(token)["exp"] + 1800


@pytest.mark.parametrize(("passed", "status"), [(3599, 200), (3600, 401), (3601, 401)])
def test_a_token_ends_with_its_last_second(call, mock, passed, status):
    mock.clock.freeze(2_000_000_000)
    token = call.log_in()
    mock.clock.advance(passed)
    assert call.with_token("GET", token).status_code == status


def test_log_out_ends_all_tokens_of_the_user_and_no_other(call):
    first, second, other = call.log_in(), call.log_in(), call.log_in(BOB)
    refreshed = call.with_token("GET", first).json()["jwtToken"]
    response = call.with_token("DELETE", second)
    assert (response.status_code, response.json()) == (200, {})
    for token in (first, second, refreshed):
        assert call.with_token("GET", token).status_code == 401
        assert call.with_token("DELETE", token).status_code == 401
    assert call.with_token("GET", other).status_code == 200
    assert call.with_token("GET", call.log_in()).status_code == 200


def test_the_401_of_a_token_is_an_error_with_a_challenge(call):
    response = call.with_token("GET", "nonsense")
    assert response.json() == {
        "error": "Token invalid or expired",
        "message": "Token invalid or expired",
        "status": 401,
        "type": "error",
    }
    assert response.headers["www-authenticate"] == 'Bearer realm="PacerPro", error="invalid_token"'
    assert response.reason_phrase == "Unauthorized"


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_request_without_authorization_is_challenged_without_a_reason(call, method):
    response = call(method)
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == 'Bearer realm="PacerPro"'


@pytest.mark.parametrize(
    "body",
    [
        {"email": ADA, "password": "wrong"},
        {"email": "eve@example.com", "password": "secret"},
        {"email": BOB, "password": "secret"},
        {"email": ADA},
        {"password": "secret"},
        {},
        {"email": ADA, "password": ""},
        {"email": "", "password": ""},
        {"email": ADA, "password": None},
        {"email": [ADA], "password": ["secret"]},
        {"email": {"$ne": None}, "password": {"$ne": None}},
        {"email": True, "password": True},
        {"email": 1, "password": 1},
        {"email": ADA.upper(), "password": "secret"},
        {"email": f" {ADA}", "password": "secret"},
        {"Email": ADA, "Password": "secret"},
        {"user": {"email": ADA, "password": "secret"}},
    ],
)
def test_every_object_without_valid_credentials_gets_the_same_401(call, body):
    response = call("POST", json=body)
    assert response.status_code == 401
    assert response.json()["message"] == "Invalid email or password"
    assert response.headers["www-authenticate"] == 'Bearer realm="PacerPro"'
    assert "cache-control" not in response.headers


@pytest.mark.parametrize("method", ["HEAD", "PUT", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND"])
def test_a_method_that_the_contract_lacks_is_refused_with_allow(call, method):
    response = call(method)
    assert response.status_code == 405
    assert response.headers["allow"] == "DELETE, GET, POST"
    assert response.headers["content-type"] == "application/json"
    if method == "HEAD":
        assert response.content == b""
    else:
        assert response.json()["status"] == 405


@pytest.mark.parametrize(
    "path",
    ["/v2", "/v1", "/v1/", "/session", "/v2/session", "/v1/Session", "/v1/session/1",
     "/v1/session%0A", "/v1%2Fsession", "/v1%2fsession", "/v1/session%00", "/v1/session;a=b"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "HEAD", "PUT"])
def test_a_path_that_the_contract_lacks_is_not_found(call, method, path):
    response = call(method, path)
    assert response.status_code == 404
    if method != "HEAD":
        assert response.json() == {"error": "Not Found", "message": "Not Found", "status": 404, "type": "error"}


@pytest.mark.parametrize("path", ["/v1/session/", "/v1//session", "/v1/session//"])
def test_an_extra_slash_is_accepted_unless_the_mock_is_strict(call, path):
    assert call("POST", path, json={"email": ADA, "password": "secret"}).status_code == 200
    assert call("PUT", path).headers["allow"] == "DELETE, GET, POST"
    call.mock.api.settings.strict_slashes = True
    assert call("POST", path, json={"email": ADA, "password": "secret"}).status_code == 404


@pytest.mark.parametrize("spelling", ["Bearer {} ", "Bearer {}\t", " Bearer {}", "\tBearer {} \t "])
def test_whitespace_around_a_token_is_not_part_of_it(call, spelling):
    headers = {"Authorization": spelling.format(call.log_in())}
    assert call("GET", headers=headers).status_code == 200


def test_an_escaped_letter_is_the_letter(call):
    assert call("GET", "/v1/%73ession").status_code == 401


def test_a_query_changes_nothing(call):
    assert call("POST", "/v1/session?x=1", json={"email": ADA, "password": "secret"}).status_code == 200


def test_a_token_counts_only_in_the_header(call):
    token = call.log_in()
    assert call("GET", f"/v1/session?access_token={token}&token={token}&jwtToken={token}").status_code == 401
    assert call("GET", headers={"Cookie": f"jwt={token}", "X-Authorization": f"Bearer {token}"}).status_code == 401
    assert call("DELETE", json={"jwtToken": token}).status_code == 401
    assert call.with_token("GET", token).status_code == 200
