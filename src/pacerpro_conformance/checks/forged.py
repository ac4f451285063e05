"""Forged tokens: refresh and log-out refuse them, and a forged log-out ends nothing."""

import base64
import functools
import math
import string
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from pacerpro_conformance import jws
from pacerpro_conformance.errors import StopCheckError
from pacerpro_conformance.findings import ANY, REFUSED, Leeway, Level, check
from pacerpro_conformance.http.wire import Request
from pacerpro_conformance.probe import Probe, Token

INVALID = "openapi.yaml, responses.InvalidToken"
GUESSES = (b"", b"secret", b"password", b"changeme", b"pacerpro", b"your-256-bit-secret", b"\0" * 32)
ALGORITHMS = ("none", "None", "NONE", "nOnE", "", "HS256", "HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA")
ONE_BIT = "with one bit of its signature changed, in byte 0"
WEEK = 7 * 86400
LAST_SECOND = 253402300799  # of the year 9999, the last that many calendars know
NIL = "00000000-0000-0000-0000-000000000000"  # a jti of no user
LETTERS = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
# Some libraries raise an error of another kind for these, and the server refuses the token with 500.
REFUSED_SOMEHOW = Leeway("openapi.yaml, 5xx: the token is refused, by an error of the server", REFUSED)
# A caller who decorates a live token gains nothing that the token does not give.
DECORATED = Leeway("RFC 7515, section 5.2, and RFC 4648, sections 3.3 and 3.5: how strictly to decode is the server's")
HOLDER = Leeway("only the holder of the key can make such a token", ANY)
SMALL = Leeway('RFC 7519, section 4.1.4: a "small leeway, usually no more than a few minutes"', ANY)
# Of the second user, every third forgery will do: the question is whether this user's tokens are verified at all.
SECOND_USERS = 3


class Forger:
    """Makes requests with forged tokens, from a live token, another user's, and the server's key if it is known.

    Raises StopCheckError if the server's tokens cannot be forged at all.
    """

    def __init__(self, probe: Probe, live: Token) -> None:
        self._probe = probe
        self.value, self.segments = live.value, live.value.split(".")
        parts = probe.parts(live)
        self.header, self.claims = parts.header, parts.claims
        self.other_claims = probe.parts(probe.log_in(probe.bob if live.user == probe.ada else probe.ada)).claims
        self.now, self.random = int(time.time()), probe.random
        for name in ("sub", "jti"):
            if self.claims.get(name) is None:
                probe.leave_out(f"forging {name}", "the server's tokens have none")

    def stop_if_unverified(self) -> None:
        """End the check if the server verifies no signatures: every forgery would show the same."""
        for each in self._probe.findings:
            if each.expected == f"401: a live token {ONE_BIT}":
                self._probe.result.not_tried = f"it met the finding of {each.check} again"
                raise StopCheckError

    def forged(self, note: str, token: str, leeway: Leeway | None = None, signed_with: str = "") -> Request:
        """A request with a token that was made of the live one as the note says."""
        recipe = jws.recipe(token, self.value, signed_with)
        headers = (self._probe.bearer(token),)
        return Request(f"a live token {note}", headers, leeway=leeway, token=token, recipe=recipe)

    def signed(
        self, note: str, claims: dict[str, Any], header: dict[str, Any] | None = None, alg: str = "",
        leeway: Leeway | None = HOLDER,
    ) -> Request:  # fmt: skip
        """A request with these claims, signed with the server's key, by default with the live token's algorithm."""
        own = self.header if header is None else header
        token = jws.sign(own, claims, self._probe.secret, alg or str(self.header.get("alg")))
        return self.forged(note, token, leeway, "HMAC with $SECRET")


def _run(forge: Callable[[Forger], Iterable[Request]], probe: Probe) -> None:
    """Refresh and log-out must refuse the tokens that a function forges, for both users."""
    if probe.result.check.needs_secret:
        forger = Forger(probe, probe.log_in())
        copy = forger.signed("signed again", dict(reversed(forger.claims.items())))
        if probe.call(probe.contract.refresh, copy).status != 200:
            # Then refusals prove nothing.
            raise probe.leave_out("all of it", "the server refuses a live token that was signed again with the secret")
    for user, step in ((probe.ada, 1), (probe.bob, SECOND_USERS)):
        probe.expect_refused(lambda live: forge(Forger(probe, live)), user, step)


forging = functools.partial(check, "forged", runner=_run)
with_key = functools.partial(forging, level=Level.ADVICE, source=HOLDER.source, needs_secret=True)


