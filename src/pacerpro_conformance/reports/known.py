"""The deviations that the user accepts, read from a file and set against what was found."""

import tomllib
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from pacerpro_conformance.errors import CannotRunError
from pacerpro_conformance.findings import Deviation, Result
from pacerpro_conformance.values import as_object, is_list

FIELDS = {"check": str, "reason": str, "date": date, "expected": str}


def read(path: Path, names: Callable[[], Collection[str]]) -> list[Deviation]:
    """The deviations in a TOML file of `[[known]]` tables.

    Raises CannotRunError if it cannot be read, or names a check that is not one of `names()`.
    """
    try:
        entries: Any = tomllib.loads(path.read_text("utf-8-sig")).get("known")
    except OSError as error:
        raise CannotRunError(f"{path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise CannotRunError(f"{path} is not TOML: {error}") from error
    if not is_list(entries) or not entries:
        raise CannotRunError(f"{path} needs a table [[known]] with check, reason and date for each deviation")
    known = names()
    return [_read_one(f"{path}, deviation {number}", each, known) for number, each in enumerate(entries, 1)]


def _read_one(place: str, value: Any, names: Collection[str]) -> Deviation:
    entry = as_object(value)
    if not {"check", "reason", "date"} <= entry.keys() <= FIELDS.keys():
        raise CannotRunError(f"{place} needs check, reason and date, and may have expected")
    for name, each in entry.items():
        if type(each) is not FIELDS[name] or not each:
            raise CannotRunError(f"{place}: {name} must be a {'date, as 2026-01-31' if name == 'date' else 'text'}")
    if entry["check"] not in names:
        raise CannotRunError(f"{place}: no check has the name {entry['check']}")
    return Deviation(**entry)


def accept(results: Sequence[Result], deviations: Iterable[Deviation]) -> list[Deviation]:
    """Move accepted findings out of the results' findings; return the deviations that no longer happen.

    A deviation of a check that did not run, or not completely, may still happen. A check of schemathesis has a result
    of its own only if it found something.
    """
    stale: list[Deviation] = []
    whole = {each.check.name for each in results if not (each.not_tried or each.gaps)}
    there = {each.check.name for each in results}
    for deviation in deviations:
        met = [
            (result, finding)
            for result in results
            for finding in result.findings
            if result.check.name == deviation.check and fnmatchcase(finding.expected, deviation.expected)
        ]
        for result, finding in met:
            result.findings.remove(finding)
            result.accepted.append((finding, deviation))
        group = deviation.check.partition(".")[0]
        ran = deviation.check in whole or (deviation.check not in there and f"{group}.run" in whole)
        stale += [deviation] if ran and not met else []
    return stale
