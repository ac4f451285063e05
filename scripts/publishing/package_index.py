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
from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename
from packaging.version import Version

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
        page = f"{self.simple.rstrip('/')}/{NAME}/"
        response = self._get(page)
        found: dict[str, str] = {}
        # An index that does not have the project answers 404.
        for link in re.findall(r"""<a\s[^>]*?href\s*=\s*["']([^"']+)""", response.text) if response.is_success else ():
            url, fragment = urldefrag(urljoin(page, html.unescape(link)))
            stated = fragment.removeprefix("sha256=") if fragment.startswith("sha256=") else ""
            # If the index does not state a digest, the file itself gives it.
            digest = stated or hashlib.sha256(self._get(url).content).hexdigest()
            found[unquote(Path(urlsplit(url).path).name)] = digest
        return found

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

    def last_below(self, version: str) -> Version | None:
        """Return the newest release below a version (PEP 440).

        A rebuild is a release like any other; a pre-release (0.6.0rc1, 0.6.0.dev3) has promised nothing.
        """
        found = (each for each in map(_version_of, self.digests()) if each and each < Version(version))
        return max((each for each in found if not each.is_prerelease), default=None)

    def _get(self, url: str) -> httpx.Response:
        """Return a response that is a success or 404. The credentials go to the index's own origin only."""
        user = self.reader if _origin(url) == _origin(self.simple) else None
        try:
            response = httpx.get(url, auth=user, headers={"Accept": "text/html, */*;q=0.1"}, timeout=TIMEOUT)
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


def _version_of(name: str) -> Version | None:
    try:
        return parse_wheel_filename(name)[1] if name.endswith(".whl") else parse_sdist_filename(name)[1]
    except (InvalidWheelFilename, InvalidSdistFilename):
        return None


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
    if lines:
        yield (username, lines[0]) if username else (lines[0], lines[-1])
