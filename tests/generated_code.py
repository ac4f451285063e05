"""What the tests of generated clients share: the example of each operation, and what type checkers say."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def programs(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield the examples in the docstrings of a client's operations, each with a name."""
    for file in sorted((folder / "api").glob("*/[a-z]*.py")):
        text = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8")))
        assert text
        program = textwrap.dedent(text.split("Example::\n")[1]).replace("pacerpro_client", folder.name)
        yield f"{folder.name}_{file.parent.name}_{file.stem}", program


def complaints(*command: object) -> list[str]:
    """Return the errors that a type checker finds, in its own lines."""
    done = subprocess.run(
        [sys.executable, "-m", *map(str, command)], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    summary = r"no issues found in \d{3} source files|^0 errors|Found \d+ error|^\d+ error"
    assert re.search(summary, done.stdout, re.MULTILINE), done.stdout + done.stderr
    return [line for line in done.stdout.splitlines() if ": error" in line or " - error" in line]
