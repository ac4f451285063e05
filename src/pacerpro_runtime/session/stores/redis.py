"""Sessions in Redis, for several machines."""

import glob
import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from pacerpro_runtime.lazy import needs

from .base import LOCK_SECONDS, ExplainingStore, Stored, StoreError, only

# Seconds to wait for a connection and for an answer, each of them twice.
_TIMEOUT = 1.0


class RedisStore(ExplainingStore):
    """Keeps sessions in Redis, with a key for each origin and user that expires with the token.

    Args:
        url_or_client: The URL of the server (``redis://``, ``rediss://`` or ``unix://``), or a ``redis.Redis``. Give
            that a ``socket_timeout`` of a few seconds: calls wait as long for a server that hangs.
        encryption_key: A Fernet key (``cryptography.fernet.Fernet.generate_key()``), to encrypt what is kept.

    Raises:
        ModuleNotFoundError: The extra ``redis`` is not installed.
        ValueError: The URL or the key cannot be used.
        TypeError: It is neither a URL nor a ``redis.Redis``.
    """

    _name, _way_out = "Redis", "check the URL, the password, and that it runs"

    def __init__(self, url_or_client: Any, *, encryption_key: str | bytes | None = None) -> None:
        self._library: Any = needs("redis", "pacerpro-client[redis]")
        self._failures = (self._library.exceptions.RedisError,)
        self._redis: Any = url_or_client
        if isinstance(url_or_client, str):
            # Once more at once: a firewall may have dropped a connection that was idle since the last refresh.
            retry = self._library.retry.Retry(self._library.backoff.NoBackoff(), 1)
            options = {"socket_timeout": _TIMEOUT, "socket_connect_timeout": _TIMEOUT, "retry": retry}
            try:
                self._redis = self._library.Redis.from_url(url_or_client, **options)
            except ValueError:  # Its message may quote a part of the password.
                raise ValueError(
                    "the Redis URL must be like redis://:PASSWORD@HOST:6379/0 (or rediss://, unix://), with / and # in "
                    "the password written as %2F and %23"
                ) from None
        elif not isinstance(url_or_client, self._library.Redis):
            raise TypeError(f"RedisStore takes a URL or a redis.Redis, and not {type(url_or_client).__name__}")
        self._encrypt: Callable[[str], str | bytes] = str
        self._decrypt: Callable[[str | bytes], str | bytes] = lambda value: value
        if encryption_key is not None:
            fernet = needs("cryptography.fernet", "pacerpro-client[redis]").Fernet(encryption_key)
            self._encrypt, self._decrypt = lambda text: fernet.encrypt(text.encode()), fernet.decrypt

    def __repr__(self) -> str:
        return "RedisStore(***)"

    def load(self, origin: str, email: str | None) -> Stored | None:
        """Return a user's session, or that of the only user."""
        with self._explained():
            if email is not None:
                return self._stored(origin, email)
            prefix = _key(origin, "")
            keys = self._redis.scan_iter(match=glob.escape(prefix) + "*", count=1000)
            emails = [os.fsdecode(key).removeprefix(prefix) for key in keys]
            return only(stored for each in emails if (stored := self._stored(origin, each)))

    def save(self, origin: str, email: str, session: Mapping[str, Any], life: float | None) -> None:
        """Keep a user's session."""
        value = self._encrypt(json.dumps(session))
        with self._explained():
            self._redis.set(_key(origin, email), value, px=None if life is None else max(1, int(life * 1000)))

    def clear(self, origin: str, email: str) -> None:
        """Forget a user's session."""
        with self._explained():
            self._redis.delete(_key(origin, email))

    def lock(self, origin: str, email: str) -> Callable[[], object] | None:
        """Try to take the lock on a user's session, without waiting."""
        name = _key(origin, email).replace("session", "lock", 1)
        lock = self._redis.lock(name, timeout=LOCK_SECONDS, thread_local=False)
        with self._explained():
            return lock.release if lock.acquire(blocking=False) else None

    def _stored(self, origin: str, email: str) -> Stored | None:
        key = _key(origin, email)
        value, milliseconds = self._redis.pipeline(transaction=True).get(key).pttl(key).execute()
        if value is None:
            return None
        with suppress(Exception):  # Not JSON, or encrypted in another way.
            session = json.loads(self._decrypt(value))
            return Stored(email, session, milliseconds / 1000 if milliseconds >= 0 else None)
        raise StoreError(f"{key} in Redis is not a session, or was encrypted with another key: delete it")


def _key(origin: str, email: str) -> str:
    # The slash ends the origin, which may be the beginning of another: one with a port, for example.
    return f"pacerpro:session:{origin}/:{email}"
