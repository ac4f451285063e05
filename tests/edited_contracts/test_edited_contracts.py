"""The contract is edited, and the client follows: made, held by both type checkers, and used. Hand edits: none."""

import importlib
import json
import runpy
import shutil
import sys
import warnings
from functools import partial, partialmethod

import pytest
from clients import EDITS, HERE, ROOT, edited
from generated_code import complaints, programs
from service import Service

pytestmark = pytest.mark.timeout(400)


def connected(package, service, monkeypatch):
    """Give the package's sessions, which have connections of their own, the service to talk to."""
    if hasattr(package, "SessionAuth"):
        made = package.SessionAuth.__init__
        init = partialmethod(made, transport=service, async_transport=service)
        monkeypatch.setattr(package.SessionAuth, "__init__", init)


@pytest.mark.parametrize("edit", EDITS)
def test_a_client_is_made_and_works_as_the_contract_says(edit, made, monkeypatch):
    assert made[1][edit] == ""
    service = Service(edited(edit))
    connected(importlib.import_module(f"{edit}_client"), service, monkeypatch)

    runpy.run_path(str(HERE / "uses" / f"{edit}.py"))["use"](service)


@pytest.mark.parametrize("edit", EDITS)
def test_every_example_sends_what_the_contract_takes(edit, made, monkeypatch, capsys):
    assert made[1][edit] == ""
    service, package = Service(edited(edit)), importlib.import_module(f"{edit}_client")
    connected(package, service, monkeypatch)
    monkeypatch.setattr(package, "Client", partial(package.Client, transport=service))
    monkeypatch.setenv("PACERPRO_EMAIL", "ada@example.com")
    monkeypatch.setenv("PACERPRO_PASSWORD", "correct horse")
    for module, program in programs(made[0] / f"{edit}_client"):
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            exec(compile(program, module, "exec"), {})  # noqa: S102  # The generator made it in this run.
    assert len(service.requests) >= len(list(programs(made[0] / f"{edit}_client")))


def test_every_edit_is_used():
    assert sorted(file.stem for file in (HERE / "uses").glob("*.py")) == EDITS


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
        complaints(
            "mypy", "--config-file", settings, "--cache-dir", ROOT / ".mypy_cache", made[0], HERE / "uses", examples
        )
        == []
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
