"""A token, and how long it lives by this machine's clock."""

from __future__ import annotations

import datetime
import math
import random
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from attrs import define, field

from pacerpro_runtime.auth import bearer
from pacerpro_runtime.wire.model import masked

# The Date of a response counts whole seconds, so a life worked out from it can be so much too long.
_DATE_RESOLUTION = 1.0
# How much of the refresh window passes unused at most, so that many processes do not refresh at one instant.
_JITTER = 0.1


@define(eq=False)
class Token:
    """A token with its times, in seconds of :func:`clock.now`."""

    value: str = field(repr=masked)
    session: Any = field(repr=False)  # The contract's model.
    header: str = field(init=False, repr=masked)
    refresh_at: float = math.inf
    expires_at: float = math.inf  # Infinite if its expiry makes no sense.
    measured: bool = False  # By the server's own clock.

    def __attrs_post_init__(self) -> None:
        self.header = bearer(self.value)

    def lives(self, now: float) -> bool:
        """Tell whether it has not expired."""
        return now < self.expires_at

    def measure(self, life: float, *, since: float, leeway: float | None) -> None:
        """Set the times from the seconds that the token lives from ``since`` on.

        It is refreshed once two thirds of its life have passed, or ``leeway`` seconds before its end, but not in the
        first half of its life.
        """
        if life <= 0:
            # It would be expired before its first use, and each use would log in again. A 401 will tell.
            self.refresh_at = self.expires_at = math.inf
            return
        self.expires_at = since + life
        self.refresh_at = self.expires_at - (life / 3 if leeway is None else min(leeway, life / 2))
        self.spread()

    def spread(self) -> None:
        """Delay the refresh by a random part of the window."""
        window = self.expires_at - self.refresh_at
        if math.isfinite(window):
            self.refresh_at += window * random.uniform(0, _JITTER)  # noqa: S311  # Not a secret.


def life_of(expiry: datetime.datetime, headers: Mapping[str, str]) -> float:
    """Return the seconds between a response and an expiry.

    They count from the response's ``Date`` (RFC 9110, section 6.6.1), because this machine's clock may be wrong.
    """
    date = date_of(headers.get("Date"))
    life = (_aware(expiry) - (date or datetime.datetime.now(datetime.UTC))).total_seconds()
    return life if date is None or life <= 0 else max(life - _DATE_RESOLUTION, life / 2)


def date_of(text: str | None) -> datetime.datetime | None:
    """Return an HTTP date, or None if it cannot be read."""
    try:
        return _aware(parsedate_to_datetime(text or ""))
    except (ValueError, TypeError, OverflowError):
        return None


def _aware(instant: datetime.datetime) -> datetime.datetime:
    return instant if instant.tzinfo else instant.replace(tzinfo=datetime.UTC)
