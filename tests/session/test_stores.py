"""What the stores keep, and what happens if they fail."""

from __future__ import annotations

import functools
import importlib
import json
import logging
import os
import stat
import sys
import threading

import anyio
import keyring
import keyring.backend
import keyring.errors
import pytest
import redis
from cryptography.fernet import Fernet

import pacerpro_client.stores
from pacerpro_client import SessionAuth, errors
from pacerpro_client.stores import FileStore, KeyringStore, RedisStore, SeveralUsersError, Stored, StoreError

from .redis_server import PROGRAM, RedisServer
from .services import EMAIL, PASSWORD
from .worlds import in_threads

ORIGIN, OTHER = "https://api.example", "https://other.example"
SESSION = {"jwtToken": "a.b.c", "expiresAt": "2030-01-01T00:00:00Z"}
BOB = "bob@example.com"

needs_redis = pytest.mark.skipif(PROGRAM is None, reason="there is no redis-server; .ci/run installs it")


class Memory(keyring.backend.KeyringBackend):
    priority = 1

    def __init__(self):
        self.entries = {}

    def get_password(self, service, username):
        return self.entries.get((service, username))

    def set_password(self, service, username, password):
        self.entries[service, username] = password

    def delete_password(self, service, username):
        if self.entries.pop((service, username), None) is None:
            raise keyring.errors.PasswordDeleteError


