"""The README's programs do what it says, against the mock."""

import re
from pathlib import Path

import pytest

from pacerpro_mock import MockServer

ROOT = Path(__file__).resolve().parents[2]
BLOCKS = re.findall(r"^```python\n(.*?)^```", (ROOT / "README.md").read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
# What the README's own first example spells so.
EMAIL, PASSWORD = "ada@example.com", "..."

pytest_plugins = ["pytester"]


def block(words: str) -> str:
    found = [each for each in BLOCKS if words in each]
    assert len(found) == 1, f"{len(found)} blocks of the README say {words!r}"
    return found[0]


@pytest.fixture
def server(monkeypatch):
    with MockServer(users={EMAIL: PASSWORD}) as mock:
        monkeypatch.setenv("PACERPRO_BASE_URL", mock.url)
        monkeypatch.setenv("PACERPRO_EMAIL", EMAIL)
        monkeypatch.setenv("PACERPRO_PASSWORD", PASSWORD)
        yield mock


def run(*blocks: str) -> None:
    # Later blocks go on from the names of earlier ones, as a reader does.
    names = {}
    for each in blocks:
        exec(compile(each, "README.md", "exec"), names)  # noqa: S102  # They are the project's own.


def test_a_session_by_hand(server):
    run(block("session_create.sync("))
    assert server.counts == {"sessionCreate": 1, "sessionRefresh": 1, "sessionDelete": 1}


def test_a_session_by_itself(server):
    run(block("session_create.sync("), block("SessionAuth.from_env()"))
    assert server.counts["sessionCreate"] == 2


def test_an_error_is_caught(server):
    client, caught = "client = Client(auth='a.dead.token')", block("except errors.Unauthorized")
    run(block("session_create.sync("), client, caught, "client.close()")
    assert [each.status for each in server.requests][-1] == 401


def test_any_client_of_the_http_library(server):
    calls = block("with httpx.Client(auth=auth").replace("https://api.pacerpro.com/v1", server.url)
    run("import httpx", block("session_create.sync("), block("SessionAuth.from_env()"), calls)
    assert [(each.path, each.status) for each in server.requests][-1] == ("/v1/matters", 404)


def test_the_fixture(pytester):
    names = "from pacerpro_client import Client, SessionAuth\n"
    operations = "from pacerpro_client.api.authentication import session_refresh\n"
    pytester.makepyfile(names + operations + block("pacerpro_mock.fail_next("))
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)


def test_every_program_is_run_here():
    words = [
        "session_create.sync(",
        "SessionAuth.from_env()",
        "except errors.Unauthorized",
        "httpx.Client(auth",
        "def test",
    ]
    assert len(BLOCKS) == len({block(each) for each in words})
