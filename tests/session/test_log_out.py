"""A log-out ends the user's sessions everywhere, and nothing logs in by itself any more."""

from __future__ import annotations

import threading

import anyio
import httpx
import pytest

from pacerpro_client import SessionAuth, errors

from .services import Through
from .worlds import settled


def test_a_log_out_revokes_forgets_and_stops(world, call, auth, server):
    call(auth)
    world.log_out(auth)
    assert auth.session is None
    assert server.session_of(server.email) is None or server.counts["sessionDelete"] == 1
    for _ in range(2):
        with pytest.raises(errors.SessionExpired, match=r"call login\(\)"):
            call(auth)
    assert server.counts == {"sessionCreate": 1, "matters": 1, "sessionDelete": 1}


def test_every_process_of_the_user_is_logged_out(world, call, auth, server):
    elsewhere = SessionAuth.from_session(world.log_in(auth), base_url=server.url)
    assert call(elsewhere).status_code == 200
    world.log_out(auth)
    with pytest.raises(errors.SessionExpired):
        call(elsewhere)
    assert server.requests[-1].status == 401


@pytest.mark.parametrize("name", ["logout", "alogout"])
def test_the_docstring_says_so_loudly(name):
    text = getattr(SessionAuth, name).__doc__
    assert "EVERYWHERE" in text
    assert "EVERY" in text.replace("EVERYWHERE", "")


def test_an_explicit_log_in_begins_another_session(world, call, auth, server):
    call(auth)
    world.log_out(auth)
    session = world.log_in(auth)
    assert auth.session is session
    assert call(auth).status_code == 200
    assert server.counts["sessionCreate"] == 2


def test_an_explicit_log_in_that_fails_begins_none(world, call, auth, server):
    call(auth)
    world.log_out(auth)
    server.fail_next(operation="sessionCreate", status=403)
    with pytest.raises(errors.Forbidden):
        world.log_in(auth)
    with pytest.raises(errors.SessionExpired):
        call(auth)


def test_without_a_token_nothing_is_revoked_but_it_stops(world, call, auth, server):
    world.log_out(auth)
    with pytest.raises(errors.SessionExpired):
        call(auth)
    assert server.counts == {}


def test_a_session_that_had_ended_before_is_logged_out_of_without_an_error(world, call, auth, server, caplog):
    call(auth)
    server.revoke(server.email)
    with caplog.at_level("INFO", "pacerpro_client"):
        world.log_out(auth)
    assert "had ended before" in caplog.text
    with pytest.raises(errors.SessionExpired):
        call(auth)


def test_a_log_out_that_fails_stops_all_the_same_and_may_be_tried_again(world, call, auth, server):
    call(auth)
    # The generated client tries again by itself, but not in vain for ever.
    server.fail_next(operation="sessionDelete", status=500)
    with pytest.raises(errors.ServerError):
        world.log_out(auth)
    with pytest.raises(errors.SessionExpired):
        call(auth)
    assert auth.session is None
    world.log_out(auth)
    assert [record.status for record in server.requests if record.method == "DELETE"] == [500, 200]
    # Done: a third has nothing to revoke.
    world.log_out(auth)
    assert server.counts["sessionDelete"] == 2


def test_a_redirected_log_out_is_an_error(world, call, auth, server):
    call(auth)
    server.fail_next(operation="sessionDelete", status=307, headers={"Location": "http://localhost:9/"})
    with pytest.raises(errors.PacerProError, match="redirect"):
        world.log_out(auth)


# A log-out ends all that has begun before it.


def logging_out(world, auth, offline, at):
    """A transport in which a log-out happens while a request is on its way."""

    def meddle(request):
        if (request.method, request.url.path) == at:
            if auth._core.state.stop():
                offline.revoke(offline.email)
            # Nobody else waits for what is on its way.
            with pytest.raises(errors.SessionExpired):
                auth._core.state.decide(auth._core.now(), rejected=None, failures=0, blocking=False)

    return Through(offline, before=meddle)


LOG_IN, REFRESH, CALL = ("POST", "/v1/session"), ("GET", "/v1/session"), ("GET", "/v1/matters")


@pytest.mark.parametrize("at", [LOG_IN, REFRESH, CALL], ids=["log-in", "refresh", "call"])
def test_a_log_out_while_a_request_is_on_its_way_is_not_undone(world, call_offline, offline, offline_auth, time, at):
    if at != LOG_IN:
        call_offline(offline_auth, offline.transport())
        time.advance(3600 - 40 if at == REFRESH else 0)
    with pytest.raises(errors.SessionExpired, match="logged out"):
        call_offline(offline_auth, logging_out(world, offline_auth, offline, at))
    assert offline_auth.session is None
    with pytest.raises(errors.SessionExpired):
        call_offline(offline_auth, offline.transport())


