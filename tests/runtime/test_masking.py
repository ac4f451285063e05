"""A server that repeats what it was sent does not make the client show it."""

from __future__ import annotations

import html
import json
from urllib.parse import quote, quote_plus

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pacerpro_client.api.authentication import session_create, session_refresh
from pacerpro_client.models import User
from pacerpro_runtime import errors
from pacerpro_runtime.wire.masking import without_secrets

PASSWORD = 'hünter2 "& <\\/>\u2028'
TOKEN = "hunter2.hunter2.hunter2=="


def upper_case_escapes(text):
    return "".join(f"\\u{ord(each):04X}" for each in text)


ECHOES = {
    "in a message": json.dumps({"message": f"No: {PASSWORD}!"}).encode(),
    "in UTF-8": json.dumps({"message": PASSWORD}, ensure_ascii=False).encode(),
    "with another's escapes": f'{{"message": "{upper_case_escapes(PASSWORD)}"}}'.encode(),
    "with PHP's escapes": json.dumps({"message": PASSWORD}).replace("/", "\\/").encode(),
    "deep inside": json.dumps({"message": "No", "more": [{"sent": [PASSWORD]}]}).encode(),
    "twice": json.dumps({"message": PASSWORD * 2, "error": PASSWORD}).encode(),
    "cut off": json.dumps({"message": f"No: {PASSWORD}", "more": "cut"}).encode()[:-5],
    "in a page": f"<p>{html.escape(PASSWORD)}</p>".encode(),
    "bare": f"Wrong: {PASSWORD}".encode(),
    "in a URL": f"<a href='/?p={quote(PASSWORD, safe='')}'>".encode(),
    "in a form's URL": f"<a href='/?p={quote_plus(PASSWORD)}'>".encode(),
}


@pytest.mark.parametrize("echo", ECHOES.values(), ids=ECHOES)
def test_a_password_that_comes_back_is_masked(sample, drive, echo):
    with pytest.raises(errors.BadRequest) as raised:
        drive(
            sample(lambda _: httpx.Response(400, content=echo)),
            session_create.operation,
            body=User(email="ada@example.com", password=PASSWORD),
        )

    error = raised.value
    assert b"***" in error.content
    properties = error.parsed.to_dict() if error.parsed else {}
    assert "nter2" not in f"{error} {error.parsed!r} {error.content!r} {properties}"


def test_a_token_that_comes_back_is_masked(sample, drive):
    def app(request):
        return httpx.Response(401, json={"message": f"Bad header: {request.headers['Authorization']}", "status": 401})

    with pytest.raises(errors.Unauthorized) as raised:
        drive(sample(app, auth=TOKEN), session_refresh.operation)

    assert raised.value.parsed.message == "Bad header: Bearer ***"
    assert raised.value.parsed.status == 401
    assert str(raised.value).endswith(": Bad header: Bearer ***")


def test_an_auth_of_the_caller_s_own_is_masked_too(sample):
    def app(request):
        return httpx.Response(401, text=request.headers["Authorization"].removeprefix("Basic "))

    with sample(app, auth=httpx.BasicAuth("ada", "secret")) as client, pytest.raises(errors.Unauthorized) as raised:
        client.send(session_refresh.operation)

    assert raised.value.content == b"***"


@pytest.mark.parametrize("content", [b'{"status": 401,  "message":"No"}', b"<html>", b"", b'{"a": 1'])
def test_what_repeats_nothing_stays_as_it_is_to_the_byte(content):
    assert without_secrets(content, ["hunter2"]) == content
    assert without_secrets(content, []) == content


def test_a_secret_that_looks_like_the_answer_does_not_spoil_it():
    content = b'{"message": "Wrong word, e", "message2": 1, "status": 401}'

    for secret in ("e", "message", "Wro", "essage", "401", "atus", "message2"):
        assert without_secrets(content, [secret]) == content
    assert json.loads(without_secrets(content, ["word"]))["message"] == "Wrong ***, e"


