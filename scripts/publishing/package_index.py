"""Ask a package index which versions it has: the simple API as HTML (PEP 503)."""

import netrc
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

import httpx
from generator.programs import Stopped, run
from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename
from packaging.version import Version

from publishing.sbom import NAME

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
    def find(cls, upload: str, simple: str, tools: Path) -> Self:
        """Return the index with the credentials that are kept for it.

        Raises:
            Stopped: They cannot be read, or a URL would show a secret.
        """
        for url in (upload, simple):
            _check_url(url)
        # The checks, the tests and the build need not know them.
        token, username, password = (os.environ.pop(name, "") for name in (TOKEN, USERNAME, PASSWORD))
        given = ("__token__", token) if token else (username, password) if username and password else None
        uploader = given or _kept(upload, username, tools)
        # The uploader's are good for the simple URL only if both have the same origin.
        same = httpx.URL(simple).copy_with(raw_path=b"/") == httpx.URL(upload).copy_with(raw_path=b"/")
        return cls(upload, simple, uploader, uploader if same else _kept(simple, username, tools))

    def versions(self) -> set[Version]:
        """Return the versions that the index has of the project.

        Raises:
            Stopped: It does not answer, or not as an index does.
        """
        url = f"{self.simple.rstrip('/')}/{NAME}/"
        headers = {"Accept": "text/html, */*;q=0.1"}
        try:
            response = httpx.get(url, auth=self.reader, headers=headers, timeout=TIMEOUT)
        except httpx.TransportError as error:
            raise Stopped(f"{url} cannot be reached: {str(error) or type(error).__name__}") from None
        if response.status_code in (401, 403):
            raise Stopped(f"{url} refuses these credentials: {response.status_code}")
        if response.is_redirect:
            raise Stopped(
                f"{url} redirects ({response.status_code}), as an index does that falls back to another one. Turn the "
                "fallback off (pypiserver: --disable-fallback), or correct SIMPLE"
            )
        if response.status_code != 404 and not response.is_success:  # 404: it does not have the project.
            raise Stopped(f"{url} answers {response.status_code} {response.reason_phrase}")
        links = re.findall(r"""<a\s[^>]*?href\s*=\s*["']([^"']+)""", response.text)
        names = (unquote(urlsplit(link).path.rpartition("/")[2]) for link in links)
        return {version for version in map(_version_of, names) if version}

    def last_below(self, version: str) -> Version | None:
        """Return the newest release below a version (PEP 440).

        A rebuild is a release like any other; a pre-release (0.6.0rc1, 0.6.0.dev3) has promised nothing.
        """
        return max(
            (each for each in self.versions() if each < Version(version) and not each.is_prerelease), default=None
        )


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


def _kept(url: str, username: str, tools: Path) -> Credentials | None:
    """Return what netrc or a keyring keeps for a URL."""
    file = Path(os.environ.get("NETRC") or Path.home() / ".netrc")
    try:
        kept = netrc.netrc(file).authenticators(urlsplit(url).hostname or "") if file.exists() else None
    except (netrc.NetrcParseError, OSError) as error:
        raise Stopped(f"{file} cannot be read: {error}") from None
    if kept and kept[2]:
        return kept[0], kept[2]
    # The keyring's command, as uv and pip use it: it has a password for a user name, or both.
    question = ["get", url, username] if username else ["--mode", "creds", "get", url, ""]
    try:
        lines = run(tools / "keyring", *question, limit=60).splitlines()
    except Stopped:
        return None
    return (username or lines[0], lines[-1]) if lines else None
