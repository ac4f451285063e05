"""Faults on demand: what goes wrong with the next requests."""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Literal

from pacerpro_mock.http import answers
from pacerpro_mock.http.messages import Answer
from pacerpro_mock.settings import is_seconds, is_status, is_whole, require

Drop = Literal["before", "body"]
Malformed = Literal["truncated", "html", "empty"]

# RFC 9110, section 10.2.3: seconds, or a date as HTTP writes it.
_RETRY_AFTER = re.compile(r"[0-9]+|[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT", re.ASCII)
# The page of a proxy.
HTML_PAGE = b"<!DOCTYPE html>\n<html><head><title>Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>\n"


@dataclass(frozen=True)
class Fault:
    """One fault; see `Mock.fail_next` for what each field does. `times` None means always."""

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
        parts = (self.status, self.retry_after, self.malform, self.content, self.headers or None)
        answered = any(part is not None for part in parts)
        after = self.retry_after
        waits = after is None or is_whole(after, 0) or _RETRY_AFTER.fullmatch(str(after))
        bodiless = self.status in answers.WITHOUT_BODY
        empty = bodiless or self.malform == "empty" or self.content == b""
        doubled = self.retry_after is not None and "retry-after" in map(str.lower, self.headers)
        for right, words in (
            (self.times is None or is_whole(self.times, 1), "times is a whole number from 1, or None for always"),
            (self.status is None or is_status(self.status), "status is a whole number between 200 and 599"),
            (waits, "retry_after is a whole number of seconds or an HTTP date"),
            (is_seconds(self.latency), "latency is a number of seconds"),
            (self.drop in (None, "before", "body"), "drop is 'before' or 'body'"),
            (self.malform in (None, "truncated", "html", "empty"), "malform is 'truncated', 'html' or 'empty'"),
            # Each part must show in the answer.
            (answered or self.drop or self.latency, "a fault has to say what goes wrong"),
            (self.drop != "before" or not answered, "drop='before' leaves no answer: only latency goes with it"),
            (self.malform is None or self.content is None, "malform and content exclude each other; take one of them"),
            (not doubled, "retry_after and the header Retry-After are the same; take one of them"),
            (not bodiless or not (self.malform or self.content), f"a response with status {self.status} has no body"),
            (self.drop != "body" or not empty, "drop='body' needs a body to break off in"),
        ):
            require(right, words)

    def own_answer(self, *, log_in: bool) -> Answer | None:
        """The answer in place of the service's, which then does not see the request; None to let the request pass."""
        if self.status is None and self.drop != "before":
            return None
        status = self.status or 502
        if status in answers.WITHOUT_BODY:
            return answers.without_body(status)
        if status == HTTPStatus.UNAUTHORIZED:
            return answers.wrong_credentials() if log_in else answers.invalid_token()
        # What the mock answers by itself looks the same on demand.
        own = {413: answers.content_too_large, 415: answers.unsupported_media_type}.get(status)
        phrase = next((each.phrase for each in HTTPStatus if each == status), f"Status {status}")
        return own() if own else answers.gateway_error(status, phrase)

    def apply(self, answer: Answer) -> Answer:
        """The answer with everything wrong that is to be wrong."""
        if self.retry_after is not None or answer.status == HTTPStatus.TOO_MANY_REQUESTS:
            # The contract promises one for 429.
            answer = answer.with_header("Retry-After", str(1 if self.retry_after is None else self.retry_after))
        half = answer.body[: len(answer.body) // 2]
        body = {"truncated": half, "empty": b"", "html": HTML_PAGE}.get(self.malform or "", self.content)
        if body is not None:
            answer = answer.with_body(body)
        if self.malform == "html":
            answer = answer.with_header("Content-Type", "text/html")
        return replace(answer.with_headers(self.headers), latency=self.latency, drop=self.drop)


class Faults:
    """The faults that wait for a request, oldest first. Safe to call from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.waiting: list[Fault] = []

    def take(self, operation: str) -> Fault | None:
        """The fault that a request of this operation meets, used up by one time; None if there is none."""
        if not self.waiting:
            return None
        with self._lock:
            for at, fault in enumerate(self.waiting):
                if fault.operation in {None, operation}:
                    if fault.times is not None:
                        self.waiting[at : at + 1] = [] if fault.times == 1 else [replace(fault, times=fault.times - 1)]
                    return fault
        return None
