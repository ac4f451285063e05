"""Write a bill of materials (CycloneDX 1.6) of the wheel: the distribution and what it needs at run time.

The versions are those of this environment, in which the project was tested; the extras are left out. Markers are
evaluated for the oldest supported Python, so that every Python writes the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from datetime import UTC, datetime
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

NAME = "pacerpro-client"
OLDEST = {"extra": "", "python_version": "3.11", "python_full_version": "3.11.0"}


def bill_of_materials(wheel: Path, sdist: Path, epoch: int) -> str:
    """Return the bill as JSON: the same for the same files, time and environment."""
    needed = _closure(NAME)
    root = _component(NAME, wheel.name.split("-")[1], {"expression": "Apache-2.0"})
    root["components"] = [
        {"type": "file", "bom-ref": each.name, "name": each.name}
        | {"hashes": [{"alg": "SHA-256", "content": sha256(each)}]}
        for each in (wheel, sdist)
    ]
    others = [
        _component(name, found.version, {"license": {"name": _licence(found)}})
        for name, found in needed.items()
        if name != NAME
    ]
    references = {each["name"]: each["bom-ref"] for each in (root, *others)}
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, sha256(wheel) + sha256(sdist))}",
        "version": 1,
        "metadata": {"timestamp": datetime.fromtimestamp(epoch, UTC).isoformat(), "component": root},
        "components": others,
        "dependencies": [
            {"ref": references[name], "dependsOn": sorted(references[each] for each in _requirements(found))}
            for name, found in needed.items()
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def sha256(file: Path) -> str:
    """Return the digest of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _component(name: str, version: str, licence: dict[str, Any]) -> dict[str, Any]:
    purl = f"pkg:pypi/{name}@{version}"
    found: dict[str, Any] = {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}
    return {**found, "licenses": [licence]}


def _closure(name: str) -> dict[str, Distribution]:
    """Return a distribution and all that it needs, by name."""
    found: dict[str, Distribution] = {}
    waiting = [name]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found[each] = distribution(each)
            waiting += _requirements(found[each])
    return dict(sorted(found.items()))


def _requirements(found: Distribution) -> list[str]:
    needed = map(Requirement, found.requires or [])
    return [canonicalize_name(each.name) for each in needed if not each.marker or each.marker.evaluate(OLDEST)]


def _licence(found: Distribution) -> str:
    """Return what the metadata says: as an expression, in the older field, whose first line is enough, or by class."""
    stated = [found.metadata[key] for key in ("License-Expression", "License") if key in found.metadata]
    classes = [each for each in found.metadata.get_all("Classifier") or [] if each.startswith("License :: ")]
    words = [*(text.splitlines()[0] for text in stated if text), *(each.rpartition(" :: ")[2] for each in classes)]
    return words[0] if words else "unknown"
