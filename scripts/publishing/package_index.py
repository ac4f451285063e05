"""Ask a package index which files it has: the simple API as HTML (PEP 503)."""

from __future__ import annotations

import hashlib
import html
import netrc
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import httpx

from publishing.programs import Stopped, run
from publishing.sbom import NAME, sha256

USERNAME, PASSWORD, TOKEN = "UV_PUBLISH_USERNAME", "UV_PUBLISH_PASSWORD", "UV_PUBLISH_TOKEN"
TIMEOUT = 30.0  # seconds for each step of a request
LOOPBACK = ("127.0.0.1", "::1", "localhost")
Credentials = tuple[str, str]


@dataclass(frozen=True)
class Index:
    """A package index, with the credentials for its two URLs."""

    upload: str
    simple: str
    uploader: Credentials | None = field(default=None, repr=False)
    reader: Credentials | None = field(default=None, repr=False)

    @classmethod
    def find(cls, upload: str, simple: str, tools: Path) -> Index:
        """Return the index with the credentials that are kept for it.

        Raises:
            Stopped: They cannot be read, or a URL would show a secret.
        """
        for url in (upload, simple):
            _check_url(url)
        uploader = next(_credentials(upload, tools, from_environment=True), None)
        # The uploader's are good for the simple URL only if both have the same origin.
        same = _origin(simple) == _origin(upload)
        reader = uploader if same else next(_credentials(simple, tools), None)
        for name in (USERNAME, PASSWORD, TOKEN):  # The checks, the tests and the build need not know them.
            os.environ.pop(name, None)
        return cls(upload, simple, uploader, reader)

    def digests(self) -> dict[str, str]:
        """Return the SHA-256 of each file that the index has of the project, by name.

        Raises:
            Stopped: It does not answer, or not as an index does.
        """
        # If the index does not state a digest, the file itself gives it.
        return {
            name: digest or hashlib.sha256(self._get(url, follow=True).content).hexdigest()
            for name, (url, digest) in self._files().items()
        }

    def download(self, name: str) -> bytes:
        """Return a file of the project.

        Raises:
            Stopped: The index does not hand it out, or its content does not fit the stated digest.
        """
        url, digest = self._files()[name]
        response = self._get(url, follow=True)
        if not response.is_success or digest not in ("", hashlib.sha256(response.content).hexdigest()):
            raise Stopped(f"{url} is not the file that the index lists")
        return response.content

    def missing(self, files: list[Path]) -> list[Path]:
        """Return the files that the index does not have.

        Raises:
            Stopped: It has other files of these names.
        """
        there = self.digests()
        for file in files:
            if there.get(file.name, sha256(file)) != sha256(file):
                raise Stopped(
                    f"the index has another {file.name}: raise the version, or x-rebuild for the same contract"
                )
        return [file for file in files if file.name not in there]

    def _files(self) -> dict[str, tuple[str, str]]:
        """Return the URL of each file, and its SHA-256 if the index states it."""
        page = f"{self.simple.rstrip('/')}/{NAME}/"
        response = self._get(page)
        links = re.findall(r"""<a\s[^>]*?href\s*=\s*["']([^"']+)""", response.text) if response.is_success else []
        found: dict[str, tuple[str, str]] = {}
        for reference in links:
            url, fragment = urldefrag(urljoin(page, html.unescape(reference)))
            digest = fragment.removeprefix("sha256=") if fragment.startswith("sha256=") else ""
            found[unquote(Path(urlsplit(url).path).name)] = (url, digest)
        return found

    def _get(self, url: str, *, follow: bool = False) -> httpx.Response:
        """Return a response that is a success or 404. The credentials go to the index's own origin only."""
        user = self.reader if _origin(url) == _origin(self.simple) else None
        headers = {"Accept": "text/html, */*;q=0.1"}
        try:
            response = httpx.get(url, auth=user, headers=headers, timeout=TIMEOUT, follow_redirects=follow)
        except httpx.TransportError as error:
            raise Stopped(f"{url} cannot be reached: {str(error) or type(error).__name__}") from None
        if response.status_code in (401, 403):
            raise Stopped(f"{url} refuses these credentials: {response.status_code}")
        if response.is_redirect:
            raise Stopped(
                f"{url} redirects ({response.status_code}), as an index does that falls back to another one. Turn the "
                "fallback off (pypiserver: --disable-fallback), or correct SIMPLE"
            )
        if response.status_code != 404 and not response.is_success:
            raise Stopped(f"{url} answers {response.status_code} {response.reason_phrase}")
        return response


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    if not url:
        raise Stopped("name the index: INDEX=<upload URL> SIMPLE=<simple API's URL>")
    if parts.username or parts.password:
        raise Stopped(
            f"the URL of {parts.hostname} holds credentials, which the process list shows: see --help for other ways"
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise Stopped(f"{url} is neither https nor on this machine")


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def _credentials(url: str, tools: Path, *, from_environment: bool = False) -> Iterator[Credentials]:
    """Yield what is kept for a URL: in the environment, netrc or a keyring, never on the command line."""
    username = os.environ.get(USERNAME)
    if from_environment and (token := os.environ.get(TOKEN)):
        yield "__token__", token
    if from_environment and username and (password := os.environ.get(PASSWORD)):
        yield username, password
    file = Path(os.environ.get("NETRC") or Path.home() / ".netrc")
    try:
        kept = netrc.netrc(file).authenticators(urlsplit(url).hostname or "") if file.exists() else None
    except (netrc.NetrcParseError, OSError) as error:
        raise Stopped(f"{file} cannot be read: {error}") from None
    if kept and kept[2]:
        yield kept[0], kept[2]
    # The keyring's command, as uv and pip use it: it has a password for a user name, or both.
    question = ["get", url, username] if username else ["--mode", "creds", "get", url, ""]
    try:
        lines = run(tools / "keyring", *question, limit=60).splitlines()
    except Stopped:
        return
    if username and lines:
        yield username, lines[0]
    elif len(lines) == 2:
        yield lines[0], lines[1]
