"""A token, and how long it lives on this machine's monotonic clock."""

from __future__ import annotations

import datetime
import math
import random
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from attrs import define, field

from .model import masked

# The Date of a response counts whole seconds, so a life worked out from it can be so much too long.
_DATE_RESOLUTION = 1.0


@define(frozen=True)
class Token:
    """A token with the times that matter, in seconds of the monotonic clock.

    Attributes:
        value: The token itself.
        session: The contract's model that it came in.
        refresh_at: From when on it is better to have a new one.
        expires_at: From when on it is no use. Infinite where the server's word for it makes no sense.
    """

    value: str = field(repr=masked)
    session: Any = field(repr=False)
    refresh_at: float
    expires_at: float

    @classmethod
    def lasting(cls, value: str, session: Any, *, since: float, life: float, leeway: float) -> Token:
        """Return a token that lives for ``life`` seconds from ``since`` on.

        It is to be refreshed when the smaller of ``leeway`` and half its life is left, less a random part, so that
        many processes that logged in at one instant do not refresh at one instant.
        """
        if life <= 0:
            # It would be expired before its first use, and each use would log in again. A 401 will tell.
            return cls(value, session, refresh_at=math.inf, expires_at=math.inf)
        sure = max(life - _DATE_RESOLUTION, life / 2)
        window = min(leeway, life / 2) * random.uniform(0.75, 1.0)  # noqa: S311  # Spreads load; hides nothing.
        return cls(value, session, refresh_at=since + max(sure - window, 0.0), expires_at=since + sure)

    def lives(self, now: float) -> bool:
        """Tell whether the server can be expected to accept it."""
        return now < self.expires_at


def life_of(expiry: datetime.datetime, headers: Mapping[str, str]) -> float:
    """Return the seconds from a response to the expiry that it states.

    The response's own ``Date`` (RFC 9110, section 6.6.1) is what counts, so that this machine's clock may be wrong.
    Without one there is nothing better than this clock.
    """
    try:
        now = parsedate_to_datetime(headers["Date"])
    except (KeyError, ValueError):
        now = datetime.datetime.now(datetime.UTC)
    return (expiry - (now if now.tzinfo else now.replace(tzinfo=datetime.UTC))).total_seconds()
