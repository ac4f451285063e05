"""A mistake in a contract is found without node: its line, its place, the reason, and what to do."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from generator import contract_check

from .support_rows import merged

TABLE = yaml.load(Path(__file__).with_name("mistakes.yaml").read_text(), yaml.CSafeLoader)


@pytest.fixture
def check(tmp_path, capsys):
    """Check a contract, and return the lines that say what is wrong."""

    def run(text):
        path = tmp_path / "contract.yaml"
        path.write_text(text)
        status = contract_check.main(path)
        lines = capsys.readouterr().out.splitlines()
        assert status == (1 if lines else 0)
        return [line.removeprefix(f"{path}:") for line in lines]

    return run


def test_a_contract_without_a_mistake_passes(check):
    assert check(yaml.safe_dump(TABLE["base"])) == []


@pytest.mark.parametrize("name", TABLE["mistakes"])
def test_a_mistake_is_found(check, name):
    mistake = TABLE["mistakes"][name]
    text = yaml.safe_dump(merged(TABLE["base"], mistake["patch"]), sort_keys=False)

    said = check(text)

    lines = [line for line in said if mistake["says"] in line and line.endswith(f"(at {mistake['at']})")]
    assert lines, said
    number = int(re.match(r"\d+", lines[0])[0])
    key = mistake["at"].rpartition("/")[2].replace("~1", "/")
    assert key in text.splitlines()[number - 1] or key.isdigit()


@pytest.mark.parametrize("alias", ["x-again: *server", "x-again: [*server]", "x-again: {<<: *server}"])
def test_an_alias_is_refused_with_its_line(check, alias):
    text = f"x-server: &server {{url: here}}\n{alias}\n{yaml.safe_dump(TABLE['base'])}"

    assert check(text) == [
        "2: *server is an alias, which some readers of YAML take for text: write the value out",
    ]


def test_an_asterisk_in_a_text_is_no_alias(check):
    assert check(f"x-note: a *word* in a text\n{yaml.safe_dump(TABLE['base'])}") == []


def test_this_contract_has_no_mistake():
    assert contract_check.main() == 0
