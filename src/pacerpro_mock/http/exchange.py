"""One request on its way through the mock: trouble first, then the gateway, then the service."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from email.utils import formatdate

from pacerpro_mock.http import answers, pages
from pacerpro_mock.http.faults import Fault, Faults
from pacerpro_mock.http.messages import Answer, Head
from pacerpro_mock.http.request_log import Journal, RequestRecord, shown
from pacerpro_mock.http.routes import LOG_IN, Api
from pacerpro_mock.service.clock import Clock
from pacerpro_mock.service.login_limit import LoginLimit


@dataclass(frozen=True)
class Site:
    """What every exchange needs."""

    api: Api
    clock: Clock
    faults: Faults
    journal: Journal
    login_limit: LoginLimit
    request_id_header: str | None


@dataclass
class Exchange:
    """Call `refuse` first; where it has no answer, read the body if `needs_body` and call `answer`."""

    site: Site
    head: Head
    operation: str | None = field(init=False)
    fault: Fault | None = field(init=False)

    def __post_init__(self) -> None:
        self.operation = self.site.api.operation_of(self.head)
        self.fault = None if self.operation is None else self.site.faults.take(self.operation)

    def refuse(self) -> Answer | None:
        """The answer where the head decides alone, so that no body has to be read; None where it does not."""
        page = pages.answer(self.head)
        if page is not None:
            return self._date(page)
        refused = self._told_to() or self._throttle() or self.site.api.refuse(self.head)
        return None if refused is None else self._finish(refused)

    @property
    def needs_body(self) -> bool:
        """Whether the answer depends on the body."""
        return self.site.api.needs_body(self.head)

    def answer(self, body: bytes) -> Answer:
        """The answer to a request that `refuse` has let pass."""
        return self._finish(self.site.api.answer(self.head, body))

    def give_up(self) -> Answer:
        """The answer to a body that does not arrive in time."""
        return self._finish(answers.request_timeout())

    def _told_to(self) -> Answer | None:
        if self.fault is None or self.operation is None or not self.fault.replaces_answer():
            return None
        return self.fault.own_answer(self.operation)

    def _throttle(self) -> Answer | None:
        retry_after = self.site.login_limit.take() if self.operation == LOG_IN else None
        return None if retry_after is None else answers.too_many_requests(retry_after)

    def _date(self, answer: Answer) -> Answer:
        """Say what time it is by the mock's own clock, which `exp` goes by as well."""
        return answer.with_header("Date", formatdate(self.site.clock.now(), usegmt=True))

    def _finish(self, answer: Answer) -> Answer:
        dated = self._date(answer)
        if self.site.request_id_header is not None:
            dated = dated.with_header(self.site.request_id_header, str(uuid.uuid4()))
        final = dated if self.fault is None else self.fault.apply(dated)
        status = None if final.drop == "before" else final.status
        record = RequestRecord(shown(self.head.method), shown(self.head.path), status, final.user)
        self.site.journal.add(self.operation, record)
        return final
