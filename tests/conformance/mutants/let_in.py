"""Faults of log-in: who gets in, and who does not."""

import base64
import json
from urllib.parse import unquote_plus

from pacerpro_mock.http import answers, api, asgi
from pacerpro_mock.http.api import Api
from pacerpro_mock.http.messages import Head
from pacerpro_mock.service import strict_json
from pacerpro_mock.service.authentication import Service, WrongCredentials
from pacerpro_mock.service.tokens import InvalidToken

from . import advised_by, found_by

log_in, matches, answer, digest, json_answer = (
    Service.log_in,
    Service._password_matches,
    Api.log_in,
    Service._digest,
    answers.json_answer,
)


def normalize_passwords(change):
    """Compare passwords only after a change that makes unlike ones alike."""
    Service._digest = lambda self, password: digest(self, change(password))


def before_log_in(change):
    """Change what log-in reads out of the body."""
    Service.log_in = lambda self, email, password: log_in(self, *change(self, email, password))


@found_by("login.wrong_credentials_are_refused")
def any_password_will_do():
    """A known address gets in with any password."""
    Service._password_matches = lambda self, account, password: bool(account.email)


@found_by("login.wrong_credentials_are_refused")
def any_users_password_will_do():
    """A user gets in with another user's password."""

    def matches_any(self, account, password):
        return bool(account.email) and any(matches(self, each, password) for each in self._accounts.values())

    Service._password_matches = matches_any


@found_by("login.wrong_credentials_are_refused")
def case_of_the_password_ignored():
    """A password is compared without regard to case."""
    normalize_passwords(str.casefold)


@found_by("login.wrong_credentials_are_refused")
def spaces_around_the_password_ignored():
    """White space around a password is ignored."""
    normalize_passwords(str.strip)


@found_by("login.wrong_credentials_are_refused")
def password_cut_at_nul():
    """A password is compared up to the first NUL."""
    normalize_passwords(lambda password: password.partition("\0")[0])


@found_by("login.wrong_credentials_are_refused")
def password_cut_short():
    """Only the first ten characters of a password count."""
    normalize_passwords(lambda password: password[:10])


@found_by("login.wrong_credentials_are_refused")
def password_in_a_list():
    """A password counts in a list as well."""
    before_log_in(lambda _self, email, password: (email, password[0] if isinstance(password, list) else password))


@found_by("login.wrong_credentials_are_refused")
def sql_in_the_address():
    """An address is pasted into a query."""
    before_log_in(lambda self, email, password: first_user(self) if "' OR '" in f"{email}" else (email, password))


def first_user(service):
    email, account = next(iter(service._accounts.items()))
    service._password_matches = lambda *_: True
    return email, account


@found_by("login.missing_credentials_are_refused")
def no_password_needed():
    """A user gets in with null for a password."""
    Service._password_matches = lambda self, account, password: (
        (bool(account.email) and password is None) or matches(self, account, password)
    )


@found_by("login.missing_credentials_are_refused")
def empty_password_will_do():
    """A user gets in with an empty password."""
    Service._password_matches = lambda self, account, password: (
        (bool(account.email) and password == "") or matches(self, account, password)
    )


@found_by("login.missing_credentials_are_refused")
def odd_types_are_500():
    """A password of another type makes the server fail."""

    def strict(self, account, password):
        if not isinstance(password, (str, type(None))):
            raise TypeError
        return matches(self, account, password)

    Service._password_matches = strict


@found_by("login.missing_credentials_are_refused")
def odd_types_are_400():
    """A password of another type is answered 400."""

    def typed(body):
        email, password = read(body)
        if not isinstance(password, (str, type(None))):
            raise api.NotAnObject
        return email, password

    read = api.credentials
    api.credentials = typed


@found_by("login.missing_credentials_are_refused")
def absent_credentials_are_400():
    """An empty object is answered 400, as most frameworks do."""
    read = api.credentials

    def required(body):
        email, password = read(body)
        if email is None or password is None:
            raise api.NotAnObject
        return email, password

    api.credentials = required


