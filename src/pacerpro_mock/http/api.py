"""One request on its way through the mock: a fault first, then the gateway, then what answers it."""

import functools
import re
import uuid
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from types import SimpleNamespace
from typing import Any

from pacerpro_mock import INSTALL
from pacerpro_mock.contract.document import Document
from pacerpro_mock.http import answers
from pacerpro_mock.http.gateway import Cors, LoginLimit
from pacerpro_mock.http.messages import Answer, Head, NoToken
from pacerpro_mock.http.operations import LOG_IN, LOG_OUT, OPERATIONS, REFRESH, SESSION, Operation, RouteRequest
from pacerpro_mock.service import strict_json
from pacerpro_mock.service.authentication import Service, WrongCredentials
from pacerpro_mock.service.clock import Clock
from pacerpro_mock.service.tokens import InvalidToken
from pacerpro_mock.settings import PREFIX
from pacerpro_mock.swagger_ui.pages import Pages
from pacerpro_mock.testing.control import PREFIX as CONTROL_PREFIX
from pacerpro_mock.testing.control import Control
from pacerpro_mock.testing.faults import Fault, Faults
from pacerpro_mock.testing.request_log import RequestLog

# It yields answers and None, and its caller knows when each comes.
Exchange = Generator[Any, bytes | None, None]
# The name under which Amazon's API gateway passes the service's own on.
REMAPPED_CHALLENGE = "x-amzn-remapped-www-authenticate"
_SLASHES = re.compile("/+")
_DIGITS = re.compile(rb"[0-9]{1,18}")
# The instant as HTTP writes it (RFC 9110, section 5.6.7), made once a second.
_http_date = functools.lru_cache(maxsize=2)(functools.partial(formatdate, usegmt=True))


class NotAnObject(ValueError):
    """The body is JSON, but not an object."""


