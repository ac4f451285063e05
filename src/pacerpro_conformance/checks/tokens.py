"""Tokens: the server issues JSON Web Tokens as the contract describes them."""

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pacerpro_conformance.findings import Leeway, Level, check
from pacerpro_conformance.probe import Probe, Token
from pacerpro_conformance.tokens import jws

JWT = "openapi.yaml, Session.jwtToken"
EXAMPLE = f"{JWT}, examples: the published service's tokens; RFC 7519, section 4, allows others"
ROUNDED = Leeway("RFC 7519, section 2: a NumericDate may be rounded to seconds")


def _both(probe: Probe) -> Iterator[tuple[Token, jws.Parts]]:
    """A token of log-in and one of refresh, with their parts."""
    token = probe.log_in()
    yield token, probe.parts(token)
    fresh = probe.refresh(token)
    yield fresh, probe.parts(fresh)


@check(source=f"{JWT}, contentMediaType; RFC 7515, section 7.1")
def form_is_compact(probe: Probe) -> None:
    """A token is three segments of base64url without padding, joined by dots."""
    list(_both(probe))


@check(source=f"{JWT}, x-jwt")
def parts_fit_the_contract(probe: Probe) -> None:
    """A token's header and claims fit the contract's schemas."""
    schemas = {"header": probe.contract.token_header, "claims": probe.contract.token_claims}
    for part, schema in schemas.items():
        if not schema:
            probe.leave_out(f"a token's {part}", "the contract has no rules for them")
        for token, parts in _both(probe):
            for complaint in probe.contract.complaints(schema, getattr(parts, part)):
                came = f"{getattr(parts, part)}"
                probe.expect(None, f"{part} of a token that fit the contract ({complaint})", token.answer, came=came)


@check(level=Level.ADVICE, source=EXAMPLE)
def parts_are_like_the_example(probe: Probe) -> None:
    """A token's header and claims have the names and types of the contract's example, and no others."""
    example = probe.contract.example_token()
    if example is None:
        probe.leave_out("all of it", "the contract has no example of a token")
        return
    for token, parts in _both(probe):
        for part in ("header", "claims"):
            wanted: dict[str, Any] = getattr(example, part)
            value: dict[str, Any] = getattr(parts, part)
            same = value.keys() == wanted.keys()
            probe.expect(same, f"the {part} {sorted(wanted)} in a token", token.answer, came=f"{sorted(value)}")
            for name in value.keys() & wanted.keys():
                own, kind = value[name], _kind(wanted[name])
                probe.expect(_kind(own) == kind, f"{kind} in {name}", token.answer, came=f"{own!r}")


def _kind(value: Any) -> str:
    try:
        if isinstance(value, str) and str(uuid.UUID(value)) == value.lower():
            return "a UUID"
    except ValueError:
        pass
    return f"{value!r}" if isinstance(value, str) else type(value).__name__


@check(source="openapi.yaml, Session.expiresAt: the same instant as the token's exp")
def expiry_matches_exp(probe: Probe) -> None:
    """The expiry beside a token is the same instant as its exp."""
    for token, parts in _both(probe):
        exp, instant = parts.claims.get("exp"), instant_of(token)
        if not isinstance(exp, int | float):
            raise probe.failure("a number in exp", token.answer, came=f"{exp!r}")
        leeway = ROUNDED if instant is not None and abs(instant - exp) < 1 else None
        came = f"{token.expires_at} and {exp}"
        probe.expect(instant == exp, "an expiry that is the instant of exp", token.answer, came=came, leeway=leeway)


def instant_of(token: Token) -> float | None:
    """A token's expiry in seconds since 1970; None if the text is not an instant, for example without a zone."""
    try:
        moment = datetime.fromisoformat(token.expires_at)
    except ValueError:
        return None
    return moment.timestamp() if moment.tzinfo else None


@check(source="openapi.yaml, Session.expiresAt: when the token expires")
def expiry_is_in_the_future(probe: Probe) -> None:
    """A new token has not expired."""
    for token, _ in _both(probe):
        later = (instant_of(token) or 0) > token.answer.now
        probe.expect(later, "an expiry in the future", token.answer, came=token.expires_at)


@check(source="RFC 7519, section 4.1.2: sub identifies the user, and is unique")
def sub_identifies_the_user(probe: Probe) -> None:
    """All tokens of a user have the same sub, and those of another user have another."""
    subs: list[Any] = []
    for user in probe.users:
        token = probe.log_in(user)
        first, again, fresh = (_claim(probe, "sub", each) for each in (token, probe.log_in(user), probe.refresh(token)))
        probe.expect(first == again, "the same sub after each log-in of a user", came=f"{first!r} and {again!r}")
        probe.expect(first == fresh, "the same sub after refresh", came=f"{first!r} and {fresh!r}")
        subs.append(first)
    if None in subs:
        probe.leave_out("the sub", "the server's tokens have none")
    else:
        probe.expect(subs[0] != subs[1], "another sub for another user", came=f"{subs[1]!r}")


def _claim(probe: Probe, name: str, token: Token) -> Any:
    return probe.parts(token).claims.get(name)


@check(level=Level.ADVICE, source="openapi.yaml does not say it: one jti per user is one way to revoke tokens")
def jti_is_one_per_user(probe: Probe) -> None:
    """All tokens of a user have the same jti, other users have another, and log-out changes it."""
    ada, again, bob = (probe.log_in(user) for user in (probe.ada, probe.ada, probe.bob))
    tokens = [ada, again, probe.refresh(ada), bob]
    probe.log_out(ada)
    first, second, refreshed, other, later = (_claim(probe, "jti", each) for each in (*tokens, probe.log_in()))
    same = first == second == refreshed
    probe.expect(same, "the same jti in all tokens of a user", came=f"{first!r}, {second!r} and {refreshed!r}")
    probe.expect(first != other, "another jti for another user", came=f"{other!r}")
    probe.expect(first != later, "another jti after log-out", came=f"{later!r}")


@check(level=Level.ADVICE, source="no document says that one key signs all tokens", needs_secret=True)
def one_key_signs_all(probe: Probe) -> None:
    """The given secret signs the tokens of log-in and of refresh."""
    for token, _ in _both(probe):
        signed = jws.is_signed_with(token.value, probe.secret or b"")
        probe.expect(signed, "a signature that the given secret verifies", token.answer)
