"""Sources that share the session of a store."""

from __future__ import annotations

import threading

import anyio
import pytest

from pacerpro_client import SessionAuth, errors
from pacerpro_client.stores import FileStore, SeveralUsersError

from .services import BOB, EMAIL, PASSWORD, SESSION, in_memory
from .worlds import in_threads


def test_sources_share_the_session_of_a_store(world, store, settings, mock, time):
    first = SessionAuth(email=EMAIL, password=PASSWORD, store=store, **settings)
    token = world.get(first)
    second = SessionAuth(email=EMAIL, password=PASSWORD, store=store, **settings)
    assert world.get(second) == token
    guest = SessionAuth.from_store(store, **settings)
    assert guest.email == EMAIL
    assert guest.session == first.session
    assert world.get(guest) == token
    assert mock.counts == {"sessionCreate": 1}

    time.advance(2700)
    later = world.get(guest)
    assert later != token
    assert world.get(first) == world.get(second) == later
    assert mock.counts["sessionRefresh"] == 1

    mock.revoke(EMAIL)
    repaired = world.get(first, rejected=later)
    assert repaired != later
    assert later not in (world.get(second, rejected=later), world.get(guest, rejected=later))
    assert mock.counts["sessionCreate"] == 2

    world.log_out(guest)
    assert SessionAuth.from_store(store, **settings).session is None


@pytest.mark.parametrize("ended", [True, False])
def test_a_rejected_token_is_replaced_by_one_that_works(ended, world, store, settings, mock, time):
    """Another source has refreshed since: its token, in the store, may live, or may have ended too."""
    one, other = (SessionAuth(email=EMAIL, password=PASSWORD, store=store, **settings) for _ in range(2))
    old = one.token()
    assert other.token() == old
    time.advance(5)
    newer = one.token(rejected=old)
    if ended:
        mock.revoke(EMAIL)
    time.advance(5)
    assert world.get(other, rejected=old) not in (old, newer)
    assert mock.counts["sessionCreate"] == (3 if ended else 2)


def test_a_log_out_uses_the_session_of_the_store(world, store, settings, mock, time):
    world.get(SessionAuth(email=EMAIL, password=PASSWORD, store=store, **settings))
    world.log_out(SessionAuth(email=EMAIL, password=PASSWORD, store=store, **settings))
    assert mock.counts["sessionDelete"] == 1


def test_a_log_in_under_way_does_not_put_a_session_back_after_the_log_out(tmp_path, settings, mock, time):
    saving, stopped = threading.Event(), threading.Event()

    class Slow(FileStore):
        def save(self, *arguments):
            saving.set()
            stopped.wait(10)
            super().save(*arguments)

    store = Slow(tmp_path / "sessions.json")
    source = SessionAuth(email=EMAIL, password=PASSWORD, store=store, **settings)

    def log_out():
        saving.wait(10)
        threading.Timer(0.2, stopped.set).start()
        source.logout()

    in_threads([source.token, log_out])
    assert store.load("https://pacerpro.test", EMAIL) is None


def test_worker_threads_that_all_wait_do_not_keep_the_leader_from_its_store(tmp_path, settings, through, time):
    source = SessionAuth(email=EMAIL, password=PASSWORD, store=FileStore(tmp_path / "sessions.json"), **settings)
    through.before = lambda request: anyio.sleep(0.3)

    async def main():
        anyio.to_thread.current_default_thread_limiter().total_tokens = 2
        with anyio.fail_after(10):
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(source.atoken)
                await anyio.sleep(0.1)
                for _ in range(2):
                    tasks.start_soon(anyio.to_thread.run_sync, source.token)

    anyio.run(main)
    assert through.seen == ["POST"]


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_a_leader_whose_event_loop_ends_frees_the_lock(backend, store, settings, through, time):
    through.before = lambda request: anyio.sleep(3600)
    source = SessionAuth(email=EMAIL, password=PASSWORD, store=store, **settings)

    async def main():
        with anyio.move_on_after(0.1):
            await source.atoken()

    anyio.run(main, backend=backend)
    through.before = lambda request: None
    assert source.token()
    store.lock("https://pacerpro.test", EMAIL)()


