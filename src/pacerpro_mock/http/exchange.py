"""One request on its way through the mock: a fault first, then the gateway, then the service."""

import functools
import uuid
from dataclasses import dataclass, field
from email.utils import formatdate

from pacerpro_mock.http import answers
from pacerpro_mock.http.cors import Cors
from pacerpro_mock.http.messages import Answer, Head
from pacerpro_mock.http.operations import LOG_IN, OPERATIONS
from pacerpro_mock.http.routes import Api
from pacerpro_mock.pages.pages import Pages
from pacerpro_mock.service.clock import Clock
from pacerpro_mock.service.login_limit import LoginLimit
from pacerpro_mock.testing.control import PREFIX as CONTROL_PREFIX
from pacerpro_mock.testing.control import Control
from pacerpro_mock.testing.faults import Faults
from pacerpro_mock.testing.request_log import RequestLog

# The name under which Amazon's API gateway passes the service's own on.
REMAPPED_CHALLENGE = "x-amzn-Remapped-WWW-Authenticate"


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
    """Call `refuse` first; if it has no answer, read the body if `needs_body` and call `answer`."""

    site: Site
    head: Head
    body: bytes = field(init=False, default=b"", repr=False)

    def __post_init__(self) -> None:
        self.control = self.site.control if self.head.path.startswith(CONTROL_PREFIX) else None
        self.operation = self.site.api.operation_of(self.head)
        self.fault = None if self.operation is None else self.site.faults.take(self.operation)

    def refuse(self) -> Answer | None:
        """The answer if the head alone decides, so that no body has to be read; else None."""
        own = self.site.cors.preflight(self.head) or self.site.pages.answer(self.head)
        if own is None and self.control is not None:
            own = self.control.refuse(self.head)
        elif own is None:
            told = self.fault and self.fault.own_answer(log_in=self.operation == LOG_IN)
            refused = told or self._throttle() or self.site.api.refuse(self.head)
            return refused and self._finish(refused)
        return own and self._own(own)

    @property
    def needs_body(self) -> bool:
        """Whether the answer depends on the body."""
        return self.control is not None or self.site.api.needs_body(self.head)

    def answer(self, body: bytes) -> Answer:
        """The answer to a request that `refuse` has let pass."""
        if self.control is not None:
            return self._own(self.control.answer(self.head, body))
        self.body = body
        return self._finish(self.site.api.answer(self.head, body))

    def give_up(self) -> Answer:
        """The answer to a body that does not arrive in time."""
        return self._finish(answers.error(408, "Request Timeout").with_header("Connection", "close"))

    def _throttle(self) -> Answer | None:
        retry_after = self.site.login_limit.take() if self.operation == LOG_IN else None
        limited = answers.gateway_error(429, "Too Many Requests").with_header("Retry-After", str(retry_after))
        return None if retry_after is None else limited

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


@functools.lru_cache(maxsize=2)
def _http_date(second: int) -> str:
    """The instant as HTTP writes it (RFC 9110, section 5.6.7)."""
    return formatdate(second, usegmt=True)
