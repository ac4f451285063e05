"""A log-out ends the session everywhere, and this source logs in no more until it is asked to."""

from __future__ import annotations

import functools
import logging
import threading

import anyio
import httpx
import pytest

from pacerpro_client import Client, SessionAuth, errors
from pacerpro_client.api.authentication import session_delete, session_refresh

from .services import EMAIL, PASSWORD
from .worlds import in_threads


def test_log_out_revokes_the_tokens_and_stops_the_source(world, source, mock, through):
    world.get(source)
    world.log_out(source)
    assert source.session is None
    for _ in range(2):
        with pytest.raises(errors.SessionExpired, match=r"call login\(\)"):
            world.get(source)
    assert through.seen == ["POST", "DELETE"]
    assert world.log_in(source) == source.session
    assert world.get(source)
    assert mock.counts["sessionCreate"] == 2


@pytest.mark.parametrize("had_one", [True, False])
def test_log_out_without_a_living_token_says_that_nothing_is_revoked(had_one, world, source, mock, through, caplog):
    if had_one:
        world.get(source)
        mock.revoke(EMAIL)
    with caplog.at_level(logging.INFO, "pacerpro_client"):
        world.log_out(source)
    assert caplog.messages[-1].startswith("nothing was revoked for a***@example.com")
    assert through.seen == (["POST", "DELETE"] if had_one else [])
    with pytest.raises(errors.SessionExpired):
        world.get(source)


def test_log_out_that_fails_stops_the_source_and_can_be_tried_again(world, source, mock):
    world.get(source)
    mock.fail_next(operation="sessionDelete", status=502)
    with pytest.raises(errors.ServerError):
        world.log_out(source)
    with pytest.raises(errors.SessionExpired):
        world.get(source)
    world.log_out(source)
    assert mock.counts["sessionDelete"] == 2


def test_log_out_wins_over_a_log_in_under_way(source, mock, through):
    leading, done = threading.Event(), threading.Event()

    def hold(request):
        if request.method == "POST":
            leading.set()
            done.wait(10)

    through.before = hold
    outcomes = []

    def ask():
        with pytest.raises(errors.SessionExpired) as error:
            source.token()
        outcomes.append(error.value)

    def log_out():
        leading.wait(10)
        source.logout()
        done.set()

    in_threads([*[ask] * 4, log_out])
    assert len(outcomes) == 4
    assert source.session is None
    assert mock.session_of(EMAIL) is None  # The late token is revoked too.


def test_a_log_in_that_a_log_out_overtook_leaves_a_later_one_alone(source, mock, through):
    def overtake(request):
        through.before = lambda request: None
        source.logout()
        source.login()

    through.before = overtake
    with pytest.raises(errors.SessionExpired):
        source.token()
    assert mock.user_of(source.token()) == EMAIL
    assert through.seen == ["POST", "POST"]


def test_a_guest_cannot_log_in(world, guest):
    with pytest.raises(errors.SessionExpired, match="no password"):
        world.log_in(guest)
    assert world.get(guest)


def test_callers_that_log_in_at_once_share_it(world, source, through):
    through.before = lambda request: None if world.blocking else anyio.sleep(0.05)

    async def log_in():
        return source.login() if world.blocking else await source.alogin()

    outcomes = world.run(world.together, *[log_in] * (1 if world.blocking else 8))
    assert len({session.jwt_token for session in outcomes}) == 1
    world.log_in(source)
    assert through.seen == ["POST", "POST"]


def api_call(world, auth, server, operation):
    """Call an operation with the generated client."""
    if world.blocking:
        with Client(server.url, auth=auth) as client:
            return operation.sync(client=client)

    async def main():
        async with Client(server.url, auth=auth) as client:
            return await operation.asyncio(client=client)

    return world.run(main)


def test_a_refresh_through_a_client_is_adopted(world, auth, server):
    old = world.get(auth)
    session = api_call(world, auth, server, session_refresh)
    assert session.jwt_token != old
    assert auth.session == session
    assert world.get(auth) == session.jwt_token


def test_a_log_out_through_a_client_stops_the_source(world, auth, server):
    api_call(world, auth, server, session_delete)
    assert auth.session is None
    with pytest.raises(errors.SessionExpired):
        world.get(auth)
    assert server.counts["sessionCreate"] == 1


def test_a_failed_log_out_through_a_client_does_not_stop_the_source(auth, server):
    token = auth.token()
    server.fail_next(operation="sessionDelete", status=400)
    with Client(server.url, auth=auth) as client, pytest.raises(errors.BadRequest):
        session_delete.sync(client=client)
    assert auth.token() == token


def test_a_refresh_that_is_overtaken_by_a_log_out_is_not_adopted(source, mock):
    """The user's own refresh answers after the log-out."""
    token = source.token()
    flow = source.sync_auth_flow(httpx.Request("GET", f"{mock.url}/session"))
    request = next(flow)
    response = mock.transport().handle_request(request)
    response.request = request
    source.logout()
    with pytest.raises(StopIteration):
        flow.send(response)
    assert request.headers["Authorization"] == f"Bearer {token}"
    assert source.session is None


def test_other_sources_of_the_user_log_in_again(source, settings, mock):
    other = SessionAuth(email=EMAIL, password=PASSWORD, **settings)
    old = other.token()
    source.login()
    source.logout()
    with httpx.Client(auth=other, transport=mock.transport()) as client:
        assert client.get(f"{mock.url}/matters").status_code == 200
    assert other.token() != old


def test_a_task_that_is_cancelled_while_it_waits_leaves_the_others_alone(source, through):
    through.before = lambda request: anyio.sleep(0.1)
    tokens = []

    async def ask(seconds):
        with anyio.move_on_after(seconds):
            tokens.append(await source.atoken())

    async def main():
        async with anyio.create_task_group() as tasks:
            for seconds in (10, 0.02, 0.02, 10):
                tasks.start_soon(functools.partial(ask, seconds))

    anyio.run(main)
    assert len(tokens) == 2
    assert through.seen == ["POST"]