@pytest.mark.parametrize("at", [LOG_IN, REFRESH], ids=["log-in", "refresh"])
def test_a_log_out_before_an_answer_has_arrived_is_not_undone(call_offline, offline, offline_auth, through, time, at):
    def meddle(request, response):
        if (request.method, request.url.path) == at:
            assert response.status_code == 200
            offline_auth._core.state.stop()

    if at == REFRESH:
        call_offline(offline_auth, offline.transport())
        time.advance(3600 - 40)
    with pytest.raises(errors.SessionExpired, match="logged out"):
        call_offline(offline_auth, through(after=meddle))
    assert offline_auth.session is None


def test_those_who_wait_for_a_log_in_are_stopped_too(world, offline, offline_auth):
    async def main():
        async with world.client(offline_auth, transport=logging_out(world, offline_auth, offline, LOG_IN)) as client:

            async def one():
                return await settled(client.get(offline.url + "/matters"))

            return await world.together(*[one] * 16)

    assert [type(each) for each in world.run(main)] == [errors.SessionExpired] * 16
    assert offline.counts == {"sessionCreate": 1}


def test_a_token_from_before_a_log_out_does_not_replace_one_from_after(call_offline, offline, offline_auth, through):
    """A log-in is on its way, somebody logs out and in again, and only then does the answer come."""
    after = []

    def meddle(request, response):
        if request.method == "POST" and not after:
            offline_auth._core.state.stop()
            offline.revoke(offline.email)
            after.append(offline_auth.login())

    auth = offline_auth
    auth._transport = offline.transport()
    with pytest.raises(errors.SessionExpired):
        call_offline(auth, through(after=meddle))
    assert auth.session is after[0]
    assert call_offline(auth, offline.transport()).status_code == 200
    assert offline.counts["sessionCreate"] == 2


def test_an_explicit_log_in_that_a_log_out_overtakes_begins_nothing(world, offline, call_offline):
    def meddle(request):
        auth._core.state.stop()

    transport = Through(offline, before=meddle)
    auth = SessionAuth(
        email=offline.email,
        password=offline.password,
        base_url=offline.url,
        transport=transport,
        async_transport=transport,
    )
    with pytest.raises(errors.SessionExpired, match="logged out while logging in"):
        world.log_in(auth)
    assert auth.session is None


def test_a_log_in_between_two_log_outs_has_its_own_token_revoked(offline, offline_auth):
    """The first log-out is slow, and ends after another log-in and in the middle of a second log-out."""
    state, revoked = offline_auth._core.state, []
    offline_auth._transport = offline.transport()
    offline_auth.login()
    first = state.stop()
    offline_auth.login()
    second = state.stop()
    state.revoked(first)
    assert second is not first
    assert state.stop() is second
    revoked.append(second)
    state.revoked(second)
    assert state.stop() is None


def test_logging_out_and_in_from_many_threads_ends_somewhere_sensible(offline, offline_auth):
    offline_auth._transport = offline.transport()
    unexpected = []

    def work(action):
        for _ in range(30):
            try:
                action()
            except errors.SessionExpired:
                pass
            except Exception as error:  # noqa: BLE001  # The test says that there is none.
                unexpected.append(error)

    def call():
        with httpx.Client(auth=offline_auth, transport=offline.transport()) as client:
            assert client.get(offline.url + "/matters").status_code in {200, 401}

    actions = [offline_auth.login, offline_auth.logout, call, call]
    threads = [threading.Thread(target=work, args=[each], daemon=True) for each in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads)
    assert unexpected == []
    offline_auth.logout()
    assert offline_auth.session is None
    offline_auth.login()
    call()


def test_a_cancelled_log_out_stops_all_the_same(offline, offline_auth):
    def wait(request):
        return anyio.sleep_forever()

    offline_auth._async_transport = Through(offline)

    async def main():
        await offline_auth.alogin()
        offline_auth._async_transport = Through(offline, before=wait)
        with anyio.move_on_after(0.05):
            await offline_auth.alogout()

    anyio.run(main)
    assert offline_auth.session is None
    with (
        httpx.Client(auth=offline_auth, transport=offline.transport()) as client,
        pytest.raises(errors.SessionExpired),
    ):
        client.get(offline.url + "/matters")
