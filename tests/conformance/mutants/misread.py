"""Faults in reading a body."""

import json

from pacerpro_mock.http import answers, asgi
from pacerpro_mock.http.api import Api
from pacerpro_mock.http.messages import Head
from pacerpro_mock.service import strict_json

from . import advised_by, found_by

is_json, refuse, parse, error = Head.is_json, Api.refuse, strict_json.parse, answers.error


def instead_of(words, answered):
    """Answer so, in place of the error that says these words."""
    answers.error = lambda status, text: answered() if words in text else error(status, text)


@found_by("bodies.other_media_types_are_415")
def any_type_is_read():
    """Every body is read as JSON, declared or not."""
    Head.is_json = lambda _head: True


@found_by("bodies.other_media_types_are_415")
def undeclared_bodies_are_read():
    """A body that is not declared at all is read as JSON."""
    Head.is_json = lambda head: not head.values(b"content-type") or is_json(head)


@found_by("bodies.other_media_types_are_415")
def json_in_the_name_will_do():
    """A body is read if json occurs in the name of its type."""
    Head.is_json = lambda head: b"json" in b"".join(head.values(b"content-type")).lower()


@found_by("bodies.other_media_types_are_415")
def wrong_types_are_400():
    """A body of another type is answered 400."""
    answers.unsupported_media_type = lambda: answers.error(400, "The body is not JSON")


@found_by("login.right_credentials_open_a_session")
def parameters_of_the_type_are_refused():
    """A media type with a charset is refused."""
    Head.is_json = lambda head: (
        head.values(b"content-type")[:1] == [b"application/json"]
        or (is_json(head) and b";" not in head.values(b"content-type")[0])
    )


@found_by("login.right_credentials_open_a_session")
def case_of_the_type_matters():
    """A media type in capitals is refused."""
    Head.is_json = lambda head: is_json(head) and head.values(b"content-type")[0].startswith(b"application/json")


@found_by("bodies.invalid_json_is_400")
def broken_json_is_401():
    """A body that is not JSON is answered like wrong credentials."""
    instead_of("not valid JSON", answers.wrong_credentials)


@found_by("bodies.invalid_json_is_400")
def broken_json_is_500():
    """A body that is not JSON makes the server fail."""
    instead_of("not valid JSON", lambda: error(500, "Internal Server Error"))


@advised_by("bodies.invalid_json_is_400")
def python_reads_the_json():
    """NaN and Infinity are read, as Python's reader does."""
    strict_json._DECODER = json.JSONDecoder(object_pairs_hook=strict_json._unambiguous)


@advised_by("bodies.invalid_json_is_400")
def text_behind_the_json_is_ignored():
    """Text after the first value of a body is ignored."""

    def first_value(data):
        try:
            return json.JSONDecoder().raw_decode(data.decode())[0]
        except (ValueError, RecursionError):
            return parse(data)

    strict_json.parse = first_value


@advised_by("bodies.invalid_json_is_400")
def broken_utf_8_is_mended():
    """Bytes that are not UTF-8 are replaced."""
    strict_json.parse = lambda data: parse(data.decode("utf-8", "replace").encode())


@advised_by("bodies.invalid_json_is_400")
def an_empty_body_is_an_empty_object():
    """An empty body is read as an empty object."""
    strict_json.parse = lambda data: parse(data.strip() or b"{}")


@found_by("bodies.invalid_json_is_400")
def deep_json_is_500():
    """A body that is nested too deeply makes the server fail."""

    def reckless(data):
        if data.startswith((b"[" * 1000, b'{"a":' * 1000)):
            raise ZeroDivisionError
        return parse(data)

    strict_json.parse = reckless
    begin = Api.__post_init__

    def roomy(self):
        begin(self)
        self.settings.max_body = 2**20

    Api.__post_init__ = roomy


@found_by("bodies.invalid_json_is_400")
def no_object_is_401():
    """A body that is JSON but not an object is answered like wrong credentials."""
    instead_of("not a JSON object", answers.wrong_credentials)


@found_by("bodies.invalid_json_is_400")
def null_is_an_empty_object():
    """A body of null is read as an empty object."""
    strict_json.parse = lambda data: {} if parse(data) is None else parse(data)


@found_by("bodies.too_large_is_413")
def only_announced_sizes_count():
    """A body that does not announce its length may be of any length."""
    answer = Api.answer

    def unlimited(self, head, body):
        self.settings.max_body, limit = 2**40, self.settings.max_body
        try:
            return answer(self, head, body)
        finally:
            self.settings.max_body = limit

    Api.answer = unlimited
    asgi.Endpoint._read_body = read_everything


async def read_everything(_self, request):
    return b"".join([chunk async for chunk in request.stream()])


@found_by("bodies.too_large_is_413")
def too_large_is_500():
    """A body that is too large makes the server fail."""
    answers.content_too_large = lambda: error(500, "Internal Server Error").with_header("Connection", "close")


@advised_by("bodies.content_without_meaning_is_ignored")
def bodies_of_refresh_are_checked():
    """Refresh with a body that is not declared as JSON is refused."""

    def strict(self, head):
        wrong = head.method == "GET" and head.values(b"content-length") and not is_json(head)
        return answers.error(400, "Unexpected body") if wrong else refuse(self, head)

    Api.refuse = strict
