"""Faults by which tokens with other claims are taken, which the right key has signed."""

import json
from dataclasses import replace

from pacerpro_mock.service import strict_json, tokens
from pacerpro_mock.service.authentication import Service
from pacerpro_mock.service.tokens import InvalidToken

from . import advised_by, found_by

read_claims, check_jti = tokens.read_claims, Service._check_jti


def read_with(change):
    """Read a token's claims after a change that makes bad ones good."""
    tokens.read_claims = lambda payload: read_claims(change(dict(payload)))


@advised_by("forged.with_other_claims")
def tokens_without_exp_are_taken():
    """A token without exp never expires."""
    default("exp", 200_000_000_000)


@advised_by("forged.with_other_claims")
def tokens_without_jti_are_taken():
    """A token without jti cannot be revoked."""
    default("jti", "")
    Service._check_jti = unless(lambda claims: claims.jti == "")


@advised_by("forged.with_other_claims")
def tokens_without_sub_are_taken():
    """A token without sub is the first user's."""
    default("sub", 1)


@advised_by("forged.with_other_claims")
def tokens_without_scp_are_taken():
    """A token without scp may do anything."""
    default("scp", "user")


@advised_by("forged.with_other_claims")
def further_claims_are_taken():
    """A token may have any further claim, nbf and aud among them."""
    read_with(lambda claims: {name: claims[name] for name in claims if name in tokens.CLAIM_NAMES})


def default(name, value):
    read_with(lambda claims: {name: value, **claims} if len(claims) == 3 else claims)


def unless(condition):
    return lambda self, claims, account: None if condition(claims) else check_jti(self, claims, account)


@advised_by("forged.with_other_claims")
def exp_as_text_is_taken():
    """An exp in a string is read as a number."""
    read_with(lambda claims: {**claims, "exp": int(claims["exp"])} if isinstance(claims.get("exp"), str) else claims)


@advised_by("forged.with_other_claims")
def exp_with_a_fraction_is_taken():
    """An exp with a fraction, or without end, is taken."""

    def whole(claims):
        exp = claims.get("exp")
        endless = 200_000_000_000
        return {**claims, "exp": int(exp) if exp < endless else endless} if isinstance(exp, float) else claims

    read_with(whole)
    strict_json._DECODER = json.JSONDecoder(object_pairs_hook=strict_json._unambiguous)


@advised_by("forged.with_other_claims")
def sub_as_text_is_taken():
    """A sub in a string is read as a number."""
    read_with(lambda claims: {**claims, "sub": int(claims["sub"])} if f"{claims.get('sub')}".isdecimal() else claims)


@advised_by("forged.with_other_claims")
def true_is_a_user():
    """A sub of true is read as user 1."""
    read_with(lambda claims: {**claims, "sub": 1} if claims.get("sub") is True else claims)


@advised_by("forged.with_other_claims")
def any_scope_will_do():
    """A token of any scope is taken."""
    read_with(lambda claims: {**claims, "scp": "user"} if isinstance(claims.get("scp"), str) else claims)


@advised_by("forged.with_other_claims")
def mistyped_jti_is_500():
    """A jti of another type makes the server fail."""

    def careless(payload):
        if not isinstance(payload.get("jti"), (str, type(None))):
            raise TypeError
        return read_claims(payload)

    tokens.read_claims = careless


@found_by("logout.ends_every_token")
def jti_not_compared():
    """The jti is not checked, so no token is ever revoked."""
    Service._check_jti = lambda _self, _claims, _account: None


@advised_by("forged.with_untrue_claims")
def any_users_jti_will_do():
    """A token with the jti of another user is taken."""

    def of_anybody(self, claims, account):
        if claims.jti not in {each.jti for each in self._accounts.values()}:
            raise InvalidToken

    Service._check_jti = of_anybody


@advised_by("forged.with_untrue_claims")
def nil_jti_is_a_master_key():
    """A token with the nil UUID for a jti is taken."""
    Service._check_jti = unless(lambda claims: claims.jti == "00000000-0000-0000-0000-000000000000")


@advised_by("forged.with_untrue_claims")
def unknown_sub_is_500():
    """A sub that no user has makes the server fail."""

    def find(self, claims):
        return next(each for each in self._accounts.values() if each.user_id == claims.sub)

    def careless(self, claims):
        try:
            return find(self, claims)
        except StopIteration:
            raise LookupError from None

    Service._account_of = careless


@advised_by("forged.with_untrue_claims")
def exp_without_end_is_taken():
    """An exp beyond all calendars is taken."""
    tokens.LATEST_EXPIRY = 10**30


@advised_by("forged.with_untrue_claims")
def exp_is_read_without_its_sign():
    """An exp before 1970 is read as one after it, and so is far in the future."""
    read_with(lambda claims: {**claims, "exp": -claims["exp"]} if f"{claims.get('exp')}" == "-1" else claims)
    check = tokens.check_unexpired
    tokens.check_unexpired = lambda claims, now: None if claims.exp == 1 else check(claims, now)


@advised_by("forged.with_untrue_claims")
def a_second_of_leeway():
    """A token lives a second longer than it says."""
    old = tokens.check_unexpired
    tokens.check_unexpired = lambda claims, now: old(claims, now - 1)


@advised_by("forged.with_untrue_claims")
def jti_in_any_case():
    """A jti is compared without regard to case, as a column of UUIDs does."""
    Service._check_jti = lambda self, claims, account: check_jti(self, replace(claims, jti=claims.jti.lower()), account)


@advised_by("forged.with_another_header")
def further_header_fields_are_taken():
    """A header may have any further field that it does not call critical."""

    def lenient(header):
        if "crit" in header or {name: header.get(name) for name in tokens.HEADER} != tokens.HEADER:
            raise InvalidToken("another type or algorithm")

    tokens.check_header = lenient


@advised_by("forged.with_another_header")
def typ_is_not_needed():
    """A header without typ is accepted."""
    old = tokens.check_header
    tokens.check_header = lambda header: old({"typ": "JWT", **header})
