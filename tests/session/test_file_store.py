"""Sessions in a file, and files that cannot be used."""

from __future__ import annotations

import json
import os
import pwd
import stat
import sys

import pytest

from pacerpro_client import SessionAuth, errors
from pacerpro_client.stores import FileStore, StoreError

from .services import BOB, EMAIL, ORIGIN, PASSWORD, SESSION, in_memory


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


def test_a_user_without_a_home_is_told_so(monkeypatch):
    def unknown(uid):
        raise KeyError(uid)

    monkeypatch.setattr(pwd, "getpwuid", unknown)
    for name in ("HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(StoreError, match="home"):
        FileStore()


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


def test_a_guest_of_a_broken_store_is_told_why(get, tmp_path, settings, time):
    path = tmp_path / "sessions.json"
    foreign(path)
    guest = SessionAuth.from_store(FileStore(path), EMAIL, **settings)
    with pytest.raises(errors.SessionExpired, match=r"^the session cannot be read from its store: .*: delete it$"):
        get(guest)
    path.unlink()
    with pytest.raises(errors.SessionExpired, match=r"^no session at "):
        get(guest)
