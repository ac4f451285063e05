"""What a call raises: the class, its fields and its text, for every kind of answer."""

from __future__ import annotations

import copy
import gzip
import json
import pickle

import attrs
import httpx
import pytest

from pacerpro_client.models import Error, ErrorType, Session
from pacerpro_runtime import errors
from pacerpro_runtime.operation import Operation, as_file, as_json, as_nothing, as_text
from pacerpro_runtime.wire.model import Model

REFUSED = {"error": "No", "message": "No", "status": 400, "type": "error"}
HTML = b"<html><body>Bad gateway</body></html>"
SESSION = {"jwtToken": "hunter2", "expiresAt": "2030-01-01T12:00:00Z"}


def operation(success=None, documented=None, **facts):
    known = {"5XX": as_json(Error), 401: as_json(Error)} if documented is None else documented
    return Operation("GET", "/things", success or {200: as_json(Session)}, errors=known, **{"secured": False} | facts)


@pytest.fixture
def error_of(sample, drive):
    """Call an operation that is answered like this, and return what it raised."""

    def call(status_code, content=b"", headers=(), facts=None, **settings):
        def app(request):
            body = content if isinstance(content, bytes) else json.dumps(content).encode()
            return httpx.Response(status_code, headers=dict(headers), content=body)

        with pytest.raises(errors.PacerProError) as raised:
            drive(sample(app, retries=0, **settings), facts or operation())
        return raised.value

    return call


@pytest.mark.parametrize(
    ("status_code", "kind", "phrase"),
    [
        (300, errors.ApiError, "300 Multiple Choices"),
        (304, errors.ApiError, "304 Not Modified"),
        (400, errors.BadRequest, "400 Bad Request"),
        (401, errors.Unauthorized, "401 Unauthorized"),
        (402, errors.ApiError, "402 Payment Required"),
        (403, errors.Forbidden, "403 Forbidden"),
        (404, errors.NotFound, "404 Not Found"),
        (405, errors.ApiError, "405 Method Not Allowed"),
        (413, errors.ContentTooLarge, "413 Request Entity Too Large"),
        (415, errors.UnsupportedMediaType, "415 Unsupported Media Type"),
        (429, errors.TooManyRequests, "429 Too Many Requests"),
        (499, errors.ApiError, "499"),
        (500, errors.ServerError, "500 Internal Server Error"),
        (502, errors.ServerError, "502 Bad Gateway"),
        (503, errors.ServerError, "503 Service Unavailable"),
        (504, errors.ServerError, "504 Gateway Timeout"),
        (520, errors.ServerError, "520"),
        (599, errors.ServerError, "599"),
        (999, errors.ServerError, "999"),
    ],
)
def test_each_status_has_its_class_and_its_fields(error_of, status_code, kind, phrase):
    error = error_of(status_code, REFUSED, {"X-Request-Id": "7"})

    assert type(error) is kind
    assert error.status_code == status_code
    assert error.parsed == Error(error="No", message="No", status=400, type_=ErrorType.ERROR)
    assert json.loads(error.content) == REFUSED
    assert error.headers["x-request-id"] == error.request_id == "7"
    assert (error.method, error.url) == ("GET", "https://api.test/v1/things")
    assert error.retry_after is None
    if status_code != 413:  # Its phrase is not the same in each Python.
        assert str(error).startswith(f"{phrase} from GET https://api.test/v1/things: ")


@pytest.mark.parametrize("name", ["X-Request-Id", "x-amzn-requestid", "X-Amz-Apigw-Id", None])
def test_an_error_knows_what_the_server_calls_the_request(error_of, name):
    for content in (REFUSED, {}):
        error = error_of(200 if content else 503, content, {name: "7"} if name else {})
        for each in (error, copy.copy(error), pickle.loads(pickle.dumps(error))):  # noqa: S301
            assert each.request_id == ("7" if name else None)


def test_the_tree():
    assert issubclass(errors.PacerProError, Exception)
    for kind in (errors.ApiError, errors.InvalidResponse, errors.InsecureUrl, errors.SessionExpired):
        assert kind.__bases__[0].__name__ in {"PacerProError", "_ResponseError"}
        assert issubclass(kind, errors.PacerProError)
    assert not issubclass(errors.InvalidResponse, errors.ApiError)


