"""When a request is sent again, and how long to wait before."""

from __future__ import annotations

import datetime
import ssl
import threading
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from ._http import httpx

if TYPE_CHECKING:  # It imports asyncio, and most programs never need it.
    from httpx_retries import Retry as Retry  # noqa: PLC0414  # Passed on.

# The request has not left this machine when one of these is raised.
UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
# The gateway says that it did not pass the request on. (503 may come from behind it.)
TURNED_AWAY = 429


class Policy:
    """How often and how long to retry: a number of times, or a ``Retry`` of the caller's own, which is respected whole.

    A number means up to so many times, after a random part (full jitter) of 1 s, 2 s, 4 s and so on, or after what
    ``Retry-After`` asks for. All waits of a call together last 60 s at most.
    """

    def __init__(self, retries: Any) -> None:
        self.own = not isinstance(retries, int)
        if isinstance(retries, bool) or not (hasattr(retries, "increment") if self.own else retries >= 0):
            raise ValueError("retries is a number of times that is not negative, or a Retry of httpx_retries")
        if getattr(retries, "validate_response", None):
            raise ValueError("retries with validate_response cannot be used: the contract's types are what is checked")
        self._retries = retries

    def start(self) -> Retry:
        """Return what counts the attempts of one call."""
        if self.own:
            retry: Retry = self._retries
            return retry
        from httpx_retries import Retry  # noqa: PLC0415  # As above.

        return Retry(
            total=self._retries, backoff_factor=0.5, backoff_jitter=1.0, max_backoff_wait=30.0, total_timeout=60.0
        )

    def next(self, retry: Retry, method: str, asked: float | None, *, harmless: bool) -> tuple[Retry, float] | None:
        """Return what counts the next attempt, and the seconds to wait before it; None if there is no other attempt.

        ``asked`` is what the server asks for. A caller's own ``Retry`` bounds it, as its documentation says.
        ``harmless`` says that the request had no effect, or may have it twice. It decides, unless the caller's own
        ``Retry`` names other methods than the library's default, which is a guess where the contract knows.
        """
        if retry.allowed_methods != retry.RETRYABLE_METHODS:
            harmless = retry.is_retryable_method(method)
        if not harmless or retry.is_exhausted():
            return None
        attempt = retry.increment()
        left = threading.TIMEOUT_MAX if retry.total_timeout is None else retry.total_timeout - retry.elapsed_sleep
        if self.own:
            asked = min(asked, retry.max_backoff_wait) if asked and retry.respect_retry_after_header else None
            seconds = min(asked or attempt.backoff_strategy(), max(left, 0.0))
        else:
            seconds = attempt.backoff_strategy() if asked is None else asked
        attempt.elapsed_sleep += seconds
        return (attempt, seconds) if seconds <= left else None


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


def is_untrusted(error: BaseException) -> bool:
    """Tell whether a connection failed because of the server's certificate: it would be the same again."""
    return any(isinstance(each, ssl.SSLCertVerificationError) for each in chain_of(error))


def chain_of(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and its causes."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
