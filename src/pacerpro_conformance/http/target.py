"""The server to be checked: one that the command line names, or the project's own mock, started for the occasion."""

import os
import secrets
import select
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pacerpro_conformance.probe import User

from .preflight import CannotRunError, check_url

START_LIMIT = 20.0  # seconds that the project's own mock may take to start
OWN_USERS = (User("ada@example.com", "correct horse battery staple"), User("grace@example.com", "a moth in a relay"))


@dataclass(frozen=True)
class Target:
    """A server, with what is known of it."""

    url: str
    users: tuple[User, User]
    secret: str | None = field(repr=False)


def read_users(texts: Sequence[str], source: str) -> list[User]:
    """Users, each as EMAIL:PASSWORD. Raises CannotRunError."""
    users = []
    for number, text in enumerate(texts, 1):
        email, colon, password = text.partition(":")
        if not (email and colon and password):
            raise CannotRunError(f"{source} takes EMAIL:PASSWORD, and number {number} is something else")
        users.append(User(email, password))
    return users


def read_users_file(path: Path) -> list[User]:
    """The users in a TOML file with a table `[users]` of passwords by address, as the mock takes it.

    Raises CannotRunError.
    """
    try:
        table = tomllib.loads(path.read_text("utf-8-sig")).get("users")
    except OSError as error:
        raise CannotRunError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        # Without the parser's words, which may quote a password.
        raise CannotRunError(f"{path} is no TOML") from error
    if not isinstance(table, dict) or not all(isinstance(each, str) and each for each in table.values()):
        raise CannotRunError(f'{path} needs a table [users] of passwords by address, as \'"ada@example.com" = "..."\'')
    return [User(email, password) for email, password in table.items()]


@contextmanager
def given(url: str, users: Sequence[User], secret: str | None) -> Iterator[Target]:
    """The server at a URL, and two users. Raises CannotRunError when that is not enough, or too much."""
    check_url(url)
    count = len({user.email for user in users})
    if count != 2:
        raise CannotRunError(f"two different users are needed, and {count} given: --user EMAIL:PASSWORD, twice")
    if len(users) != count:
        raise CannotRunError("a user is given twice, and two different ones are needed")
    ada, bob = users
    yield Target(url, (ada, bob), secret or None)


@contextmanager
def own_mock() -> Iterator[Target]:
    """The project's own mock, started for the occasion on a free port. Raises CannotRunError."""
    secret = secrets.token_urlsafe(32)
    users = [f"--user={user.email}:{user.password}" for user in OWN_USERS]
    options = ["--port", "0", "--strict-slashes", f"--secret={secret}"]
    command = [str(Path(sys.executable).with_name("pacerpro-mock")), *options, *users]
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
