#!/usr/bin/env python3
"""Run a tool that needs node, such as `node_tools.py redocly lint FILE`; install the pinned ones if needed."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / "node_modules" / ".bin"
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


def install() -> str:
    """Install the tools that the lock file pins, unless they are there; return the output of npm if it fails."""
    lock, installed = ROOT / "package-lock.json", ROOT / "node_modules" / ".package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return ""
    done = subprocess.run(["npm", "ci"], cwd=ROOT, capture_output=True, text=True, timeout=TIME_LIMIT, check=False)  # noqa: S607  # As found on PATH.
    return f"{done.stdout}{done.stderr}".strip() if done.returncode else ""


if __name__ == "__main__":
    if reason := why_it_cannot_help():
        print(reason)
        sys.exit(SKIPPED)
    if complaint := install():
        sys.exit(complaint)
    sys.exit(subprocess.run([TOOLS / sys.argv[1], *sys.argv[2:]], cwd=ROOT, check=False).returncode)
