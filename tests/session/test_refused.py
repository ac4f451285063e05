"""Wrong credentials: everyone who waits hears of it, nobody tries again by themselves, and it is remembered a while."""

from __future__ import annotations

import pytest

from pacerpro_client import SessionAuth, errors
from pacerpro_mock import MockServer

from .worlds import settled


@pytest.fixture
def wrong(server, time):
    return SessionAuth(email=server.email, password="not the password", base_url=server.url)


def test_a_refused_log_in_is_an_error_of_the_call(call, wrong, server):
    with pytest.raises(errors.Unauthorized) as refused:
        call(wrong)
    assert refused.value.status_code == 401
    assert refused.value.method == "POST"
    assert refused.value.parsed.message == "Invalid email or password"
    assert wrong.session is None
    assert server.counts == {"sessionCreate": 1}


def test_everyone_who_waits_gets_an_error_of_their_own(world, wrong, server):
    async def main():
        async with world.client(wrong) as client:

            async def one():
                return await settled(client.get(server.url + "/matters"))

            return await world.together(*[one] * 64)

    outcomes = world.run(main)
    assert [type(each) for each in outcomes] == [errors.Unauthorized] * 64
    assert len({id(each) for each in outcomes}) == 64
    assert server.counts == {"sessionCreate": 1}


def test_it_is_remembered_for_half_a_minute_and_then_tried_once_more(call, wrong, server, time):
    def refused():
        with pytest.raises(errors.Unauthorized) as error:
            call(wrong)
        return error.value

    first = refused()
    time.advance(29.9)
    again = refused()
    assert server.counts == {"sessionCreate": 1}
    assert len({id(each) for each in (first, again, refused())}) == 3
    assert (str(again), again.parsed) == (str(first), first.parsed)
    time.advance(0.2)
    refused()
    assert server.counts == {"sessionCreate": 2}


def test_a_hundred_calls_do_not_lock_the_account(world, time):
    with MockServer({"ada@example.com": "right"}, lockout_after=3) as server:
        wrong = SessionAuth(email=server.email, password="wrong", base_url=server.url)
        for _ in range(100):
            with pytest.raises(errors.Unauthorized):
                world.call(wrong, "GET", server.url + "/session", options={})
        right = SessionAuth(email=server.email, password="right", base_url=server.url)
        assert world.call(right, "GET", server.url + "/session", options={}).status_code == 200


def test_an_explicit_log_in_asks_again_at_once(world, call, auth, server):
    server.fail_next(operation="sessionCreate", status=401)
    with pytest.raises(errors.Unauthorized):
        call(auth)
    world.log_in(auth)
    assert call(auth).status_code == 200
    assert server.counts == {"sessionCreate": 2, "matters": 1}


def test_an_explicit_log_in_that_is_refused_is_remembered_too(world, call, wrong, server):
    with pytest.raises(errors.Unauthorized):
        world.log_in(wrong)
    with pytest.raises(errors.Unauthorized):
        call(wrong)
    assert server.counts == {"sessionCreate": 1}


def test_a_refusal_does_not_take_away_a_token_that_lives(world, call, auth, server):
    call(auth)
    server.fail_next(operation="sessionCreate", status=401)
    with pytest.raises(errors.Unauthorized):
        world.log_in(auth)
    assert call(auth).status_code == 200
    assert server.counts == {"sessionCreate": 2, "matters": 2}


def test_a_password_that_has_changed_is_an_error_of_the_call_that_needs_it(call, auth, server):
    call(auth)
    server.revoke(server.email)
    server.fail_next(operation="sessionCreate", status=401)
    with pytest.raises(errors.Unauthorized) as refused:
        call(auth)
    assert refused.value.method == "POST"


def test_a_success_forgets_the_refusal(world, call, auth, server, time):
    server.fail_next(operation="sessionCreate", status=401)
    with pytest.raises(errors.Unauthorized):
        call(auth)
    world.log_in(auth)
    server.revoke(server.email)
    assert call(auth).status_code == 200


def test_a_refresh_that_fails_does_not_lead_past_the_refusal(world, call, auth, server, time):
    call(auth)
    time.advance(3600 - 40)
    server.fail_next(operation="sessionCreate", status=401)
    with pytest.raises(errors.Unauthorized):
        world.log_in(auth)
    server.revoke(server.email)
    with pytest.raises(errors.Unauthorized):
        call(auth)
    assert server.counts == {"sessionCreate": 2, "sessionRefresh": 1, "matters": 1}
