"""A copy of the tree, to be damaged."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tree(tmp_path):
    """A copy of the tree."""
    return copy_tree(tmp_path / "tree")


@pytest.fixture(scope="session")
def copied_tree():
    """Copy the tree to a place of the caller's."""
    return copy_tree


def copy_tree(copy):
    """Copy all files that are, or would be, committed, and link what npm has installed and mypy knows."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    for name in filter(None, listing.stdout.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    # mypy looks at the content of a file, so its cache is good for a copy too.
    for name in ("node_modules", ".mypy_cache"):
        if (ROOT / name).is_dir():
            (copy / name).symlink_to(ROOT / name)
    for command in (["git", "init", "--quiet"], ["git", "add", "--all"]):
        subprocess.run(command, cwd=copy, timeout=60, check=True)
    return copy


@pytest.fixture
def check(tree):
    """Run the copy's scripts/check.py with the given names."""

    def run(*names: str, **environment: str):
        return subprocess.run(
            [sys.executable, "scripts/check.py", *names],
            cwd=tree,
            env=environment or None,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )

    return run
