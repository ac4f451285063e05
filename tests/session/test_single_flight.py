"""Concurrent callers share one log-in and its outcome."""

from __future__ import annotations

import asyncio
import functools
import threading
import time as machine

import anyio
import httpx
import pytest

from pacerpro_client import SessionAuth, errors

from .services import EMAIL, PASSWORD
from .worlds import World, in_threads


class Crowd:
    """Callers of one source, who all come before the first request of the source goes on."""

    def __init__(self, world, source, through, count, error=None):
        self.world, self.source, self.count, self.error = world, source, count, error
        self.arrived = 0
        through.before = self.hold

    async def ask(self):
        self.arrived += 1
        return await self.world.token(self.source)

    def outcomes(self):
        return self.world.run(self.world.together, *[self.ask] * self.count)

    def hold(self, request):
        if not self.world.blocking:
            return self.held(request)
        return self.world.run(self.held, request)

    async def held(self, request):
        while self.arrived < self.count:
            await self.world.sleep(0.005)
        await self.world.sleep(0.1)
        if self.error is not None:
            raise self.error("too slow", request=request)


def test_a_thousand_cold_tasks_make_one_log_in(source, through):
    through.before = lambda request: anyio.sleep(0.1)

    async def main():
        return await asyncio.gather(*[source.atoken() for _ in range(1000)])

    assert len(set(asyncio.run(main()))) == 1
    assert through.seen == ["POST"]


def test_callers_in_one_world_make_one_log_in(world, source, through):
    tokens = Crowd(world, source, through, 16).outcomes()
    assert len(set(tokens)) == 1
    assert through.seen == ["POST"]


def test_threads_and_several_event_loops_share_one_log_in(source, through):
    gate = threading.Event()
    through.before = lambda request: gate.wait(10) and None
    tokens = []

    def asked(name):
        tokens.append(World(name).get(source))

    def open_later():
        machine.sleep(0.2)
        gate.set()

    in_threads([*[functools.partial(asked, name) for name in ("threads", "asyncio", "trio") * 4], open_later])
    assert len(tokens) == 12
    assert len(set(tokens)) == 1
    assert through.seen == ["POST"]


def test_an_error_is_shared_by_all_who_waited(world, source, mock, through):
    mock.fail_next(operation="sessionCreate", status=503)
    outcomes = Crowd(world, source, through, 16).outcomes()
    assert {type(each) for each in outcomes} == {errors.ServerError}
    assert len({id(each) for each in outcomes}) == 16  # Each has a traceback of its own.
    assert through.seen == ["POST"]
    assert world.get(source)


def test_a_service_that_is_down_fails_everyone_after_one_time_out(world, source, through):
    outcomes = Crowd(world, source, through, 32, error=httpx.ConnectTimeout).outcomes()
    assert {type(each) for each in outcomes} == {httpx.ConnectTimeout}
    assert through.seen == ["POST"]


def test_an_error_of_the_user_s_own_transport_is_shared(settings, time, through):
    def fail(request):
        machine.sleep(0.1)
        raise RuntimeError("closed")

    through.before = fail
    source = SessionAuth(email=EMAIL, password=PASSWORD, **{**settings, "async_transport": None})

    async def main():
        return await asyncio.gather(*[source.atoken() for _ in range(8)], return_exceptions=True)

    assert {repr(each) for each in asyncio.run(main())} == {"RuntimeError('closed')"}
    assert through.seen == ["POST"]


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_after_two_cancelled_leaders_a_hundred_tasks_make_at_most_four_log_ins(backend, source, through):
    through.before = lambda request: anyio.sleep(0.5)
    tokens = []

    async def wait(seconds):
        with anyio.move_on_after(seconds):
            tokens.append(await source.atoken())

    async def main():
        async with anyio.create_task_group() as tasks:
            for index in range(100):
                tasks.start_soon(wait, 0.05 if index < 2 else 30)

    anyio.run(main, backend=backend)
    assert len(tokens) == 98
    assert len(set(tokens)) == 1
    assert len(through.seen) <= 4


def test_an_interrupted_thread_hands_on_to_one_that_waited(source, through):
    leading, waiting = threading.Event(), threading.Event()
    outcomes = []

    def interrupt(request):
        if not leading.is_set():
            leading.set()
            waiting.wait(10)
            machine.sleep(0.05)
            raise KeyboardInterrupt

    through.before = interrupt

    def lead():
        with pytest.raises(KeyboardInterrupt):
            source.token()

    def follow():
        leading.wait(10)
        waiting.set()
        outcomes.append(source.token())

    in_threads([lead, *[follow] * 8])
    assert len(set(outcomes)) == 1
    assert through.seen == ["POST", "POST"]


