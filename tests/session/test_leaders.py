"""Whoever gets a token for all may fail, be cancelled or never come back: the others have theirs all the same."""

from __future__ import annotations

import gc
import threading
import time as machine

import anyio
import httpx
import pytest

from pacerpro_client import errors
from pacerpro_runtime import session_core
from pacerpro_runtime.session_state import SessionState

from .conftest import Through, finished, in_threads, settled

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
    "no connection": ({"drop": "before"}, httpx.TransportError),
    "half a body": ({"drop": "body"}, httpx.TransportError),
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


@pytest.mark.parametrize("place", ["session_request", "refuse_redirects", "refuse_redirected", "Exchange"])
def test_a_leader_that_dies_by_a_mistake_lands_all_the_same(world, offline, offline_auth, monkeypatch, place):
    """In each place from the decision to log in until there is a token."""
    real, lock, failed = getattr(session_core, place), threading.Lock(), []

    def fail_once(*arguments, **keywords):
        with lock:
            first = not failed
            failed.append(place)
        if first:
            raise ZeroDivisionError
        return real(*arguments, **keywords)

    monkeypatch.setattr(session_core, place, fail_once)
    outcomes = together(world, offline_auth, offline, 8, offline.transport())
    assert [type(each) for each in outcomes if each != 200] == [ZeroDivisionError]


class First(Through):
    """Does something else with the first log-in."""

    def __init__(self, mock, act):
        super().__init__(mock, before=self._meet)
        self._act, self.log_ins, self.under_way = act, 0, threading.Event()

    def _meet(self, request):
        if request.method == "POST":
            self.log_ins += 1
            if self.log_ins == 1:
                self.under_way.set()
                return self._act()
        return None


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_cancelled_leader_does_not_fail_its_followers(offline, offline_auth, backend):
    transport = First(offline, anyio.sleep_forever)

    async def main():
        statuses, scope = [], anyio.CancelScope()
        async with httpx.AsyncClient(auth=offline_auth, transport=transport) as client:

            async def one():
                statuses.append((await client.get(offline.url + "/matters")).status_code)

            async def lead():
                with scope:
                    await one()

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(lead)
                while not transport.log_ins:  # noqa: ASYNC110  # Nothing tells of it.
                    await anyio.sleep(0.001)
                for _ in range(20):
                    tasks.start_soon(one)
                while len(offline_auth._core.state._flight._waiting) < 20:  # noqa: ASYNC110  # As above.
                    await anyio.sleep(0.001)
                scope.cancel()
        return statuses

    assert anyio.run(main, backend=backend) == [200] * 20
    assert transport.log_ins == 2


def test_a_leader_that_is_interrupted_does_not_fail_its_followers(offline, offline_auth):
    released = threading.Event()

    def interrupt():
        assert released.wait(10)
        raise KeyboardInterrupt

    transport, outcomes = First(offline, interrupt), []

    def one():
        try:
            with httpx.Client(auth=offline_auth, transport=transport) as client:
                outcomes.append(client.get(offline.url + "/matters").status_code)
        except KeyboardInterrupt:
            outcomes.append("interrupted")

    def release():
        assert transport.under_way.wait(10)
        while len(offline_auth._core.state._flight._waiting) < 7:
            machine.sleep(0.001)
        released.set()

    in_threads([one] * 8 + [release])
    assert sorted(map(str, outcomes)) == ["200"] * 7 + ["interrupted"]
    assert transport.log_ins == 2


# A leader that never comes back: those who wait do so for as long as a log-in of their own may take.


def never_landing(auth):
    """Let somebody lead a flight, and leave it there."""
    request = httpx.Request("GET", str(auth.base_url) + "/matters")
    flow = auth.sync_auth_flow(request)
    assert next(flow).method == "POST"
    return flow


def test_whoever_waits_too_long_takes_over(world, offline, offline_auth):
    flow = never_landing(offline_auth)
    # As if it were led by another thread, which has stopped.
    offline_auth._core.state._flight.thread = 0
    outcomes = together(world, offline_auth, offline, 16, offline.transport(), timeout=0.05)
    assert outcomes == [200] * 16
    assert offline.counts["sessionCreate"] == 1
    # The one who was thought lost may come back.
    token = offline_auth.session
    flow.close()
    assert offline_auth.session is token


def test_whoever_has_all_the_time_in_the_world_waits(offline, offline_auth):
    flow = never_landing(offline_auth)
    offline_auth._core.state._flight.thread = 0
    statuses = []

    def follow():
        with httpx.Client(auth=offline_auth, transport=offline.transport(), timeout=None) as client:  # noqa: S113
            statuses.append(client.get(offline.url + "/matters").status_code)

    follower = threading.Thread(target=follow, daemon=True)
    follower.start()
    follower.join(0.1)
    assert follower.is_alive()
    flow.close()
    follower.join(10)
    assert statuses == [200]


def test_a_leader_that_is_garbage_lands(offline, offline_auth):
    flow = never_landing(offline_auth)
    flight = offline_auth._core.state._flight
    cycle = [flow]
    cycle.append(cycle)
    del flow, cycle
    gc.collect()
    assert flight.landed
    assert offline_auth._core.state._flight is None


def test_garbage_may_be_collected_while_the_lock_is_held(offline, offline_auth, monkeypatch):
    """The collector runs wherever something is made, and ends the lost leader's flight there."""
    cycle = [never_landing(offline_auth)]
    cycle.append(cycle)
    offline_auth._core.state._flight.thread = 0
    del cycle
    drop = SessionState.drop

    def collect(state, token):
        gc.collect()
        drop(state, token)

    monkeypatch.setattr(SessionState, "drop", collect)
    statuses = []

    def call():
        with httpx.Client(auth=offline_auth, transport=offline.transport()) as client:
            statuses.append(client.get(offline.url + "/matters").status_code)

    caller = threading.Thread(target=call, daemon=True)
    caller.start()
    caller.join(10)
    assert statuses == [200]


def test_an_event_loop_that_is_thrown_away_lets_its_leader_land(offline, offline_auth):
    """It is stopped in the middle of a log-in and never runs again."""
    import asyncio

    transport = First(offline, anyio.sleep_forever)

    async def lead():
        async with httpx.AsyncClient(auth=offline_auth, transport=transport) as client:
            await client.get(offline.url + "/matters")

    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda *_: None)  # It complains of the task that was pending.
    task = loop.create_task(lead())

    async def until_under_way():
        while not transport.log_ins:  # noqa: ASYNC110  # Nothing tells of it.
            await asyncio.sleep(0.001)

    loop.run_until_complete(until_under_way())
    flight = offline_auth._core.state._flight
    assert not flight.landed
    loop.close()
    del task
    gc.collect()
    assert flight.landed


def test_a_flow_that_never_began_leaves_nothing(offline_auth):
    request = httpx.Request("GET", str(offline_auth.base_url) + "/matters")
    offline_auth.sync_auth_flow(request).close()
    finished(offline_auth.async_auth_flow(request).aclose())
    assert offline_auth._core.state._flight is None


def test_an_error_holds_on_to_no_frame_of_the_leader(offline, offline_auth):
    offline.fail_next(operation="sessionCreate", status=401)
    with httpx.Client(auth=offline_auth, transport=offline.transport()) as client, pytest.raises(errors.Unauthorized):
        client.get(offline.url + "/matters")
    assert offline_auth._core.state._refusal.__traceback__ is None
    assert offline_auth._core.state._refusal.__context__ is None
