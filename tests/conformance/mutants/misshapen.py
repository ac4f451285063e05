"""Faults in the shape of answers, and in when they come."""

import re
import time
from dataclasses import replace

from uvicorn.protocols.http import httptools_impl

from pacerpro_mock.http import answers
from pacerpro_mock.http.api import Api

from . import advised_by, found_by

error, answer, invalid_token, wrong_credentials, finish = (
    answers.error,
    Api.answer,
    answers.invalid_token,
    answers.wrong_credentials,
    Api._finish,
)


def error_with(**fields):
    """Change some fields of every `Error`."""

    def changed(status, message):
        value = {"error": message, "message": message, "status": status, "type": "error"}
        return answers.json_answer(status, {**value, **fields})

    answers.error = changed


def finished(change):
    """Change every answer at the last moment."""
    Api._finish = lambda self, head, *rest: change(finish(self, head, *rest), head)


@advised_by("answers.optional_headers")
def no_challenge_for_a_bad_token():
    """The 401 of refresh and log-out does not name the scheme."""
    answers.invalid_token = lambda *_: error(401, "Token invalid or expired")


@advised_by("answers.optional_headers")
def no_challenge_for_no_token():
    """The 401 to a request without a token does not name the scheme."""
    answers.invalid_token = lambda challenge=answers.INVALID_TOKEN: (
        error(401, "Token invalid or expired") if challenge == answers.REALM else invalid_token(challenge)
    )


@found_by("answers.headers")
def another_challenge():
    """The 401 of log-in asks for Basic authentication."""
    answers.wrong_credentials = lambda: wrong_credentials().with_header("WWW-Authenticate", 'Basic realm="x"')


@found_by("answers.media_type")
def errors_in_plain_text():
    """An error says that it is plain text."""
    answers.error = lambda status, text: error(status, text).with_header("Content-Type", "text/plain")


@found_by("answers.media_type")
def sessions_as_html():
    """A session says that it is HTML, since the framework's default was left."""
    session = answers.session
    answers.session = lambda started: session(started).with_header("Content-Type", "text/html; charset=utf-8")


@found_by("answers.error_fields")
def another_status_in_the_body():
    """The body of an error always says 400."""
    error_with(status=400)


@found_by("answers.error_fields")
def message_and_error_differ():
    """The message of an error is another text than its error."""
    error_with(message="Something went wrong")


@advised_by("answers.reason_phrase")
def another_reason_phrase():
    """The reason phrase of a 401 is Denied."""
    httptools_impl.STATUS_LINE[401] = b"HTTP/1.1 401 Denied\r\n"


@found_by("answers.schema")
def an_unknown_type_of_error():
    """The type of an error is one that the contract does not have."""
    error_with(type="fatal")


@found_by("answers.schema")
def the_status_as_text():
    """The status of an error is a string."""
    error_with(status="401")


@found_by("answers.schema")
def errors_without_a_body():
    """An error has an empty body."""
    answers.error = lambda status, text: error(status, text).with_body(b"")


@advised_by("answers.wording")
def the_gateways_401():
    """The 401 of refresh and log-out has a message alone."""
    answers.invalid_token = lambda challenge=answers.INVALID_TOKEN: answers.gateway_error(
        401, "Unauthorized"
    ).with_header("WWW-Authenticate", challenge)


@advised_by("answers.wording")
def expired_is_told_from_forged():
    """The 401 of refresh and log-out says what was wrong with the token."""

    def telling(self, head, body):
        answered = answer(self, head, body)
        if answered.status == 401 and head.method != "POST" and head.values(b"authorization"):
            return error(401, "Signature verification failed").with_header("WWW-Authenticate", answers.INVALID_TOKEN)
        return answered

    Api.answer = telling


@found_by("answers.status")
def created_and_not_ok():
    """Log-in is answered 201."""
    status_of("POST", 200, 201)


@found_by("answers.status")
def refused_with_422():
    """Wrong credentials are answered 422."""
    status_of("POST", 401, 422)


@found_by("forged.invalid_signatures")
def refused_with_403():
    """An invalid token is answered 403."""
    status_of("GET", 401, 403)
    status_of("DELETE", 401, 403)


def status_of(method, status, to):
    earlier = Api._finish

    def changed(self, head, answered, *rest):
        met = head.method == method and answered.status == status
        return earlier(self, head, replace(answered, status=to) if met else answered, *rest)

    Api._finish = changed


@found_by("answers.secrecy")
def the_token_in_a_header():
    """The answer repeats the Authorization header that was sent."""

    def repeat(answered, head):
        sent = b"".join(head.values(b"authorization")).decode("latin-1")
        return answered.with_header("X-Debug", sent.encode("ascii", "replace").decode()) if sent else answered

    finished(repeat)


@found_by("bodies.invalid_json_is_400")
def never_answers_an_array():
    """A body that is an array is never answered."""
    log_in = Api.log_in

    def stuck(self, body):
        if body == b"[]":
            time.sleep(3)
        return log_in(self, body)

    Api.log_in = stuck


@found_by("bodies.other_media_types_are_415")
def hangs_up_on_other_types():
    """A body of another type ends the connection without an answer."""
    finished(lambda answered, _head: replace(answered, drop="before") if answered.status == 415 else answered)


@found_by("schemathesis.not_a_server_error")
def fails_on_rare_addresses():
    """An address without a small letter before its @ makes the server fail."""
    log_in = Api.log_in

    def narrow(self, body):
        return (
            answers.error(500, "Internal Server Error")
            if re.search(rb'"email":\s*"[^a-z@"]+@', body)
            else log_in(self, body)
        )

    Api.log_in = narrow


@found_by("schemathesis.status_code_conformance")
def teapot_for_odd_properties():
    """A body with a property whose name is empty is answered 418."""
    log_in = Api.log_in

    def whimsical(self, body):
        return answers.error(418, "I'm a teapot") if b'"":' in body else log_in(self, body)

    Api.log_in = whimsical
