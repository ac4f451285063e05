"""Whole contracts: each is generated, typed, and called with data that is made from its schemas. Hand edits: none."""

from __future__ import annotations

import importlib
import json
import sys
import typing
import warnings
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest
from generator import generate as generator
from hypothesis import HealthCheck, Phase, given, settings

from pacerpro_runtime.types import UNSET, File
from pacerpro_runtime.wire.decode import decode

from ..generated_code import ROOT, complaints, programs  # noqa: TID252  # pytest imports by path.
from .readings import plain, same
from .support_rows import operations as modules
from .whole_contracts import CONTRACTS, NAMES, Called, is_json, operations, strategies, unlike

CALLED = [each for name in NAMES for each in operations(name)]
EXAMPLES = 25
# A word that no data holds: a client takes its token out of what a server says of an error.
TOKEN = "4f9d2c7ab01e"

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
        assert generator.main(["--contract", str(contract), "--output", str(output)]) == 0
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


@cache
def drawn(name: str) -> dict[str, Any]:
    return strategies(name)


def test_the_contracts_are_large_enough():
    """About 100 operations, and 2,000 round trips of JSON."""
    assert len(CALLED) >= 100
    answers = sum(is_json(media[0]) for each in CALLED for status, media in each.answers.items() if status < "3")
    assert answers * EXAMPLES >= 2000


@pytest.mark.parametrize("called", CALLED, ids=str)
def test_what_is_sent_and_what_comes_is_what_the_contract_says(called, clients):
    module = modules(f"{called.contract}_client", called.path)[called.method]
    answer, requests = httpx.Response(500), []

    def handle(request: httpx.Request) -> httpx.Response:
        request.read()
        requests.append(request)
        return answer

    package = importlib.import_module(f"{called.contract}_client")
    client = package.Client(auth=TOKEN, transport=httpx.MockTransport(handle), retries=0, strict=True)

    def call(arguments: dict[str, Any]) -> tuple[int, Any]:
        try:
            result = module.sync_detailed(client=client, **given_as(module, called, arguments))
        except package.errors.ApiError as error:
            return error.status_code, error.parsed
        return result.status_code, result.parsed

    @BOUNDED
    @given(drawn(called.contract)[str(called)])
    def hold(case: Any) -> None:
        nonlocal answer
        arguments = case.body["request"]
        for status, value in case.body["answers"].items():
            answer, wanted = answered(called, status, value)
            with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
                code, parsed = call(arguments)
            assert unlike(called, requests.pop(), arguments) == ""
            assert code == int(status)
            assert same(plain(parsed), wanted), f"{parsed!r} for {wanted!r}"

    hold()


def answered(called: Called, status: str, value: Any) -> tuple[httpx.Response, Any]:
    """Return an answer, and what a user should get of it."""
    media_type, _ = called.answers[status]
    headers = {"Content-Type": media_type.replace("*", "png")} if media_type else {}
    if not media_type:
        return httpx.Response(int(status)), None
    if is_json(media_type):
        return httpx.Response(int(status), content=json.dumps(value), headers=headers), value
    content = str(value).encode()
    headers["Content-Type"] += "; charset=utf-8" if is_text(media_type) else ""
    return httpx.Response(int(status), content=content, headers=headers), value if is_text(media_type) else content


def given_as(module: Any, called: Called, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments of a call in the types that the function takes."""
    hints = typing.get_type_hints(module.sync)
    names = {f"{each.location} {each.name}": each.argument for each in module.operation.parameters} | {"body": "body"}
    found = {names[key]: decode(hints[names[key]], value) for key, value in arguments.items() if key != "body"}
    if called.body:
        found["body"] = body(called.body[0], hints["body"], arguments["body"])
    return found


def body(media_type: str, hint: Any, value: Any) -> Any:
    if is_text(media_type):
        return value
    if hint is File:
        return File(payload=value.encode(), mime_type=media_type.replace("*", "png"))
    return model(hint, value) if attrs.has(hint) else decode(hint, value)


def model(cls: Any, value: dict[str, Any]) -> Any:
    """Return a model as a user makes it: with the properties that are there, and files for the binary ones."""
    names = {field.metadata.get("name", field.name): field.name for field in attrs.fields(cls) if field.init}
    hints = typing.get_type_hints(cls, localns=vars(sys.modules[cls.__module__.rpartition(".")[0]]))
    given = {names[name]: argument(hints[names[name]], each) for name, each in value.items() if name in names}
    # A default is not sent, so that what is sent is what was drawn.
    absent = {field.name: UNSET for field in attrs.fields(cls) if field.init and field.default is not attrs.NOTHING}
    made = cls(**{**absent, **given})
    made.additional_properties = {name: each for name, each in value.items() if name not in names}
    return made


def argument(hint: Any, value: Any) -> Any:
    if hint == list[File]:
        return [File(payload=each.encode(), file_name="page.pdf") for each in value]
    return File(payload=value.encode(), file_name="file.pdf") if hint is File else decode(hint, value)


def is_text(media_type: str) -> bool:
    return media_type.startswith("text/") or media_type == "application/xml"


@pytest.mark.parametrize("name", NAMES)
def test_every_example_reaches_the_server(name, clients, monkeypatch):
    package, requests = importlib.import_module(f"{name}_client"), []

    def handle(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(503)

    settings = {"transport": httpx.MockTransport(handle), "retries": 0}
    monkeypatch.setattr(package, "Client", partial(package.Client, **settings))
    for module, program in programs(clients / f"{name}_client"):
        with (
            warnings.catch_warnings(action="ignore", category=DeprecationWarning),
            pytest.raises(package.errors.ServerError),
        ):
            exec(compile(program, module, "exec"), {})  # noqa: S102  # The generator made it in this run.
    assert len(requests) == len(list(programs(clients / f"{name}_client")))


def test_mypy_passes_all_clients_and_their_examples(clients, tmp_path):
    (tmp_path / "mypy.ini").write_text(
        f"[mypy]\nstrict=true\nwarn_unreachable=true\nexplicit_package_bases=true\nmypy_path={ROOT / 'src'}:{clients}\n"
    )
    examples = tmp_path / "examples"
    examples.mkdir()
    for name in NAMES:
        for module, program in programs(clients / f"{name}_client"):
            (examples / f"{module}.py").write_text(program, encoding="utf-8")
    command = ("mypy", "--config-file", tmp_path / "mypy.ini", "--cache-dir", ROOT / ".mypy_cache", clients, examples)
    assert complaints(*command) == []


def test_pyright_passes_all_clients(clients):
    project = {"include": ["clients"], "extraPaths": [str(ROOT / "src"), "clients"], "typeCheckingMode": "strict"}
    (clients.parent / "pyrightconfig.json").write_text(json.dumps(project))
    assert complaints("pyright", "--pythonpath", sys.executable, "--project", clients.parent) == []
