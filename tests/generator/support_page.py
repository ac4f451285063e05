"""Write docs/openapi-support.md from the support table: `python tests/generator/support_page.py`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

TABLES = Path(__file__).with_name("constructs")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "openapi-support.md"
TITLES = {
    "document": "The document",
    "paths": "Paths, operations and security",
    "parameters": "Parameters",
    "bodies": "Request bodies",
    "answers": "Responses",
    "types": "Types, formats, enums, constants and defaults",
    "arrays": "Arrays, tuples, maps and recursion",
    "objects": "Objects, properties and references",
    "composition": "`allOf`, `oneOf`, `anyOf` and discriminators",
    "names": "Names of classes",
}
INTRODUCTION = """\
# OpenAPI 3.1 support

For each construct that a contract can hold, exactly one is true: it works, or `make generate` refuses it with the line,
the place, the reason and what to do, and leaves the client as it was. Nothing is dropped in silence.

- **works**: the client is generated and typed, and requests and responses travel as the contract says. Where the table
  names a type, it is the annotation in the generated code.
- **refused**: `make generate` exits with 1. Several refusals are listed together, up to ten.

Limits: the property of a discriminator has only the values that stand for its class, wherever the class is used. Where
an `allOf` has a closed part with `patternProperties` and another part, a property that any part names is accepted.

Out of scope are OpenAPI 2.0 and 3.0, security schemes other than bearer tokens, `deepObject`, servers of a path or an
operation, and references to other files.

This page is made from the tables in `tests/generator/constructs/`; `make test` runs every row of them, and compares the
page. To rewrite it: `.venv/bin/python tests/generator/support_page.py`.
"""


def tables() -> dict[str, list[dict[str, Any]]]:
    """Return the rows of each section, in the order of the page."""
    return {name: yaml.load((TABLES / f"{name}.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader) for name in TITLES}


def page() -> str:
    """Return the page."""
    rows = [row for section in tables().values() for row in section]
    refused = sum("refused" in row for row in rows)
    count = f"{len(rows)} constructs: {len(rows) - refused} work, {refused} are refused.\n"
    sections = (_section(name, section) for name, section in tables().items())
    return "\n".join([INTRODUCTION, count, *sections])


def _section(name: str, rows: list[dict[str, Any]]) -> str:
    lines = [f"| {_cell(row['construct'])} | {_cell(_outcome(row))} |" for row in rows]
    return "\n".join([f"## {TITLES[name]}", "", "| construct | outcome |", "|---|---|", *lines, ""])


def _outcome(row: dict[str, Any]) -> str:
    if "refused" in row:
        return "refused"
    types = [row["type"]] if "type" in row else [f"{name}: {type_}" for name, type_ in row.get("fields", {}).items()]
    return f"works: `{'`, `'.join(types)}`" if types else "works"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
