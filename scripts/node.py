"""The tools that need node: whether this machine can run them, and where they are."""

import json
import re
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / "node_modules" / ".bin"
TIME_LIMIT = 300  # seconds for npm


def why_it_cannot_help() -> str:
    """Return why the tools cannot run here; nothing if they can."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return "node and npm are not on PATH"
    found = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=TIME_LIMIT, check=False).stdout
    wanted = json.loads((ROOT / "package.json").read_text("utf-8"))["engines"]["node"].removeprefix(">=")
    numbers = [[int(part) for part in re.findall(r"\d+", version)] for version in (found, wanted)]
    return "" if numbers[0] >= numbers[1] else f"node is {found.strip()}, and {wanted} or newer is needed"


def install() -> str:
    """Install the tools that the lock file pins, unless they are there; return the output of npm if it fails."""
    lock, installed = ROOT / "package-lock.json", ROOT / "node_modules" / ".package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return ""
    command = [shutil.which("npm") or "npm", "ci"]
    done = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace",
        timeout=TIME_LIMIT, check=False,
    )  # fmt: skip
    return done.stdout.strip() if done.returncode else ""
