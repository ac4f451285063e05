"""One request on its way through the mock: a fault first, then the gateway, then the service."""

import functools
import uuid
from collections.abc import Generator
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

from pacerpro_mock.http import answers
from pacerpro_mock.http.gateway import Cors, LoginLimit
from pacerpro_mock.http.messages import Answer, Head
from pacerpro_mock.http.operations import LOG_IN, Operation
from pacerpro_mock.http.routes import Api
from pacerpro_mock.pages.pages import Pages
from pacerpro_mock.service.clock import Clock
from pacerpro_mock.testing.control import PREFIX as CONTROL_PREFIX
from pacerpro_mock.testing.control import Control
from pacerpro_mock.testing.faults import Fault, Faults
from pacerpro_mock.testing.request_log import RequestLog

# It yields answers and None, and its caller knows when each comes.
Exchange = Generator[Any, bytes | None, None]
# The name under which Amazon's API gateway passes the service's own on.
REMAPPED_CHALLENGE = "x-amzn-remapped-www-authenticate"
# The instant as HTTP writes it (RFC 9110, section 5.6.7), made once a second.
_http_date = functools.lru_cache(maxsize=2)(functools.partial(formatdate, usegmt=True))


@dataclass(frozen=True)
class Site:
    """The API, and all that stands around it. It decides how a request is answered, and does no input and output."""

    api: Api
    clock: Clock
    faults: Faults
    log: RequestLog
    login_limit: LoginLimit
    pages: Pages
    cors: Cors
    control: Control | None
    request_id_header: str | None

    def exchange(self, head: Head) -> Exchange:
        """Yield the answer. Before that, it yields None once if the answer depends on the body.

        Send it the body then, or the part that is too large, or None if the body does not arrive in time.
        """
        if own := self.cors.preflight(head) or self.pages.answer(head):
            yield self._own(head, own)
        elif self.control and head.path.startswith(CONTROL_PREFIX):
            yield self._own(head, self.control.answer(head, (yield None) or b""))
        else:
            found = self.api.find(head)
            fault = self.faults.take(found.id) if found else None
            body: bytes | None = b""
            answer = self._refuse(head, found, fault)
            if answer is None and found and found.reads_body:
                body = yield None
            if body is None:
                answer = answers.error(408, "Request Timeout").with_header("Connection", "close")
            answer = answer or self.api.answer(head, body or b"")
            yield self._finish(head, answer, found, fault, body or b"")

    def _refuse(self, head: Head, found: Operation | None, fault: Fault | None) -> Answer | None:
        """The answer to a request that is refused before its body is read, or None."""
        log_in = found is not None and found.id == LOG_IN
        told = fault and fault.own_answer(log_in=log_in)
        return told or (self.login_limit.refuse() if log_in else None) or self.api.refuse(head)

    def _own(self, head: Head, answer: Answer) -> Answer:
        """An answer of the mock itself, by its own clock, which `exp` goes by as well."""
        dated = answer.with_header("Date", _http_date(int(self.clock.now())))
        return self.cors.mark(head, dated, self.request_id_header)

    def _finish(self, head: Head, answer: Answer, found: Operation | None, fault: Fault | None, body: bytes) -> Answer:
        final = self._own(head, answer)
        if self.request_id_header is not None:
            final = final.with_header(self.request_id_header, str(uuid.uuid4()))
        if self.api.gateway:
            renamed = {"www-authenticate": REMAPPED_CHALLENGE}
            final.headers = {renamed.get(name, name): value for name, value in final.headers.items()}
        if fault is not None:
            final = fault.apply(final)
        # The body of a log-in that is not JSON may still hold a password.
        in_session = found is not None and found.respond is None
        secret_names = None if in_session or not body else self.api.document.secret_names
        self.log.add(found.id if found else None, head, body, final, secret_names)
        return final
