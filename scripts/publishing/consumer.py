"""Act as a consumer: a project with its own environment that pins the client and logs in against the mock."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from publishing.credentials import Credentials

TIME_LIMIT = 300  # seconds to install and to log in

PROJECT = """\
[project]
name = "consumer"
version = "1"
requires-python = ">=3.11"
dependencies = ["pacerpro-client[mock]=={version}"]

[tool.uv.sources]
pacerpro-client = {source}
{index}"""

# `explicit`: uv asks this index for this package only.
INDEX = """
[[tool.uv.index]]
name = "internal"
url = "{simple}"
explicit = true
"""

# Without the name of an operation or a model: those are the contract's.
PROGRAM = """\
from importlib.metadata import version
from pathlib import Path
import pacerpro_client
from pacerpro_client import SessionAuth
from pacerpro_mock import MockServer

with MockServer({"ada@example.com": "secret"}) as server:
    auth = SessionAuth(email="ada@example.com", password="secret", base_url=server.url)
    auth.login()
    auth.logout()
    assert [(each.method, each.status) for each in server.requests] == [("POST", 200), ("DELETE", 200)]
assert version("pacerpro-client") == pacerpro_client.__version__
print(pacerpro_client.__version__, Path(pacerpro_client.__file__).parent)
"""


class ConsumerError(Exception):
    """The distribution cannot be installed or used. The message is for the user."""


def log_in_from_index(tools: Path, version: str, simple: str, credentials: Credentials | None, python: str) -> None:
    """Install a version from an index into an empty environment, and log in.

    Raises:
        ConsumerError: One of the two fails.
    """
    user = {
        f"UV_INDEX_INTERNAL_{name}": each
        for name, each in zip(("USERNAME", "PASSWORD"), credentials or (), strict=False)
    }
    project = PROJECT.format(version=version, source='{ index = "internal" }', index=INDEX.format(simple=simple))
    _log_in(tools, project, version, user, python)


def log_in_from_wheel(tools: Path, version: str, wheel: Path, python: str) -> None:
    """Do the same with a wheel that is not published yet.

    Raises:
        ConsumerError: It cannot be installed, or logging in fails.
    """
    source = f'{{ path = "{wheel.resolve()}" }}'
    _log_in(tools, PROJECT.format(version=version, source=source, index=""), version, {}, python)


def _log_in(tools: Path, project: str, version: str, user: dict[str, str], python: str) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "pyproject.toml").write_text(project, encoding="utf-8")
        (Path(folder) / "program.py").write_text(PROGRAM, encoding="utf-8")
        uv = str(tools / "uv")
        # A cached page of the index does not list what was just published.
        sync = [uv, "sync", "--quiet", "--python", python, "--refresh-package", "pacerpro-client"]
        _run([*sync, "--no-python-downloads"], folder, {**kept, **user})
        said = _run([uv, "run", "--no-sync", "program.py"], folder, kept)
    if not said.startswith(f"{version} {folder}"):
        raise ConsumerError(f"the version that was installed says that it is {said.strip()}")


def _run(command: list[str], folder: str, environment: dict[str, str]) -> str:
    try:
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, timeout=TIME_LIMIT, check=False
        )
    except subprocess.TimeoutExpired:
        raise ConsumerError(f"{' '.join(command[1:3])} took more than {TIME_LIMIT} s") from None
    if done.returncode:
        raise ConsumerError(f"{' '.join(command[1:3])} failed:\n{done.stdout}{done.stderr}".rstrip())
    return done.stdout
