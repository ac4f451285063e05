"""What a session tells the log: what happened, whose session it is, and no secret."""

from __future__ import annotations

import re

from pacerpro_runtime.log import logger


class SessionLog:
    """Writes about one user.

    Attributes:
        email: The user's address, or None if it is not known.
    """

    def __init__(self, email: str | None) -> None:
        self.email = email
        self._last_problem: str | None = None

    @property
    def who(self) -> str:
        """The user, masked so that a log may hold it."""
        if self.email is None:
            return "the user of the given session"
        name, at, domain = self.email.rpartition("@")
        return f"{name[:1]}***{at}{domain}" if at else "***"

    def tell(self, what: str, *more: object) -> None:
        """Say what happened, with the user in the first place of the text."""
        logger.info(what, self.who, *more)

    def alert(self, what: str, *more: object) -> None:
        """Say what went wrong, with the user in the first place of the text."""
        logger.warning(what, self.who, *more)

    def failed(self, what: str, error: Exception) -> None:
        """Say what failed and why, without the address that the server may have repeated."""
        self.alert(what, self._reason(error))

    def store_failed(self, error: Exception) -> None:
        """Say that a store is passed by; once for each reason, since it may be asked often."""
        reason = self._reason(error)
        if reason != self._last_problem:
            self._last_problem = reason
            self.alert("the session of %s goes on in memory, without its store: %s", reason)

    def _reason(self, error: Exception) -> str:
        reason = str(error) or type(error).__name__
        if self.email:
            reason = re.sub(re.escape(self.email), lambda _: self.who, reason, flags=re.IGNORECASE)
        return reason
