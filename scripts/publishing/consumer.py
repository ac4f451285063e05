"""Act as a consumer: a program with its own environment that pins the client and logs in against the mock."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from publishing.package_index import Index
from publishing.programs import Stopped, run

# A script with its dependencies, as uv reads them. `explicit`: uv asks this index for this package only.
# It names no operation and no model: those are the contract's.
PROGRAM = """\
# /// script
# requires-python = ">=3.11"
# dependencies = ["pacerpro-client[mock]=={version}"]
# [tool.uv.sources]
# pacerpro-client = {source}
# [[tool.uv.index]]
# name = "internal"
# url = "{simple}"
# explicit = true
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


def log_in(uv: Path, version: str, index: Index, wheel: Path | None = None) -> None:
    """Install a version from an index, or from a wheel that is not published yet, into an empty environment; log in.

    Raises:
        Stopped: It cannot be installed, or logging in fails.
    """
    source = f'{{ path = "{wheel.resolve()}" }}' if wheel else '{ index = "internal" }'
    names = ("UV_INDEX_INTERNAL_USERNAME", "UV_INDEX_INTERNAL_PASSWORD")
    user = dict(zip(names, index.reader or (), strict=False))
    # A cached page of the index does not list what was just published.
    options = ["--quiet", "--no-config", "--isolated", "--refresh-package", "pacerpro-client", "--no-python-downloads"]
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "program.py"
        program.write_text(PROGRAM.format(version=version, source=source, simple=index.simple), encoding="utf-8")
        clean = {"PYTHONPATH": "", "PYTHONHOME": "", "VIRTUAL_ENV": ""}
        options += ["--python", sys.executable, "--script", str(program)]
        said = run(uv, "run", *options, folder=Path(folder), env={**clean, **user})
    if said != version:
        raise Stopped(f"the version that was installed says that it is {said}")