@pytest.fixture
def ring(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    before = keyring.get_keyring()
    keyring.set_keyring(backend := Memory())
    yield backend
    keyring.set_keyring(before)


@pytest.fixture(scope="session")
def _redis(tmp_path_factory):
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    yield server
    server.stop()


@pytest.fixture
def redis_url(_redis):
    redis.Redis.from_url(_redis.url).flushall()
    return _redis.url


@pytest.fixture(
    params=["file", "keyring", pytest.param("redis", marks=needs_redis), pytest.param("encrypted", marks=needs_redis)]
)
def store(request, tmp_path):
    if request.param == "file":
        return FileStore(tmp_path / "new" / "sessions.json")
    if request.param == "keyring":
        request.getfixturevalue("ring")
        return KeyringStore()
    url = request.getfixturevalue("redis_url")
    return RedisStore(url, encryption_key=Fernet.generate_key() if request.param == "encrypted" else None)


def test_a_session_is_kept_for_each_origin_and_user(store):
    assert store.load(ORIGIN, EMAIL) is None
    store.save(ORIGIN, EMAIL, SESSION, 100.0)
    store.save(OTHER, EMAIL, {**SESSION, "jwtToken": "d.e.f"}, 100.0)
    store.save(ORIGIN, BOB, {**SESSION, "jwtToken": "g.h.i"}, None)
    found = store.load(ORIGIN, EMAIL)
    assert (found.email, found.session) == (EMAIL, SESSION)
    assert 95 < found.life <= 100
    assert store.load(ORIGIN, BOB) == Stored(BOB, {**SESSION, "jwtToken": "g.h.i"}, None)
    assert store.load(OTHER, None).session["jwtToken"] == "d.e.f"
    store.clear(ORIGIN, EMAIL)
    store.clear(ORIGIN, EMAIL)
    assert store.load(ORIGIN, EMAIL) is None
    assert store.load(ORIGIN, None).email == BOB


def test_a_session_of_another_port_is_not_found(store):
    store.save(f"{ORIGIN}:8443", EMAIL, SESSION, 100.0)
    assert store.load(ORIGIN, None) is None


def test_without_an_email_several_users_are_an_error(store):
    for email in (EMAIL, BOB):
        store.save(ORIGIN, email, SESSION, 100.0)
    with pytest.raises(SeveralUsersError, match="say which with email="):
        store.load(ORIGIN, None)


def test_a_lock_is_held_by_one_and_freed_by_any_thread(store):
    release = store.lock(ORIGIN, EMAIL)
    assert store.lock(ORIGIN, EMAIL) is None
    other = store.lock(ORIGIN, BOB)
    release()
    again = store.lock(ORIGIN, EMAIL)
    assert again is not None
    again()
    other()


def test_a_repr_shows_no_secret(store):
    store.save(ORIGIN, EMAIL, SESSION, 100.0)
    assert "a.b.c" not in repr(store) + repr(store.load(ORIGIN, EMAIL))


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


# What fails


def in_memory(store, settings, caplog, hint):
    """A source works without its store, and says once what is wrong."""
    source = SessionAuth(email=EMAIL, password=PASSWORD, store=store, **settings)
    with caplog.at_level(logging.WARNING, "pacerpro_client"):
        token = source.token()
        assert source.token() == token
    assert caplog.messages
    assert len(caplog.messages) <= 3
    for message in caplog.messages:
        assert "goes on in memory" in message
        assert "\n" not in message
        assert token not in message
    assert any(hint in message for message in caplog.messages), caplog.messages


def a_folder(path):
    path.mkdir()


def truncated(path):
    FileStore(path).save(ORIGIN, EMAIL, SESSION, 100.0)
    path.write_text(path.read_text()[:-20])


def foreign(path):
    path.write_text('{"name": "something else"}')
    path.chmod(0o600)


def binary(path):
    path.write_bytes(b"\xff\xfe\x00")
    path.chmod(0o600)


def too_deep(path):
    path.write_text("[" * 100_000)
    path.chmod(0o600)


def readable_by_others(path):
    FileStore(path).save(ORIGIN, EMAIL, SESSION, 100.0)
    path.chmod(0o644)


FILES = [
    (a_folder, "choose another file"),
    (truncated, "delete it"),
    (foreign, "delete it"),
    (binary, "delete it"),
    (too_deep, "delete it"),
    (readable_by_others, "chmod 600"),
]


@pytest.mark.parametrize(("make", "hint"), FILES, ids=[make.__name__ for make, _ in FILES])
def test_a_file_that_cannot_be_used_is_not_used_and_not_changed(make, hint, tmp_path, settings, time, caplog):
    path = tmp_path / "sessions.json"
    make(path)
    before = path.read_bytes() if path.is_file() else None
    in_memory(FileStore(path), settings, caplog, hint)
    if path.is_file():
        assert path.read_bytes() == before


@pytest.mark.parametrize("entry", ["5", '{"session": {}}', f'{{"session": {{}}, "expires": 1{"0" * 400}}}'])
def test_an_entry_that_is_not_a_session_is_refused_and_replaced(entry, tmp_path):
    store = FileStore(tmp_path / "sessions.json")
    store.save(ORIGIN, EMAIL, SESSION, None)
    document = json.loads(store.path.read_text())
    document["sessions"][ORIGIN][EMAIL] = json.loads(entry)
    store.path.write_text(json.dumps(document))
    with pytest.raises(StoreError, match="delete it"):
        store.load(ORIGIN, EMAIL)
    store.save(ORIGIN, EMAIL, SESSION, None)
    assert store.load(ORIGIN, EMAIL).session == SESSION


def test_a_file_of_another_user_is_refused(tmp_path, settings, time, caplog, monkeypatch):
    store = FileStore(tmp_path / "sessions.json")
    store.save(ORIGIN, EMAIL, SESSION, 100.0)
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    in_memory(store, settings, caplog, "belongs to another user")


def test_a_folder_that_cannot_be_made_is_not_used(tmp_path, settings, time, caplog):
    (tmp_path / "file").write_text("")
    in_memory(FileStore(tmp_path / "file" / "sessions.json"), settings, caplog, "choose another file")


def test_a_read_only_disk_still_gives_the_session_that_it_holds(tmp_path, settings, mock, time, monkeypatch):
    store = FileStore(tmp_path / "sessions.json")
    token = SessionAuth(email=EMAIL, password=PASSWORD, store=store, **settings).token()

    def refuse(*arguments, **options):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(FileStore, "_file_lock", refuse)
    assert SessionAuth(email=EMAIL, password=PASSWORD, store=store, **settings).token() == token
    assert mock.counts == {"sessionCreate": 1}


def test_the_file_and_its_folder_are_for_the_user_alone(tmp_path):
    store = FileStore(tmp_path / "new" / "sessions.json")
    store.save(ORIGIN, EMAIL, SESSION, 100.0)
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.path.parent.stat().st_mode) == 0o700
    assert all(stat.S_IMODE(each.stat().st_mode) == 0o600 for each in store.path.parent.iterdir())


def test_a_write_that_fails_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    store = FileStore(tmp_path / "sessions.json")
    store.save(ORIGIN, EMAIL, SESSION, 100.0)

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match="No space left"):
        store.save(ORIGIN, BOB, SESSION, 100.0)
    assert store.load(ORIGIN, None).email == EMAIL
    assert not [each for each in tmp_path.iterdir() if each.suffix not in (".json", ".lock")]


def test_a_link_to_the_file_is_kept(tmp_path):
    link, file = tmp_path / "link.json", tmp_path / "elsewhere" / "sessions.json"
    link.symlink_to(file)
    FileStore(link).save(ORIGIN, EMAIL, SESSION, 100.0)
    assert link.readlink() == file
    assert FileStore(file).load(ORIGIN, EMAIL).session == SESSION


def test_an_empty_file_is_an_empty_store(tmp_path):
    path = tmp_path / "sessions.json"
    path.touch(mode=0o600)
    FileStore(path).save(ORIGIN, EMAIL, SESSION, 100.0)
    assert FileStore(path).load(ORIGIN, None).email == EMAIL


