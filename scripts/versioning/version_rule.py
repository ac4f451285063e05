"""Hold the version against what changed since the last release: a break, an addition, or words alone.

Compares the public API of the last release, tests/api-released.txt, with that of the tree, tests/api.txt. Both are
files of the tree, so the answer is the same in a clone without tags, without history and without a network.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from versioning.api_listing import CURRENT, RELEASED, ROOT, UNRELEASED, Listing, read
from versioning.python_diff import python_changes
from versioning.versions import Finding, Rank, asked_for, numbers
from versioning.wire_diff import wire_changes


def changes(old: Listing, new: Listing) -> list[Finding]:
    """Return what changed, the worst first."""
    found = [*wire_changes(old.wire, new.wire), *python_changes(old.python, new.python)]
    if not found and old.words != new.words:
        found = [Finding(Rank.WORDS, "openapi.yaml", "says the same in other words")]
    return sorted(found, key=lambda each: (-each.rank, each.where))


def complaints(old: Listing, new: Listing) -> Iterator[str]:
    """Yield a line for each change that asks for a higher version than the contract has."""
    if numbers(new.version) < numbers(old.version):
        yield f"openapi.yaml: info.version is {new.version}, and {old.version} is already released"
        return
    for each in changes(old, new):
        wanted = asked_for(each.rank, old.version)
        if numbers(new.version) < numbers(wanted):
            yield f"{_line(each)} (asks for version {wanted})"


def recorded(path: Path = RELEASED) -> Listing | None:
    """Return the public API of the last release; None if the record says that nothing is released.

    Raises:
        ValueError: There is no such record. A missing file does not mean that nothing is released.
    """
    if not path.exists():
        shown = _shown(path)
        raise ValueError(
            f"{shown} is missing, and without it breaks cannot be found: restore it (git checkout HEAD -- {shown}), "
            f"or, if no version was ever released, write into it: {UNRELEASED}"
        )
    return None if path.read_text(encoding="utf-8").strip() == UNRELEASED else _read(path)


def main() -> int:
    """Compare, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--released", type=Path, default=RELEASED, help="default: tests/api-released.txt")
    parser.add_argument("--current", type=Path, default=CURRENT, help="default: tests/api.txt")
    parser.add_argument("--all", action="store_true", help="list every change, even if the version allows it")
    arguments = parser.parse_args()
    try:
        old, new = recorded(arguments.released), _read(arguments.current)
        lines = list(complaints(old, new)) if old else []
        every = [_line(each) for each in changes(old, new)] if old and arguments.all else []
    except ValueError as error:
        print(error)
        return 1
    advice = [f"Raise info.version in openapi.yaml (it is {new.version}), and run: make generate"] if lines else []
    for line in [*lines, *advice] or every:
        print(line)
    return 1 if lines else 0


def _line(finding: Finding) -> str:
    return f"{finding.rank.name.lower()}: {finding.where}: {finding.what}"


def _read(path: Path) -> Listing:
    try:
        return read(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ValueError(f"{_shown(path)} is missing: run make generate") from None
    except (KeyError, ValueError):
        raise ValueError(f"{_shown(path)} is not a listing of a public API: restore it from git") from None


def _shown(path: Path) -> Path:
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
