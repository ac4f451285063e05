"""The three operations over a socket, by each of their functions."""

from __future__ import annotations

import base64
import datetime
import json
from concurrent.futures import ThreadPoolExecutor

import anyio
import pytest

from pacerpro_client import errors
from pacerpro_client.api.authentication import session_create, session_delete, session_refresh
from pacerpro_client.models import Empty, Session, User

ADA, BOB = "ada@example.com", "bob@example.com"
USER = User(email=ADA, password="correct horse battery staple")


def claims_of(session):
    payload = session.jwt_token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def test_log_in(server, client, call_each):
    session = call_each(session_create, client(), body=USER)

    assert type(session) is Session
    assert session.expires_at.utcoffset() == datetime.timedelta(0)
    assert session.expires_at.timestamp() == claims_of(session)["exp"]
    assert server.session_of(ADA).jti == claims_of(session)["jti"]
    assert server.requests == [("POST", "/v1/session", 200, ADA)]


def test_refresh(server, client, call_each, log_in):
    session = log_in()
    server.clock.advance(60)

    newer = call_each(session_refresh, client(session.jwt_token))

    assert type(newer) is Session
    assert newer.expires_at > session.expires_at
    assert newer.jwt_token != session.jwt_token
    # The older one stays valid.
    call_each(session_refresh, client(session.jwt_token))
    assert server.counts == {"sessionCreate": 1, "sessionRefresh": 2}


def test_log_out(server, client, call_each, log_in):
    first, second, other = log_in(), log_in(), log_in(BOB)

    assert call_each(session_delete, client(first.jwt_token)) == Empty()

    for session in (first, second):
        with pytest.raises(errors.Unauthorized):
            call_each(session_refresh, client(session.jwt_token))
    assert type(call_each(session_refresh, client(other.jwt_token))) is Session


def test_the_detailed_functions_tell_the_rest(client, log_in):
    with client() as open_client:
        response = session_create.sync_detailed(client=open_client, body=USER)
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    assert json.loads(response.content)["jwtToken"] == response.parsed.jwt_token

    with client(log_in().jwt_token) as own:
        assert session_delete.sync_detailed(client=own).content == b"{}"


def test_the_whole_life_with_one_client_for_threads_and_tasks(server, client, log_in):
    own = client(log_in().jwt_token)

    async def main():
        async with own, anyio.create_task_group() as tasks:
            for _ in range(20):
                tasks.start_soon(lambda: session_refresh.asyncio(client=own))

    with own:
        with ThreadPoolExecutor(8) as pool:
            sessions = list(pool.map(lambda _: session_refresh.sync(client=own), range(40)))
        anyio.run(main)
        session_delete.sync(client=own)

    assert {type(session) for session in sessions} == {Session}
    assert server.counts == {"sessionCreate": 1, "sessionRefresh": 60, "sessionDelete": 1}


def test_the_base_url_comes_from_the_environment(server, monkeypatch, call_each):
    from pacerpro_client import Client

    monkeypatch.setenv("PACERPRO_BASE_URL", server.url)

    assert type(call_each(session_create, Client(), body=USER)) is Session


def test_without_one_it_is_the_contract_s(server):
    from pacerpro_client import Client

    assert Client().base_url == "https://api.pacerpro.com/v1"
