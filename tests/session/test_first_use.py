"""The first call logs in, through the caller's own connections, and the next ones have a token at hand."""

from __future__ import annotations

import threading

import httpx

from pacerpro_client import __version__


def test_the_first_call_logs_in_and_the_next_ones_do_not(call, auth, server):
    assert [call(auth).status_code for _ in range(3)] == [200, 200, 200]
    assert server.counts == {"sessionCreate": 1, "matters": 3}


def test_the_token_travels_as_the_contract_says(call, auth):
    header = call(auth).request.headers["Authorization"]
    assert header == f"Bearer {auth.session.jwt_token}"


def test_the_log_in_goes_through_the_callers_own_connections(call_offline, offline_auth, through):
    # Nothing but this transport leads to the host.
    transport = through()
    response = call_offline(offline_auth, transport)
    assert response.status_code == 200
    assert transport.seen == ["POST /v1/session", "GET /v1/matters"]


def test_the_log_in_waits_as_long_as_its_caller_would(call_offline, offline_auth, through):
    transport = through()
    timeout = httpx.Timeout(1, connect=2, read=3, pool=4)
    call_offline(offline_auth, transport, options={"timeout": timeout})
    log_in, own = transport.requests
    assert log_in.extensions["timeout"] == own.extensions["timeout"] == timeout.as_dict()


def test_the_log_in_says_who_asks_and_sends_none_of_the_callers_headers(call_offline, offline_auth, through):
    transport = through()
    call_offline(offline_auth, transport, options={"headers": {"X-Key": "of the caller"}, "cookies": {"a": "b"}})
    headers = transport.requests[0].headers
    assert headers["User-Agent"] == f"pacerpro-client/{__version__}"
    assert "X-Key" not in headers
    assert "Cookie" not in headers
    assert "Authorization" not in headers


def test_a_header_of_the_callers_own_gives_way_to_the_token(call, auth):
    response = call(auth, headers={"Authorization": "Basic b2xk"})
    assert response.status_code == 200


def test_with_a_token_at_hand_no_lock_is_taken(call, auth):
    call(auth)
    taken, done = threading.Event(), threading.Event()

    def hold():
        with auth._core.state._lock:
            taken.set()
            done.wait(30)

    holder = threading.Thread(target=hold, daemon=True)
    holder.start()
    assert taken.wait(5)
    caller = threading.Thread(target=call, args=[auth], daemon=True)
    caller.start()
    caller.join(5)
    was_blocked = caller.is_alive()
    done.set()
    holder.join(5)
    caller.join(5)
    assert not was_blocked


def test_the_session_can_be_looked_at(call, auth, server):
    assert auth.session is None
    call(auth)
    assert auth.session.expires_at == server.session_of(server.email).expires_at
