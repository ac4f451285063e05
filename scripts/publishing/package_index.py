"""Ask a package index which files it has: the simple API, as HTML (PEP 503) or as JSON (PEP 691)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import httpx

from publishing.credentials import Credentials, CredentialsError, for_reading, for_upload, origin
from publishing.sbom import NAME, sha256

TIMEOUT = 30.0  # seconds for each step of a request
JSON = "application/vnd.pypi.simple.v1+json"
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class IndexProblem(Exception):
    """The index cannot be used. The message is for the user."""


def check_url(url: str) -> None:
    """Refuse a URL that would show a secret.

    Raises:
        IndexProblem: It holds credentials, or is neither https nor on this machine.
    """
    parts = urlsplit(url)
    if parts.username or parts.password:
        raise IndexProblem(
            f"the URL of {parts.hostname} holds credentials, which the process list shows: see --help for other ways"
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise IndexProblem(f"{url} is neither https nor on this machine")


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
            IndexProblem: They cannot be read.
        """
        try:
            uploader = for_upload(upload, tools)
            return cls(upload, simple, uploader, for_reading(simple, upload, uploader, tools))
        except CredentialsError as error:
            raise IndexProblem(str(error)) from None

    def digests(self) -> dict[str, str]:
        """Return the SHA-256 of each file that the index has of the project, by name.

        Raises:
            IndexProblem: It does not answer, or not as an index does.
        """
        # If the index does not state a digest, the file itself gives it.
        return {
            name: digest or hashlib.sha256(self._get(url, follow=True).content).hexdigest()
            for name, (url, digest) in self._files().items()
        }

    def download(self, name: str) -> bytes:
        """Return a file of the project.

        Raises:
            IndexProblem: The index does not hand it out, or its content does not fit the stated digest.
        """
        url, digest = self._files()[name]
        response = self._get(url, follow=True)
        if not response.is_success or digest not in ("", hashlib.sha256(response.content).hexdigest()):
            raise IndexProblem(f"{url} is not the file that the index lists")
        return response.content

    def missing(self, files: list[Path], version: str) -> list[Path]:
        """Return the files of a version that the index does not have.

        Raises:
            IndexProblem: It has other files of that version.
        """
        there = self.digests()
        for file in files:
            if there.get(file.name, sha256(file)) != sha256(file):
                raise IndexProblem(
                    f"the index has another {file.name}: raise the version, or x-rebuild for the same contract"
                )
        others = {name for name in there if _is_of(name, version)}
        if more := sorted(others - {file.name for file in files}):
            raise IndexProblem(f"the index has more files of {version} than were built: {', '.join(more)}")
        return [file for file in files if file.name not in there]

    def _files(self) -> dict[str, tuple[str, str]]:
        """Return the URL of each file, and its SHA-256 if the index states it."""
        page = f"{self.simple.rstrip('/')}/{NAME}/"
        response = self._get(page)
        return _links(response, page) if response.is_success else {}

    def _get(self, url: str, *, follow: bool = False) -> httpx.Response:
        """Return a response that is a success or 404. The credentials go to the index's own origin only."""
        user = self.reader if origin(url) == origin(self.simple) else None
        headers = {"Accept": f"{JSON}, text/html;q=0.5"}
        try:
            response = httpx.get(url, auth=user, headers=headers, timeout=TIMEOUT, follow_redirects=follow)
        except httpx.TransportError as error:
            raise IndexProblem(f"{url} cannot be reached: {str(error) or type(error).__name__}") from None
        if response.status_code in (401, 403):
            raise IndexProblem(f"{url} refuses these credentials: {response.status_code}")
        if response.is_redirect:
            raise IndexProblem(
                f"{url} redirects ({response.status_code}), as an index does that falls back to another one. Turn the "
                "fallback off (pypiserver: --disable-fallback), or correct SIMPLE"
            )
        if response.status_code != 404 and not response.is_success:
            raise IndexProblem(f"{url} answers {response.status_code} {response.reason_phrase}")
        return response


def _is_of(name: str, version: str) -> bool:
    rest = name.removeprefix(f"pacerpro_client-{version}")
    return rest != name and (rest.startswith("-") or rest in {".tar.gz", ".zip"})


def _links(response: httpx.Response, page: str) -> dict[str, tuple[str, str]]:
    if JSON in response.headers.get("Content-Type", ""):
        files = response.json()["files"]
        return {each["filename"]: (urljoin(page, each["url"]), each["hashes"].get("sha256", "")) for each in files}
    parser = _Anchors()
    parser.feed(response.text)
    found: dict[str, tuple[str, str]] = {}
    for reference in parser.references:
        url, fragment = urldefrag(urljoin(page, reference))
        digest = fragment.removeprefix("sha256=") if fragment.startswith("sha256=") else ""
        found[unquote(Path(urlsplit(url).path).name)] = (url, digest)
    return found


class _Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.references: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.references += [value for name, value in attrs if tag == "a" and name == "href" and value]
