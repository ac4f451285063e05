"""`make demo`, on a copy of the tree."""

import os
import re
import subprocess
import sys

import pytest


@pytest.fixture
def demo(tree):
    def run():
        packages = os.pathsep.join([str(tree / "src"), str(tree / "generated")])
        return subprocess.run(
            [sys.executable, "scripts/demo.py"],
            cwd=tree,
            env={**os.environ, "PYTHONPATH": packages},
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
        )

    return run


def test_the_demo_runs_and_shows_no_secret(tree, demo):
    def state():
        return {path: path.read_bytes() for path in (tree / "generated").rglob("*.py")}

    before = state()

    done = demo()

    assert done.returncode == 0, done.stdout + done.stderr
    assert re.findall(r"^\[(\d)/4\]", done.stdout, re.MULTILINE) == ["1", "2", "3", "4"]
    for said in ("Logged in as ada@example.com", "Refreshed", "Logged out", "old token is refused: Unauthorized: 401"):
        assert said in done.stdout
    assert not re.search(r"eyJ|correct horse|an example, and", done.stdout + done.stderr)
    assert state() == before


def test_the_demo_stops_at_the_first_step_that_fails(tree, demo):
    (tree / "openapi.yaml").write_text("openapi: 3.1.0\n")

    done = demo()

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == "make demo: stopped, because scripts/generate.py failed"
    assert "[2/4]" not in done.stdout
