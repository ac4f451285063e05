"""What all stores do, and what is refused as one."""

from __future__ import annotations

import functools
import sys

import pytest

import pacerpro_client.stores
from pacerpro_client import SessionAuth
from pacerpro_client.stores import FileStore, KeyringStore, RedisStore, SeveralUsersError, Stored

from .services import BOB, EMAIL, ORIGIN, PASSWORD, SESSION


def test_a_session_is_kept_for_each_origin_and_user(store):
    assert store.load(ORIGIN, EMAIL) is None
    store.save(ORIGIN, EMAIL, SESSION, 100.0)
    store.save("https://other.example", EMAIL, {**SESSION, "jwtToken": "d.e.f"}, 100.0)
    store.save(ORIGIN, BOB, {**SESSION, "jwtToken": "g.h.i"}, None)
    found = store.load(ORIGIN, EMAIL)
    assert (found.email, found.session) == (EMAIL, SESSION)
    assert 95 < found.life <= 100
    assert store.load(ORIGIN, BOB) == Stored(BOB, {**SESSION, "jwtToken": "g.h.i"}, None)
    assert store.load("https://other.example", None).session["jwtToken"] == "d.e.f"
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


@pytest.mark.parametrize(("make", "library"), [(KeyringStore, "keyring"), (lambda: RedisStore("redis://x"), "redis")])
def test_a_missing_library_is_named_in_the_error(make, library, monkeypatch):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ModuleNotFoundError, match=rf"pacerpro-client\[{library}\]"):
        make()


@pytest.mark.parametrize("wrong", ["file", FileStore, FileStore.load])
def test_what_is_not_a_store_is_refused(wrong, settings):
    for make in (functools.partial(SessionAuth, email=EMAIL, password=PASSWORD), SessionAuth.from_store):
        with pytest.raises(TypeError, match=r"such as FileStore\(\)"):
            make(store=wrong, **settings)


def test_the_module_lists_its_names():
    assert set(dir(pacerpro_client.stores)) == set(pacerpro_client.stores.__all__)
    for name in pacerpro_client.stores.__all__:
        assert getattr(pacerpro_client.stores, name).__name__ == name
    with pytest.raises(AttributeError, match="MongoStore"):
        _ = pacerpro_client.stores.MongoStore
