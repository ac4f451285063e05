"""Bodies: 400 if they are not a JSON object, 415 if they are not declared as JSON, 413 if they are too large."""

import json

from pacerpro_conformance.cases import JSON, Case
from pacerpro_conformance.findings import CONTENT, Leeway, check
from pacerpro_conformance.probe import ENDED, Probe

RESPONSES = "openapi.yaml, responses"
TOO_LARGE = 16 * 2**20  # bytes: more than the known gateways let through
CHUNK = 2**16
NESTED = 5_000
EXTENSIONS = Leeway("RFC 8259, section 9: a parser may accept other forms, and answer 401", range(401, 402))
TWO_FAULTS = Leeway("openapi.yaml: 400 is also right, and nothing says which fault counts", range(400, 401))
CLOSED = Leeway("RFC 9110, section 15.5.12 and 15.5.14: a server may want the length, or close the connection",
                range(411, 412), hang_up=True)  # fmt: skip

NOT_JSON = (b"email", b'{"email": "ada@example.com", "passw', b"email=ada%40example.com&password=x", b"<user/>", b"\0",
            b"[" * NESTED, b'{"a":' * NESTED)  # fmt: skip
NEARLY_JSON = (b"", b" \r\n", b"{'email': 'ada@example.com'}", b'{"email": "ada@example.com",}', b"{} // nothing",
               b"{}{}", b"{}x", b'{"email": NaN}', b'{"email": -Infinity}', b'{"email": "\n"}', b'{"email": "\xff"}',
               '{"email": "x"}'.encode("utf-16"))  # fmt: skip
NOT_AN_OBJECT = (b"[]", b"[{}]", b'"{}"', b"0", b"true", b"null")
OTHER_TYPES = ("text/plain", "application/xml", "text/json", "application/jsonp", "application/json5",
               "application/merge-patch+json", "application/vnd.api+json")  # fmt: skip
# What a framework reads before the application, and what is not a media type at all (RFC 9110, section 8.3.1).
SPECIAL_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application", "application/*",
                 "*/*", "json", "")  # fmt: skip
JSON_TYPES = ("application/json; charset=utf-8", "Application/JSON", "application/json;charset=UTF-8")


@check(source=f"{RESPONSES}.BadRequest: the body is not JSON")
def invalid_json_is_400(probe: Probe) -> None:
    """A body that is not JSON is 400."""
    for bodies, leeway in ((NOT_JSON, None), (NEARLY_JSON, EXTENSIONS)):
        probe.expect_each(400, [probe.posted(body, f"the body is {body!r:.60}", leeway) for body in bodies])


@check(source=f"{RESPONSES}.BadRequest: the body is not a JSON object")
def other_json_is_400(probe: Probe) -> None:
    """A body that is JSON but not an object is 400."""
    probe.expect_each(400, [probe.posted(body, f"the body is {body.decode()}") for body in NOT_AN_OBJECT])


@check(source=f"{RESPONSES}.UnsupportedMediaType: the body is not declared as application/json")
def other_media_types_are_415(probe: Probe) -> None:
    """A body that is not declared as the contract's media type is 415, with right credentials in it or not."""
    good = json.dumps(probe.right).encode()
    for body, what in ((good, "right credentials"), (b"{}", "an empty object"), (b"x", "text that is not JSON")):
        for media_type in (*OTHER_TYPES, *SPECIAL_TYPES, None):
            declared = "not declared" if media_type is None else f"declared as {media_type!r}"
            leeway = TWO_FAULTS if body == b"x" or media_type in SPECIAL_TYPES else None
            headers = (("Content-Type", media_type),) if media_type is not None else ()
            probe.expect_each(415, [probe.posted(body, f"{what}, {declared}", leeway, headers)])


@check(source="RFC 9110, section 8.3.1: type and subtype are case-insensitive; RFC 8259, section 11: no parameters")
def json_is_read_in_any_spelling(probe: Probe) -> None:
    """The media type is read in any case and with any parameters."""
    probe.log_in()
    for media_type in JSON_TYPES:
        note = f"right credentials, declared as {media_type}"
        probe.expect_each(200, [probe.posted(probe.right, note, headers=(("Content-Type", media_type),))])


@check(source=f"{RESPONSES}.ContentTooLarge; or a stranger could exhaust the server's memory")
def too_large_is_413(probe: Probe) -> None:
    """A body that is too large is 413, or 401 if it is not too large, with its length announced or not."""
    filler = b'{"%s": "' % probe.contract.identity.encode() + b"x" * TOO_LARGE + b'"}'
    note = f"an object of {TOO_LARGE} bytes"
    announced = probe.call(probe.contract.log_in, Case(note, (JSON,), filler, leeway=CLOSED))
    probe.expect(announced.status in {401, 413}, f"413, or 401: {note}", announced)
    chunks = [filler[start : start + CHUNK] for start in range(0, len(filler), CHUNK)]
    probe.expect_each(announced.status, [Case(f"{note}, in chunks", (JSON,), chunks, leeway=CLOSED)])
    probe.expect_alive(probe.log_in(), "log-in and refresh work after a body that was too large")


@check(source="RFC 9112, section 9.3: a body must be read whole, or the connection closed")
def connections_survive_refused_bodies(probe: Probe) -> None:
    """After a body that was refused, the next request on the connection is understood."""
    token = probe.log_in()
    for body, media_type in ((b"x" * 4096, "text/plain"), (b"[" * 4096, JSON[1]), (b"", JSON[1])):
        case = Case("a body that is refused", (("Content-Type", media_type),), body)
        probe.call(probe.contract.log_in, case)
        probe.expect_alive(token, "a live token after a body that was refused")


@check(source="RFC 9110, section 9.3.1 and 9.3.5: content of GET and DELETE has no meaning")
def content_without_meaning_is_ignored(probe: Probe) -> None:
    """A body of refresh or log-out changes nothing."""
    for body, media_type in ((b"{", JSON[1]), (b"{}", JSON[1]), (b"x", "text/plain")):
        token = probe.refresh(probe.log_in())
        for operation in (probe.contract.refresh, probe.contract.log_out):
            headers = (("Content-Type", media_type),)
            case = Case(f"{operation.name} with a live token and a body", headers, body, leeway=CONTENT)
            answered = probe.expect_status(200, probe.call(operation, case, token), case)
            if answered and operation is probe.contract.log_out:
                probe.expect_dead(token, ENDED)
