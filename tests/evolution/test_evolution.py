"""The contract is edited, and the client follows: made, held by both type checkers, and used. Hand edits: none."""

import ast
import importlib
import json
import re
import runpy
import shutil
import subprocess
import sys
import textwrap
import warnings
from functools import partial

import pytest
from clients import EDITS, HERE, ROOT, edited
from service import Service

# To make all clients takes a quarter of a minute, and several times as long on a machine that is busy.
pytestmark = pytest.mark.timeout(400)


@pytest.mark.parametrize("edit", EDITS)
def test_a_client_is_made_and_works_as_the_contract_says(edit, made):
    assert made[1][edit] == ""

    runpy.run_path(str(HERE / "uses" / f"{edit}.py"))["use"](Service(edited(edit)))


def programs(folder):
    """The examples that help() shows, by their modules."""
    for file in sorted((folder / "api").glob("*/[a-z]*.py")):
        said = ast.get_docstring(ast.parse(file.read_text()))
        assert said
        program = textwrap.dedent(said.split("Example::\n")[1]).replace("pacerpro_client", folder.name)
        yield f"{folder.name}_{file.parent.name}_{file.stem}", program


@pytest.mark.parametrize("edit", EDITS)
def test_every_example_sends_what_the_contract_takes(edit, made, monkeypatch, capsys):
    assert made[1][edit] == ""
    service, package = Service(edited(edit)), importlib.import_module(f"{edit}_client")
    monkeypatch.setattr(package, "Client", partial(package.Client, transport=service))
    monkeypatch.setenv("PACERPRO_EMAIL", "ada@example.com")
    monkeypatch.setenv("PACERPRO_PASSWORD", "correct horse")
    for module, program in programs(made[0] / f"{edit}_client"):
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            exec(compile(program, module, "exec"), {})  # noqa: S102  # The generator made it in this run.
    assert len(service.requests) >= len(list(programs(made[0] / f"{edit}_client")))


def test_every_edit_is_used():
    assert sorted(file.stem for file in (HERE / "uses").glob("*.py")) == EDITS


def complaints(*command):
    done = subprocess.run(
        [sys.executable, "-m", *map(str, command)], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    summary = r"no issues found in \d{3} source files|^0 errors|Found \d+ error|^\d+ error"
    assert re.search(summary, done.stdout, re.MULTILINE), done.stdout + done.stderr
    return [line for line in done.stdout.splitlines() if ": error" in line or " - error" in line]


def test_mypy_passes_all_clients_their_uses_and_their_examples(made, tmp_path):
    settings = tmp_path / "mypy.ini"
    paths = f"{ROOT / 'src'}:{made[0]}:{HERE}"
    settings.write_text(f"[mypy]\nstrict=true\nwarn_unreachable=true\nexplicit_package_bases=true\nmypy_path={paths}\n")

    examples = tmp_path / "examples"
    examples.mkdir()
    for edit in EDITS:
        for module, program in programs(made[0] / f"{edit}_client"):
            (examples / f"{module}.py").write_text(program)

    assert (
        complaints("mypy", "--config-file", settings, "--cache-dir", tmp_path, made[0], HERE / "uses", examples) == []
    )


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
