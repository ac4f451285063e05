"""Faults of the tokens that the mock issues."""

import hashlib
import hmac
import itertools
from dataclasses import replace
from datetime import timedelta

from pacerpro_mock.http import answers
from pacerpro_mock.service import authentication, tokens
from pacerpro_mock.service.authentication import Account, Service
from pacerpro_mock.service.tokens import InvalidToken, Signer

from . import advised_by, found_by

# As they are in the sound mock, for patches that change only a part.
payload_of, read_claims, iso_8601, sign, issue = (
    tokens.payload_of,
    tokens.read_claims,
    answers.iso_8601,
    Signer.sign,
    Service._issue,
)


def write_claims(change):
    tokens.payload_of = lambda claims: change(payload_of(claims))


def begin_with(renew):
    """Give an account its first jti, too, by this function."""
    begin = Account.__init__

    def renewing(self, *args, **values):
        begin(self, *args, **values)
        renew(self)

    Account.__init__, Account.renew_jti = renewing, renew


def read_anything(restore):
    """Let the mock read its own changed tokens, so that nothing else breaks."""
    tokens.read_claims = lambda payload: read_claims(restore(dict(payload)))


@advised_by("tokens.parts_are_like_the_example")
def iat_beside_the_claims():
    """Tokens carry iat as well."""
    write_claims(lambda claims: {**claims, "iat": claims["exp"] - 3600})
    read_anything(lambda claims: {name: claims[name] for name in claims if name != "iat"})


@advised_by("tokens.parts_are_like_the_example")
def no_scp():
    """Tokens lack scp."""
    write_claims(lambda claims: {name: claims[name] for name in claims if name != "scp"})
    read_anything(lambda claims: {"scp": "user", **claims})


@advised_by("tokens.parts_are_like_the_example")
def sub_as_text():
    """The sub of a token is a string, as RFC 7519 has it and this service does not."""
    write_claims(lambda claims: {**claims, "sub": str(claims["sub"])})
    read_anything(lambda claims: {**claims, "sub": int(claims["sub"])})


@advised_by("tokens.parts_are_like_the_example")
def exp_with_a_fraction():
    """The exp of a token is a number with a fraction."""
    write_claims(lambda claims: {**claims, "exp": float(claims["exp"])})
    read_anything(lambda claims: {**claims, "exp": int(claims["exp"])})


@found_by("tokens.parts_fit_the_contract")
def scp_as_a_list():
    """The scp of a token is a list."""
    write_claims(lambda claims: {**claims, "scp": [claims["scp"]]})
    read_anything(lambda claims: {**claims, "scp": claims["scp"][0] if claims["scp"] else ""})


@advised_by("tokens.parts_are_like_the_example")
def jti_that_counts():
    """The jti of a token is a counter and not a UUID."""
    numbers = itertools.count(1)

    def renew(account):
        account.jti = f"{next(numbers):08}"

    begin_with(renew)


@advised_by("tokens.parts_are_like_the_example")
def no_typ_in_the_header():
    """The header of a token lacks typ."""
    tokens.HEADER = {"alg": "HS256"}


@advised_by("tokens.parts_are_like_the_example")
def kid_in_the_header():
    """The header of a token names a key."""
    tokens.HEADER = {**tokens.HEADER, "kid": "1"}


@found_by("tokens.parts_fit_the_contract")
def signed_with_hs512():
    """Tokens are signed with HS512."""
    tokens.ALGORITHM = "HS512"
    tokens.HEADER = {"typ": "JWT", "alg": "HS512"}
    tokens.DIGEST = "sha512"


@advised_by("tokens.one_key_signs_all")
def refreshed_with_another_key():
    """Refresh signs with a key derived from the secret and not with the secret."""
    refresh, check_signature = Service.refresh, Signer.check_signature

    def other(signer):
        return Signer(hashlib.sha256(signer._key).digest())

    def refreshed(self, token):
        session = refresh(self, token)
        return replace(session, token=other(self._signer).sign(self._signer.read(session.token, self._clock.now())))

    def checked(self, segments):
        try:
            check_signature(self, segments)
        except InvalidToken:
            check_signature(other(self), segments)

    Service.refresh, Signer.check_signature = refreshed, checked


