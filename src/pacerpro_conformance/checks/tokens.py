"""Tokens: the server issues JSON Web Tokens as the contract describes them."""

import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

from pacerpro_conformance import jws
from pacerpro_conformance.contract import complaints
from pacerpro_conformance.findings import Leeway, Level, check
from pacerpro_conformance.probe import Probe, Token

JWT = "openapi.yaml, Session.jwtToken"
EXPIRY = "openapi.yaml, Session.expiresAt: when the token expires, the same instant as its exp"
ROUNDED = Leeway("RFC 7519, section 2: a NumericDate may be rounded to seconds")


def _both(probe: Probe) -> Iterator[tuple[Token, jws.Parts]]:
    """A token of log-in and one of refresh, with their parts."""
    token = probe.log_in()
    yield token, probe.parts(token)
    fresh = probe.refresh(token)
    yield fresh, probe.parts(fresh)


@check("tokens", source=f"{JWT}, x-jwt and contentMediaType; RFC 7515, section 7.1")
def parts_fit_the_contract(probe: Probe) -> None:
    """A token is a header, claims and a signature in compact form, and the two fit the contract's schemas."""
    for token, parts in _both(probe):
        for part, value in (("header", parts.header), ("claims", parts.claims)):
            if part not in probe.contract.token_rules:
                probe.leave_out(f"a token's {part}", "the contract has no rules for them")
            for complaint in complaints(probe.contract.token_rules.get(part, {}), value):
                expected = f"{part} of a token that fit the contract ({complaint})"
                probe.expect(None, expected, token.answer, came=f"{value}")


@check("tokens", level=Level.ADVICE, source=f"{JWT}, examples; RFC 7519, section 4, allows others")
def parts_are_like_the_example(probe: Probe) -> None:
    """A token's header and claims have the names and types of the contract's example, and no others."""
    try:
        example = jws.read(str(probe.contract.refresh.example(200).get(probe.contract.token)))
    except jws.NotATokenError as error:
        raise probe.leave_out("all of it", "the contract has no example of a token") from error
    for token, parts in _both(probe):
        pairs = {"header": (parts.header, example.header), "claims": (parts.claims, example.claims)}
        for part, (own, wanted) in pairs.items():
            same = own.keys() == wanted.keys()
            probe.expect(same, f"the {part} {sorted(wanted)} in a token", token.answer, came=f"{sorted(own)}")
            for name in own.keys() & wanted.keys():
                kind = _kind(wanted[name])
                probe.expect(_kind(own[name]) == kind, f"{kind} in {name}", token.answer, came=f"{own[name]!r}")


def _kind(value: Any) -> str:
    with suppress(ValueError):
        if isinstance(value, str) and str(uuid.UUID(value)) == value.lower():
            return "a UUID"
    return f"{value!r}" if isinstance(value, str) else type(value).__name__


@check("tokens", source=EXPIRY)
def expiry_matches_exp(probe: Probe) -> None:
    """The expiry beside a token is the same instant as its exp, and in the future."""
    for token, parts in _both(probe):
        exp, expiry = parts.claims.get("exp"), expiry_of(probe, token)
        if not isinstance(exp, int | float):
            raise probe.failure("a number in exp", token.answer, came=f"{exp!r}")
        leeway = ROUNDED if abs(expiry - exp) < 1 else None
        came = f"{token.expires_at} and {exp}"
        probe.expect(expiry == exp, "an expiry that is the instant of exp", token.answer, came=came, leeway=leeway)
        probe.expect(expiry > time.time(), "an expiry in the future", token.answer, came=token.expires_at)


def expiry_of(probe: Probe, token: Token) -> float:
    """A token's expiry in seconds since 1970. Raises StopCheckError if it is not an instant, as without a zone."""
    with suppress(ValueError):
        if (moment := datetime.fromisoformat(token.expires_at)).tzinfo:
            return moment.timestamp()
    raise probe.failure("an instant as the expiry", token.answer)


@check("tokens", source="RFC 7519, section 4.1.2: sub identifies the user, and is unique")
def sub_identifies_the_user(probe: Probe) -> None:
    """All tokens of a user have the same sub, and those of another user have another."""
    subs: list[Any] = []
    for user in probe.users:
        token = probe.log_in(user)
        first, again, fresh = _claims(probe, "sub", token, probe.log_in(user), probe.refresh(token))
        probe.expect(first == again, "the same sub after each log-in of a user", came=f"{first!r} and {again!r}")
        probe.expect(first == fresh, "the same sub after refresh", came=f"{first!r} and {fresh!r}")
        subs.append(first)
    if None in subs:
        probe.leave_out("the sub", "the server's tokens have none")
    else:
        probe.expect(subs[0] != subs[1], "another sub for another user", came=f"{subs[1]!r}")


def _claims(probe: Probe, name: str, *tokens: Token) -> list[Any]:
    return [probe.parts(token).claims.get(name) for token in tokens]


@check("tokens", level=Level.ADVICE, source="no document says it: one jti per user is one way to revoke tokens")
def jti_is_one_per_user(probe: Probe) -> None:
    """All tokens of a user have the same jti, other users have another, and log-out changes it."""
    ada, again, bob = (probe.log_in(user) for user in (probe.ada, probe.ada, probe.bob))
    tokens = [ada, again, probe.refresh(ada), bob]
    probe.log_out(ada)
    first, second, refreshed, other, later = _claims(probe, "jti", *tokens, probe.log_in())
    came = f"{first!r}, {second!r} and {refreshed!r}"
    probe.expect(first == second == refreshed, "the same jti in all tokens of a user", came=came)
    probe.expect(first != other, "another jti for another user", came=f"{other!r}")
    probe.expect(first != later, "another jti after log-out", came=f"{later!r}")


@check("tokens", level=Level.ADVICE, source="no document says that one key signs all tokens", needs_secret=True)
def one_key_signs_all(probe: Probe) -> None:
    """The given secret signs the tokens of log-in and of refresh."""
    for token, _ in _both(probe):
        signed = jws.is_signed_with(token.value, probe.secret)
        probe.expect(signed, "a signature that the given secret verifies", token.answer)
