"""Standard input as a console, for people who test by hand: the lines that they may type, and what they do."""

import contextlib
import signal
import threading
from collections.abc import Callable

from pacerpro_mock.cli.options import FAULT, fault
from pacerpro_mock.http.answers import iso_8601
from pacerpro_mock.mock import Mock

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


def start(mock: Mock, say: Callable[[str], None]) -> None:
    """Obey the lines on standard input, from now on and in a thread, until the input ends."""
    if hasattr(signal, "SIGTTIN"):
        # A shell stops a process in the background that reads from its terminal. The mock goes on without it.
        signal.signal(signal.SIGTTIN, signal.SIG_IGN)
    threading.Thread(target=obey, args=(mock, say), name="pacerpro-mock-console", daemon=True).start()


def obey(mock: Mock, say: Callable[[str], None]) -> None:
    """Carry out line after line. The input is unbuffered: a thread that waits in a buffer delays the process's end."""
    with contextlib.suppress(OSError), open(0, "rb", buffering=0, closefd=False) as lines:
        for line in lines:
            try:
                if text := line.decode("utf-8", "replace").strip():
                    say(execute(mock, text))
            except ValueError as error:
                say(str(error))


def execute(mock: Mock, line: str) -> str:
    """Do what the line says and return what there is to say about it. Raises `ValueError`."""
    name, _, operand = line.strip().partition(" ")
    try:
        if name in WITH_OPERAND and operand:
            said = WITH_OPERAND[name](mock, operand.strip())
        elif name in PLAIN and not operand:
            said = PLAIN[name](mock)
        else:
            raise ValueError(f"no such command: {line.strip()}; try help")
    except KeyError:
        raise ValueError(f"no such user: {operand}") from None
    clock = f"it is {iso_8601(mock.clock.today())}, and time {'stands still' if mock.clock.frozen else 'runs'}"
    return said or f"done; {clock}"


def session(mock: Mock, email: str) -> str:
    """Until when a user has tokens."""
    current = mock.session_of(email)
    if current is None:
        return f"{email} has no valid token"
    return f"{email} (user {current.user_id}) has tokens until {iso_8601(current.expires_at)}"


PLAIN: dict[str, Callable[[Mock], str | None]] = {
    "stop_failing": Mock.stop_failing,
    "freeze": lambda mock: mock.clock.freeze(),
    "run": lambda mock: mock.clock.run(),
    "requests": lambda mock: "\n".join(map(str, mock.requests[-20:])) or "none",
    "counts": lambda mock: "\n".join(f"{name}: {count}" for name, count in sorted(mock.counts.items())) or "none",
    "reset": Mock.reset,
    "help": lambda _mock: HELP,
}
WITH_OPERAND: dict[str, Callable[[Mock, str], str | None]] = {
    "fail": lambda mock, text: mock.fail_next(**fault(text)),
    "revoke": Mock.revoke,
    "advance": lambda mock, seconds: mock.clock.advance(float(seconds)),
    "session": session,
}
