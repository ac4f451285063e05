"""Hold CHANGELOG.md to the form of Keep a Changelog, and its newest entry to the contract's version."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

from generator.contract import ContractError, load
from generator.contract_version import distribution_version

ROOT = Path(__file__).resolve().parents[2]
ENTRY = re.compile(r"^## \[(\d+\.\d+\.\d+(?:\.post\d+)?)\] - (\d{4}-\d\d-\d\d)$", re.MULTILINE)
KINDS = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")


def complaints(text: str, version: str) -> Iterator[str]:
    """Yield what is wrong with a changelog, given the version that is to be its newest."""
    lines = text.splitlines()
    if lines[:1] != ["# Changelog"]:
        yield "CHANGELOG.md:1: the title is not '# Changelog'"
    entries: list[tuple[int, str]] = []
    for number, line in enumerate(lines, 1):
        if line.startswith("## "):
            entry = ENTRY.fullmatch(line)
            if entry and _is_date(entry[2]):
                entries.append((number, entry[1]))
            else:
                yield f"CHANGELOG.md:{number}: an entry is '## [1.2.3] - 2030-01-31', and this is {line!r}"
        elif line.startswith("### ") and line.removeprefix("### ") not in KINDS:
            yield f"CHANGELOG.md:{number}: {line!r} is none of {', '.join(KINDS)}"
    for (_, newer), (number, older) in pairwise(entries):
        if _numbers(newer) <= _numbers(older):
            yield f"CHANGELOG.md:{number}: {older} stands below {newer}: the newest comes first"
    newest = entries[0] if entries else (1, "none")
    if newest[1] != version:
        yield f"CHANGELOG.md:{newest[0]}: the newest entry is {newest[1]}, and openapi.yaml makes {version}"
    elif not _notes(lines[newest[0] :]):
        yield f"CHANGELOG.md:{newest[0]}: the entry of {version} says nothing"


def _notes(lines: list[str]) -> list[str]:
    """Return the items of the first entry."""
    end = next((number for number, line in enumerate(lines) if line.startswith("## ")), len(lines))
    return [line for line in lines[:end] if re.match(r"[-*] \S", line)]


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]


def _is_date(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def main() -> int:
    """Say what is wrong, and return the exit status."""
    try:
        version = distribution_version(load(ROOT / "openapi.yaml"))
        found = list(complaints((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), version))
    except (ContractError, FileNotFoundError) as error:
        found = [str(error)]
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
