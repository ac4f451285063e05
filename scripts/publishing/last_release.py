"""Compare a version with the last release of the index.

The tree's own record of the last release, tests/api-released.txt, may be old or edited. Users have the wheels of the
index: the newest one below the version holds a contract and packages, which are read as those of the tree are.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from generator.contract import ContractError, parse
from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename
from packaging.version import Version
from versioning.api_listing import Listing, current
from versioning.version_rule import complaints
from versioning.versions import Rank, asked_for, numbers

from publishing.package_index import Index

CONTRACT = "pacerpro_mock/openapi.yaml"  # in a wheel


class NotComparable(Exception):
    """A wheel was not made by this project."""


def last_below(version: str, names: Iterable[str]) -> tuple[Version, str | None] | None:
    """Return the newest release of an index below a version (PEP 440), with its wheel if it has one.

    A rebuild is a release like any other; a pre-release (0.6.0rc1, 0.6.0.dev3) has promised nothing.
    """
    found: dict[Version, str | None] = {}
    for name in sorted(names):
        is_wheel = name.endswith(".whl")
        try:
            each = parse_wheel_filename(name)[1] if is_wheel else parse_sdist_filename(name)[1]
        except (InvalidWheelFilename, InvalidSdistFilename):
            continue  # Neither a wheel nor an sdist.
        if each < Version(version) and not each.is_prerelease:
            found[each] = name if is_wheel else found.get(each)
    return max(found.items(), default=None)


def objections(new: Listing, version: str, index: Index) -> tuple[str | None, list[str]]:
    """Return the index's last release below a version, and a line for each change that asks for a higher one.

    Raises:
        Stopped: The index does not hand out its files.
    """
    before, wheel = last_below(version, index.digests()) or (None, None)
    if before is None:
        return None, []
    try:
        old = listing_of(index.download(wheel) if wheel else b"")
    except NotComparable as error:
        # A release that cannot be compared may differ in everything.
        wanted = asked_for(Rank.BREAK, f"{before.major}.{before.minor}.{before.micro}")
        why = error if wheel else "it has no wheel"
        lines = [f"break: {before}: cannot be compared: {why} (asks for version {wanted})"]
        return str(before), lines if numbers(new.version) < numbers(wanted) else []
    return str(before), list(complaints(old, new))


def listing_of(wheel: bytes) -> Listing:
    """Return the public API of a wheel.

    Raises:
        NotComparable: It was not made by this project.
    """
    try:
        with zipfile.ZipFile(BytesIO(wheel)) as archive, TemporaryDirectory() as folder:
            archive.extractall(folder)
            document = parse((Path(folder) / CONTRACT).read_text(encoding="utf-8"))
            return current(document, Path(folder), Path(folder))
    except FileNotFoundError:
        raise NotComparable("its wheel holds no contract") from None
    except (zipfile.BadZipFile, UnicodeDecodeError, ContractError, KeyError, SyntaxError) as error:
        raise NotComparable(f"its wheel cannot be read: {error}") from None
