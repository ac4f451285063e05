"""What the generator makes, and how it takes the old client's place."""

from __future__ import annotations

import ast
import importlib
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
GENERATED = ROOT / "generated" / "pacerpro_client"
NOTICE = "# Made from openapi.yaml by `make generate`. Do not edit: change the contract or a template.\n"
OPERATIONS = sorted((GENERATED / "api" / "authentication").glob("session_*.py"))


def contents(folder: Path) -> dict[str, bytes]:
    files = (each for each in folder.rglob("*") if each.is_file() and "__pycache__" not in each.parts)
    return {each.relative_to(folder).as_posix(): each.read_bytes() for each in files}


@pytest.fixture
def output(tmp_path) -> Path:
    """A place for the client, where there is none yet."""
    return tmp_path / "generated" / "pacerpro_client"


@pytest.fixture
def made(output) -> Path:
    """The same with a client that is up to date."""
    shutil.copytree(GENERATED, output, ignore=shutil.ignore_patterns("__pycache__"))
    return output


@pytest.mark.parametrize("seed", ["0", "4711"])
def test_the_same_contract_gives_the_same_bytes(generate, output, seed):
    done = generate("--output", output, PYTHONHASHSEED=seed)

    assert done.returncode == 0, done.stderr
    assert contents(output) == contents(GENERATED)


def test_a_second_time_changes_nothing(generate, made):
    before = {each: each.stat().st_mtime_ns for each in made.rglob("*")}

    done = generate("--output", made)

    assert done.stdout.endswith("is up to date\n")
    assert {each: each.stat().st_mtime_ns for each in made.rglob("*")} == before


def test_check_passes_what_is_committed_and_writes_nothing(generate):
    before = contents(ROOT / "generated")

    done = generate("--check")

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert contents(ROOT / "generated") == before


def test_check_shows_what_is_out_of_date_by_name_and_with_the_diff(generate, made):
    user = made / "models" / "user.py"
    user.write_text(user.read_text().replace("password: str", "password: int"))
    (made / "stale.py").write_text("stale = True\n")
    (made / "types.py").write_bytes((made / "types.py").read_bytes().replace(b"\n", b"\r\n"))
    (made / "client.py").unlink()
    (made / "image.bin").write_bytes(b"\xff\x00")
    before = contents(made)

    done = generate("--check", "--output", made)

    assert done.returncode == 1
    assert "-    password: int = field(repr=masked)\n+    password: str = field(repr=masked)\n" in done.stdout
    assert "--- a/stale.py\n+++ b/stale.py\n@@ -1 +0,0 @@\n-stale = True\n" in done.stdout
    names = done.stdout.splitlines()[-1].split(": ")[1].removesuffix(". Run")
    assert names.split(", ") == ["client.py", "image.bin", "models/user.py", "stale.py", "types.py"]
    assert contents(made) == before


def test_nothing_stale_stays(generate, made):
    (made / "models" / "old.py").write_text("old = True\n")
    (made / "gone" / "deep").mkdir(parents=True)
    (made / "gone" / "deep" / "old.py").write_text("old = True\n")

    assert generate("--output", made).returncode == 0

    assert contents(made) == contents(GENERATED)
    assert not (made / "gone").exists()
    assert [each.name for each in made.parent.iterdir()] == ["pacerpro_client"]


def test_every_file_says_that_it_is_made_from_what_and_by_what():
    for name, content in contents(GENERATED).items():
        assert content.decode().startswith(NOTICE), name
        if name.endswith(".py"):
            assert ast.get_docstring(ast.parse(content)) or "models/" in name, name
    assert "py.typed" in contents(GENERATED)


def test_the_package_exports_its_public_names():
    package = importlib.import_module("pacerpro_client")
    models = importlib.import_module("pacerpro_client.models")

    assert set(package.__all__) == {"Client", "SessionAuth", "__version__", "errors"}
    assert {"Empty", "Error", "ErrorType", "Session", "User"} <= set(models.__all__)
    assert f"\n  version: {package.__version__.partition('.post')[0]}\n" in (ROOT / "openapi.yaml").read_text()


