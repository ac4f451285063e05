"""Forged tokens: refresh and log-out refuse them, and a forged log-out ends nothing."""

import base64
import functools
import math
import string
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from pacerpro_conformance.cases import Case
from pacerpro_conformance.errors import StopCheckError
from pacerpro_conformance.findings import ANY, REFUSED, Leeway, Level, check
from pacerpro_conformance.probe import Probe, Token
from pacerpro_conformance.tokens import jws

INVALID = "openapi.yaml, responses.InvalidToken"
GUESSES = (b"", b"secret", b"password", b"changeme", b"pacerpro", b"your-256-bit-secret", b"\0" * 32)
ONE_BIT = "with one bit of its signature changed, in byte 0"
WEEK = 7 * 86400
LAST_SECOND = 253402300799  # of the year 9999, the last that many calendars know
LETTERS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
# Some libraries raise an error of another kind for these, and the server refuses the token with 500.
REFUSED_SOMEHOW = Leeway("openapi.yaml, 5xx: the token is refused, by an error of the server", REFUSED)
# Whoever decorates a live token gains nothing that the token does not give.
DECORATED = Leeway("RFC 7515, section 5.2, and RFC 4648, sections 3.3 and 3.5: how strictly to decode is the server's")
HOLDER = Leeway("only the holder of the key can make such a token", ANY)
SMALL = Leeway('RFC 7519, section 4.1.4: a "small leeway, usually no more than a few minutes"', ANY)
# Of the second user, every third forgery will do: the question is whether this user's tokens are verified at all.
SECOND_USERS = 3


@dataclass(frozen=True)
class Forgery:
    """A forged token, with what was done to a live one to make it."""

    note: str
    token: str
    leeway: Leeway | None = None
    signed_with: str = ""


@dataclass(frozen=True)
class Source:
    """What a forger has: a live token, the claims of another user's, and the server's key if it is known."""

    value: str
    header: dict[str, Any]
    claims: dict[str, Any]
    other: dict[str, Any]
    secret: bytes
    now: int
    random: Random

    def with_header(self, **changes: Any) -> dict[str, Any]:
        """The live token's header with some fields changed."""
        return {**self.header, **changes}

    def signed(self, note: str, claims: Any, header: dict[str, Any] | None = None, alg: str = "") -> Forgery:
        """A token that the server's key signed, by default with the algorithm of the live token."""
        digest = jws.DIGESTS.get(alg or str(self.header.get("alg")))
        token = jws.sign(self.header if header is None else header, claims, self.secret, digest)
        return Forgery(note, token, HOLDER, "HMAC with $SECRET")


Forge = Callable[[Source], Iterable[Forgery]]


def forging(
    *, source: str, level: Level = Level.VIOLATION, needs_secret: bool = False, if_verified: bool = False
) -> Callable[[Forge], Forge]:
    """Make a function that forges tokens a check: refresh and log-out must refuse its tokens, for both users.

    Such a check `if_verified` ends if the server verifies no signatures: every forgery would show the same.
    """

    def register(forge: Forge) -> Forge:
        @functools.wraps(forge)
        def run(probe: Probe) -> None:
            unverified = [each for each in probe.findings if each.expected == f"401: a live token {ONE_BIT}"]
            if if_verified and unverified:
                probe.consequence_of = unverified[0].check
                raise StopCheckError
            if needs_secret:
                _stop_if_copies_are_refused(probe)
            for operation in (probe.contract.refresh, probe.contract.log_out):
                probe.expect_refused(operation, lambda live: _cases(probe, forge, live))
                probe.expect_refused(operation, lambda live: _cases(probe, forge, live), probe.bob, SECOND_USERS)

        check(source=source, level=level, needs_secret=needs_secret)(run)
        return forge

    return register


def _cases(probe: Probe, forge: Forge, live: Token) -> Iterator[Case]:
    for each in forge(_source_of(probe, live)):
        recipe = jws.recipe(each.token, live.value, each.signed_with)
        headers = (probe.bearer(each.token),)
        yield Case(f"a live token {each.note}", headers, leeway=each.leeway, token=each.token, recipe=recipe)


