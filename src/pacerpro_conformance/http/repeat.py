"""Shell commands that repeat a request, with variables for secrets, and files for what a command cannot say."""

import hashlib
import re
import shlex
import tempfile
from pathlib import Path

import httpx

from .masking import Mask
from .wire import Call, raw_request

LONGEST = 1000  # characters of a body in a command


class Repeats:
    """Writes commands, and the files that they read, into one folder that is made when it is needed."""

    def __init__(self, mask: Mask, folder: Path | None = None) -> None:
        self.mask = mask
        self._folder = folder
        own = "|".join(["TOKEN", "PASSWORD", "SECRET", *map(variable_of, mask.headers)])
        self._variable = re.compile(rf"\\?(\$(?:{own})\b)")

    def curl(self, call: Call) -> str:
        """A curl command."""
        parts = ["curl -ig --path-as-is", "--head" if call.method == "HEAD" else f"-X {shlex.quote(call.method)}"]
        parts += [f"-H {self._quote(f'{name}: ${variable_of(name)}')}" for name in self.mask.headers]
        for name, value in call.headers:
            # To curl, `Name:` removes a header that it would add, and `Name;` sends one without a value.
            shown = self.mask.header(name, call.masked(value))
            parts.append(f"-H {self._quote(f'{name}: {shown}' if value else f'{name};')}")
        if call.body is not None:
            declared = any(name.lower() == "content-type" for name, _ in call.headers)
            parts += [] if declared else ["-H Content-Type:"]
            parts += ["-H 'Transfer-Encoding: chunked'"] if call.in_chunks else []
            parts.append(f"--data-binary {self._body(call, call.body)}")
        return " ".join([*parts, self._quote(self.mask.text(call.masked(call.url)))])

    def _body(self, call: Call, body: bytes) -> str:
        text = call.masked(self.mask.body(body))
        try:
            printable = body.decode().replace("\n", "").replace("\t", "").isprintable()
        except UnicodeDecodeError:
            printable = False
        # A password stays out of the files, too.
        if "$PASSWORD" in text or (printable and len(text) <= LONGEST and not text.startswith("@")):
            return self._quote(text)
        self._folder = self._folder or Path(tempfile.mkdtemp(prefix="pacerpro-conformance-"))
        self._folder.mkdir(exist_ok=True)
        path = self._folder / f"{hashlib.sha256(body).hexdigest()[:12]}.bin"
        path.write_bytes(body)
        return shlex.quote(f"@{path}")

    def netcat(self, call: Call) -> str:
        """A command that sends a message which curl cannot send, byte for byte."""
        url = httpx.URL(call.url)
        own = ((name, f"${variable_of(name)}") for name in self.mask.headers)
        headers = [(name, self.mask.header(name, call.masked(value))) for name, value in call.headers]
        message = raw_request(call.method, url, (*own, *headers)) + call.masked((call.body or b"").decode())
        text = self._quote(self.mask.text(message)).replace("\r\n", "\\r\\n")
        if url.scheme == "https":
            return f"printf '%b' {text} | openssl s_client -quiet -connect {url.host}:{url.port or 443}"
        return f"printf '%b' {text} | nc {url.host} {url.port or 80}"

    def _quote(self, text: str) -> str:
        """The text as one word for a shell, which replaces our own variables and nothing else."""
        if not self._variable.search(text):
            return shlex.quote(text)
        escaped = re.sub(r'([\\"`$])', r"\\\1", text)
        return '"' + self._variable.sub(r"\1", escaped) + '"'


def variable_of(header: str) -> str:
    """The shell variable that stands for the value of a header of `--header`."""
    return re.sub(r"\W", "_", header).upper()
