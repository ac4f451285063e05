"""Errors as a shell expects them: one line on standard error, and an exit status as `gh` has them."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from logging.handlers import BufferingHandler

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
    sys.stderr.write(f"pacerpro: {' '.join(line.split())}\n")


def run(app: Callable[[], object]) -> None:
    """Run a command. After a success, print the client's warnings; else its error as one line, and exit."""
    warnings, logger = BufferingHandler(1000), logging.getLogger("pacerpro_client")
    warnings.setLevel(logging.WARNING)
    logger.addHandler(warnings)
    logger.propagate = False
    try:
        app()
    except SystemExit as end:
        if not end.code:
            for record in warnings.buffer:
                say(record.getMessage())
        raise
    except (Failure, errors.PacerProError, httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        line, status = _explained(error)
        say(line)
        sys.exit(status)


def _explained(error: Exception) -> tuple[str, int]:
    if isinstance(error, Failure):
        return str(error), error.status
    if isinstance(error, errors.SessionExpired):
        return "the session is over: run `pacerpro login`", NOT_LOGGED_IN
    if isinstance(error, StoreError):
        # The store speaks to programs; the command has an option for it.
        return str(error).replace("email=", "--email"), WRONG_USAGE
    if isinstance(error, httpx.HTTPError):
        return f"the service cannot be reached: {str(error) or type(error).__name__}", REFUSED
    refused = isinstance(error, errors.PacerProError) and not isinstance(error, errors.InsecureUrl)
    return str(error), REFUSED if refused else WRONG_USAGE
