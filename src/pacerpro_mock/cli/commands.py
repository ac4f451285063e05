"""What can be typed to a mock: at its start as an option, or while it runs on its standard input."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import Any

from pacerpro_mock.cli.options import FAULT
from pacerpro_mock.http.answers import iso_8601
from pacerpro_mock.mock import Mock

HELP = f"""\
fail {FAULT}
                    let something go wrong with the next request, or with the next N
stop_failing        forget the faults that wait
revoke EMAIL        end all tokens of a user, as a log-out elsewhere does
advance SECONDS     move the clock
freeze | run        stop the clock, let it run on
session EMAIL       show where a user stands
requests | counts   show what has been asked
reset               be as new
help                show this"""


class CommandError(ValueError):
    """The line is no command; `str()` says why."""


def execute(mock: Mock, line: str) -> str:
    """Do what the line says and return what there is to say about it. Raises `CommandError`."""
    try:
        name, *words = shlex.split(line)
    except ValueError as error:
        raise CommandError(f"cannot read this: {error}") from None
    if name not in COMMANDS:
        raise CommandError(f"no such command: {name}; try help")
    action, operands = COMMANDS[name]
    if operands is not None and len(words) != operands:
        raise CommandError(f"{name} takes {operands or 'no'} operand{'' if operands == 1 else 's'}")
    try:
        return action(mock, words)
    except KeyError:
        raise CommandError(f"no such user: {words[0]}") from None
    except ValueError as error:
        raise CommandError(str(error)) from None


def fail(mock: Mock, words: list[str]) -> str:
    """`fail_next`, with its parameters as NAME=VALUE."""
    mock.fail_next(**fault_of(words))
    return "it will fail"


def fault_of(words: list[str]) -> dict[str, Any]:
    """The keywords of `fail_next` in these words. Raises `CommandError`."""
    fault: dict[str, Any] = {}
    said: set[str] = set()
    for word in words:
        name, equals, value = word.partition("=")
        if name not in CONVERSIONS or not equals:
            raise CommandError(f"fail takes NAME=VALUE with one of {', '.join(CONVERSIONS)}, not {name!r}")
        try:
            converted = CONVERSIONS[name](value)
        except ValueError:
            raise CommandError(f"fail cannot take {value!r} for {name}") from None
        once = word.partition(":")[0].lower() if name == "header" else name
        if once in said:
            raise CommandError(f"fail has {once} twice")
        said.add(once)
        if name == "header":
            fault.setdefault("headers", {}).update(converted)
        else:
            fault[name] = converted
    return fault


def to_times(value: str) -> int | None:
    """A number, or None for `always`."""
    return None if value == "always" else int(value)


def to_header(value: str) -> dict[str, str]:
    """NAME:VALUE. Raises `ValueError` where there is no colon."""
    name, colon, content = value.partition(":")
    if not name or not colon:
        raise ValueError(value)
    return {name: content.strip()}


CONVERSIONS: dict[str, Callable[[str], Any]] = {
    "status": int,
    "retry_after": str,
    "latency": float,
    "drop": str,
    "malform": str,
    "content": str,
    "header": to_header,
    "operation": str,
    "times": to_times,
}


def stop_failing(mock: Mock, _words: list[str]) -> str:
    """Forget the faults that wait."""
    mock.stop_failing()
    return "nothing will fail"


def revoke(mock: Mock, words: list[str]) -> str:
    """Log a user out everywhere."""
    mock.revoke(words[0])
    return f"all tokens of {words[0]} have ended"


def advance(mock: Mock, words: list[str]) -> str:
    """Move the clock."""
    try:
        seconds = float(words[0])
    except ValueError:
        raise CommandError(f"advance takes a number of seconds, not {words[0]!r}") from None
    mock.clock.advance(seconds)
    return time_of(mock)


def freeze(mock: Mock, _words: list[str]) -> str:
    """Stop the clock."""
    mock.clock.freeze()
    return time_of(mock)


def run(mock: Mock, _words: list[str]) -> str:
    """Let the clock run on."""
    mock.clock.run()
    return time_of(mock)


def time_of(mock: Mock) -> str:
    """What the clock shows."""
    return f"it is {iso_8601(mock.clock.today())}, and time {'stands still' if mock.clock.frozen else 'runs'}"


def session(mock: Mock, words: list[str]) -> str:
    """Where a user stands."""
    current = mock.session_of(words[0])
    if current is None:
        return f"{words[0]} has no valid token"
    return f"{words[0]} (user {current.user_id}) has tokens until {iso_8601(current.expires_at)}"


def requests(mock: Mock, _words: list[str]) -> str:
    """The last twenty requests."""
    return "\n".join(str(record) for record in mock.requests[-20:]) or "none"


def counts(mock: Mock, _words: list[str]) -> str:
    """The requests of each operation."""
    return "\n".join(f"{name}: {count}" for name, count in sorted(mock.counts.items())) or "none"


def reset(mock: Mock, _words: list[str]) -> str:
    """Be as new."""
    mock.reset()
    return "as new"


# Each with the number of its operands; None where it looks at them itself.
COMMANDS: dict[str, tuple[Callable[[Mock, list[str]], str], int | None]] = {
    "fail": (fail, None),
    "stop_failing": (stop_failing, 0),
    "revoke": (revoke, 1),
    "advance": (advance, 1),
    "freeze": (freeze, 0),
    "run": (run, 0),
    "session": (session, 1),
    "requests": (requests, 0),
    "counts": (counts, 0),
    "reset": (reset, 0),
    "help": (lambda _mock, _words: HELP, 0),
}
