"""Bodies: what is no JSON object is 400, what is not declared as JSON is 415, and what is too large is 413."""

import json

from pacerpro_conformance.http.wire import Answer
from pacerpro_conformance.probe import JSON, Probe
from pacerpro_conformance.registry import check

TOO_LARGE = 16 * 2**20  # bytes: more than the gateways that are known let through
CHUNK = 2**16
DEEP = 100_000

NO_JSON: dict[str, bytes] = {
    "an empty body": b"",
    "white space": b" \r\n",
    "a word": b"email",
    "an object cut short": b'{"email": "ada@example.com", "passw',
    "single quotes": b"{'email': 'ada@example.com'}",
    "a trailing comma": b'{"email": "ada@example.com",}',
    "a comment": b"{} // nothing",
    "two objects": b"{}{}",
    "text behind an object": b"{}x",
    "NaN": b'{"email": NaN}',
    "Infinity": b'{"email": -Infinity}',
    "a control character in a string": b'{"email": "\n"}',
    "no UTF-8": b'{"email": "\xff"}',
    "UTF-16": '{"email": "x"}'.encode("utf-16"),
    "a form": b"email=ada%40example.com&password=x",
    "XML": b"<user/>",
    "a NUL": b"\0",
}
NO_OBJECT: dict[str, bytes] = {
    "an array": b"[]",
    "an object in an array": b"[{}]",
    "a string": b'"{}"',
    "a number": b"0",
    "true": b"true",
    "null": b"null",
}
OTHER_TYPES = (
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/xml",
    "text/json",
    "application/jsonp",
    "application/json5",
    "application/merge-patch+json",
    "application/vnd.api+json",
    "application",
    "application/*",
    "*/*",
    "json",
    "",
)
JSON_TYPES = (
    "application/json",
    "application/json; charset=utf-8",
    "Application/JSON",
    "application/json;charset=UTF-8",
)


@check
def no_json_is_400(probe: Probe) -> None:
    """A body that is no JSON is answered 400."""
    deep = {"arrays, very deep": b"[" * DEEP, "objects, very deep": b'{"a":' * DEEP}
    for name, body in {**NO_JSON, **deep}.items():
        _expect_unreadable(probe, probe.post(body, note=name), name)


@check
def no_object_is_400(probe: Probe) -> None:
    """A body that is JSON and no object is answered 400."""
    for name, body in NO_OBJECT.items():
        _expect_unreadable(probe, probe.post(body, note=name), name)


def _expect_unreadable(probe: Probe, answer: Answer, name: str) -> None:
    # Nested so deeply, a body may be too large as well.
    allowed = {400, 413} if "very deep" in name else {400}
    probe.expect(answer.status in allowed, f"400: the body is {name}", answer)


@check
def other_types_are_415(probe: Probe) -> None:
    """A body that is not declared as the contract's media type is answered 415, right credentials in it or not."""
    good = json.dumps(probe.credentials(probe.ada.email, probe.ada.password)).encode()
    for body, what in ((good, "right credentials"), (b"{}", "an empty object"), (b"x", "no JSON")):
        for media_type in OTHER_TYPES:
            name = f"{what}, declared as {media_type!r}"
            answer = probe.post(body, headers=[("Content-Type", media_type)], note=name)
            probe.expect(answer.status == 415, f"415: {name}", answer)
        answer = probe.post(body, headers=[], note=f"{what}, not declared")
        probe.expect(answer.status == 415, f"415: {what}, not declared", answer)


@check
def json_in_any_spelling_is_read(probe: Probe) -> None:
    """The media type is read without regard to case, and without regard to its parameters (RFC 9110, section 8.3.1)."""
    good = probe.credentials(probe.ada.email, probe.ada.password)
    for media_type in JSON_TYPES:
        answer = probe.post(good, headers=[("Content-Type", media_type)], note=f"declared as {media_type}")
        probe.expect(answer.status == 200, f"200: right credentials, declared as {media_type}", answer)


@check
def too_large_is_413(probe: Probe) -> None:
    """A body that is too large is answered 413 if at all, whether its length is announced or not."""
    filler = b'{"%s": "' % probe.contract.identity.encode() + b"x" * TOO_LARGE + b'"}'
    note = f"an object of {TOO_LARGE} bytes"
    announced = probe.post(filler, note=note)
    probe.expect(announced.status in {401, 413}, f"413, or 401: {note}", announced)
    chunks = [filler[start : start + CHUNK] for start in range(0, len(filler), CHUNK)]
    in_chunks = probe.call(probe.contract.log_in, headers=[JSON], body=chunks, note=f"{note}, in chunks")
    probe.expect(
        in_chunks.status == announced.status, f"{announced.status}, as when the length is announced", in_chunks
    )
    probe.expect_alive(probe.log_in(), "log-in and refresh work after a body that was too large")


@check
def refused_bodies_leave_the_connection_whole(probe: Probe) -> None:
    """After a body that was refused, the next request on the same connection is understood."""
    token = probe.log_in()
    for body, headers in ((b"x" * 4096, [("Content-Type", "text/plain")]), (b"[" * 4096, [JSON]), (b"", [JSON])):
        probe.call(probe.contract.log_in, headers=headers, body=body, note="a body that is refused")
        probe.expect_alive(token, "a live token after a body that was refused")


@check
def bodies_elsewhere_mean_nothing(probe: Probe) -> None:
    """A body of refresh or log-out changes nothing (RFC 9110, section 9.3.1)."""
    for body, headers in ((b"{", [JSON]), (b"{}", [JSON]), (b"x", [("Content-Type", "text/plain")])):
        token = probe.log_in()
        for operation in (probe.contract.refresh, probe.contract.log_out):
            answer = probe.call(operation, token, headers=headers, body=body, note="a live token and a body")
            probe.expect(answer.status == 200, "200: a live token and a body", answer)
        probe.expect_dead(token, "log-out with a body has ended the token")
