"""How an auth is made, and what can be asked of it."""

from __future__ import annotations

import contextvars
import copy
import datetime
import pickle

import httpx
import pytest

from pacerpro_client import Client, SessionAuth, errors
from pacerpro_client.api.authentication import session_create
from pacerpro_client.models import Session, User
from pacerpro_runtime.session.state import Join


@pytest.fixture
def given(server, time):
    """A session that somebody else has begun. Without a Date, this machine's clock has to do for its life."""
    server.clock.freeze(at=int(datetime.datetime.now(datetime.UTC).timestamp()))
    with Client(server.url) as client:
        session = session_create.sync(client=client, body=User(email=server.email, password=server.password))
    server._site.journal.clear()
    return SessionAuth.from_session(session, base_url=server.url)


def test_it_is_an_auth_of_httpx(auth):
    assert isinstance(auth, httpx.Auth)


def test_log_in_returns_the_session_that_calls_use(world, call, auth, server):
    session = world.log_in(auth)
    assert session is auth.session
    assert call(auth).request.headers["Authorization"] == f"Bearer {session.jwt_token}"
    assert server.counts == {"sessionCreate": 1, "matters": 1}


def test_log_in_begins_anew_whatever_there_is(world, call, auth, server):
    call(auth)
    older = auth.session
    server.clock.advance(1)
    assert world.log_in(auth).jwt_token != older.jwt_token
    assert server.counts["sessionCreate"] == 2


def test_a_log_in_with_an_answer_that_is_none_is_an_error(world, auth, server):
    for malform in ("html", "empty"):
        server.fail_next(operation="sessionCreate", malform=malform)
        with pytest.raises(errors.InvalidResponse):
            world.log_in(auth)
    server.fail_next(
        operation="sessionCreate",
        content=b'{"jwtToken": "not a token", "expiresAt": "2030-01-01T12:00:00Z"}',
    )
    with pytest.raises(errors.InvalidResponse, match="no bearer token") as raised:
        world.log_in(auth)
    assert auth.session is None
    assert b"not a token" not in pickle.dumps(raised.value)


def test_a_transport_that_was_lent_for_log_in_and_log_out_is_used_and_not_closed(world, offline, through):
    transport = through()
    transport.close = transport.aclose = lambda: pytest.fail("it belongs to somebody else")
    auth = SessionAuth(
        email=offline.email,
        password=offline.password,
        base_url=offline.url,
        transport=transport if world.synchronous else None,
        async_transport=None if world.synchronous else transport,
    )
    world.log_in(auth)
    world.log_out(auth)
    assert transport.seen == ["POST /v1/session", "DELETE /v1/session"]


# From the environment.


def test_the_environment_says_who_and_where(call, server, time, monkeypatch):
    monkeypatch.setenv("PACERPRO_EMAIL", server.email)
    monkeypatch.setenv("PACERPRO_PASSWORD", server.password)
    monkeypatch.setenv("PACERPRO_BASE_URL", server.url)
    assert call(SessionAuth.from_env()).status_code == 200
    assert SessionAuth.from_env(base_url="https://localhost/v2").base_url == "https://localhost/v2"


@pytest.mark.parametrize("missing", ["PACERPRO_EMAIL", "PACERPRO_PASSWORD"])
@pytest.mark.parametrize("how", ["absent", "empty"])
def test_a_variable_that_is_missing_is_named(monkeypatch, missing, how):
    monkeypatch.setenv("PACERPRO_EMAIL", "ada@example.com")
    monkeypatch.setenv("PACERPRO_PASSWORD", "a secret")
    if how == "absent":
        monkeypatch.delenv(missing)
    else:
        monkeypatch.setenv(missing, "")
    with pytest.raises(ValueError, match=missing) as raised:
        SessionAuth.from_env()
    assert "a secret" not in str(raised.value)


def test_without_a_base_url_it_is_the_contracts():
    assert SessionAuth(email="ada@example.com", password="x").base_url == "https://api.pacerpro.com/v1"


# From a session.


