"""The types, as mypy and pyright see them, both strict, and as the program runs."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from pacerpro_mock import MockServer

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RIGHT = (HERE / "public_api.py", HERE / "result_types.py")

# Each line of the function says something that stock output would make true.
WRONG = """
from typing import assert_type
from pacerpro_client import Client
from pacerpro_client.api.authentication import session_create, session_refresh
from pacerpro_client.models import Error, Session, User
from pacerpro_client.types import Response

def wrong(client: Client, user: User) -> None:
    assert_type(session_create.sync(client=client, body=user), Session | None)
    assert_type(session_create.sync(client=client, body=user), Error | Session | None)
    assert_type(session_refresh.sync_detailed(client=client), Response[Error | Session])
    session_create.sync(client=client, body=user.to_dict())
    session_create.sync(client=client)
    session_refresh.sync(client=client).jwtToken
"""
WRONG_LINES = set(range(9, 15))


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    program = tmp_path / "program" / "wrong.py"
    program.parent.mkdir()
    program.write_text(WRONG)
    return program


def complaints(*command: str | Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-m", *map(str, command)], cwd=ROOT, capture_output=True, text=True, timeout=100, check=False
    )
    found = [line for line in done.stdout.splitlines() if "error:" in line]
    assert bool(found) == bool(done.returncode), done.stdout + done.stderr
    return found


def lines_of(complaints: list[str]) -> set[int]:
    return {int(line.split(".py:")[1].split(":")[0]) for line in complaints}


def test_mypy_passes_a_users_program_and_the_types_of_all_results() -> None:
    assert complaints("mypy", *RIGHT) == []


def test_pyright_passes_a_users_program_and_the_types_of_all_results() -> None:
    assert complaints("pyright", "--pythonpath", sys.executable, *RIGHT) == []


def test_mypy_finds_wrong_types(wrong: Path) -> None:
    assert lines_of(complaints("mypy", wrong)) == WRONG_LINES


def test_pyright_finds_wrong_types(wrong: Path) -> None:
    settings = {"typeCheckingMode": "strict", "extraPaths": [str(ROOT / "src"), str(ROOT / "generated")]}
    (wrong.parent / "pyrightconfig.json").write_text(json.dumps(settings))

    found = complaints("pyright", "--pythonpath", sys.executable, "--project", wrong.parent)

    assert lines_of(found) == WRONG_LINES


def test_the_users_program_runs() -> None:
    program = runpy.run_path(str(HERE / "public_api.py"))

    with MockServer({"ada@example.com": "secret"}) as server:
        seen = program["main"](server.url, "ada@example.com", "secret")

    assert seen[-1] == f"DELETE {server.url}/session: 401, 101 bytes, application/json, Token invalid or expired"
    assert "User(email='ada@example.com', password=***)" in seen
    assert "log in again" in seen
