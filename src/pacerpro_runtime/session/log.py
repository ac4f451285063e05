"""What a session tells the log: what happened, whose session it was, and no secret."""

from __future__ import annotations

import logging
import re

from pacerpro_runtime.wire.model import Model

logger = logging.getLogger("pacerpro_client")


class SessionLog:
    """Writes of one user.

    Args:
        email: The user's address, or None if it is not known.
        expiry: The attribute of a session that says until when it lasts.

    Attributes:
        who: The user, masked so that a log may hold it.
    """

    def __init__(self, email: str | None, expiry: str) -> None:
        self._email = email
        self._expiry = expiry
        if email is None:
            self.who = "the user of the given session"
        else:
            name, at, domain = email.rpartition("@")
            self.who = f"{name[:1]}***{at}{domain}" if at else "***"

    def begins(self, what: str, session: Model) -> None:
        """Say that there is a session, and until when it lasts."""
        logger.info("%s %s, until %s", what, self.who, getattr(session, self._expiry))

    def tell(self, what: str, *more: str) -> None:
        """Say what happened, with the user in the first place of the text."""
        logger.info(what, self.who, *more)

    def alert(self, what: str, *more: str) -> None:
        """Say what went wrong, with the user in the first place of the text."""
        logger.warning(what, self.who, *more)

    def failed(self, what: str, error: Exception) -> None:
        """Say what failed and why, without the address that the server may have repeated."""
        why = str(error) or type(error).__name__
        if self._email:
            why = re.sub(re.escape(self._email), lambda _: self.who, why, flags=re.IGNORECASE)
        self.alert(what, why)
