"""What is printed of requests and answers: without secrets, and as shell commands that repeat them."""

import hashlib
import json
import re
import shlex
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import quote, quote_plus

from pacerpro_conformance.contract import Contract
from pacerpro_conformance.values import as_object, parse

from .wire import NOTHING, Answer, Request

SHORTEST = 8  # characters of a secret that is looked for in an answer
LONGEST_SHOWN = 300  # characters of a body
LONGEST_IN_COMMAND = 1000  # characters of a body
# Segments after a JSON object in base64url, which always starts with these letters.
TOKEN = re.compile(r"eyJ[\w-]*(?:\.[\w-]*)+")


class Mask:
    """Replaces passwords, the signing key, the values of own headers and every token by the names of shell variables.

    `folder` is for what a command cannot say, and is made when it is needed.
    """

    def __init__(
        self, contract: Contract, passwords: Iterable[str], secret: str, headers: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:  # fmt: skip
        self.passwords, self.headers, self._folder = list(passwords), headers or {}, folder
        values = [*self.passwords, secret, *self.headers.values()]
        spelled = {spell(value) for value in values if value for spell in (str, quote, quote_plus, in_json)}
        longest_first = sorted(spelled, key=len, reverse=True)
        self._values = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)", re.IGNORECASE)
        self._property = contract.password
        self._password = re.compile(rf'("{re.escape(contract.password)}"\s*:\s*)"(?:[^"\\]|\\.)*"')
        # A token may also be opaque.
        self._token = re.compile(rf'("{re.escape(contract.token)}"\s*:\s*)"[^"]{{{SHORTEST},}}"')
        own = "|".join(["TOKEN", "PASSWORD", "SECRET", *map(_variable_of, self.headers)])
        self._variable = re.compile(rf"\\?(\$(?:{own})\b)")

    def text(self, text: str, request: Request = NOTHING) -> str:
        """Any text, without the token of a request, without other tokens, and without the known secrets in any case."""
        if len(request.token) > SHORTEST:
            text = text.replace(request.token, "$TOKEN")
        return self._values.sub("$SECRET", TOKEN.sub("$TOKEN", self._token.sub(r'\1"$TOKEN"', text)))

    def answer(self, answer: Answer) -> str:
        """An answer in one line, also without wrong passwords that were sent."""
        text = self.text(answer.body.decode("utf-8", "replace"), answer.request)
        for value in self.sent_in(answer.request):
            text = text.replace(value, "$SECRET")
        if len(text) > LONGEST_SHOWN:
            text = f"{text[:LONGEST_SHOWN]}... ({len(text)} characters)"
        kind = answer.headers.get("content-type", "no content type")
        return f"{answer.status} {answer.reason}, {kind}, {text or 'no body'}".replace(" ,", ",")

    def sent_in(self, request: Request) -> list[str]:
        """The passwords and tokens of a request, wrong ones too, except those so short that any text may have them."""
        authorizations = [value for name, value in request.headers if name.lower() == "authorization"]
        found: list[object] = [value.rpartition(" ")[2] for value in authorizations]
        found.append(as_object(parse(request.content)).get(self._property, ""))
        return [each for each in found if isinstance(each, str) and len(each) >= SHORTEST]

    def curl(self, request: Request) -> str:
        """A shell command that repeats a request."""
        method = "--head" if request.method == "HEAD" else f"-X {shlex.quote(request.method)}"
        parts = ["curl -ig --path-as-is", method]
        parts += [f"-H {self._quote(f'{name}: ${_variable_of(name)}')}" for name in self.headers]
        for name, value in request.headers:
            # To curl, `Name:` removes a header that it would add, and `Name;` sends one without a value.
            shown = self.text(value, request)
            parts.append(f"-H {self._quote(f'{name}: {shown}' if value else f'{name};')}")
        if request.body is not None:
            declared = any(name.lower() == "content-type" for name, _ in request.headers)
            parts += [] if declared else ["-H Content-Type:"]
            parts += ["-H 'Transfer-Encoding: chunked'"] if isinstance(request.body, list) else []
            parts.append(f"--data-binary {self._body(request)}")
        return " ".join([*parts, self._quote(self.text(request.url, request))])

    def _body(self, request: Request) -> str:
        """A body in a command. A password in it is hidden even if it is wrong, because it may be nearly right."""
        body = request.content
        text, value = body.decode("utf-8", "backslashreplace"), as_object(parse(body))
        masked = self._password.sub(r'\1"$PASSWORD"', text)
        if isinstance(value.get(self._property), str) and masked == text:
            masked = json.dumps({**value, self._property: "$PASSWORD"})  # the name is spelled with escapes
        masked = self.text(masked, request)
        printable = body.decode("utf-8", "replace").replace("\n", "").replace("\t", "")
        sayable = printable.isprintable() and "\ufffd" not in printable and not masked.startswith("@")
        # A password stays out of the files, too.
        if "$PASSWORD" in masked or (sayable and len(masked) <= LONGEST_IN_COMMAND):
            return self._quote(masked)
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


def in_json(value: str) -> str:
    """The text as it stands between the quotation marks of JSON."""
    return json.dumps(value)[1:-1]
