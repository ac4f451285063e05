"""The log of a session: what happened and for which user, without secrets."""

from __future__ import annotations

import re

from pacerpro_runtime.log import logger


class SessionLog:
    """Writes about one user, with or without a known address."""

    def __init__(self, email: str | None) -> None:
        self.email = email
        self._last_problem: str | None = None

    @property
    def who(self) -> str:
        """The user's address, masked."""
        if self.email is None:
            return "the user of the given session"
        name, at, domain = self.email.rpartition("@")
        return f"{name[:1]}***{at}{domain}" if at else "***"

    def tell(self, what: str, *more: object) -> None:
        """Log what happened; the first place of the text is the user."""
        logger.info(what, self.who, *more)

    def alert(self, what: str, *more: object) -> None:
        """Log what went wrong; the first place of the text is the user."""
        logger.warning(what, self.who, *more)

    def failed(self, what: str, error: Exception) -> None:
        """Log what failed and why, without the address that the server may have repeated."""
        self.alert(what, self._reason(error))

    def store_failed(self, error: Exception) -> None:
        """Log that the store is not used, once for each reason."""
        reason = self._reason(error)
        if reason != self._last_problem:
            self._last_problem = reason
            self.alert("the session of %s goes on in memory, without its store: %s", reason)

    def _reason(self, error: Exception) -> str:
        reason = str(error) or type(error).__name__
        if self.email:
            reason = re.sub(re.escape(self.email), lambda _: self.who, reason, flags=re.IGNORECASE)
        return reason
