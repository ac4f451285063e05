"""The wheel, built from the tree, and an environment that has it and what it asks for, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from collections.abc import Iterable
from importlib.metadata import Distribution, PathDistribution, distribution
from pathlib import Path
from zipfile import Path as ZipPath

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def sdist(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT)
    (built,) = folder.glob("*.tar.gz")
    return built


@pytest.fixture(scope="session")
def wheel(sdist) -> Path:
    """The wheel that is built from the sdist."""
    (built,) = sdist.parent.glob("*.whl")
    return built


@pytest.fixture(scope="session")
def metadata(wheel) -> Distribution:
    """What the wheel says of itself."""
    (folder,) = (each for each in ZipPath(wheel).iterdir() if each.name.endswith(".dist-info"))
    return PathDistribution(folder)


@pytest.fixture(scope="session")
def python(wheel, metadata, tmp_path_factory) -> Path:
    """An interpreter of an environment with the wheel.

    No index is asked: what the wheel says that it needs, and what that needs in turn, is copied from the environment in
    which the tests run. So it fails as on a user's machine when a dependency is used that is not declared.
    """
    folder = tmp_path_factory.mktemp("user") / "venv"
    venv.create(folder, with_pip=False)
    interpreter = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    (site,) = folder.glob("[Ll]ib/**/site-packages")
    for needed in closure(metadata.requires or []):
        for file in needed.files or []:
            if file.parts[0] != ".." and "__pycache__" not in file.parts:
                (site / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(file.locate(), site / file)
    run(sys.executable, "-m", "pip", "--python", interpreter, "install", "-qq", "--no-index", "--no-deps", wheel)
    return interpreter


def closure(requirements: Iterable[str]) -> list[Distribution]:
    """The distributions that these requirements ask for, without extras, and those that they ask for."""
    found: dict[str, Distribution] = {}
    waiting = [Requirement(each) for each in requirements]
    while waiting:
        requirement = waiting.pop()
        wanted = not requirement.marker or requirement.marker.evaluate({"extra": ""})
        if wanted and requirement.name not in found:
            found[requirement.name] = distribution(requirement.name)
            waiting += [Requirement(each) for each in found[requirement.name].requires or []]
    return list(found.values())


def run(*command: object) -> None:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
