"""The session that the command keeps between its runs: where it is kept, and how it is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pacerpro_cli.failures import NOT_LOGGED_IN, Failure, say
from pacerpro_client import Client, SessionAuth
from pacerpro_client.stores import FileStore, KeyringStore, Stored

if TYPE_CHECKING:
    from pacerpro_client.stores import TokenStore

HOW = "run `pacerpro login`"


class SavedSession:
    """The session of one service and user, in the keyring, or in a file if there is no keyring.

    Args:
        email: Whose session, if several users are logged in.
    """

    def __init__(self, email: str | None = None) -> None:
        with Client() as client:  # It knows the service: PACERPRO_BASE_URL, or the contract's.
            url = client.get_httpx_client().base_url
        self.service = str(url).rstrip("/")
        self._origin = f"{url.scheme}://{url.netloc.decode()}"
        self._email = email
        self.store, self._notice = _usable_store(self._origin)

    def log_in(self, email: str, password: str) -> Stored:
        """Log in, and keep the session.

        Raises:
            Failure: The session cannot be kept.
        """
        SessionAuth(email=email, password=password, store=self.store).login()
        stored = self.store.load(self._origin, email)
        if stored is None:
            raise Failure(f"the log-in worked, but {self.store!r} does not keep the session")
        if self._notice:
            say(self._notice)
        return stored

    def stored(self) -> Stored:
        """Return what is kept.

        Raises:
            Failure: Nothing is, or it has expired.
        """
        stored = self.store.load(self._origin, self._email)
        if stored is None or (stored.life is not None and stored.life <= 0):
            why = "not logged in to" if stored is None else "the session has expired at"
            raise Failure(f"{why} {self.service}: {HOW}", NOT_LOGGED_IN)
        return stored

    def auth(self) -> SessionAuth:
        """Return an auth that sends the session's token, and refreshes it.

        Raises:
            Failure: Nobody is logged in.
        """
        return SessionAuth.from_store(self.store, self.stored().email)


def _usable_store(origin: str) -> tuple[TokenStore, str]:
    """Return the keyring, or a file and the reason for it."""
    try:
        keyring = KeyringStore()
        keyring.load(origin, "")  # Only an attempt shows whether there is a backend.
    except Exception as error:  # noqa: BLE001  # A backend that cannot be loaded raises whatever it likes.
        file = FileStore()
        return file, f"the session is kept in {file.path}, because {str(error).split(': ')[0]}"
    return keyring, ""
