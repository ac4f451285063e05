"""The programs of the README and of the guide work against the mock, and the README stays short."""

import re
from pathlib import Path

import httpx
import pytest

from pacerpro_mock import MockServer

ROOT = Path(__file__).resolve().parents[2]
README, GUIDE = ROOT / "README.md", ROOT / "docs" / "using.md"
# As the first example of the README writes them.
EMAIL, PASSWORD = "ada@example.com", "..."

pytest_plugins = ["pytester"]


def blocks(page):
    return re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)


@pytest.fixture
def server(monkeypatch, tmp_path):
    with MockServer(users={EMAIL: PASSWORD}) as mock:
        monkeypatch.setenv("PACERPRO_BASE_URL", mock.url)
        monkeypatch.setenv("PACERPRO_EMAIL", EMAIL)
        monkeypatch.setenv("PACERPRO_PASSWORD", PASSWORD)
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
        yield mock


def run(names, code, server):
    code = code.replace("https://api.pacerpro.com/v1", server.url)
    exec(compile(code, "page", "exec"), names)  # noqa: S102  # The code is the project's own.


def test_the_readme_s_programs(server):
    by_hand, by_itself, errors, _ = blocks(README)
    names = {"httpx": httpx}

    run(names, by_hand, server)
    assert server.counts == {"sessionCreate": 1, "sessionRefresh": 1, "sessionDelete": 1}
    run(names, by_itself, server)
    assert server.counts["sessionCreate"] == 2
    assert server.requests[-1].path.endswith("/matters")
    with names["Client"](auth="a.dead.token") as names["client"]:
        run(names, errors, server)
    assert server.requests[-1].status == 401


def test_the_guide_s_program(server):
    (program,) = blocks(GUIDE)
    names = {}

    run(names, program, server)

    assert names["token"].count(".") == 2


def test_the_readme_s_test(pytester):
    names = "from pacerpro_client import Client, SessionAuth\n"
    operations = "from pacerpro_client.api.authentication import session_refresh\n"
    pytester.makepyfile(names + operations + blocks(README)[-1])
    pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:schemathesis").assert_outcomes(
        passed=1
    )


def test_the_readme_is_one_page_whose_references_work_anywhere():
    """An index shows it without the files beside it, so it names them and has no links to them."""
    text = README.read_text("utf-8")

    assert len(text.splitlines()) <= 120
    assert re.findall(r"\]\((?!https://)", text) == []
    named = set(re.findall(r"`(docs/[\w./-]+|openapi\.yaml)`", text))
    assert len(named) >= 6
    assert [each for each in named if not (ROOT / each).exists()] == []
