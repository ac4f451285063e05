"""Methods and paths: the server answers those of the contract, and no other."""

import json

from pacerpro_conformance.http.wire import Answer, Headers, NoAnswerError
from pacerpro_conformance.probe import JSON, Probe
from pacerpro_conformance.registry import check

# CONNECT is for proxies, and no client sends it to a path.
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH", "QUERY", "PROPFIND")
OVERRIDES = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")


@check
def other_methods_are_405(probe: Probe) -> None:
    """A method that the contract lacks is answered 405 with the methods that there are, and does nothing."""
    for path in probe.contract.paths:
        token, known = probe.log_in(), probe.contract.methods(path)
        bearer = ("Authorization", f"{probe.contract.scheme} {token.value}")
        for method in METHODS:
            for headers in ([], [bearer]) if method not in known else ():
                answer = probe.send(method, path, headers, note="a live token" if headers else "")
                probe.expect_error(answer, 405, f"{method} {path}")
                allowed = {each.strip() for each in answer.headers.get("allow", "").split(",")}
                if answer.status == 405:
                    probe.expect(
                        allowed == known,
                        f"Allow: {', '.join(sorted(known))} (RFC 9110, section 15.5.6)",
                        answer,
                        came=f"Allow: {', '.join(sorted(allowed)) or 'nothing'}",
                    )
        probe.expect_alive(token, "other methods have ended no live token")


@check
def head_has_no_body(probe: Probe) -> None:
    """HEAD is answered without a body (RFC 9110, section 9.3.2), and hands out no token."""
    for path in probe.contract.paths:
        bearer = ("Authorization", f"{probe.contract.scheme} {probe.log_in().value}")
        answer = probe.send("HEAD", path, [bearer], note="a live token")
        probe.expect(answer.status in {403, 405}, "405 (or a gateway's 403): HEAD is not in the contract", answer)
        if probe.wire.proxy:
            return  # it alone sees what is behind the headers
        try:
            came = probe.wire.send_raw("HEAD", path, [bearer])
        except NoAnswerError as error:
            probe.stop(f"an answer to HEAD {path}", answer, came=str(error))
        _, end, body = came.partition(b"\r\n\r\n")
        probe.expect(end and not body, "nothing behind the headers", answer, came=body.decode("utf-8", "replace"))


def _expect_no_difference(probe: Probe, what: str, headers: Headers = (), query: str = "") -> None:
    """Do all three operations with something beside that means nothing, and look whether each does its own work."""
    token = probe.log_in()
    good, note = (
        json.dumps(probe.credentials(probe.ada.email, probe.ada.password)).encode(),
        f"a live token, and {what}",
    )
    answer = probe.call(probe.contract.log_in, token, headers=[JSON, *headers], query=query, body=good, note=note)
    _expect_session(probe, answer, f"a session, whatever {what} says")
    answer = probe.call(probe.contract.refresh, token, headers=headers, query=query, note=note)
    _expect_session(probe, answer, f"a refresh, whatever {what} says")
    probe.expect_alive(token, f"log-in and refresh with {what} have ended nothing")
    answer = probe.call(probe.contract.log_out, token, headers=headers, query=query, note=note)
    probe.expect(answer.status == 200 and answer.json == {}, f"a log-out, whatever {what} says", answer)
    probe.expect_dead(token, f"log-out with {what} has ended the token")


def _expect_session(probe: Probe, answer: Answer, expected: str) -> None:
    probe.expect(answer.status == 200 and answer.json != {}, expected, answer)


@check
def no_method_in_a_header(probe: Probe) -> None:
    """A header that names another method changes nothing: not for refresh, nor for log-in, nor for log-out."""
    for name in OVERRIDES:
        for method in (probe.contract.log_out.method, probe.contract.refresh.method):
            _expect_no_difference(probe, f"{name}: {method}", headers=[(name, method)])


@check
def other_paths_are_404(probe: Probe) -> None:
    """A path that the contract lacks is answered 404, whatever the method, and does nothing."""
    for path in probe.contract.paths:
        token = probe.log_in()
        bearer = ("Authorization", f"{probe.contract.scheme} {token.value}")
        for other in (
            f"{path}/",
            f"{path}s",
            f"{path}/1",
            f"/{path}",
            path.upper(),
            f"{path}%2F",
            f"{path};x",
            f"{path}.json",
            "/nowhere",
        ):
            for method in sorted(probe.contract.methods(path)):
                answer = probe.send(method, other, [bearer], note="a live token")
                probe.expect_error(answer, 404, f"{method} {other}")
        probe.expect_alive(token, "requests for other paths have ended no live token")


@check
def a_query_changes_nothing(probe: Probe) -> None:
    """The contract has no query parameters, so one changes nothing."""
    for query in ("?", "?x=1", "?_method=DELETE", "?_method=GET", "?sub=2", "?x[]=1&x[]=2"):
        _expect_no_difference(probe, f"the query {query}", query=query)
