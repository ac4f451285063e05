"""What the mock serves beside the API: whether it is ready, the contract, and the contract as a page to try it on."""

import importlib.util
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pacerpro_mock.contract.document import Document
from pacerpro_mock.http import answers
from pacerpro_mock.http.messages import Answer, Head
from pacerpro_mock.settings import PREFIX

METHODS = ("GET", "HEAD")
_HERE = Path(__file__).parent
# Nothing comes from elsewhere: the page works without a network. Swagger UI writes styles into its elements.
POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"

MISSING = b"The page needs Swagger UI: pip install 'pacerpro-client[mock]'\n"


@dataclass(frozen=True)
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

    def script(self) -> Answer:
        """What starts Swagger UI, with the user who is filled in."""
        user = json.dumps({"email": self.email, "password": self.password})
        text = (_HERE / "docs.js").read_text("utf-8").replace("__USER__", user).replace("__PREFIX__", PREFIX)
        return document(text.encode(), "text/javascript; charset=utf-8")


def document(body: bytes, media_type: str) -> Answer:
    """200 with a text, under a policy that lets nothing in from elsewhere."""
    described = answers.with_body(Answer(200, b""), body).with_header("Content-Type", media_type)
    return described.with_header("Content-Security-Policy", POLICY)


def docs(_pages: Pages) -> Answer:
    """The page, or what to type to have it."""
    if swagger_ui() is None:
        return answers.with_body(Answer(501, b""), MISSING).with_header("Content-Type", "text/plain; charset=utf-8")
    return document((_HERE / "docs.html").read_bytes(), "text/html; charset=utf-8")


def asset(name: str, media_type: str) -> Answer:
    """One of the files of Swagger UI."""
    folder = swagger_ui()
    return answers.not_found() if folder is None else document((folder / name).read_bytes(), media_type)


def swagger_ui() -> Path | None:
    """The folder with Swagger UI's files. The package around them is not imported: it would bring Flask in."""
    spec = importlib.util.find_spec("flask_swagger_ui")
    return None if spec is None or spec.origin is None else Path(spec.origin).parent / "dist"


PAGES: dict[str, Callable[[Pages], Answer]] = {
    "/": lambda _: answers.without_body(307).with_header("Location", "/docs"),
    "/ready": lambda _: answers.json_answer(200, {"status": "ready"}),
    "/openapi.yaml": lambda pages: document(pages.document.as_yaml, "application/yaml"),
    "/openapi.json": lambda pages: document(pages.document.as_json, answers.JSON),
    "/docs": docs,
    "/docs/start.js": Pages.script,
    "/docs/swagger-ui.css": lambda _: asset("swagger-ui.css", "text/css; charset=utf-8"),
    "/docs/swagger-ui-bundle.js": lambda _: asset("swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
}
