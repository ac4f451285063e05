"""Requests of other forms: where a token counts, and which methods, paths and queries there are."""

import base64
from collections.abc import Iterator
from urllib.parse import urlencode

from pacerpro_conformance import answers
from pacerpro_conformance.findings import ANY, CONTENT, Leeway, Level, check
from pacerpro_conformance.http.wire import JSON, NOTHING, Answer, Header, Request
from pacerpro_conformance.probe import ENDED, Probe, Token
from pacerpro_conformance.values import as_object

NAMES = ("access_token", "token", "jwt", "Authorization")
HEADERS = ("X-Authorization", "X-Auth-Token", "X-Access-Token", "Proxy-Authorization", "X-Forwarded-Authorization")
ANY_CASE = Leeway("RFC 9110, section 11.1: the scheme is case-insensitive")
SPACES = Leeway("RFC 6750, section 2.1: one or more spaces; RFC 9110, section 5.6.3: whitespace in general")
AFTER = Leeway("RFC 9110, section 11.4: no document says what to do with text after the token")
RAILS = Leeway("no document forbids it: Rails reads tokens so (authenticate_with_http_token)")
TWO = Leeway("RFC 9110, section 5.3: it binds the sender; a server may take one, join them or refuse")
# CONNECT is for proxies, and no client sends it to a path.
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "QUERY", "PROPFIND")
OVERRIDES = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")
QUERIES = ("?", "?x=1", "?_method=DELETE", "?_method=GET", "?sub=2", "?x[]=1&x[]=2")
UNHARMED = "openapi.yaml, Session.expiresAt: a request that was refused must not end a token"
METHOD = Leeway("RFC 9110, sections 9.1 and 9.3.7: a server answers HEAD and may answer OPTIONS; nothing says 405", ANY)
PATH = Leeway("openapi.yaml describes no other path, and does not forbid one", ANY)
UNKNOWN = Leeway("openapi.yaml describes no such query or header; a server may refuse it or give it a meaning", ANY)


@check("placement", source="openapi.yaml, securitySchemes.Bearer: in the Authorization header; RFC 6750, section 5.3")
def tokens_elsewhere_are_ignored(probe: Probe) -> None:
    """A live token in a query, a cookie, a body or another header is not accepted, and neither is none."""

    def requests(token: Token) -> Iterator[Request]:
        yield Request("no token")
        value, live = token.value, "a live token in"
        for name in (*NAMES, probe.contract.token):
            yield Request(f"{live} the query, as {name}", query="?" + urlencode({name: value}), token=value)
            yield Request(f"{live} a cookie, as {name}", (("Cookie", f"{name}={value}"),), token=value)
        for name in HEADERS:
            yield Request(f"{live} the header {name}", ((name, probe.bearer(token)[1]),), token=value)
        body = b'{"%s": "%s"}' % (probe.contract.token.encode(), value.encode())
        yield Request(f"{live} a JSON body", (JSON,), body, leeway=CONTENT, token=value)
        form = ("Content-Type", "application/x-www-form-urlencoded")
        body = f"access_token={value}".encode()
        yield Request(f"{live} a form (RFC 6750, section 2.2)", (form,), body, leeway=CONTENT, token=value)

    probe.expect_refused(requests)


@check("placement", source="openapi.yaml, securitySchemes.Bearer: after the word Bearer and one space")
def other_schemes_are_refused(probe: Probe) -> None:
    """A live token after another word, or after Bearer in another spelling, is refused."""
    word, basic = probe.contract.scheme, base64.b64encode(":".join(probe.right.values()).encode()).decode()

    def authorizations(value: str) -> Iterator[tuple[str, str, Leeway | None]]:
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

    def requests(token: Token) -> Iterator[Request]:
        for note, header, leeway in authorizations(token.value):
            shown = basic if header.endswith(basic) else token.value
            yield Request(f"a live token {note}", (("Authorization", header),), leeway=leeway, token=shown)
        good, other = probe.bearer(token), probe.bearer("x")
        for note, pair in (("before a second", (good, other)), ("after another", (other, good))):
            yield Request(f"a live token {note} Authorization header", pair, leeway=TWO, token=token.value)

    probe.expect_refused(requests)


