"""Faults of log-in and refresh: what an answer tells beside what was asked for."""

import json

from pacerpro_mock.http import answers
from pacerpro_mock.http.api import Api
from pacerpro_mock.service import strict_json

from . import found_by

answer, refresh = Api.log_in, Api.refresh


@found_by("login.known_addresses_stay_secret")
def unknown_address_says_so():
    """The message for an unknown address differs from that for a wrong password."""

    def telling(self, body):
        email = strict_json.parse(body).get("email") if body.startswith(b"{") and body.endswith(b"}") else None
        refused = answer(self, body)
        if refused.status == 401 and email not in self.service._accounts:
            return answers.error(401, "No such user").with_header("WWW-Authenticate", answers.REALM)
        return refused

    Api.log_in = parsed_safely(telling)


@found_by("login.known_addresses_stay_secret")
def known_address_in_a_header():
    """The challenge of a wrong password names another realm than that of an unknown address."""

    def telling(self, body):
        refused = answer(self, body)
        email = strict_json.parse(body).get("email")
        if refused.status == 401 and email in self.service._accounts:
            return refused.with_header("WWW-Authenticate", 'Bearer realm="known"')
        return refused

    Api.log_in = parsed_safely(telling)


def parsed_safely(telling):
    def safely(self, body):
        try:
            return telling(self, body)
        except (strict_json.NotJson, AttributeError, TypeError):
            return answer(self, body)

    return safely


@found_by("answers.status")
def unknown_address_is_404():
    """An unknown address is answered 404."""

    def telling(self, body):
        refused = answer(self, body)
        if refused.status == 401 and strict_json.parse(body).get("email") not in self.service._accounts:
            return answers.not_found()
        return refused

    Api.log_in = parsed_safely(telling)


@found_by("answers.secrecy")
def the_password_in_the_message():
    """The answer to a wrong password repeats it."""

    def telling(self, body):
        refused = answer(self, body)
        password = strict_json.parse(body).get("password")
        if refused.status == 401 and isinstance(password, str):
            return answers.error(401, f"Wrong: {password}").with_header("WWW-Authenticate", answers.REALM)
        return refused

    Api.log_in = parsed_safely(telling)


def with_a_user(session, user):
    if session.status != 200:
        return session
    return session.with_body(json.dumps({**json.loads(session.body), "user": user}).encode())


@found_by("answers.secrecy")
def the_password_in_the_session():
    """The answer to a log-in shows the user, with the password."""
    Api.log_in = lambda self, body: with_a_user(answer(self, body), strict_json.parse(body) if body[:1] == b"{" else {})


@found_by("answers.secrecy")
def the_password_in_a_later_session():
    """The answer to a refresh shows the user, with the password of the log-in."""
    known = {}

    def remembering(self, body):
        started = answer(self, body)
        if started.status == 200:
            known[started.user] = strict_json.parse(body)["password"]
        return started

    def telling(self, token):
        session = refresh(self, token)
        return with_a_user(session, {"password": known[session.user]})

    Api.log_in, Api.refresh = remembering, telling


@found_by("answers.secrecy")
def the_password_in_a_header():
    """The answer to a log-in repeats the password in a header."""

    def telling(self, body):
        started = answer(self, body)
        return started.with_header("X-Login", strict_json.parse(body)["password"]) if started.status == 200 else started

    Api.log_in = telling
