"""The deviations that the user accepts, read from a file and set against what was found."""

import tomllib
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path

from .errors import CannotRunError
from .findings import Deviation, Result
from .values import as_object, is_list

FIELDS = {"check": str, "reason": str, "date": date, "expected": str}


def read(path: Path, names: Collection[str]) -> list[Deviation]:
    """The deviations in a TOML file of `[[known]]` tables.

    Raises CannotRunError if it cannot be read, or names a check that is not one of `names`.
    """
    try:
        entries = tomllib.loads(path.read_text("utf-8-sig")).get("known")
    except OSError as error:
        raise CannotRunError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise CannotRunError(f"{path} is not TOML: {error}") from error
    if not is_list(entries) or not entries:
        raise CannotRunError(f"{path} needs a table [[known]] with check, reason and date for each deviation")
    for number, entry in enumerate(map(as_object, entries), 1):
        place = f"{path}, deviation {number}"
        typed = all(type(each) is FIELDS.get(name) and each for name, each in entry.items())
        if not typed or not {"check", "reason", "date"} <= entry.keys():
            raise CannotRunError(f"{place} needs check, reason and date (2026-01-31, no quotes), and may have expected")
        if entry["check"] not in names:
            raise CannotRunError(f"{place}: no check has the name {entry['check']}")
    return [Deviation(**entry) for entry in entries]


def accept(results: Sequence[Result], deviations: Iterable[Deviation]) -> list[Deviation]:
    """Move accepted findings out of the results' findings; return the deviations that no longer happen.

    A deviation of a check that did not run, or not completely, may still happen.
    """
    stale: list[Deviation] = []
    for deviation in deviations:
        for result in (each for each in results if each.check.name == deviation.check):
            met = [each for each in result.findings if fnmatchcase(each.expected, deviation.expected)]
            result.accepted += [(each, deviation) for each in met]
            result.findings = [each for each in result.findings if each not in met]
            stale += [] if met or result.not_tried or result.gaps else [deviation]
    return stale
