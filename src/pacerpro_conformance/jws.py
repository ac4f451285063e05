"""Tokens taken apart and put together by hand (RFC 7515, section 3.1), the malformed ones too."""

import base64
import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from typing import Any

HEADER = {"typ": "JWT", "alg": "HS256"}
SIGNATURE = re.compile(r"[\w-]{43}", re.ASCII)


class NotATokenError(ValueError):
    """The text is no JSON Web Token in three segments of base64url."""


@dataclass(frozen=True)
class Parts:
    """A token's header and claims, and the signature as it was sent."""

    header: dict[str, Any]
    claims: dict[str, Any]
    signature: str


def read(token: str) -> Parts:
    """Take a token apart. The signature is not looked at. Raises NotATokenError."""
    segments = token.split(".")
    if len(segments) != 3:
        raise NotATokenError(f"{len(segments)} segments")
    header, claims = _read_object(segments[0]), _read_object(segments[1])
    return Parts(header, claims, segments[2])


def has_form(token: str) -> bool:
    """Whether this looks like a token of the service: its header, and a signature as long as HMAC-SHA-256 makes it."""
    try:
        parts = read(token)
    except NotATokenError:
        return False
    return parts.header == HEADER and SIGNATURE.fullmatch(parts.signature) is not None


def _read_object(segment: str) -> dict[str, Any]:
    try:
        value = json.loads(base64.b64decode(segment + "=" * (-len(segment) % 4), b"-_", validate=True))
    except ValueError as error:
        raise NotATokenError("a segment is no JSON in base64url") from error
    if not isinstance(value, dict) or "=" in segment:
        raise NotATokenError("a segment is no JSON object in base64url without padding")
    return value


def encode(value: Any) -> str:
    """A segment: bytes as they are, anything else as JSON."""
    data = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sign(claims: Any, key: bytes, header: Any = None, digest: str = "sha256") -> str:
    """A token with an HMAC signature, whatever its header says; by default the header that the service writes."""
    signed = f"{encode(HEADER if header is None else header)}.{encode(claims)}"
    return f"{signed}.{encode(hmac.new(key, signed.encode(), digest).digest())}"


def is_signed_with(token: str, key: bytes) -> bool:
    """Whether the token's signature is HMAC-SHA-256 with this key."""
    signed, _, signature = token.rpartition(".")
    return hmac.compare_digest(encode(hmac.new(key, signed.encode(), hashlib.sha256).digest()), signature)
