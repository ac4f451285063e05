"""Whole processes."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from pairs import Ratio, compare, timed

ROOT = Path(__file__).resolve().parent.parent
TOOLS = Path(sys.executable).parent
ENVIRONMENT = {**os.environ, "PATH": f"{TOOLS}{os.pathsep}{os.environ.get('PATH', '')}"}


def imports(_: str, pairs: int) -> Ratio:
    """The import of the client, against that of the HTTP library, each in a new interpreter."""
    return _import("import pacerpro_client", pairs)


def names(_: str, pairs: int) -> Ratio:
    """What a program pays that uses the client: its names are imported when they are first asked for."""
    return _import("from pacerpro_client import Client, SessionAuth, errors", pairs)


def _import(ours: str, pairs: int) -> Ratio:
    return compare(
        timed(lambda: _run(sys.executable, "-c", ours)),
        timed(lambda: _run(sys.executable, "-c", "import httpx")),
        pairs,
    )


def generate(_: str, pairs: int) -> Ratio:
    """All that `make generate` does where there is no client yet, against the generator with templates of its own."""
    contract = str(ROOT / "openapi.yaml")

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


def _run(*command: str) -> None:
    subprocess.run(command, env=ENVIRONMENT, check=True, capture_output=True)
