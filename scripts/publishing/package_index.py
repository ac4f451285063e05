"""Ask a package index what it has: the simple API, as HTML (PEP 503) or as JSON (PEP 691)."""

from __future__ import annotations

import hashlib
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import httpx

# The name as the simple API spells it.
NAME = "pacerpro-client"
TIMEOUT = 30.0  # seconds for each step of a request
JSON = "application/vnd.pypi.simple.v1+json"
LOOPBACK = ("127.0.0.1", "::1", "localhost")

Credentials = tuple[str, str]


class IndexProblem(Exception):
    """The index cannot be used. The message is for whoever ran the command."""


def check_url(url: str) -> None:
    """Refuse a URL that would show a secret.

    Raises:
        IndexProblem: It holds credentials, or is neither https nor on this machine.
    """
    parts = urlsplit(url)
    if parts.username or parts.password:
        raise IndexProblem(
            f"the URL of {parts.hostname} holds credentials, which a list of processes shows: see --help"
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise IndexProblem(f"{url} is neither https nor on this machine")


def origin(url: str) -> tuple[str, str | None, int | None]:
    """Return scheme, host and port."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def digests(simple: str, credentials: Credentials | None) -> dict[str, str]:
    """Return the SHA-256 of each file that an index has of the project, by name.

    Raises:
        IndexProblem: It does not answer, or not as an index does.
    """
    # Where the index does not say, the file itself does.
    return {
        name: digest or _sha256(_get(url, simple, credentials, follow=True).content)
        for name, (url, digest) in _files(simple, credentials).items()
    }


def download(name: str, simple: str, credentials: Credentials | None) -> bytes:
    """Return a file that an index has of the project.

    Raises:
        IndexProblem: It does not give it out, or gives another one than it says.
    """
    url, digest = _files(simple, credentials)[name]
    response = _get(url, simple, credentials, follow=True)
    if not response.is_success or _sha256(response.content) != (digest or _sha256(response.content)):
        raise IndexProblem(f"{url} is not the file that the index speaks of")
    return response.content


def _files(simple: str, credentials: Credentials | None) -> dict[str, tuple[str, str]]:
    """Return the URL and the SHA-256, where it is said, of each file."""
    page = f"{simple.rstrip('/')}/{NAME}/"
    response = _get(page, simple, credentials)
    return _links(response, page) if response.is_success else {}


def _get(url: str, simple: str, credentials: Credentials | None, *, follow: bool = False) -> httpx.Response:
    """Return an answer that is a success or 404. Credentials are for the index alone, wherever it keeps its files."""
    user = credentials if origin(url) == origin(simple) else None
    headers = {"Accept": f"{JSON}, text/html;q=0.5"}
    try:
        response = httpx.get(url, auth=user, headers=headers, timeout=TIMEOUT, follow_redirects=follow)
    except httpx.TransportError as error:
        raise IndexProblem(f"{url} cannot be reached: {str(error) or type(error).__name__}") from None
    if response.status_code in (401, 403):
        raise IndexProblem(f"{url} refuses these credentials: {response.status_code}")
    if response.status_code != 404 and not response.is_success:
        raise IndexProblem(f"{url} answers {response.status_code} {response.reason_phrase}")
    return response


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


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
