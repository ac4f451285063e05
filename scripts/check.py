#!/usr/bin/env python3
"""Run the checks of the tree: `make check`, or `scripts/check.py NAME...` for some of them.

Each check runs, even if an earlier one failed, and prints one line. The exit status is 1 if any failed.
"""

import argparse
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from generator.programs import ROOT, Stopped, run

ENVIRONMENT = {
    # Check this tree, even if the packages are installed from another.
    "PYTHONPATH": os.pathsep.join([str(ROOT / each) for each in ("src", "generated", "scripts")]),
    # No update checks, no telemetry.
    "PYRIGHT_PYTHON_IGNORE_WARNINGS": "1",
    "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true",
    "REDOCLY_TELEMETRY": "off",
}

# What no file may name: a package index's host, or a path of one machine. Spelled so that this file does not match.
HOSTS = "p[y]pi[.]org|p[y]thonhosted[.]org|n[p]mjs[.](org|com)|y[a]rnpkg[.]com|d[e]bian[.]org"
PLACES = f"(^|[^A-Za-z0-9_])({HOSTS})($|[^A-Za-z0-9_])|(^|[^A-Za-z0-9_.])/(root|home|work|Users)/[A-Za-z0-9_.]"

python = sys.executable
# `make check` installs it, if npm is there and node is new enough.
REDOCLY = ROOT / "node_modules" / ".bin" / "redocly"
CHECKS = {
    "drift": [python, "scripts/generate.py", "--check"],
    "version": [python, "scripts/version.py"],
    "changelog": [python, "-m", "versioning.changelog"],
    "contract": [python, "-m", "generator.contract_check"],
    "redocly": [str(REDOCLY), "lint", "openapi.yaml"],
    "ruff": [python, "-m", "ruff", "check"],
    "format": [python, "-m", "ruff", "format", "--check"],
    "mypy": [python, "-m", "mypy"],
    "pyright": [python, "-m", "pyright", "--pythonpath", python],
    "imports": [str(Path(python).with_name("lint-imports")), "--no-logo", "--no-cache"],
    # git exits 1 if it finds nothing, and with another status if it cannot search.
    "places": ["sh", "-c", 'git grep --untracked -nIE "$0"; [ $? -eq 1 ]', PLACES],
}


def line_of(name: str) -> tuple[bool, str]:
    """Return whether a check passed, and what to print about it."""
    if name == "redocly" and not REDOCLY.exists():
        return True, "skip  redocly: it is not installed: `make check` does that, and needs npm and node 20.19"
    start = time.monotonic()
    try:
        run(*CHECKS[name], env=ENVIRONMENT)
    except Stopped as error:
        return False, f"FAIL  {name} ({time.monotonic() - start:.1f} s)\n{error}"
    return True, f"ok    {name} ({time.monotonic() - start:.1f} s)"


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
