"""The mock's settings. Most stand for something that is not known of the real service, so each has a plain default."""

from __future__ import annotations

import math
from types import MappingProxyType
from typing import TypedDict, cast


class Settings(TypedDict, total=False):
    """What `Mock` and `MockServer` take by keyword, here for type checkers and with what it means.

    - `secret`: the key that signs the tokens, at least 32 bytes (random without it).
    - `token_life`: how long a token is valid, in seconds (an hour).
    - `max_body`: the largest body that is read, in bytes (64 KiB).
    - `body_timeout`: how long a body may take to arrive, in seconds (10; without a socket it waits).
    - `login_limit`: how many log-ins a minute the gateway lets through, before it answers 429 (None: all).
    - `lockout_after`: how many wrong passwords in a row lock an account, which then answers 401 (None: never).
    - `lockout_seconds`: how long it stays locked (15 minutes).
    - `request_id_header`: the name of a header with an id of its own in each response (None: there is none).
    """

    secret: str | bytes | None
    token_life: int
    max_body: int
    body_timeout: float
    login_limit: int | None
    lockout_after: int | None
    lockout_seconds: int
    request_id_header: str | None


def is_a(value: object, *kinds: type) -> bool:
    """`isinstance`, of what may be anything: not every caller has a type checker."""
    return isinstance(value, kinds)


def is_whole(value: object, least: int) -> bool:
    """Tell whether this is a whole number, and no less. For Python `True` is one, and nobody means that."""
    return type(value) is int and value >= least


def is_seconds(value: object) -> bool:
    """Tell whether this is a span of time: a number that is finite and not negative."""
    return type(value) in {int, float} and 0 <= cast("float", value) < math.inf


# The contract's own example, so that whatever is copied from its documentation works here.
DEMO_USERS = MappingProxyType({"ada@example.com": "correct horse battery staple"})
