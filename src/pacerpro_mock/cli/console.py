"""Standard input as a console, for people who test by hand: the lines that they may type, and what they do."""

from __future__ import annotations

import os
import shlex
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

from pacerpro_mock.cli.options import FAULT
from pacerpro_mock.http.answers import iso_8601
from pacerpro_mock.mock import Mock

STDIN = 0
HELP = f"""\
fail {FAULT}
                    let something go wrong with the next request, or with the next N
stop_failing        forget the faults that wait
revoke EMAIL        end all tokens of a user, as a log-out elsewhere does
advance SECONDS     move the clock
freeze | run        stop the clock, let it run on
session EMAIL       show until when a user has tokens
requests | counts   show what has been asked
reset               be as new
help                show this"""


class CommandError(ValueError):
    """The line is no command; `str()` says why."""


def start(mock: Mock, say: Callable[[str], None]) -> None:
    """Obey the lines on standard input, from now on and in a thread, until the input ends."""
    if hasattr(signal, "SIGTTIN"):
        # A shell stops a process in the background that reads from its terminal. The mock goes on without it.
        signal.signal(signal.SIGTTIN, signal.SIG_IGN)
    threading.Thread(target=obey, args=(mock, say), name="pacerpro-mock-console", daemon=True).start()


def obey(mock: Mock, say: Callable[[str], None]) -> None:
    """Carry out line after line."""
    for line in filter(str.strip, lines()):
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
            yield rest.decode("utf-8", "replace")
            return


def execute(mock: Mock, line: str) -> str:
    """Do what the line says and return what there is to say about it. Raises `CommandError`."""
    try:
        name, *words = shlex.split(line)
    except ValueError as error:
        raise CommandError(f"cannot read this: {error}") from None
    if name not in COMMANDS:
        raise CommandError(f"no such command: {name}; try help")
    operands, act, otherwise = COMMANDS[name]
    if operands is not None and len(words) != operands:
        raise CommandError(f"{name} takes {operands or 'no'} operand{'' if operands == 1 else 's'}")
    try:
        said = act(mock, words)
    except KeyError:
        raise CommandError(f"no such user: {words[0]}") from None
    except ValueError as error:
        raise CommandError(str(error)) from None
    clock = f"it is {iso_8601(mock.clock.today())}, and time {'stands still' if mock.clock.frozen else 'runs'}"
    return said or otherwise.format(*words) or clock


def fail(mock: Mock, words: list[str]) -> None:
    """`fail_next`, with its parameters as NAME=VALUE."""
    fault: dict[str, Any] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if name not in CONVERSIONS or not equals:
            raise CommandError(f"fail takes NAME=VALUE with one of {', '.join(CONVERSIONS)}, not {name!r}")
        try:
            value = CONVERSIONS[name](text)
        except ValueError:
            raise CommandError(f"fail cannot take {text!r} for {name}") from None
        if name == "header":
            header, content = value
            if header.lower() in map(str.lower, fault.setdefault("headers", {})):
                raise CommandError(f"fail has header={header.lower()} twice")
            fault["headers"][header] = content
        elif name in fault:
            raise CommandError(f"fail has {name} twice")
        else:
            fault[name] = value
    mock.fail_next(**fault)


def to_header(text: str) -> tuple[str, str]:
    """NAME:VALUE. Raises `ValueError` if there is no colon."""
    name, colon, content = text.partition(":")
    if not name or not colon:
        raise ValueError(text)
    return name, content.strip()


CONVERSIONS: dict[str, Callable[[str], Any]] = {
    "status": int,
    "retry_after": str,
    "latency": float,
    "drop": str,
    "malform": str,
    "content": str,
    "header": to_header,
    "operation": str,
    "times": lambda text: None if text == "always" else int(text),
}


def session(mock: Mock, words: list[str]) -> str:
    """Until when a user has tokens."""
    email = words[0]
    current = mock.session_of(email)
    if current is None:
        return f"{email} has no valid token"
    return f"{email} (user {current.user_id}) has tokens until {iso_8601(current.expires_at)}"


def advance(mock: Mock, words: list[str]) -> None:
    """Move the clock."""
    try:
        seconds = float(words[0])
    except ValueError:
        raise CommandError(f"advance takes a number of seconds, not {words[0]!r}") from None
    mock.clock.advance(seconds)


# Each with the number of its operands (None if it looks at them itself), and what is said if it says nothing itself.
COMMANDS: dict[str, tuple[int | None, Callable[[Mock, list[str]], str | None], str]] = {
    "fail": (None, fail, "it will fail"),
    "stop_failing": (0, lambda mock, _: mock.stop_failing(), "nothing will fail"),
    "revoke": (1, lambda mock, words: mock.revoke(words[0]), "all tokens of {} have ended"),
    "advance": (1, advance, ""),
    "freeze": (0, lambda mock, _: mock.clock.freeze(), ""),
    "run": (0, lambda mock, _: mock.clock.run(), ""),
    "session": (1, session, ""),
    "requests": (0, lambda mock, _: "\n".join(map(str, mock.requests[-20:])), "none"),
    "counts": (0, lambda mock, _: "\n".join(f"{name}: {n}" for name, n in sorted(mock.counts.items())), "none"),
    "reset": (0, lambda mock, _: mock.reset(), "as new"),
    "help": (0, lambda _mock, _words: HELP, ""),
}
