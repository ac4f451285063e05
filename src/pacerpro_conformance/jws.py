"""Tokens taken apart and put together by hand (RFC 7515, section 3.1), malformed ones included."""

import base64
import hmac
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from .values import is_object, parse

# The digest of each HMAC algorithm (RFC 7518, section 3.2).
DIGESTS = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}
COMPACT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)


class Parts(NamedTuple):
    """A token's header and claims."""

    header: dict[str, Any]
    claims: dict[str, Any]


def read(token: str) -> Parts | None:
    """Take a token apart, unverified; None if it is no JSON Web Token in compact form (RFC 7515, section 7.1)."""
    if COMPACT.fullmatch(token):
        with suppress(ValueError):
            header, claims = (parse(decode(segment)) for segment in token.split(".")[:2])
            if is_object(header) and is_object(claims):
                return Parts(header, claims)
    return None


def decode(segment: str) -> bytes:
    """The bytes of a segment. Raises ValueError."""
    return base64.b64decode(segment + "=" * (-len(segment) % 4), b"-_", validate=True)


def encode(value: Any) -> str:
    """A segment: bytes as they are, anything else as JSON."""
    data = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sign(header: Mapping[str, Any], claims: Any, key: bytes, alg: str = "") -> str:
    """A token with an HMAC signature: of `alg`, or of the header's, or else of HS256."""
    signed = f"{encode(header)}.{encode(claims)}"
    digest = DIGESTS.get(alg or str(header.get("alg")), "sha256")
    return f"{signed}.{encode(hmac.digest(key, signed.encode(), digest))}"


def is_signed_with(token: str, key: bytes) -> bool:
    """Whether this key signed the token, with the HMAC that its header names."""
    signed, _, signature = token.rpartition(".")
    parts = read(token)
    digest = parts and DIGESTS.get(str(parts.header.get("alg")))
    return digest is not None and hmac.compare_digest(encode(hmac.digest(key, signed.encode(), digest)), signature)


def recipe(forged: str, live: str, signed_with: str = "") -> str:
    """How to make a forged token from a live one, segment by segment. It shows no signature."""
    if live in forged:
        return forged.replace(live, "LIVE").replace("A" * 3000, "(3000 times A)")
    own, segments = live.split("."), forged.split(".")
    words = [f"LIVE[{own.index(each)}]" if each in own else _described(each) for each in segments]
    if len(segments) == 3 and segments[2] and segments[2] not in own:
        words[2] = signed_with or "(the signature described in `with`)"
    joined = ' + "." + '.join(words)
    return f"{joined}; LIVE is a live token, split at its dots"


def _described(segment: str) -> str:
    try:
        data = decode(segment)
    except ValueError:
        return json.dumps(segment)
    return f"base64url({data!r})" if len(data) < 400 else f"base64url({data[:50]!r}...), {len(data)} bytes"
