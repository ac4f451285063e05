"""Whole processes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx
import yaml
from pairs import Ratio, compare, timed

ROOT = Path(__file__).resolve().parent.parent
TOOLS = Path(sys.executable).parent
ENVIRONMENT = {**os.environ, "PATH": f"{TOOLS}{os.pathsep}{os.environ.get('PATH', '')}"}

COLD = """
import sys
from pacerpro_client import Client, SessionAuth
from pacerpro_client.stores import FileStore
url, path = sys.argv[1:]
auth = SessionAuth(email="ada@example.com", password="example", base_url=url, store=FileStore(path))
with Client(url, auth=auth) as client:
    client.authentication.session_refresh()
"""
WARM = COLD.replace("store=FileStore(path))", "store=FileStore(path)) if path else 'a.session.token'")


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


def cold_processes(url: str, pairs: int) -> Ratio:
    """Eight processes that start at once without a token and share a store, against eight that have the token.

    Raises:
        RuntimeError: They did not make exactly one log-in each time.
    """
    runs = 0

    def cold() -> None:
        nonlocal runs
        runs += 1
        with tempfile.TemporaryDirectory() as folder:
            _at_once(COLD, url, str(Path(folder) / "session.json"))

    before: int = httpx.get(f"{url}/logins").json()
    ratio = compare(timed(cold), timed(lambda: _at_once(WARM, url, "")), min(pairs, 7))
    logins = httpx.get(f"{url}/logins").json() - before
    if logins != runs:
        raise RuntimeError(f"{runs} runs of eight processes made {logins} log-ins")
    return ratio


def _at_once(program: str, *arguments: str) -> None:
    processes = [subprocess.Popen([sys.executable, "-c", program, *arguments], env=ENVIRONMENT) for _ in range(8)]
    codes = [process.wait() for process in processes]
    if any(codes):
        raise RuntimeError("one of eight processes failed")


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