@found_by("tokens.parts_fit_the_contract")
def padding_behind_the_signature():
    """The segments of a token are base64 with padding."""
    Signer.sign = lambda self, claims: f"{sign(self, claims)}="
    split = tokens.split
    tokens.split = lambda token: split(token.removesuffix("="))


@found_by("tokens.expiry_matches_exp")
def expiry_in_local_time():
    """The expiry beside a token is local time, an hour ahead, and says that it is UTC."""
    answers.iso_8601 = lambda moment: iso_8601(moment + timedelta(hours=1))


@found_by("tokens.expiry_matches_exp")
def expiry_a_second_late():
    """The expiry beside a token is a second later than its exp."""
    answers.iso_8601 = lambda moment: iso_8601(moment + timedelta(seconds=1))


@found_by("answers.schema")
def expiry_without_a_zone():
    """The expiry beside a token has no zone."""
    answers.iso_8601 = lambda moment: iso_8601(moment).removesuffix("Z")


@found_by("tokens.expiry_matches_exp")
def born_expired():
    """Tokens of log-in have expired when they come."""
    Service._first_expiry = lambda self: int(self._clock.now()) - 5
    Service._next_expiry = lambda self, presented: presented + 1


@found_by("logout.ends_every_token")
def one_jti_for_all():
    """All users share a jti, so that a log-out ends everybody's tokens."""
    accounts = []

    def renew(account):
        fresh = str(authentication.uuid.uuid4())
        for each in accounts:
            each.jti = fresh

    begin_with(lambda account: (accounts.append(account), renew(account)))


@found_by("login.right_credentials_open_a_session")
def another_jti_for_each_log_in():
    """Each log-in gives the user a new jti, and so ends the earlier sessions."""
    log_in = Service.log_in

    def log_in_alone(self, email, password):
        log_in(self, email, password)
        self._accounts[email].renew_jti()
        return log_in(self, email, password)

    Service.log_in = log_in_alone


@found_by("tokens.sub_identifies_the_user")
def another_users_token():
    """Log-in always issues a token of the first user."""

    def issue_for_the_first(self, account, expiry):
        return issue(self, next(iter(self._accounts.values())), expiry)

    Service._issue = issue_for_the_first


@found_by("tokens.sub_identifies_the_user")
def one_sub_for_all():
    """All tokens have the sub of the first user, and are told apart by their jti."""
    write_claims(lambda claims: {**claims, "sub": 1})

    def account_of(self, claims):
        for account in self._accounts.values():
            if hmac.compare_digest(account.jti, claims.jti) and claims.sub == 1:
                return account
        raise tokens.InvalidToken("no such user")

    Service._account_of = account_of


@advised_by("answers.optional_headers")
def kept_by_caches():
    """The answer to log-in and refresh does not forbid caches to keep it."""
    session = answers.session

    def without_no_store(started):
        answer = session(started)
        kept = {name: value for name, value in answer.headers.items() if name != "cache-control"}
        return replace(answer, headers=kept)

    answers.session = without_no_store


@found_by("answers.schema")
def token_under_another_name():
    """The token is called token, and not by the contract's name."""
    rename("jwtToken", "token")


@found_by("answers.schema")
def expiry_left_out():
    """The answer to log-in and refresh lacks the expiry."""
    rename("expiresAt", None)


@found_by("answers.schema")
def expiry_in_seconds():
    """The expiry is a number of seconds since the epoch."""
    answers.iso_8601 = lambda moment: int(moment.timestamp())


def rename(name, to):
    json_answer = answers.json_answer

    def renamed(status, value, user=None):
        value = dict(value)
        if name in value:
            held = value.pop(name)
            value.update({to: held} if to else {})
        return json_answer(status, value, user)

    answers.json_answer = renamed
