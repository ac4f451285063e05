"""When a request is sent again, and how long to wait before."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from ._http import httpx

if TYPE_CHECKING:  # It imports asyncio, and most programs never need it.
    from httpx_retries import Retry as Retry  # noqa: PLC0414  # Passed on.


def checked_retries(retries: Any) -> Any:
    """Return a number of retries, or a ``Retry`` of the caller's own, which is respected whole."""
    is_number = isinstance(retries, int) and not isinstance(retries, bool)
    if not (retries >= 0 if is_number else hasattr(retries, "increment")):
        raise ValueError("retries is a number of times that is not negative, or a Retry of httpx_retries")
    if getattr(retries, "validate_response", None):
        raise ValueError("retries with validate_response cannot be used: the contract's types are what is checked")
    return retries


def usual_retry(total: int) -> Retry:
    """Return the policy of so many retries: full jitter, and 60 s of waiting for a call at most."""
    from httpx_retries import Retry  # noqa: PLC0415  # As above.

    return Retry(total, backoff_factor=0.5, backoff_jitter=1.0, max_backoff_wait=30.0, total_timeout=60.0)


def request_of(error: httpx.RequestError) -> httpx.Request | None:
    """Return the request of an error. An auth of the caller's own may raise one without."""
    try:
        return error.request
    except RuntimeError:
        return None


def retry_after(response: httpx.Response) -> float | None:
    """Return the seconds that ``Retry-After`` asks to wait (RFC 9110, section 10.2.3)."""
    text = response.headers.get("Retry-After", "")
    if text.isascii() and text.isdecimal():
        return float(text)
    # A date counts from the server's own, because this machine's clock may be wrong.
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
