"""Cross-origin requests: what lets the pages of other origins call the mock from a browser (Fetch, section 3.2)."""

import re
from collections.abc import Sequence

from pacerpro_mock.http import answers
from pacerpro_mock.http.messages import Answer, Head
from pacerpro_mock.settings import is_a, require

_ORIGIN = re.compile(r"\*|[a-z][a-z0-9+.-]*://[^/?#\s]+")


class Cors:
    """Lets pages of these origins in; `*` stands for all. Raises `ValueError` for what is not an origin."""

    def __init__(self, origins: Sequence[str]) -> None:
        valid = not is_a(origins, str) and all(map(_ORIGIN.fullmatch, origins))
        require(valid, "cors takes origins, as in http://localhost:3000, or * for all")
        self._origins = frozenset(origins)

    def preflight(self, head: Head) -> Answer | None:
        """The answer to a browser that asks before it sends a request; None to any other request."""
        methods = head.values(b"access-control-request-method")
        if head.method != "OPTIONS" or not methods or self._allowed(head) is None:
            return None
        allowed = answers.without_body(204).with_header("Access-Control-Allow-Methods", methods[0].decode("latin-1"))
        if headers := b", ".join(head.values(b"access-control-request-headers")):
            allowed = allowed.with_header("Access-Control-Allow-Headers", headers.decode("latin-1"))
        return allowed.with_header("Access-Control-Max-Age", "600")

    def mark(self, head: Head, answer: Answer, request_id_header: str | None) -> Answer:
        """The answer, which a page of an allowed origin may read."""
        if not self._origins or (origin := self._allowed(head)) is None:
            return answer
        # What a script may read beside the headers that it always may.
        exposed = ", ".join(filter(None, ("Retry-After", "WWW-Authenticate", request_id_header)))
        marked = answer.with_header("Access-Control-Allow-Origin", origin)
        return marked.with_header("Access-Control-Expose-Headers", exposed).with_header("Vary", "Origin")

    def _allowed(self, head: Head) -> str | None:
        """The request's origin if it is allowed, or None."""
        sent = [value.decode("latin-1") for value in head.values(b"origin")]
        return sent[0] if len(sent) == 1 and not self._origins.isdisjoint({"*", *sent}) else None
