"""What the tests of the conformance suite share: the suite itself, which is a script, and the mock to hold it to."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(Path(__file__).parent)]

from mutate import SECRET, USERS  # noqa: E402

from pacerpro_conformance.contract import Contract  # noqa: E402 - the path has to be there first
from pacerpro_mock import MockServer  # noqa: E402


@pytest.fixture(scope="session")
def contract():
    return Contract.read(ROOT / "openapi.yaml")


@pytest.fixture
def server():
    with MockServer(users=USERS, secret=SECRET, strict_slashes=True) as running:
        yield running


@pytest.fixture
def flags(server):
    """The suite's arguments for the running mock."""
    users = [f"--user={email}:{password}" for email, password in USERS.items()]
    return ["--url", server.url, *users, "--secret", SECRET]