@check("placement", level=Level.ADVICE, source="RFC 9110, section 6.5.1: do not merge trailers; it binds the sender")
def trailers_are_ignored(probe: Probe) -> None:
    """A live token in a trailer, after a body in chunks, is not accepted."""
    for operation in (probe.contract.refresh, probe.contract.log_out):
        live, what = probe.log_in(), f"{operation.method} with a live token in a trailer"
        headers = (("Transfer-Encoding", "chunked"), ("Trailer", "Authorization"))
        body = f"0\r\nAuthorization: {probe.bearer(live)[1]}\r\n\r\n".encode()
        request = Request(what, headers, body, token=live.value)
        answer = probe.send(operation.method, operation.path, request, raw=True)
        # 401, unless the server refuses trailers or bodies here. No command can repeat this.
        if probe.expect(400 <= answer.status < 500, f"401: {what}", came=probe.mask.answer(answer)):
            probe.expect_alive(live, f"{what} has not ended it")


@check("routes", source=UNHARMED)
def other_methods_are_405(probe: Probe) -> None:
    """A method that the contract lacks is 405 with the methods that it has, and changes nothing."""
    for path in probe.contract.session_paths:
        known = probe.contract.methods(path)
        for method in (each for each in METHODS if each not in known):
            answer = _expect_unharmed(probe, method, path, 405, METHOD)
            allowed = {each.strip() for each in answer.headers.get("allow", "").split(",")}
            came, wanted = (f"Allow: {', '.join(sorted(each))}" for each in (allowed, known))
            same = answer.status != 405 or allowed == known
            probe.expect(same, f"{wanted} (RFC 9110, section 15.5.6)", answer, came=came, leeway=METHOD)


@check("routes", source=UNHARMED)
def other_paths_are_404(probe: Probe) -> None:
    """A path that the contract lacks is 404 with any method, and changes nothing."""
    for path in probe.contract.session_paths:
        aliases = (f"{path}/", f"{path}s", f"{path}/1", f"/{path}", path.upper())
        for other in (*aliases, f"{path}%2F", f"{path};x", f"{path}.json", "/nowhere"):
            for method in sorted(probe.contract.methods(path)):
                _expect_unharmed(probe, method, other, 404, PATH)


def _expect_unharmed(probe: Probe, method: str, path: str, status: int, leeway: Leeway) -> Answer:
    """Send a request that the contract lacks: it gets an `Error` of this status, and ends no token."""
    token = probe.log_in()
    live = Request(f"{method} {path} with a live token", (probe.bearer(token),), token=token.value)
    for request in (NOTHING, live):
        answer = probe.send(method, path, request)
        allowed = answer.status == status or probe.is_of_gateway(answer)
        if probe.expect(allowed, f"{status}: {method} {path}", answer, leeway=leeway):
            for _, fault in answers.body_faults(probe.contract.log_in.response(401), answer):
                probe.expect(None, f"{fault}, in an answer {status}", answer, leeway=leeway)
    if answer.status >= 300:
        probe.expect_alive(token, f"{live.note} has not ended it")
    return answer


@check("routes", source="RFC 9110, section 9.3.2: the server must not send content")
def head_has_no_body(probe: Probe) -> None:
    """HEAD is answered without a body."""
    for path in probe.contract.session_paths:
        token = probe.log_in()
        answer = probe.send("HEAD", path, Request(headers=(probe.bearer(token),), token=token.value), raw=True)
        probe.expect(not answer.body, "nothing after the headers", answer)


def _expect_no_difference(probe: Probe, what: str, headers: tuple[Header, ...] = (), query: str = "") -> None:
    """Call all three operations with something that means nothing, and look whether each does its own work."""
    token, contract = probe.refresh(probe.log_in()), probe.contract
    for operation in contract.session_operations:
        ordinary = probe.posted(probe.right, "") if operation is contract.log_in else NOTHING
        note = f"{operation.name} with a live token and {what}"
        request = Request(note, (*ordinary.headers, *headers), ordinary.body, query, UNKNOWN)
        answer = probe.call(operation, request, token)
        # One operation is told from another by what it answers.
        has_token = contract.token in as_object(answer.json)
        done = answer.status == 200 and has_token is (operation is not contract.log_out)
        if not probe.expect(done, f"200 and its own answer: {note}", answer, leeway=UNKNOWN):
            return
        if operation is contract.refresh:
            probe.expect_alive(token, f"log-in and refresh with {what} have not ended a token")
    probe.expect_dead(token, f"log-out with {what} has ended the token" if query else ENDED)


@check("routes", source="openapi.yaml: the method of the request names the operation; no query is described")
def queries_and_overrides_are_ignored(probe: Probe) -> None:
    """A query and a header that names another method change nothing."""
    for query in QUERIES:
        _expect_no_difference(probe, f"the query {query}", query=query)
    for name in OVERRIDES:
        for operation in (probe.contract.log_out, probe.contract.refresh):
            _expect_no_difference(probe, f"the header {name}: {operation.method}", ((name, operation.method),))
