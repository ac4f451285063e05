"""Log-in: which credentials open a session, and which bodies are read."""

import base64
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from pacerpro_conformance.findings import CONTENT, REFUSED, Leeway, check
from pacerpro_conformance.http.wire import JSON, Answer, Request
from pacerpro_conformance.probe import ENDED, Probe, answered
from pacerpro_conformance.server import User

CREATE = "openapi.yaml, sessionCreate"
ODD_VALUES: tuple[Any, ...] = (None, True, False, 0, 1, -1.5, "", [], {}, ["x"], {"x": "x"})
NUMBERS = Leeway("RFC 8259, section 9: a parser may limit the range of numbers and the depth of nesting", REFUSED)
SURROGATES = Leeway("RFC 8259, section 8.2: what software does with half of a surrogate pair is unpredictable", REFUSED)
PADDED_KEY = Leeway("RFC 2104, section 2: HMAC pads a key with zeros, so that PBKDF2 and scrypt cannot tell them apart")
WIDTH = Leeway("RFC 8265, section 4: how to normalize a password; a server may do more (RFC 4013)")
TRIMMED = Leeway("no document says how a server normalizes an address, and the password is right")
ALIAS = Leeway("no document forbids another way to give the right credentials", range(200, 300))
RESPONSES = "openapi.yaml, responses"
TOO_LARGE = 16 * 2**20  # bytes: more than the known gateways let through
NESTED = 5_000
EXTENSIONS = Leeway("RFC 8259, section 9: a parser may accept other forms, and answer 401", range(401, 402))
TWO_FAULTS = Leeway("openapi.yaml: 400 is also right, and nothing says which fault counts", range(400, 401))
CLOSED = Leeway("RFC 9110, section 15.5.12: a server may want the length, or hang up", range(411, 412), hang_up=True)
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


@check("login", source=f"{CREATE}, 200, security: []; RFC 8259, sections 2, 4, 7 and 11", runner=answered(200))
def right_credentials_open_a_session(probe: Probe) -> Iterator[Request]:
    """Each user can log in again and again, with the JSON in any spelling, and earlier tokens stay valid."""
    for user in probe.users:
        first = probe.log_in(user)
        probe.log_in(user)
        probe.expect_alive(first, "a second log-in has not ended the token of the first")
    text = json.dumps(probe.right, ensure_ascii=False)
    bodies = {
        "with a further property": json.dumps({**probe.right, "remember": True}),
        "in the other order": json.dumps(dict(reversed(probe.right.items()))),
        "with spaces and line feeds": f"\n {json.dumps(probe.right, indent=4)}\t\n",
        "with letters escaped": re.sub(r"(?<!\\)[A-Za-z]", lambda letter: f"\\u{ord(letter[0]):04x}", text),
    }
    yield from (probe.posted(body.encode(), f"right credentials {name}") for name, body in bodies.items())
    for media_type in JSON_TYPES:
        header = ("Content-Type", media_type)
        yield probe.posted(probe.right, f"right credentials, declared as {media_type}", headers=(header,))
    for token in (f"{probe.log_in().value}x", "null"):
        note = "right credentials, and an invalid token in the Authorization header"
        yield probe.posted(probe.right, note, headers=(probe.bearer(token), JSON))


def _near_misses(user: User, other: User) -> Iterator[tuple[str, Any, Any, Leeway | None]]:
    email, password = user.email, user.password
    yield "another password", email, "not the password of anybody", None
    yield "the other user's password", email, other.password, None
    yield "an unknown address", f"nobody.{email}", password, None
    yield "the address and the password exchanged", password, email, None
    wide = "".join(chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in password)
    for name, near in (
        ("without its last character", password[:-1]),
        ("without its first character", password[1:]),
        ("with one more character", f"{password}x"),
        ("with a space after it", f"{password} "),
        ("with a line feed after it", f"{password}\n"),
        ("with a NUL and more after it", f"{password}\0more"),
        ("in the other case", password.swapcase()),
        ("a thousand times", password * 1000),
        ("in an array", [password]),
        ("in an object", {"value": password}),
    ):
        yield f"the password {name}", email, near, None
    yield "the password with a NUL after it", email, f"{password}\0", PADDED_KEY
    yield "the password in full-width letters", email, wide, WIDTH
    yield "operators of a query language for both", {"$gt": ""}, {"$gt": ""}, None
    yield "an operator of a query language for the password", email, {"$ne": ""}, None
    yield "SQL for both", "' OR '1'='1", "' OR '1'='1", None
    yield "half of a surrogate pair for both", "\ud800", "\udc00", SURROGATES


