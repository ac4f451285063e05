"""The service's state and rules: users, their tokens, log-in, refresh and log-out. It knows no HTTP."""

import hashlib
import hmac
import secrets
import threading
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace

from pacerpro_mock.service.clock import Clock
from pacerpro_mock.service.tokens import LATEST_EXPIRY, Claims, InvalidToken, Signer


class WrongCredentials(Exception):
    """No user has this e-mail address and password."""


@dataclass(frozen=True)
class Session:
    """The token of a log-in or refresh, until when it is valid, and the user's address."""

    token: str = field(repr=False)
    expires_at: datetime
    email: str


@dataclass(frozen=True)
class UserSession:
    """Where one user stands: the `jti` that valid tokens carry, and when the longest-lived of them expires."""

    email: str
    user_id: int
    jti: str
    expires_at: datetime


@dataclass
class Account:
    """A user. Of the password only a keyed digest is kept, so that nothing can show it."""

    email: str
    user_id: int
    password_digest: bytes = field(repr=False)
    jti: str = field(default_factory=lambda: str(uuid.uuid4()))
    last_expiry: int = 0
    failures: int = 0
    locked_until: float = 0.0

    def renew_jti(self) -> None:
        """End all of the user's tokens at once: none of them carries the new `jti`."""
        self.jti = str(uuid.uuid4())
        self.last_expiry = 0


class Service:
    """Users and their tokens. Safe to call from any thread."""

    def __init__(self, users: Mapping[str, str], signer: Signer, clock: Clock, settings: SimpleNamespace) -> None:
        self._signer, self._clock, self._settings = signer, clock, settings
        self._digest_key = secrets.token_bytes(32)
        self._lock = threading.RLock()
        self._accounts = {
            email: Account(email, user_id, self._digest(password))
            for user_id, (email, password) in enumerate(users.items(), start=1)
        }
        # Compared against if the address is unknown, so that the answer takes as long as for a known one.
        self._nobody = Account("", 0, secrets.token_bytes(32))

    def log_in(self, email: object, password: object) -> Session:
        """A new session. Raises `WrongCredentials`, for an unknown address as for a wrong password."""
        with self._lock:
            account = self._find_account(email)
            right = self._password_matches(account, password)
            if not right:
                self._count_failure(account)
            if not right or self._clock.now() < account.locked_until:
                raise WrongCredentials
            account.failures = 0
            return self._issue(account, self._first_expiry())

    def refresh(self, token: str) -> Session:
        """A session that ends later than the token does; the token stays valid. Raises `InvalidToken`."""
        with self._lock:
            claims, account = self._authenticate(token)
            return self._issue(account, self._next_expiry(claims.exp))

    def log_out(self, token: str) -> str:
        """End all tokens of the token's user and return the user's address. Raises `InvalidToken`."""
        with self._lock:
            _, account = self._authenticate(token)
            account.renew_jti()
            return account.email

    def user_of(self, token: str) -> str:
        """The e-mail address of the token's user. Raises `InvalidToken`."""
        with self._lock:
            return self._authenticate(token)[1].email

    def revoke(self, email: str) -> None:
        """End all tokens of a user, as a log-out elsewhere does. Raises `KeyError` for an unknown address."""
        with self._lock:
            self._accounts[email].renew_jti()

    def reset(self) -> None:
        """End all tokens of all users, and unlock all accounts."""
        with self._lock:
            for account in self._accounts.values():
                account.renew_jti()
                account.failures, account.locked_until = 0, 0.0

    def session_of(self, email: str) -> UserSession | None:
        """The user's session, or None if there is no valid token. Raises `KeyError` for an unknown address."""
        with self._lock:
            account = self._accounts[email]
            if account.last_expiry <= self._clock.now():
                return None
            return UserSession(email, account.user_id, account.jti, to_datetime(account.last_expiry))

    def _find_account(self, email: object) -> Account:
        return self._accounts.get(email, self._nobody) if isinstance(email, str) else self._nobody

    def _password_matches(self, account: Account, password: object) -> bool:
        return isinstance(password, str) and hmac.compare_digest(self._digest(password), account.password_digest)

    def _count_failure(self, account: Account) -> None:
        account.failures += 1
        if account.failures == self._settings.lockout_after:
            account.failures, account.locked_until = 0, self._clock.now() + self._settings.lockout_seconds

    def _digest(self, password: str) -> bytes:
        # `surrogatepass`: JSON can spell half of a surrogate pair, which UTF-8 cannot.
        return hashlib.blake2b(password.encode("utf-8", "surrogatepass"), key=self._digest_key).digest()

    def _authenticate(self, token: str) -> tuple[Claims, Account]:
        claims = self._signer.read(token, self._clock.now())
        account = self._account_of(claims)
        self._check_jti(claims, account)
        return claims, account

    def _account_of(self, claims: Claims) -> Account:
        for account in self._accounts.values():
            if account.user_id == claims.sub:
                return account
        raise InvalidToken("no such user")

    def _check_jti(self, claims: Claims, account: Account) -> None:
        given = claims.jti.encode("utf-8", "surrogatepass")
        if not hmac.compare_digest(given, account.jti.encode("ascii")):
            raise InvalidToken("revoked")

    def _first_expiry(self) -> int:
        return int(self._clock.now() + self._settings.token_life)

    def _next_expiry(self, presented: int) -> int:
        """`exp` counts whole seconds, so a refresh within the same second has to add one to be later."""
        return max(self._first_expiry(), presented + 1)

    def _issue(self, account: Account, expiry: int) -> Session:
        account.last_expiry = max(account.last_expiry, expiry)
        token = self._signer.sign(Claims(account.jti, account.user_id, expiry))
        return Session(token, to_datetime(expiry), account.email)


def to_datetime(seconds: int) -> datetime:
    """The instant of an `exp`, in UTC."""
    return datetime.fromtimestamp(min(seconds, LATEST_EXPIRY + 1), UTC)
