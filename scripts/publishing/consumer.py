"""Act as a consumer: a program with its own environment that pins the client and logs in against the mock."""

from __future__ import annotations

import tempfile
from pathlib import Path

from publishing.programs import Stopped, run

# A script with its dependencies, as uv reads them. `explicit`: uv asks this index for this package only.
# It names no operation and no model: those are the contract's.
PROGRAM = """\
# /// script
# requires-python = ">=3.11"
# dependencies = ["pacerpro-client[mock]=={version}"]
# [tool.uv.sources]
# pacerpro-client = {source}
{index}
# ///
from importlib.metadata import version
import pacerpro_client
from pacerpro_client import SessionAuth
from pacerpro_mock import MockServer

with MockServer({{"ada@example.com": "secret"}}) as server:
    auth = SessionAuth(email="ada@example.com", password="secret", base_url=server.url)
    auth.login()
    auth.logout()
    assert [(each.method, each.status) for each in server.requests] == [("POST", 200), ("DELETE", 200)]
assert version("pacerpro-client") == pacerpro_client.__version__
print(pacerpro_client.__version__, end="")
"""
INDEX = """\
# [[tool.uv.index]]
# name = "internal"
# url = "{simple}"
# explicit = true"""


def log_in_from_index(uv: Path, python: str, version: str, simple: str, credentials: tuple[str, str] | None) -> None:
    """Install a version from an index into an empty environment, and log in.

    Raises:
        Stopped: One of the two fails.
    """
    names = ("UV_INDEX_INTERNAL_USERNAME", "UV_INDEX_INTERNAL_PASSWORD")
    program = PROGRAM.format(version=version, source='{ index = "internal" }', index=INDEX.format(simple=simple))
    _log_in(uv, python, version, program, dict(zip(names, credentials or (), strict=False)))


def log_in_from_wheel(uv: Path, python: str, version: str, wheel: Path) -> None:
    """Do the same with a wheel that is not published yet.

    Raises:
        Stopped: It cannot be installed, or logging in fails.
    """
    program = PROGRAM.format(version=version, source=f'{{ path = "{wheel.resolve()}" }}', index="#")
    _log_in(uv, python, version, program, {})


def _log_in(uv: Path, python: str, version: str, program: str, user: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "program.py"
        file.write_text(program, encoding="utf-8")
        # A cached page of the index does not list what was just published.
        options = ["--quiet", "--no-config", "--isolated", "--refresh-package", "pacerpro-client"]
        clean = {"PYTHONPATH": "", "PYTHONHOME": "", "VIRTUAL_ENV": ""}
        options += ["--no-python-downloads", "--python", python, "--script", str(file)]
        said = run(uv, "run", *options, folder=Path(folder), env={**clean, **user})
    if said != version:
        raise Stopped(f"the version that was installed says that it is {said}")
