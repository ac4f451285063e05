"""Standard input as a console, for people who test by hand."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator

from pacerpro_mock.cli.commands import CommandError, execute
from pacerpro_mock.mock import Mock

STDIN = 0


def start(mock: Mock, say: Callable[[str], None]) -> None:
    """Obey the lines on standard input, from now on and in a thread, until the input ends."""
    if hasattr(signal, "SIGTTIN"):
        # A shell stops a process in the background that reads from its terminal. The mock shall rather go without.
        signal.signal(signal.SIGTTIN, signal.SIG_IGN)
    threading.Thread(target=obey, args=(mock, say), name="pacerpro-mock-console", daemon=True).start()


def obey(mock: Mock, say: Callable[[str], None]) -> None:
    """Carry out line after line."""
    for line in lines():
        if not line.strip():
            continue
        try:
            say(execute(mock, line))
        except CommandError as error:
            say(str(error))


def lines() -> Iterator[str]:
    """The lines of standard input.

    Read past Python's own buffer: a thread that waits in it would not let the process end in peace.
    """
    rest = b""
    while True:
        try:
            data = os.read(STDIN, 4096)
        except OSError:
            return
        *complete, rest = (rest + data).split(b"\n")
        yield from (line.decode("utf-8", "replace") for line in complete)
        if not data:
            if rest:
                yield rest.decode("utf-8", "replace")
            return
