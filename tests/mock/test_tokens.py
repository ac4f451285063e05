"""Forged, broken and misplaced tokens: what the service has not issued is refused, and ends nothing."""

from __future__ import annotations

import base64
import json
import time
import uuid

import jwt
import pytest

from pacerpro_mock import Mock

ADA, BOB = "ada@example.com", "bob@example.com"
SECRET = "a secret of at least thirty-two bytes"
HEADER = {"typ": "JWT", "alg": "HS256"}


def encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def forge(header: object, payload: object, secret: str = SECRET) -> str:
    """A token that is signed with HMAC and SHA-256, with any header; bytes and text are taken as they are."""
    parts = [part if isinstance(part, bytes) else json.dumps(part).encode() for part in (header, payload)]
    signed = ".".join(encode(part) for part in parts)
    algorithm = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    return f"{signed}.{encode(algorithm.sign(signed.encode(), secret.encode()))}"


@pytest.fixture
def claims(call, mock) -> dict:
    """The claims of a token that would be good."""
    call.log_in()
    return {"jti": mock.session_of(ADA).jti, "sub": 1, "exp": int(time.time()) + 600, "scp": "user"}


def is_refused(call, token: str) -> bool:
    answers = [call.with_token(method, token) for method in ("GET", "DELETE")]
    assert {answer.status_code for answer in answers} <= {200, 401}
    return all(answer.status_code == 401 for answer in answers)


def test_the_forger_can_make_a_good_token(call, claims):
    assert call.with_token("GET", forge(HEADER, claims)).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        {"exp": 0}, {"exp": -1}, {"exp": 1.5}, {"exp": True}, {"exp": None}, {"exp": "9999999999"}, {"exp": [1]},
        {"exp": 9_999_999_999.0}, {"exp": 10**12}, {"exp": 10**50}, {"exp": 10**400}, {"exp": 253_402_300_799},
        {"sub": 2}, {"sub": 0}, {"sub": -1}, {"sub": 99}, {"sub": "1"}, {"sub": True}, {"sub": 1.0}, {"sub": None},
        {"sub": [1]}, {"sub": 10**50}, {"sub": ADA},
        {"jti": str(uuid.uuid4())}, {"jti": ""}, {"jti": None}, {"jti": 1}, {"jti": "\ud800"}, {"jti": "\x00"},
        {"scp": "admin"}, {"scp": ""}, {"scp": "User"}, {"scp": "user admin"}, {"scp": ["user"]}, {"scp": None},
        {"nbf": 0}, {"iat": 0}, {"aud": "x"}, {"iss": "x"}, {"admin": True},
    ],
)  # fmt: skip
def test_a_wrong_claim_is_refused(call, claims, change):
    assert is_refused(call, forge(HEADER, {**claims, **change}))


@pytest.mark.parametrize("name", ["jti", "sub", "exp", "scp"])
def test_a_missing_or_repeated_claim_is_refused(call, claims, name):
    less = {key: value for key, value in claims.items() if key != name}
    assert is_refused(call, forge(HEADER, less))
    twice = json.dumps(claims)[:-1] + f", {json.dumps(name)}: {json.dumps(claims[name])}}}"
    assert is_refused(call, forge(HEADER, twice.encode()))


@pytest.mark.parametrize(
    "payload",
    [b"", b"null", b"[]", b"1", b"{}", b"\xff", b'{"exp": Infinity}', b"{" * 50_000, b'{"a":' * 50_000, b"[" * 50_000],
)
def test_a_payload_that_is_not_an_object_is_refused(call, claims, payload):
    assert is_refused(call, forge(HEADER, payload))
    assert is_refused(call, forge(payload, claims))


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "HS256"}, {"typ": "JWT"}, {"typ": "jwt", "alg": "HS256"}, {"typ": "at+jwt", "alg": "HS256"},
        {"typ": "JWT", "alg": "none"}, {"typ": "JWT", "alg": "None"}, {"typ": "JWT", "alg": "hs256"},
        {"typ": "JWT", "alg": "HS384"}, {"typ": "JWT", "alg": "HS512"}, {"typ": "JWT", "alg": "RS256"},
        {"typ": "JWT", "alg": ["HS256"]}, {"typ": "JWT", "alg": None},
        {**HEADER, "kid": "../../dev/null"}, {**HEADER, "jku": "https://example.com/keys"},
        {**HEADER, "jwk": {"kty": "oct", "k": "AA"}}, {**HEADER, "crit": ["b64"], "b64": False},
        {**HEADER, "zip": "DEF"},
    ],
)  # fmt: skip
def test_another_header_is_refused_despite_a_valid_signature(call, claims, header):
    assert is_refused(call, forge(header, claims))


