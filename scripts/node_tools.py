#!/usr/bin/env python3
"""Run a tool that needs node, such as `node_tools.py redocly lint openapi.yaml`; install what the lock file pins."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TIME_LIMIT = 300  # seconds for npm
SKIPPED = 77  # the exit status if this machine cannot run the tools


def why_it_cannot_help() -> str:
    """Return why the tools cannot run here; nothing if they can."""
    if not shutil.which("node") or not shutil.which("npm"):
        return "node and npm are not on PATH"
    found = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout.strip()  # noqa: S607  # As found on PATH.
    wanted = json.loads((ROOT / "package.json").read_text("utf-8"))["engines"]["node"].removeprefix(">=")
    has, needs = ([int(part) for part in re.findall(r"\d+", version)] for version in (found, wanted))
    return "" if has >= needs else f"node is {found}, and {wanted} or newer is needed"


def main(tool: str, *arguments: str) -> int | str:
    """Run a tool, and return its exit status, or the output of npm if it cannot be installed."""
    if reason := why_it_cannot_help():
        print(reason)
        return SKIPPED
    installed = ROOT / "node_modules" / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < (ROOT / "package-lock.json").stat().st_mtime:
        done = subprocess.run(["npm", "ci"], cwd=ROOT, capture_output=True, text=True, timeout=TIME_LIMIT, check=False)  # noqa: S607  # As found on PATH.
        if done.returncode:
            return f"{done.stdout}{done.stderr}".strip()
    return subprocess.run([ROOT / "node_modules/.bin" / tool, *arguments], cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
