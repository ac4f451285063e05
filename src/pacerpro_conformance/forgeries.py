"""How tokens are forged: each function makes some out of a live one, with words for what it did."""

import base64
import math
import string
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from . import jws
from .checks.tokens import parts_of
from .probe import Probe, Token

# What was done to a live token, and the token that came of it.
Forgery = tuple[str, str]

GUESSES = (b"", b"secret", b"password", b"changeme", b"pacerpro", b"your-256-bit-secret", b"\0" * 32)
WEEK = 7 * 86400
LAST_SECOND = 253402300799  # of the year 9999, behind which many calendars end


@dataclass(frozen=True)
class Source:
    """What a forger has: a live token and its claims, another user's claims, the server's key if we know it."""

    value: str
    claims: dict[str, Any]
    other: dict[str, Any]
    secret: bytes
    now: int
    random: Random

    @property
    def segments(self) -> tuple[str, str, str]:
        """The live token's header, claims and signature, still encoded."""
        header, claims, signature = self.value.split(".")
        return header, claims, signature


def source_of(probe: Probe, live: Token) -> Source:
    """What can be forged from. Raises StopCheckError where a token is not what can be forged at all."""
    stranger = probe.bob if live.user == probe.ada else probe.ada
    own, other = (_sound_claims(probe, token) for token in (live, probe.log_in(stranger)))
    now = int(live.answer.date.timestamp())
    return Source(live.value, own, other, probe.secret or b"", now, probe.random)


def _sound_claims(probe: Probe, token: Token) -> dict[str, Any]:
    claims = parts_of(probe, token).claims
    sound = all(isinstance(claims.get(name), kind) for name, kind in (("jti", str), ("sub", int), ("exp", int)))
    probe.require(sound, "a token with jti, sub and exp of the right types", token.answer)
    return claims


def copy_of(source: Source) -> str:
    """The same token, signed by us."""
    return jws.sign(source.claims, source.secret)


def shapes(source: Source) -> Iterator[Forgery]:
    """Tokens that are none."""
    header, claims, signature = source.segments
    yield "without its signature and the dot before it", f"{header}.{claims}"
    yield "without its header", f"{claims}.{signature}"
    yield "with a fourth segment", f"{source.value}.{signature}"
    yield "with two more, empty segments", f"{source.value}.."
    yield "with a dot in front", f".{source.value}"
    yield "with empty header and claims", f"..{signature}"
    yield "with padding behind its claims", f"{header}.{claims}{'=' * (-len(claims) % 4 or 4)}.{signature}"
    yield "with a character that is no base64url", f"{header}.{claims}!.{signature}"
    if jws.SIGNATURE.fullmatch(signature):
        yield "with stray bits behind the end of its signature", _with_stray_bits(source.value)
    yield "twice, joined by a comma", f"{source.value},{source.value}"
    yield "with a word behind it", f"{source.value} {signature}"
    yield "in double quotes", f'"{source.value}"'
    yield "with 3000 characters more behind it", f"{source.value}{'A' * 3000}"
    yield "with a letter that is not ASCII", f"{source.value}\u00e9"
    yield "replaced by the word null", "null"
    yield "replaced by the word undefined", "undefined"
    yield "replaced by two dots", ".."
    yield "replaced by its jti", str(source.claims.get("jti"))
    for name, value in (("an array", [source.claims]), ("a string", "x"), ("no JSON", b"{"), ("no UTF-8", b"\xff")):
        yield f"whose claims are {name}", f"{header}.{jws.encode(value)}.{signature}"
        yield f"whose header is {name}", f"{jws.encode(value)}.{claims}.{signature}"
    yield "whose claims are 1000 arrays deep", f"{header}.{jws.encode(b'[' * 1000)}.{signature}"


def _with_stray_bits(token: str) -> str:
    """The same bytes in another spelling: the last letter has bits to spare (RFC 4648, section 3.5)."""
    letters = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
    return token[:-1] + letters[letters.index(token[-1]) ^ 1]


def algorithms(source: Source) -> Iterator[Forgery]:
    """Tokens that say how they want to be checked."""
    _, claims, signature = source.segments
    for alg in ("none", "None", "NONE", "nOnE", "", None, 0, ["HS256"]):
        header = jws.encode({**jws.HEADER, "alg": alg})
        yield f"with alg {alg!r} and no signature", f"{header}.{claims}."
        yield f"with alg {alg!r} and its old signature", f"{header}.{claims}.{signature}"
    for name in ("HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA"):
        yield (
            f"with alg {name} and its old signature",
            f"{jws.encode({**jws.HEADER, 'alg': name})}.{claims}.{signature}",
        )
        yield f"with alg {name} and no signature", f"{jws.encode({**jws.HEADER, 'alg': name})}.{claims}."
    yield "without alg, and without a signature", f"{jws.encode({'typ': 'JWT'})}.{claims}."


