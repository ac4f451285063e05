"""The mock's settings, and what is checked on what its callers give it: not every caller has a type checker."""

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypedDict, cast

# The path of the mock's base URL, as that of the real service.
PREFIX = "/v1"
# The contract's own example, so that what is copied from its documentation works here.
DEMO_USERS = MappingProxyType({"ada@example.com": "correct horse battery staple"})

# RFC 9110, sections 5.1 and 5.5.
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\xa0-\xff]*")
# They say how long a body is, and the mock has to be right about it: a body that is too short is `drop="body"`.
_FRAMING = ("content-length", "transfer-encoding")


class Settings(TypedDict, total=False):
    """What `Mock` and `MockServer` take by keyword. Most of it is not known of the real service."""

    secret: str | bytes | None  # The key that signs the tokens, at least 32 bytes (random without it).
    token_life: int  # How long a token is valid, in seconds (3600).
    max_body: int  # The largest body that is read, in bytes (65536).
    body_timeout: float  # How long a body may take to arrive, in seconds (10; without a socket there is no limit).
    login_limit: int | None  # How many log-ins a minute the gateway lets through before it answers 429 (None: all).
    lockout_after: int | None  # How many wrong passwords in a row lock an account, which is 401 then (None: never).
    lockout_seconds: int  # How long it stays locked (900).
    request_id_header: str | None  # The name of a header with an id of its own in each response (None: there is none).
    contract: str | Path | None  # The OpenAPI 3.1 file whose operations are answered (None: the project's contract).
    strict_slashes: bool  # Whether a path with a slash too many, at its end or doubled, is 404 (False: it is taken).
    cors: Sequence[str]  # The origins whose pages may call the mock from a browser, or `*` for all (none).
    gateway: bool  # Whether to answer 403 for unknown paths and methods, and to rename `WWW-Authenticate` (False).
    control_token: str | None  # The bearer token for the control over HTTP, under `/_mock/` (None: it is off).


DEFAULTS: dict[str, Any] = {
    **dict.fromkeys(Settings.__annotations__),
    "token_life": 3600,
    "max_body": 64 * 1024,
    "body_timeout": 10.0,
    "lockout_seconds": 900,
    "strict_slashes": False,
    "cors": (),
    "gateway": False,
}


def require(condition: object, words: str) -> None:
    """Raise `ValueError` with these words unless the condition holds."""
    if not condition:
        raise ValueError(words)


def is_a(value: object, *kinds: type) -> bool:
    """`isinstance`, without what a type checker concludes from it."""
    return isinstance(value, kinds)


def is_whole(value: object, least: int) -> bool:
    """Whether this is a whole number of at least `least`. `True` is one for Python, and is not meant."""
    return type(value) is int and value >= least


def is_status(value: object) -> bool:
    """Whether this can be the status of a final response (RFC 9110, section 15)."""
    return is_whole(value, 200) and cast("int", value) <= 599


def is_seconds(value: object) -> bool:
    """Whether this is a span of time: a number that is finite and not negative."""
    return type(value) in {int, float} and 0 <= cast("float", value) < math.inf


def is_header_name(name: object) -> bool:
    """Whether a header may have this name (RFC 9110, section 5.6.2)."""
    return isinstance(name, str) and _HEADER_NAME.fullmatch(name) is not None


def checked(settings: Settings) -> dict[str, Any]:
    """The settings with their defaults. The object that uses a setting checks the value, apart from two."""
    if unknown := settings.keys() - DEFAULTS.keys():
        raise TypeError(f"there is no setting {min(unknown)!r}")
    chosen: dict[str, Any] = {**DEFAULTS, **settings}
    timeout, header = chosen["body_timeout"], chosen["request_id_header"]
    require(is_seconds(timeout) and timeout, "body_timeout is a number of seconds, above 0")
    require(header is None or is_header_name(header), "no header may have the name in request_id_header")
    return chosen


def checked_headers(headers: Mapping[str, str] | None) -> dict[str, str]:
    """A copy of the headers. Raises `ValueError` for one that cannot be, or that says how long a body is."""
    require(headers is None or is_a(headers, Mapping), "headers are values by name")
    for name, value in (headers or {}).items():
        require(is_header_name(name), f"no header can be called {name!r}")
        right = is_a(value, str) and _HEADER_VALUE.fullmatch(value)
        require(right, f"the header {name} has a value that no header may have: text, and no line end in it")
        own = name.lower() in _FRAMING
        require(not own, f"the mock itself says how long a body is: it cannot be told the header {name}")
    return dict(headers or {})


def checked_users(users: Mapping[str, str]) -> dict[str, str]:
    """A copy of the users. Raises `ValueError` if there is none, or one who could not log in."""
    require(is_a(users, Mapping), 'users are passwords by e-mail address, as in {"ada@example.com": "secret"}')
    require(users, "the mock needs a user")
    for number, (email, password) in enumerate(users.items(), start=1):
        # Neither is shown: if the two are exchanged, the first is the password.
        right = is_a(email, str) and "@" in email and is_a(password, str) and password
        require(right, f"not a user with an e-mail address and a password, both of them text: number {number}")
    return dict(users)


def to_bytes(value: str | bytes, what: str) -> bytes:
    """The bytes, in UTF-8; from the environment they may be any. Raises `ValueError` for anything else."""
    require(is_a(value, str, bytes), f"{what} is text or bytes")
    try:
        return value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
    except UnicodeEncodeError:  # It would keep the text.
        raise ValueError(f"{what} has half a character in it, which UTF-8 cannot hold") from None
