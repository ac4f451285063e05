"""Check the form of CHANGELOG.md (Keep a Changelog), and that its newest entry is that of the contract's version."""

import re
import sys
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

from generator.contract import ContractError, distribution_version, load
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
ENTRY = re.compile(r"^## \[(\d+\.\d+\.\d+(?:\.post\d+)?)\] - (\d{4}-\d\d-\d\d)$", re.MULTILINE)
KINDS = ("Added", "Changed", "Deprecated", "Removed", "Fixed", "Security")


def complaints(text: str, version: str) -> Iterator[str]:
    """Yield what is wrong with a changelog, given the version of its newest entry."""
    entries: list[tuple[str, int]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if number == 1 and line != "# Changelog":
            yield "CHANGELOG.md:1: the title is not '# Changelog'"
        elif line.startswith("### ") and line[4:] not in KINDS:
            yield f"CHANGELOG.md:{number}: {line!r} is not one of {', '.join(KINDS)}"
        elif line.startswith("## "):
            try:
                _, found, day, _ = ENTRY.split(line)
                date.fromisoformat(day)
                entries.append((found, number))
            except ValueError:
                yield f"CHANGELOG.md:{number}: an entry is '## [1.2.3] - 2030-01-31', and this is {line!r}"
    for (newer, _), (older, number) in pairwise(entries):
        if Version(newer) <= Version(older):
            yield f"CHANGELOG.md:{number}: {older} stands below {newer}: the newest comes first"
    newest, number = entries[0] if entries else ("none", 1)
    if newest != version:
        yield f"CHANGELOG.md:{number}: the newest entry is {newest}, and openapi.yaml makes {version}"
    elif not re.search(r"^[-*] \S", re.split(r"^## ", text, flags=re.MULTILINE)[1], re.MULTILINE):
        yield f"CHANGELOG.md:{number}: the entry of {version} is empty: say what changed"


if __name__ == "__main__":
    try:
        wanted = distribution_version(load(ROOT / "openapi.yaml"))
        sys.exit("\n".join(complaints((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), wanted)) or 0)
    except (ContractError, FileNotFoundError) as problem:
        sys.exit(str(problem))