def test_a_given_session_is_used_and_refreshed(call, given, server, time):
    assert call(given).status_code == 200
    older = given.session
    time.advance(3600 - 40)
    assert call(given).status_code == 200
    assert given.session.expires_at > older.expires_at
    assert server.counts == {"matters": 2, "sessionRefresh": 1}


def test_a_given_session_that_has_expired_raises_without_a_call(call, given, server, time):
    call(given)
    time.advance(3600)
    with pytest.raises(errors.SessionExpired, match="no password"):
        call(given)
    assert server.counts == {"matters": 1}


def test_a_given_session_that_was_revoked_raises_once_the_server_says_so(call, given, server):
    server.revoke(server.email)
    for _ in range(2):
        with pytest.raises(errors.SessionExpired, match="no password"):
            call(given)
    assert server.counts == {"matters": 1}
    assert given.session is None


def test_a_given_session_whose_refresh_is_refused_raises(call, given, server, time):
    call(given)
    time.advance(3600 - 40)
    server.revoke(server.email)
    for _ in range(2):
        with pytest.raises(errors.SessionExpired, match="no password"):
            call(given)
    assert server.counts == {"matters": 1, "sessionRefresh": 1}


def test_a_given_session_whose_refresh_fails_goes_on_for_as_long_as_it_lives(call, given, server, time):
    call(given)
    time.advance(3600 - 40)
    server.fail_next(operation="sessionRefresh", status=503, times=None)
    assert call(given).status_code == 200
    time.advance(40)
    with pytest.raises(errors.SessionExpired):
        call(given)


def test_a_given_session_cannot_be_logged_in_again(world, given):
    with pytest.raises(errors.SessionExpired, match="made of a session"):
        world.log_in(given)


def test_a_given_session_can_be_logged_out_of(world, call, given, server):
    world.log_out(given)
    with pytest.raises(errors.SessionExpired):
        call(given)
    assert server.counts == {"sessionDelete": 1}


def test_a_given_session_that_expires_while_it_is_refreshed_is_waited_for(given, server, time):
    """Its refresh is on its way when another call comes, which has no token any more."""
    flow = given.sync_auth_flow(httpx.Request("GET", server.url + "/matters"))
    time.advance(3600 - 40)
    assert contextvars.copy_context().run(next, flow).method == "GET"
    given._core.state._flight.thread = 0  # Somebody else's.
    time.advance(40)
    decision = given._core.state.decide(time.now, rejected=None, failures=0, blocking=False)
    assert isinstance(decision, Join)
    flow.close()
    with pytest.raises(errors.SessionExpired):
        given._core.state.decide(time.now, rejected=None, failures=1, blocking=False)


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "ümlaut"])
def test_a_given_session_needs_a_token_that_is_one(token):
    session = Session(jwt_token=token, expires_at=datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC))
    with pytest.raises(ValueError, match="no bearer token") as raised:
        SessionAuth.from_session(session)
    assert not token or token not in str(raised.value)


def test_a_given_session_may_say_its_expiry_without_a_zone():
    session = Session(jwt_token="a.b.c", expires_at=datetime.datetime(2030, 1, 1))  # noqa: DTZ001  # It is the point.
    assert SessionAuth.from_session(session).session is session


# One is enough.


def test_a_copy_is_the_same(auth):
    assert copy.copy(auth) is auth
    assert copy.deepcopy(auth) is auth
    assert copy.deepcopy({"of": [auth]})["of"][0] is auth


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_is_refused_with_advice(auth, protocol):
    with pytest.raises(TypeError, match=r"make one in each process, for example with from_env\(\)"):
        pickle.dumps(auth, protocol)


def test_two_auths_of_one_user_are_two_sessions(call, auth, server):
    other = SessionAuth(email=server.email, password=server.password, base_url=server.url)
    call(auth)
    call(other)
    assert server.counts["sessionCreate"] == 2


def test_the_jitter_of_one_auth_is_not_that_of_another(server, time, call):
    instants = set()
    for _ in range(4):
        auth = SessionAuth(email=server.email, password=server.password, base_url=server.url)
        call(auth)
        instants.add(auth._core.state.token.refresh_at)
    assert len(instants) > 1
