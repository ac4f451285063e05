"""A token, and how long it lives by this machine's clock."""

from __future__ import annotations

import datetime
import math
import random
from collections.abc import Mapping
from typing import Any

from attrs import define, field

from pacerpro_runtime.auth import bearer
from pacerpro_runtime.retries import aware, date_of
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
    expiry: datetime.datetime | None = field(converter=aware)
    header: str = field(init=False, repr=masked)
    refresh_at: float = math.inf
    expires_at: float = math.inf  # Infinite if its expiry makes no sense.
    measured: bool = False  # By the server's own clock.

    def __attrs_post_init__(self) -> None:
        self.header = bearer(self.value)

    def measure(self, headers: Mapping[str, str], *, since: float, leeway: float | None) -> None:
        """Set the times from an answer that the server gave at ``since``.

        The life counts from its ``Date`` (RFC 9110, section 6.6.1), because this machine's clock may be wrong.
        """
        date = date_of(headers.get("Date"))
        self.measured = date is not None
        if self.expiry is not None:
            life = (self.expiry - (date or datetime.datetime.now(datetime.UTC))).total_seconds()
            self.live(max(life - _DATE_RESOLUTION, life / 2) if date else life, since=since, leeway=leeway)

    def live(self, life: float, *, since: float, leeway: float | None) -> None:
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
        if self.expires_at < math.inf:
            self.refresh_at += (self.expires_at - self.refresh_at) * random.uniform(0, _JITTER)  # noqa: S311  # No secret.
