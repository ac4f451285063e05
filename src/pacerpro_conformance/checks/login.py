"""Log-in: correct credentials open a session, and anything else is refused and reveals nothing."""

import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from pacerpro_conformance.cases import JSON, Case
from pacerpro_conformance.findings import REFUSED, Leeway, check
from pacerpro_conformance.http.wire import Answer
from pacerpro_conformance.probe import Probe
from pacerpro_conformance.server.users import User

CREATE = "openapi.yaml, sessionCreate"
ODD_VALUES: tuple[Any, ...] = (None, True, False, 0, 1, -1.5, 10**400, "", [], {}, ["x"], {"x": "x"})
NUMBERS = Leeway("RFC 8259, section 9: a parser may limit the range of numbers and the depth of nesting", REFUSED)
SURROGATES = Leeway("RFC 8259, section 8.2: what software does with half of a surrogate pair is unpredictable", REFUSED)
PADDED_KEY = Leeway("RFC 2104, section 2: HMAC pads a key with zeros, so that PBKDF2 and scrypt cannot tell them apart")
WIDTH = Leeway("RFC 8265, section 4: how to normalize a password; a server may do more (RFC 4013)")
TRIMMED = Leeway("no document says how a server normalizes an address, and the password is right")
ALIAS = Leeway("no document forbids another way to give the right credentials", range(200, 300))


@check(source=f"{CREATE}, 200; Session.expiresAt: a token lives until then")
def right_credentials_open_a_session(probe: Probe) -> None:
    """Each user can log in again and again, and an earlier token stays valid."""
    for user in probe.users:
        first = probe.log_in(user)
        probe.log_in(user)
        probe.expect_alive(first, "a second log-in has not ended the token of the first")


@check(source=f"{CREATE}, requestBody; RFC 8259, sections 2, 4 and 7")
def all_json_spellings_are_read(probe: Probe) -> None:
    """Further properties, another order, spaces and escapes do not matter."""
    bodies = {
        "with a further property": json.dumps({**probe.right, "remember": True}),
        "in the other order": json.dumps(dict(reversed(probe.right.items()))),
        "with spaces and line feeds": f"\n {json.dumps(probe.right, indent=4)}\t\n",
        "with every character escaped": _escaped(probe.right),
    }
    probe.expect_each(200, [probe.posted(body.encode(), f"right credentials {name}") for name, body in bodies.items()])


def _escaped(value: dict[str, str]) -> str:
    def escape(text: str) -> str:
        units = text.encode("utf-16-be").hex()
        return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))

    return "{" + ",".join(f'"{key}":"{escape(text)}"' for key, text in value.items()) + "}"


@check(source=f"{CREATE}, security: []")
def authorization_header_is_ignored(probe: Probe) -> None:
    """Log-in needs no authorization, so an invalid token beside right credentials does not matter."""
    headers = (probe.bearer(f"{probe.log_in().value}x"), JSON), (probe.bearer("null"), JSON)
    note = "right credentials, and an invalid token in the Authorization header"
    probe.expect_each(200, [probe.posted(probe.right, note, headers=each) for each in headers])


