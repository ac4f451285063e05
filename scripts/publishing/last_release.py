"""Judge a build by what an index has given out before it, whatever the tree says of itself.

The tree's own record of the last release, tests/api-released.txt, may be old, edited or gone. The wheels of an index
are what users have: the newest one below a version holds a contract and packages, and so does the one that is to
follow it. Both are read with the same eyes, so the answer hangs on nothing but what is published.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from generator.contract import ContractError, parse
from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version
from versioning.api_listing import Listing, current, read, written
from versioning.version_rule import complaints
from versioning.versions import Rank, asked_for, numbers

from publishing.archive_contents import CONTRACT
from publishing.package_index import Credentials, download


class NotComparable(Exception):
    """A wheel that was not made here."""


def last_below(version: str, names: Iterable[str]) -> tuple[Version, str | None] | None:
    """Return the newest release of an index below a version (PEP 440), with its wheel where it has one.

    A rebuild is a release like any other; what is no release yet (0.6.0rc1, 0.6.0.dev3) has promised nothing.
    """
    found: dict[Version, str | None] = {}
    for name in sorted(names):
        is_wheel = name.endswith(".whl")
        try:
            each = parse_wheel_filename(name)[1] if is_wheel else parse_sdist_filename(name)[1]
        except (InvalidWheelFilename, InvalidSdistFilename):
            continue  # Neither of the two kinds that are installed.
        if each < Version(version) and not each.is_prerelease:
            found[each] = name if is_wheel else found.get(each)
    return max(found.items(), default=None)


def objections(
    wheel: Path, names: Iterable[str], simple: str, credentials: Credentials | None
) -> tuple[str | None, list[str]]:
    """Return what the index has last below a wheel's version, and a line for each change that asks for a higher one.

    Raises:
        IndexProblem: The index does not give out what it has.
    """
    last = last_below(wheel.name.split("-")[1], names)
    if last is None:
        return None, []
    version, name = last
    new = face(wheel.read_bytes())
    try:
        if name:
            return str(version), list(complaints(face(download(name, simple, credentials)), new))
        why = "it has no wheel"
    except NotComparable as error:
        why = str(error)
    # What cannot be compared may have broken everything.
    wanted = asked_for(Rank.BREAK, f"{version.major}.{version.minor}.{version.micro}")
    lines = [f"break: {version}: nobody can tell what it had: {why} (asks for version {wanted})"]
    return str(version), lines if numbers(new.version) < numbers(wanted) else []


def face(wheel: bytes) -> Listing:
    """Return the public face of a wheel.

    Raises:
        NotComparable: It was not made here.
    """
    try:
        with zipfile.ZipFile(BytesIO(wheel)) as archive, TemporaryDirectory() as folder:
            archive.extractall(folder)
            document = parse((Path(folder) / CONTRACT).read_text(encoding="utf-8"))
            return read(written(current(document, Path(folder), Path(folder))))
    except FileNotFoundError:
        raise NotComparable("its wheel holds no contract") from None
    except (zipfile.BadZipFile, UnicodeDecodeError, ContractError, KeyError, SyntaxError) as error:
        raise NotComparable(f"its wheel cannot be read: {error}") from None
