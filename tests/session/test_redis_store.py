"""Sessions in Redis, and a Redis that cannot be used."""

from __future__ import annotations

import pytest
import redis
from cryptography.fernet import Fernet

from pacerpro_client.stores import RedisStore

from .redis_server import RedisServer, needs_redis
from .services import EMAIL, ORIGIN, SESSION, in_memory


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
