"""Whoever logs in for all may be cancelled, interrupted or lost: the others are not."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import threading
import time as machine

import anyio
import httpx
import pytest

from pacerpro_runtime.session.session_request import longest_wait
from pacerpro_runtime.session.state import Join, Lead, SessionState

from .services import Through
from .worlds import finished, in_threads, settled


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


class Interrupting(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body in the middle of which the user presses Ctrl-C."""

    def __iter__(self):
        yield b"{"
        raise KeyboardInterrupt

    async def __aiter__(self):
        yield b"{"
        raise KeyboardInterrupt


def test_a_leader_that_is_interrupted_while_it_reads_lands_before_anyone_handles_it(world, offline, offline_auth):
    """The error holds on to the stack, and so to whatever has not been closed by then."""
    flights = []

    def note(request, response):
        flights.append(offline_auth._core.state._flight)
        response.stream = Interrupting()

    with pytest.raises(KeyboardInterrupt) as raised:
        world.call(offline_auth, "GET", offline.url + "/matters", options={"transport": Through(offline, after=note)})
    assert flights[0].landed
    assert raised.value.__traceback__ is not None
    assert offline_auth._core.state._flight is None


# A leader that never comes back: those who wait do so for as long as a log-in of their own may take.


def never_landing(auth):
    """Let somebody lead a flight, and leave it there."""
    request = httpx.Request("GET", str(auth.base_url) + "/matters")
    flow = auth.sync_auth_flow(request)
    # In a context of its own, as another task's is: who is called by a leader does not wait for it.
    assert contextvars.copy_context().run(next, flow).method == "POST"
    return flow


async def sixteen_calls(world, mock, auth):
    async with world.client(auth, transport=mock.transport(), timeout=0.05) as client:

        async def one():
            return (await settled(client.get(mock.url + "/matters"))).status_code

        return await world.together(*[one] * 16)


def test_whoever_waits_too_long_takes_over(world, offline, offline_auth):
    flow = never_landing(offline_auth)
    # As if it were led by another thread, which has stopped.
    flight = offline_auth._core.state._flight
    flight.thread = 0
    outcomes = world.run(sixteen_calls, world, offline, offline_auth)
    assert outcomes == [200] * 16
    assert offline.counts["sessionCreate"] == 1
    assert not flight._waiting  # Who gives up leaves nothing behind.
    # The one who was thought lost may come back.
    token = offline_auth.session
    flow.close()
    assert offline_auth.session is token


@pytest.mark.parametrize(
    ("extensions", "seconds"),
    [
        ({"timeout": httpx.Timeout(1, connect=2, read=3, pool=4).as_dict()}, 10),
        ({"timeout": httpx.Timeout(1, pool=None).as_dict()}, None),
        ({"timeout": httpx.Timeout(None).as_dict()}, None),
        ({"timeout": {}}, None),
        ({}, None),
    ],
)
def test_a_caller_waits_for_as_long_as_its_own_log_in_might_take(extensions, seconds):
    assert longest_wait(httpx.Request("GET", "https://pacerpro.test", extensions=extensions)) == seconds


def test_a_leader_who_was_given_up_does_not_end_the_flight_of_another():
    state = SessionState(None, can_log_in=True)
    lost, found = (state.decide(0.0, rejected=None, failures=0, blocking=False) for _ in range(2))
    assert isinstance(found, Join)
    state.give_up(lost.flight)
    found = state.decide(0.0, rejected=None, failures=1, blocking=False)
    assert isinstance(found, Lead)
    # A second one who waited gives up, too, and the leader comes back.
    state.give_up(lost.flight)
    state.end(lost, 0.0)
    assert lost.flight.landed
    assert state.decide(0.0, rejected=None, failures=0, blocking=False) == Join(found.flight)


def test_whoever_has_all_the_time_in_the_world_waits(call_offline, offline, offline_auth):
    flow = never_landing(offline_auth)
    offline_auth._core.state._flight.thread = 0
    lands = threading.Timer(0.1, flow.close)
    lands.start()
    begun = machine.monotonic()
    assert call_offline(offline_auth, offline.transport(), options={"timeout": None}).status_code == 200
    assert machine.monotonic() - begun > 0.09
    lands.join(10)


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


async def until(condition):
    while not condition():  # noqa: ASYNC110  # Nothing tells of it.
        await asyncio.sleep(0.001)


@pytest.fixture
def thrown_away():
    """Run a coroutine in an event loop until something is so, and close the loop in the middle of it."""
    tasks = []

    def run(main, condition):
        loop = asyncio.new_event_loop()
        loop.set_exception_handler(lambda *_: None)  # It complains of the task that was pending.
        tasks.append(loop.create_task(main()))
        loop.run_until_complete(until(condition))
        loop.close()
        return tasks

    yield run
    tasks.clear()
    gc.collect()


def test_an_event_loop_that_is_thrown_away_lets_its_leader_land(offline, offline_auth, thrown_away):
    transport = First(offline, anyio.sleep_forever)

    async def lead():
        async with httpx.AsyncClient(auth=offline_auth, transport=transport) as client:
            await client.get(offline.url + "/matters")

    tasks = thrown_away(lead, lambda: transport.log_ins)
    flight = offline_auth._core.state._flight
    assert not flight.landed
    tasks.clear()
    gc.collect()
    assert flight.landed


def test_an_event_loop_that_is_thrown_away_does_not_hinder_others_who_wait(offline, offline_auth, thrown_away):
    flow = never_landing(offline_auth)
    flight = offline_auth._core.state._flight
    flight.thread = 0

    async def follow():
        async with httpx.AsyncClient(auth=offline_auth, transport=offline.transport()) as client:
            await client.get(offline.url + "/matters")

    thrown_away(follow, lambda: len(flight._waiting) == 1)
    statuses = []

    def follow_too():
        with httpx.Client(auth=offline_auth, transport=offline.transport(), timeout=30) as client:
            statuses.append(client.get(offline.url + "/matters").status_code)

    follower = threading.Thread(target=follow_too, daemon=True)
    follower.start()
    asyncio.run(until(lambda: len(flight._waiting) == 2))
    flow.close()
    follower.join(10)
    assert statuses == [200]


def test_a_flow_that_never_began_leaves_nothing(offline_auth):
    request = httpx.Request("GET", str(offline_auth.base_url) + "/matters")
    offline_auth.sync_auth_flow(request).close()
    finished(offline_auth.async_auth_flow(request).aclose())
    assert offline_auth._core.state._flight is None
