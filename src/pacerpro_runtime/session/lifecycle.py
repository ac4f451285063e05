"""The life of a session: what the contract states of it, and how long a token lives by this machine's clock."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, Any, NamedTuple

from pacerpro_runtime.auth import bearer
from pacerpro_runtime.retries import aware

if TYPE_CHECKING:
    from pacerpro_runtime.operation import Operation
    from pacerpro_runtime.wire.model import Model

# How much of the refresh window passes unused at most, so that many processes do not refresh at one instant.
_JITTER = 0.1


class Lifecycle(NamedTuple):
    """The operations of a session, its two models, and the names of their attributes."""

    login: Operation[Any]
    refresh: Operation[Any]  # Exchanges a valid token for a later one.
    logout: Operation[Any]  # Revokes all tokens of the user.
    credentials: type[Model]
    identity: str
    password: str
    session: type[Model]
    token: str
    expiry: str


class Token:
    """A token with its times, in seconds of :func:`clock.now`. Its repr shows nothing of it."""

    def __init__(self, value: str, session: Any, expiry: Any) -> None:
        self.value = value
        self.header = bearer(value)
        self.session = session  # The contract's model.
        self.expiry = aware(expiry)
        self.refresh_at = self.expires_at = math.inf  # Unless its expiry makes sense.

    def live(self, life: float, *, since: float, leeway: float | None) -> None:
        """Set the times from the seconds that the token lives from ``since`` on.

        It is refreshed once two thirds of its life have passed, or ``leeway`` seconds before its end, but not in the
        first half of its life.
        """
        # One that is expired before its first use would be replaced at each use. A 401 will tell.
        if 0 < life < math.inf:
            self.expires_at = since + life
            self.refresh_at = self.expires_at - (life / 3 if leeway is None else min(leeway, life / 2))
            self.spread()

    def spread(self) -> None:
        """Delay the refresh by a random part of the window."""
        if self.expires_at < math.inf:
            self.refresh_at += (self.expires_at - self.refresh_at) * random.uniform(0, _JITTER)  # noqa: S311  # No secret.
