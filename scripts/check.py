#!/usr/bin/env python3
"""Run the checks of the tree: `make check`, or `scripts/check.py NAME...` for some of them.

Each check runs, even if an earlier one failed, and prints one line. The exit status is 1 if any failed.
"""

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import node

ROOT = Path(__file__).resolve().parent.parent
TIME_LIMIT = 300  # seconds for one tool

ENVIRONMENT = {
    **os.environ,
    # Check this tree, even if the packages are installed from another.
    "PYTHONPATH": os.pathsep.join([str(ROOT / each) for each in ("src", "generated", "scripts")]),
    # No update checks, no telemetry.
    "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1",
    "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true",
    "REDOCLY_TELEMETRY": "off",
}

# Spelled so that this file does not match itself.
FORBIDDEN = {
    "names a package index's host": re.compile(
        r"\b(p[y]pi[.]org|p[y]thonhosted[.]org|n[p]mjs[.](org|com)|y[a]rnpkg[.]com|d[e]bian[.]org)\b"
    ),
    "holds a path of this machine": re.compile(rf"(?<![\w.])(/(root|home|work|Users)/[\w.]|{re.escape(str(ROOT))}\b)"),
}


class Skipped(Exception):
    """This machine cannot run a check; the message says why."""


def complaint_of(*command: str | Path) -> str:
    """Return the output of a tool that fails; nothing if it exits 0."""
    try:
        done = subprocess.run(
            command,
            cwd=ROOT,
            env=ENVIRONMENT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            timeout=TIME_LIMIT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"stopped after {TIME_LIMIT} s"
    return done.stdout.strip() or f"exit status {done.returncode}" if done.returncode else ""


def complaint_of_redocly() -> str:
    """Return what Redocly finds in the contract; install it first if needed."""
    if reason := node.why_it_cannot_help():
        raise Skipped(reason)
    return node.install() or complaint_of(node.TOOLS / "redocly", "lint", "openapi.yaml")


def complaint_of_places() -> str:
    """Return the lines that name a package index or a path of this machine, in all files that git does not ignore."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - git is the user's own
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=TIME_LIMIT,
        check=False,
    )
    if listing.returncode:
        return listing.stderr.strip()
    found: list[str] = []
    for name in filter(None, listing.stdout.split("\0")):
        path = ROOT / name
        text = path.read_text("utf-8", errors="replace") if path.is_file() else ""
        found += [
            f"{name}:{number}: {what}: {line.strip()[:120]}"
            for number, line in enumerate(text.splitlines(), 1)
            for what, pattern in FORBIDDEN.items()
            if pattern.search(line)
        ]
    return "\n".join(found)


python = partial(complaint_of, sys.executable)
CHECKS: dict[str, Callable[[], str]] = {
    "drift": partial(python, "scripts/generate.py", "--check"),
    "version": partial(python, "scripts/version.py"),
    "changelog": partial(python, "-m", "versioning.changelog"),
    "contract": partial(python, "-m", "generator.contract_check"),
    "redocly": complaint_of_redocly,
    "ruff": partial(python, "-m", "ruff", "check"),
    "format": partial(python, "-m", "ruff", "format", "--check"),
    "mypy": partial(python, "-m", "mypy"),
    "pyright": partial(python, "-m", "pyright", "--pythonpath", sys.executable),
    "imports": partial(complaint_of, Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"),
    "places": complaint_of_places,
}


def line_of(name: str) -> tuple[bool, str]:
    """Return whether a check passed, and what to print about it."""
    start = time.monotonic()
    try:
        complaint = CHECKS[name]()
    except Skipped as reason:
        return True, f"skip  {name}: {reason}"
    took = f"({time.monotonic() - start:.1f} s)"
    return not complaint, f"FAIL  {name} {took}\n{complaint}" if complaint else f"ok    {name} {took}"


def main() -> int:
    """Run the named checks, and return the exit status."""
    parser = argparse.ArgumentParser(description="Check the tree.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of {', '.join(CHECKS)}; by default all")
    names = parser.parse_args().names or list(CHECKS)
    if unknown := set(names) - set(CHECKS):
        parser.error(f"there is no check called {', '.join(sorted(unknown))}")
    passed = True
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for ok, line in pool.map(line_of, names):
            print(line, flush=True)
            passed = passed and ok
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
