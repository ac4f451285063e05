"""Log-in: right credentials open a session, and whatever else is no log-in tells nothing."""

import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from pacerpro_conformance.http.wire import Answer
from pacerpro_conformance.probe import JSON, Probe, User
from pacerpro_conformance.registry import check

ODD_VALUES: tuple[Any, ...] = (None, True, False, 0, 1, -1.5, 10**400, "", [], {}, ["x"], {"x": "x"})


@check
def right_credentials_open_a_session(probe: Probe) -> None:
    """Each user's credentials open a session, again and again, and an earlier one lives on."""
    for user in (probe.ada, probe.bob):
        first = probe.log_in(user)
        probe.log_in(user)
        probe.expect_alive(first, "a second log-in has not ended the first one's token")


@check
def unknown_properties_are_harmless(probe: Probe) -> None:
    """The contract forbids no further property beside the credentials, and no order or spacing."""
    good = probe.credentials(probe.ada.email, probe.ada.password)
    for name, body in (
        ("with a further property", json.dumps({**good, "remember": True})),
        ("in the other order", json.dumps(dict(reversed(good.items())))),
        ("with spaces and line feeds", f"\r\n {json.dumps(good, indent=4)}\t\n"),
        ("with every character escaped", _escaped(good)),
    ):
        answer = probe.post(body.encode(), note=f"right credentials {name}")
        probe.expect(answer.status == 200, f"200: right credentials {name}", answer)


def _escaped(value: dict[str, str]) -> str:
    pairs = (f'"{key}":"{"".join(f"{chr(92)}u{ord(each):04x}" for each in text)}"' for key, text in value.items())
    return (
        "{" + ",".join(pairs) + "}"
        if all(ord(each) < 65536 for text in value.values() for each in text)
        else json.dumps(value)
    )


@check
def an_authorization_header_is_not_read(probe: Probe) -> None:
    """Log-in asks for no authorization, so a dead token beside right credentials does no harm."""
    good = json.dumps(probe.credentials(probe.ada.email, probe.ada.password)).encode()
    token = probe.log_in()
    probe.log_out(token)
    for value in (token.value, "null"):
        answer = probe.call(
            probe.contract.log_in, value, headers=[JSON], body=good, note="a dead token, right credentials"
        )
        probe.expect(answer.status == 200, "200: the Authorization header means nothing to log-in", answer)


def _near_misses(user: User, other: User) -> Iterator[tuple[str, Any, Any]]:
    email, password = user.email, user.password
    yield "another password", email, "not the password of anybody"
    yield "the other user's password", email, other.password
    yield "an unknown address", f"nobody.{email}", password
    yield "the address and the password exchanged", password, email
    yield "the address as the password too", email, email
    for name, near in (
        ("without its last character", password[:-1]),
        ("without its first character", password[1:]),
        ("with one character more", f"{password}x"),
        ("with a space behind it", f"{password} "),
        ("with a space before it", f" {password}"),
        ("with a line feed behind it", f"{password}\n"),
        ("with a NUL behind it", f"{password}\0"),
        ("with a NUL and more behind it", f"{password}\0more"),
        ("in the other case", password.swapcase()),
        (
            "in full-width letters",
            "".join(chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in password),
        ),
        ("a thousand times", password * 1000),
        ("in an array", [password]),
        ("in an object", {"value": password}),
    ):
        yield f"the password {name}", email, near
    yield "operators of a query language for both", {"$gt": ""}, {"$gt": ""}
    yield "an operator of a query language for the password", email, {"$ne": ""}
    yield "SQL for both", "' OR '1'='1", "' OR '1'='1"
    yield "wildcards for both", "%", "%"
    yield "half of a surrogate pair", "\ud800", "\udc00"


def _near_addresses(email: str) -> Iterator[tuple[str, Any]]:
    """What may find the user all the same, where an address is put into a query as it comes."""
    for operator in ({"$ne": ""}, {"$gt": ""}, {"$regex": ".*"}, {"$in": [email]}, {"$eq": email}):
        yield f"the operator {next(iter(operator))} of a query language", operator
    yield "a wildcard alone", "%"
    yield "a wildcard for all but the first character", f"{email[0]}%"
    yield "a wildcard for one character", f"_{email[1:]}"
    yield "a shell's wildcard", "*"
    yield "a regular expression", ".*"
    yield "SQL alone", "' OR '1'='1"
    yield "SQL behind the address", f"{email}' OR '1'='1"
    yield "a comment of SQL behind the address", f"{email}' -- "
    yield "an array", [email]
    yield "an object", {"value": email}
    yield "a NUL behind it", f"{email}\0"
    yield "a NUL and more behind it", f"{email}\0more"
    yield "a thousand repetitions", email * 1000


