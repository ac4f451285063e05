"""Operations that answer requests, and the answers that a test describes."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from pacerpro_mock.http import answers
from pacerpro_mock.http.messages import Answer, Head
from pacerpro_mock.settings import checked_headers, is_status, require, to_bytes

# The session's operations, which `service` implements by itself.
SESSION = "/session"
LOG_IN, REFRESH, LOG_OUT = "sessionCreate", "sessionRefresh", "sessionDelete"
OPERATIONS = {"POST": LOG_IN, "GET": REFRESH, "DELETE": LOG_OUT}
# The default of a parameter for which None is a value.
ABSENT: Final[Any] = object()


class RouteRequest(NamedTuple):
    """What the function of a route gets: `body` is a JSON body's value, or the bytes of another body."""

    params: dict[str, str]
    query: dict[str, list[str]]
    body: Any
    user: str | None


class Operation:
    """What answers a method on some paths below the prefix. Without `respond`, it is one of the session's."""

    def __init__(
        self,
        name: str,
        method: str,
        path: str,
        respond: Callable[[RouteRequest], Answer] | None = None,
        *,
        reads_body: bool = True,
        needs_token: bool = False,
    ) -> None:
        self.id, self.method, self.path, self.respond = name, method, path, respond
        self.reads_body, self.needs_token = reads_body, needs_token
        parts = re.split(r"\{([^{}]*)\}", path)
        self.names = parts[1::2]
        self._pattern = re.compile("([^/]+)".join(map(re.escape, parts[::2])))

    def match(self, path: str) -> dict[str, str] | None:
        """The path's parameters, or None for another path."""
        found = self._pattern.fullmatch(path)
        return None if found is None else dict(zip(self.names, found.groups(), strict=True))

    def refuse_type(self, _head: Head) -> Answer | None:
        """The answer to a body of another type than it reads, or None."""
        return None

    def mistake(self, _head: Head, _params: dict[str, str], _body: bytes) -> str | None:
        """What is wrong with a request, without any of its values; None if nothing is."""
        return None


def answer_of(json: Any, content: bytes | str | None, status: int, headers: Mapping[str, str] | None) -> Answer:
    """An answer that a test describes. Raises `ValueError` if it cannot be sent."""
    require(json is ABSENT or content is None, "json and content both say what the body is; take one of them")
    require(is_status(status), "status is a whole number between 200 and 599")
    try:
        answer = answers.without_body(status) if json is ABSENT else answers.json_answer(status, json)
    except (TypeError, ValueError) as error:
        raise ValueError(f"json is not a JSON value: {error}") from None
    if content is not None:
        answer = answer.with_body(to_bytes(content, "content"))
    if isinstance(content, str):
        answer = answer.with_header("Content-Type", "text/plain; charset=utf-8")
    return answer.with_headers(checked_headers(headers))
