"""When a call is tried again, and when it gives up. The client's sleep is replaced: none waits."""

from __future__ import annotations

import logging

import attrs
import httpx
import pytest
from httpx_retries import Retry

from pacerpro_runtime import errors
from pacerpro_runtime.operation import Operation, as_json
from pacerpro_runtime.types import File
from pacerpro_runtime.wire.model import Model


@attrs.define
class Nothing(Model):
    pass


@attrs.define
class Farewell(Model):
    goodbye: str


def operation(**facts):
    settings = {"method": "POST", "success": {200: as_json(Nothing)}, "secured": False, "repeatable": True}
    return Operation(path="/things", **settings | facts)


READ = operation()
WRITE = operation(repeatable=False)
LOG_OUT = operation(already_done=frozenset({401}))

NEVER_SENT = [httpx.ConnectError("no"), httpx.ConnectTimeout("no"), httpx.PoolTimeout("no")]
PERHAPS_SENT = [
    httpx.ReadTimeout("no"),
    httpx.WriteTimeout("no"),
    httpx.ReadError("no"),
    httpx.WriteError("no"),
    httpx.RemoteProtocolError("no"),
]
PASSING = [429, 502, 503, 504]
LASTING = [301, 400, 401, 403, 404, 408, 409, 413, 415, 500, 501, 505, 599]


def named(outcome):
    return type(outcome).__name__ if isinstance(outcome, Exception) else None


def after(status_code, text):
    return httpx.Response(status_code, headers={"Retry-After": text})


@pytest.mark.parametrize("outcome", [*NEVER_SENT, *PERHAPS_SENT, *PASSING], ids=named)
def test_what_may_pass_is_tried_again(sample, script, drive, pauses, outcome):
    server = script(outcome, 200)

    assert drive(sample(server), READ).status_code == 200
    assert len(server.requests) == 2
    assert len(pauses) == 1


@pytest.mark.parametrize("status_code", LASTING)
def test_an_answer_that_would_be_the_same_again_is_final(sample, script, drive, pauses, status_code):
    server = script(status_code, 200)

    with pytest.raises(errors.ApiError) as refusal:
        drive(sample(server), READ)

    assert refusal.value.status_code == status_code
    assert len(server.requests) == 1
    assert pauses == []


@pytest.mark.parametrize(
    "error", [httpx.LocalProtocolError("no"), httpx.UnsupportedProtocol("no"), httpx.ProxyError("no")], ids=named
)
def test_an_error_that_would_be_the_same_again_is_final(sample, script, drive, pauses, error):
    server = script(error, 200)

    with pytest.raises(type(error)) as refusal:
        drive(sample(server), READ)

    assert refusal.value is error
    assert len(server.requests) == 1


@pytest.mark.parametrize("outcome", [*NEVER_SENT, 429], ids=named)
def test_what_must_not_happen_twice_is_tried_again_where_it_cannot_have_happened(
    sample, script, drive, pauses, outcome
):
    server = script(outcome, 200)

    assert drive(sample(server), WRITE).status_code == 200
    assert len(server.requests) == 2


@pytest.mark.parametrize("outcome", [*PERHAPS_SENT, 502, 503, 504], ids=named)
def test_what_must_not_happen_twice_is_not_tried_again_where_it_may_have_happened(
    sample, script, drive, pauses, outcome
):
    server = script(outcome, 200)

    with pytest.raises((errors.ServerError, httpx.TransportError)):
        drive(sample(server), WRITE)

    assert len(server.requests) == 1


@pytest.mark.parametrize(("retries", "attempts"), [(0, 1), (1, 2), (3, 4), (None, 4)])
@pytest.mark.parametrize("outcome", [httpx.ConnectError("no"), 503], ids=["error", "status"])
def test_it_gives_up_with_the_last_outcome(sample, script, drive, pauses, outcome, retries, attempts):
    server = script(outcome)
    client = sample(server) if retries is None else sample(server, retries=retries)

    with pytest.raises((errors.ServerError, httpx.ConnectError)):
        drive(client, READ)

    assert len(server.requests) == attempts
    assert len(pauses) == attempts - 1


def test_each_call_begins_anew(sample, script, pauses):
    server = script(503)
    with sample(server, retries=2) as client:
        for _ in range(3):
            with pytest.raises(errors.ServerError):
                client.send(READ)

    assert len(server.requests) == 9


def test_a_refused_log_in_is_final_whatever_the_policy_says(sample, script, drive, pauses):
    server = script(401, 200)

    with pytest.raises(errors.Unauthorized):
        drive(sample(server, retries=Retry(total=3, status_forcelist=[401, 403])), READ)

    assert len(server.requests) == 1


def test_a_policy_of_the_caller_s_own(sample, script, drive, pauses):
    own = Retry(total=2, status_forcelist=[500], backoff_factor=0, respect_retry_after_header=False)
    server = script(after(500, "9"))

    with pytest.raises(errors.ServerError):
        drive(sample(server, retries=own), READ)
    with pytest.raises(errors.ServerError):
        drive(sample(script(503), retries=own), READ)

    assert len(server.requests) == 3
    assert pauses == [0, 0]
    assert own.attempts_made == own.elapsed_sleep == 0


