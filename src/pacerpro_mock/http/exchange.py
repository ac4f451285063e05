"""One request on its way through the mock: a fault first, then the gateway, then the service."""

import functools
import uuid
from collections.abc import Generator
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

from pacerpro_mock.http import answers
from pacerpro_mock.http.gateway import Cors, LoginLimit
from pacerpro_mock.http.messages import Answer, Head
from pacerpro_mock.http.operations import LOG_IN, OPERATIONS
from pacerpro_mock.http.routes import Api
from pacerpro_mock.pages.pages import Pages
from pacerpro_mock.service.clock import Clock
from pacerpro_mock.testing.control import PREFIX as CONTROL_PREFIX
from pacerpro_mock.testing.control import Control
from pacerpro_mock.testing.faults import Fault, Faults
from pacerpro_mock.testing.request_log import RequestLog

# The name under which Amazon's API gateway passes the service's own on.
REMAPPED_CHALLENGE = "x-amzn-Remapped-WWW-Authenticate"
# The instant as HTTP writes it (RFC 9110, section 5.6.7), made once a second.
_http_date = functools.lru_cache(maxsize=2)(functools.partial(formatdate, usegmt=True))


@dataclass(frozen=True)
class Site:
    """What every exchange needs."""

    api: Api
    clock: Clock
    faults: Faults
    log: RequestLog
    login_limit: LoginLimit
    pages: Pages
    cors: Cors
    control: Control | None
    request_id_header: str | None


@dataclass
class Exchange:
    """A request and its answer, without input and output of its own."""

    site: Site
    head: Head
    operation: str | None = field(init=False, default=None)
    fault: Fault | None = field(init=False, default=None)
    body: bytes = field(init=False, default=b"", repr=False)

    def run(self) -> Generator[Any, bytes | None, None]:
        """Yield the answer. Before that, it yields None once if the answer depends on the body.

        Send it the body then, or the part that is too large, or None if the body does not arrive in time.
        """
        site, head = self.site, self.head
        if own := site.cors.preflight(head) or site.pages.answer(head):
            yield self._own(own)
        elif site.control and head.path.startswith(CONTROL_PREFIX):
            yield self._own(site.control.refuse(head) or site.control.answer(head, (yield) or b""))
        else:
            self.operation = site.api.operation_of(head)
            self.fault = None if self.operation is None else site.faults.take(self.operation)
            told = self.fault and self.fault.own_answer(log_in=self.operation == LOG_IN)
            answer = told or (site.login_limit.refuse() if self.operation == LOG_IN else None) or site.api.refuse(head)
            if answer is None:
                body = (yield) if site.api.needs_body(head) else b""
                if body is None:
                    answer = answers.error(408, "Request Timeout").with_header("Connection", "close")
                else:
                    self.body, answer = body, site.api.answer(head, body)
            yield self._finish(answer)

    def _own(self, answer: Answer) -> Answer:
        """An answer of the mock itself, by its own clock, which `exp` goes by as well."""
        dated = answer.with_header("Date", _http_date(int(self.site.clock.now())))
        return self.site.cors.mark(self.head, dated, self.site.request_id_header)

    def _finish(self, answer: Answer) -> Answer:
        final = self._own(answer)
        if self.site.request_id_header is not None:
            final = final.with_header(self.site.request_id_header, str(uuid.uuid4()))
        if self.site.api.gateway:
            renamed = {"WWW-Authenticate": REMAPPED_CHALLENGE}
            final.headers = tuple((renamed.get(name, name), value) for name, value in final.headers)
        if self.fault is not None:
            final = self.fault.apply(final)
        in_session = self.operation in OPERATIONS.values()
        # The body of a log-in that is not JSON may still hold a password.
        secret_names = None if in_session or not self.body else self.site.pages.document.secret_names
        self.site.log.add(self.operation, self.head, self.body, final, secret_names)
        return final
