"""Faults of log-in: what the answer to wrong credentials tells."""

from pacerpro_mock import answers, strict_json
from pacerpro_mock.api import Api

from . import found_by

answer = Api.log_in


@found_by("login.nobody_learns_who_is_known")
def unknown_address_says_so():
    """An unknown address is answered in other words than a wrong password."""

    def telling(self, body):
        email = strict_json.parse(body).get("email") if body.startswith(b"{") and body.endswith(b"}") else None
        refused = answer(self, body)
        if refused.status == 401 and email not in self.service._accounts:
            return answers.error(401, "No such user").with_header("WWW-Authenticate", answers.REALM)
        return refused

    Api.log_in = parsed_safely(telling)


@found_by("login.nobody_learns_who_is_known")
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