@pytest.mark.parametrize(
    ("content", "headers", "detail"),
    [
        (REFUSED, {}, "No"),
        ({"message": "Too Many Requests"}, {}, "Too Many Requests"),
        ({"message": "one\n two\t\r\n  three"}, {}, "one two three"),
        ({"message": "x" * 5000}, {}, "x" * 300),
        ({"message": "n\u00f6 \x1b[31m\0\ud800"}, {}, "n\u00f6 \\x1b[31m\\x00\\ud800"),
        ({"error": "No"}, {}, "Error(error='No', message=UNSET, status=UNSET, type_=UNSET)"),
        ({}, {}, "2 bytes of unknown type"),
        (HTML, {"Content-Type": "text/html"}, "37 bytes of text/html"),
        (HTML, {}, "37 bytes of unknown type"),
        (b"", {}, "no explanation"),
        (b"\xff\xfe", {}, "2 bytes of unknown type"),
        (json.dumps(REFUSED).encode()[:20], {}, "20 bytes of unknown type"),
        ([REFUSED], {}, "66 bytes of unknown type"),
        ({"type": 5}, {"Content-Type": "application/json"}, "11 bytes of application/json"),
        ({"status": []}, {}, "14 bytes of unknown type"),
        (b"[" * 100_000, {}, "100000 bytes of unknown type"),
    ],
)
def test_the_text_says_what_the_server_says_or_what_it_sent(error_of, content, headers, detail):
    error = error_of(502, content, headers)

    assert type(error) is errors.ServerError
    assert str(error) == f"502 Bad Gateway from GET https://api.test/v1/things: {detail}"
    assert (error.parsed in (None, Error())) == ("bytes of" in detail or detail == "no explanation")
    assert len(error.content) == len(content if isinstance(content, bytes) else json.dumps(content))


def test_a_status_that_the_contract_does_not_know_is_read_as_its_neighbours_are(error_of):
    assert error_of(418, REFUSED).parsed.message == "No"
    assert error_of(418, REFUSED, facts=operation(documented={"default": as_json(Error)})).parsed.message == "No"
    assert error_of(418, REFUSED, facts=operation(documented={})).parsed is None
    assert error_of(500, b"No", facts=operation(documented={500: as_text, "5XX": as_json(Error)})).parsed == "No"


@pytest.mark.parametrize("odd", [{"type": 5}, {"status": "503"}, {"type": {}, "status": [], "error": 5}])
def test_a_property_of_an_error_that_the_contract_does_not_allow_takes_no_other_away(error_of, odd):
    error = error_of(503, {"message": "Closed for stock-taking", **odd})

    assert error.parsed == Error(message="Closed for stock-taking")
    assert str(error).endswith(": Closed for stock-taking")


@pytest.mark.parametrize("content", [["message"], None, 5, {"a/b": 1, "message": None}])
def test_an_error_of_which_nothing_can_be_read_keeps_its_content(error_of, content):
    strict = operation(documented={"default": as_json(Session)})

    assert error_of(503, content, facts=strict).parsed is None
    assert json.loads(error_of(503, content).content) == content


@pytest.mark.parametrize("status_code", [300, 304, 305, 399])
def test_what_leads_nowhere_is_not_called_a_redirect(error_of, status_code):
    assert str(error_of(status_code)).endswith(": no explanation")


@pytest.mark.parametrize("status_code", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_error_and_is_not_followed(error_of, status_code):
    error = error_of(status_code, headers={"Location": "https://evil.test/?hunter2"}, auth="token")

    assert type(error) is errors.ApiError
    assert "a redirect, which is not followed" in str(error)
    assert "evil" not in str(error)
    assert error.headers["Location"] == "https://evil.test/?hunter2"


def test_a_401_without_a_token_says_how_to_send_one(error_of):
    hint = "(no token was sent: give the client an auth)"

    assert hint in str(error_of(401, REFUSED, facts=operation(secured=True)))
    assert hint not in str(error_of(401, REFUSED, facts=operation(secured=True), auth="token"))
    assert hint not in str(error_of(401, REFUSED))
    assert hint not in str(error_of(403, REFUSED, facts=operation(secured=True)))


@pytest.mark.parametrize("kind", [429, 401, 503, 418])
@pytest.mark.parametrize(("text", "seconds"), [("30", 30.0), ("soon", None), ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0)])
def test_every_error_knows_how_long_to_wait(error_of, kind, text, seconds):
    assert error_of(kind, headers={"Retry-After": text}).retry_after == seconds


