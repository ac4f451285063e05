"""A child process goes on with the session, whatever the parent's threads were doing at the moment of the fork."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest

from pacerpro_client import Client
from pacerpro_client.api.authentication import session_create, session_refresh
from pacerpro_client.models import User

from .services import EMAIL, PASSWORD
from .worlds import World

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork"),
    # From 3.12 on Python warns of what these tests are about.
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]


def begin(work) -> int:
    """Do something in a child process, for ten seconds at most; return its process id."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            signal.alarm(10)
            code = 0 if work() else 2
        finally:
            os._exit(code)
    return child


def end(child) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def works(auth, url):
    """Whether a call with threads and one with asyncio come through."""
    return all(World(name).call(auth, f"{url}/matters").status_code == 200 for name in ("threads", "asyncio"))


def test_a_child_uses_the_parents_token(auth, server):
    auth.token()
    assert end(begin(lambda: works(auth, server.url))) == 0
    assert server.counts["sessionCreate"] == 1


def test_the_children_of_a_process_refresh_their_token_at_different_times(auth, server):
    auth.token()
    due = auth._source.state.token.refresh_at
    assert end(begin(lambda: auth._source.state.token.refresh_at != due)) == 0


def test_a_child_is_free_of_the_locks_and_flights_of_the_parents_threads(auth, server):
    leading, held, done = threading.Event(), threading.Event(), threading.Event()
    server.fail_next(operation="sessionCreate", latency=1.0)

    def lead():
        leading.set()
        auth.token()

    def hold():
        leading.wait(10)
        while auth._source.state._flight is None:
            pass
        with auth._source.state._lock:
            held.set()
            done.wait(10)

    threads = [threading.Thread(target=each, daemon=True) for each in (lead, hold)]
    for thread in threads:
        thread.start()
    assert held.wait(10)
    assert end(begin(lambda: works(auth, server.url))) == 0
    done.set()
    for thread in threads:
        thread.join(10)
    assert auth.session is not None


@pytest.mark.parametrize("world", ["threads", "asyncio"])
def test_children_that_call_at_once_get_their_own_answers(server, world):
    """Connections of the parent that two children write to would mix up their answers."""
    users = [User(email=EMAIL, password=PASSWORD), User(email="bob@example.com", password=PASSWORD)]
    with Client(server.url) as client:
        session_create.sync(client=client, body=users[0])

        def logs_in(user, own_subject):
            for _ in range(40):
                if World(world).blocking:
                    token = session_create.sync(client=client, body=user).jwt_token
                else:
                    token = World(world).run(arrived, user)
                with Client(server.url, auth=token) as own:
                    session_refresh.sync(client=own)
                if subject(token) != own_subject:
                    return False
            return True

        async def arrived(user):
            async with client:
                return (await session_create.asyncio(client=client, body=user)).jwt_token

        subjects = [subject(session_create.sync(client=client, body=user).jwt_token) for user in users]
        children = [
            begin(lambda user=user, own=own: logs_in(user, own)) for user, own in zip(users, subjects, strict=True)
        ]
        assert [end(child) for child in children] == [0, 0]


def subject(token):
    import jwt

    return jwt.decode(token, options={"verify_signature": False, "verify_sub": False})["sub"]


def test_a_program_with_clients_ends_without_a_word():
    imports = "from pacerpro_client import Client, SessionAuth"
    program = f"{imports}; auth = SessionAuth(email='a@b.c', password='d'); client = Client(auth=auth)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout + done.stderr == ""