@pytest.mark.parametrize("algorithm", ["none", "HS384", "HS512"])
def test_another_algorithm_is_refused(call, claims, algorithm):
    secret = None if algorithm == "none" else SECRET * 2
    assert is_refused(call, jwt.api_jws.encode(json.dumps(claims).encode(), secret, algorithm=algorithm))


@pytest.mark.parametrize("secret", [SECRET + "x", SECRET.upper(), "secret", ""])
def test_another_key_is_refused(call, claims, secret):
    assert is_refused(call, forge(HEADER, claims, secret))


def test_no_part_of_a_token_can_be_changed(call):
    token = call.log_in()
    header, payload, signature = token.split(".")
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    # The last character of 32 bytes carries four bits; the two others are stray, and a lenient reader drops them.
    twin = signature[:-1] + last[last.index(signature[-1]) ^ 1]
    other = call.log_in(BOB).split(".")
    for changed in (
        f"{header}.{payload}.{twin}",
        f"{header}.{payload}.{signature}=",
        f"{header}.{payload}.{signature}.",
        f"{header}.{payload}.{signature[:-1]}",
        f"{header}.{payload}.{signature}A",
        f"{header}.{payload}.{signature[:5]}!{signature[5:]}",
        f"{header}.{payload}.",
        f"{header}.{payload}",
        f"{header}..{signature}",
        f".{payload}.{signature}",
        f"{header}.{payload}.{other[2]}",
        f"{header}.{other[1]}.{signature}",
        f"{header}.{header}.{signature}",
        f".{token}",
        f"{token}.{signature}",
        f'"{token}"',
        token.lower(),
        token[::-1],
        "",
        ".",
        "..",
        "...",
        "a.b.c",
        "x" * 100_000,
    ):
        assert is_refused(call, changed), changed
    assert call.with_token("GET", token).status_code == 200


@pytest.mark.parametrize(
    "template",
    ["{}", "bearer {}", "BEARER {}", "Bearer  {}", "Bearer\t{}", "Bearer{}", "Bearer", "Token {}", "JWT {}", "Basic {}",
     "Bearer {},", "Bearer {0}, Bearer {0}", "Bearer {0} {0}", "Bearer token={}", 'Bearer "{}"', "Bearer: {}", ""],
)  # fmt: skip
def test_only_one_spelling_of_authorization_is_accepted(call, template):
    token = call.log_in()
    for method in ("GET", "DELETE"):
        response = call(method, headers={"Authorization": template.format(token)})
        assert response.status_code == 401
    assert call.with_token("GET", token).status_code == 200


@pytest.mark.parametrize("first", ["Bearer {}", "Basic eDp5", "Bearer nonsense"])
def test_several_authorization_headers_are_refused(call, first):
    token = call.log_in()
    for pair in ([first.format(token), f"Bearer {token}"], [f"Bearer {token}", first.format(token)]):
        for method in ("GET", "DELETE"):
            assert call(method, headers=[("Authorization", value) for value in pair]).status_code == 401
    assert call.with_token("GET", token).status_code == 200


def test_the_name_of_the_header_ignores_case(call):
    assert call("GET", headers={"aUTHORIZATION": f"Bearer {call.log_in()}"}).status_code == 200


def test_a_token_of_another_mock_is_refused(call):
    for settings in ({}, {"secret": SECRET}):
        other = Mock({ADA: "secret"}, **settings).service.log_in(ADA, "secret")
        assert is_refused(call, other.token)
