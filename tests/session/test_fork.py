"""A child process goes on with the session, whatever the parent's threads were doing at the moment of the fork."""

from __future__ import annotations

import os
import signal
import threading

import httpx
import pytest

from .worlds import World

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork"),
    # From 3.12 on Python warns of what these tests are about.
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]


def in_a_child(work) -> int:
    """Do something in a child process; return 0 if it went well, in ten seconds at most."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            signal.alarm(10)
            code = 0 if work() else 2
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def works(auth, url):
    """Whether a call with threads and one with asyncio come through."""
    return all(World(name).call(auth, "GET", url, options={}).status_code == 200 for name in ("sync", "asyncio"))


@pytest.fixture
def url(server):
    return server.url + "/matters"


def test_a_child_uses_the_parents_token(auth, server, url):
    World("sync").call(auth, "GET", url, options={})
    assert in_a_child(lambda: works(auth, url)) == 0
    assert server.counts == {"sessionCreate": 1, "matters": 3}


def test_children_do_not_refresh_at_one_instant(auth, url):
    World("sync").call(auth, "GET", url, options={})
    token = auth._core.state.token
    reader, writer = os.pipe()
    for _ in range(5):
        assert in_a_child(lambda: os.write(writer, f"{token.refresh_at}\n".encode())) == 0
    os.close(writer)
    with os.fdopen(reader) as lines:
        instants = [float(line) for line in lines]
    assert len(set(instants)) == 5
    assert all(token.refresh_at <= each <= token.expires_at - 30 for each in instants)


def test_a_child_logs_in_for_itself(auth, server, url):
    assert in_a_child(lambda: works(auth, url)) == 0
    assert server.counts["sessionCreate"] == 1
    # The parent knows nothing of it.
    assert auth.session is None


def test_a_child_is_not_locked_by_a_thread_of_the_parent(auth, server, url):
    held, done = threading.Event(), threading.Event()

    def hold():
        with auth._core.state._lock:
            held.set()
            done.wait(30)

    holder = threading.Thread(target=hold, daemon=True)
    holder.start()
    assert held.wait(10)
    assert in_a_child(lambda: works(auth, url)) == 0
    done.set()
    holder.join(10)


def test_a_child_does_not_wait_for_a_flight_of_the_parent(auth, server, url):
    """A thread of the parent is in the middle of a log-in, and another one waits for it."""
    leading, done = threading.Event(), threading.Event()

    def lead():
        flow = auth.sync_auth_flow(httpx.Request("GET", url))
        next(flow)
        leading.set()
        done.wait(30)
        flow.close()

    threads = [threading.Thread(target=lead, daemon=True)]
    threads[0].start()
    assert leading.wait(10)
    flight = auth._core.state._flight
    threads.append(threading.Thread(target=lambda: World("sync").call(auth, "GET", url, options={}), daemon=True))
    threads[1].start()
    while not flight._waiting:
        done.wait(0.001)
    assert in_a_child(lambda: works(auth, url)) == 0
    assert server.counts["sessionCreate"] == 1
    # The parent's flight is the parent's: whoever waits there is served when it ends.
    assert auth._core.state._flight is flight
    done.set()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()
    assert auth.session is not None


def test_a_fork_in_the_middle_of_a_log_in_leaves_both_with_a_session(auth, server, url):
    """It is the very thread that leads the flight which forks: in a hook of the caller's, say."""
    codes = []

    def fork(request):
        if request.method == "POST" and not codes:
            codes.append(in_a_child(lambda: works(auth, url)))

    with httpx.Client(auth=auth, event_hooks={"request": [fork]}) as client:
        assert client.get(url).status_code == 200
    assert codes == [0]
    assert server.counts["sessionCreate"] == 2
