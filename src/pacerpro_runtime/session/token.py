"""A token, and how long it lives by this machine's clock."""

from __future__ import annotations

import datetime
import math
import random
from typing import Any

from attrs import Factory, define, field

from pacerpro_runtime.auth import bearer
from pacerpro_runtime.retries import aware
from pacerpro_runtime.wire.model import masked

# How much of the refresh window passes unused at most, so that many processes do not refresh at one instant.
_JITTER = 0.1


@define(eq=False)
class Token:
    """A token with its times, in seconds of :func:`clock.now`."""

    value: str = field(repr=masked)
    session: Any = field(repr=False)  # The contract's model.
    expiry: datetime.datetime | None = field(converter=aware)
    header: str = field(init=False, repr=masked, default=Factory(lambda self: bearer(self.value), takes_self=True))
    refresh_at: float = math.inf
    expires_at: float = math.inf  # Infinite if its expiry makes no sense.

    def live(self, life: float, *, since: float, leeway: float | None) -> None:
        """Set the times from the seconds that the token lives from ``since`` on.

        It is refreshed once two thirds of its life have passed, or ``leeway`` seconds before its end, but not in the
        first half of its life.
        """
        # One that is expired before its first use would be replaced at each use. A 401 will tell.
        if 0 < life < math.inf:
            self.expires_at = since + life
            self.refresh_at = self.expires_at - (life / 3 if leeway is None else min(leeway, life / 2))
            self.refresh_at += (self.expires_at - self.refresh_at) * random.uniform(0, _JITTER)  # noqa: S311  # No secret.
