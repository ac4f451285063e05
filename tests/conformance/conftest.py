"""What the tests of the conformance suite share: the mock to check, the contract, and an ordinary probe."""

import sys
from contextlib import closing
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "scripts"), str(Path(__file__).parent)]

from mutate import SECRET, USERS  # noqa: E402 - the path has to be there first

from pacerpro_conformance import cli, fuzzing  # noqa: E402  # The path has to be there first.
from pacerpro_conformance.contract import Contract  # noqa: E402
from pacerpro_conformance.http.masking import Mask  # noqa: E402
from pacerpro_conformance.http.wire import Wire  # noqa: E402
from pacerpro_conformance.probe import Probe  # noqa: E402
from pacerpro_conformance.server import User  # noqa: E402
from pacerpro_mock import MockServer  # noqa: E402


@pytest.fixture(scope="session")
def contract():
    return Contract.read(ROOT / "openapi.yaml")


@pytest.fixture(autouse=True)
def few_examples(monkeypatch):
    """Let a quick run generate so few requests that a test of something else is fast."""
    monkeypatch.setattr(fuzzing, "QUICK_EXAMPLES", 10)


@pytest.fixture
def server():
    with MockServer(users=USERS, secret=SECRET, strict_slashes=True) as running:
        yield running


@pytest.fixture
def probe(contract, server):
    with closing(Wire(server.url, 30)) as wire:
        users = tuple(User(*user) for user in USERS.items())
        yield Probe(contract, wire, users, SECRET.encode(), Mask(contract, USERS.values(), SECRET))


@pytest.fixture
def user_flags(server):
    """The suite's arguments for the running mock, without its secret, and with patience for a busy machine."""
    return ["--url", server.url, "--timeout=30", *(f"--user={email}:{password}" for email, password in USERS.items())]


@pytest.fixture
def flags(user_flags):
    """The suite's arguments for the running mock."""
    return [*user_flags, "--secret", SECRET]


@pytest.fixture
def run(capsys):
    """Run the suite, and return its exit status and everything that it printed."""

    def runner(*arguments):
        try:
            status = cli.main([str(each) for each in arguments])
        except SystemExit as stopped:
            status = stopped.code
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return runner
