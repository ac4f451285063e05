"""The server to check: its users, whether it can be checked at all, and the project's own mock as such a server."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from . import jws
from .contract import Contract
from .errors import CannotRunError, NoAnswerError
from .http.wire import JSON, Request, Wire
from .values import NOT_JSON, as_object


@dataclass(frozen=True)
class User:
    """Credentials that the server knows."""

    email: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class Target:
    """A server, with what is known about it."""

    url: str
    users: tuple[User, User]
    secret: str = field(repr=False)  # empty if it is not known


@contextmanager
def own_mock() -> Generator[Target]:
    """Start the project's own mock on a free port. Raises CannotRunError."""
    secret = secrets.token_urlsafe(32)
    users = User("ada@example.com", "correct horse battery staple"), User("grace@example.com", "a moth in a relay")
    command = [str(Path(sys.executable).with_name("pacerpro-mock")), "--port=0", "--strict-slashes"]
    command += [f"--secret={secret}", *(f"--user={user.email}:{user.password}" for user in users)]
    # The mock as it is, whatever the caller's variables say.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PACERPRO_MOCK_")}
    try:
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
    except OSError as error:
        raise CannotRunError("the project's mock cannot be started: install pacerpro-client[mock]") from error
    with process:
        try:
            # It prints its URL when it is ready.
            line = process.stdout.readline() if process.stdout else ""
            yield Target(next((word for word in line.split() if "://" in word), "the mock"), users, secret)
        finally:
            process.terminate()


def log_in_once(wire: Wire, contract: Contract, user: User, secret: bytes) -> None:
    """Log in, to see whether there is a server that knows the user and signs with the secret. Raises CannotRunError."""
    body = json.dumps({contract.identity: user.email, contract.password: user.password}).encode()
    url = wire.base_url + contract.log_in.path
    try:
        answer = wire.send(Request(headers=(JSON,), body=body, method=contract.log_in.method, url=url))
    except NoAnswerError as error:
        # A certificate of another host has nothing to do with who signed it.
        unknown = "CERTIFICATE_VERIFY_FAILED" in f"{error}" and "mismatch" not in f"{error}"
        advice = "; --ca FILE names who signs its certificate" if unknown else ""
        raise CannotRunError(f"{wire.base_url} does not answer: {error}{advice}") from error
    token, complaint = str(as_object(answer.json).get(contract.token)), ""
    if not 200 <= answer.status < 300 or answer.json is NOT_JSON:
        complaint = f"is the base URL right, and does it know {user.email} with this password?"
    elif secret and jws.COMPACT.fullmatch(token) and not jws.is_signed_with(token, secret):
        complaint = "the secret is not the key of the token's HMAC; without it, fewer checks are tried"
    if complaint:
        kind = answer.headers.get("content-type", "no content type")
        raise CannotRunError(f"{wire.base_url} answers a log-in with {answer.status}, {kind}: {complaint}")
