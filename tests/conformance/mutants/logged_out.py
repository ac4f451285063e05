"""Faults of log-out."""

import threading

from pacerpro_mock.http import answers
from pacerpro_mock.http.messages import Answer
from pacerpro_mock.service.authentication import Account, Service, WrongCredentials
from pacerpro_mock.service.tokens import InvalidToken

from . import advised_by, found_by

refresh, log_out, log_in, authenticate, renew_jti = (
    Service.refresh,
    Service.log_out,
    Service.log_in,
    Service._authenticate,
    Account.renew_jti,
)


def give_each_token_its_own_expiry():
    """Otherwise two tokens of a user in the same second are the same."""
    issue, latest = Service._issue, [0]

    def later(self, account, expiry):
        latest[0] = max(latest[0] + 1, expiry)
        return issue(self, account, latest[0])

    Service._issue = later


@found_by("logout.ends_every_token")
def log_out_does_nothing():
    """Log-out answers 200 and ends nothing."""
    Account.renew_jti = lambda _account: None


@found_by("logout.ends_every_token")
def log_out_ends_one_token():
    """Log-out ends only the token that was sent."""
    give_each_token_its_own_expiry()
    ended = set()

    def check(self, token):
        if token in ended:
            raise InvalidToken("logged out")
        return authenticate(self, token)

    def of_one(self, token):
        _, account = self._authenticate(token)
        ended.add(token)
        return account.email

    Service._authenticate = check
    Service.log_out = of_one


@found_by("logout.ends_every_token")
def log_out_spares_refreshed_tokens():
    """Log-out ends the tokens of log-in, but not those of refresh."""
    kept = {}

    def remembering(self, token):
        session = refresh(self, token) if token not in kept else self._issue(kept[token], self._first_expiry())
        kept[session.token] = self._accounts[session.email]
        return session

    Service.refresh = remembering


@found_by("logout.ends_every_token")
def log_out_takes_a_while():
    """Log-out takes effect half a second late."""
    Account.renew_jti = lambda account: threading.Timer(0.5, renew_jti, [account]).start()


@found_by("logout.ends_every_token")
def only_the_newest_token_logs_out():
    """Log-out accepts only the token that was issued last."""
    newest = {}
    issue = Service._issue

    def remembering(self, account, expiry):
        session = issue(self, account, expiry)
        newest[account.email] = session.token
        return session

    def of_the_newest(self, token):
        if token not in newest.values():
            raise InvalidToken("not the newest")
        return log_out(self, token)

    Service._issue = remembering
    Service.log_out = of_the_newest


@found_by("logout.ends_every_token")
def log_out_ends_everybody():
    """Log-out ends the tokens of all users."""

    def of_all(self, token):
        email = log_out(self, token)
        self.reset()
        return email

    Service.log_out = of_all


@advised_by("tokens.jti_is_one_per_user")
def log_out_keeps_the_jti():
    """Log-out ends tokens by the time of their issue, and the user's jti stays."""
    give_each_token_its_own_expiry()
    ended, issued = {}, {}
    issue = Service._issue

    def numbered(self, account, expiry):
        session = issue(self, account, expiry)
        issued[session.token] = len(issued)
        return session

    def check(self, token):
        claims, account = authenticate(self, token)
        if issued.get(token, 0) < ended.get(account.email, 0):
            raise InvalidToken("issued before log-out")
        return claims, account

    def by_time(self, token):
        _, account = self._authenticate(token)
        ended[account.email] = len(issued)
        return account.email

    Service._issue, Service._authenticate, Service.log_out = numbered, check, by_time


@found_by("logout.is_final")
def log_in_revives_old_tokens():
    """The jti that log-out removed returns with the second log-in after it."""
    past = {}

    def renew(account):
        jtis = past.setdefault(account.email, [account.jti])
        if len(jtis) < 2:
            renew_jti(account)
            jtis.append(account.jti)
        else:
            account.jti = jtis[(jtis.index(account.jti) + 1) % 2]

    Account.renew_jti = renew


@found_by("logout.is_final")
def log_out_ends_the_account():
    """After log-out the user cannot log in again."""
    gone = set()

    def locked(self, email, password):
        if isinstance(email, str) and email in gone:
            raise WrongCredentials
        return log_in(self, email, password)

    def locking(self, token):
        email = log_out(self, token)
        gone.add(email)
        return email

    Service.log_in, Service.log_out = locked, locking


@found_by("logout.ends_every_token")
def log_out_twice():
    """A second log-out with the same token is answered 200."""
    seen = {}

    def lenient(self, token):
        email = seen.get(token) or log_out(self, token)
        seen[token] = email
        return email

    Service.log_out = lenient


@found_by("logout.is_final")
def a_dead_token_logs_out_again():
    """A second log-out with an ended token is refused, but ends the new session."""
    seen = {}

    def eager(self, token):
        if token in seen:
            self.revoke(seen[token])
        seen[token] = email = log_out(self, token)
        return email

    Service.log_out = eager


@found_by("answers.status")
def log_out_answers_204():
    """Log-out is answered 204, without a body."""
    answers.logged_out = lambda email: Answer(204, b"", user=email)


@found_by("answers.schema")
def log_out_says_something():
    """Log-out is answered with a message."""
    answers.logged_out = lambda email: answers.json_answer(200, {"message": "Goodbye"}, email)
