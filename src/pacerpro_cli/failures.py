"""Errors as a shell expects them: one line on standard error, and an exit status as `gh` has them."""

from __future__ import annotations

import logging
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final, NoReturn

import httpx

from pacerpro_client import errors
from pacerpro_client.stores import StoreError

REFUSED: Final = 1
"""The service says no, or cannot be reached."""
WRONG_USAGE: Final = 2
NOT_LOGGED_IN: Final = 4


class Failure(Exception):
    """The command cannot go on. The message is for the user."""

    def __init__(self, message: str, status: int = REFUSED) -> None:
        super().__init__(message)
        self.status = status


def say(line: str) -> None:
    """Print a line to standard error, on which nothing else but errors and notices stand."""
    sys.stderr.write(f"pacerpro: {line}\n")


class Warnings(logging.Handler):
    """Collects what the client logs at WARNING, such as a store that cannot be used."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a warning."""
        self.lines.append(record.getMessage())


@contextmanager
def one_line() -> Generator[None]:
    """Turn an error of the client into one line and an exit status; after a success, print the client's warnings."""
    warnings, logger = Warnings(), logging.getLogger("pacerpro_client")
    logger.addHandler(warnings)
    logger.propagate = False
    try:
        yield
        for line in warnings.lines:
            say(line)
    except Failure as error:
        _end(str(error), error.status)
    except errors.SessionExpired:
        _end("the session is over: run `pacerpro login`", NOT_LOGGED_IN)
    except StoreError as error:
        # The store speaks to programs; the command has an option for it.
        _end(str(error).replace("email=", "--email"), WRONG_USAGE)
    except (errors.InsecureUrl, httpx.InvalidURL, ValueError) as error:
        _end(str(error), WRONG_USAGE)
    except errors.PacerProError as error:
        _end(str(error), REFUSED)
    except httpx.HTTPError as error:
        _end(f"the service cannot be reached: {str(error) or type(error).__name__}", REFUSED)
    except BrokenPipeError:
        sys.stderr.close()  # The reader of a pipe is gone, and Python would complain at exit.
        sys.exit(REFUSED)


def _end(message: str, status: int) -> NoReturn:
    say(" ".join(message.split()))
    sys.exit(status)
