"""The mock as one object: the service, and the handles by which a test moves it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from email.utils import formatdate
from types import MappingProxyType

from pacerpro_mock.api import DEFAULT_MAX_BODY, PREFIX, Api
from pacerpro_mock.clock import Clock
from pacerpro_mock.messages import Answer, Head
from pacerpro_mock.service import DEFAULT_TOKEN_LIFE, Service, UserSession
from pacerpro_mock.tokens import Signer

# The contract's own example, so that whatever is copied from its documentation works here.
DEMO_USERS: Mapping[str, str] = MappingProxyType({"ada@example.com": "correct horse battery staple"})
DEFAULT_BODY_TIMEOUT = 10.0


class Mock:
    """The PacerPro authentication service without a socket. `MockServer` is the same behind one.

    - `users`: passwords by e-mail address (`DEMO_USERS` without it).
    - `secret`: the key that signs the tokens, at least 32 bytes (random without it).
    - `token_life`: how long a token is valid, in seconds.
    - `max_body`: the largest body that is read, in bytes.
    - `body_timeout`: how long a body may take to arrive, in seconds.

    Raises `ValueError` for a value that cannot be.
    """

    url = f"https://pacerpro.test{PREFIX}"

    def __init__(
        self,
        users: Mapping[str, str] | None = None,
        *,
        secret: str | bytes | None = None,
        token_life: int = DEFAULT_TOKEN_LIFE,
        max_body: int = DEFAULT_MAX_BODY,
        body_timeout: float = DEFAULT_BODY_TIMEOUT,
    ) -> None:
        self._users = checked_users(DEMO_USERS if users is None else users)
        self.clock = Clock()
        self.body_timeout = body_timeout
        signer = Signer(secrets.token_bytes(32) if secret is None else to_bytes(secret))
        self.service = Service(self._users, signer, self.clock, token_life)
        self.api = Api(self.service, max_body)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(url={self.url!r}, users={list(self._users)!r})"

    @property
    def email(self) -> str:
        """The e-mail address of the first user."""
        return next(iter(self._users))

    @property
    def password(self) -> str:
        """The password of the first user."""
        return next(iter(self._users.values()))

    def revoke(self, email: str) -> None:
        """End all tokens of a user, as if somebody had logged out elsewhere. Raises `KeyError` for an unknown user."""
        self.service.revoke(email)

    def session_of(self, email: str) -> UserSession | None:
        """The user's session, or None where no valid token is about. Raises `KeyError` for an unknown user."""
        return self.service.session_of(email)

    def refuse(self, head: Head) -> Answer | None:
        """The answer where the head decides alone, so that no body has to be read; None where it does not."""
        refused = self.api.refuse(head)
        return None if refused is None else self.finish(refused)

    def answer(self, head: Head, body: bytes) -> Answer:
        """The answer to a request that `refuse` has let pass."""
        return self.finish(self.api.answer(head, body))

    def finish(self, answer: Answer) -> Answer:
        """Add what every answer has: the time, by the mock's own clock, which `exp` goes by as well."""
        return answer.with_header("Date", formatdate(self.clock.now(), usegmt=True))


def checked_users(users: Mapping[str, str]) -> dict[str, str]:
    """A copy of the users. Raises `ValueError` where there is none, or one who could not log in."""
    if not users:
        raise ValueError("the mock needs a user")
    for email, password in users.items():
        if "@" not in email or not password:
            raise ValueError(f"not a user with an e-mail address and a password: {email!r}")
    return dict(users)


def to_bytes(secret: str | bytes) -> bytes:
    """The secret's bytes, in UTF-8."""
    return secret.encode() if isinstance(secret, str) else secret