def keys(source: Source) -> Iterator[Forgery]:
    """Tokens that the server's key has not signed."""
    header, claims, signature = source.segments
    raw = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    yield "without its signature", f"{header}.{claims}."
    for position in (0, len(raw) // 2, len(raw) - 1):
        changed = bytes(byte ^ (1 if at == position else 0) for at, byte in enumerate(raw))
        yield f"with one bit of its signature changed, in byte {position}", f"{header}.{claims}.{jws.encode(changed)}"
    yield "with half of its signature", f"{header}.{claims}.{jws.encode(raw[: len(raw) // 2])}"
    yield "with one byte behind its signature", f"{header}.{claims}.{jws.encode(raw + b'x')}"
    yield "with a signature of zeros", f"{header}.{claims}.{jws.encode(bytes(len(raw)))}"
    yield "with a hash in place of the signature", jws.sign(source.claims, b"").rpartition(".")[0] + "." + claims
    for key in GUESSES:
        yield f"signed with the key {key!r}", jws.sign(source.claims, key)
    own = source.claims
    for name, value in (("sub", int(own["sub"]) + 1), ("exp", int(own["exp"]) + WEEK), ("scp", "admin")):
        yield f"with another {name} and its old signature", f"{header}.{jws.encode({**own, name: value})}.{signature}"


def headers(source: Source) -> Iterator[Forgery]:
    """Tokens signed with a key that their own header brings or points to."""
    claims, key = source.claims, source.random.randbytes(32)
    jwk = {"kty": "oct", "alg": "HS256", "k": jws.encode(key)}
    home = "http://127.0.0.1:9/keys"
    for name, value in (("jwk", jwk), ("jku", home), ("x5u", home), ("x5c", [base64.b64encode(key).decode()])):
        yield f"signed with the key of its own {name}", jws.sign(claims, key, {**jws.HEADER, name: value})
    for kid, used in (
        ("../../../../dev/null", b""),
        ("/dev/null", b""),
        ("' UNION SELECT 'key' -- ", b"key"),
        ("| echo key", b"key"),
        (jws.encode(key), key),
    ):
        yield f"with kid {kid!r}, signed accordingly", jws.sign(claims, used, {**jws.HEADER, "kid": kid})
    yield "that says b64 is false, signed with an empty key", jws.sign(claims, b"", {**jws.HEADER, "b64": False})


def signed_headers(source: Source) -> Iterator[Forgery]:
    """Tokens that the right key has signed, under a header that this service does not write."""
    claims, secret = source.claims, source.secret
    for name, digest in (("HS384", "sha384"), ("HS512", "sha512")):
        yield f"signed with the right key and {name}", jws.sign(claims, secret, {**jws.HEADER, "alg": name}, digest)
    for alg in ("hs256", "none", "HS512", None):
        yield f"with alg {alg!r}, signed with HS256", jws.sign(claims, secret, {**jws.HEADER, "alg": alg})
    yield "without alg, signed with HS256", jws.sign(claims, secret, {"typ": "JWT"})
    yield "without typ, signed with HS256", jws.sign(claims, secret, {"alg": "HS256"})
    yield "with a header field that this service does not write", jws.sign(claims, secret, {**jws.HEADER, "cty": "x"})
    critical = {**jws.HEADER, "crit": ["exp"], "exp": 0}
    yield "with a critical header field (RFC 7515, section 4.1.11)", jws.sign(claims, secret, critical)
    yield (
        "with typ secevent+jwt (RFC 8725, section 3.11)",
        jws.sign(claims, secret, {**jws.HEADER, "typ": "secevent+jwt"}),
    )


def claim_sets(source: Source) -> Iterator[Forgery]:
    """Signed tokens with other claims than the four."""
    claims, secret = source.claims, source.secret
    for name in claims:
        yield f"without {name}", jws.sign({key: claims[key] for key in claims if key != name}, secret)
    yield "without any claim", jws.sign({}, secret)
    yield "with nbf tomorrow (RFC 7519, section 4.1.5)", jws.sign({**claims, "nbf": claims["exp"]}, secret)
    yield "with aud (RFC 7519, section 4.1.3)", jws.sign({**claims, "aud": "another service"}, secret)
    yield "with a claim that this service does not write", jws.sign({**claims, "admin": True}, secret)


def mistyped(source: Source) -> Iterator[Forgery]:
    """Signed tokens with a claim of another type."""
    claims, secret = source.claims, source.secret
    sub, exp = claims["sub"], claims["exp"]
    wrong: dict[str, tuple[Any, ...]] = {
        "jti": (None, 0, True, "", [claims["jti"]], {"jti": claims["jti"]}, f"{claims['jti']} "),
        "sub": (None, str(sub), float(sub), sub + 0.5, True, [sub], {"id": sub}, ""),
        "exp": (None, str(exp), float(exp), exp + 0.5, True, [exp], {"exp": exp}, math.inf, math.nan),
        "scp": (None, 1, True, "", "admin", "User", "user ", ["user"], {"user": True}),
    }
    for name, values in wrong.items():
        for value in values:
            yield f"with {name} {value!r:.40}", jws.sign({**claims, name: value}, secret)


def out_of_range(source: Source) -> Iterator[Forgery]:
    """Signed tokens whose claims are well formed and not true."""
    claims, secret = source.claims, source.secret
    now = source.now
    for exp, name in (
        # First, while the second lasts in which a second of leeway would do.
        (now, "of this second (RFC 7519, section 4.1.4)"),
        (now - 1, "a second ago"),
        (now - 60, "a minute ago"),
        (now - WEEK, "a week ago"),
        (0, "in 1970"),
        (-1, "in 1969"),
        (-(10**20), "before all time"),
        (LAST_SECOND + 1, "in the year 10000"),
        (10**20, "after all time"),
    ):
        yield f"with exp {name}", jws.sign({**claims, "exp": exp}, secret)
    for sub, name in (
        (0, "0"),
        (-1, "-1"),
        (2**31, "2**31"),
        (10**20, "10**20"),
        (source.other["sub"], "of another user"),
    ):
        yield f"with sub {name}", jws.sign({**claims, "sub": sub}, secret)
    random_jti = str(uuid.UUID(bytes=source.random.randbytes(16), version=4))
    for jti, name in (
        (random_jti, "of nobody"),
        (source.other["jti"], "of another user"),
        (str(uuid.UUID(int=0)), "nil"),
        # RFC 7519, section 4.1.7; a column of UUIDs in a database knows no case.
        (claims["jti"].swapcase(), "in the other case"),
    ):
        if jti != claims["jti"]:
            yield f"with jti {name}", jws.sign({**claims, "jti": jti}, secret)
