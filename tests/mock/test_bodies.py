"""The body of a log-in: what is JSON, what is declared as JSON, and how much of it there may be."""

from __future__ import annotations

import json

import pytest

GOOD = json.dumps({"email": "ada@example.com", "password": "secret"}).encode()
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b" ", 400),
        (b"{", 400),
        (b"nonsense", 400),
        (GOOD[:-1], 400),
        (GOOD + b"x", 400),
        (GOOD + GOOD, 400),
        (GOOD.replace(b'"', b"'"), 400),
        (GOOD[:-1] + b",}", 400),
        (b"email=ada", 400),
        (b"null", 400),
        (b"true", 400),
        (b"1", 400),
        (b'"text"', 400),
        (b"[]", 400),
        (b"[" + GOOD + b"]", 400),
        (b'{"email": NaN}', 400),
        (b'{"email": -Infinity}', 400),
        (b'{"email": 01}', 400),
        (b'{"email": "\xff"}', 400),
        (b'{"email": "\xed\xa0\x80"}', 400),
        (b'{"email": "\x00"}', 400),
        (b"\xef\xbb\xbf" + GOOD, 400),
        (GOOD.decode().encode("utf-16"), 400),
        (b'{"email": "\\x"}', 400),
        (b"[" * 60_000, 400),
        (b'{"a":' * 10_000, 400),
        (b'{"email": 1e999}', 401),
        (b'{"email": ' + b"9" * 60_000 + b"}", 401),
        (b'{"email": "\\ud800", "password": "\\udfff"}', 401),
        (b'{"\\ud800": 1}', 401),
        (b'{"email": "ada@example.com\\u0000", "password": "secret"}', 401),
        (b'{"email": "eve@example.com", ' + GOOD[1:], 401),
        (GOOD[:-1] + b', "password": "wrong"}', 401),
        (GOOD[:-1] + b', "password": "secret"}', 401),
        (GOOD[:-1] + b', "remember": [1, {"a": null}]}', 200),
        (b"\r\n\t " + GOOD + b"\r\n\t ", 200),
        (GOOD.replace(b"ada", b"\\u0061da"), 200),
    ],
)
def test_invalid_json_is_400_and_wrong_credentials_are_401(call, body, status):
    response = call("POST", content=body, headers=JSON)
    assert response.status_code == status
    if status != 200:
        assert response.json()["status"] == status


def test_an_object_nested_too_deeply_to_be_read_is_refused(call):
    response = call("POST", content=b'{"email":' + b"[" * 20_000 + b"]" * 20_000 + b"}", headers=JSON)
    assert response.status_code == 400


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([("Content-Type", "application/json")], 200),
        ([("Content-Type", "Application/JSON")], 200),
        ([("Content-Type", "application/json; charset=utf-8")], 200),
        ([("Content-Type", "application/json ;charset=UTF-16")], 200),
        ([("Content-Type", 'application/json; a="b;c"; x')], 200),
        ([("Content-Type", "application/json;")], 200),
        ([("Content-Type", "application/json"), ("Content-Encoding", "identity")], 200),
        ([], 415),
        ([("Content-Type", "")], 415),
        ([("Content-Type", "text/plain")], 415),
        ([("Content-Type", "application/x-www-form-urlencoded")], 415),
        ([("Content-Type", "multipart/form-data; boundary=application/json")], 415),
        ([("Content-Type", "application/problem+json")], 415),
        ([("Content-Type", "application/jsonp")], 415),
        ([("Content-Type", "application/*")], 415),
        ([("Content-Type", "*/*")], 415),
        ([("Content-Type", "text/json")], 415),
        ([("Content-Type", "text/plain; application/json")], 415),
        ([("Content-Type", "application/json, text/plain")], 415),
        ([("Content-Type", "application/json"), ("Content-Type", "text/plain")], 415),
        ([("Content-Type", "text/plain"), ("Content-Type", "application/json")], 415),
        ([("Content-Type", "application/json"), ("Content-Type", "application/json")], 415),
        ([("Content-Type", "application/json\xff")], 415),
        ([("Content-Type", "application/json"), ("Content-Encoding", "gzip")], 415),
    ],
)
def test_the_body_has_to_be_declared_as_json_once(call, headers, status):
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    response = call("POST", content=GOOD, headers=encoded)
    assert response.status_code == status
    if status == 415:
        assert response.json() == {"message": "Unsupported Media Type"}
        # RFC 9110, section 15.5.16: what would do instead, the type and the coding.
        assert (response.headers["accept"], response.headers["accept-encoding"]) == ("application/json", "identity")


def padded(size: int) -> bytes:
    return GOOD + b" " * (size - len(GOOD))


@pytest.mark.parametrize(("size", "status"), [(65_536, 200), (65_537, 413), (1_000_000, 413)])
@pytest.mark.parametrize("declared", [True, False])
def test_a_body_has_a_limit(each_way, size, status, declared):
    body = padded(size)
    chunks = (body[start : start + 1000] for start in range(0, size, 1000))
    response = each_way("POST", content=body if declared else chunks, headers=JSON)
    assert response.status_code == status
    if status == 413:
        assert response.json() == {"message": "Request Too Long"}


@pytest.mark.parametrize("length", ["-1", "1e3", "99999999999999999999", "0x10", ""])
def test_a_malformed_content_length_is_413(call, length):
    assert call("POST", content=GOOD, headers={**JSON, "Content-Length": length}).status_code == 413


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_body_of_refresh_or_log_out_is_ignored(each_way, method):
    headers = {"Authorization": f"Bearer {each_way.log_in()}", "Content-Type": "text/plain"}
    assert each_way(method, content=b"x" * 1_000_000, headers=headers).status_code == 200
    assert each_way.log_in()
