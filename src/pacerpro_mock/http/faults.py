"""Trouble on demand: what shall go wrong with the next requests."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from typing import Literal

from pacerpro_mock.http import answers
from pacerpro_mock.http.messages import Answer
from pacerpro_mock.settings import is_seconds, is_whole

Drop = Literal["before", "body"]
Malformed = Literal["truncated", "html", "empty"]

# What a proxy says that knows nothing of JSON.
HTML_PAGE = b"<!DOCTYPE html>\n<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>\n"
# RFC 9110, sections 15.3.5 and 15.4.5: these have no body.
WITHOUT_BODY = (204, 304)

# What the mock answers by itself, so that it looks the same on demand.
OWN_ANSWERS = {413: answers.content_too_large, 415: answers.unsupported_media_type}
# They say how long a body is, and the mock has to be right about it: a body that is too short is `drop="body"`.
FRAMING = ("content-length", "transfer-encoding")

# RFC 9110, sections 5.1 and 5.5.
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\xa0-\xff]*")


def is_header_name(name: object) -> bool:
    """Tell whether a header may have this name (RFC 9110, section 5.6.2)."""
    return isinstance(name, str) and _NAME.fullmatch(name) is not None


def is_header_value(value: object) -> bool:
    """Tell whether a header may have this value (RFC 9110, section 5.5)."""
    return isinstance(value, str) and _VALUE.fullmatch(value) is not None


@dataclass(frozen=True)
class Fault:
    """One kind of trouble; see `Mock.fail_next` for what each field does. `times` None means always."""

    operation: str | None = None
    times: int | None = 1
    status: int | None = None
    retry_after: int | str | None = None
    latency: float = 0.0
    drop: Drop | None = None
    malform: Malformed | None = None
    content: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)

    def __post_init__(self) -> None:
        self._check_values()
        self._check_headers()
        self._check_that_nothing_is_in_vain()

    def _check_values(self) -> None:
        if self.times is not None and not is_whole(self.times, 1):
            raise ValueError("times is a whole number of at least 1, or None for always")
        if self.status is not None and not (is_whole(self.status, 200) and self.status <= 599):
            raise ValueError("status is a whole number between 200 and 599")
        if self.retry_after is not None and not is_retry_after(self.retry_after):
            raise ValueError(
                "retry_after is a whole number of seconds or an HTTP date; for anything else, give the header"
            )
        if not is_seconds(self.latency):
            raise ValueError("latency is a number of seconds")
        if self.drop not in (None, "before", "body"):
            raise ValueError("drop is 'before' or 'body'")
        if self.malform not in (None, "truncated", "html", "empty"):
            raise ValueError("malform is 'truncated', 'html' or 'empty'")

    def _check_headers(self) -> None:
        for name, value in self.headers.items():
            if not is_header_name(name):
                raise ValueError(f"no header can be called {name!r}")
            if not is_header_value(value):
                raise ValueError(f"the header {name} has a value that no header may have: text, and no line end in it")
            if name.lower() in FRAMING:
                raise ValueError(f"the mock itself says how long a body is: no fault has the header {name}")
            if name.lower() == "retry-after" and self.retry_after is not None:
                raise ValueError("retry_after and the header Retry-After are the same; take one of them")

    def _check_that_nothing_is_in_vain(self) -> None:
        """Raise `ValueError` for a fault of which a part would not be seen."""
        answered = (self.status, self.retry_after, self.malform, self.content, self.headers or None)
        if all(part is None for part in (*answered, self.drop)) and not self.latency:
            raise ValueError("a fault has to say what goes wrong")
        if self.drop == "before" and any(part is not None for part in answered):
            raise ValueError("drop='before' leaves no answer for the rest to show in: only latency goes with it")
        if self.malform is not None and self.content is not None:
            raise ValueError("malform and content both say what the body is; take one of them")
        no_body = self.status in WITHOUT_BODY
        if no_body and (self.malform is not None or self.content):
            raise ValueError(f"a response with status {self.status} has no body, so nothing can be wrong with it")
        if self.drop == "body" and (no_body or self.malform == "empty" or self.content == b""):
            raise ValueError("drop='body' needs a body to break off in, and there is none")

    def aims_at(self, operation: str) -> bool:
        """Whether a request of this operation is meant."""
        return self.operation in {None, operation}

    def replaces_answer(self) -> bool:
        """Whether the service behind the gateway never sees the request."""
        return self.status is not None or self.drop == "before"

    def own_answer(self, operation: str) -> Answer:
        """The answer that comes instead of the service's."""
        status = self.status or 502
        if status in WITHOUT_BODY:
            return Answer(status, b"")
        if status == HTTPStatus.UNAUTHORIZED:
            return answers.wrong_credentials() if operation == "sessionCreate" else answers.invalid_token()
        if status in OWN_ANSWERS:
            return OWN_ANSWERS[status]()
        return answers.gateway_error(status, phrase_of(status))

    def apply(self, answer: Answer) -> Answer:
        """The answer with everything in it that shall be wrong."""
        spoilt = self._with_headers(self._with_body(answer))
        return replace(spoilt, latency=self.latency, drop=self.drop)

    def _with_body(self, answer: Answer) -> Answer:
        if self.content is not None:
            return answers.with_body(answer, self.content)
        if self.malform == "truncated":
            return answers.with_body(answer, answer.body[: len(answer.body) // 2])
        if self.malform == "html":
            return answers.with_body(answer, HTML_PAGE).with_header("Content-Type", "text/html")
        return answers.with_body(answer, b"") if self.malform == "empty" else answer

    def _with_headers(self, answer: Answer) -> Answer:
        if self.retry_after is not None:
            answer = answer.with_header("Retry-After", str(self.retry_after))
        elif answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            # The contract promises one.
            answer = answer.with_header("Retry-After", "1")
        for name, value in self.headers.items():
            answer = answer.with_header(name, value)
        return answer


def is_retry_after(value: object) -> bool:
    """Tell whether this is what a `Retry-After` says (RFC 9110, section 10.2.3)."""
    if not isinstance(value, str):
        return is_whole(value, 0)
    return (value.isascii() and value.isdecimal()) or is_http_date(value)


def is_http_date(text: str) -> bool:
    """Tell whether this is a date as HTTP writes it today (RFC 9110, section 5.6.7)."""
    try:
        return format_datetime(parsedate_to_datetime(text).astimezone(UTC), usegmt=True) == text
    except (ValueError, OverflowError):
        return False


class Faults:
    """The faults that wait for a request, oldest first. Safe to call from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Let this go wrong, after what was added before."""
        with self._lock:
            self._waiting.append(fault)

    def take(self, operation: str) -> Fault | None:
        """The fault that a request of this operation meets, used up by one time; None where all is well."""
        with self._lock:
            for index, fault in enumerate(self._waiting):
                if fault.aims_at(operation):
                    self._use_up(index, fault)
                    return fault
        return None

    def _use_up(self, index: int, fault: Fault) -> None:
        if fault.times == 1:
            del self._waiting[index]
        elif fault.times is not None:
            self._waiting[index] = replace(fault, times=fault.times - 1)

    def clear(self) -> None:
        """Let nothing go wrong any more."""
        with self._lock:
            self._waiting.clear()


def phrase_of(status: int) -> str:
    """The status's name, or something like it for a status that has none."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"
