"""The changelog keeps its form, and its newest entry is the contract's version."""

import pytest
import yaml
from clients import ROOT
from generator.contract import distribution_version
from versioning.changelog import complaints

RIGHT = """\
# Changelog

## [1.1.0] - 2030-01-31

### Added

- A thing.

## [1.0.0] - 2029-12-31

### Fixed

- Another.
"""


def test_a_changelog_of_the_right_form_is_taken():
    assert list(complaints(RIGHT, "1.1.0")) == []


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("# Changelog", "# Changes", "CHANGELOG.md:1: the title"),
        ("[1.1.0] - 2030-01-31", "[1.1.0]", "CHANGELOG.md:3: an entry is"),
        ("[1.1.0] - 2030-01-31", "[1.1.0] - 2030-02-31", "CHANGELOG.md:3: an entry is"),
        ("[1.1.0]", "[1.2.0]", "CHANGELOG.md:3: the newest entry is 1.2.0, and openapi.yaml makes 1.1.0"),
        ("[1.0.0]", "[1.10.0]", "CHANGELOG.md:9: 1.10.0 stands below 1.1.0"),
        ("### Added", "### New", "CHANGELOG.md:5: '### New' is not one of"),
        ("- A thing.", "", "CHANGELOG.md:3: the entry of 1.1.0 is empty"),
    ],
)
def test_a_fault_is_named_with_its_line(old, new, complaint):
    found = list(complaints(RIGHT.replace(old, new), "1.1.0"))

    assert found
    assert found[0].startswith(complaint)


def test_this_project_keeps_the_form():
    version = distribution_version(yaml.safe_load((ROOT / "openapi.yaml").read_text()))

    assert list(complaints((ROOT / "CHANGELOG.md").read_text(), version)) == []
