"""The built wheel: what is in it, and that it works where nothing else of the project is."""

from __future__ import annotations

import re
import subprocess
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest

import pacerpro_client
from pacerpro_mock import MockServer

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = (ROOT / "openapi.yaml").read_text(encoding="utf-8")
VERSION = pacerpro_client.__version__
INFO = f"pacerpro_client-{VERSION}.dist-info"
FOLDERS = {
    "pacerpro_cli": "src",
    "pacerpro_client": "generated",
    "pacerpro_conformance": "src",
    "pacerpro_mock": "src",
    "pacerpro_runtime": "src",
}

USER = """
import asyncio, sys
from pathlib import Path
import httpx
import pacerpro_client
from pacerpro_client import Client, SessionAuth, errors
from pacerpro_client.api.authentication import session_create, session_delete, session_refresh
from pacerpro_client.models import User

home, url, email, password = sys.argv[1:]
assert Path(pacerpro_client.__file__).is_relative_to(home), pacerpro_client.__file__

with Client(url) as client:
    session = session_create.sync(client=client, body=User(email=email, password=password))
with Client(url, auth=session.jwt_token) as client:
    session_refresh.sync(client=client)

async def log_out():
    async with Client(url, auth=session.jwt_token) as client:
        await session_delete.asyncio(client=client)

asyncio.run(log_out())
with Client(url, auth=session.jwt_token) as client:
    try:
        session_refresh.sync(client=client)
    except errors.Unauthorized as error:
        print(error)

with httpx.Client(auth=SessionAuth(email=email, password=password, base_url=url)) as api:
    print(api.get(f"{url}/session").status_code)
"""


def test_it_works_in_an_environment_of_its_own_outside_the_tree(python, tmp_path):
    (tmp_path / "program.py").write_text(USER)

    with MockServer({"ada@example.com": "secret"}) as server:
        done = subprocess.run(
            # Isolated: neither this folder nor PYTHONPATH is on the path.
            [python, "-I", "-W", "error", "program.py", python.parents[1], server.url, "ada@example.com", "secret"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        f"401 Unauthorized from GET {server.url}/session: Token invalid or expired",
        "200",
    ]


@pytest.mark.parametrize("module", ["pytest", "starlette", "uvicorn", "openapi_python_client", "trio", "yaml"])
def test_the_environment_has_only_what_the_wheel_requires(python, module):
    done = subprocess.run([python, "-I", "-c", f"import {module}"], capture_output=True, text=True, check=False)

    assert f"No module named '{module}'" in done.stderr


def test_the_mock_can_be_imported_without_its_extra(python):
    # pytest imports it for its plug-in in every environment.
    done = subprocess.run([python, "-I", "-c", "import pacerpro_mock"], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def listed(*folders):
    """The files of the tree that are, or would be, committed."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *folders]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return {name for name in names if name and (ROOT / name).exists()}


def test_the_sdist_contains_what_the_wheel_is_built_from_only(sdist):
    files = ("openapi.yaml", "LICENSE", "README.md", "CHANGELOG.md", "pyproject.toml")
    with tarfile.open(sdist) as archive:
        found = {each.name.partition("/")[2]: archive.extractfile(each).read() for each in archive if each.isfile()}
    # What the builder adds by itself.
    del found["PKG-INFO"], found[".gitignore"]

    assert found == {name: (ROOT / name).read_bytes() for name in listed("generated", "src", *files)}


def test_the_wheel_contains_the_packages_and_the_contract_only(wheel):
    source = {name.partition("/")[2] for name in listed("generated", "src")}
    source = {name for name in source if name.partition("/")[0] in FOLDERS}

    names = {name for name in ZipFile(wheel).namelist() if not name.startswith(f"{INFO}/")}

    assert names - source == {"pacerpro_mock/openapi.yaml"}
    assert source - names == set()
    assert {f"{package}/py.typed" for package in FOLDERS} <= names
    assert ZipFile(wheel).read("pacerpro_mock/openapi.yaml") == CONTRACT.encode()


def test_the_metadata_of_the_wheel(wheel, metadata):
    about = metadata.metadata

    assert wheel.name == f"pacerpro_client-{VERSION}-py3-none-any.whl"
    assert (about["Name"], about["Version"], about["Requires-Python"]) == ("pacerpro-client", VERSION, ">=3.11")
    assert about["License-Expression"] == "Apache-2.0"
    assert {"Typing :: Typed", "Private :: Do Not Upload"} <= set(about.get_all("Classifier"))
    assert about["Description-Content-Type"] == "text/markdown"
    assert about.get_payload().startswith("# pacerpro-client")
    assert about["Author"]
    assert about["Summary"]
    assert {"Home-page", "Project-URL", "Download-URL"}.isdisjoint(about)
    assert f"{INFO}/licenses/LICENSE" in ZipFile(wheel).namelist()
    needed = sorted(re.match(r"[\w-]+", each)[0] for each in metadata.requires if "extra ==" not in each)
    assert {"attrs", "httpx", "httpx-retries"} <= set(needed)
    assert len(needed) <= 7
    assert {(each.name, each.value) for each in metadata.entry_points if each.group == "console_scripts"} == {
        ("pacerpro", "pacerpro_cli:main"),
        ("pacerpro-conformance", "pacerpro_conformance.cli:main"),
        ("pacerpro-mock", "pacerpro_mock.cli:main"),
    }


def test_the_contract_the_client_and_the_distribution_have_one_version(metadata):
    contract = re.search(r"^  version: (\S+)$", CONTRACT, re.MULTILINE)[1]

    assert re.fullmatch(rf"{re.escape(contract)}(\.post\d+)?", VERSION)
    assert metadata.version == VERSION
