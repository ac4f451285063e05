"""What the mock has been asked, with secrets masked."""

import json
import logging
import re
import threading
from collections import Counter, deque
from typing import Any, NamedTuple
from urllib.parse import quote

from pacerpro_mock.http.messages import Answer, Head
from pacerpro_mock.service.strict_json import is_array, is_object

logger = logging.getLogger("pacerpro_mock.access")

# So that a mock that runs for weeks does not grow; the counts go on.
KEPT = 10_000
LONGEST_PATH = 200
LONGEST_BODY = 16 * 1024
MASK = "***"
# Possessive, and from the beginning of a word or a field only: a header of 100 kB takes no longer than it is.
# A token in a path is a mistake that happens, and no reason to write it down.
_TOKEN = re.compile(r"(?<![\w-])[\w-]{10,}+\.[\w-]{10,}+\.[\w-]*+", re.ASCII)
_SECRET = re.compile(r"authori[sz]ation|cookie|api-?key|passw|secret|token|jwt", re.IGNORECASE)
_FORM_FIELD = re.compile(r"(?<![^&])([^&=]*+)=[^&]*+")


class _Line(NamedTuple):
    method: str
    path: str
    status: int | None
    user: str | None


class RequestRecord(_Line):
    """A request as it was answered, equal to the tuple (method, path, status, user).

    `status` is None if the connection was dropped without an answer, `user` the e-mail address that the request
    proved. `headers` has names in lower case; `body` is the value of a JSON body, the text of another, and None if
    the mock did not read one. Secrets are masked in both.
    """

    headers: dict[str, str]
    body: Any

    def __str__(self) -> str:
        """One line, as in the access log."""
        return f"{self.method} {self.path} {self.status or 'dropped'} {self.user or '-'}"


class RequestLog:
    """The last requests, and how many there were of each operation. Safe to call from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def add(
        self, operation: str | None, head: Head, body: bytes, answer: Answer, secret_names: frozenset[str] | None
    ) -> None:
        """Keep a request, and log it. Without `secret_names`, a body that is not JSON is masked whole."""
        status = None if answer.drop == "before" else answer.status
        record = RequestRecord(_shown(head.method), _shown(head.path), status, answer.user)
        record.headers, record.body = _masked_headers(head), _masked_body(body, secret_names) if body else None
        with self._lock:
            self.requests.append(record)
            if operation is not None:
                self.counts[operation] += 1
        logger.info("%s", record)

    def clear(self) -> None:
        """Forget everything."""
        self.requests: deque[RequestRecord] = deque(maxlen=KEPT)
        self.counts: Counter[str] = Counter()


def _shown(text: str) -> str:
    """A path or a method, which a caller may make of anything, on one line, in ASCII, without a token."""
    return quote(_TOKEN.sub(MASK, text), safe="/*:@!$&'()+,;=~")[:LONGEST_PATH]


def _masked_headers(head: Head) -> dict[str, str]:
    """The headers as text, those of one name in one value (RFC 9110, section 5.3)."""
    masked: dict[str, str] = {}
    for key, value in head.headers:
        name, text = key.decode("latin-1"), _TOKEN.sub(MASK, value.decode("latin-1"))
        if _SECRET.search(name):
            # The scheme of an Authorization is no secret.
            scheme, space, _ = text.partition(" ")
            text = f"{scheme} {MASK}" if space and scheme.isalpha() else MASK
        masked[name] = f"{masked[name]}, {text}" if name in masked else text
    return masked


def _masked_body(body: bytes, secret_names: frozenset[str] | None) -> Any:
    if len(body) > LONGEST_BODY:
        return f"({len(body)} bytes)"
    try:
        return _masked(json.loads(body), secret_names or frozenset())
    except (ValueError, RecursionError):
        text = _TOKEN.sub(MASK, body.decode("utf-8", "replace"))
        masked = _FORM_FIELD.sub(lambda field: f"{field[1]}={MASK}" if _SECRET.search(field[1]) else field[0], text)
        return MASK if secret_names is None else masked


def _masked(value: Any, secret_names: frozenset[str]) -> Any:
    if is_object(value):
        secret = {name for name in value if name in secret_names or _SECRET.search(name)}
        return {name: MASK if name in secret else _masked(member, secret_names) for name, member in value.items()}
    if is_array(value):
        return [_masked(each, secret_names) for each in value]
    return _TOKEN.sub(MASK, value) if isinstance(value, str) else value
