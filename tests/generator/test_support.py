"""For each construct of OpenAPI 3.1: it works as the table says, or it is refused as the table says."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .support_checks import Works
from .support_page import PAGE, page
from .support_rows import Row, all_rows, make_all

ROWS = all_rows()


@pytest.fixture(scope="session")
def made(request, tmp_path_factory) -> Iterator[tuple[Path, dict[str, str]]]:
    """The packages of all rows that are asked for: their folder, and the name or the complaint of each."""
    folder = tmp_path_factory.mktemp("support")
    asked = {item.name.partition("[")[2].removesuffix("]") for item in request.session.items}
    result = make_all([row for row in ROWS if str(row) in asked], folder)
    sys.path.insert(0, str(folder / "clients"))
    yield folder / "clients", result
    sys.path.remove(str(folder / "clients"))


@pytest.mark.timeout(600)
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_row_of_the_table_is_true(row, made):
    folder, result = made
    said = result[str(row)]
    if "refused" in row.data:
        refused(row, said)
        return
    assert not said.startswith("!"), said
    Works(row, said, folder / said).check()


def refused(row: Row, said: str) -> None:
    assert said.startswith("!generate: "), f"not refused: {said}"
    assert said.count("\n") <= 10
    for wanted in [row.data["refused"], *row.data.get("also", ())]:
        assert wanted.lower() in said.lower()
    place = re.sub(r"^\$", lambda _: f"#/paths/{row.path.replace('/', '~1')}", row.data["at"])
    assert f"(at {place}" in said or not place
    assert f".yaml:{row.data.get('line', '')}" in said
    located = re.findall(r"(\S+\.yaml):(\d+): .* \(at #\S*?([^/\s]*)\)$", said, re.MULTILINE)
    assert located or not place
    for file, line, key in located:
        text = Path(file).read_text(encoding="utf-8").splitlines()[int(line) - 1]
        name = key.replace("~1", "/").replace("~0", "~")
        assert name.isdigit() or json.dumps(name, ensure_ascii=False)[1:-1].lower() in text.lower(), (
            f"line {line} is {text}"
        )


def test_the_page_is_what_the_table_says():
    assert PAGE.read_text(encoding="utf-8") == page(), "run .venv/bin/python tests/generator/support_page.py"
