"""Whole contracts: each is generated, typed, and called with data that is made from its schemas. Hand edits: none."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
import typing
import warnings
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from pacerpro_runtime.wire.decode import decode

from .readings import plain, same
from .support_rows import operations as modules
from .whole_contracts import CONTRACTS, NAMES, Called, is_json, operations, strategies, unlike

ROOT = Path(__file__).resolve().parents[2]
CALLED = [each for name in NAMES for each in operations(name)]
EXAMPLES = 25

# The same data in each run, and no shrinking: a failure shows what was sent and what came.
BOUNDED = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)

pytestmark = pytest.mark.timeout(400)


@pytest.fixture(scope="session")
def clients(tmp_path_factory) -> Iterator[Path]:
    """A folder on the path, with a client of each contract."""
    folder = tmp_path_factory.mktemp("whole") / "clients"
    for name in NAMES:
        contract, output = CONTRACTS / f"{name}.yaml", folder / f"{name}_client"
        command = [sys.executable, ROOT / "scripts" / "generate.py", "--contract", contract, "--output", output]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert (done.returncode, done.stderr) == (0, "")
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


@cache
def drawn(name: str) -> dict[str, Any]:
    return strategies(name)


def test_the_contracts_are_large_enough():
    """About 100 operations, and 2,000 round trips of JSON."""
    assert len(CALLED) >= 100
    answers = sum(is_json(media_type) for each in CALLED for media_type, _ in each.answers.values())
    assert answers * EXAMPLES >= 2000


@pytest.mark.parametrize("called", CALLED, ids=str)
def test_what_is_sent_and_what_comes_is_what_the_contract_says(called, clients):
    package = f"{called.contract}_client"
    module = modules(package, called.path)[called.method]
    answer, requests = httpx.Response(500), []

    def handle(request: httpx.Request) -> httpx.Response:
        request.read()
        requests.append(request)
        return answer

    client = importlib.import_module(package).Client(auth="token", transport=httpx.MockTransport(handle), retries=0)

    @BOUNDED
    @given(drawn(called.contract)[str(called)])
    def hold(case: Any) -> None:
        nonlocal answer
        arguments = case.body["request"]
        for status, value in case.body["answers"].items():
            answer, wanted = answered(called, status, value)
            with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
                result = module.sync_detailed(client=client, **given_as(module, called, arguments))
            assert unlike(called, requests[-1], arguments) == ""
            assert result.status_code == int(status)
            assert same(plain(result.parsed), wanted), f"{result.parsed!r} for {wanted!r}"

    hold()


def answered(called: Called, status: str, value: Any) -> tuple[httpx.Response, Any]:
    """Return an answer, and what a user should get of it."""
    media_type, _ = called.answers[status]
    headers = {"Content-Type": media_type.replace("*", "png")} if media_type else {}
    if not media_type:
        return httpx.Response(int(status)), None
    if is_json(media_type):
        return httpx.Response(int(status), content=json.dumps(value), headers=headers), value
    is_text = media_type.startswith("text/") or media_type == "application/xml"
    content = str(value).encode()
    headers["Content-Type"] += "; charset=utf-8" if is_text else ""
    return httpx.Response(int(status), content=content, headers=headers), value if is_text else content


def given_as(module: Any, called: Called, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a call in the types that the function takes."""
    hints = typing.get_type_hints(module.sync)
    names = {f"{each.location} {each.name}": each.argument for each in module.operation.parameters} | {"body": "body"}
    found = {names[key]: decode(hints[names[key]], value) for key, value in arguments.items() if key != "body"}
    if called.body:
        found["body"] = body(called.body[0], hints["body"], arguments["body"])
    return found


def body(media_type: str, hint: Any, value: Any) -> Any:
    if is_json(media_type) or media_type in {"multipart/form-data", "application/x-www-form-urlencoded"}:
        return decode(hint, value)
    file = importlib.import_module("pacerpro_runtime.types").File
    is_text = media_type.startswith("text/") or media_type == "application/xml"
    return value if is_text else file(payload=value.encode(), mime_type=media_type.replace("*", "png"))


def complaints(folder: Path, *command: object) -> list[str]:
    """Return the errors of a type checker."""
    done = subprocess.run(
        [sys.executable, "-m", *map(str, command)], cwd=folder, capture_output=True, text=True, timeout=300, check=False
    )
    assert re.search(
        r"no issues found in \d{3} source files|^0 errors|Found \d+ error|^\d+ error", done.stdout, re.MULTILINE
    )
    return [line for line in done.stdout.splitlines() if ": error" in line or " - error" in line]


def test_mypy_passes_all_clients(clients, tmp_path):
    paths = f"{ROOT / 'src'}:{clients}"
    (tmp_path / "mypy.ini").write_text(
        f"[mypy]\nstrict=true\nwarn_unreachable=true\nexplicit_package_bases=true\nmypy_path={paths}\n"
    )
    command = ("mypy", "--config-file", tmp_path / "mypy.ini", "--cache-dir", tmp_path, clients)
    assert complaints(ROOT, *command) == []


def test_pyright_passes_all_clients(clients):
    project = {"include": ["clients"], "extraPaths": [str(ROOT / "src"), "clients"], "typeCheckingMode": "strict"}
    (clients.parent / "pyrightconfig.json").write_text(json.dumps(project))
    assert complaints(ROOT, "pyright", "--pythonpath", sys.executable, "--project", clients.parent) == []