def test_a_cancelled_leader_s_log_in_goes_on_for_the_others(settings, time, through):
    """Its event loop may even be closed: the log-in runs in a thread of its own."""
    begun, done = threading.Event(), threading.Event()
    through.before = lambda request: begun.set() or (done.wait(10) and None)
    source = SessionAuth(email=EMAIL, password=PASSWORD, **{**settings, "async_transport": None})
    loop = asyncio.new_event_loop()
    task = loop.create_task(source.atoken())
    loop.run_until_complete(asyncio.sleep(0.01))
    assert begun.wait(10)
    task._log_destroy_pending = False
    loop.close()
    tokens = []
    in_threads([done.set, *[lambda: tokens.append(source.token())] * 4])
    assert len(set(tokens)) == 1
    assert through.seen == ["POST"]


def test_a_leader_whose_event_loop_is_closed_hands_on(source, through):
    through.before = lambda request: anyio.sleep(3600)
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda *_: None)  # Its tasks are not cancelled.
    task = loop.create_task(source.atoken())
    while not through.requests:
        loop.run_until_complete(asyncio.sleep(0.01))
    loop.close()
    through.before = lambda request: None
    tokens = []
    in_threads([lambda: tokens.append(source.token())])
    assert len(tokens) == 1
    assert not task.done()
    assert through.seen == ["POST", "POST"]


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_leader_whose_event_loop_ends_hands_on(backend, source, through):
    """A transport of the user's own is used in the leader's event loop, and cannot go on without it."""
    begun, waiting = threading.Event(), threading.Event()

    async def stuck(request):
        begun.set()
        await anyio.sleep(3600)

    through.before = stuck

    async def main():
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(source.atoken)
            await anyio.to_thread.run_sync(waiting.wait, 10)
            tasks.cancel_scope.cancel()

    tokens = []

    def follow():
        assert begun.wait(10)
        through.before = lambda request: None
        threading.Timer(0.1, waiting.set).start()
        tokens.append(source.token())

    in_threads([functools.partial(anyio.run, main, backend=backend), *[follow] * 4])
    assert len(set(tokens)) == 1
    assert through.seen == ["POST", "POST"]


@pytest.mark.parametrize(
    "ask", [lambda source: asyncio.run(source.atoken()), lambda source: source.atoken().send(None)]
)
def test_a_leader_that_cannot_begin_hands_on(ask, source, monkeypatch):
    """The machine has no thread left, or no event loop runs."""

    def start(_thread):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", start)
        with pytest.raises(RuntimeError):
            ask(source)
    tokens = []
    in_threads([lambda: tokens.append(source.token())])
    assert tokens


def test_a_blocking_call_in_the_event_loop_of_the_leader_does_not_wait_for_it(source, through):
    async def main():
        through.before = lambda request: anyio.sleep(0.05)
        task = asyncio.create_task(source.atoken())
        await asyncio.sleep(0.01)
        through.before = lambda request: None
        return source.token(), await task

    blocking, awaited = asyncio.run(main())
    assert blocking
    assert awaited
    assert through.seen == ["POST", "POST"]


def test_a_blocking_call_waits_for_a_log_in_that_needs_no_event_loop(settings, time, through):
    begun = threading.Event()
    through.before = lambda request: begun.set() or machine.sleep(0.1)
    source = SessionAuth(email=EMAIL, password=PASSWORD, **{**settings, "async_transport": None})

    async def main():
        task = asyncio.create_task(source.atoken())
        await asyncio.to_thread(begun.wait, 10)
        return source.token(), await task

    assert len(set(asyncio.run(main()))) == 1
    assert through.seen == ["POST"]


def test_callers_go_on_with_a_living_token_while_one_refreshes(world, source, time, through):
    old = world.get(source)
    time.advance(2700)
    tokens = Crowd(world, source, through, 8).outcomes()
    assert through.seen == ["POST", "GET"]
    assert sorted(tokens).count(old) == 7
    assert world.get(source) != old


def test_a_log_in_that_the_user_asks_for_does_not_make_do_with_a_refresh(source, time, through):
    source.token()
    time.advance(2700)
    entered, done = threading.Event(), threading.Event()

    def hold(request):
        if request.method == "GET":
            entered.set()
            done.wait(10)

    through.before = hold

    def log_in():
        entered.wait(10)
        source.login()
        done.set()

    in_threads([source.token, log_in])
    assert through.seen == ["POST", "GET", "POST"]


def test_the_fast_path_takes_no_lock(source):
    token = source.token()
    held, done = threading.Event(), threading.Event()

    def hold():
        with source._source.state._lock:
            held.set()
            done.wait(10)

    holder = threading.Thread(target=hold, daemon=True)
    holder.start()
    assert held.wait(10)
    assert source.token() == token
    done.set()
    holder.join(10)
