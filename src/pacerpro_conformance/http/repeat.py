"""Shell commands that repeat a request, with variables for secrets, and files for what a command cannot say."""

import hashlib
import re
import shlex
import tempfile
from pathlib import Path

from .masking import Mask
from .messages import Request

LONGEST = 1000  # characters of a body in a command


class Repeats:
    """Writes commands, and the files that they read, into one folder that is made when it is needed."""

    def __init__(self, mask: Mask, folder: Path | None = None) -> None:
        self.mask = mask
        self._folder = folder
        own = "|".join(["TOKEN", "PASSWORD", "SECRET", *map(_variable_of, mask.headers)])
        self._variable = re.compile(rf"\\?(\$(?:{own})\b)")

    def curl(self, request: Request) -> str:
        """A curl command."""
        method = "--head" if request.method == "HEAD" else f"-X {shlex.quote(request.method)}"
        parts = ["curl -ig --path-as-is", method]
        parts += [f"-H {self._quote(f'{name}: ${_variable_of(name)}')}" for name in self.mask.headers]
        for name, value in request.headers:
            # To curl, `Name:` removes a header that it would add, and `Name;` sends one without a value.
            shown = self.mask.text(request.masked(value))
            parts.append(f"-H {self._quote(f'{name}: {shown}' if value else f'{name};')}")
        if request.body is not None:
            declared = any(name.lower() == "content-type" for name, _ in request.headers)
            parts += [] if declared else ["-H Content-Type:"]
            parts += ["-H 'Transfer-Encoding: chunked'"] if isinstance(request.body, list) else []
            parts.append(f"--data-binary {self._body(request)}")
        return " ".join([*parts, self._quote(self.mask.text(request.masked(request.url)))])

    def _body(self, request: Request) -> str:
        body = request.content
        text = request.masked(self.mask.body(body))
        printable = body.decode("utf-8", "replace").replace("\n", "").replace("\t", "")
        sayable = printable.isprintable() and "\ufffd" not in printable and not text.startswith("@")
        # A password stays out of the files, too.
        if "$PASSWORD" in text or (sayable and len(text) <= LONGEST):
            return self._quote(text)
        self._folder = self._folder or Path(tempfile.mkdtemp(prefix="pacerpro-conformance-"))
        self._folder.mkdir(exist_ok=True)
        path = self._folder / f"{hashlib.sha256(body).hexdigest()[:12]}.bin"
        path.write_bytes(body)
        return shlex.quote(f"@{path}")

    def _quote(self, text: str) -> str:
        """The text as one word for a shell, which replaces our own variables and nothing else."""
        if not self._variable.search(text):
            return shlex.quote(text)
        escaped = re.sub(r'([\\"`$])', r"\\\1", text)
        return '"' + self._variable.sub(r"\1", escaped) + '"'


def _variable_of(header: str) -> str:
    return re.sub(r"\W", "_", header).upper()
