"""A contract that cannot be used: one line that says what is wrong and where, exit status 1, and nothing is touched."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from generator import generate as generator

from .bad_edits import EDITS

ROOT = Path(__file__).resolve().parents[2]
OUTPUT = ROOT / "generated" / "pacerpro_client"


def line_of(text: str, mark: str | int) -> int:
    return mark if isinstance(mark, int) else text.count("\n", 0, text.index(mark)) + 1


@pytest.fixture
def complaint(tmp_path, capsys):
    """Run the generator on a contract that is wrong, and return what it says."""

    def run(path: Path, *arguments: str) -> str:
        output = tmp_path / "out" / "pacerpro_client"
        status = generator.main(["--contract", str(path), "--output", str(output), *arguments])
        said = capsys.readouterr()
        assert (status, said.out) == (1, "")
        assert said.err.startswith("generate: ")
        assert said.err.endswith("\n")
        lines = said.err.splitlines()
        assert len(lines) <= 11
        assert all(line.startswith("generate: ") and len(line) < 600 for line in lines)
        assert not output.exists()
        assert not list(output.parent.glob("*"))
        return "\n".join(line.removeprefix("generate: ") for line in lines)

    return run


@pytest.mark.parametrize("check", [False, True], ids=["generate", "check"])
@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_one_line_says_what_is_wrong_and_where(contract, complaint, edit, check):
    old, new, message, mark, place = edit
    path = contract((old or contract().read_text(), new))
    text = path.read_text()

    said = complaint(path, *(["--check"] if check else []))

    form = rf"{re.escape(str(path))}(?::(\d+))?: (.*?)(?: \(at (#\S*)\))?"
    lines = [re.fullmatch(form, line) for line in said.splitlines()]
    found = next(line for line in lines if line and message in line[2] and (place is None or place in (line[3] or "")))
    assert found[1] == (None if mark is None else str(line_of(text, mark)))


def test_several_faults_are_listed_together_and_ten_at_most(contract, complaint):
    path = contract(
        ("x-display: message", "x-display: massage"),
        ("        - Bearer: []\n", "        - Baerer: []\n"),
        ("- url: https://api.pacerpro.com/v1", "- url: http://api.pacerpro.com/v1"),
    )
    lines = complaint(path).splitlines()
    assert len(lines) == 4
    assert [fault in " ".join(lines) for fault in ("massage", "Baerer", "https URL")] == [True] * 3

    properties = "".join(f"        p{number}: {{enum: [1, 1]}}\n" for number in range(12))
    lines = complaint(contract(("        message:\n", f"{properties}        message:\n"))).splitlines()
    assert len(lines) == 11
    assert lines[-1].endswith("and 2 more")


def test_a_file_that_is_not_there(complaint, tmp_path):
    assert complaint(tmp_path / "nowhere.yaml") == f"{tmp_path}/nowhere.yaml: cannot be read: No such file or directory"


def test_a_folder_in_place_of_a_file(complaint, tmp_path):
    assert complaint(tmp_path) == f"{tmp_path}: cannot be read: Is a directory"


def test_a_file_that_is_not_utf_8(complaint, contract):
    path = contract()
    path.write_bytes(path.read_bytes().replace(b"title: PacerPro", "title: Pâcer".encode("latin-1")))

    assert complaint(path) == f"{path}:{line_of(path.read_text(errors='replace'), 'title:')}: not UTF-8"


# Whoever runs the tests as root may write anywhere, so permissions prove nothing: what refuses here is a file where a
# folder has to be, and the kernel's own file system, which nobody can write to.
@pytest.mark.parametrize("place", ["{tmp}/file/generated/pacerpro_client", "/proc/generated/pacerpro_client"])
def test_a_place_that_cannot_be_written_to(generate, tmp_path, place):
    (tmp_path / "file").write_text("in the way")

    done = generate("--output", place.format(tmp=tmp_path))

    assert done.returncode == 1
    assert done.stdout == ""
    assert re.fullmatch(r"generate: \S+: (Not a directory|No such file or directory|File exists)\n", done.stderr)
    assert (tmp_path / "file").read_text() == "in the way"


@pytest.mark.parametrize("text", ["openapi: [", "openapi: 3.1.0\ninfo: {title: a, version: '1'}\npaths: {/a: 5}\n"])
def test_a_bad_contract_leaves_the_client_that_is_there(generate, tmp_path, text):
    path = tmp_path / "contract.yaml"
    path.write_text(text)
    before = {each: each.read_bytes() for each in OUTPUT.rglob("*.py")}

    done = generate("--contract", path)

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith(f"generate: {path}:")
    assert {each: each.read_bytes() for each in OUTPUT.rglob("*.py")} == before


def test_a_document_that_its_aliases_make_endless_is_refused(tmp_path, complaint):
    lists = "\n".join(f"x-{n + 1}: &a{n + 1} [{', '.join([f'*a{n}'] * 10)}]" for n in range(7))
    path = tmp_path / "bomb.yaml"
    path.write_text(f"openapi: 3.1.0\nx-0: &a0 [1, 2]\n{lists}\n")
    assert "*a0 is an alias" in complaint(path)


def test_what_only_the_reading_finds_is_listed_beside_the_faults_of_the_lint(tmp_path, capsys):
    parameters = [
        {"name": "filter", "in": "query", "style": "deepObject", "schema": {"type": "object"}},
        {"name": "page", "in": "query", "schema": {"type": "integer", "default": "first"}},
        {"name": "state", "in": "query", "schema": {"type": "string", "nullable": True}},
    ]
    operation = {"operationId": "list", "security": [], "parameters": parameters}
    operation["responses"] = {"204": {"description": "Nothing."}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "T", "version": "1.0.0"},
        "servers": [{"url": "https://a.example"}],
        "paths": {"/a": {"get": operation}},
    }
    (tmp_path / "contract.json").write_text(json.dumps(document))

    assert generator.main(["--contract", str(tmp_path / "contract.json"), "--output", str(tmp_path / "client")]) == 1

    said = capsys.readouterr().err.splitlines()
    assert len(said) == 3
    assert all(f"parameters/{number}" in "".join(said) for number in range(3))
    assert not (tmp_path / "client").exists()
