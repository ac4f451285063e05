"""The session that the command keeps between its runs: where it is kept, and how it is opened."""

from __future__ import annotations

from pacerpro_cli.failures import NOT_LOGGED_IN, Failure, say
from pacerpro_client import Client, SessionAuth
from pacerpro_client.stores import FileStore, KeyringStore, Stored


class SavedSession:
    """The session of one service and user (``email``, if there are several), in the keyring or else in a file."""

    def __init__(self, email: str | None = None) -> None:
        with Client() as client:  # It knows the service: PACERPRO_BASE_URL, or the contract's.
            url = client.get_httpx_client().base_url
        self.service = str(url).rstrip("/")
        self._origin = f"{url.scheme}://{url.netloc.decode()}"
        self._email = email
        try:
            self.store: FileStore | KeyringStore = KeyringStore()
            self.store.load(self._origin, "")  # Only an attempt shows whether there is a backend.
            self.place, self._notice = {"store": "keyring"}, ""
        except Exception as error:  # noqa: BLE001  # A backend that cannot be loaded raises whatever it likes.
            self.store = FileStore()
            self.place = {"store": "file", "path": str(self.store.path)}
            self._notice = f"the session is kept in {self.store.path}, because {str(error).split(': ')[0]}"

    def log_in(self, email: str, password: str) -> None:
        """Log in, and keep the session.

        Raises:
            Failure: The session cannot be kept.
        """
        session = SessionAuth(email=email, password=password, store=self.store).login()
        if self.store.load(self._origin, email) is None:
            self.store.save(self._origin, email, session.to_dict(), None)  # The error says what is wrong.
            raise Failure("the log-in worked, but the keyring does not keep the session")
        if self._notice:
            say(self._notice)

    def stored(self) -> Stored:
        """Return what is kept.

        Raises:
            Failure: Nothing is, or it has expired.
        """
        stored = self.store.load(self._origin, self._email)
        if stored is None or (stored.life is not None and stored.life <= 0):
            why = "not logged in to" if stored is None else "the session has expired at"
            raise Failure(f"{why} {self.service}: run `pacerpro login`", NOT_LOGGED_IN)
        return stored

    def auth(self) -> SessionAuth:
        """Return an auth that sends the session's token, and refreshes it.

        Raises:
            Failure: Nobody is logged in.
        """
        return SessionAuth.from_store(self.store, self.stored().email)
