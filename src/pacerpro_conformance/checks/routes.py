"""Methods and paths: the server answers those of the contract, and no others."""

from pacerpro_conformance import answers
from pacerpro_conformance.cases import Case, Header
from pacerpro_conformance.errors import NoAnswerError
from pacerpro_conformance.findings import ANY, Leeway, check
from pacerpro_conformance.http.wire import Answer, Call
from pacerpro_conformance.probe import ENDED, Probe
from pacerpro_conformance.values import as_object

# CONNECT is for proxies, and no client sends it to a path.
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "QUERY", "PROPFIND")
OVERRIDES = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")
UNHARMED = "openapi.yaml, Session.expiresAt: a request that was refused must not end a token"
METHOD = Leeway("RFC 9110, sections 9.1 and 9.3.7: a server answers HEAD and may answer OPTIONS; nothing says 405", ANY)
PATH = Leeway("openapi.yaml describes no other path, and does not forbid one", ANY)
UNKNOWN = Leeway("openapi.yaml describes no such query or header; a server may refuse it or give it a meaning", ANY)


@check(source=UNHARMED)
def other_methods_are_405(probe: Probe) -> None:
    """A method that the contract lacks is 405 with the methods that it has, and changes nothing."""
    for path in probe.contract.session_paths:
        known = probe.contract.methods(path)
        for method in METHODS:
            if method not in known:
                answer = _expect_unharmed(probe, method, path, 405, METHOD)
                allowed = {each.strip() for each in answer.headers.get("allow", "").split(",")}
                came, wanted = (f"Allow: {', '.join(sorted(each))}" for each in (allowed, known))
                same = answer.status != 405 or allowed == known
                probe.expect(same, f"{wanted} (RFC 9110, section 15.5.6)", answer, came=came, leeway=METHOD)


@check(source=UNHARMED)
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
    live = Case(f"{method} {path} with a live token", (probe.bearer(token),), token=token.value)
    answers_to = [probe.send(method, path, case) for case in (Case(), live)]
    for answer in answers_to:
        allowed = answer.status == status or probe.is_of_gateway(answer)
        if probe.expect(allowed, f"{status}: {method} {path}", answer, leeway=leeway):
            for _, fault in answers.body_faults(probe.contract, probe.contract.log_in.response(401), answer):
                probe.expect(None, f"{fault}, in an answer {status}", answer, leeway=leeway)
    if answers_to[1].status >= 300:
        probe.expect_alive(token, f"{live.note} has not ended it")
    return answers_to[1]


@check(source="RFC 9110, section 9.3.2: the server must not send content")
def head_has_no_body(probe: Probe) -> None:
    """HEAD is answered without a body."""
    if probe.wire.proxy:
        probe.leave_out("what comes after the headers of HEAD", "only the proxy sees it")
        return
    for path in probe.contract.session_paths:
        token = probe.log_in()
        call = Call("HEAD", probe.wire.base_url + path, (probe.bearer(token),), token=token.value)
        try:
            came = probe.wire.send_raw(call)
        except NoAnswerError as error:
            raise probe.failure(f"an answer to HEAD {path}", came=str(error)) from error
        _, end, body = came.partition(b"\r\n\r\n")
        shown = body.decode("utf-8", "replace") or "no end of the headers"
        probe.expect(end and not body, "nothing after the headers", came=shown, repeat=probe.repeats.netcat(call))


def _expect_no_difference(probe: Probe, what: str, headers: tuple[Header, ...] = (), query: str = "") -> None:
    """Call all three operations with something that means nothing, and look whether each does its own work."""
    token, contract = probe.refresh(probe.log_in()), probe.contract
    right = probe.posted(probe.right, "")
    for operation in (contract.log_in, contract.refresh, contract.log_out):
        ordinary = right if operation is contract.log_in else Case()
        note = f"{operation.name} with a live token and {what}"
        case = Case(note, (*ordinary.headers, *headers), ordinary.body, query, UNKNOWN)
        answer = probe.call(operation, case, token)
        # One operation is told from another by what it answers.
        done = answer.status == 200 and (contract.token in as_object(answer.json)) is (
            operation is not contract.log_out
        )
        if not probe.expect(done, f"200 and its own answer: {note}", answer, leeway=UNKNOWN):
            return
        if operation is contract.refresh:
            probe.expect_alive(token, f"log-in and refresh with {what} have not ended a token")
    probe.expect_dead(token, f"log-out with {what} has ended the token" if query else ENDED)


@check(source="openapi.yaml: only the method of the request names the operation")
def method_overrides_are_ignored(probe: Probe) -> None:
    """A header that names another method changes nothing."""
    for name in OVERRIDES:
        for method in (probe.contract.log_out.method, probe.contract.refresh.method):
            _expect_no_difference(probe, f"the header {name}: {method}", headers=((name, method),))


@check(source="openapi.yaml: the operations have no query parameters")
def queries_are_ignored(probe: Probe) -> None:
    """A query changes nothing."""
    for query in ("?", "?x=1", "?_method=DELETE", "?_method=GET", "?sub=2", "?x[]=1&x[]=2"):
        _expect_no_difference(probe, f"the query {query}", query=query)
