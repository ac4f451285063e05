"""However many need a token at once, one of them gets it, and the others wait for that one."""

from __future__ import annotations

import collections
import threading
import time as machine

import anyio
import httpx
import pytest

from pacerpro_client import SessionAuth
from pacerpro_runtime.session.flight import Flight

from .worlds import World, finished, in_threads, settled


def callers(world, client, url, count):
    async def one():
        return (await settled(client.get(url))).status_code

    return world.together(*[one] * count)


def test_who_gives_up_waiting_just_as_the_flight_lands_does_no_harm():
    """Between two lines of the leader's, the last of those who wait may leave."""

    class Left(collections.deque):
        def __bool__(self):
            return True  # There was somebody.

    flight = Flight()
    woken = []
    flight._waiting = Left([lambda: woken.append(1)])
    flight.land()
    assert woken == [1]


@pytest.fixture(params=["sockets", "no sockets"])
def service(request, server, offline):
    return server if request.param == "sockets" else offline


@pytest.fixture
def crowd(world, service, server, time):
    """Make calls at once with an auth whose token is in a state; return the status of each."""
    auth = SessionAuth(email=service.email, password=service.password, base_url=service.url)
    # The pool of httpcore closes connections that threads have begun to use, when it holds more than it may keep.
    options = {"limits": httpx.Limits()} if service is server else {"transport": service.transport()}
    # A full pool of httpcore costs time that grows with the square of those who wait.
    count = 64 if world.synchronous else 100 if service is server else 1000

    def call(spoil=None):
        async def main():
            async with world.client(auth, **options) as client:
                if spoil:
                    await settled(client.get(service.url + "/matters"))
                    spoil()
                return await callers(world, client, service.url + "/matters", count)

        assert world.run(main) == [200] * count
        return service.counts

    return call


def test_one_log_in_for_all_who_are_cold(crowd):
    assert crowd()["sessionCreate"] == 1


def test_one_log_in_for_all_whose_token_has_expired(crowd, time):
    counts = crowd(lambda: time.advance(3600))
    assert (counts["sessionCreate"], counts["sessionRefresh"]) == (2, 0)


def test_one_log_in_for_all_whose_token_has_been_revoked(crowd, service):
    counts = crowd(lambda: service.revoke(service.email))
    assert (counts["sessionCreate"], counts["sessionRefresh"]) == (2, 0)


def test_one_refresh_for_all_whose_token_is_due(crowd, time):
    counts = crowd(lambda: time.advance(3600 - 40))
    assert (counts["sessionCreate"], counts["sessionRefresh"]) == (1, 1)


def test_threads_and_event_loops_share_one_session_at_the_same_time(auth, server):
    """Eight threads with a client each, two loops of asyncio and two of trio, all of them cold."""
    statuses = []

    async def use(world, count):
        async with world.client(auth, timeout=30) as client:
            statuses.extend(await callers(world, client, server.url + "/matters", count))

    def loop(name):
        return lambda: World(name).run(use, World(name), 25)

    async def alone():
        async with World("sync").client(auth, timeout=30) as client:
            statuses.append(client.get(server.url + "/matters").status_code)

    for expected in (1, 2):
        in_threads([lambda: finished(alone())] * 8 + [loop("asyncio"), loop("trio")] * 2)
        assert statuses == [200] * 108
        assert server.counts["sessionCreate"] == expected
        statuses.clear()
        server.revoke(server.email)


def test_event_loops_one_after_another_share_one_session(auth, server):
    for name in ("asyncio", "trio", "sync", "asyncio", "trio"):
        world = World(name)
        assert world.call(auth, "GET", server.url + "/matters", options={}).status_code == 200
    assert server.counts == {"sessionCreate": 1, "matters": 5}


def test_a_follower_whose_loop_has_ended_does_not_hinder_the_leader(offline, offline_auth, through):
    """A loop gives up waiting and ends, while another one's log-in is still on its way."""
    under_way, released = threading.Event(), threading.Event()

    def hold(request):
        if request.method == "POST":
            under_way.set()
            assert released.wait(10)

    def lead():
        with httpx.Client(auth=offline_auth, transport=through(before=hold)) as client:
            statuses.append(client.get(offline.url + "/matters").status_code)

    statuses = []
    leader = threading.Thread(target=lead, daemon=True)
    leader.start()
    assert under_way.wait(10)
    flight = offline_auth._core.state._flight

    for backend in ("asyncio", "trio"):

        async def follow():
            async with httpx.AsyncClient(auth=offline_auth, transport=offline.transport()) as client:
                with anyio.move_on_after(0.05):
                    await client.get(offline.url + "/matters")

        anyio.run(follow, backend=backend)
    assert not flight._waiting  # Who gives up leaves nothing behind.
    released.set()
    leader.join(10)
    assert statuses == [200]
    assert offline.counts == {"sessionCreate": 1, "matters": 1}


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_synchronous_call_on_the_loops_own_thread_does_not_wait_for_a_task_of_the_loop(
    offline, offline_auth, through, backend
):
    """While it waits, the loop stands still, and the log-in that it would wait for with it."""

    async def main():
        under_way, released = anyio.Event(), anyio.Event()

        async def hold(request):
            if request.method == "POST":
                under_way.set()
                await released.wait()

        async def lead():
            async with httpx.AsyncClient(auth=offline_auth, transport=through(before=hold)) as client:
                statuses.append((await client.get(offline.url + "/matters")).status_code)

        statuses = []
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(lead)
            await under_way.wait()
            begun = machine.monotonic()
            with httpx.Client(auth=offline_auth, transport=offline.transport(), timeout=30) as client:
                # Blocking the loop is what this is about.
                statuses.append(client.get(offline.url + "/matters").status_code)  # noqa: ASYNC212
            assert machine.monotonic() - begun < 5
            released.set()
        return statuses

    assert anyio.run(main, backend=backend) == [200, 200]
    assert offline.counts["sessionCreate"] == 2


def test_a_synchronous_call_on_another_thread_does_wait(offline, offline_auth, through):
    async def main():
        under_way, released = anyio.Event(), anyio.Event()

        async def hold(request):
            if request.method == "POST":
                under_way.set()
                await released.wait()

        async def lead():
            async with httpx.AsyncClient(auth=offline_auth, transport=through(before=hold)) as client:
                await client.get(offline.url + "/matters")

        def follow():
            with httpx.Client(auth=offline_auth, transport=offline.transport()) as client:
                client.get(offline.url + "/matters")

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(lead)
            await under_way.wait()
            tasks.start_soon(anyio.to_thread.run_sync, follow)
            flight = offline_auth._core.state._flight
            while not flight._waiting:  # noqa: ASYNC110  # Nothing tells of it.
                await anyio.sleep(0.001)
            released.set()

    anyio.run(main)
    assert offline.counts == {"sessionCreate": 1, "matters": 2}
