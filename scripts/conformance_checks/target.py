"""The server to be checked: one that the command line names, or the project's own mock, started for the occasion."""

import os
import secrets
import select
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from .preflight import CannotRunError, check_url
from .probe import User

START_LIMIT = 20.0  # seconds that the project's own mock may take to start
OWN_USERS = (User("ada@example.com", "correct horse battery staple"), User("grace@example.com", "a moth in a relay"))


@dataclass(frozen=True)
class Target:
    """A server, with what is known of it."""

    url: str
    users: tuple[User, User]
    secret: str | None = field(repr=False)


@contextmanager
def given(url: str, users: Sequence[str], secret: str | None) -> Iterator[Target]:
    """The server at a URL, with users as EMAIL:PASSWORD. Raises CannotRunError when that is not enough."""
    check_url(url)
    found: dict[str, User] = {}
    for number, user in enumerate(users, 1):
        email, colon, password = user.partition(":")
        if not (email and colon and password):
            raise CannotRunError(f"--user takes EMAIL:PASSWORD, and number {number} is something else")
        found[email] = User(email, password)
    if len(found) < 2:
        raise CannotRunError(f"two different users are needed, and {len(found)} given: --user EMAIL:PASSWORD, twice")
    ada, bob, *_ = found.values()
    yield Target(url, (ada, bob), secret or None)


@contextmanager
def own_mock() -> Iterator[Target]:
    """The project's own mock, started for the occasion on a free port. Raises CannotRunError."""
    secret = secrets.token_urlsafe(32)
    users = [f"--user={user.email}:{user.password}" for user in OWN_USERS]
    command = [str(Path(sys.executable).with_name("pacerpro-mock")), "--port", "0", f"--secret={secret}", *users]
    # It is to be the mock as it comes, whatever the caller's variables make of one.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PACERPRO_MOCK_")}
    try:
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
    except OSError as error:
        raise CannotRunError(f"the project's mock cannot be started: {error}") from error
    with process:
        try:
            yield Target(_url_of(process), OWN_USERS, secret)
        finally:
            process.terminate()


def _url_of(process: "subprocess.Popen[str]") -> str:
    """The URL that the mock prints when it is ready."""
    if process.stdout and select.select([process.stdout], [], [], START_LIMIT)[0]:
        for word in process.stdout.readline().split():
            if word.startswith("http"):
                return word
    raise CannotRunError("the project's mock has not started")
