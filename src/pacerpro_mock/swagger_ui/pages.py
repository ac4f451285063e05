"""What the mock serves beside the API: whether it is ready, the contract, and the contract as a page to try it on."""

import importlib.util
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pacerpro_mock import INSTALL
from pacerpro_mock.contract.document import Document
from pacerpro_mock.http import answers
from pacerpro_mock.http.messages import Answer, Head
from pacerpro_mock.settings import PREFIX

METHODS = ("GET", "HEAD")
_HERE = Path(__file__).parent
# Nothing comes from elsewhere: the page works without a network. Swagger UI writes styles into its elements.
POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"
_JS = "text/javascript; charset=utf-8"


@dataclass
class Pages:
    """The pages of a mock of `document`, on which this user is filled in."""

    document: Document
    email: str
    password: str = field(repr=False)

    def answer(self, head: Head) -> Answer | None:
        """The answer to a request for one of these pages; None to a request for anything else."""
        page = PAGES.get(head.path)
        if page is None:
            return None
        return page(self) if head.method in METHODS else answers.method_not_allowed(METHODS)

    def script(self) -> str:
        """What starts Swagger UI, with the user who is filled in."""
        user = json.dumps({"email": self.email, "password": self.password})
        return (_HERE / "docs.js").read_text("utf-8").replace("__USER__", user).replace("__PREFIX__", PREFIX)


def _document(text: str, media_type: str) -> Answer:
    headers = {"Content-Type": media_type, "Content-Security-Policy": POLICY}
    return Answer(200).with_body(text.encode()).with_headers(headers)


def _asset(name: str, media_type: str) -> Answer:
    """One of Swagger UI's files. The package around these is not imported: it would bring Flask in."""
    found = importlib.util.find_spec("flask_swagger_ui")
    if found is None or found.origin is None:
        return answers.error(501, f"The page needs Swagger UI; {INSTALL}")
    folder = _HERE if name == "docs.html" else Path(found.origin).parent / "dist"
    return _document((folder / name).read_text("utf-8"), media_type)


PAGES: dict[str, Callable[[Pages], Answer]] = {
    "/": lambda _: answers.without_body(307).with_header("Location", "/docs"),
    "/ready": lambda _: answers.json_answer(200, {"status": "ready"}),
    "/openapi.yaml": lambda pages: _document(pages.document.yaml(), "application/yaml"),
    "/openapi.json": lambda pages: _document(answers.to_json(pages.document.served), answers.JSON),
    "/docs": lambda _: _asset("docs.html", "text/html; charset=utf-8"),
    "/docs/start.js": lambda pages: _document(pages.script(), _JS),
    "/docs/swagger-ui.css": lambda _: _asset("swagger-ui.css", "text/css; charset=utf-8"),
    "/docs/swagger-ui-bundle.js": lambda _: _asset("swagger-ui-bundle.js", _JS),
}
