"""What the tests of the conformance suite share: the suite itself, which is a script, and the mock to hold it to."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts")]

from conformance_checks.contract import Contract  # noqa: E402 - the path has to be there first

from pacerpro_mock import MockServer  # noqa: E402

USERS = {"ada@example.com": "correct horse", "grace@example.com": "battery staple"}
SECRET = "an example key of more than 32 bytes"


@pytest.fixture(scope="session")
def contract():
    return Contract.read(ROOT / "openapi.yaml")


@pytest.fixture
def server():
    with MockServer(users=USERS, secret=SECRET) as running:
        yield running


@pytest.fixture
def flags(server):
    """The suite's arguments for the running mock."""
    users = [f"--user={email}:{password}" for email, password in USERS.items()]
    return ["--url", server.url, *users, "--secret", SECRET]
