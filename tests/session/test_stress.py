"""Everything at once, for a moment: threads, two kinds of event loop, revocations, time, and a service that fails."""

from __future__ import annotations

import collections
import functools
import random
import time as machine

import anyio
import httpx
import pytest

from pacerpro_client import errors

from .worlds import in_threads

SECONDS = 2.5


class Crowd:
    """Callers of every kind, and somebody who makes trouble for them."""

    def __init__(self, auth, server, time):
        self.auth, self.server, self.time = auth, server, time
        self.url = server.url + "/matters"
        self.outcomes, self.troubles = collections.Counter(), collections.Counter()
        self.chance = random.Random(7)  # noqa: S311  # Whatever happens can happen again, as far as threads allow.
        self.end = machine.monotonic() + SECONDS

    def goes_on(self):
        return machine.monotonic() < self.end

    def call(self):
        with httpx.Client(auth=self.auth, timeout=20) as client:
            while self.goes_on():
                try:
                    self.outcomes[client.get(self.url).status_code] += 1
                except errors.ServerError:
                    self.outcomes["ServerError"] += 1

    async def acall(self, client):
        while self.goes_on():
            with anyio.move_on_after(self.chance.choice([0.005, 20, 20, 20])) as scope:  # Some give up in the middle.
                try:
                    self.outcomes[(await client.get(self.url)).status_code] += 1
                except errors.ServerError:
                    self.outcomes["ServerError"] += 1
            self.troubles["cancelled"] += scope.cancelled_caught

    async def loop(self):
        async with httpx.AsyncClient(auth=self.auth, timeout=20) as client, anyio.create_task_group() as tasks:
            for _ in range(6):
                tasks.start_soon(self.acall, client)

    def make_trouble(self):
        kinds = {
            "revoked": lambda: self.server.revoke(self.server.email),
            "failed": lambda: self.server.fail_next(operation="sessionCreate", status=503),
            "due": lambda: self.time.advance(3600 - 40),
            "expired": lambda: self.time.advance(3600),
        }
        while self.goes_on():
            served = self.outcomes[200]
            while self.outcomes[200] < served + 30 and self.goes_on():
                machine.sleep(0.001)
            kind = self.chance.choice(list(kinds))
            self.troubles[kind] += 1
            kinds[kind]()


@pytest.mark.timeout(60)
def test_nobody_is_stuck_and_there_is_a_reason_for_each_log_in(server, auth, time):
    crowd = Crowd(auth, server, time)
    loops = [functools.partial(anyio.run, crowd.loop, backend=backend) for backend in ("asyncio", "trio")]
    in_threads([*[crowd.call] * 6, *loops, crowd.make_trouble])

    assert set(crowd.outcomes) <= {200, 401, "ServerError"}
    assert crowd.outcomes[200] > 60
    # Who met two revocations in a row, and who waited for two log-ins that failed.
    assert crowd.outcomes[401] + crowd.outcomes["ServerError"] < crowd.outcomes[200] / 4
    # Time moves here before it does there, so that a log-in in between may have to be made again.
    assert server.counts["sessionCreate"] <= 1 + crowd.troubles.total() + crowd.troubles["expired"]
    assert auth._core.state._flight is None

    server.stop_failing()
    with httpx.Client(auth=auth) as client:
        assert client.get(server.url + "/matters").status_code == 200