@pytest.mark.parametrize("module", OPERATIONS, ids=lambda path: path.stem)
def test_docstrings_come_from_the_contract_and_name_the_errors(module):
    tree = ast.parse(module.read_text())
    functions = {each.name: each for each in tree.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)}
    name = module.stem.removeprefix("session_")
    documented = ["BadRequest", "ContentTooLarge", "UnsupportedMediaType"] if name == "create" else []

    assert list(functions) == ["sync", "sync_detailed", "asyncio", "asyncio_detailed"]
    for function in functions.values():
        text = ast.get_docstring(function)
        for error in ("Unauthorized", "Forbidden", "TooManyRequests", "ServerError", "ApiError", *documented):
            assert f"errors.{error}" in text
        for error in ("errors.InvalidResponse", "httpx.RequestError"):
            assert error in text
        for _, meaning in re.findall(r"^ {4}((?:errors|httpx)\.\w+): (.+(?:\n {8}.+)*)", text, re.MULTILINE):
            sentences = " ".join(meaning.split()).split(". ")
            assert len(sentences) == len(set(sentences)), "statuses that share a description repeat it"
    contract = yaml.safe_load((ROOT / "openapi.yaml").read_text())
    operations = (each for item in contract["paths"].values() for each in item.values())
    description = next(each["description"] for each in operations if each["operationId"] == f"session{name.title()}")
    assert " ".join(description.split()) in " ".join(ast.get_docstring(functions["sync"]).split())


@pytest.mark.parametrize("module", OPERATIONS, ids=lambda path: path.stem)
def test_a_reader_takes_an_operation_in_at_a_glance(module):
    """Facts and calls, and no logic: no branch, loop or handler is generated."""
    tree = ast.parse(module.read_text())
    logic = (ast.If, ast.For, ast.While, ast.Try, ast.With, ast.IfExp, ast.Raise, ast.Lambda, ast.ListComp)

    assert not [node for node in ast.walk(tree) if isinstance(node, logic)]
    assert len(module.read_text().splitlines()) <= 120