@advised_by("login.missing_credentials_are_refused")
def credentials_one_level_down():
    """Credentials are read from a nested user, too, as Rails forms send them."""
    read = api.credentials

    def nested(body):
        value = strict_json.parse(body)
        inner = value.get("user") if isinstance(value, dict) else None
        return read(json.dumps(inner).encode() if isinstance(inner, dict) else body)

    api.credentials = nested


@advised_by("login.missing_credentials_are_refused")
def credentials_in_the_query():
    """Credentials in the query open a session."""
    head_of = asgi.head_of
    seen = {}

    def remember(scope):
        seen["query"] = dict(each.partition("=")[::2] for each in scope["query_string"].decode().split("&"))
        return head_of(scope)

    def from_query(_self, email, password):
        query = {name: unquote_plus(value) for name, value in seen.get("query", {}).items()}
        return query.get("email", email), query.get("password", password)

    asgi.head_of = remember
    before_log_in(from_query)


@advised_by("login.missing_credentials_are_refused")
def credentials_in_basic():
    """Credentials in Basic authentication open a session."""
    refuse = Api.refuse
    seen = {}

    def remember(self, head):
        sent = b"".join(head.values(b"authorization"))
        decoded = base64.b64decode(sent[6:] + b"==").decode("utf-8", "replace") if sent.startswith(b"Basic ") else ""
        seen["pair"] = decoded.partition(":")[::2] if decoded else None
        return refuse(self, head)

    Api.refuse = remember
    before_log_in(lambda _self, email, password: seen["pair"] or (email, password))


@found_by("login.right_credentials_open_a_session")
def further_properties_are_refused():
    """A property that the contract does not name spoils the credentials."""
    read = api.credentials

    def closed(body):
        email, password = read(body)
        if set(strict_json.parse(body)) - {"email", "password"}:
            return None, None
        return email, password

    api.credentials = closed


@found_by("login.right_credentials_open_a_session")
def properties_in_one_order():
    """Credentials are found by a pattern, and not by reading JSON."""
    read = api.credentials

    def pattern(body):
        email, password = read(body)
        return (email, password) if body.find(b'"email"') < body.find(b'"password"') else (None, None)

    api.credentials = pattern


@found_by("login.right_credentials_open_a_session")
def log_in_reads_the_token():
    """Log-in with a dead token beside the credentials is refused."""
    answer_all = Api.answer

    def wary(self, head, body):
        if head.method == "POST" and head.values(b"authorization"):
            try:
                self.service._authenticate(Head.bearer_token(head))
            except InvalidToken:
                return answers.invalid_token()
        return answer_all(self, head, body)

    Api.answer = wary


@found_by("login.right_credentials_open_a_session")
def second_log_in_ends_the_first():
    """A user has one session at a time: another log-in ends the earlier."""

    def alone(self, email, password):
        log_in(self, email, password)
        self._accounts[email].renew_jti()
        return log_in(self, email, password)

    Service.log_in = alone


@found_by("login.right_credentials_open_a_session")
def second_user_cannot_log_in_twice():
    """A user other than the first gets in once."""
    been = set()

    def once(self, email, password):
        session = log_in(self, email, password)
        if session.email in been and session.email != next(iter(self._accounts)):
            raise WrongCredentials
        been.add(session.email)
        return session

    Service.log_in = once


@found_by("login.wrong_credentials_are_refused")
def a_wrong_password_logs_out():
    """A wrong password ends the sessions of the user."""
    count_failure = Service._count_failure

    def end(self, account):
        account.renew_jti()
        count_failure(self, account)

    Service._count_failure = end


@found_by("login.wrong_credentials_are_refused")
def operators_in_the_password():
    """A password that is an object is an operator of the database's query language."""
    Service._password_matches = lambda self, account, password: (
        bool(account.email) if password == {"$ne": ""} else matches(self, account, password)
    )
