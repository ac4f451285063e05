"""Errors as a shell expects them: one line on standard error, and an exit status as `gh` has them."""

import os
import sys
from collections.abc import Callable

import httpx

from pacerpro_client import errors
from pacerpro_client.stores import StoreError

REFUSED, WRONG_USAGE, NOT_LOGGED_IN = 1, 2, 4


class Failure(Exception):
    """The command cannot go on. The message is for the user."""

    def __init__(self, message: str, status: int = REFUSED) -> None:
        super().__init__(message)
        self.status = status


def say(line: str) -> None:
    """Print a line to standard error, on which nothing else but errors and notices stand."""
    if sys.stderr is not None:
        sys.stderr.write(f"pacerpro: {' '.join(line.split())}\n")


def run(app: Callable[[], object]) -> None:
    """Run a command. An error is one line."""
    if sys.stdout is None:
        say("standard output is closed")
        sys.exit(WRONG_USAGE)
    try:
        app()
    except (Failure, errors.PacerProError, httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        line, status = explained(error)
        say(line)
        if isinstance(error, OSError):  # Python would try to write the rest at exit, and show a traceback.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(status)


def explained(error: Exception) -> tuple[str, int]:
    """Return what to tell the user about an error, and the exit status."""
    if isinstance(error, Failure):
        return str(error), error.status
    if isinstance(error, errors.SessionExpired):
        return f"{error}: run `pacerpro login`", NOT_LOGGED_IN
    if isinstance(error, StoreError):
        # The store speaks to programs; the command has an option for it.
        return str(error).replace("email=", "--email"), WRONG_USAGE
    if isinstance(error, httpx.HTTPError):
        unreachable = isinstance(error, httpx.ConnectError | httpx.ProxyError | httpx.TimeoutException)
        what = "the service cannot be reached" if unreachable else "the exchange with the service failed"
        return f"{what}: {str(error) or type(error).__name__}", REFUSED
    if isinstance(error, OSError):
        return f"{error.filename or 'the output'} cannot be used: {error.strerror or error}", REFUSED
    refused = isinstance(error, errors.PacerProError) and not isinstance(error, errors.InsecureUrl)
    return str(error), REFUSED if refused else WRONG_USAGE
