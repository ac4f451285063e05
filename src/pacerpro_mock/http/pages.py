"""What the mock serves beside the API: whether it is ready, the contract, and the contract as a page to try it on."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

from pacerpro_mock.http import answers, contract
from pacerpro_mock.http.messages import Answer, Head

METHODS = ("GET", "HEAD")
# Nothing comes from elsewhere: the page works where there is no network. Swagger UI writes styles into its elements.
POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"

PAGE = b"""<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <title>PacerPro, mocked</title>
  <link rel="icon" href="data:,">
  <link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
  <div id="ui"></div>
  <script src="/docs/swagger-ui-bundle.js"></script>
  <script src="/docs/start.js"></script>
</body>
</html>
"""
# Swagger UI resolves an operation when it is opened, and until it has, its button cannot find the operation by name.
SCRIPT = b"""const buttonWhenResolved = ({ React }) => ({
  wrapComponents: {
    execute: (Button) => (props) => props.operation.size ? React.createElement(Button, props) : null,
  },
});
SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#ui",
  deepLinking: true,
  plugins: [buttonWhenResolved],
  tryItOutEnabled: true,
  validatorUrl: null,
});
"""
MISSING = b"The page needs Swagger UI: pip install 'pacerpro-client[mock]'\n"


def answer(head: Head) -> Answer | None:
    """The answer to a request for one of these pages; None for a request to anything else."""
    page = PAGES.get(head.path)
    if page is None:
        return None
    return page() if head.method in METHODS else answers.method_not_allowed(METHODS)


def ready() -> Answer:
    """200 as soon as the mock answers at all."""
    return answers.json_answer(200, {"status": "ready"})


def document(body: bytes, media_type: str) -> Answer:
    """200 with a text, under a policy that lets nothing in from elsewhere."""
    described = answers.with_body(Answer(200, b""), body).with_header("Content-Type", media_type)
    return described.with_header("Content-Security-Policy", POLICY)


def docs() -> Answer:
    """The page, or what to type to have it."""
    if swagger_ui() is None:
        missing = answers.with_body(Answer(501, b""), MISSING)
        return missing.with_header("Content-Type", "text/plain; charset=utf-8")
    return document(PAGE, "text/html; charset=utf-8")


def asset(name: str, media_type: str) -> Answer:
    """One of the files of Swagger UI."""
    folder = swagger_ui()
    return answers.not_found() if folder is None else document((folder / name).read_bytes(), media_type)


def swagger_ui() -> Path | None:
    """The folder with Swagger UI's files. The package around them is not imported: it would bring Flask in."""
    spec = importlib.util.find_spec("flask_swagger_ui")
    return None if spec is None or spec.origin is None else Path(spec.origin).parent / "dist"


PAGES: dict[str, Callable[[], Answer]] = {
    "/ready": ready,
    "/openapi.yaml": lambda: document(contract.as_yaml(), "application/yaml"),
    "/openapi.json": lambda: document(contract.as_json(), answers.JSON),
    "/docs": docs,
    "/docs/start.js": lambda: document(SCRIPT, "text/javascript; charset=utf-8"),
    "/docs/swagger-ui.css": lambda: asset("swagger-ui.css", "text/css; charset=utf-8"),
    "/docs/swagger-ui-bundle.js": lambda: asset("swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
}
