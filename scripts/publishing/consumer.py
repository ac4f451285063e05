"""Act as a consumer: a program with its own environment that pins the client and logs in against the mock."""

import sys
import tempfile
from pathlib import Path

from generator.programs import Stopped, run

from publishing.package_index import Index

# It names no operation and no model: those are the contract's.
PROGRAM = """\
from importlib.metadata import version
import pacerpro_client
from pacerpro_client import SessionAuth
from pacerpro_mock import MockServer

with MockServer({"ada@example.com": "secret"}) as server:
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
    source = f" @ {wheel.resolve().as_uri()}" if wheel else f"=={version}"
    # uv takes what the first index has from there alone. A cached page of it does not list what was just published.
    options = ["--with", f"pacerpro-client[mock]{source}", "--index", f"internal={index.simple}"]
    options += ["--refresh-package", "pacerpro-client", "--python", sys.executable, "--no-python-downloads"]
    options += ["--no-config", "--no-project", "--isolated"]
    names = ("UV_INDEX_INTERNAL_USERNAME", "UV_INDEX_INTERNAL_PASSWORD")
    told = {"PYTHONPATH": "", "PYTHONHOME": "", "VIRTUAL_ENV": "", **dict(zip(names, index.reader or (), strict=False))}
    with tempfile.TemporaryDirectory() as folder:
        said = run(uv, "run", "--quiet", *options, "python", "-c", PROGRAM, folder=Path(folder), env=told)
    if said != version:
        raise Stopped(f"the version that was installed says that it is {said}")
