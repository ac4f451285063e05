"""What the generator's tests share: how to run it, and packages that it, and the bare tool, have made."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = ROOT / "tests" / "sample_contracts" / "current.yaml"
sys.path.insert(0, str(ROOT / "scripts"))


def edited(*replacements: tuple[str, str]) -> str:
    """Return the contract with texts replaced by others; each must be there."""
    text = CONTRACT.read_text(encoding="utf-8")
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.fixture
def generate(capsys) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run `scripts/generate.py` as `make generate` does; with an environment, in a process that has it."""
    from generator import generate as generator

    def run(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
        if "--output" in arguments and not environment:
            status = generator.main([*map(str, arguments)])
            said = capsys.readouterr()
            return subprocess.CompletedProcess(arguments, status, said.out, said.err)
        return subprocess.run(
            [sys.executable, "scripts/generate.py", *map(str, arguments)],
            cwd=ROOT,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run


@pytest.fixture
def contract(tmp_path) -> Callable[..., Path]:
    """Write a copy of the contract in which texts are replaced."""

    def write(*replacements: tuple[str, str]) -> Path:
        path = tmp_path / "contract.yaml"
        path.write_text(edited(*replacements), encoding="utf-8")
        return path

    return write


# Security as a default for all operations, which log-in takes back.
SECURE_BY_DEFAULT = {
    "      security:\n        - Bearer: []\n": "",
    "\npaths:\n": "\nsecurity:\n  - Bearer: []\npaths:\n",
}


@pytest.fixture(scope="session")
def packages(tmp_path_factory) -> Iterator[Path]:
    """A folder on the path, with what the bare tool and our own generator make of two contracts."""
    from generator import generate as generator

    folder = tmp_path_factory.mktemp("packages")
    by_default = folder / "by_default.yaml"
    by_default.write_text(edited(*SECURE_BY_DEFAULT.items()), encoding="utf-8")

    bare = [Path(sys.executable).with_name("openapi-python-client"), "generate", "--meta", "none"]
    for name, path in {"stock": CONTRACT, "stock_by_default": by_default}.items():
        subprocess.run(
            # As anybody would call it: no settings, no templates.
            [*bare, "--path", path, "--output-path", folder / name],
            env={**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"},
            cwd=folder,
            capture_output=True,
            timeout=60,
            check=True,
        )
    assert generator.main(["--contract", str(by_default), "--output", str(folder / "ours_by_default")]) == 0
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))
