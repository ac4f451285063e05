"""The public API as a text that is committed: what programs can name, and what travels.

`make generate` writes it, so that the diff of a change shows reviewers what users will notice. The version rule
compares two of them.
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from versioning.python_api import python_lines
from versioning.wire_api import Attributes, Facts, wire_api

ROOT = Path(__file__).resolve().parents[2]
# The public API of the tree, and that of the last release.
CURRENT = ROOT / "tests" / "api.txt"
RELEASED = ROOT / "tests" / "api-released.txt"
# The content of that file before the first release.
UNRELEASED = "nothing is released yet"

HEAD = """\
# The public API of pacerpro-client: what programs can name, and what travels. Made by `make generate`; do not edit.
# Users notice every change here: docs/contributing.md says which version it asks for.
version {version}
words {words}

== Python
{python}

== Wire
{wire}
"""


@dataclass(frozen=True)
class Listing:
    """The public API of one version; ``words`` is a digest of what the contract says in words."""

    version: str
    words: str
    python: list[str] = field(default_factory=list[str])
    wire: Facts = field(default_factory=dict[str, Attributes])


def current(document: dict[str, Any], generated: Path, source: Path = ROOT / "src") -> Listing:
    """Return the public API of a contract and of the packages below two folders."""
    wire, words = wire_api(document)
    return Listing(document["info"]["version"], words, python_lines(generated, source), wire)


def written(listing: Listing) -> str:
    """Return a listing as text."""
    python, wire = "\n".join(listing.python), (f"{place}: {json.dumps(facts)}" for place, facts in listing.wire.items())
    return HEAD.format(version=listing.version, words=listing.words, python=python, wire="\n".join(wire))


def read(text: str) -> Listing:
    """Return a listing from its text.

    Raises:
        ValueError: It is not a listing.
    """
    head, python, wire = re.split(r"^== (?:Python|Wire)\n", text, flags=re.MULTILINE)
    named = dict(line.split(" ", 1) for line in head.splitlines() if line)
    return Listing(
        named["version"],
        named["words"],
        [line for line in python.splitlines() if line],
        {place: json.loads(f"{{{facts}") for place, _, facts in (line.partition(": {") for line in wire.splitlines())},
    )
