"""Whoever logs in for all may fail: one of the others tries again, a bounded number of times, and all hear of it."""

from __future__ import annotations

import gc
import threading
import time as machine
import weakref

import anyio
import httpx
import pytest

from pacerpro_client import errors
from pacerpro_runtime.session import core

from .services import Through
from .worlds import settled

WAIT = 0.15  # seconds until the service that is down fails a log-in


class Down(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """A host that lets nobody connect, and lets them wait for it."""

    def __init__(self):
        self.tries = []

    def handle_request(self, request):
        self.tries.append(request.method)
        machine.sleep(WAIT)
        raise httpx.ConnectTimeout("timed out", request=request)

    async def handle_async_request(self, request):
        self.tries.append(request.method)
        await anyio.sleep(WAIT)
        raise httpx.ConnectTimeout("timed out", request=request)


def test_with_the_service_down_all_have_their_error_after_three_time_outs(world, offline, offline_auth):
    down = Down()

    async def main():
        async with world.client(offline_auth, transport=down) as client:

            async def one():
                return await settled(client.get(offline.url + "/matters"))

            begun = machine.monotonic()
            return await world.together(*[one] * 32), machine.monotonic() - begun

    outcomes, seconds = world.run(main)
    assert [type(each) for each in outcomes] == [httpx.ConnectTimeout] * 32
    assert down.tries == ["POST"] * 32
    # With room for a busy machine; one after another it would be 32.
    assert 2.9 * WAIT < seconds < 9 * WAIT


class Crowd(Through):
    """Answers a log-in when everyone else waits for it."""

    def __init__(self, mock, auth, count):
        super().__init__(mock, before=self._wait)
        self._state, self._awaited = auth._core.state, count

    def _wait(self, request):
        if request.method != "POST":
            return None
        self._awaited -= 1
        return self._until_they_wait(self._awaited)

    def _until_they_wait(self, awaited):
        for _ in range(5000):
            if len(self._state._flight._waiting) >= awaited:
                return
            machine.sleep(0.001)
        raise AssertionError("they do not wait")


class AsyncCrowd(Crowd):
    async def _until_they_wait(self, awaited):
        with anyio.fail_after(5):
            while len(self._state._flight._waiting) < awaited:  # noqa: ASYNC110  # Nothing tells of it.
                await anyio.sleep(0.001)


def together(world, auth, mock, count, transport=None, **options):
    """The outcomes of so many calls, each of which is there before the first log-in is answered."""
    transport = transport or (Crowd if world.synchronous else AsyncCrowd)(mock, auth, count)

    async def main():
        async with world.client(auth, transport=transport, **options) as client:

            async def one():
                return (await settled(client.get(mock.url + "/matters"))).status_code

            return await world.together(*[one] * count)

    return world.run(main)


FAILURES = {
    "an answer that may be different next time": ({"status": 503}, errors.ServerError),
    "no connection": ({"drop": "before"}, httpx.RemoteProtocolError),
    "half a body": ({"drop": "body"}, httpx.RemoteProtocolError),
    "html": ({"malform": "html"}, errors.InvalidResponse),
    "half of the json": ({"malform": "truncated"}, errors.InvalidResponse),
    "no token": (
        {"content": b'{"jwtToken": "not a token", "expiresAt": "2030-01-01T12:00:00Z"}'},
        errors.InvalidResponse,
    ),
}


@pytest.mark.parametrize(("fault", "error"), FAILURES.values(), ids=FAILURES)
def test_a_log_in_that_fails_once_fails_one_caller(world, offline, offline_auth, fault, error):
    offline.fail_next(operation="sessionCreate", **fault)
    outcomes = together(world, offline_auth, offline, 16)
    assert sorted(map(str, outcomes))[:15] == ["200"] * 15
    assert [type(each) for each in outcomes if each != 200] == [error]
    assert offline.counts["sessionCreate"] == 2


@pytest.mark.parametrize("status", [500, 503])
def test_a_log_in_that_fails_twice_fails_everyone(world, offline, offline_auth, status):
    offline.fail_next(operation="sessionCreate", status=status, times=None)
    outcomes = together(world, offline_auth, offline, 16)
    assert [type(each) for each in outcomes] == [errors.ServerError] * 16
    assert offline.counts == {"sessionCreate": 2}


@pytest.mark.parametrize(
    ("status", "error"), [(403, errors.Forbidden), (429, errors.TooManyRequests), (404, errors.NotFound)]
)
def test_an_answer_that_another_log_in_would_get_too_is_everyones(world, offline, offline_auth, status, error):
    offline.fail_next(operation="sessionCreate", status=status, times=None)
    outcomes = together(world, offline_auth, offline, 16)
    assert [type(each) for each in outcomes] == [error] * 16
    assert offline.counts == {"sessionCreate": 1}


def test_everyone_gets_an_error_of_their_own(world, offline, offline_auth):
    offline.fail_next(operation="sessionCreate", status=429, times=None)
    outcomes = together(world, offline_auth, offline, 8)
    assert len({id(each) for each in outcomes}) == 8
    assert len({str(each) for each in outcomes}) == 1
    assert {each.retry_after for each in outcomes} == {1}


@pytest.mark.parametrize("place", ["session_request", "refuse_redirects", "Exchange"])
def test_a_leader_that_dies_by_a_mistake_lands_all_the_same(world, offline, offline_auth, monkeypatch, place):
    """In each place from the decision to log in until there is a token."""
    real, lock, failed = getattr(core, place), threading.Lock(), []

    def fail_once(*arguments, **keywords):
        with lock:
            first = not failed
            failed.append(place)
        if first:
            raise ZeroDivisionError
        return real(*arguments, **keywords)

    monkeypatch.setattr(core, place, fail_once)
    outcomes = together(world, offline_auth, offline, 8, offline.transport())
    assert [type(each) for each in outcomes if each != 200] == [ZeroDivisionError]


@pytest.mark.parametrize(
    "error", [errors.PacerProError("why"), errors.SessionExpired("why"), errors.InsecureUrl("why")]
)
def test_any_error_can_be_raised_again_as_another_one_like_it(error):
    again = error.again()
    assert again is not error
    assert (type(again), again.args) == (type(error), error.args)


def test_an_error_is_gone_when_its_caller_has_let_go_of_it(offline, offline_auth):
    """What is remembered of it does not hold on to the stack, which holds on to the caller's whole program."""
    offline.fail_next(operation="sessionCreate", status=401)
    with httpx.Client(auth=offline_auth, transport=offline.transport()) as client:
        gc.collect()
        gc.disable()
        try:
            try:
                client.get(offline.url + "/matters")
            except errors.Unauthorized as error:
                gone = weakref.ref(error)
            assert gone() is None
        finally:
            gc.enable()
