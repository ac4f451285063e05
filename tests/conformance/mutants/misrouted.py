"""Faults in telling which method and which path was meant."""

from dataclasses import replace
from urllib.parse import parse_qsl

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from pacerpro_mock.http import answers, api, asgi
from pacerpro_mock.http.api import Api
from pacerpro_mock.http.messages import Head

from . import advised_by, found_by

bearer_token, refuse, head_of, path_of = Head.bearer_token, Api.refuse, asgi.head_of, Api.path_of


def read_path(change):
    """Read each path only after a change that makes unlike ones alike."""
    Api.path_of = lambda self, head: path_of(self, replace(head, path=change(head.path)))


@advised_by("routes.other_methods_are_405")
def no_allow_with_405():
    """A 405 does not say which methods there are."""
    answers.method_not_allowed = lambda _allowed: answers.error(405, "Method Not Allowed")


@advised_by("routes.other_methods_are_405")
def allow_names_too_many():
    """The Allow of a 405 names HEAD and OPTIONS, which are not there."""
    old = answers.method_not_allowed
    answers.method_not_allowed = lambda allowed: old([*allowed, "HEAD", "OPTIONS"])


@advised_by("routes.other_methods_are_405")
def allow_names_too_few():
    """The Allow of a 405 leaves DELETE out."""
    old = answers.method_not_allowed
    answers.method_not_allowed = lambda allowed: old([each for each in allowed if each != "DELETE"])


@advised_by("routes.other_methods_are_405")
def other_methods_are_404():
    """A method that the contract lacks is answered 404."""
    answers.method_not_allowed = lambda _allowed: answers.not_found()


@advised_by("routes.other_methods_are_405")
def options_is_answered():
    """OPTIONS is answered 200, as frameworks with CORS do."""
    another_method("OPTIONS", lambda: answers.json_answer(200, {}).with_header("Allow", "DELETE, GET, POST"))


@advised_by("routes.other_methods_are_405")
def put_is_post():
    """PUT does what POST does."""
    api.OPERATIONS["PUT"] = api.LOG_IN


@found_by("routes.other_methods_are_405")
def patch_logs_out():
    """PATCH is answered 405, and logs the caller out."""

    def sly(self, head):
        if head.method == "PATCH" and head.values(b"authorization"):
            self.log_out(bearer_token(head))
        return refuse(self, head)

    Api.refuse = sly


@advised_by("routes.other_methods_are_405")
def head_is_get():
    """HEAD does what GET does."""
    api.OPERATIONS["HEAD"] = api.REFRESH


@advised_by("routes.queries_and_overrides_are_ignored")
def methods_in_a_header_count():
    """X-HTTP-Method-Override changes the method."""

    def overridden(scope):
        head = head_of(scope)
        return replace(head, method=b"".join(head.values(b"x-http-method-override")).decode() or head.method)

    asgi.head_of = overridden


@advised_by("routes.queries_and_overrides_are_ignored")
def a_header_makes_another_method_of_post():
    """X-HTTP-Method-Override changes the method of POST alone, as Rack::MethodOverride does."""
    override_post(lambda _scope, head: b"".join(head.values(b"x-http-method-override")))


@advised_by("routes.queries_and_overrides_are_ignored")
def the_query_makes_another_method_of_post():
    """The parameter _method changes the method of POST alone."""
    override_post(lambda scope, _head: dict(parse_qsl(scope["query_string"])).get(b"_method", b""))


@advised_by("routes.queries_and_overrides_are_ignored")
def a_header_makes_get_of_delete():
    """X-HTTP-Method changes the method of DELETE alone, so that log-out ends nothing."""

    def overridden(scope):
        head = head_of(scope)
        named = b"".join(head.values(b"x-http-method")).decode()
        return replace(head, method=named) if named and head.method == "DELETE" else head

    asgi.head_of = overridden


def override_post(find):
    def overridden(scope):
        head = head_of(scope)
        named = find(scope, head).decode() if head.method == "POST" else ""
        return replace(head, method=named or head.method)

    asgi.head_of = overridden


