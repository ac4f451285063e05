"""Starts the mock with one fault, or without, and checks it against the contract: `mutate.py NAME [ARGUMENT...]`.

It runs in a process of its own, so that no fault outlives it. The arguments are those of `pacerpro-conformance`.
"""

import importlib
import io
import json
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from mutants import MUTANTS

USERS = {"ada@example.com": "correct horse", "grace@example.com": "battery staple"}
SECRET = "an example key of more than 32 bytes"
SOUND = "sound"

for module in sorted((Path(__file__).parent / "mutants").glob("[a-z]*.py")):
    importlib.import_module(f"mutants.{module.stem}")


def main(name, *arguments):
    from pacerpro_conformance import cli

    if name != SOUND:
        MUTANTS[name].apply()
    from pacerpro_mock import MockServer

    with MockServer(users=USERS, secret=SECRET, strict_slashes=True) as server:
        users = [f"--user={email}:{password}" for email, password in USERS.items()]
        return cli.main(["--url", server.url, "--secret", SECRET, *users, *arguments])


@dataclass(frozen=True)
class Verdict:
    """What the suite said of a mock: its exit status, and the checks with findings, by level."""

    name: str
    status: int
    found: dict[str, set[str]]
    seconds: float
    output: str


def judge(name, *arguments):
    """Run `main`, and return what came of it. The process must end afterwards: the fault stays."""
    start, output = time.monotonic(), io.StringIO()
    with TemporaryDirectory() as folder, redirect_stdout(output), redirect_stderr(output):
        report = Path(folder) / "report.json"
        status = main(name, "--timeout=2", f"--json={report}", *arguments)
        checks = json.loads(report.read_text()) if report.exists() else {"checks": []}
    findings = [finding for check in checks["checks"] for finding in check["findings"]]
    found = {level: {each["check"] for each in findings if each["level"] == level} for level in ("violation", "advice")}
    return Verdict(name, status, found, time.monotonic() - start, output.getvalue())


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
