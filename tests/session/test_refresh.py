"""A token is refreshed before it expires, by the server's clock, and a refresh that fails harms nobody."""

from __future__ import annotations

import logging
import time as machine
from email.utils import formatdate

import httpx
import pytest

from pacerpro_client import Client, SessionAuth
from pacerpro_client.api.authentication import session_create
from pacerpro_client.models import User
from pacerpro_runtime.session.state import LONGEST_REFRESH_BACKOFF

# A token of an hour is given up a second early; its window is 45 to 60 s long.
LIFE = 3600
SURELY_FRESH, SURELY_DUE = LIFE - 1 - 60 - 0.1, LIFE - 1 - 45 + 0.1


@pytest.fixture
def due(call, auth, time):
    """An auth whose token is to be refreshed at the next call."""
    call(auth)
    time.advance(SURELY_DUE)
    return auth


def test_a_token_is_refreshed_within_its_window_and_not_before(call, auth, server, time):
    call(auth)
    time.advance(SURELY_FRESH)
    call(auth)
    assert server.counts["sessionRefresh"] == 0
    time.advance(SURELY_DUE - SURELY_FRESH)
    older = auth.session
    response = call(auth)
    assert server.counts == {"sessionCreate": 1, "sessionRefresh": 1, "matters": 3}
    assert auth.session.expires_at > older.expires_at
    assert response.request.headers["Authorization"] == f"Bearer {auth.session.jwt_token}"


def test_a_larger_leeway_is_cut_to_half_of_the_life(call, server, time):
    auth = SessionAuth(email=server.email, password=server.password, base_url=server.url, leeway=1e6)
    call(auth)
    time.advance(LIFE / 2 - 1)
    call(auth)
    assert server.counts["sessionRefresh"] == 0
    time.advance(LIFE / 8 + 2)
    call(auth)
    assert server.counts["sessionRefresh"] == 1


def test_without_leeway_nothing_is_refreshed(call, server, time):
    auth = SessionAuth(email=server.email, password=server.password, base_url=server.url, leeway=0)
    call(auth)
    time.advance(LIFE - 2)
    call(auth)
    assert server.counts == {"sessionCreate": 1, "matters": 2}


def test_a_session_stays_alive_for_as_long_as_it_is_used(call, server, time):
    auth = SessionAuth(email=server.email, password=server.password, base_url=server.url, leeway=1500)
    for _ in range(20):
        call(auth)
        time.advance(1000)
    assert server.counts["sessionCreate"] == 1
    assert {record.status for record in server.requests} == {200}


@pytest.mark.parametrize("hours", [-30, -5, 5, 30])
def test_a_local_clock_that_is_hours_off_costs_no_call(call, auth, server, time, hours):
    server.clock.freeze(at=int(machine.time()) + hours * 3600)
    call(auth)
    for step in (SURELY_FRESH, SURELY_DUE - SURELY_FRESH, SURELY_FRESH):
        time.advance(step)
        call(auth)
    assert server.counts == {"sessionCreate": 1, "sessionRefresh": 1, "matters": 4}
    assert {record.status for record in server.requests} == {200}


def test_an_expired_token_is_not_refreshed(call, auth, server, time):
    call(auth)
    time.advance(LIFE)
    call(auth)
    assert server.counts == {"sessionCreate": 2, "matters": 2}
    assert {record.status for record in server.requests} == {200}


def test_a_token_in_its_last_second_is_as_good_as_expired(call, auth, server, time):
    call(auth)
    time.advance(LIFE - 0.5)
    call(auth)
    assert server.counts == {"sessionCreate": 2, "matters": 2}


def test_a_refresh_that_is_answered_401_becomes_a_log_in(call, due, server):
    server.revoke(server.email)
    assert call(due).status_code == 200
    assert server.counts == {"sessionCreate": 2, "sessionRefresh": 1, "matters": 2}


