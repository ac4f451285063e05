"""The suite against Prism, which was written by others: what it finds is the table in docs/conformance.md."""

import re
import socket
import subprocess
import time
from fnmatch import fnmatchcase
from xml.etree import ElementTree as ET

import pytest
from conftest import ROOT

from pacerpro_conformance import cli

DOCUMENT = ROOT / "docs" / "conformance.md"
PRISM = ROOT / "node_modules" / ".bin" / "prism"
USERS = ["--user=ada@example.com:correct horse", "--user=grace@example.com:battery staple"]

pytestmark = [
    pytest.mark.mutants,
    pytest.mark.timeout(300),
    pytest.mark.skipif(not PRISM.exists(), reason="Prism is not installed: `make mutants` does it where node is"),
]


@pytest.fixture(scope="module", autouse=True)
def version():
    """Prism's version."""
    done = subprocess.run([PRISM, "--version"], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.strip()


@pytest.fixture(scope="module")
def prism(version):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = [PRISM, "mock", str(ROOT / "openapi.yaml"), "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def wait_for(port):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    pytest.fail("Prism has not started within a minute")


@pytest.fixture(scope="module")
def cases(prism, tmp_path_factory):
    junit = tmp_path_factory.mktemp("prism") / "report.xml"
    # Without a secret: Prism signs nothing, and its token is an example.
    assert cli.main(["--url", prism, *USERS, "--junit", str(junit)]) == 1
    return list(ET.parse(junit).iter("testcase"))  # noqa: S314 - the suite has just written it


@pytest.fixture(scope="module")
def failed(cases):
    return {case.get("name") for case in cases if case.find("failure") is not None}


def documented():
    """The patterns in the first column of the table."""
    section = DOCUMENT.read_text("utf-8").partition("## What it finds in a stateless mock")[2]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return {pattern for row in rows for pattern in re.findall(r"`([^`]+)`", row)}


def test_the_table_is_of_this_version(version):
    assert f"Prism {version} " in DOCUMENT.read_text("utf-8")


def test_the_document_counts_right(cases, failed):
    ran = [case for case in cases if case.find("skipped") is None]
    assert f"it fails {len(failed)} of {len(ran)} checks" in DOCUMENT.read_text("utf-8")


def test_what_it_finds_is_in_the_table(failed):
    assert {name for name in failed if not any(fnmatchcase(name, pattern) for pattern in documented())} == set()


def test_what_is_in_the_table_is_found(failed):
    assert {pattern for pattern in documented() if not any(fnmatchcase(name, pattern) for name in failed)} == set()