@forging(source=f"{INVALID}; RFC 7515, section 5.2: the signature must be verified")
def invalid_signatures(forger: Forger) -> Iterator[Request]:
    """A token with an altered signature, altered claims or another key's signature is refused."""
    header, claims, signature = forger.segments
    raw = jws.decode(signature)
    size = len(raw)
    yield forger.forged("without its signature", f"{header}.{claims}.")
    yield forger.forged("with its claims as the signature", f"{header}.{claims}.{claims}")
    for at in (0, size // 2, size - 1):
        changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]
        yield forger.forged(ONE_BIT.replace("0", str(at)), f"{header}.{claims}.{jws.encode(changed)}")
    yield forger.forged("with one more byte in its signature", f"{header}.{claims}.{jws.encode(raw + b'x')}")
    yield forger.forged("with a signature of zeros", f"{header}.{claims}.{jws.encode(bytes(size))}")
    for key in GUESSES:
        token = jws.sign({**forger.header, "alg": "HS256"}, forger.claims, key)
        yield forger.forged(f"signed with the key {key!r}", token, signed_with=f"HMAC-SHA256 with {key!r}")
    for name, value in ({"scp": "user"} | forger.claims).items():
        altered = value + WEEK if isinstance(value, int | float) else f"{value}0"
        token = f"{header}.{jws.encode({**forger.claims, name: altered})}.{signature}"
        yield forger.forged(f"with another {name} and its old signature", token)


@forging(source=f"{INVALID}; RFC 8725, section 3.1: verify the algorithm")
def other_algorithms(forger: Forger) -> Iterator[Request]:
    """A token that asks for no algorithm, or for another, is refused."""
    forger.stop_if_unverified()
    _, claims, signature = forger.segments
    for alg in (*ALGORITHMS, None, 0, ["HS256"]):
        if alg != forger.header.get("alg"):
            header, odd = jws.encode({**forger.header, "alg": alg}), None if isinstance(alg, str) else REFUSED_SOMEHOW
            yield forger.forged(f"with alg {alg!r} and no signature", f"{header}.{claims}.", odd)
            yield forger.forged(f"with alg {alg!r} and its old signature", f"{header}.{claims}.{signature}", odd)
    yield forger.forged("without alg, and without a signature", f"{jws.encode({'typ': 'JWT'})}.{claims}.")


@forging(source=f"{INVALID}; RFC 8725, section 3.10: do not trust received keys")
def keys_in_the_header(forger: Forger) -> Iterator[Request]:
    """A token whose header contains or names its own key is refused."""
    forger.stop_if_unverified()
    key = forger.random.randbytes(32)
    fields: list[tuple[str, Any, bytes]] = [
        ("jwk", {"kty": "oct", "alg": "HS256", "k": jws.encode(key)}, key),
        ("jku", "http://127.0.0.1:9/keys", key),
        ("x5c", [base64.b64encode(key).decode()], key),
        ("b64", False, b""),
        ("kid", jws.encode(key), key),
        ("kid", "../../../../dev/null", b""),
        ("kid", "' UNION SELECT 'key' -- ", b"key"),
    ]
    for name, value, used in fields:
        shown = "" if used == key else f" {value!r}"
        token = jws.sign({**forger.header, "alg": "HS256", name: value}, forger.claims, used)
        signed_with = f"HMAC-SHA256 with base64url({jws.encode(used)!r})"
        yield forger.forged(f"with {name}{shown} in its header, signed accordingly", token, signed_with=signed_with)


@forging(source=f"{INVALID}: a malformed token is 401")
def malformed_tokens(forger: Forger) -> Iterator[Request]:
    """Text that is not a token is refused, and so is a live token with something added to it."""
    value, (header, claims, signature) = forger.value, forger.segments
    yield forger.forged("without its signature and the dot before it", f"{header}.{claims}")
    yield forger.forged("with empty header and claims", f"..{signature}")
    yield forger.forged("with a dot before it", f".{forger.value}")
    words = {word: word for word in ("null", "undefined", "..")} | {"its jti": str(forger.claims.get("jti", "jti"))}
    for name, word in words.items():
        yield forger.forged(f"replaced by {name}", word)
    for name, other in (("an array", [forger.claims]), ("a string", "x"), ("not JSON", b"{"), ("not UTF-8", b"\xff")):
        odd = None if isinstance(other, bytes) else REFUSED_SOMEHOW
        yield forger.forged(f"whose claims are {name}", f"{header}.{jws.encode(other)}.{signature}")
        yield forger.forged(f"whose header is {name}", f"{jws.encode(other)}.{claims}.{signature}", odd)
    yield forger.forged("whose claims are 1000 nested arrays", f"{header}.{jws.encode(b'[' * 1000)}.{signature}")
    padding = "=" * (-len(claims) % 4 or 4)
    yield forger.forged("with a fourth segment", f"{value}.{signature}", DECORATED)
    yield forger.forged("with padding after its claims", f"{header}.{claims}{padding}.{signature}", DECORATED)
    yield forger.forged("with a character that is not base64url", f"{header}.{claims}!.{signature}", DECORATED)
    yield forger.forged("twice, joined by a comma", f"{value},{value}", DECORATED)
    yield forger.forged("with a word after it", f"{value} {signature}", DECORATED)
    yield forger.forged("in double quotes", f'"{value}"', DECORATED)
    yield forger.forged("with 3000 more characters", f"{value}{'A' * 3000}", DECORATED)
    yield forger.forged("with a letter that is not ASCII", f"{value}\u00e9", DECORATED)
    if len(signature) % 4 in {2, 3}:
        # The same bytes in another spelling: the last letter has unused bits (RFC 4648, section 3.5).
        last = LETTERS[LETTERS.index(value[-1]) ^ 1]
        yield forger.forged("with stray bits at the end of its signature", value[:-1] + last, DECORATED)


