"""Hold the version against what changed since the last release: a break, an addition, or words alone.

Compares the face that was released last, tests/api-released.txt, with the one that the tree has, tests/api.txt. Both
are files of the tree, so the answer is the same in a clone without tags, without history and without a network.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from versioning.api_listing import CURRENT, RELEASED, ROOT, UNRELEASED, Listing, read
from versioning.findings import Finding
from versioning.python_diff import python_changes
from versioning.versions import Rank, asked_for, numbers
from versioning.wire_diff import wire_changes

CALLED = {Rank.BREAK: "break", Rank.ADDITION: "addition", Rank.WORDS: "words"}


def changes(old: Listing, new: Listing) -> list[Finding]:
    """Return what changed, the worst first."""
    found = [*wire_changes(old.wire, new.wire), *python_changes(old.python, new.python)]
    if not found and old.words != new.words:
        found = [Finding(Rank.WORDS, "openapi.yaml", "says the same in other words")]
    return sorted(found, key=lambda each: (-each.rank, each.where))


def complaints(old: Listing, new: Listing) -> Iterator[str]:
    """Yield a line for each change that asks for a higher version than the contract has."""
    if numbers(new.version) < numbers(old.version):
        yield f"openapi.yaml: info.version is {new.version}, and {old.version} is released already"
        return
    for each in changes(old, new):
        wanted = asked_for(each.rank, old.version)
        if numbers(new.version) < numbers(wanted):
            yield f"{CALLED[each.rank]}: {each.where}: {each.what} (asks for version {wanted})"


def recorded(path: Path = RELEASED) -> Listing | None:
    """Return the face of the last release; None where the record says that there is none, and any version will do.

    Raises:
        ValueError: There is no such record. A file that is not there says nothing.
    """
    if not path.exists():
        raise ValueError(
            f"{_shown(path)} is not there, and without it nobody can tell what breaks: take it back from git "
            f"(git checkout HEAD -- {_shown(path)}), or, if no version was ever released, put into it: {UNRELEASED}"
        )
    return None if path.read_text(encoding="utf-8").strip() == UNRELEASED else _read(path)


def main() -> int:
    """Compare, and return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--released", type=Path, default=RELEASED, help="default: tests/api-released.txt")
    parser.add_argument("--current", type=Path, default=CURRENT, help="default: tests/api.txt")
    parser.add_argument("--all", action="store_true", help="list every change, whatever the version")
    arguments = parser.parse_args()
    try:
        old, new = recorded(arguments.released), _read(arguments.current)
        if old is None:
            return 0
        lines = list(complaints(old, new))
    except ValueError as error:
        print(error)
        return 1
    if lines:
        lines.append(f"Raise info.version in openapi.yaml (it is {new.version}), and run: make generate")
    elif arguments.all:
        print("\n".join(f"{CALLED[each.rank]}: {each.where}: {each.what}" for each in changes(old, new)))
    print("\n".join(lines), end="\n" if lines else "")
    return 1 if lines else 0


def _read(path: Path) -> Listing:
    try:
        return read(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ValueError(f"{_shown(path)} is not there: run make generate") from None
    except (KeyError, ValueError):
        raise ValueError(f"{_shown(path)} is no listing of a public face: take it back from git") from None


def _shown(path: Path) -> Path:
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
