"""The life of a session, over a client that a generator made. Prints one answer a line, for the test to judge."""

import json
import sys
from typing import Any, Protocol

Answer = dict[str, Any]


class Client(Protocol):
    """Each method returns the status, and a session or a message."""

    def log_in(self, email: str, password: str) -> Answer: ...
    def refresh(self, token: str) -> Answer: ...
    def log_out(self, token: str) -> Answer: ...


def walk(connect: type[Client]) -> None:
    base_url, email, password = sys.argv[1:]
    client = connect(base_url)
    first = show(client.log_in(email, password))
    second = show(client.refresh(first))
    show(client.log_out(second))
    show(client.refresh(second))


def show(answer: Answer) -> str:
    sys.stdout.write(json.dumps(answer, default=str) + "\n")
    return answer.get("session", {}).get("jwtToken", "")