def test_the_file_is_by_default_in_the_platforms_folder_for_state(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    if sys.platform == "linux":
        assert FileStore().path == tmp_path / "pacerpro" / "sessions.json"


def test_a_machine_without_a_keyring_gets_a_hint(ring, settings, time, caplog):
    keyring.set_keyring(importlib.import_module("keyring.backends.fail").Keyring())
    in_memory(KeyringStore(), settings, caplog, "use FileStore")


def test_a_keyring_entry_of_another_program_is_not_used(ring, settings, time, caplog):
    ring.set_password("pacerpro", "https://pacerpro.test", "not JSON")
    in_memory(KeyringStore(), settings, caplog, "delete it")


@needs_redis
def test_a_session_in_redis_expires_with_its_token(redis_url):
    RedisStore(redis_url).save(ORIGIN, EMAIL, SESSION, 0.05)
    client = redis.Redis.from_url(redis_url)
    assert client.pttl(client.keys()[0]) <= 50


@needs_redis
def test_an_encrypted_session_cannot_be_read_in_redis(redis_url, settings, time, caplog):
    RedisStore(redis_url, encryption_key=Fernet.generate_key()).save("https://pacerpro.test", EMAIL, SESSION, 100.0)
    client = redis.Redis.from_url(redis_url, decode_responses=True)
    assert not [key for key in client.scan_iter() if "a.b.c" in client.get(key)]
    in_memory(RedisStore(client, encryption_key=Fernet.generate_key()), settings, caplog, "another key")


@needs_redis
def test_a_wrong_redis_password_is_not_used_and_not_shown(tmp_path, settings, time, caplog):
    server = RedisServer(tmp_path, password="right")
    try:
        in_memory(RedisStore(server.url.replace("right", "hunter2")), settings, caplog, "check the URL")
        assert "hunter2" not in caplog.text
    finally:
        server.stop()


def test_a_redis_that_cannot_be_reached_is_not_used(settings, time, caplog):
    in_memory(RedisStore("redis://127.0.0.1:1/0"), settings, caplog, "check the URL")


def test_a_wrong_redis_url_client_or_key_is_refused():
    with pytest.raises(ValueError, match="redis://"):
        RedisStore("http://127.0.0.1")
    with pytest.raises(ValueError, match="%2F") as caught:
        RedisStore("redis://:secret/word@127.0.0.1")
    assert "secret" not in str(caught.value)
    with pytest.raises(TypeError, match=r"a URL or a redis\.Redis"):
        RedisStore(5)
    with pytest.raises(ValueError, match="Fernet key"):
        RedisStore("redis://127.0.0.1", encryption_key="short")


@pytest.mark.parametrize(("make", "library"), [(KeyringStore, "keyring"), (lambda: RedisStore("redis://x"), "redis")])
def test_a_missing_library_is_named_in_the_error(make, library, monkeypatch):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ModuleNotFoundError, match=rf"pacerpro-client\[{library}\]"):
        make()


def test_a_store_of_the_users_own_that_raises_is_not_used(settings, time, caplog):
    class Broken:
        def load(self, origin, email):
            raise ZeroDivisionError("broken")

        save = clear = lock = load

    in_memory(Broken(), settings, caplog, "broken")


@pytest.mark.parametrize("wrong", ["file", FileStore, FileStore.load])
def test_what_is_not_a_store_is_refused(wrong, settings):
    for make in (functools.partial(SessionAuth, email=EMAIL, password=PASSWORD), SessionAuth.from_store):
        with pytest.raises(TypeError, match=r"such as FileStore\(\)"):
            make(store=wrong, **settings)


def test_a_guest_of_an_empty_store_is_told_so(get, store, settings, time):
    guest = SessionAuth.from_store(store, **settings)
    with pytest.raises(errors.SessionExpired, match=r"^no session at https://pacerpro\.test lives, "):
        get(guest)


def test_a_guest_of_a_broken_store_is_told_why(get, tmp_path, settings, time):
    path = tmp_path / "sessions.json"
    foreign(path)
    guest = SessionAuth.from_store(FileStore(path), EMAIL, **settings)
    with pytest.raises(errors.SessionExpired, match=r"^the session cannot be read from its store: .*: delete it$"):
        get(guest)
    path.unlink()
    with pytest.raises(errors.SessionExpired, match=r"^no session at "):
        get(guest)


def test_the_module_lists_its_names():
    assert set(dir(pacerpro_client.stores)) == set(pacerpro_client.stores.__all__)
    for name in pacerpro_client.stores.__all__:
        assert getattr(pacerpro_client.stores, name).__name__ == name
    with pytest.raises(AttributeError, match="MongoStore"):
        _ = pacerpro_client.stores.MongoStore
