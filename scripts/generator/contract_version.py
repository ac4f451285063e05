"""The contract's version, which is the distribution's too."""

from __future__ import annotations

from typing import Any

# An extension beside the contract's version: the number of the rebuild of the same contract.
REBUILD = "x-rebuild"


def distribution_version(document: dict[str, Any]) -> str:
    """Return the version of the distribution: the contract's, and for a rebuild a post-release (PEP 440) of it."""
    info = document["info"]
    return f"{info['version']}.post{info[REBUILD]}" if REBUILD in info else str(info["version"])
