"""The session that the command keeps between its runs: where it is kept, and how it is opened."""

from __future__ import annotations

from contextlib import suppress

from pacerpro_cli.failures import NOT_LOGGED_IN, Failure, say
from pacerpro_client import Client, SessionAuth
from pacerpro_client.stores import FileStore, KeyringStore, Stored, StoreError


class SavedSession:
    """The session of one service and user (``email``, if there are several), in the keyring or else in a file."""

    def __init__(self, email: str | None = None) -> None:
        with Client() as client:  # It knows the service: PACERPRO_BASE_URL, or the contract's.
            url = client.get_httpx_client().base_url
        self.service = str(url).rstrip("/")
        self._origin = f"{url.scheme}://{url.netloc.decode()}"
        self._email = email
        self._stores: list[FileStore | KeyringStore] = [FileStore()]
        self.place: dict[str, str] = {}
        self._notice = "this machine has no keyring"

    def open(self) -> None:
        """Look for a keyring. Raise Failure if there is one that cannot be used."""
        try:
            store = KeyringStore()
            import keyring  # noqa: PLC0415  # It needs an extra.
            from keyring.backends.fail import Keyring  # noqa: PLC0415  # As above.

            if isinstance(keyring.get_keyring(), Keyring):
                return
        except Exception as error:  # noqa: BLE001  # A backend that cannot be loaded raises whatever it likes.
            self._notice = str(error).split(": ")[0]
            return
        try:
            store.load(self._origin, "")
        except Exception as error:  # noqa: BLE001  # As above. The file must not hide what a locked keyring holds.
            why = str(error) or type(error).__name__
            way_out = "set PYTHON_KEYRING_BACKEND=keyring.backends.fail.Keyring to use a file instead"
            raise Failure(f"{why}; {way_out}") from None
        self._stores.insert(0, store)

    def log_in(self, email: str, password: str) -> None:
        """Log in, and keep the session. Raise Failure or StoreError if it cannot be kept."""
        store = self._stores[0]
        store.load(self._origin, email)  # Its error says what is wrong, and so does that of save.
        session = SessionAuth(email=email, password=password, store=store).login()
        if store.load(self._origin, email) is None:
            store.save(self._origin, email, session.to_dict(), None)
            raise Failure("the log-in worked, but the keyring does not keep the session")
        if isinstance(store, FileStore):
            say(f"the session is kept in {store.path}, because {self._notice}")

    def found(self) -> tuple[SessionAuth, Stored]:
        """Return an auth that sends and refreshes the kept token, and what is kept. Raise Failure if there is none."""
        self.open()
        why = f"not logged in to {self.service}"
        for store in self._stores:
            stored = store.load(self._origin, self._email)
            if stored is None:
                continue
            path = str(store.path) if isinstance(store, FileStore) else None
            self.place = {"store": "file", "path": path} if path else {"store": "keyring"}
            if stored.life is not None and stored.life <= 0:
                why = f"the session has expired at {self.service}"
            elif (auth := SessionAuth.from_store(store, stored.email)).session is not None:
                return auth, stored
            else:
                why = f"the session of {stored.email} in {path or 'the keyring'} cannot be read"
        raise Failure(f"{why}: run `pacerpro login`", NOT_LOGGED_IN)

    def log_out(self, auth: SessionAuth) -> None:
        """Log out everywhere, and forget the session in all stores."""
        auth.logout()
        for store in self._stores:
            with suppress(StoreError):  # Then it gives no session either.
                store.clear(self._origin, auth.email or "")