# Whoever runs the tests in the background has SIGINT ignored, and a child inherits that.
HEEDING_SIGINT = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])
"""


def start(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HEEDING_SIGINT, sys.executable, "scripts/generate.py", *map(str, arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP], ids=lambda stop: stop.name)
def test_an_interrupted_run_leaves_the_old_client_and_nothing_else(contract, made, stop):
    before = contents(made)
    edited = contract(("jwtToken", "token"))

    running = start("--contract", edited, "--output", made)
    deadline = time.monotonic() + 30
    while not list(made.parent.glob(".*/pacerpro_client/*")) and time.monotonic() < deadline:  # It is half-way.
        assert running.poll() is None, running.communicate()
        time.sleep(0.002)
    running.send_signal(stop)
    _, complaint = running.communicate(timeout=30)

    assert running.returncode == 1
    assert complaint == "generate: interrupted, and nothing is changed\n"
    assert contents(made) == before
    assert [each.name for each in made.parent.iterdir()] == ["pacerpro_client"]


def test_a_text_that_cannot_be_written_leaves_all_as_it_was(monkeypatch, capsys, tmp_path, made, contract):
    from generator import generate as generator

    before = contents(made)
    page, other = tmp_path / "page.md", tmp_path / "file" / "other.md"
    page.write_text("old")
    (tmp_path / "file").write_text("in the way")
    for name in ("generator-config.yml", "scripts"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.setattr(generator, "ROOT", tmp_path)
    monkeypatch.setattr(generator, "OUTPUT", made)
    edited = contract(("jwtToken", "token"))

    assert (
        generator.main(["--contract", str(edited), "--output", str(made)], lambda *_: {page: "new", other: "new"}) == 1
    )

    assert str(tmp_path / "file") in capsys.readouterr().err
    assert contents(made) == before
    assert page.read_text() == "old"
    assert not list(tmp_path.glob(".page*"))


def test_a_diff_can_be_shown_on_any_terminal(generate, made, contract):
    edited = contract(("title: PacerPro", "title: P\u00e4cerPro"))

    done = generate("--check", "--contract", edited, "--output", made, PYTHONIOENCODING="ascii")

    assert done.returncode == 1
    assert done.stderr == ""
    assert "P\\xe4cerPro" in done.stdout


@pytest.mark.parametrize("hook", ["ruff nonsense .", "no-such-program .", f"{sys.executable} -c 'exit(3)'"])
def test_a_formatter_that_fails_leaves_the_old_client(monkeypatch, capsys, tmp_path, made, contract, hook):
    from generator import generate as generator

    before = contents(made)
    settings = (ROOT / "generator-config.yml").read_text().split("post_hooks:")[0]
    (tmp_path / "generator-config.yml").write_text(f"{settings}post_hooks: [{hook!r}]\n")
    (tmp_path / "scripts").symlink_to(ROOT / "scripts")
    monkeypatch.setattr(generator, "ROOT", tmp_path)

    assert generator.main(["--contract", str(contract(("jwtToken", "token"))), "--output", str(made)]) == 1

    assert capsys.readouterr().err.startswith("generate: ")
    assert contents(made) == before
    assert [each.name for each in made.parent.iterdir()] == ["pacerpro_client"]


def test_a_client_that_cannot_be_imported_is_not_put_in_place(monkeypatch, capsys, tmp_path, output):
    from generator import generate as generator

    templates = tmp_path / "scripts" / "generator" / "templates"
    templates.mkdir(parents=True)
    for template in (ROOT / "scripts" / "generator" / "templates").iterdir():
        (templates / template.name).write_text(template.read_text())
    (templates / "errors.py.jinja").write_text("raise RuntimeError('no')\n")
    (tmp_path / "generator-config.yml").write_text((ROOT / "generator-config.yml").read_text())
    monkeypatch.setattr(generator, "ROOT", tmp_path)

    assert generator.main(["--contract", str(ROOT / "openapi.yaml"), "--output", str(output)]) == 1

    assert capsys.readouterr().err == "generate: the generated package cannot be imported: RuntimeError: no\n"
    assert not output.exists()


def test_a_client_with_many_long_names_is_imported(tmp_path, output):
    """Linux takes no argument of 128 KiB or more."""
    from generator import generate as generator

    contract = yaml.safe_load((ROOT / "openapi.yaml").read_text(encoding="utf-8"))
    names = [f"{'Long' * 30}{number}" for number in range(1000)]
    contract["components"]["schemas"] |= {name: {"type": "string", "enum": ["a"]} for name in names}
    (tmp_path / "long.yaml").write_text(yaml.safe_dump(contract), encoding="utf-8")

    assert generator.main(["--contract", str(tmp_path / "long.yaml"), "--output", str(output)]) == 0


def test_a_move_that_fails_brings_the_old_client_back(monkeypatch, contract, made):
    from generator import generate as generator

    before, rename = contents(made), Path.rename

    def fail_on_the_way_in(self, target):
        if self.name == "pacerpro_client" and target == made:
            raise OSError(28, "No space left on device", str(target))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_on_the_way_in)

    assert generator.main(["--contract", str(contract(("jwtToken", "token"))), "--output", str(made)]) == 1
    assert contents(made) == before


@pytest.mark.parametrize("kind", ["a folder of somebody's", "a file", "a link"])
def test_what_was_not_made_here_is_not_replaced(capsys, tmp_path, kind):
    from generator import generate as generator

    place = tmp_path / "place"
    if kind == "a file":
        place.write_text("mine")
    elif kind == "a link":
        place.symlink_to(tmp_path / "elsewhere")
    else:
        place.mkdir()
        (place / "thesis.txt").write_text("mine")
    before = sorted(tmp_path.iterdir())

    assert generator.main(["--output", str(place)]) == 1

    assert "is in the way" in capsys.readouterr().err
    assert sorted(tmp_path.iterdir()) == before
    if kind == "a folder of somebody's":
        assert (place / "thesis.txt").read_text() == "mine"


def test_a_folder_with_caches_alone_is_no_hindrance(output):
    from generator import generate as generator

    (output / "__pycache__").mkdir(parents=True)

    assert generator.main(["--output", str(output)]) == 0
    assert contents(output) == contents(GENERATED)


@pytest.mark.parametrize("template", ["endpoint_module", "model", "operations", "session_auth"])
def test_no_class_of_a_contract_is_called_as_what_its_modules_import(template):
    from generator.naming import CLASSES
    from generator.type_annotations import TYPES

    templates = ROOT / "scripts" / "generator" / "templates"
    text = "".join((templates / name).read_text("utf-8") for name in (f"{template}.py.jinja", "helpers.jinja"))
    lines = " ".join(re.findall(r"^ *from \S+ import ([\w, ]*)", text, re.MULTILINE))
    imported = {*re.findall(r"\b[A-Z][A-Za-z]*\b", lines), *TYPES}
    assert imported <= set(CLASSES.split())