@check
def the_address_is_no_query(probe: Probe) -> None:
    """The right password opens no session for what is not the address: no pattern, no operator, no SQL."""
    for user in probe.users:
        for name, email in _near_addresses(user.email):
            if email != user.email:
                note = f"for the address {name}, with the right password"
                _expect_401(probe, probe.post(probe.credentials(email, user.password), note=note), note)


@check
def wrong_credentials_are_refused(probe: Probe) -> None:
    """Credentials that are nearly right are refused, and so are those of somebody else."""
    for user, other in ((probe.ada, probe.bob), (probe.bob, probe.ada)):
        for name, email, password in _near_misses(user, other):
            if (email, password) != (user.email, user.password):
                _expect_401(probe, probe.post(probe.credentials(email, password), note=name), name)


@check
def a_refused_log_in_ends_nothing(probe: Probe) -> None:
    """Wrong credentials leave the user's live tokens alone, or anybody could log anybody out."""
    token = probe.log_in()
    for password in ("wrong", "", None):
        probe.post(probe.credentials(probe.ada.email, password), note="a wrong password")
    probe.expect_alive(token, "a refused log-in has ended no live token")


@check
def absent_credentials_are_refused(probe: Probe) -> None:
    """An object without one of the credentials, or without any, is refused with 401."""
    email, password = probe.contract.identity, probe.contract.password
    for name, body in (
        ("an empty object", {}),
        ("no password", {email: probe.ada.email}),
        ("no address", {password: probe.ada.password}),
        ("other names", {"username": probe.ada.email, "pass": probe.ada.password}),
        ("names in capitals", {email.upper(): probe.ada.email, password.upper(): probe.ada.password}),
        ("the credentials one level down", {"user": probe.credentials(probe.ada.email, probe.ada.password)}),
    ):
        _expect_401(probe, probe.post(body, note=name), name)


@check
def oddly_typed_credentials_are_refused(probe: Probe) -> None:
    """Credentials of any other type are refused with 401, as wrong ones are."""
    for odd in ODD_VALUES:
        for email, password in ((odd, probe.ada.password), (probe.ada.email, odd), (odd, odd)):
            name = f"{type(odd).__name__} {odd!r:.20} in place of {'both' if email is password else 'one'}"
            _expect_401(probe, probe.post(probe.credentials(email, password), note=name), name)
    for number in (b"1e400", b"-0", b"9" * 5000, b"[" * 20 + b"]" * 20):
        body = b'{"%s": %s}' % (probe.contract.password.encode(), number)
        _expect_401(probe, probe.post(body, note="an odd number as password"), "an odd number is no password")


@check
def credentials_elsewhere_do_not_count(probe: Probe) -> None:
    """Credentials in the query or in Basic authentication open no session."""
    operation, good = probe.contract.log_in, probe.credentials(probe.ada.email, probe.ada.password)
    path = f"{operation.path}?{urlencode(good)}"
    note = "the credentials in the query"
    _expect_401(probe, probe.send(operation.method, path, [JSON], b"{}", note), note)
    basic = base64.b64encode(f"{probe.ada.email}:{probe.ada.password}".encode()).decode()
    answer = probe.post({}, headers=[JSON, ("Authorization", f"Basic {basic}")], note="the credentials as Basic")
    _expect_401(probe, answer, "the credentials as Basic")


@check
def nobody_learns_who_is_known(probe: Probe) -> None:
    """The answer to a wrong password is the answer to an unknown address, but for what differs each time."""
    wrong = [probe.post(probe.credentials(probe.ada.email, f"wrong {n}"), note="a wrong password") for n in range(2)]
    unknown = [
        probe.post(probe.credentials(f"nobody{n}@example.com", "wrong"), note="an unknown address") for n in range(2)
    ]
    steady = {
        name
        for name in wrong[0].headers
        if wrong[0].headers[name] == wrong[1].headers.get(name) and name not in {"date", "content-length"}
    }
    for answer in unknown:
        same = (answer.status, answer.json) == (wrong[0].status, wrong[0].json)
        probe.expect(same, f"the answer to a wrong password, {wrong[0].shown(probe.mask)}", answer)
        told = {name for name in steady if answer.headers.get(name) != wrong[0].headers[name]}
        probe.expect(not told, f"the headers of the answer to a wrong password; {sorted(told)} differ", answer)


def _expect_401(probe: Probe, answer: Answer, name: str) -> None:
    probe.expect(answer.status == 401, f"401: {name}", answer)
