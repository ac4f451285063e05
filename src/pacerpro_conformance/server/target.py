"""The project's own mock as the server to check, started for the occasion."""

import os
import secrets
import select
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pacerpro_conformance.errors import CannotRunError

from .users import User

START_LIMIT = 20.0  # seconds that the mock may take to start
OWN_USERS = (User("ada@example.com", "correct horse battery staple"), User("grace@example.com", "a moth in a relay"))


@dataclass(frozen=True)
class Target:
    """A server, with what is known about it."""

    url: str
    users: tuple[User, User]
    secret: str | None = field(repr=False)


@contextmanager
def own_mock() -> Generator[Target]:
    """Start the mock on a free port. Raises CannotRunError."""
    secret = secrets.token_urlsafe(32)
    users = [f"--user={user.email}:{user.password}" for user in OWN_USERS]
    options = ["--port", "0", "--strict-slashes", f"--secret={secret}"]
    command = [str(Path(sys.executable).with_name("pacerpro-mock")), *options, *users]
    # The mock as it is, whatever the caller's variables say.
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
    raise CannotRunError("the project's mock did not start: give a server with --url, or install pacerpro-client[mock]")