@found_by("routes.queries_and_overrides_are_ignored")
def log_out_with_a_query_does_nothing():
    """Log-out with a query is answered 200 and ends nothing."""
    log_out_for_show(lambda scope, _head: scope["query_string"])


@found_by("bodies.content_without_meaning_is_ignored")
def log_out_with_a_body_does_nothing():
    """Log-out with a body is answered 200 and ends nothing."""
    log_out_for_show(lambda _scope, head: b"".join(head.values(b"content-length")).strip(b"0"))


@advised_by("bodies.content_without_meaning_is_ignored")
def log_out_with_a_body_is_415():
    """Log-out with a body that is not JSON is refused."""

    def strict(self, head):
        odd = head.method == "DELETE" and head.values(b"content-type") and not Head.is_json(head)
        return answers.unsupported_media_type() if odd else refuse(self, head)

    Api.refuse = strict


def log_out_for_show(condition):
    """Only pretend to log out if the request has more than a token."""

    def marked(scope):
        head = head_of(scope)
        return replace(head, headers=[*head.headers, (b"x-for-show", b"1")]) if condition(scope, head) else head

    def pretend(self, head, body):
        if head.method == "DELETE" and head.values(b"x-for-show"):
            _, account = self.service._authenticate(bearer_token(head))
            return answers.logged_out(account.email)
        return answer(self, head, body)

    answer = Api.answer
    asgi.head_of, Api.answer = marked, pretend


@advised_by("routes.queries_and_overrides_are_ignored")
def methods_in_the_query_count():
    """The parameter _method changes the method, as in Rails forms."""

    def overridden(scope):
        method = dict(parse_qsl(scope["query_string"])).get(b"_method")
        head = head_of(scope)
        return replace(head, method=method.decode()) if method else head

    asgi.head_of = overridden


@advised_by("routes.queries_and_overrides_are_ignored")
def queries_are_refused():
    """A query makes refresh fail."""

    def strict(scope):
        head = head_of(scope)
        return replace(head, path="/v1/nowhere") if scope["query_string"].startswith(b"x=") else head

    asgi.head_of = strict


@advised_by("routes.other_paths_are_404")
def a_slash_behind_the_path():
    """A slash after the path is ignored."""
    read_path(lambda path: path.rstrip("/"))


@advised_by("routes.other_paths_are_404")
def redirect_to_the_path():
    """A slash after the path is answered with a redirect, as by Starlette's router."""
    elsewhere(
        lambda path: path.endswith("/session/"),
        lambda: answers.json_answer(307, {}).with_header("Location", "/v1/session"),
    )


@advised_by("routes.other_paths_are_404")
def case_of_the_path_ignored():
    """A path is read without regard to case."""
    read_path(str.lower)


@advised_by("routes.other_paths_are_404")
def what_comes_behind_the_path_is_ignored():
    """Every path that begins with the contract's is taken for it."""
    read_path(lambda path: "/v1/session" if path.startswith("/v1/session") else path)


@advised_by("routes.other_paths_are_404")
def other_paths_are_401():
    """A path that the contract lacks asks for a token."""
    answers.not_found = answers.invalid_token


@advised_by("routes.other_paths_are_404")
def not_found_in_plain_text():
    """A 404 is plain text."""
    old = answers.not_found
    answers.not_found = lambda: old().with_header("Content-Type", "text/plain")


def another_method(method, answered):
    Api.refuse = lambda self, head: answered() if head.method == method else refuse(self, head)


def elsewhere(condition, answered):
    Api.refuse = lambda self, head: answered() if condition(head.path) else refuse(self, head)


@found_by("routes.head_has_no_body")
def head_has_a_body():
    """The answer to HEAD has a body, which every client drops."""
    send = RequestResponseCycle.send

    async def talkative(self, message):
        if self.scope["method"] == "HEAD" and message["type"] == "http.response.body":
            self.transport.write(b"{}")
        await send(self, message)

    RequestResponseCycle.send = talkative


@advised_by("routes.other_paths_are_404")
def every_path_is_the_contracts():
    """Every path without an extension is taken for the contract's, as by a single-page application."""
    read_path(lambda path: "/v1/session" if path == "/v1/nowhere" else path)