def test_a_log_out_that_fails_leaves_the_session_in_the_store(store, settings, mock, time):
    SessionAuth(email=EMAIL, password=PASSWORD, store=store, **settings).token()
    mock.fail_next(operation="sessionDelete", status=502)
    guest = SessionAuth.from_store(store, **settings)
    with pytest.raises(errors.ServerError):
        guest.logout()
    guest.logout()
    assert mock.counts["sessionDelete"] == 2


def test_a_guest_finds_a_session_that_is_stored_later(store, settings, time):
    guest = SessionAuth.from_store(store, **settings)
    assert guest.session is None
    with pytest.raises(errors.SessionExpired, match="no password"):
        guest.token()
    SessionAuth(email=EMAIL, password=PASSWORD, store=store, **settings).login()
    assert guest.token()


@pytest.mark.parametrize("is_rejected", [True, False])
def test_a_guest_goes_on_with_a_stored_session_that_ends_earlier(is_rejected, world, store, settings, mock, time):
    """The user has logged out and in again, and the service has shortened the life of its tokens meanwhile."""
    source = SessionAuth(email=EMAIL, password=PASSWORD, store=store, **settings)
    source.token()
    guest = SessionAuth.from_store(store, **settings)
    old = world.get(guest)
    time.advance(0 if is_rejected else 2700)
    source.logout()
    mock.service._token_life = 600
    source.login()
    assert mock.user_of(world.get(guest, rejected=old if is_rejected else None)) == EMAIL
    assert store.load("https://pacerpro.test", EMAIL).session == guest.session.to_dict()
    assert mock.counts["sessionCreate"] == 2


def test_a_log_out_revokes_a_stored_session_that_ends_earlier(world, store, settings, mock, time):
    source = SessionAuth(email=EMAIL, password=PASSWORD, store=store, **settings)
    source.token()
    guest = SessionAuth.from_store(store, **settings)
    source.logout()
    mock.service._token_life = 600
    living = source.login().jwt_token
    world.log_out(guest)
    assert mock.user_of(living) is None


def test_email_selects_one_of_several_users(store, settings, time):
    source = SessionAuth(email=EMAIL, password=PASSWORD, store=store, **settings)
    source.token()
    store.save("https://pacerpro.test", BOB, SESSION, 100.0)
    with pytest.raises(SeveralUsersError):
        SessionAuth.from_store(store, **settings)
    assert SessionAuth.from_store(store, EMAIL, **settings).session == source.session


def test_a_store_of_the_users_own_that_raises_is_not_used(settings, time, caplog):
    class Broken:
        def load(self, origin, email):
            raise ZeroDivisionError("broken")

        save = clear = lock = load

    in_memory(Broken(), settings, caplog, "broken")


def test_a_guest_of_an_empty_store_is_told_so(get, store, settings, time):
    guest = SessionAuth.from_store(store, **settings)
    with pytest.raises(errors.SessionExpired, match=r"^no session at https://pacerpro\.test lives, "):
        get(guest)


def test_a_given_session_is_kept_for_the_user_that_is_named(tmp_path, settings, mock, time):
    store = FileStore(tmp_path / "sessions.json")
    session = SessionAuth(email=EMAIL, password=PASSWORD, **settings).login()
    guest = SessionAuth.from_session(session, email=EMAIL, store=store, **settings)
    assert SessionAuth.from_store(store, **settings).session == session
    time.advance(2700)
    guest.token()
    assert SessionAuth.from_store(store, **settings).session == guest.session != session
    assert SessionAuth.from_session(session, email=EMAIL, store=store, **settings).session == guest.session


def test_a_given_session_needs_a_name_to_be_kept(store, settings):
    """Without one, the source might continue with the session of another user."""
    session = SessionAuth(email=EMAIL, password=PASSWORD, **settings).login()
    with pytest.raises(ValueError, match="email="):
        SessionAuth.from_session(session, store=store, **settings)
