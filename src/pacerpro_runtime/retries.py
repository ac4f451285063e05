"""When a request is sent again, and how long to wait before."""

from __future__ import annotations

from typing import Any

from httpx_retries import Retry

from ._http import httpx

# The request has not left this machine when one of these is raised.
UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
# The gateway says that it did not pass the request on. (503 may come from behind it.)
TURNED_AWAY = frozenset({429})


def policy(retries: Any) -> Retry:
    """Return how often and how long to retry.

    Up to ``retries`` times, after a random part (full jitter) of 1 s, 2 s, 4 s and so on, or after what ``Retry-After``
    asks for; all waits of a call together last 60 s at most.

    Raises:
        ValueError: It is neither a ``Retry`` nor a number of times.
    """
    if isinstance(retries, Retry):
        return retries
    if isinstance(retries, bool) or not isinstance(retries, int) or retries < 0:
        raise ValueError("retries is a number of times that is not negative, or a Retry of httpx_retries")
    return Retry(total=retries, backoff_factor=0.5, backoff_jitter=1.0, max_backoff_wait=30.0, total_timeout=60.0)


def retry_after(response: httpx.Response) -> float | None:
    """Return the seconds that ``Retry-After`` asks to wait, as a number or until a date (RFC 9110, section 10.2.3)."""
    header = response.headers.get("Retry-After", "")
    try:
        return Retry().parse_retry_after(header)
    except (ValueError, OverflowError):  # A year or a time zone of twenty digits, for example.
        return None


def delay(retry: Retry, asked: float | None) -> float | None:
    """Return the seconds to wait before the attempt that ``retry`` counts, or None where that is too long.

    ``asked`` is what the server asks for.
    """
    seconds = retry.backoff_strategy() if asked is None or not retry.respect_retry_after_header else asked
    if retry.total_timeout is not None and retry.elapsed_sleep + seconds > retry.total_timeout:
        return None
    return seconds


__all__ = ["TURNED_AWAY", "UNSENT", "Retry", "delay", "policy", "retry_after"]
