"""Faults that show only after a while, or with many callers."""

import itertools
import time

from pacerpro_mock.http import answers
from pacerpro_mock.http.api import Api
from pacerpro_mock.service.authentication import Account, Service
from pacerpro_mock.service.tokens import InvalidToken

from . import found_by

refresh, authenticate, renew_jti = Service.refresh, Service._authenticate, Account.renew_jti


@found_by("soak.first_token_outlives_many_more")
def a_hundred_tokens_at_most():
    """Only the last hundred tokens of a user live."""
    issued = []
    issue = Service._issue

    def counted(self, account, expiry):
        session = issue(self, account, expiry + len(issued) % 500)
        issued.append(session.token)
        return session

    def check(self, token):
        if token not in issued[-100:]:
            raise InvalidToken("too old")
        return authenticate(self, token)

    Service._issue, Service._authenticate = counted, check


@found_by("logout.is_final")
def ten_jtis_in_turn():
    """A user's jti is one of ten, so that the eleventh session revives the first."""
    rings = {}

    def renew(account):
        ring = rings.setdefault(account.email, [])
        if len(ring) < 10:
            renew_jti(account)
            ring.append(account.jti)
        else:
            account.jti = ring[(ring.index(account.jti) + 1) % 10]

    Account.renew_jti = renew


@found_by("soak.callers_do_not_disturb_each_other")
def callers_mixed_up():
    """Under load, an answer to refresh goes to another caller."""
    last = {}

    def hasty(self, token):
        session = refresh(self, token)
        now = time.monotonic()
        recent = [one for when, one in last.values() if now - when < 0.01 and one.email != session.email]
        last[session.email] = (now, session)
        return recent[0] if len(last) > 1 and recent else session

    Service.refresh = hasty


@found_by("soak.first_token_outlives_many_more")
def fails_now_and_then():
    """Every two-hundredth refresh fails."""
    numbers = itertools.count(1)

    def brittle(self, token):
        return answers.error(500, "Internal Server Error") if next(numbers) % 200 == 0 else answer_refresh(self, token)

    answer_refresh = Api.refresh
    Api.refresh = brittle
