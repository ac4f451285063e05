"""The token's place: it counts in the `Authorization` header, behind the scheme's word, and nowhere else."""

import base64
import json
import re
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import urlencode

from pacerpro_conformance.http.wire import Answer, NoAnswerError
from pacerpro_conformance.probe import JSON, Probe, Token
from pacerpro_conformance.registry import check

NAMES = ("access_token", "token", "jwt", "Authorization")
HEADERS = (
    "X-Authorization",
    "X-Auth-Token",
    "X-Access-Token",
    "Proxy-Authorization",
    "X-Forwarded-Authorization",
    "Token",
)

Request = tuple[str, str, list[tuple[str, str]], bytes | None]


def _misplaced(probe: Probe, token: Token) -> Iterator[Request]:
    """A live token in each wrong place: what was done, the query, the headers and the body."""
    behind_scheme = f"{probe.contract.scheme} {token.value}"
    for name in (*NAMES, probe.contract.token):
        yield f"in the query, as {name}", "?" + urlencode({name: token.value}), [], None
        yield f"in a cookie, as {name}", "", [("Cookie", f"{name}={token.value}")], None
    for name in HEADERS:
        yield f"in the header {name}", "", [(name, behind_scheme)], None
    body = json.dumps({probe.contract.token: token.value}).encode()
    yield "in a JSON body", "", [JSON], body
    form = [("Content-Type", "application/x-www-form-urlencoded")]
    yield "in a form (RFC 6750, section 2.2)", "", form, urlencode({"access_token": token.value}).encode()


def _misspelled(probe: Probe, token: Token) -> Iterator[Request]:
    """A live token behind each wrong scheme."""
    word, value = probe.contract.scheme, token.value
    basic = base64.b64encode(f"{probe.ada.email}:{probe.ada.password}".encode()).decode()
    for name, header in (
        ("without a scheme", value),
        *((f"behind {scheme}", f"{scheme} {value}") for scheme in (word.lower(), word.upper(), word[:-1], f"{word}s")),
        *((f"behind {scheme}", f"{scheme} {value}") for scheme in ("Basic", "Digest", "JWT", "Token", "OAuth")),
        ("behind the scheme without a space", f"{word}{value}"),
        ("behind the scheme and a colon", f"{word}: {value}"),
        ("behind the scheme and a tab", f"{word}\t{value}"),
        ("behind the scheme and two spaces", f"{word}  {value}"),
        ("behind the scheme twice", f"{word} {word} {value}"),
        ("behind the scheme, with a parameter", f"{word} {value}, realm=x"),
        ("as a parameter", f'{word} token="{value}"'),
        ("left out, the scheme alone", word),
        ("left out, the credentials as Basic", f"Basic {basic}"),
        ("left out, an empty header", ""),
    ):
        yield name, "", [("Authorization", header)], None
    good = ("Authorization", f"{word} {value}")
    yield "and a second Authorization header behind it", "", [good, ("Authorization", f"{word} x")], None
    yield "and a second Authorization header before it", "", [("Authorization", f"{word} x"), good], None


@check
def nowhere_else(probe: Probe) -> None:
    """A live token in a query, a cookie, a body or another header is no token."""
    _expect_refused(probe, _misplaced)


@check
def behind_no_other_scheme(probe: Probe) -> None:
    """A live token behind another scheme, or the scheme spelled otherwise, is refused."""
    _expect_refused(probe, _misspelled)


@check
def in_no_trailer(probe: Probe) -> None:
    """A live token in a trailer, behind a body in chunks, is no token (RFC 9110, section 6.5.1)."""
    if probe.wire.proxy:
        return  # a proxy may drop trailers, and a way past it there may not be
    for operation in (probe.contract.refresh, probe.contract.log_out):
        live, what = probe.log_in(), f"{operation.method} with a live token in a trailer"
        headers = [("Transfer-Encoding", "chunked"), ("Trailer", "Authorization")]
        body = f"0\r\nAuthorization: {probe.contract.scheme} {live.value}\r\n\r\n".encode()
        try:
            came = probe.wire.send_raw(operation.method, operation.path, headers, body)
        except NoAnswerError as error:
            probe.stop(f"an answer to {what}", came=str(error))
        line = came.partition(b"\r\n")[0].decode("latin-1")
        # 401, unless a server wants no trailers or no body here at all.
        probe.expect(re.match(r"HTTP/1\.[01] 4\d\d( |$)", line), f"401: {what}", came=line)
        probe.expect_alive(live, f"{what} has ended nothing")


def _expect_refused(probe: Probe, requests: Callable[[Probe, Token], Iterable[Request]]) -> None:
    for operation in (probe.contract.refresh, probe.contract.log_out):
        live = probe.log_in()
        for note, query, headers, body in list(requests(probe, live)):
            answer = probe.call(operation, headers=headers, body=body, query=query, note=f"a live token {note}")
            _expect_401(probe, answer, note)
        probe.expect_alive(live, "misplaced tokens have ended no live one")


def _expect_401(probe: Probe, answer: Answer, note: str) -> None:
    probe.expect(answer.status == 401, f"401: a live token {note}", answer)