FAILURES = {
    **{str(status): {"status": status} for status in (403, 404, 429, 500, 503)},
    **{malform: {"malform": malform} for malform in ("truncated", "html", "empty")},
    "half a body": {"drop": "body"},
    "not what its encoding says": {"headers": {"Content-Encoding": "gzip"}},
    "no token": {"content": b'{"jwtToken": "not a token", "expiresAt": "2030-01-01T12:00:00Z"}'},
    "a redirect": {"status": 302, "headers": {"Location": "http://localhost:9/"}},
}


# With trio, httpx and httpcore leave generators of their own behind where a body cannot be decoded.
@pytest.mark.filterwarnings("ignore:Async generator 'http:ResourceWarning")
@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES)
def test_a_refresh_that_fails_otherwise_lets_the_call_go_on(call, due, server, time, caplog, failure):
    older = due.session
    server.fail_next(operation="sessionRefresh", **failure)
    with caplog.at_level(logging.INFO, "pacerpro_client"):
        assert call(due).status_code == 200
    assert due.session is older
    assert server.counts == {"sessionCreate": 1, "sessionRefresh": 1, "matters": 2}
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    # The next call does not try again, the one after a while does.
    call(due)
    assert server.counts["sessionRefresh"] == 1
    time.advance(1)
    call(due)
    assert server.counts["sessionRefresh"] == 2
    assert due.session is not older


def test_a_refresh_that_keeps_failing_is_tried_ever_less_often(call, server, time):
    auth = SessionAuth(email=server.email, password=server.password, base_url=server.url, leeway=1e6)
    call(auth)
    time.advance(LIFE * 0.625)
    server.fail_next(operation="sessionRefresh", status=503, times=None)
    tries = []
    for second in range(150):
        seen = server.counts["sessionRefresh"]
        assert call(auth).status_code == 200
        tries += [second] * (server.counts["sessionRefresh"] - seen)
        time.advance(1)
    assert tries == [0, 1, 3, 7, 15, 31, 61, 91, 121]
    assert LONGEST_REFRESH_BACKOFF == 30
    # A success forgets the failures.
    server.stop_failing()
    time.advance(30)
    call(auth)
    older = auth.session
    time.advance(LIFE * 0.625)
    server.fail_next(operation="sessionRefresh", status=503)
    call(auth)
    time.advance(1)
    call(auth)
    assert auth.session is not older


def test_ever_more_failures_stay_a_number(due, time):
    # As a power of two it would be too large for one after a night.
    state = due._core.state
    for _ in range(3000):
        state._next_refresh = 0.0
        state.end(state.decide(time.now, rejected=None, failures=0, blocking=True), time.now)
    assert state._next_refresh == time.now + 30


def slow_refresh(time, seconds):
    def wait(request):
        if request.method == "GET" and request.url.path == "/v1/session":
            time.advance(seconds)

    return wait


def test_the_wait_after_a_failure_begins_when_it_has_failed(call_offline, offline, offline_auth, through, time):
    transport = through(before=slow_refresh(time, 40))
    call_offline(offline_auth, transport)
    offline_auth._core.state.token.refresh_at = time.now
    offline.fail_next(operation="sessionRefresh", status=504)
    for _ in range(3):
        assert call_offline(offline_auth, transport).status_code == 200
    assert offline.counts["sessionRefresh"] == 1


def test_a_token_that_expires_while_its_refresh_fails_is_not_used(call_offline, offline, offline_auth, through, time):
    transport = through(before=slow_refresh(time, 60))
    call_offline(offline_auth, transport)
    time.advance(SURELY_DUE)
    offline.fail_next(operation="sessionRefresh", status=504)
    assert call_offline(offline_auth, transport).status_code == 200
    assert offline.counts == {"sessionCreate": 2, "sessionRefresh": 1, "matters": 2}


