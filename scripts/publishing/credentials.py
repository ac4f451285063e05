"""Find the credentials of an index: in the environment, netrc or a keyring, never on the command line."""

from __future__ import annotations

import netrc
import os
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

USERNAME, PASSWORD, TOKEN = "UV_PUBLISH_USERNAME", "UV_PUBLISH_PASSWORD", "UV_PUBLISH_TOKEN"
Credentials = tuple[str, str]
TIME_LIMIT = 60  # seconds: a keyring may ask its owner


class CredentialsError(Exception):
    """A store of credentials cannot be read. The message is for the user."""


def origin(url: str) -> tuple[str, str | None, int | None]:
    """Return scheme, host and port."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port


def for_upload(url: str, tools: Path) -> Credentials | None:
    """Return a user name and a password for an upload URL, or None if none are kept."""
    return _in_environment() or _in_netrc(url) or _in_keyring(url, tools)


def for_reading(simple: str, upload: str, uploader: Credentials | None, tools: Path) -> Credentials | None:
    """Return the credentials for the simple URL: the uploader's only if both URLs have the same origin."""
    return uploader if origin(simple) == origin(upload) else _in_netrc(simple) or _in_keyring(simple, tools)


def _in_environment() -> Credentials | None:
    if token := os.environ.get(TOKEN):
        return "__token__", token
    username, password = os.environ.get(USERNAME), os.environ.get(PASSWORD)
    return (username, password) if username and password else None


def _in_netrc(url: str) -> Credentials | None:
    file = Path(os.environ.get("NETRC") or Path.home() / ".netrc")
    try:
        found = netrc.netrc(file).authenticators(urlsplit(url).hostname or "")
    except FileNotFoundError:
        return None
    except (netrc.NetrcParseError, OSError) as error:
        raise CredentialsError(f"{file} cannot be read: {error}") from None
    return (found[0], found[2]) if found and found[2] else None


def _in_keyring(url: str, tools: Path) -> Credentials | None:
    """Ask the keyring's command, as uv and pip do: a password for a user name, else both."""
    username = os.environ.get(USERNAME)
    program = str(tools / "keyring")
    command = [program, "get", url, username] if username else [program, "--mode", "creds", "get", url, ""]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIME_LIMIT, check=False)
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return None
    lines = done.stdout.splitlines() if done.returncode == 0 else []
    if username:
        return (username, lines[0]) if lines else None
    return (lines[0], lines[1]) if len(lines) == 2 else None
