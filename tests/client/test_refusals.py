"""Every answer that is no success, and what the client makes of it."""

from __future__ import annotations

import pytest
from httpx_retries import Retry

from pacerpro_client import errors
from pacerpro_client.api.authentication import session_create, session_delete, session_refresh
from pacerpro_client.models import Empty, Error, ErrorType, Session, User
from pacerpro_mock import MockServer

ADA = "ada@example.com"
PASSWORD = "correct horse battery staple"
USER = User(email=ADA, password=PASSWORD)
SECURED = pytest.mark.parametrize("operation", [session_refresh, session_delete], ids=["refresh", "delete"])
AT_ONCE = Retry(total=3, backoff_factor=0)


def full(message):
    return Error(error=message, message=message, status=401, type_=ErrorType.ERROR)


@pytest.mark.parametrize(
    "user",
    [
        User(email=ADA, password="wrong"),
        User(email="eve@example.com", password=PASSWORD),
        User(email=ADA, password=""),
        User(email="", password=""),
        User(email=ADA.upper(), password=PASSWORD),
        User(email=ADA, password=f"{PASSWORD}\x00\ud800"),
    ],
    ids=range(6),
)
def test_wrong_credentials(server, client, call, user):
    with pytest.raises(errors.Unauthorized) as raised:
        call(session_create, client(), body=user)

    error = raised.value
    assert error.status_code == 401
    assert error.parsed == full("Invalid email or password")
    assert error.headers["WWW-Authenticate"].startswith("Bearer")
    assert str(error) == f"401 Unauthorized from POST {server.url}/session: Invalid email or password"
    assert server.counts == {"sessionCreate": 1}


@SECURED
def test_an_expired_token(server, client, call, log_in, operation):
    token = log_in().jwt_token
    server.clock.advance(3601)

    with pytest.raises(errors.Unauthorized) as raised:
        call(operation, client(token))

    assert raised.value.parsed == full("Token invalid or expired")
    assert 'error="invalid_token"' in raised.value.headers["WWW-Authenticate"]
    assert token not in f"{raised.value} {raised.value.content}"


@SECURED
def test_a_revoked_token(server, client, call, log_in, operation):
    token = log_in().jwt_token
    server.revoke(ADA)

    with pytest.raises(errors.Unauthorized) as raised:
        call(operation, client(token))

    assert raised.value.parsed == full("Token invalid or expired")


@SECURED
@pytest.mark.parametrize("token", ["a.b.c", "nonsense", None])
def test_a_token_that_never_was_one(server, client, call, operation, token):
    with pytest.raises(errors.Unauthorized) as raised:
        call(operation, client(token))

    assert raised.value.parsed == full("Token invalid or expired")
    assert ("no token was sent" in str(raised.value)) == (token is None)


OPERATIONS = [("sessionCreate", session_create), ("sessionRefresh", session_refresh), ("sessionDelete", session_delete)]


def call_it(call, client, operation, token):
    return call(operation, client, **({"body": USER} if operation is session_create else {}))


@pytest.mark.parametrize(("name", "operation"), OPERATIONS, ids=["create", "refresh", "delete"])
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.BadRequest),
        (403, errors.Forbidden),
        (404, errors.NotFound),
        (413, errors.ContentTooLarge),
        (415, errors.UnsupportedMediaType),
        (429, errors.TooManyRequests),
        (500, errors.ServerError),
        (502, errors.ServerError),
        (503, errors.ServerError),
        (504, errors.ServerError),
        (520, errors.ServerError),
        (599, errors.ServerError),
    ],
)
def test_each_status_of_the_gateway(server, client, call, log_in, name, operation, status, kind):
    token = log_in().jwt_token
    server.fail_next(operation=name, status=status)

    with pytest.raises(errors.ApiError) as raised:
        call_it(call, client(token, retries=0), operation, token)

    error = raised.value
    assert type(error) is kind
    assert error.status_code == status
    assert error.parsed.message in str(error)
    assert error.parsed.error is error.parsed.status is error.parsed.type_
    assert error.retry_after == (1.0 if status == 429 else None)
    assert error.url == f"{server.url}/session"


def test_a_body_that_is_too_large(server, client, call):
    with pytest.raises(errors.ContentTooLarge) as raised:
        call(session_create, client(retries=0), body=User(email=ADA, password="x" * 70_000))

    assert raised.value.parsed.message == "Request Too Long"


def test_too_many_log_ins(client, call):
    with MockServer({ADA: PASSWORD}, login_limit=1) as strict:
        call(session_create, client(base_url=strict.url), body=USER)
        with pytest.raises(errors.TooManyRequests) as raised:
            call(session_create, client(base_url=strict.url, retries=0), body=USER)

    assert 0 < raised.value.retry_after <= 60


@pytest.mark.parametrize(
    ("fault", "detail"),
    [
        ({"malform": "html"}, "not JSON from character 0"),
        ({"malform": "empty"}, "the body is empty"),
        ({"malform": "truncated"}, "not JSON from character"),
        ({"content": '{"jwtToken": 5}'}, "/jwtToken should be a string, and is a number"),
        ({"content": '{"jwtToken": "hunter2"}'}, "/expiresAt is missing"),
        ({"content": "[]"}, "the body should be an object, and is an array"),
        ({"content": "\ufeff\ud800".encode("utf-8", "surrogatepass")}, "not UTF-8 from byte 0"),
    ],
    ids=["html", "empty", "half", "type", "missing", "list", "not utf-8"],
)
def test_a_success_that_is_none(server, client, call, fault, detail):
    server.fail_next(**fault)

    with pytest.raises(errors.InvalidResponse, match=detail) as raised:
        call(session_create, client(), body=USER)

    assert raised.value.status_code == 200
    assert (raised.value.content == b"") == (fault == {"malform": "empty"})
    assert server.counts == {"sessionCreate": 1}


@pytest.mark.parametrize("fault", [{"status": 503}, {"status": 429, "retry_after": 0}, {"drop": "before"}], ids=str)
def test_trouble_that_passes_is_not_noticed(server, client, call, fault):
    server.fail_next(**fault, times=2)

    assert type(call(session_create, client(retries=AT_ONCE), body=USER)) is Session
    assert server.counts == {"sessionCreate": 3}


def test_a_log_out_whose_answer_is_lost_is_done(server, client, call, log_in):
    token = log_in().jwt_token
    server.fail_next(operation="sessionDelete", drop="body")

    assert call(session_delete, client(token, retries=AT_ONCE)) == Empty()
    assert [request.status for request in server.requests] == [200, 200, 401]
