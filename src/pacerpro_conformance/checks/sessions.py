"""Tokens and their life: what they say, and what refresh and log-out do to them, once, many times, for many callers."""

import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from typing import Any

from pacerpro_conformance import jws
from pacerpro_conformance.contract import complaints
from pacerpro_conformance.findings import Leeway, Level, check
from pacerpro_conformance.probe import ENDED, KEPT, Probe, Token
from pacerpro_conformance.server import User

REFRESH = "openapi.yaml, sessionRefresh"
DELETE = "openapi.yaml, sessionDelete, description"
REVOKED = "openapi.yaml, responses.InvalidToken: a revoked token is 401"
OTHERS = "log-out has ended the user's other tokens"
ROUNDS = 150
CALLERS = 8
JWT = "openapi.yaml, Session.jwtToken"
EXPIRY = "openapi.yaml, Session.expiresAt: when the token expires, the same instant as its exp"
ROUNDED = Leeway("RFC 7519, section 2: a NumericDate may be rounded to seconds")


@check("refresh", source=f"{REFRESH}, description: the older token stays valid until it expires")
def keeps_older_tokens(probe: Probe) -> None:
    """Refresh ends neither the token that was sent, nor another token of the user, nor one of another user."""
    token, other, bob = probe.log_in(), probe.log_in(), probe.log_in(probe.bob)
    probe.refresh(token)
    probe.expect_alive(token, KEPT)
    probe.expect_alive(other, "refresh has not ended another token of the user")
    probe.expect_alive(bob, "refresh has not ended another user's token")


@check("refresh", source=f"{REFRESH}, description: a token that is valid can be exchanged for one that expires later")
def expires_later(probe: Probe) -> None:
    """Refresh answers with another token, which expires later than the one that was sent, and again and again."""
    token = probe.log_in()
    fresh = probe.refresh(token)
    if _expiry_of(probe, fresh) == _expiry_of(probe, token):
        # An expiry counts whole seconds, so a server that adds to the present needs one to pass.
        time.sleep(1.1)
        fresh = probe.refresh(token)
    probe.expect(_expiry_of(probe, fresh) > _expiry_of(probe, token), "an expiry that is later", fresh.answer)
    for _ in range(3):
        fresh = probe.refresh(fresh)


def _expiry_of(probe: Probe, token: Token) -> float:
    """A token's expiry in seconds since 1970. Raises StopCheckError if it is not an instant, as without a zone."""
    with suppress(ValueError):
        if (moment := datetime.fromisoformat(token.expires_at)).tzinfo:
            return moment.timestamp()
    raise probe.failure("an instant as the expiry", token.answer)


@check("logout", source=f"{DELETE}: all tokens of the user end at once, and other users are not affected")
def ends_every_token(probe: Probe) -> None:
    """Log-out with any token of the user ends it, those of other log-ins, and those of refresh; no other user's."""
    for user, other_user in (probe.users, probe.users[::-1]):
        for newest_logs_out in (True, False):
            # Tokens of the same second may be the same; that of a refresh is another.
            other, older, spared = probe.log_in(user), probe.log_in(user), probe.log_in(other_user)
            newest = probe.refresh(older)
            sent, rest = (newest, older) if newest_logs_out else (older, newest)
            probe.log_out(sent)
            for each, why in ((sent, ENDED), (rest, OTHERS), (other, OTHERS)):
                probe.expect_dead(each, why)
            probe.expect_alive(spared, "log-out has not ended another user's token")


