"""A token, and how long it lives on this machine's monotonic clock."""

from __future__ import annotations

import datetime
import math
import random
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from attrs import define, field

from pacerpro_runtime.wire.model import masked

# The Date of a response counts whole seconds, so a life worked out from it can be so much too long.
_DATE_RESOLUTION = 1.0


@define(eq=False)
class Token:
    """A token with the times that matter, in seconds of the monotonic clock.

    One that the server gives a second time is another: what is asked is whether there was a log-in since.

    Attributes:
        value: The token itself.
        header: The ``Authorization`` header that it is sent in.
        session: The contract's model that it came in.
        refresh_at: From when on it is better to have a new one.
        expires_at: From when on it is no use. Infinite where the server's word for it makes no sense.
        measured: Whether these times go by the server's own clock.
    """

    value: str = field(repr=masked)
    header: str = field(repr=masked)
    session: Any = field(repr=False)
    refresh_at: float = math.inf
    expires_at: float = math.inf
    measured: bool = False

    def measure(self, expiry: datetime.datetime, headers: Mapping[str, str], *, since: float, leeway: float) -> None:
        """Work out the times from a response that was asked for at ``since``.

        It is to be refreshed when the smaller of ``leeway`` and half its life is left, less a random part, so that
        many processes that logged in at one instant do not refresh at one instant.

        The response's own ``Date`` (RFC 9110, section 6.6.1) is what counts, so that this machine's clock may be wrong.
        Without one there is nothing better than this clock.
        """
        date = date_of(headers)
        life = (_aware(expiry) - (date or datetime.datetime.now(datetime.UTC))).total_seconds()
        self.measured = date is not None
        if life <= 0:
            # It would be expired before its first use, and each use would log in again. A 401 will tell.
            self.refresh_at = self.expires_at = math.inf
            return
        sure = max(life - _DATE_RESOLUTION, life / 2)
        self.expires_at = since + sure
        self.refresh_at = self.expires_at - min(leeway, sure / 2)
        self.spread()

    def spread(self) -> None:
        """Refresh a random part of a quarter of the window later, unless that is never."""
        window = self.expires_at - self.refresh_at
        if math.isfinite(window):
            self.refresh_at = self.expires_at - window * random.uniform(0.75, 1.0)  # noqa: S311  # It hides nothing.

    def lives(self, now: float) -> bool:
        """Tell whether the server can be expected to accept it."""
        return now < self.expires_at


def date_of(headers: Mapping[str, str]) -> datetime.datetime | None:
    """Return the ``Date`` of a response, or None where it has none that can be read."""
    try:
        return _aware(parsedate_to_datetime(headers["Date"]))
    except (KeyError, ValueError, TypeError, OverflowError):
        return None


def _aware(instant: datetime.datetime) -> datetime.datetime:
    return instant if instant.tzinfo else instant.replace(tzinfo=datetime.UTC)