def _near_addresses(email: str) -> Iterator[tuple[str, Any]]:
    """What may find the user if the server puts an address into a query as it comes."""
    for operator in ({"$ne": ""}, {"$gt": ""}, {"$regex": ".*"}, {"$in": [email]}, {"$eq": email}):
        yield f"the operator {next(iter(operator))} of a query language", operator
    yield "a wildcard alone", "%"
    yield "a wildcard for all but the first character", f"{email[0]}%"
    yield "a wildcard for one character", f"_{email[1:]}"
    yield "a regular expression", ".*"
    yield "SQL alone", "' OR '1'='1"
    yield "SQL after the address", f"{email}' OR '1'='1"
    yield "a comment of SQL after the address", f"{email}' -- "
    yield "an array", [email]
    yield "a NUL after it", f"{email}\0"
    yield "a NUL and more after it", f"{email}\0more"
    yield "twenty repetitions", email * 20


@check(
    "login", source=f"{CREATE}, 401: the credentials are wrong; an address identifies one user", runner=answered(401)
)
def wrong_credentials_are_refused(probe: Probe) -> Iterator[Request]:
    """Credentials that are nearly right are refused, and so are queries as the address; no token of the user ends."""
    for user, other in (probe.users, probe.users[::-1]):
        token = probe.log_in(user)
        for name, email, password, leeway in _near_misses(user, other):
            if (email, password) != (user.email, user.password):
                yield probe.posted(probe.credentials(email, password), name, leeway)
        for name, email in _near_addresses(user.email):
            leeway = TRIMMED if name == "a NUL after it" else None
            if email != user.email:
                yield probe.posted(probe.credentials(email, user.password), f"as the address, {name}", leeway)
        probe.expect_alive(token, "a refused log-in has not ended a token")


@check("login", source=f"{CREATE}, description: missing credentials are 401 and not 400", runner=answered(401))
def missing_credentials_are_refused(probe: Probe) -> Iterator[Request]:
    """An object that lacks one of the credentials, or has another type in its place, is refused with 401."""
    (email, address), (password, word) = probe.right.items()
    yield probe.posted({}, "an empty object")
    yield probe.posted({email: address}, "no password")
    yield probe.posted({password: word}, "no address")
    yield probe.posted({"username": address, "pass": word}, "other names", ALIAS)
    yield probe.posted({email.upper(): address, password.upper(): word}, "names in capitals", ALIAS)
    yield probe.posted({"user": probe.right}, "the credentials one level down", ALIAS)
    yield Request("the credentials in the query", (JSON,), b"{}", f"?{urlencode(probe.right)}", ALIAS)
    basic = base64.b64encode(f"{address}:{word}".encode()).decode()
    headers = (JSON, ("Authorization", f"Basic {basic}"))
    yield Request("the credentials as Basic", headers, b"{}", leeway=ALIAS, token=basic)
    for odd in ODD_VALUES:
        for values in ((odd, word), (address, odd), (odd, odd)):
            name = f"{type(odd).__name__} {odd!r:.20} in place of {'both' if values[0] is values[1] else 'one'}"
            yield probe.posted(probe.credentials(*values), name)
    for number in (b"1e400", b"1" + b"0" * 400, b"-0", b"9" * 5000, b"[" * 20 + b"]" * 20):
        body = b'{"%s": %s}' % (password.encode(), number)
        yield probe.posted(body, f"{number[:8].decode()}... as the password", NUMBERS)


