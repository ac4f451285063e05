"""Whole processes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from pairs import Ratio, compare, timed

ROOT = Path(__file__).resolve().parent.parent
TOOLS = Path(sys.executable).parent
ENVIRONMENT = {**os.environ, "PATH": f"{TOOLS}{os.pathsep}{os.environ.get('PATH', '')}"}


def imports(_: str, pairs: int) -> Ratio:
    """The import of the client, against that of the HTTP library, each in a new interpreter."""
    return _import("import pacerpro_client", pairs)


def names(_: str, pairs: int) -> Ratio:
    """What a program pays that uses the client: its names are imported when they are first asked for."""
    return _import("from pacerpro_client import Client, SessionAuth", pairs)


def _import(ours: str, pairs: int) -> Ratio:
    return compare(
        timed(lambda: _run(sys.executable, "-c", ours)),
        timed(lambda: _run(sys.executable, "-c", "import httpx")),
        pairs,
    )


def generate(_: str, pairs: int) -> Ratio:
    """All that `make generate` does where there is no client yet, against the generator with templates of its own."""
    return _against_the_bare_generator(ROOT / "openapi.yaml", pairs)


def _against_the_bare_generator(path: Path, pairs: int) -> Ratio:
    contract = str(path)

    def ours() -> None:
        with tempfile.TemporaryDirectory() as folder:
            output = str(Path(folder) / "pacerpro_client")
            _run(sys.executable, str(ROOT / "scripts" / "generate.py"), "--contract", contract, "--output", output)

    def theirs() -> None:
        with tempfile.TemporaryDirectory() as folder:
            output = str(Path(folder) / "client")
            generator = str(TOOLS / "openapi-python-client")
            _run(generator, "generate", "--path", contract, "--output-path", output, "--meta", "none")

    return compare(timed(ours), timed(theirs), min(pairs, 7))


def generate_large(_: str, pairs: int) -> Ratio:
    """The same for a contract of a hundred operations."""
    with tempfile.TemporaryDirectory() as folder:
        contract = Path(folder) / "large.json"
        contract.write_text(_large(), encoding="utf-8")
        return _against_the_bare_generator(contract, pairs)


def _large() -> str:
    """Return the contract with copies of its operations, schemas and responses, until there are 100 operations."""
    document = yaml.safe_load((ROOT / "openapi.yaml").read_text(encoding="utf-8"))
    parts = {"paths": document["paths"], **{name: document["components"][name] for name in ("schemas", "responses")}}
    text = json.dumps(parts)
    operations = sum("operationId" in each for item in parts["paths"].values() for each in item.values())
    for number in range(2, 2 + 100 // operations):
        names = r'("#/components/(?:schemas|responses)/\w+|"operationId": "\w+)"'
        for part, copies in json.loads(re.sub(names, rf'\g<1>{number}"', text)).items():
            whole = document if part == "paths" else document["components"]
            start, end = (f"/{number}", "") if part == "paths" else ("", str(number))
            whole[part] |= {f"{start}{name}{end}": copy for name, copy in copies.items()}
    return json.dumps(document)


def _run(*command: str) -> None:
    subprocess.run(command, env=ENVIRONMENT, check=True, capture_output=True)