@dataclass
class Api:
    """Decides how a request is answered, and does no input and output.

    A slash more than the contract has, at the end of a path or beside another, is taken unless `strict_slashes`.
    """

    service: Service
    clock: Clock
    settings: SimpleNamespace
    document: Document
    login_limit: LoginLimit
    pages: Pages
    cors: Cors
    control: Control | None
    faults: Faults = field(init=False, default_factory=Faults)
    log: RequestLog = field(init=False, default_factory=RequestLog)
    routes: list[Operation] = field(init=False, default_factory=list[Operation])
    overrides: dict[str, Answer] = field(init=False, default_factory=dict[str, Answer])

    def __post_init__(self) -> None:
        self._session = {
            method: Operation(name, method, SESSION, reads_body=name == LOG_IN) for method, name in OPERATIONS.items()
        }

    def exchange(self, head: Head) -> Exchange:
        """Yield the answer. Before that, it yields None once if the answer depends on the body.

        Send it the body then, or the part that is too large, or None if the body does not arrive in time.
        """
        if own := self.cors.preflight(head) or self.pages.answer(head):
            yield self._own(head, own)
            return
        if self.control and head.path.startswith(CONTROL_PREFIX):
            yield self._own(head, self.control.answer(head, (yield None) or b""))
            return
        found = self.find(head)
        fault = self.faults.take(found.id) if found else None
        log_in = found is not None and found.id == LOG_IN
        answer = fault and fault.own_answer(log_in=log_in)
        answer = answer or (self.login_limit.refuse() if log_in else None) or self.refuse(head)
        body = (yield None) if answer is None and found and found.reads_body else b""
        if body is None:
            answer = answers.error(408, "Request Timeout").with_header("Connection", "close")
        yield self._finish(head, answer or self.answer(head, body or b""), found, fault, body or b"")

    def _own(self, head: Head, answer: Answer) -> Answer:
        """An answer of the mock itself, by its own clock, which `exp` goes by as well."""
        dated = answer.with_header("Date", _http_date(int(self.clock.now())))
        return self.cors.mark(head, dated, self.settings.request_id_header)

    def _finish(self, head: Head, answer: Answer, found: Operation | None, fault: Fault | None, body: bytes) -> Answer:
        final = self._own(head, answer)
        if name := self.settings.request_id_header:
            final = final.with_header(name, str(uuid.uuid4()))
        if self.settings.gateway:
            renamed = {"www-authenticate": REMAPPED_CHALLENGE}
            final.headers = {renamed.get(name, name): value for name, value in final.headers.items()}
        if fault is not None:
            final = fault.apply(final)
        # The body of a log-in that is not JSON may still hold a password.
        in_session = found is not None and found.respond is None
        secret_names = None if in_session or not body else self.document.secret_names
        self.log.add(found.id if found else None, head, body, final, secret_names)
        return final

    @functools.cached_property
    def others(self) -> list[Operation]:
        """The contract's operations beyond the session. Raises `ValueError` if the contract is broken."""
        try:
            # It needs YAML and JSON Schema, which a mock of the session alone does without.
            from pacerpro_mock.contract import operations  # noqa: PLC0415  # As above.

            read = operations.read(self.document)
        except ModuleNotFoundError as missing:
            raise ImportError(f"no module {missing.name!r}; {INSTALL}") from missing
        found = [each for each in read if each.path != SESSION or each.method not in OPERATIONS]
        # A path without a template goes first (OpenAPI 3.1, section 4.8.8.2).
        return sorted(found, key=lambda each: len(each.names))

    def path_of(self, head: Head) -> str:
        """The path below the prefix, or an empty text."""
        # An encoded slash is no separator (RFC 3986, section 2.2).
        path = "" if b"%2f" in head.raw_path.lower() else head.path
        if not self.settings.strict_slashes and ("//" in path or path.endswith("/")):
            path = _SLASHES.sub("/", path).rstrip("/")
        return path.removeprefix(PREFIX) if path.startswith(f"{PREFIX}/") else ""

    def on(self, path: str) -> dict[str, Operation]:
        """What answers on a path, by method: a test's own route before the contract's operation."""
        every = (*self.routes, *self.others)
        found = {each.method: each for each in reversed(every) if each.match(path) is not None}
        return {**found, **self._session} if path == SESSION else found

    def find(self, head: Head) -> Operation | None:
        """What answers the request, or None if the contract has no such operation."""
        path = self.path_of(head)
        own = self._session.get(head.method) if path == SESSION else None
        return own or self.on(path).get(head.method)

    def refuse(self, head: Head) -> Answer | None:
        """The answer to a request that is refused regardless of its body, or None."""
        found = self.find(head)
        if found is None:
            if self.settings.gateway:
                return answers.gateway_error(403, "Missing Authentication Token")
            allowed = self.on(self.path_of(head))
            return answers.method_not_allowed(allowed) if allowed else answers.not_found()
        if not found.reads_body:
            return None
        try:
            self._user_of(found, head)
        except InvalidToken as invalid:
            return _refuse_token(invalid)
        declared = head.values(b"content-length")
        if not all(_DIGITS.fullmatch(each) and int(each) <= self.settings.max_body for each in declared):
            return answers.content_too_large()
        if found.respond is None and not head.is_json():
            return answers.unsupported_media_type()
        return found.refuse_type(head)

    def answer(self, head: Head, body: bytes) -> Answer:
        """The answer to a request that `refuse` lets pass."""
        found = self.find(head)
        if found is None:
            return answers.not_found()
        if found.reads_body and len(body) > self.settings.max_body:
            return answers.content_too_large()
        override = self.overrides.get(found.id)
        try:
            if found.respond is None:
                act = {REFRESH: self.refresh, LOG_OUT: self.log_out}.get(found.id)
                answer = act(head.bearer_token()) if act else self.log_in(body)
                return replace(override, user=answer.user) if override and answer.status == 200 else answer
            user = self._user_of(found, head)
            params = found.match(self.path_of(head)) or {}
            if wrong := found.mistake(head, params, body):
                return answers.error(400, wrong)
            answer = override or found.respond(RouteRequest(params, head.parameters(), _value_of(body), user))
            return replace(answer, user=user)
        except InvalidToken as invalid:
            return _refuse_token(invalid)

    def _user_of(self, found: Operation, head: Head) -> str | None:
        return self.service.user_of(head.bearer_token()) if found.needs_token else None

    def log_in(self, body: bytes) -> Answer:
        """`sessionCreate`: a session for an e-mail address and a password."""
        try:
            return answers.session(self.service.log_in(*credentials(body)))
        except (strict_json.NotJson, NotAnObject) as wrong:
            return answers.error(400, f"The body is {wrong}")
        except WrongCredentials:
            return answers.wrong_credentials()

    def refresh(self, token: str) -> Answer:
        """`sessionRefresh`: a session that ends later."""
        return answers.session(self.service.refresh(token))

    def log_out(self, token: str) -> Answer:
        """`sessionDelete`: the end of all of the user's tokens."""
        return answers.logged_out(self.service.log_out(token))


def credentials(body: bytes) -> tuple[object, object]:
    """A log-in's email and password, of any type; None if absent. Raises `NotJson` and `NotAnObject`."""
    value = strict_json.parse(body)
    if not strict_json.is_object(value):
        raise NotAnObject("not a JSON object")
    return value.get("email"), value.get("password")


def _refuse_token(invalid: InvalidToken) -> Answer:
    """401. It says nothing more if there was no token (RFC 6750, section 3.1)."""
    return answers.invalid_token(answers.REALM if isinstance(invalid, NoToken) else answers.INVALID_TOKEN)


def _value_of(body: bytes) -> Any:
    """The value of a JSON body, or the bytes of another one; None for no body."""
    try:
        return strict_json.parse(body) if body else None
    except strict_json.NotJson:
        return body
