"""The clients of all edited contracts, made once."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parents[1] / "scripts"), str(HERE.parent), str(HERE)]

from clients import make_all  # noqa: E402 - the path has to be there first


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A folder with the clients, and what the generator said of each."""
    folder = tmp_path_factory.mktemp("edited_contracts")
    complaints = make_all(folder)
    sys.path.insert(0, str(folder / "clients"))
    yield folder / "clients", complaints
    sys.path.remove(str(folder / "clients"))
