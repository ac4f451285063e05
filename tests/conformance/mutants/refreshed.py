"""Faults of refresh."""

from pacerpro_mock.http import answers
from pacerpro_mock.http.api import Api
from pacerpro_mock.service import tokens
from pacerpro_mock.service.authentication import Service, to_datetime
from pacerpro_mock.service.tokens import InvalidToken

from . import advised_by, found_by
from .logged_out import give_each_token_its_own_expiry

refresh, authenticate = Service.refresh, Service._authenticate


@found_by("refresh.expires_later")
def the_same_token_again():
    """Refresh returns the old token."""

    def same(self, token):
        claims, account = authenticate(self, token)
        return answers.Session(token, to_datetime(claims.exp), account.email)

    Service.refresh = same


@found_by("refresh.expires_later")
def no_later_expiry():
    """Refresh issues a token that expires when the old one does."""
    Service._next_expiry = lambda self, presented: presented


@found_by("refresh.expires_later")
def an_earlier_expiry():
    """Refresh issues a token that expires a little earlier than the old one."""
    Service._next_expiry = lambda self, presented: presented - 1


@found_by("tokens.sub_identifies_the_user")
def refresh_changes_the_user():
    """Refresh issues a token of another user."""

    def of_another(self, token):
        claims, account = authenticate(self, token)
        other = next(each for each in self._accounts.values() if each is not account)
        return self._issue(other, self._next_expiry(claims.exp))

    Service.refresh = of_another


@found_by("refresh.keeps_older_tokens")
def refresh_ends_the_older_token():
    """Refresh ends the token that was sent."""
    give_each_token_its_own_expiry()
    ended = set()

    def once(self, token):
        if token in ended:
            raise InvalidToken("used")
        session = refresh(self, token)
        ended.add(token)
        return session

    Service.refresh = once


@found_by("refresh.keeps_older_tokens")
def refresh_renews_the_jti():
    """Refresh gives the user a new jti, and so ends all older tokens."""

    def renewing(self, token):
        claims, account = authenticate(self, token)
        account.renew_jti()
        return self._issue(account, self._next_expiry(claims.exp))

    Service.refresh = renewing


@found_by("refresh.expires_later")
def refreshed_tokens_cannot_be_refreshed():
    """A token that came from refresh cannot be refreshed."""
    give_each_token_its_own_expiry()
    made = set()

    def of_log_in_only(self, token):
        if token in made:
            raise InvalidToken("refreshed before")
        session = refresh(self, token)
        made.add(session.token)
        return session

    Service.refresh = of_log_in_only


@found_by("refresh.keeps_older_tokens")
def refresh_logs_the_others_out():
    """Refresh ends the tokens of all other users."""

    def alone(self, token):
        session = refresh(self, token)
        for account in self._accounts.values():
            if account.email != session.email:
                account.renew_jti()
        return session

    Service.refresh = alone


@found_by("placement.tokens_elsewhere_are_ignored")
def refresh_needs_no_token():
    """Refresh without a token answers with a session of the first user."""
    answer = Api.answer

    def trusting(self, head, body):
        if head.method == "GET" and not head.values(b"authorization"):
            account = next(iter(self.service._accounts.values()))
            return answers.session(self.service._issue(account, self.service._first_expiry()))
        return answer(self, head, body)

    Api.answer = trusting


@advised_by("answers.wording")
def a_bare_401():
    """The 401 of refresh and log-out says Unauthorized, and not what the contract's example says."""
    error = answers.error
    answers.error = lambda status, text: error(status, "Unauthorized" if "oken" in text else text)


@found_by("forged.with_an_expired_exp")
def expired_tokens_are_taken():
    """The expiry of a token is not checked."""
    tokens.check_unexpired = lambda _claims, _now: None


@advised_by("forged.with_untrue_claims")
def a_leeway_of_ten_seconds():
    """A token is accepted for ten seconds after it has expired."""
    check = tokens.check_unexpired
    tokens.check_unexpired = lambda claims, now: check(claims, now - 10)