@check("logout", source=f"{DELETE}; {REVOKED}")
def is_final(probe: Probe) -> None:
    """No later session revives a token that log-out has ended, and a refused log-out ends no token."""
    for user in probe.users:
        ended: list[Token] = []
        for _ in range(ROUNDS // 6):
            token = probe.refresh(probe.log_in(user))
            for each in ended[-1:] + ended[::5]:
                probe.expect_dead(each, "an ended token while the user has a later session")
            probe.expect_alive(token, "a refused log-out has not ended a token")
            probe.log_out(token)
            ended.append(token)


@check("soak", source="openapi.yaml, Session.expiresAt: a token lives until then; sessionDelete: all tokens end")
def first_token_outlives_many_more(probe: Probe) -> None:
    """The first of many tokens of a user lives as long as the last, and log-out ends all of them."""
    first = probe.log_in()
    tokens = [probe.log_in() if number % 2 else probe.refresh(first) for number in range(ROUNDS)]
    probe.expect_alive(first, f"the first token after {ROUNDS} more")
    probe.log_out(tokens[-1])
    for token in (first, *tokens):
        probe.expect_dead(token, f"log-out has ended each of {ROUNDS + 1} tokens")


@check("soak", source=f"{REFRESH}; RFC 7519, section 4.1.2: sub identifies the user")
def callers_do_not_disturb_each_other(probe: Probe) -> None:
    """Callers at the same time get tokens of their own user."""

    def refresh_often(user: User) -> None:
        token = probe.log_in(user)
        for _ in range(ROUNDS // CALLERS):
            fresh = probe.refresh(token)
            own, other = _claims(probe, "sub", token, fresh)
            probe.expect(own == other, "a token of the same user, with other callers at the same time", fresh.answer)

    with ThreadPoolExecutor(CALLERS) as pool:
        calls = [pool.submit(refresh_often, probe.users[number % 2]) for number in range(CALLERS)]
    for call in calls:
        call.result()


def _both(probe: Probe) -> Iterator[tuple[Token, jws.Parts]]:
    """A token of log-in and one of refresh, with their parts."""
    token = probe.log_in()
    yield token, probe.parts(token)
    fresh = probe.refresh(token)
    yield fresh, probe.parts(fresh)


def _claims(probe: Probe, name: str, *tokens: Token) -> list[Any]:
    return [probe.parts(token).claims.get(name) for token in tokens]


@check("tokens", source=f"{JWT}, x-jwt and contentMediaType; RFC 7515, section 7.1")
def parts_fit_the_contract(probe: Probe) -> None:
    """A token is a header, claims and a signature in compact form, and the two fit the contract's schemas."""
    for token, parts in _both(probe):
        for part, value in parts._asdict().items():
            if part not in probe.contract.token_rules:
                probe.leave_out(f"a token's {part}", "the contract has no rules for them")
            for complaint in complaints(probe.contract.token_rules.get(part, {}), value):
                expected = f"{part} of a token that fit the contract ({complaint})"
                probe.expect(None, expected, token.answer, came=f"{value}")


@check("tokens", level=Level.ADVICE, source=f"{JWT}, examples; RFC 7519, section 4, allows others")
def parts_are_like_the_example(probe: Probe) -> None:
    """A token's header and claims have the names and types of the contract's example, and no others."""
    example = jws.read(str(probe.contract.refresh.example(200).get(probe.contract.token)))
    if example is None:
        raise probe.leave_out("all of it", "the contract has no example of a token")
    for token, parts in _both(probe):
        for part, own, wanted in zip(parts._fields, parts, example, strict=True):
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
        exp, expiry = parts.claims.get("exp"), _expiry_of(probe, token)
        if not isinstance(exp, int | float):
            raise probe.failure("a number in exp", token.answer, came=f"{exp!r}")
        leeway = ROUNDED if abs(expiry - exp) < 1 else None
        came = f"{token.expires_at} and {exp}"
        probe.expect(expiry == exp, "an expiry that is the instant of exp", token.answer, came=came, leeway=leeway)
        probe.expect(expiry > time.time(), "an expiry in the future", token.answer, came=token.expires_at)


@check("tokens", source="RFC 7519, section 4.1.2: sub identifies the user, and is unique")
def sub_identifies_the_user(probe: Probe) -> None:
    """All tokens of a user have the same sub, and those of another user have another."""
    subs: list[Any] = []
    for user in probe.users:
        token = probe.log_in(user)
        first, again, fresh = _claims(probe, "sub", token, probe.log_in(user), probe.refresh(token))
        came = f"{first!r}, {again!r} and {fresh!r}"
        probe.expect(first == again == fresh, "the same sub in all tokens of a user", came=came)
        subs.append(first)
    if None in subs:
        raise probe.leave_out("the sub", "the server's tokens have none")
    probe.expect(subs[0] != subs[1], "another sub for another user", came=f"{subs[1]!r}")


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
