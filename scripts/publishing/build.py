"""Build the sdist, the wheel and a bill of materials into dist/, and check what is in them.

The same commit gives the same bytes on another day, in another folder and under another umask: the build takes a copy
of the files that git knows, and its time is the day of the changelog's newest entry. A later commit that changes none
of these files, such as the one that records the release, gives the same bytes too.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from versioning.changelog import ENTRY

from publishing import archive_contents, sbom

ROOT = Path(__file__).resolve().parents[2]
DIST = ROOT / "dist"
TIME_LIMIT = 300  # seconds for one tool


class BuildError(Exception):
    """The distribution cannot be built, or must not be published. The message is for the user."""


def main() -> int:
    """Build, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=DIST, help="default: dist; what was there is removed")
    parser.add_argument(
        "--tools", type=Path, help="the folder of twine and check-wheel-contents, to hold the result to them"
    )
    arguments = parser.parse_args()
    try:
        for file in build(arguments.output, arguments.tools):
            print(f"  {file.name}  {file.stat().st_size} bytes  sha256 {sbom.sha256(file)}")
    except BuildError as error:
        print(f"build: {error}", file=sys.stderr)
        return 1
    return 0


def build(output: Path, tools: Path | None = None) -> list[Path]:
    """Build into a folder, replace what was in it, and return the files.

    Raises:
        BuildError: It cannot be built, or the result fails a check.
    """
    with tempfile.TemporaryDirectory() as folder:
        tree, made = Path(folder) / "tree", Path(folder) / "dist"
        copy_of_tree(tree)
        epoch = seconds_of_release(tree)
        environment = {**os.environ, "SOURCE_DATE_EPOCH": str(epoch), "PYTHONHASHSEED": "0"}
        _run([sys.executable, "-m", "build", "--no-isolation", "--outdir", str(made)], tree, environment)
        wheel, sdist = next(made.glob("*.whl")), next(made.glob("*.tar.gz"))
        if wrong := list(archive_contents.complaints(wheel, sdist, tree)):
            raise BuildError("; ".join(wrong))
        if tools:
            tools = tools.resolve()
            _run([str(tools / "twine"), "check", "--strict", str(wheel), str(sdist)], tree, environment)
            _run([str(tools / "check-wheel-contents"), "--no-config", *_accepted(), str(wheel)], tree, environment)
        bill = made / f"{wheel.name.split('-py3')[0]}.cdx.json"
        bill.write_text(sbom.bill_of_materials(wheel, sdist, epoch), encoding="utf-8")
        shutil.rmtree(output, ignore_errors=True)
        output.mkdir(parents=True)
        return [Path(shutil.copy(file, output)) for file in sorted(made.iterdir())]


def copy_of_tree(tree: Path) -> None:
    """Copy the files that git knows, as they are here."""
    names = _git("ls-files", "-z").split("\0")
    for name in filter(None, names):
        source, target = ROOT / name, tree / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)


def seconds_of_release(tree: Path) -> int:
    """Return the day of the changelog's newest entry, in seconds since 1970."""
    changelog = tree / "CHANGELOG.md"
    entry = ENTRY.search(changelog.read_text(encoding="utf-8")) if changelog.exists() else None
    try:
        return int(datetime.fromisoformat(f"{entry[2] if entry else ''}T00:00:00Z").timestamp())
    except ValueError:
        raise BuildError("CHANGELOG.md has no entry of a version with its day: run make check") from None


def _accepted() -> list[str]:
    # W009 is about a wheel with more than one package at its top: this one has three on purpose.
    return ["--ignore", "W009"]


def _git(*arguments: str) -> str:
    git = shutil.which("git")
    if git is None:
        raise BuildError("git is not on PATH; it says which files belong to a build")
    done = subprocess.run([git, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=TIME_LIMIT, check=False)
    if done.returncode:
        raise BuildError(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=TIME_LIMIT, check=False
        )
    except FileNotFoundError:
        raise BuildError(f"{command[0]} is not there: `make build` installs it") from None
    if done.returncode:
        raise BuildError(f"{Path(command[0]).name} {command[-1]} failed:\n{done.stdout}{done.stderr}".rstrip())
