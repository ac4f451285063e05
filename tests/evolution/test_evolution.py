"""The contract is edited, and the client follows: made, held by both type checkers, and used. Hand edits: none."""

import json
import re
import runpy
import shutil
import subprocess
import sys

import pytest
from clients import EDITS, HERE, ROOT, edited
from service import Service

# To make all clients takes a quarter of a minute, and several times as long on a machine that is busy.
pytestmark = pytest.mark.timeout(400)


@pytest.mark.parametrize("edit", EDITS)
def test_a_client_is_made_and_works_as_the_contract_says(edit, made):
    assert made[1][edit] == ""

    runpy.run_path(str(HERE / "uses" / f"{edit}.py"))["use"](Service(edited(edit)))


def test_every_edit_is_used():
    assert sorted(file.stem for file in (HERE / "uses").glob("*.py")) == EDITS


def complaints(*command):
    done = subprocess.run(
        [sys.executable, "-m", *map(str, command)], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    summary = r"no issues found in \d{3} source files|^0 errors|Found \d+ error|^\d+ error"
    assert re.search(summary, done.stdout, re.MULTILINE), done.stdout + done.stderr
    return [line for line in done.stdout.splitlines() if ": error" in line or " - error" in line]


def test_mypy_passes_all_clients_and_their_uses(made, tmp_path):
    settings = tmp_path / "mypy.ini"
    paths = f"{ROOT / 'src'}:{made[0]}:{HERE}"
    settings.write_text(f"[mypy]\nstrict=true\nwarn_unreachable=true\nexplicit_package_bases=true\nmypy_path={paths}\n")

    assert complaints("mypy", "--config-file", settings, "--cache-dir", tmp_path, made[0], HERE / "uses") == []


def test_pyright_passes_all_clients_and_their_uses(made):
    settings = {
        "include": ["clients", "uses"],
        "extraPaths": [str(ROOT / "src"), "clients", str(HERE)],
        "typeCheckingMode": "strict",
        "reportUnnecessaryTypeIgnoreComment": True,
    }
    # pyright takes no folder from outside of its project.
    project = made[0].parent
    shutil.copytree(HERE / "uses", project / "uses", ignore=shutil.ignore_patterns("__pycache__"))
    (project / "pyrightconfig.json").write_text(json.dumps(settings))

    assert complaints("pyright", "--pythonpath", sys.executable, "--project", project) == []
