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


def digests(simple: str, credentials: Credentials | None) -> dict[str, str]:
    """Return the SHA-256 of each file that an index has of the project, by name.

    Raises:
        IndexProblem: It does not answer, or not as an index does.
    """
    page = f"{simple.rstrip('/')}/{NAME}/"
    with httpx.Client(auth=credentials, timeout=TIMEOUT, follow_redirects=False) as client:
        response = _get(client, page)
        if response.status_code == 404:
            return {}
        found: dict[str, str] = {}
        for name, (url, digest) in _links(response, page).items():
            # Where the index does not say, the file itself does.
            found[name] = digest or hashlib.sha256(_get(client, url).content).hexdigest()
        return found


def _get(client: httpx.Client, url: str) -> httpx.Response:
    try:
        response = client.get(url, headers={"Accept": f"{JSON}, text/html;q=0.5"})
    except httpx.TransportError as error:
        raise IndexProblem(f"{url} cannot be reached: {str(error) or type(error).__name__}") from None
    if response.status_code in (401, 403):
        raise IndexProblem(f"{url} refuses these credentials: {response.status_code}")
    if response.status_code != 404 and not response.is_success:
        raise IndexProblem(f"{url} answers {response.status_code} {response.reason_phrase}")
    return response


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
