"""Signed tokens: how one is made, and everything that is checked on one before anything else is known of it."""

import base64
import binascii
import hmac
import json
import re
from dataclasses import dataclass
from typing import Any, NamedTuple

from pacerpro_mock.service import strict_json
from pacerpro_mock.settings import require

ALGORITHM = "HS256"
DIGEST = "sha256"
HEADER = {"typ": "JWT", "alg": ALGORITHM}
SCOPE = "user"
CLAIM_NAMES = frozenset({"jti", "sub", "exp", "scp"})
# RFC 7518, section 3.2: a key of the size of the hash output or larger.
MINIMUM_KEY_BYTES = 32
# One second before the last that `datetime` can hold: a refreshed token still expires later.
LATEST_EXPIRY = 253_402_300_798

_SHAPE = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
_to_json = json.JSONEncoder(separators=(",", ":")).encode


class InvalidToken(Exception):
    """The token is malformed, forged, expired or revoked; `str()` says which."""


@dataclass(frozen=True)
class Claims:
    """What a token says: the user's current `jti`, the user's id, and the second at which it expires."""

    jti: str
    sub: int
    exp: int


class Segments(NamedTuple):
    """The three parts of a compact JWS (RFC 7515, section 3.1), still encoded."""

    header: str
    payload: str
    signature: str


class Signer:
    """Makes and checks the tokens of one key. Raises `ValueError` if the key is too short."""

    def __init__(self, secret: bytes) -> None:
        short = f"the secret is too short: {ALGORITHM} takes at least {MINIMUM_KEY_BYTES} bytes"
        require(len(secret) >= MINIMUM_KEY_BYTES, short)
        self._key = secret
        self._header = encode_segment(_to_json(HEADER).encode())

    def sign(self, claims: Claims) -> str:
        """The token that carries these claims."""
        signed = f"{self._header}.{encode_segment(_to_json(payload_of(claims)).encode())}"
        return f"{signed}.{encode_segment(self._signature(signed))}"

    def read(self, token: str, now: float) -> Claims:
        """The claims of a token that this key has signed and that has not expired at `now`. Raises `InvalidToken`."""
        segments = split(token)
        if segments.header != self._header:
            check_header(read_object(segments.header))
        self.check_signature(segments)
        claims = read_claims(read_object(segments.payload))
        check_unexpired(claims, now)
        return claims

    def check_signature(self, segments: Segments) -> None:
        """Raise `InvalidToken` unless this key has signed the two segments."""
        signature = self._signature(f"{segments.header}.{segments.payload}")
        if not hmac.compare_digest(signature, decode_segment(segments.signature)):
            raise InvalidToken("the signature is not of this key")

    def _signature(self, signed: str) -> bytes:
        return hmac.digest(self._key, signed.encode("ascii"), DIGEST)


def payload_of(claims: Claims) -> dict[str, Any]:
    """The claims set (RFC 7519, section 4)."""
    return {**vars(claims), "scp": SCOPE}


def split(token: str) -> Segments:
    """The token's three parts. Raises `InvalidToken` unless there are three, all of base64url."""
    found = _SHAPE.fullmatch(token)
    if found is None:
        raise InvalidToken("not three segments of base64url")
    return Segments(*found.groups())


def encode_segment(data: bytes) -> str:
    """The bytes in base64url, without padding (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode_segment(segment: str) -> bytes:
    """The segment's bytes. Only the one canonical spelling is taken, so that no token has a twin."""
    try:
        data = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except binascii.Error:
        raise InvalidToken("a segment is not base64url") from None
    if encode_segment(data) != segment:
        raise InvalidToken("a segment has stray bits behind its end")
    return data


def read_object(segment: str) -> dict[str, Any]:
    """The JSON object in a segment. Raises `InvalidToken`."""
    try:
        value = strict_json.parse(decode_segment(segment))
    except strict_json.NotJson:
        raise InvalidToken("a segment is not JSON") from None
    if not strict_json.is_object(value):
        raise InvalidToken("a segment is not a JSON object")
    return value


def check_header(header: dict[str, Any]) -> None:
    """Exactly the header that the service writes: no other algorithm, no `crit`, `kid` or `jku`."""
    if header != HEADER:
        raise InvalidToken("another header than the service writes")


def read_claims(payload: dict[str, Any]) -> Claims:
    """The claims, if they are exactly the four and of the right types. Raises `InvalidToken`."""
    if payload.keys() != CLAIM_NAMES:
        raise InvalidToken("a claim is missing, or there is one too many")
    jti, sub, exp = payload["jti"], payload["sub"], payload["exp"]
    # JSON's `true` is an `int` for Python, and `1.0` equals one; neither is a user id.
    if not isinstance(jti, str) or type(sub) is not int or type(exp) is not int:
        raise InvalidToken("jti is a string, sub and exp are integers")
    if payload["scp"] != SCOPE:
        raise InvalidToken("another scope")
    return Claims(jti, sub, exp)


def check_unexpired(claims: Claims, now: float) -> None:
    """RFC 7519, section 4.1.4: the present has to be before `exp`. No leeway: the service promises none."""
    if not now < claims.exp <= LATEST_EXPIRY:
        raise InvalidToken("expired")
