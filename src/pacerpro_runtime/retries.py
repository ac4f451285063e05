"""When a request is sent again, and how long to wait before."""

from __future__ import annotations

import datetime
import ssl
import threading
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from ._http import httpx
from .log import logger

if TYPE_CHECKING:  # It imports asyncio, and most programs never need it.
    from httpx_retries import Retry as Retry  # noqa: PLC0414  # Passed on.

    from .errors import ApiError

# The request has not left this machine when one of these is raised.
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


def checked_retries(retries: Any) -> int | Retry:
    """Return a number of retries, or a ``Retry`` of the caller's own, which is respected whole."""
    is_number = isinstance(retries, int) and not isinstance(retries, bool)
    if not (retries >= 0 if is_number else hasattr(retries, "increment")):
        raise ValueError("retries is a number of times that is not negative, or a Retry of httpx_retries")
    if getattr(retries, "validate_response", None):
        raise ValueError("retries with validate_response cannot be used: the contract's types are what is checked")
    checked: int | Retry = retries
    return checked


def _usual(total: int) -> Retry:
    """Return the policy of so many retries: full jitter, and 60 s of waiting for a call at most."""
    from httpx_retries import Retry  # noqa: PLC0415  # As above.

    return Retry(total, backoff_factor=0.5, backoff_jitter=1.0, max_backoff_wait=30.0, total_timeout=60.0)


class Attempts:
    """The attempts at one call. ``repeatable`` says that it may have its effect twice."""

    may_have_happened = False
    """Whether an attempt may have had its effect, although it failed."""

    def __init__(self, retries: int | Retry, request: httpx.Request, *, repeatable: bool) -> None:
        self._retry = retries
        self._own = not isinstance(retries, int)
        self._request = request
        self._repeatable = repeatable

    def pause_after(self, outcome: httpx.Response | httpx.RequestError | ApiError) -> float | None:
        """Return the seconds to wait before the next attempt, or None if there is none.

        An ``ApiError`` and an error of another request come from the auth, which sends them before the call itself.
        """
        if isinstance(outcome, httpx.Response) and outcome.is_success and not self._own:
            return None  # The usual case needs no library.
        request, asked = self._request, None
        retry = _usual(self._retry) if isinstance(self._retry, int) else self._retry
        if isinstance(outcome, httpx.RequestError):
            # The server's certificate would be the same again.
            is_untrusted = any(isinstance(each, ssl.SSLCertVerificationError) for each in chain_of(outcome))
            passing = retry.is_retryable_exception(outcome) and not is_untrusted
            sent = request_of(outcome) in (None, request) and not isinstance(outcome, _UNSENT)
        else:
            # Never 401, whatever the policy says: the same credentials again may lock the account.
            passing = outcome.status_code != 401 and retry.is_retryable_status_code(outcome.status_code)
            # With 429 a gateway says that it did not pass the request on. (503 may come from behind it.)
            sent = isinstance(outcome, httpx.Response) and outcome.status_code != 429
            asked = retry_after(outcome) if isinstance(outcome, httpx.Response) else outcome.retry_after
        harmless = self._repeatable or not sent
        if retry.allowed_methods != retry.RETRYABLE_METHODS:  # The default is a guess, and the contract knows.
            harmless = retry.is_retryable_method(request.method)
        pause = self._pause(retry, asked) if passing and harmless and not retry.is_exhausted() else None
        if pause is not None:
            self.may_have_happened |= sent
            why = getattr(outcome, "status_code", type(outcome).__name__)
            logger.info("%s %s: %s, next try in %.1f s", request.method, request.url, why, pause)
        return pause

    def _pause(self, retry: Retry, asked: float | None) -> float | None:
        stream: Any = self._request.stream
        if not isinstance(stream, httpx.ByteStream) and getattr(stream, "length", None) is None:
            return None  # It can be read only once.
        attempt = retry.increment()
        seconds = attempt.backoff_strategy()
        if asked is not None and retry.respect_retry_after_header:
            seconds = min(asked, retry.max_backoff_wait) if self._own else asked
        left = threading.TIMEOUT_MAX if retry.total_timeout is None else retry.total_timeout - retry.elapsed_sleep
        seconds = min(seconds, max(left, 0.0)) if self._own else seconds
        if seconds > left:
            return None
        attempt.elapsed_sleep += seconds
        self._retry = attempt
        return seconds


def request_of(error: httpx.RequestError) -> httpx.Request | None:
    """Return the request of an error. An auth of the caller's own may raise one without."""
    try:
        return error.request
    except RuntimeError:
        return None


def retry_after(response: httpx.Response) -> float | None:
    """Return the seconds that ``Retry-After`` asks to wait, as a number or until a date (RFC 9110, section 10.2.3).

    A date counts from the server's own ``Date``, because this machine's clock may be wrong.
    """
    text = response.headers.get("Retry-After", "")
    if text.isascii() and text.isdecimal():
        return float(text)
    then, date = date_of(text), date_of(response.headers.get("Date"))
    return None if then is None else max((then - (date or datetime.datetime.now(datetime.UTC))).total_seconds(), 0.0)


def date_of(text: str | None) -> datetime.datetime | None:
    """Return an HTTP date, or None if it cannot be read."""
    try:
        return aware(parsedate_to_datetime(text or ""))
    except (ValueError, TypeError, OverflowError):  # A year or a time zone of twenty digits, for example.
        return None


def aware(instant: object) -> datetime.datetime | None:
    """Return an instant with a zone; None if it is not an instant, because the contract may leave it open."""
    if not isinstance(instant, datetime.datetime):
        return None
    return instant if instant.tzinfo else instant.replace(tzinfo=datetime.UTC)


def chain_of(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and its causes."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