def _near_misses(user: User, other: User) -> Iterator[tuple[str, Any, Any, Leeway | None]]:
    email, password = user.email, user.password
    yield "another password", email, "not the password of anybody", None
    yield "the other user's password", email, other.password, None
    yield "an unknown address", f"nobody.{email}", password, None
    yield "the address and the password exchanged", password, email, None
    yield "the address as the password too", email, email, None
    wide = "".join(chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in password)
    for name, near in (
        ("without its last character", password[:-1]),
        ("without its first character", password[1:]),
        ("with one more character", f"{password}x"),
        ("with a space after it", f"{password} "),
        ("with a space before it", f" {password}"),
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
    yield "wildcards for both", "%", "%", None
    yield "half of a surrogate pair for both", "\ud800", "\udc00", SURROGATES


@check(source=f"{CREATE}, 401: the credentials are wrong")
def wrong_credentials_are_refused(probe: Probe) -> None:
    """Credentials that are nearly right are refused, and so are another user's."""
    for user, other in ((probe.ada, probe.bob), (probe.bob, probe.ada)):
        for name, email, password, leeway in _near_misses(user, other):
            if (email, password) != (user.email, user.password):
                probe.expect_each(401, [probe.posted(probe.credentials(email, password), name, leeway)])


def _near_addresses(email: str) -> Iterator[tuple[str, Any]]:
    """What may find the user if the server puts an address into a query as it comes."""
    for operator in ({"$ne": ""}, {"$gt": ""}, {"$regex": ".*"}, {"$in": [email]}, {"$eq": email}):
        yield f"the operator {next(iter(operator))} of a query language", operator
    yield "a wildcard alone", "%"
    yield "a wildcard for all but the first character", f"{email[0]}%"
    yield "a wildcard for one character", f"_{email[1:]}"
    yield "a shell's wildcard", "*"
    yield "a regular expression", ".*"
    yield "SQL alone", "' OR '1'='1"
    yield "SQL after the address", f"{email}' OR '1'='1"
    yield "a comment of SQL after the address", f"{email}' -- "
    yield "an array", [email]
    yield "an object", {"value": email}
    yield "a NUL after it", f"{email}\0"
    yield "a NUL and more after it", f"{email}\0more"
    yield "twenty repetitions", email * 20


@check(source=f"{CREATE}, 401; an address identifies one user (User.email)")
def address_is_not_a_query(probe: Probe) -> None:
    """The right password opens no session for a pattern, an operator or SQL in place of the address."""
    for user in probe.users:
        for name, email in _near_addresses(user.email):
            leeway = TRIMMED if name == "a NUL after it" else None
            body = probe.credentials(email, user.password)
            probe.expect_each(
                401, [probe.posted(body, f"as the address, {name}", leeway)] if email != user.email else []
            )


@check(source="Session.expiresAt: a token lives until then; or a stranger could log users out")
def refused_log_in_ends_no_token(probe: Probe) -> None:
    """Wrong credentials leave the user's tokens alone."""
    token = probe.log_in()
    for password in ("wrong", "", None):
        case = probe.posted(probe.credentials(probe.ada.email, password), "a wrong password")
        probe.call(probe.contract.log_in, case)
    probe.expect_alive(token, "a refused log-in has not ended a token")


@check(source=f"{CREATE}, description: missing credentials are 401 and not 400")
def missing_credentials_are_refused(probe: Probe) -> None:
    """An object that lacks one of the credentials, or both, is refused with 401."""
    (email, address), (password, word) = probe.right.items()
    cases = {"an empty object": {}, "no password": {email: address}, "no address": {password: word}}
    aliases: dict[str, Any] = {
        "other names": {"username": address, "pass": word},
        "names in capitals": {email.upper(): address, password.upper(): word},
        "the credentials one level down": {"user": probe.right},
    }
    probe.expect_each(401, [probe.posted(body, name) for name, body in cases.items()])
    probe.expect_each(401, [probe.posted(body, name, ALIAS) for name, body in aliases.items()])


@check(source=f"{CREATE}, 401; User: both are strings")
def other_types_are_refused(probe: Probe) -> None:
    """Credentials of another type are refused with 401, as wrong ones are."""
    for odd in ODD_VALUES:
        leeway = NUMBERS if odd == 10**400 else None
        for email, password in ((odd, probe.ada.password), (probe.ada.email, odd), (odd, odd)):
            name = f"{type(odd).__name__} {odd!r:.20} in place of {'both' if email is password else 'one'}"
            probe.expect_each(401, [probe.posted(probe.credentials(email, password), name, leeway)])
    for number in (b"1e400", b"-0", b"9" * 5000, b"[" * 20 + b"]" * 20):
        body, name = b'{"%s": %s}' % (probe.contract.password.encode(), number), f"{number[:8].decode()}..."
        probe.expect_each(401, [probe.posted(body, f"{name} as the password", NUMBERS)])


@check(source=f"{CREATE}, requestBody: the credentials stand there")
def credentials_elsewhere_are_ignored(probe: Probe) -> None:
    """Credentials in the query or in Basic authentication open no session."""
    basic = base64.b64encode(f"{probe.ada.email}:{probe.ada.password}".encode()).decode()
    headers, query = (JSON, ("Authorization", f"Basic {basic}")), f"?{urlencode(probe.right)}"
    probe.expect_each(401, [
        Case("the credentials in the query", (JSON,), b"{}", query, ALIAS),
        Case("the credentials as Basic", headers, b"{}", leeway=ALIAS, token=basic),
    ])  # fmt: skip


@check(source=f"{CREATE}, description: a caller cannot find out which addresses are known")
def known_addresses_stay_secret(probe: Probe) -> None:
    """A wrong password and an unknown address get the same answer, except for what differs each time."""

    def answers_to(email: str, note: str) -> list[Answer]:
        cases = [probe.posted(probe.credentials(email.format(n), f"wrong {n}"), note) for n in range(3)]
        return [probe.call(probe.contract.log_in, case) for case in cases]

    wrong, unknown = answers_to(probe.ada.email, "a wrong password"), answers_to("nobody{}@example.com", "nobody")
    for answer in unknown:
        same = (answer.status, answer.json) == (wrong[0].status, wrong[0].json)
        probe.expect(same, f"the answer to a wrong password, {wrong[0].shown(probe.mask)}", answer)
    for name in {name for each in (*wrong, *unknown) for name in each.headers} - {"date", "content-length", "etag"}:
        known, other = ({answer.headers.get(name) for answer in each} for each in (wrong, unknown))
        told = len(known) == len(other) == 1 and known != other
        probe.expect(not told, f"the same header {name} as in the answer to a wrong password", unknown[0])
