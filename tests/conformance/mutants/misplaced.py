"""Faults in finding the token in a request."""

import base64
import json
from dataclasses import replace
from urllib.parse import parse_qsl

from pacerpro_mock.http import answers, asgi
from pacerpro_mock.http.api import Api
from pacerpro_mock.http.messages import Head
from pacerpro_mock.http.protocol import MockProtocol

from . import advised_by, found_by

bearer_token, answer, head_of = Head.bearer_token, Api.answer, asgi.head_of


def with_headers(change):
    """Let the mock see other headers than were sent."""
    asgi.head_of = lambda scope: changed(head_of(scope), change)


def changed(head, change):
    return replace(head, headers=change(list(head.headers)))


def authorization(change):
    with_headers(
        lambda headers: [(name, change(value) if name == b"authorization" else value) for name, value in headers]
    )


def another_place(find):
    """Read a token from another place if there is no Authorization header."""

    def moved(scope):
        head = head_of(scope)
        token = find(scope, head)
        if token and not head.values(b"authorization"):
            return replace(head, headers=[*head.headers, (b"authorization", b"Bearer " + token)])
        return head

    asgi.head_of = moved


@advised_by("placement.other_schemes_are_refused")
def scheme_in_any_case():
    """The scheme's word is read without regard to case."""
    authorization(lambda value: b"Bearer" + value[6:] if value[:7].lower() == b"bearer " else value)


@found_by("placement.other_schemes_are_refused")
def no_scheme_needed():
    """A token counts without a scheme."""
    authorization(lambda value: value if b" " in value else b"Bearer " + value)


@found_by("placement.other_schemes_are_refused")
def any_scheme_will_do():
    """A token counts after any word."""
    authorization(lambda value: b"Bearer " + value.partition(b" ")[2] if b" " in value else value)


@advised_by("placement.other_schemes_are_refused")
def white_space_behind_the_scheme():
    """Any white space separates the scheme from the token."""
    authorization(lambda value: b" ".join(value.split()) if value.startswith(b"Bearer") else value)


@advised_by("placement.other_schemes_are_refused")
def the_first_of_two_headers_counts():
    """Of several Authorization headers the first counts."""

    def first(head):
        sent = head.values(b"authorization")[:1]
        return bearer_token(Head(head.method, head.path, [(b"authorization", value) for value in sent]))

    Head.bearer_token = first


@advised_by("placement.other_schemes_are_refused")
def the_last_of_two_headers_counts():
    """Of several Authorization headers the last counts."""

    def last(head):
        sent = head.values(b"authorization")[-1:]
        return bearer_token(Head(head.method, head.path, [(b"authorization", value) for value in sent]))

    Head.bearer_token = last


@found_by("placement.other_schemes_are_refused")
def basic_instead_of_a_token():
    """Credentials in Basic authentication count as a token."""

    def basic(self, head, body):
        sent = b"".join(head.values(b"authorization"))
        if head.method == "GET" and sent.startswith(b"Basic "):
            email, _, password = base64.b64decode(sent[6:] + b"==").decode("utf-8", "replace").partition(":")
            if self.service._password_matches(self.service._find_account(email), password):
                return answers.session(self.service.log_in(email, password))
        return answer(self, head, body)

    Api.answer = basic


@found_by("placement.tokens_elsewhere_are_ignored")
def token_in_the_query():
    """A token in the query counts, as RFC 6750 allows and this service does not."""
    another_place(lambda scope, _head: dict(parse_qsl(scope["query_string"])).get(b"access_token"))


@found_by("placement.tokens_elsewhere_are_ignored")
def token_in_a_cookie():
    """A token in a cookie counts."""

    def cookie(_scope, head):
        pairs = dict(each.strip().partition(b"=")[::2] for each in b";".join(head.values(b"cookie")).split(b";"))
        return pairs.get(b"token")

    another_place(cookie)


@found_by("placement.tokens_elsewhere_are_ignored")
def token_in_another_header():
    """A token in X-Auth-Token counts."""
    another_place(lambda _scope, head: b"".join(head.values(b"x-auth-token")).removeprefix(b"Bearer "))


@found_by("placement.tokens_elsewhere_are_ignored")
def token_in_the_proxys_header():
    """A token in Proxy-Authorization counts."""
    another_place(lambda _scope, head: b"".join(head.values(b"proxy-authorization")).removeprefix(b"Bearer "))


@found_by("placement.tokens_elsewhere_are_ignored")
def token_in_the_body():
    """A token in a JSON body counts."""
    find, refuse = Api.find, Api.refuse

    def reading(self, head):
        found = find(self, head)
        if found:
            found.reads_body = True
        return found

    Api.find = reading
    Api.refuse = lambda self, head: None if head.method in {"GET", "DELETE"} else refuse(self, head)

    def from_body(self, head, body):
        if head.method != "POST" and not head.values(b"authorization") and body.startswith(b'{"jwtToken"'):
            head = replace(head, headers=[(b"authorization", b"Bearer " + json.loads(body)["jwtToken"].encode())])
        return answer(self, head, body)

    Api.answer = from_body


@advised_by("placement.trailers_are_ignored")
def token_in_a_trailer():
    """A token in a trailer counts, for a server that puts trailers among the headers."""
    begin, complete = MockProtocol.on_headers_complete, MockProtocol.on_message_complete

    def wait_for_trailers(self):
        if b"trailer" not in dict(self.headers):
            begin(self)

    def merged(self):
        if b"trailer" in dict(self.headers):
            begin(self)
        complete(self)

    MockProtocol.on_headers_complete = wait_for_trailers
    MockProtocol.on_message_complete = merged