def test_while_one_refreshes_others_go_on_with_the_token(call_offline, offline, offline_auth, through, time):
    """The call that refreshes makes the other one while the refresh is on its way."""
    others = []

    def call_meanwhile(request):
        if request.method == "GET" and request.url.path == "/v1/session":
            with httpx.Client(auth=offline_auth, transport=offline.transport()) as client:
                others.append(client.get(offline.url + "/matters").status_code)

    transport = through(before=call_meanwhile)
    for advance in (SURELY_DUE, 0):
        assert call_offline(offline_auth, transport).status_code == 200
        time.advance(advance)
    assert others == [200]
    assert offline.counts == {"sessionCreate": 1, "sessionRefresh": 1, "matters": 3}


# The HTTP library does not tell an auth of a network error, so the call cannot go on, unless its maker knows the auth.


def test_when_the_network_fails_under_a_refresh_the_next_call_has_the_token(call, due, server, caplog):
    server.fail_next(operation="sessionRefresh", drop="before")
    with pytest.raises(httpx.TransportError):
        call(due)
    assert "refresh of a***@example.com was broken off" in caplog.text
    assert call(due).status_code == 200
    assert server.counts == {"sessionCreate": 1, "sessionRefresh": 1, "matters": 2}


# A server whose answers have no Date, or one that makes no sense, causes no endless log-in.


def without_date(request, response):
    response.headers.pop("Date", None)


@pytest.mark.parametrize("hours", [-5, 0, 5])
def test_a_server_without_date_is_logged_in_to_once(call_offline, offline, offline_auth, through, hours):
    offline.clock.freeze(at=int(machine.time()) + hours * 3600)
    transport = through(after=without_date)
    for _ in range(5):
        assert call_offline(offline_auth, transport).status_code == 200
    assert offline.counts == {"sessionCreate": 1, "matters": 5}


def test_a_token_that_is_born_expired_is_logged_in_for_once(call, auth, server):
    late = {"Date": formatdate(server.clock.now() + 7200, usegmt=True)}
    server.fail_next(operation="sessionCreate", headers=late, times=None)
    for _ in range(5):
        assert call(auth).status_code == 200
    assert server.counts == {"sessionCreate": 1, "matters": 5}


def test_a_token_that_the_server_does_not_take_is_logged_in_for_once_a_call(call, auth, server, time):
    server.fail_next(operation="sessionCreate", times=None, headers={"Date": formatdate(0, usegmt=True)})
    call(auth)
    for calls in range(1, 4):
        server.revoke(server.email)
        time.advance(4000)
        assert call(auth).status_code == 200
        assert server.counts["sessionCreate"] == 1 + calls


# A session that somebody else began came without a Date: the first answer's has to do.


def begun_elsewhere(server):
    with Client(server.url) as client:
        return session_create.sync(client=client, body=User(email=server.email, password=server.password))


@pytest.mark.parametrize("hours", [-5, -0.9, 0, 0.9, 5])
def test_a_given_session_is_refreshed_in_time_by_the_servers_clock(call, server, time, hours):
    server.clock.freeze(at=int(machine.time() + hours * 3600))
    auth = SessionAuth.from_session(begun_elsewhere(server), base_url=server.url)
    for step in (SURELY_FRESH, SURELY_DUE - SURELY_FRESH, 0):
        assert call(auth).status_code == 200
        time.advance(step)
    assert call(auth).status_code == 200
    assert server.counts == {"sessionCreate": 1, "sessionRefresh": 1, "matters": 4}


def test_a_date_counts_only_from_where_the_token_went(call, server, time, scripted):
    other = scripted("HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Length: 0\r\n\r\n")
    server.clock.freeze(at=int(machine.time()))
    auth = SessionAuth.from_session(begun_elsewhere(server), base_url=server.url)
    server.fail_next(status=302, headers={"Location": other.url})
    assert call(auth, options={"follow_redirects": True}).url == other.url
    token = auth._core.state.token
    assert not token.measured
    assert token.expires_at < time.now + LIFE + 1
