"""The reference says what the contract says, its programs run, and help() says the same."""

import ast
import importlib
import json
import os
import pydoc
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml
from generator.template_context import Facts

from pacerpro_mock import MockServer

ROOT = Path(__file__).resolve().parents[2]
PAGES = {page.name: page.read_text() for page in (ROOT / "docs" / "reference").glob("*.md")}
CONTRACT = yaml.safe_load((ROOT / "openapi.yaml").read_text())
OPERATIONS = {
    re.sub(r"([A-Z])", r"_\1", operation["operationId"]).lower(): (f"{method.upper()} {path}", operation)
    for path, item in CONTRACT["paths"].items()
    for method, operation in item.items()
}
PROGRAMS = {
    f"{page} {number}": program
    for page, text in PAGES.items()
    for number, program in enumerate(re.findall(r"```python\n(.*?)```", text, re.DOTALL), 1)
}
ADA, PASSWORD = "ada@example.com", "correct horse battery staple"


def section(operation):
    return PAGES["AuthenticationApi.md"].split(f"\n## {operation}\n")[1].split("\n## ")[0]


def words(text):
    return " ".join(text.replace("`", "").split())


@pytest.fixture(scope="module")
def server():
    with MockServer({ADA: PASSWORD}) as running:
        yield running


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_program_runs(name, server, tmp_path):
    program = tmp_path / "program.py"
    program.write_text(PROGRAMS[name])
    told = {"PACERPRO_BASE_URL": server.url, "PACERPRO_EMAIL": ADA, "PACERPRO_PASSWORD": PASSWORD}
    before = len(server.requests)

    done = subprocess.run(
        [sys.executable, "-W", "error", program],
        env={**os.environ, **told},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout
    assert PASSWORD not in done.stdout
    assert "eyJ" not in done.stdout
    assert {each.status for each in server.requests[before:]} == {200}
    operation = re.search(r"(\w+)\.(?:sync|asyncio)\(", PROGRAMS[name])
    assert operation
    assert server.requests[-1].method == OPERATIONS[operation[1]][0].split()[0]


def test_every_operation_has_a_program_for_threads_and_one_for_asyncio():
    calls = sorted(re.findall(r"(\w+)\.(sync|asyncio)\(", " ".join(PROGRAMS.values())))

    assert calls == sorted((name, kind) for name in OPERATIONS for kind in ("sync", "asyncio"))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_is_described_in_full(operation):
    request, contract = OPERATIONS[operation]
    text = section(operation)
    parts = ("Example", "Parameters", "Return type", "Errors", "Authorization", "HTTP headers")

    assert re.findall(r"^### (.*) of \w+$", text, re.MULTILINE) == list(parts)
    assert words(contract["description"]) in words(text)
    for page in ("README.md", "AuthenticationApi.md"):
        assert f"| `{request}` | {contract['summary']} |" in PAGES[page]
    authorization = text.split("### Authorization of")[1].split("###")[0]
    assert ("A token" in authorization) == bool(contract["security"])
    assert ("- `Authorization` (sent): " in text) == bool(contract["security"])
    for status, response in contract["responses"].items():
        resolved = CONTRACT["components"]["responses"].get(response.get("$ref", "").rpartition("/")[2], response)
        assert resolved["description"].rstrip(".") in text
        for header in resolved.get("headers", {}):
            assert re.search(rf"^- `{header}` \([^)]*\b{status}\b[^)]*\): ", text, re.MULTILINE)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_help_says_the_same(operation):
    module = importlib.import_module(f"pacerpro_client.api.authentication.{operation}")
    said = words(pydoc.plain(pydoc.render_doc(module)))
    said = re.sub(r"pacerpro_(client\.models\.\w+|runtime\.types)\.", "", said)  # The page names no modules.
    text = section(operation)

    links = re.compile(r"\[(\w+)\]\(\w+\.md\)")
    items = [links.sub(r"\1", words(item)) for item in re.findall(r"^- (.*)$", text, re.MULTILINE)]
    facts = [fact for item in items for fact in re.split(r"(?: \([^)]*\))?: ", item)]
    assert len(facts) > 12
    assert [fact for fact in facts if fact not in said] == []
    program = text.split("```python\n")[1].split("```")[0]
    assert words(program) in said
    assert words(OPERATIONS[operation][1]["description"]) in said
    assert words(text.split("### Authorization of")[1].split("\n\n")[1]).lower() in said.lower()
    result, _, meaning = links.sub(r"\1", words(text.split("### Return type of")[1].split("\n\n")[1])).partition(": ")
    assert f"-> {result}" in said
    assert meaning in said


def test_every_model_has_a_page_with_its_properties():
    for name, schema in CONTRACT["components"]["schemas"].items():
        text = PAGES[f"{name}.md"]
        assert words(schema["description"]) in words(text)
        for wire, each in schema.get("properties", {}).items():
            python = re.sub(r"([A-Z])", r"_\1", wire).lower()
            row = re.search(rf"^- `{python}_?: .*$", text, re.MULTILINE)
            assert row
            assert each["description"] in row[0]
            assert each.get("format", "") in row[0]
            assert ("= UNSET`" in row[0]) != (wire in schema.get("required", []))
            assert ("not shown in a repr" in row[0]) == any([each.get("format") == "password", each.get("x-secret")])


def test_everything_stands_in_the_order_of_the_contract():
    requests = [request for request, _ in OPERATIONS.values()]
    for page in ("README.md", "AuthenticationApi.md"):
        assert re.findall(r"^\| \[.*?\| `(\w+ /\S*)` \|", PAGES[page], re.MULTILINE) == requests
    assert re.findall(r"^## (\w+)$", PAGES["AuthenticationApi.md"], re.MULTILINE) == list(OPERATIONS)
    models = re.findall(r"^- \[`(\w+)`\]\(\w+\.md\): ", PAGES["README.md"], re.MULTILINE)
    named = list(CONTRACT["components"]["schemas"])
    assert [each for each in models if each in named] == named


def test_every_link_leads_somewhere():
    for page, text in PAGES.items():
        for target, anchor in re.findall(r"\]\(([\w.]*)(?:#(\w+))?\)", text):
            assert not target or target in PAGES, page
            assert not anchor or f"\n## {anchor}\n" in PAGES[target or page], page


@pytest.fixture
def tree(tmp_path):
    for name in ("generated", "scripts", "src", "tests", "docs"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "mutants"))
    for name in ("generator-config.yml", "openapi.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def generate(tree, *arguments):
    command = [sys.executable, str(tree / "scripts" / "generate.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)


def test_drift_is_seen_and_mended_and_what_was_not_made_here_is_let_alone(tree):
    pages = tree / "docs" / "reference"
    sound = (pages / "User.md").read_text()
    (pages / "User.md").write_text(sound.replace("email: str", "email: int"))
    (pages / "Gone.md").write_text(sound)
    (pages / "notes.md").write_text("By hand.\n")

    checked = generate(tree, "--check")
    assert checked.returncode == 1
    assert "docs/reference/User.md" in checked.stdout
    assert "docs/reference/Gone.md" in checked.stdout
    assert "notes.md" not in checked.stdout

    assert generate(tree).returncode == 0
    assert (pages / "User.md").read_text() == sound
    assert not (pages / "Gone.md").exists()
    assert (pages / "notes.md").read_text() == "By hand.\n"
    assert generate(tree, "--check").returncode == 0


def test_the_pages_of_a_larger_contract_have_programs_that_fit_it(tree):
    sys.path.insert(0, str(ROOT / "tests" / "edited_contracts"))
    clients = importlib.import_module("clients")
    (tree / "openapi.yaml").write_text(json.dumps(clients.edited("larger_api")))

    assert generate(tree).returncode == 0

    pages = {page.name: page.read_text() for page in (tree / "docs" / "reference").glob("*.md")}
    programs = [program for text in pages.values() for program in re.findall(r"```python\n(.*?)```", text, re.DOTALL)]
    assert len(programs) == 2 * 13
    assert {"CasesApi.md", "MattersApi.md", "DocumentsApi.md", "EventsApi.md", "CasePage.md", "CaseOrder.md"} <= set(
        pages
    )
    index = re.findall(r"\[`([\w.]+)`\]", pages["README.md"])
    sessions = [f"authentication.session_{each}" for each in ("create", "refresh", "delete")]
    assert index[:6] == [*sessions, "cases.case_index", "cases.case_show", "matters.matter_index"]
    assert index[index.index("Case") :][:5] == ["Case", "Party", "PartyRole", "PartyAttorneysItem", "MatterInput"]
    rows = re.findall(r"^- `(\w+): [^`]*` \((?:query|path)\): ", pages["CasesApi.md"], re.MULTILINE)
    assert rows == ["page", "per_page", "court_id", "number", "filed_since", "sort", "case_id"]
    rows = re.findall(r"^- `(\w+): ", pages["Matter.md"], re.MULTILINE)
    assert rows == ["name", "client_number", "case_ids", "id", "created_at", "cases"]
    for program in programs:
        ast.parse(program)
    for number, program in enumerate(programs):
        (tree / f"program_{number}.py").write_text(program)
    paths = f"{tree / 'src'}:{tree / 'generated'}"
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--config-file=",
            "--cache-dir",
            ROOT / ".mypy_cache",
            *tree.glob("program_*.py"),
        ],
        env={**os.environ, "MYPYPATH": paths},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.stdout.startswith("Success"), done.stdout


def test_a_deprecated_header_of_an_answer_says_so():
    header = {"deprecated": True, "description": "An older one.", "schema": {"type": "string"}}
    said = {"responses": {"200": {"description": "It.", "headers": {"X-Old": header}}}}
    operation = SimpleNamespace(bodies=[], secured=False, said=said)

    rows = Facts.headers(SimpleNamespace(_document={}), operation)

    assert rows == [["200", "X-Old", "Deprecated. An older one."]]
