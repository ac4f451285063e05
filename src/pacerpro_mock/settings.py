"""The mock's settings, and the checks on what its callers give it: not every caller has a type checker."""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Any, NamedTuple, TypedDict, cast

# The path of the mock's base URL, as that of the real service.
PREFIX = "/v1"
# The contract's own example, so that what is copied from its documentation works here.
DEMO_USERS = MappingProxyType({"ada@example.com": "correct horse battery staple"})

# What the environment variables of all options begin with.
VARIABLE = "PACERPRO_MOCK_"
LONGEST_TOKEN_LIFE = 10 * 366 * 86400
# An origin (RFC 6454, section 6.2), or all.
_ORIGIN = re.compile(r"\*|[a-z][a-z0-9+.-]*://[^/?#\s]+")
# RFC 9110, sections 5.1 and 5.5.
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\t\x20-\x7e\xa0-\xff]*")


class Settings(TypedDict, total=False):
    """The keywords of `Mock` and `MockServer`. `OPTIONS` below has the meaning and the default of each."""

    secret: str | bytes | None
    token_life: int
    max_body: int
    body_timeout: float
    login_limit: int | None
    lockout_after: int | None
    lockout_seconds: int
    request_id_header: str | None
    contract: str | Path | None
    strict_slashes: bool
    cors: Sequence[str]
    gateway: bool
    control_token: str | None


class Option(NamedTuple):
    """A setting. Its flag is a switch without a `metavar`, and can be repeated with a `separator`."""

    flag: str
    help: str
    metavar: str = ""
    kind: Callable[[str], Any] = str
    default: Any = None
    separator: str = ""

    @property
    def name(self) -> str:
        """The name in Python."""
        return "users" if self.flag == "--user" else self.flag.removeprefix("--").replace("-", "_")

    @property
    def variable(self) -> str:
        """The name of its environment variable."""
        return VARIABLE + self.name.upper()


def switch(text: str) -> bool:
    """Whether the variable of a switch turns it on. Raises `ValueError`."""
    require(text in {"0", "1"}, f"takes 1 or 0, not {text!r}")
    return text == "1"


# Most of this is not known of the real service.
OPTIONS = (
    Option("--contract", "an OpenAPI 3.1 file whose operations to answer (default: PacerPro's)", "FILE", Path),
    Option("--secret", "the key that signs tokens, at least 32 bytes (default: random)", "KEY"),
    Option("--token-life", "how long a token is valid (default: {})", "SECONDS", int, 3600),
    Option("--max-body", "the largest body that is read (default: {})", "BYTES", int, 64 * 1024),
    Option("--body-timeout", "how long a body may take to arrive on a socket (default: {})", "SECONDS", float, 10.0),
    Option("--login-limit", "log-ins a minute, beyond which they get 429 (default: no limit)", "NUMBER", int),
    Option("--lockout-after", "wrong passwords in a row that lock an account: 401 (default: never)", "NUMBER", int),
    Option("--lockout-seconds", "how long it stays locked (default: {})", "SECONDS", int, 900),
    Option("--request-id-header", "a header that gives each response an id (default: none)", "NAME"),
    Option("--strict-slashes", "answer 404 to a path with a slash too many", kind=switch, default=False),
    Option("--gateway", "answer unknown paths and methods as an API gateway does", kind=switch, default=False),
    Option("--cors", "an origin whose pages may call the mock, or *; can be repeated", "ORIGIN", str, (), ","),
    Option("--control-token", "obey requests under /_mock/ that carry this token (default: off)", "TOKEN"),
)
DEFAULTS = {option.name: option.default for option in OPTIONS}


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


def checked(settings: Settings) -> SimpleNamespace:
    """The settings with their defaults. Raises `ValueError` for a value that cannot be, without repeating it."""
    if unknown := settings.keys() - DEFAULTS.keys():
        raise TypeError(f"there is no setting {min(unknown)!r}")
    chosen = SimpleNamespace(**{**DEFAULTS, **settings})
    life, token, cors = chosen.token_life, chosen.control_token, chosen.cors
    header, timeout, failures = chosen.request_id_header, chosen.body_timeout, chosen.lockout_after
    for right, words in (
        (
            is_whole(life, 1) and life <= LONGEST_TOKEN_LIFE,
            "token_life is a whole number of seconds, from 1 to 10 years",
        ),
        (is_whole(chosen.max_body, 1), "max_body is a whole number of bytes, at least 1"),
        (is_seconds(timeout) and timeout, "body_timeout is a number of seconds, above 0"),
        (chosen.login_limit is None or is_whole(chosen.login_limit, 1), "login_limit is a whole number, at least 1"),
        (failures is None or is_whole(failures, 1), "lockout_after is a whole number, at least 1"),
        (is_whole(chosen.lockout_seconds, 1), "lockout_seconds is a whole number, at least 1"),
        (header is None or is_header_name(header), "no header may have the name in request_id_header"),
        (not is_a(cors, str) and all(map(_ORIGIN.fullmatch, cors)), "cors takes origins, as in http://a.test, or *"),
        (token is None or _is_control_token(token), "control_token is at least 8 characters of ASCII"),
    ):
        require(right, words)
    return chosen


def _is_control_token(token: object) -> bool:
    return isinstance(token, str) and len(token) >= 8 and token.isascii() and token.isprintable()


def checked_headers(headers: Mapping[str, str] | None) -> dict[str, str]:
    """A copy of the headers. Raises `ValueError` for an invalid one, and for one that frames the body."""
    require(headers is None or is_a(headers, Mapping), "headers are values by name")
    for name, value in (headers or {}).items():
        require(is_header_name(name), f"no header can be called {name!r}")
        valid = is_a(value, str) and _HEADER_VALUE.fullmatch(value)
        require(valid, f"the header {name} has a value that no header may have: text, and no line end in it")
        # A body that is too short is `drop="body"`.
        framing = name.lower() in {"content-length", "transfer-encoding"}
        require(not framing, f"the mock itself says how long a body is: it cannot be told the header {name}")
    return dict(headers or {})


def checked_users(users: Mapping[str, str]) -> dict[str, str]:
    """A copy of the users. Raises `ValueError` if there is none, or one who could not log in."""
    require(is_a(users, Mapping), 'users are passwords by e-mail address, as in {"ada@example.com": "secret"}')
    require(users, "the mock needs a user")
    for number, (email, password) in enumerate(users.items(), start=1):
        # Neither is shown: if the two are exchanged, the first is the password.
        valid = is_a(email, str) and "@" in email and is_a(password, str) and password
        require(valid, f"not a user with an e-mail address and a password, both of them text: number {number}")
    return dict(users)


def to_bytes(value: str | bytes, what: str) -> bytes:
    """The bytes, in UTF-8; from the environment they may be any. Raises `ValueError` for anything else."""
    require(is_a(value, str, bytes), f"{what} is text or bytes")
    try:
        return value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
    except UnicodeEncodeError:  # It would keep the text.
        raise ValueError(f"{what} has half a character in it, which UTF-8 cannot hold") from None
