"""Write a bill of materials (CycloneDX 1.6) of the wheel: the distribution and what it needs at run time.

The versions are those of this environment, in which the project was tested; the extras are left out. Markers are
evaluated for the oldest supported Python, so that every Python writes the same bytes.
"""

import hashlib
import json
import uuid
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

NAME = "pacerpro-client"
OLDEST = {"extra": "", "python_version": "3.11", "python_full_version": "3.11.0"}


def bill_of_materials(wheel: Path) -> str:
    """Return the bill as JSON: the same for the same files and environment, so it has no time."""
    needed: dict[str, list[str]] = {}  # What each distribution needs, by name.
    waiting = [NAME]
    while waiting:
        name = waiting.pop()
        needed[name] = _requirements(distribution(name))
        waiting += [each for each in needed[name] if each not in needed]
    versions = {name: distribution(name).version for name in sorted(needed)} | {NAME: wheel.name.split("-")[1]}
    purls = {name: f"pkg:pypi/{name}@{version}" for name, version in versions.items()}
    parts: dict[str, dict[str, Any]] = {
        name: {"type": "library", "bom-ref": purls[name], "name": name, "version": version, "purl": purls[name]}
        | {"licenses": [{"license": {"name": _licence(distribution(name))}}]}
        for name, version in versions.items()
    }
    root = parts.pop(NAME) | {"hashes": [{"alg": "SHA-256", "content": sha256(wheel)}]}
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, sha256(wheel))}",
        "version": 1,
        "metadata": {"component": root},
        "components": list(parts.values()),
        "dependencies": [
            {"ref": purls[name], "dependsOn": sorted(purls[each] for each in needed[name])} for name in versions
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def sha256(file: Path) -> str:
    """Return the digest of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _requirements(found: Distribution) -> list[str]:
    needed = map(Requirement, found.requires or [])
    return [canonicalize_name(each.name) for each in needed if not each.marker or each.marker.evaluate(OLDEST)]


def _licence(found: Distribution) -> str:
    """Return what the metadata says: as an expression, in the older field, whose first line is enough, or by class."""
    stated = [found.metadata[key] for key in ("License-Expression", "License") if key in found.metadata]
    classes = [each for each in found.metadata.get_all("Classifier") or [] if each.startswith("License :: ")]
    words = [*(text.splitlines()[0] for text in stated if text), *(each.rpartition(" :: ")[2] for each in classes)]
    return words[0] if words else "unknown"