def test_the_name_of_a_property_is_never_masked():
    content = b'{"my secret": "my secret", "more": {"x-api-key": 1}}'

    assert json.loads(without_secrets(content, ["my secret", "x-api-key"])) == {
        "my secret": "***",
        "more": {"x-api-key": 1},
    }


@pytest.mark.parametrize("password", ["password", "Password", "email", "e", "message"])
def test_a_mask_does_not_tell_a_password_that_is_a_word_of_the_contract(sample, drive, password):
    def app(request):
        return httpx.Response(401, json={"message": "Invalid email or password", "status": 401})

    with pytest.raises(errors.Unauthorized, match=r": Invalid email or password$") as raised:
        drive(sample(app), session_create.operation, body=User(email="ada@example.com", password=password))

    assert raised.value.parsed.message == "Invalid email or password"


@pytest.mark.parametrize("body", [{"email": "ada@example.com", "password": "hunter2"}], ids=["dict"])
def test_a_body_that_is_a_dict_is_masked_as_the_model_is(sample, drive, body):
    def app(request):
        return httpx.Response(400, content=request.content)

    with pytest.raises(errors.BadRequest) as raised:
        drive(sample(app), session_create.operation, body=body)

    assert json.loads(raised.value.content) == body | {"password": "***"}


@pytest.mark.parametrize("fault", ["answer", "body", "connection", "bug"])
def test_the_frames_of_an_error_do_not_show_the_secrets_of_a_dict(sample, drive, fault):
    def app(request):
        if fault == "bug":
            raise ZeroDivisionError
        return httpx.Response(400)

    client = sample(app)
    body = {"password": "hunter2"} if fault == "body" else {"email": "ada@example.com", "password": "hunter2"}
    if fault == "connection":
        client.get_httpx_client = client.get_async_httpx_client = [None].pop  # The second call fails: that of `send`.

    with pytest.raises((errors.BadRequest, ValueError, IndexError, ZeroDivisionError)) as raised:
        drive(client, session_create.operation, body=body)

    frames = [each.frame for each in raised.traceback if "pacerpro_runtime" in str(each.path)]
    assert len(frames) >= 2
    assert not [frame for frame in frames if "hunter2" in repr(frame.f_locals)]


def test_a_dict_that_is_no_body_of_the_contract_is_refused_without_showing_it(sample, drive):
    with pytest.raises(ValueError, match=r"^/email is missing$"):
        drive(sample(), session_create.operation, body={"password": "hunter2"})


def test_of_two_secrets_of_which_one_holds_the_other_nothing_is_left():
    assert without_secrets(b"hunter22", ["hunter2", "hunter22"]) == b"***"


def test_half_a_surrogate_pair_and_a_deep_document_are_no_trouble():
    assert without_secrets(b'"\\ud800hunter"', ["\ud800hunter"]) == b'"***"'
    assert without_secrets(b"<p>", ["\ud800hunter"]) == b"<p>"
    deep = b"[" * 900 + b'"hunter2"' + b"]" * 900
    assert b"hunter2" not in without_secrets(deep, ["hunter2"])


SECRETS = st.text(min_size=4).filter(lambda text: "*" not in text and not text.isidentifier())


@settings(max_examples=50)
@given(SECRETS, st.recursive(st.none() | st.text() | st.just("here"), st.lists, max_leaves=5), st.booleans())
def test_no_text_of_a_json_document_holds_the_secret_afterwards(secret, value, ascii_only):
    document = {"before": value, "text": f"a {secret} b", secret: [secret]}
    content = json.dumps(document, ensure_ascii=ascii_only).encode(errors="surrogatepass")

    clean = json.loads(without_secrets(content, [secret]))

    assert clean["text"] == f"a {secret} b".replace(secret, "***")
    assert clean.keys() == document.keys()