@forging(source=f"{INVALID}: an expired token is 401", needs_secret=True)
def with_an_expired_exp(forger: Forger) -> Iterator[Request]:
    """A token that expired an hour ago or earlier is refused: the server's own tokens become such."""
    for exp, when in ((forger.now - WEEK, "a week ago"), (forger.now - 3600, "an hour ago"), (0, "in 1970")):
        yield forger.signed(f"that expired {when}", {**forger.claims, "exp": exp}, leeway=None)


@with_key()
def with_another_header(forger: Forger) -> Iterator[Request]:
    """A signed token under another algorithm, or with other header fields, is refused."""
    header, claims, own = forger.header, forger.claims, str(forger.header.get("alg"))
    for name in sorted(jws.DIGESTS.keys() - {own}):
        yield forger.signed(f"signed with {name}", claims, {**header, "alg": name}, name)
    for alg in (own.lower(), "none", "HS512", "HS256", None):
        if alg != own:
            yield forger.signed(f"signed with {own}, while its alg is {alg!r}", claims, {**header, "alg": alg})
    yield forger.signed("without alg", claims, {"typ": "JWT"})
    yield forger.signed("with an unknown header field (RFC 7515, section 4)", claims, {**header, "cty": "x"})
    crit = {**header, "crit": ["exp"], "exp": 0}
    yield forger.signed("with a critical header field (RFC 7515, section 4.1.11)", claims, crit)
    if "typ" in header:
        yield forger.signed("without typ (optional, RFC 7519, section 5.1)", claims, {"alg": own})
        yield forger.signed("with typ secevent+jwt (RFC 8725, section 3.11)", claims, {**header, "typ": "secevent+jwt"})


@with_key()
def with_other_claims(forger: Forger) -> Iterator[Request]:
    """A signed token that lacks a claim, has one more, or one of another type, is refused."""
    claims = forger.claims
    for name in claims:
        yield forger.signed(f"without {name}", {key: claims[key] for key in claims if key != name})
    yield forger.signed("without any claim", {})
    yield forger.signed("with nbf in a week (RFC 7519, section 4.1.5)", {**claims, "nbf": forger.now + WEEK})
    yield forger.signed("with another aud (RFC 7519, section 4.1.3)", {**claims, "aud": "another service"})
    yield forger.signed("with an unknown claim (RFC 7519, section 4)", {**claims, "admin": True})
    for name, value in forger.claims.items():
        wrong: dict[str, Any] = {"null": None, "true": True, "an array": [value], "''": ""}
        if type(value) in {int, float}:
            wrong |= {"a string of it": str(value), "N.0": float(value), "N.5": int(value) + 0.5}
        if isinstance(value, str):
            wrong |= {"0": 0, "a space after it": f"{value} ", "capitals": value.upper(), "another word": "admin"}
        if name == "exp":
            wrong |= {"Infinity": math.inf, "NaN": math.nan}
        for kind, other in wrong.items():
            if (type(other), other) != (type(value), value):
                yield forger.signed(f"with {name} changed to {kind}", {**forger.claims, name: other})


@with_key()
def with_untrue_claims(forger: Forger) -> Iterator[Request]:
    """A signed token that has just expired, of no user, or of an ended session, is refused."""
    claims, now, other = forger.claims, forger.now, forger.other_claims
    # First, in the same second, because a second of leeway would accept it.
    for exp, when in ((now, "this second"), (now - 1, "a second ago"), (now - 60, "a minute ago")):
        yield forger.signed(f"with exp {when}", {**claims, "exp": exp}, leeway=SMALL)
    ends = {-1: "in 1969", -(10**20): "long ago", LAST_SECOND + 1: "in the year 10000", 10**20: "after all calendars"}
    for exp, when in ends.items():
        yield forger.signed(f"with exp {when}", {**claims, "exp": exp})
    own = claims.get("sub")
    if isinstance(own, int | str):
        subs = {0: "0", -1: "-1", 2**31: "2**31", 10**20: "10**20", other.get("sub", own): "of another user"}
        for sub, name in subs.items():
            yield forger.signed(f"with sub {name}", {**claims, "sub": str(sub) if isinstance(own, str) else sub})
    own = claims.get("jti")
    if isinstance(own, str):
        jtis = {NIL: "nil", other.get("jti", own): "of another user", own.swapcase(): "in the other case"}
        for jti, name in jtis.items():
            if jti != own:
                yield forger.signed(f"with jti {name}", {**claims, "jti": jti})
