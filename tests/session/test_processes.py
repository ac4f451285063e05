"""Stores under real processes: many that start at once, one that is killed, and a Redis that comes and goes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time

import httpx
import pytest

from pacerpro_client import SessionAuth
from pacerpro_client.stores import FileStore, RedisStore
from pacerpro_runtime.session import clock

from .redis_server import RedisServer, needs_redis
from .services import EMAIL, PASSWORD
from .worlds import in_threads

PROCESS = """
import sys, anyio
from pacerpro_client import SessionAuth
from pacerpro_client.stores import FileStore, RedisStore
world, kind, place, url = sys.argv[1:]
auth = SessionAuth.from_env(base_url=url, store={"file": FileStore, "redis": RedisStore}[kind](place))
print("ready", flush=True)
sys.stdin.readline()
print(auth.token() if world == "threads" else anyio.run(auth.atoken, backend=world))
"""

HOLDER = """
import sys
from pacerpro_client.stores import FileStore, RedisStore
kind, place, origin, email = sys.argv[1:]
held = {"file": FileStore, "redis": RedisStore}[kind](place).lock(origin, email)
print("ready", flush=True)
sys.stdin.readline()
"""


def started(program, *arguments):
    environment = {**os.environ, "PACERPRO_EMAIL": EMAIL, "PACERPRO_PASSWORD": PASSWORD}
    return subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )


@pytest.fixture(params=["file", pytest.param("redis", marks=needs_redis)])
def place(request, tmp_path):
    """The kind of a store, and where it is."""
    if request.param == "file":
        yield "file", str(tmp_path / "sessions.json")
        return
    server = RedisServer(tmp_path)
    yield "redis", server.url
    server.stop()


def store_at(place):
    kind, where = place
    return FileStore(where) if kind == "file" else RedisStore(where)


def test_eight_cold_processes_make_one_log_in(place, server):
    worlds = ["threads", "asyncio", "trio", "threads"] * 2
    processes = [started(PROCESS, world, *place, server.url) for world in worlds]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    tokens = {process.communicate(timeout=60)[0] for process in processes}
    assert [process.returncode for process in processes] == [0] * 8
    assert len(tokens) == 1
    assert server.counts["sessionCreate"] == 1


def test_a_holder_of_the_lock_that_is_killed_blocks_nobody_for_long(place, server):
    origin = server.url.removesuffix("/v1")
    holder = started(HOLDER, *place, origin, EMAIL)
    assert holder.stdout.readline() == "ready\n"
    store = store_at(place)
    refused = store.lock(origin, EMAIL)
    holder.kill()
    holder.communicate()
    assert refused is None
    begun = clock.now()
    assert SessionAuth(email=EMAIL, password=PASSWORD, base_url=server.url, store=store).token()
    assert clock.now() - begun < 10


def test_a_holder_of_the_lock_that_hangs_blocks_nobody_for_more_than_ten_seconds(tmp_path, server, monkeypatch):
    monkeypatch.setattr("pacerpro_runtime.session.source.LOCK_SECONDS", 0.3)
    store = FileStore(tmp_path / "sessions.json")
    release = store.lock(server.url.removesuffix("/v1"), EMAIL)
    assert SessionAuth(email=EMAIL, password=PASSWORD, base_url=server.url, store=store).token()
    release()


@needs_redis
def test_redis_that_stops_and_starts_under_load_loses_no_call(tmp_path, server):
    redis = RedisServer(tmp_path)
    auths = [
        SessionAuth(email=EMAIL, password=PASSWORD, base_url=server.url, store=RedisStore(redis.url)) for _ in range(3)
    ]
    done, statuses = threading.Event(), [[] for _ in auths]

    def call(auth, seen):
        with httpx.Client(auth=auth) as client:
            while not done.is_set():
                seen.append(client.get(f"{server.url}/matters").status_code)
                time.sleep(0.01)

    def settled():
        """Wait until each has called a few times since."""
        before = [len(seen) for seen in statuses]
        while any(len(seen) < count + 3 for seen, count in zip(statuses, before, strict=True)):
            time.sleep(0.01)

    def trouble():
        try:
            for _ in range(3):
                for step in (redis.stop, lambda: server.revoke(EMAIL), redis.start, lambda: server.revoke(EMAIL)):
                    settled()
                    step()
            settled()
        finally:
            done.set()

    calls = [lambda each=each: call(*each) for each in zip(auths, statuses, strict=True)]
    in_threads([*calls, trouble])
    redis.stop()
    assert {status for seen in statuses for status in seen} == {200}