HALF = json.dumps(SESSION).encode()[:40]
WRONG = [
    (200, b"", "not what the contract says: the body is empty"),
    (200, HTML, "not what the contract says: the body is not JSON from character 0 on"),
    (200, HALF, "not what the contract says: "),
    (200, b"\xff", "not what the contract says: the body is not UTF-8 from byte 0 on"),
    (200, b"[" * 100_000, "not what the contract says: nested too deeply"),
    (200, b'{"a": NaN}', "not what the contract says: NaN is not JSON"),
    (200, [SESSION], "not what the contract says: the body should be an object, and is an array"),
    (200, {}, "not what the contract says: /jwtToken is missing"),
    (200, SESSION | {"jwtToken": 5}, "not what the contract says: /jwtToken should be a string, and is a number"),
    (200, SESSION | {"expiresAt": 5}, "not what the contract says: /expiresAt should be a date-time, and is a number"),
    (200, SESSION | {"expiresAt": None}, "not what the contract says: /expiresAt should be a date-time, and is null"),
    (202, HTML, "the contract does not know this status"),
    (204, b"", "the contract does not know this status"),
]


@pytest.mark.parametrize(("status_code", "content", "detail"), WRONG)
def test_a_success_that_the_contract_does_not_allow(error_of, status_code, content, detail):
    error = error_of(status_code, content, {"X-Request-Id": "7"})

    assert type(error) is errors.InvalidResponse
    assert error.status_code == status_code
    assert error.content == (content if isinstance(content, bytes) else json.dumps(content).encode())
    assert error.headers["X-Request-Id"] == "7"
    assert (error.method, error.url) == ("GET", "https://api.test/v1/things")
    assert f"from GET https://api.test/v1/things: {detail}" in str(error)
    assert "hunter2" not in f"{error} {error!r} {vars(error)}"
    assert error.__cause__ is error.__context__ is None


@pytest.mark.parametrize(
    ("success", "status_code", "content", "parsed"),
    [
        ({"2XX": as_text}, 207, b"text", "text"),
        ({"default": as_text}, 200, b"", ""),
        ({200: as_json(Session), 202: as_nothing}, 202, HTML, None),
        ({200: as_json(list[int]), "2XX": as_text}, 200, b"[1]", [1]),
    ],
)
def test_successes_of_every_kind(sample, drive, success, status_code, content, parsed):
    response = drive(sample(lambda _: httpx.Response(status_code, content=content)), operation(success))

    assert response.parsed == parsed
    assert response.status_code == status_code
    assert response.content == content


def test_a_file(sample, drive):
    response = drive(sample(lambda _: httpx.Response(200, content=b"\x00\xff")), operation({200: as_file}))

    assert response.parsed.payload.read() == b"\x00\xff"


def raw(body, *headers, length=None):
    head = ["HTTP/1.1 200 OK", "Content-Type: application/json", *headers]
    return "\r\n".join([*head, f"Content-Length: {length or len(body)}", "", ""]).encode() + body


def test_a_body_that_ends_too_early_is_the_network_s_error(raw_server, sample, drive, pauses):
    server = raw_server(raw(HALF, length=86))

    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        drive(sample(base_url=server.url), operation(repeatable=True))

    assert len(server.requests) == 4


def test_a_body_that_is_half_of_what_it_should_be_is_an_invalid_response(raw_server, sample, drive):
    for body in (raw(HALF), raw(gzip.compress(json.dumps(SESSION).encode())[:-20], "Content-Encoding: gzip")):
        with pytest.raises(errors.InvalidResponse) as raised:
            drive(sample(base_url=raw_server(body).url), operation())
        assert raised.value.content == HALF or "gzip" in raised.value.headers["Content-Encoding"]
        assert "hunter2" not in str(raised.value)


@attrs.define
class Problem(Model):
    message: str


@pytest.mark.parametrize("take", [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy])  # noqa: S301
def test_an_error_can_be_copied_and_survives_a_process_s_border_without_headers_and_body(error_of, take):
    original = error_of(429, REFUSED, {"Retry-After": "30", "Set-Cookie": "hunter2"})
    error = take(original)

    assert type(error) is errors.TooManyRequests
    assert str(error) == str(original)
    assert error.parsed == original.parsed
    for name in ("status_code", "method", "url", "retry_after", "request_id"):
        assert getattr(error, name) == getattr(original, name)
    assert b"hunter2" not in pickle.dumps(error)
    if take in (copy.copy, copy.deepcopy):  # They stay in this process.
        assert error is not original
        assert (error.headers, error.content) == (original.headers, original.content)
    else:
        assert (error.headers, error.content) == ({}, b"")


def test_an_invalid_response_leaves_the_token_behind(error_of):
    error = error_of(200, SESSION | {"expiresAt": 5})

    copied = pickle.loads(pickle.dumps(error))  # noqa: S301

    assert b"hunter2" in error.content
    assert b"hunter2" not in pickle.dumps(error)
    assert type(copied) is errors.InvalidResponse
    assert str(copied) == str(error)
