"""The token's place: it counts in the `Authorization` header, after the word Bearer, and nowhere else."""

import base64
import json
import re
from collections.abc import Iterator
from urllib.parse import urlencode

from pacerpro_conformance.cases import JSON, Case
from pacerpro_conformance.errors import NoAnswerError
from pacerpro_conformance.findings import CONTENT, Leeway, Level, check
from pacerpro_conformance.http.wire import Call
from pacerpro_conformance.probe import Probe, Token

NAMES = ("access_token", "token", "jwt", "Authorization")
HEADERS = (
    "X-Authorization",
    "X-Auth-Token",
    "X-Access-Token",
    "Proxy-Authorization",
    "X-Forwarded-Authorization",
    "Token",
)
ANY_CASE = Leeway("RFC 9110, section 11.1: the scheme is case-insensitive")
SPACES = Leeway("RFC 6750, section 2.1: one or more spaces; RFC 9110, section 5.6.3: whitespace in general")
AFTER = Leeway("RFC 9110, section 11.4: no document says what to do with text after the token")
RAILS = Leeway("no document forbids it: Rails reads tokens so (authenticate_with_http_token)")
TWO = Leeway("RFC 9110, section 5.3: it binds the sender; a server may take one, join them or refuse")


@check(source="openapi.yaml, securitySchemes.Bearer: in the Authorization header; RFC 6750, section 5.3")
def tokens_elsewhere_are_ignored(probe: Probe) -> None:
    """A live token in a query, a cookie, a body or another header is not accepted."""

    def cases(token: Token) -> Iterator[Case]:
        value, live = token.value, "a live token in"
        for name in (*NAMES, probe.contract.token):
            yield Case(f"{live} the query, as {name}", query="?" + urlencode({name: value}), token=value)
            yield Case(f"{live} a cookie, as {name}", (("Cookie", f"{name}={value}"),), token=value)
        for name in HEADERS:
            yield Case(f"{live} the header {name}", ((name, probe.bearer(token)[1]),), token=value)
        body = json.dumps({probe.contract.token: value}).encode()
        yield Case(f"{live} a JSON body", (JSON,), body, leeway=CONTENT, token=value)
        form = ("Content-Type", "application/x-www-form-urlencoded")
        body = f"access_token={value}".encode()
        yield Case(f"{live} a form (RFC 6750, section 2.2)", (form,), body, leeway=CONTENT, token=value)

    for operation in (probe.contract.refresh, probe.contract.log_out):
        probe.expect_refused(operation, cases)


@check(source="openapi.yaml, securitySchemes.Bearer: after the word Bearer and one space")
def other_schemes_are_refused(probe: Probe) -> None:
    """A live token after another word, or after Bearer in another spelling, is refused."""
    word, basic = probe.contract.scheme, base64.b64encode(f"{probe.ada.email}:{probe.ada.password}".encode()).decode()

    def headers(value: str) -> Iterator[tuple[str, str, Leeway | None]]:
        yield "without a scheme", value, None
        for scheme in (word.lower(), word.upper()):
            yield f"after {scheme}", f"{scheme} {value}", ANY_CASE
        for scheme in (word[:-1], f"{word}s", "Basic", "Digest", "JWT", "Token", "OAuth"):
            yield f"after {scheme}", f"{scheme} {value}", RAILS if scheme == "Token" else None
        yield "after the scheme without a space", f"{word}{value}", None
        yield "after the scheme and a colon", f"{word}: {value}", None
        yield "after the scheme and a tab", f"{word}\t{value}", SPACES
        yield "after the scheme and two spaces", f"{word}  {value}", SPACES
        yield "after the scheme twice", f"{word} {word} {value}", None
        yield "after the scheme, with a parameter", f"{word} {value}, realm=x", AFTER
        yield "as a parameter", f'{word} token="{value}"', RAILS
        yield "left out, the scheme alone", word, None
        yield "left out, the credentials as Basic", f"Basic {basic}", None
        yield "left out, an empty header", "", None

    def cases(token: Token) -> Iterator[Case]:
        for note, header, leeway in headers(token.value):
            shown = basic if header.endswith(basic) else token.value
            yield Case(f"a live token {note}", (("Authorization", header),), leeway=leeway, token=shown)
        good, other = probe.bearer(token), probe.bearer("x")
        for note, pair in (("before a second", (good, other)), ("after another", (other, good))):
            yield Case(f"a live token {note} Authorization header", pair, leeway=TWO, token=token.value)

    for operation in (probe.contract.refresh, probe.contract.log_out):
        probe.expect_refused(operation, cases)


@check(level=Level.ADVICE, source="RFC 9110, section 6.5.1, against merging trailers; only a live token's holder can")
def trailers_are_ignored(probe: Probe) -> None:
    """A live token in a trailer, after a body in chunks, is not accepted."""
    if probe.wire.proxy:
        probe.leave_out("trailers", "a proxy may drop them")
        return
    for operation in (probe.contract.refresh, probe.contract.log_out):
        live, what = probe.log_in(), f"{operation.method} with a live token in a trailer"
        headers = (("Transfer-Encoding", "chunked"), ("Trailer", "Authorization"))
        body = f"0\r\nAuthorization: {probe.bearer(live)[1]}\r\n\r\n".encode()
        call = Call(operation.method, probe.wire.base_url + operation.path, headers, body, token=live.value)
        try:
            came = probe.wire.send_raw(call)
        except NoAnswerError as error:
            raise probe.failure(f"an answer to {what}", came=str(error)) from error
        line = came.partition(b"\r\n")[0].decode("latin-1")
        # 401, unless the server refuses trailers or bodies here.
        refused = re.match(r"HTTP/1\.[01] 4\d\d( |$)", line)
        if probe.expect(refused, f"401: {what}", came=line, repeat=probe.repeats.netcat(call)):
            probe.expect_alive(live, f"{what} has not ended it")
