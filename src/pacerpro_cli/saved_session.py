"""The session that the command keeps between its runs: where it is kept, and how it is opened."""

from pathlib import Path

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

    def open(self) -> None:
        """Look for a keyring. Raise Failure if there is one that cannot be used."""
        try:
            store = KeyringStore()
            import keyring  # noqa: PLC0415  # It needs an extra.

            if keyring.get_keyring().priority <= 0:
                return
        except Exception:  # noqa: BLE001  # A backend that cannot be loaded raises whatever it likes.
            return
        try:
            store.load(self._origin, "")
        except Exception as error:  # noqa: BLE001  # As above. The file must not hide what a locked keyring holds.
            why = str(error) or type(error).__name__
            way_out = "set PYTHON_KEYRING_BACKEND=keyring.backends.fail.Keyring to use a file instead"
            raise Failure(f"{why}; {way_out}") from None
        self._stores.insert(0, store)

    def log_in(self, email: str, password: str) -> None:
        """Log in, and keep the session. Raise StoreError if it cannot be kept."""
        store = self._stores[0]
        store.load(self._origin, email)  # Its error says what is wrong, and so does that of save.
        session = SessionAuth(email=email, password=password, store=store).login().to_dict()
        kept = store.load(self._origin, email)
        if kept is None or kept.session != session:
            store.save(self._origin, email, session, None)
        if isinstance(store, FileStore):
            say(f"the session is kept in {store.path}, because no keyring can be used")

    def found(self) -> tuple[SessionAuth, Stored, Path | None]:
        """Return an auth that uses the kept session, the session, and its file or None. Raise Failure without one."""
        self.open()
        for store in self._stores:
            stored = store.load(self._origin, self._email)
            if stored is not None:
                path = store.path if isinstance(store, FileStore) else None
                auth = SessionAuth.from_store(store, stored.email)
                if auth.session is None:
                    why = f"the session of {stored.email} in {path or 'the keyring'} cannot be read"
                    raise Failure(f"{why}: run `pacerpro login`", NOT_LOGGED_IN)
                return auth, stored, path
        raise Failure(f"not logged in to {self.service}: run `pacerpro login`", NOT_LOGGED_IN)

    def log_out(self, auth: SessionAuth) -> None:
        """Log out everywhere, and forget the session in all stores."""
        auth.logout()
        for store in self._stores:
            try:
                store.clear(self._origin, auth.email or "")
            except StoreError as error:
                say(str(error))
