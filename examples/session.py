#!/usr/bin/env python3
"""The life of a session: log in, refresh, log out.

It reads the service and the user from PACERPRO_BASE_URL (by default the contract's server), PACERPRO_EMAIL and
PACERPRO_PASSWORD. `make demo` runs it against the mock.
"""

import hashlib
import os
import sys

import httpx

from pacerpro_client import Client, errors
from pacerpro_client.api.authentication import session_create, session_delete, session_refresh
from pacerpro_client.models import Session, User


def shown(session: Session) -> str:
    """Describe a session without its token; a fingerprint shows whether it is the same token."""
    fingerprint = hashlib.sha256(session.jwt_token.encode()).hexdigest()[:8]
    return f"token *** (fingerprint {fingerprint}), which expires at {session.expires_at:%Y-%m-%d %H:%M:%S %Z}"


def main() -> int:
    """Log in, refresh, log out, and show that the old token is refused."""
    email, password = os.environ.get("PACERPRO_EMAIL"), os.environ.get("PACERPRO_PASSWORD")
    if not email or not password:
        print("Set PACERPRO_EMAIL and PACERPRO_PASSWORD first", file=sys.stderr)
        return 2
    user = User(email=email, password=password)

    with Client() as client:
        session = session_create.sync(client=client, body=user)
    print(f"Logged in as {user.email}: {shown(session)}")

    with Client(auth=session.jwt_token) as client:
        newer = session_refresh.sync(client=client)
        print(f"Refreshed: {shown(newer)}")

    with Client(auth=newer.jwt_token) as client:
        session_delete.sync(client=client)
        print("Logged out: the server has ended all tokens of this user")

    # The first token has not expired. Log-out ended it too, although the newer one was sent.
    with Client(auth=session.jwt_token) as client:
        try:
            session_refresh.sync(client=client)
        except errors.Unauthorized as refusal:
            print(f"The old token is refused: {type(refusal).__name__}: {refusal}")
            return 0
    print("The old token still works, but must not", file=sys.stderr)
    return 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (errors.PacerProError, httpx.RequestError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
