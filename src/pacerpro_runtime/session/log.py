"""The log of a session: what happened and for which user, without secrets."""

import re

from pacerpro_runtime.log import logger


class SessionLog:
    """Writes about one user, with or without a known address. The first place of each text is the user."""

    def __init__(self, email: str | None) -> None:
        self.email = email

    @property
    def who(self) -> str:
        """The user's address, masked."""
        if self.email is None:
            return "the user of the given session"
        name, at, domain = self.email.rpartition("@")
        return f"{name[:1]}***{at}{domain}" if at else "***"

    def tell(self, what: str, *more: object) -> None:
        """Log what happened."""
        logger.info(what, self.who, *more)

    def failed(self, what: str, error: Exception) -> None:
        """Log what failed and why."""
        logger.warning(what, self.who, self.reason(error))

    def reason(self, error: Exception) -> str:
        """Return the text of an error without the user's address, which it may repeat."""
        reason = str(error) or type(error).__name__
        return re.sub(re.escape(self.email), lambda _: self.who, reason, flags=re.IGNORECASE) if self.email else reason
