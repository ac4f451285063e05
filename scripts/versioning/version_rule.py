"""Hold the version against what changed since the last release: a break, an addition, or words alone.

Compares the public API of the last release, tests/api-released.txt, with that of the tree, tests/api.txt. Both are
files of the tree, so the answer is the same in a clone without tags, without history and without a network.
"""

from collections.abc import Iterator
from pathlib import Path

from packaging.version import Version

from versioning.api_listing import CURRENT, RELEASED, ROOT, UNRELEASED, Listing, read
from versioning.compatibility import Finding, Rank, changed
from versioning.python_api import python_facts


def changes(old: Listing, new: Listing) -> list[Finding]:
    """Return what changed, the worst first."""
    found = [*changed(old.wire, new.wire), *changed(python_facts(old.python), python_facts(new.python))]
    if not found and old.words != new.words:
        found = [Finding(Rank.WORDS, "openapi.yaml", "says the same in other words")]
    return sorted(found, key=lambda each: (-each.rank, each.where))


def complaints(old: Listing, new: Listing) -> Iterator[str]:
    """Yield a line for each change that asks for a higher version than the contract has."""
    if Version(new.version) < Version(old.version):
        yield f"openapi.yaml: info.version is {new.version}, and {old.version} is already released"
        return
    for each in changes(old, new):
        wanted = asked_for(each.rank, old.version)
        if Version(new.version) < Version(wanted):
            yield f"{each} (asks for version {wanted})"


def asked_for(rank: Rank, version: str) -> str:
    """Return the lowest version that may follow a version after a change; while 0.x, a break asks for a minor one."""
    major, minor, patch = Version(version).release
    if rank is Rank.BREAK and major > 0:
        return f"{major + 1}.0.0"
    return f"{major}.{minor}.{patch + 1}" if rank is Rank.WORDS else f"{major}.{minor + 1}.0"


def recorded() -> Listing | None:
    """Return the public API of the last release; None if the record says that nothing is released.

    Raises:
        ValueError: There is no such record. A missing file does not mean that nothing is released.
    """
    name = RELEASED.relative_to(ROOT)
    if not RELEASED.exists():
        raise ValueError(
            f"{name} is missing, and without it breaks cannot be found: restore it (git checkout HEAD -- {name}), "
            f"or, if no version was ever released, write into it: {UNRELEASED}"
        )
    return None if RELEASED.read_text(encoding="utf-8").strip() == UNRELEASED else listed(RELEASED)


def main() -> int:
    """Print what changed, and return 1 if it asks for a higher version."""
    try:
        old, new = recorded(), listed(CURRENT)
        wrong = list(complaints(old, new)) if old else []
    except ValueError as error:
        print(error)
        return 1
    for line in wrong or (changes(old, new) if old else []):
        print(line)
    if wrong:
        print(f"Raise info.version in openapi.yaml (it is {new.version}), and run: make generate")
    return 1 if wrong else 0


def listed(path: Path) -> Listing:
    """Return the public API that a file of the tree lists.

    Raises:
        ValueError: It is missing, or no listing.
    """
    name = path.relative_to(ROOT)
    try:
        return read(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ValueError(f"{name} is missing: run make generate") from None
    except (KeyError, ValueError):
        raise ValueError(f"{name} is not a listing of a public API: restore it from git") from None