def _source_of(probe: Probe, live: Token) -> Source:
    """What tokens are forged from. Raises StopCheckError if the server's tokens cannot be forged at all."""
    parts = probe.parts(live)
    other = probe.parts(probe.log_in(probe.bob if live.user == probe.ada else probe.ada))
    for name in ("sub", "jti"):
        if parts.claims.get(name) is None:
            probe.leave_out(f"forging {name}", "the server's tokens have none")
    secret = probe.secret or b""
    return Source(live.value, parts.header, parts.claims, other.claims, secret, int(live.answer.now), probe.random)


def _stop_if_copies_are_refused(probe: Probe) -> None:
    """End the check unless the server accepts a token that we sign: if it does not, refusals prove nothing."""
    source = _source_of(probe, probe.log_in())
    copy = jws.sign(source.header, dict(reversed(source.claims.items())), source.secret)
    case = Case("a live token, signed again", (probe.bearer(copy),), token=copy)
    if probe.call(probe.contract.refresh, case).status != 200:
        probe.leave_out("all of it", "the server refuses a live token that was signed again with the right key")
        raise StopCheckError


@forging(source=f"{INVALID}; RFC 7515, section 5.2: the signature must be verified")
def invalid_signatures(source: Source) -> Iterator[Forgery]:
    """A token with an altered signature, altered claims or another key's signature is refused."""
    header, claims, signature = source.value.split(".")
    raw, size = jws.decode(signature), len(jws.decode(signature))
    changed = {
        at: bytes(byte ^ (at == position) for position, byte in enumerate(raw)) for at in (0, size // 2, size - 1)
    }
    yield Forgery("without its signature", f"{header}.{claims}.")
    yield Forgery("with its claims as the signature", f"{header}.{claims}.{claims}")
    for note, other in (
        *((ONE_BIT.replace("0", str(position)), value) for position, value in changed.items()),
        ("with half of its signature", raw[: size // 2]),
        ("with one more byte in its signature", raw + b"x"),
        ("with a signature of zeros", bytes(size)),
    ):
        yield Forgery(note, f"{header}.{claims}.{jws.encode(other)}")
    for key in GUESSES:
        token = jws.sign(source.with_header(alg="HS256"), source.claims, key)
        yield Forgery(f"signed with the key {key!r}", token, signed_with=f"HMAC-SHA256 with {key!r}")
    for name, value in ({"scp": "user"} | source.claims).items():
        altered = value + WEEK if isinstance(value, int | float) else f"{value}0"
        token = f"{header}.{jws.encode({**source.claims, name: altered})}.{signature}"
        yield Forgery(f"with another {name} and its old signature", token)


@forging(source=f"{INVALID}; RFC 8725, section 3.1: verify the algorithm", if_verified=True)
def other_algorithms(source: Source) -> Iterator[Forgery]:
    """A token that asks for no algorithm, or for another, is refused."""
    _, claims, signature = source.value.split(".")
    words = ["none", "None", "NONE", "nOnE", "", "HS256", "HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA"]
    for alg in (*words, None, 0, ["HS256"]):
        if alg != source.header.get("alg"):
            header, odd = jws.encode(source.with_header(alg=alg)), None if isinstance(alg, str) else REFUSED_SOMEHOW
            yield Forgery(f"with alg {alg!r} and no signature", f"{header}.{claims}.", odd)
            yield Forgery(f"with alg {alg!r} and its old signature", f"{header}.{claims}.{signature}", odd)
    yield Forgery("without alg, and without a signature", f"{jws.encode({'typ': 'JWT'})}.{claims}.")


@forging(source=f"{INVALID}; RFC 8725, section 3.10: do not trust received keys", if_verified=True)
def keys_in_the_header(source: Source) -> Iterator[Forgery]:
    """A token whose header contains or names its own key is refused."""
    key = source.random.randbytes(32)
    jwk = {"kty": "oct", "alg": "HS256", "k": jws.encode(key)}
    home = "http://127.0.0.1:9/keys"
    fields: list[tuple[str, Any, bytes]] = [("jwk", jwk, key), ("jku", home, key), ("x5u", home, key)]
    fields += [("x5c", [base64.b64encode(key).decode()], key), ("b64", False, b""), ("kid", jws.encode(key), key)]
    fields += [("kid", path, b"") for path in ("../../../../dev/null", "/dev/null")]
    fields += [("kid", text, b"key") for text in ("' UNION SELECT 'key' -- ", "| echo key")]
    for number, (name, value, used) in enumerate(fields):
        shown = f"{value!r}" if used in {b"", b"key"} else f"(case {number})"
        token = jws.sign(source.with_header(alg="HS256", **{name: value}), source.claims, used)
        signed_with = f"HMAC-SHA256 with base64url({jws.encode(used)!r})"
        yield Forgery(f"with {name} {shown} in its header, signed accordingly", token, signed_with=signed_with)


@forging(source=f"{INVALID}: a malformed token is 401")
def malformed_tokens(source: Source) -> Iterator[Forgery]:
    """Text that is not a token is refused."""
    header, claims, signature = source.value.split(".")
    yield Forgery("without its signature and the dot before it", f"{header}.{claims}")
    yield Forgery("without its header", f"{claims}.{signature}")
    yield Forgery("with empty header and claims", f"..{signature}")
    yield Forgery("with a dot before it", f".{source.value}")
    for word in ("null", "undefined", "..", *([str(source.claims["jti"])] if "jti" in source.claims else [])):
        yield Forgery(f"replaced by {word if len(word) < 10 else 'its jti'}", word)
    for name, value in (("an array", [source.claims]), ("a string", "x"), ("not JSON", b"{"), ("not UTF-8", b"\xff")):
        odd = None if isinstance(value, bytes) else REFUSED_SOMEHOW
        yield Forgery(f"whose claims are {name}", f"{header}.{jws.encode(value)}.{signature}")
        yield Forgery(f"whose header is {name}", f"{jws.encode(value)}.{claims}.{signature}", odd)
    yield Forgery("whose claims are 1000 nested arrays", f"{header}.{jws.encode(b'[' * 1000)}.{signature}")


@forging(source=f"{INVALID}: a malformed token is 401")
def decorated_tokens(source: Source) -> Iterator[Forgery]:
    """A live token with something added to it is refused."""
    header, claims, signature = source.value.split(".")
    forged = {
        "with a fourth segment": f"{source.value}.{signature}",
        "with two more, empty segments": f"{source.value}..",
        "with padding after its claims": f"{header}.{claims}{'=' * (-len(claims) % 4 or 4)}.{signature}",
        "with a character that is not base64url": f"{header}.{claims}!.{signature}",
        "twice, joined by a comma": f"{source.value},{source.value}",
        "with a word after it": f"{source.value} {signature}",
        "in double quotes": f'"{source.value}"',
        "with 3000 more characters": f"{source.value}{'A' * 3000}",
        "with a letter that is not ASCII": f"{source.value}\u00e9",
    }
    if len(signature) % 4 in {2, 3}:
        # The same bytes in another spelling: the last letter has unused bits (RFC 4648, section 3.5).
        last = LETTERS[LETTERS.index(source.value[-1]) ^ 1]
        forged["with stray bits at the end of its signature"] = source.value[:-1] + last
    yield from (Forgery(note, token, DECORATED) for note, token in forged.items())


@forging(source=f"{INVALID}: an expired token is 401", needs_secret=True)
def with_an_expired_exp(source: Source) -> Iterator[Forgery]:
    """A token that expired an hour ago or earlier is refused: the server's own tokens become such."""
    for exp, when in ((source.now - WEEK, "a week ago"), (source.now - 3600, "an hour ago"), (0, "in 1970")):
        yield replace(source.signed(f"that expired {when}", {**source.claims, "exp": exp}), leeway=None)


@forging(level=Level.ADVICE, source=HOLDER.source, needs_secret=True)
def with_another_header(source: Source) -> Iterator[Forgery]:
    """A signed token under another algorithm, or with other header fields, is refused."""
    claims, own = source.claims, str(source.header.get("alg"))
    for name in sorted(jws.DIGESTS.keys() - {own}):
        yield source.signed(f"signed with {name}", claims, source.with_header(alg=name), name)
    for alg in (own.lower(), "none", "HS512", "HS256", None):
        if alg != own:
            yield source.signed(f"signed with {own}, while its alg is {alg!r}", claims, source.with_header(alg=alg))
    for note, header in (
        ("without alg", {"typ": "JWT"}),
        ("without typ (optional, RFC 7519, section 5.1)", {"alg": own}),
        ("with an unknown header field (RFC 7515, section 4)", source.with_header(cty="x")),
        ("with a critical header field (RFC 7515, section 4.1.11)", source.with_header(crit=["exp"], exp=0)),
        ("with typ secevent+jwt (RFC 8725, section 3.11)", source.with_header(typ="secevent+jwt")),
    ):
        if header != source.header:
            yield source.signed(note, claims, header)


@forging(level=Level.ADVICE, source=HOLDER.source, needs_secret=True)
def with_other_claims(source: Source) -> Iterator[Forgery]:
    """A signed token that lacks a claim, or has one more, is refused."""
    claims = source.claims
    for name in claims:
        yield source.signed(f"without {name}", {key: claims[key] for key in claims if key != name})
    yield source.signed("without any claim", {})
    yield source.signed("with nbf in a week (RFC 7519, section 4.1.5)", {**claims, "nbf": source.now + WEEK})
    yield source.signed("with another aud (RFC 7519, section 4.1.3)", {**claims, "aud": "another service"})
    yield source.signed("with an unknown claim (RFC 7519, section 4)", {**claims, "admin": True})


@forging(level=Level.ADVICE, source=HOLDER.source, needs_secret=True)
def with_mistyped_claims(source: Source) -> Iterator[Forgery]:
    """A signed token with a claim of another type is refused."""
    for name, value in source.claims.items():
        wrong: dict[str, Any] = {
            "null": None,
            "true": True,
            "an array": [value],
            "an object": {"value": value},
            "''": "",
        }
        if type(value) in {int, float}:
            wrong |= {"a string of it": str(value), "N.0": float(value), "N.5": int(value) + 0.5}
        if isinstance(value, str):
            wrong |= {"0": 0, "a space after it": f"{value} ", "capitals": value.upper(), "another word": "admin"}
        for kind, other in (wrong | ({"Infinity": math.inf, "NaN": math.nan} if name == "exp" else {})).items():
            if (type(other), other) != (type(value), value):
                yield source.signed(f"with {name} changed to {kind}", {**source.claims, name: other})


@forging(level=Level.ADVICE, source=HOLDER.source, needs_secret=True)
def with_untrue_claims(source: Source) -> Iterator[Forgery]:
    """A signed token that has just expired, of no user, or of an ended session, is refused."""
    claims, now = source.claims, source.now
    # First, in the same second, because a second of leeway would accept it.
    for exp, when in (
        (now, "this second (RFC 7519, section 4.1.4)"),
        (now - 1, "a second ago"),
        (now - 60, "a minute ago"),
    ):
        yield replace(source.signed(f"with exp {when}", {**claims, "exp": exp}), leeway=SMALL)
    ends = {-1: "in 1969", -(10**20): "before all calendars", LAST_SECOND + 1: "in the year 10000"}
    for exp, when in (*ends.items(), (10**20, "after all calendars")):
        yield source.signed(f"with exp {when}", {**claims, "exp": exp})
    own = claims.get("sub")
    if isinstance(own, int | str):
        subs: list[tuple[Any, str]] = [(each, str(each)) for each in (0, -1, 2**31, 10**20)]
        for sub, name in (*subs, (source.other.get("sub", own), "of another user")):
            yield source.signed(f"with sub {name}", {**claims, "sub": str(sub) if isinstance(own, str) else sub})
    own = claims.get("jti")
    if isinstance(own, str):
        jtis = [(str(uuid.UUID(bytes=source.random.randbytes(16), version=4)), "of nobody")]
        jtis += [(source.other.get("jti", own), "of another user"), (str(uuid.UUID(int=0)), "nil")]
        for jti, name in (*jtis, (own.swapcase(), "in the other case (RFC 7519, section 4.1.7)")):
            if jti != own:
                yield source.signed(f"with jti {name}", {**claims, "jti": jti})