def test_a_policy_passes_over_a_retry_after_of_0(sample, script, drive, pauses):
    own = Retry(total=1, backoff_factor=3, backoff_jitter=0)

    drive(sample(script(after(503, "0"), 200), retries=own), READ)

    assert pauses == [6]


def test_the_methods_that_a_policy_names_are_all_that_is_tried_again(sample, script, drive, pauses):
    posts = Retry(total=1, allowed_methods=["POST"], backoff_factor=0)
    for policy, facts, attempts in [
        (Retry(total=1, allowed_methods=["GET"]), READ, 1),
        (posts, WRITE, 2),
        (Retry(total=1, backoff_factor=0), READ, 2),
        (Retry(total=1, backoff_factor=0), WRITE, 1),
    ]:
        server = script(503)
        with pytest.raises(errors.ServerError):
            drive(sample(server, retries=policy), facts)
        assert len(server.requests) == attempts


@pytest.mark.parametrize("asked", ["45", "9" * 400, "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_a_policy_bounds_what_the_server_asks_for(sample, script, drive, pauses, asked):
    own = Retry(total=2, max_backoff_wait=3, total_timeout=5)

    with pytest.raises(errors.ServerError):
        drive(sample(script(after(503, asked)), retries=own), READ)

    assert pauses == [3, 2]


@pytest.mark.parametrize(
    "outcomes",
    [
        [httpx.ReadTimeout("no")],
        [httpx.RemoteProtocolError("no")],
        [502],
        [503],
        [504],
        [502, httpx.ConnectError("no")],
    ],
    ids=str,
)
def test_a_401_to_a_repeated_log_out_says_that_it_is_done(sample, script, drive, pauses, outcomes):
    response = drive(sample(script(*outcomes, 401)), LOG_OUT)

    assert response.parsed == Nothing()
    assert response.status_code == 401


@pytest.mark.parametrize("outcomes", [[], [httpx.ConnectError("no")], [httpx.PoolTimeout("no")], [429]], ids=str)
def test_a_401_to_a_log_out_that_was_not_done_before_is_an_error(sample, script, drive, pauses, outcomes):
    with pytest.raises(errors.Unauthorized):
        drive(sample(script(*outcomes, 401)), LOG_OUT)


def test_a_401_to_anything_else_that_is_repeated_is_an_error(sample, script, drive, pauses):
    with pytest.raises(errors.Unauthorized):
        drive(sample(script(502, 401)), READ)
    with pytest.raises(errors.Forbidden):
        drive(sample(script(502, 403)), LOG_OUT)


def test_a_success_that_has_something_to_say_is_not_made_up(sample, script, drive, pauses):
    talkative = operation(success={200: as_json(Farewell)}, already_done=frozenset({401}))
    with pytest.raises(errors.Unauthorized):
        drive(sample(script(502, 401)), talkative)


def test_the_same_is_sent_again_with_the_token(sample, script, drive, pauses):
    server = script(503, httpx.ReadError("no"), 200)

    drive(sample(server, auth="token"), operation(secured=True, bodies={"application/json": Nothing}), body=Nothing())

    sent = {
        (request.method, request.url, request.content, request.headers["Authorization"]) for request in server.requests
    }
    assert len(server.requests) == 3
    assert sent == {("POST", httpx.URL("https://api.test/v1/things"), b"{}", "Bearer token")}


@attrs.define
class Upload(Model):
    file: File


class Unread(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Answers without a look at the body. (httpx's own stand-in keeps the body, after which it can be sent again.)"""

    def __init__(self, server):
        self._server = server

    def handle_request(self, request):
        return self._server(request)

    async def handle_async_request(self, request):
        return self._server(request)


@pytest.mark.parametrize("outcome", [httpx.ConnectError("no"), 429, 503], ids=named)
def test_a_body_that_can_be_read_but_once_is_sent_but_once(sample, script, drive, pauses, outcome):
    server = script(outcome, 200)
    facts = operation(bodies={"multipart/form-data": Upload})
    transports = dict.fromkeys(("transport", "async_transport"), Unread(server))

    with pytest.raises((errors.ApiError, httpx.ConnectError)):
        drive(sample(**transports), facts, body=Upload(File(b"bytes")))

    assert len(server.requests) == 1
    assert drive(sample(**transports), facts, body=Upload(File(b"bytes"))).status_code == 200


def test_each_new_try_is_logged(sample, script, pauses, caplog):
    caplog.set_level(logging.INFO, logger="pacerpro_client")
    server = script(after(503, "2"), httpx.ReadTimeout("no"), 200)

    with sample(server) as client:
        client.send(READ)

    assert [record.name for record in caplog.records if "next try" in record.message] == ["pacerpro_client"] * 2
    assert "POST https://api.test/v1/things: 503, next try in 2.0 s" in caplog.text
    assert "POST https://api.test/v1/things: ReadTimeout, next try in " in caplog.text
