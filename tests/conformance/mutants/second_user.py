"""Faults that do not affect the first user: a check of one user alone does not see them."""

from pacerpro_mock.service import tokens
from pacerpro_mock.service.authentication import Service
from pacerpro_mock.service.tokens import Signer

from . import found_by

log_out, read, check_unexpired = Service.log_out, Signer.read, tokens.check_unexpired
SECOND = 2


@found_by("logout.ends_every_token")
def second_users_log_out_does_nothing():
    """Log-out of a user other than the first is answered 200 and ends nothing."""

    def of_the_first(self, token):
        _, account = self._authenticate(token)
        return account.email if account.user_id == SECOND else log_out(self, token)

    Service.log_out = of_the_first


@found_by("forged.invalid_signatures")
def second_users_signature_not_checked():
    """The signature of a token of a user other than the first is not checked."""

    def careless(self, token, now):
        claims = tokens.read_claims(tokens.read_object(tokens.split(token).payload))
        if claims.sub != SECOND:
            return read(self, token, now)
        check_unexpired(claims, now)
        return claims

    Signer.read = careless


@found_by("forged.with_an_expired_exp")
def second_users_tokens_never_expire():
    """A token of a user other than the first never expires."""
    tokens.check_unexpired = lambda claims, now: None if claims.sub == SECOND else check_unexpired(claims, now)