@check("login", source=f"{CREATE}, description: a caller cannot find out which addresses are known")
def known_addresses_stay_secret(probe: Probe) -> None:
    """A wrong password and an unknown address get the same answer, except for what differs each time."""

    def answers_to(email: str, note: str) -> list[Answer]:
        bodies = [probe.credentials(email.format(number), f"wrong {number}") for number in range(3)]
        return [probe.call(probe.contract.log_in, probe.posted(body, note)) for body in bodies]

    wrong, unknown = answers_to(probe.ada.email, "a wrong password"), answers_to("nobody{}@example.com", "nobody")
    for answer in unknown:
        same = (answer.status, answer.json) == (wrong[0].status, wrong[0].json)
        probe.expect(same, f"the answer to a wrong password, {probe.mask.answer(wrong[0])}", answer)
    for name in {name for each in (*wrong, *unknown) for name in each.headers} - {"date", "content-length", "etag"}:
        known, other = ({answer.headers.get(name) for answer in each} for each in (wrong, unknown))
        told = len(known) == len(other) == 1 and known != other
        probe.expect(not told, f"the same header {name} as in the answer to a wrong password", unknown[0])


@check("bodies", source=f"{RESPONSES}.BadRequest: the body is not JSON, or not an object", runner=answered(400))
def invalid_json_is_400(probe: Probe) -> Iterator[Request]:
    """A body that is not a JSON object is 400."""
    for bodies, leeway in ((NOT_JSON, None), (NEARLY_JSON, EXTENSIONS), (NOT_AN_OBJECT, None)):
        yield from (probe.posted(body, f"the body is {body!r:.60}", leeway) for body in bodies)


@check("bodies", source=f"{RESPONSES}.UnsupportedMediaType: not declared as JSON", runner=answered(415))
def other_media_types_are_415(probe: Probe) -> Iterator[Request]:
    """A body that is not declared as the contract's media type is 415, with right credentials in it or not."""
    good = json.dumps(probe.right).encode()
    for body, what in ((good, "right credentials"), (b"{}", "an empty object"), (b"x", "text that is not JSON")):
        for media_type in (*OTHER_TYPES, *SPECIAL_TYPES):
            leeway = TWO_FAULTS if body == b"x" or media_type in SPECIAL_TYPES else None
            header = ("Content-Type", media_type)
            yield probe.posted(body, f"{what}, declared as {media_type!r}", leeway, (header,))
        yield probe.posted(body, f"{what}, not declared", TWO_FAULTS if body == b"x" else None, ())


@check("bodies", source=f"{RESPONSES}.ContentTooLarge; or a stranger could exhaust the server's memory")
def too_large_is_413(probe: Probe) -> None:
    """A body that is too large is 413, or 401 if it is not too large, with its length announced or not."""
    filler = b'{"%s": "' % probe.contract.identity.encode() + b"x" * TOO_LARGE + b'"}'
    note = f"an object of {TOO_LARGE} bytes"
    announced = probe.call(probe.contract.log_in, probe.posted(filler, note, CLOSED))
    probe.expect(announced.status in {401, 413}, f"413, or 401: {note}", announced)
    chunks = [filler[start : start + 2**16] for start in range(0, len(filler), 2**16)]
    request = Request(f"{note}, in chunks", (JSON,), chunks, leeway=CLOSED)
    probe.expect_status(announced.status, probe.call(probe.contract.log_in, request))
    probe.expect_alive(probe.log_in(), "log-in and refresh work after a body that was too large")


@check("bodies", source="RFC 9110, section 9.3.1 and 9.3.5: content of GET and DELETE has no meaning")
def content_without_meaning_is_ignored(probe: Probe) -> None:
    """A body of refresh or log-out changes nothing."""
    for body, media_type in ((b"{", JSON[1]), (b"{}", JSON[1]), (b"x", "text/plain")):
        token = probe.refresh(probe.log_in())
        for operation in (probe.contract.refresh, probe.contract.log_out):
            note = f"{operation.name} with a live token and a body"
            request = probe.posted(body, note, CONTENT, (("Content-Type", media_type),))
            done = probe.expect_status(200, probe.call(operation, request, token))
            if done and operation is probe.contract.log_out:
                probe.expect_dead(token, ENDED)
