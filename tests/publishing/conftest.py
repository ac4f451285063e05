"""What the tests of building and publishing share: a project to damage, and two real indexes on loopback."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
USER, PASSWORD = "uploader", "correct horse"

# Writes a file of users for pypiserver.
ONE_USER = """
import sys
from passlib.apache import HtpasswdFile
file = HtpasswdFile(sys.argv[1], new=True)
file.set_password(*sys.argv[2:])
file.save()
"""

VERSION = "3.1.4"  # of the tests' own contract

# Publishing runs all checks; these concern what is published.
ALL_CHECKS, SOME_CHECKS = "or list(CHECKS)", 'or ["drift", "version", "changelog"]'


@pytest.fixture(scope="session")
def tools():
    """The folder of the programs that publish and that serve."""
    folder = Path(f"{sys.prefix}-publish") / "bin"
    if not (folder / "uv").exists():
        pytest.fail(f"{folder} has no uv: `make rehearsal` makes it")
    return folder


class Project:
    """A repository with the code of this one and a contract of its own, which it has released."""

    def __init__(self, folder: Path, model: Path | None = None) -> None:
        self.folder = folder
        if model:
            shutil.copytree(model, folder)
            return
        names = self.run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", folder=ROOT).stdout
        for name in filter(None, names.split("\0")):
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, folder / name)
        shutil.copyfile(ROOT / "tests" / "sample_contracts" / "session.yaml", folder / "openapi.yaml")
        (folder / "CHANGELOG.md").write_text(f"# Changelog\n\n## [{VERSION}] - 2030-01-01\n\n- Everything.\n")
        self.edit("scripts/check.py", ALL_CHECKS, SOME_CHECKS)
        assert self.script("generate.py").returncode == 0
        shutil.copyfile(folder / "tests" / "api.txt", folder / "tests" / "api-released.txt")
        self.run("git", "init", "--quiet")
        self.commit()

    def run(self, *command: str | Path, folder: Path | None = None, **environment: str):
        return subprocess.run(
            [str(each) for each in command],
            cwd=folder or self.folder,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.folder / name).read_text()
        assert old in text
        (self.folder / name).write_text(text.replace(old, new, 1))

    def commit(self) -> None:
        self.run("git", "add", "--all")
        author = {f"GIT_{who}_{what}": "a@b.example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        done = self.run("git", "commit", "--quiet", "--allow-empty", "-m", "A state", **author)
        assert done.returncode == 0, done.stderr

    def script(self, name: str, *arguments: str | Path, **environment: str):
        return self.run(sys.executable, self.folder / "scripts" / name, *arguments, **environment)


@pytest.fixture(scope="session")
def untouched(tmp_path_factory):
    """A project for tests that change nothing."""
    return Project(tmp_path_factory.mktemp("untouched") / "project")


@pytest.fixture(scope="session")
def built(untouched, tmp_path_factory):
    """A project that is built, for tests that change nothing."""
    project = Project(tmp_path_factory.mktemp("built") / "project", untouched.folder)
    done = project.script("build.py", TZ="UTC")
    assert done.returncode == 0, done.stderr
    return project


@pytest.fixture
def project(tmp_path, untouched):
    """A project to damage."""
    return Project(tmp_path / "project", untouched.folder)


@dataclass
class Index:
    """A running index, by the URLs that publishing takes."""

    upload: str
    simple: str
    packages: Path | None = None

    def publish(self, project: Project, tools: Path, *arguments: str, **environment: str):
        kept = {"NETRC": "/nonexistent", "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
        return project.script(
            "publish.py",
            f"--index={self.upload}",
            f"--simple={self.simple}",
            f"--tools={tools}",
            "--no-tests",
            *arguments,
            **{**kept, "UV_PUBLISH_USERNAME": USER, "UV_PUBLISH_PASSWORD": PASSWORD, **environment},
        )

    def files(self) -> list[str]:
        page = httpx.get(f"{self.simple}pacerpro-client/", headers={"Accept": "text/html"}, timeout=30).text
        return sorted(re.findall(r">\s*(pacerpro_client-[^<\s]+)\s*<", page))


class Files(SimpleHTTPRequestHandler):
    """Gives out files, and notes who asks."""

    def do_GET(self):
        self.server.seen.append((self.path, self.headers["Authorization"]))
        super().do_GET()

    def log_message(self, *arguments):
        """Say nothing."""


@pytest.fixture
def serve(tmp_path):
    """Start a server of a folder, and return its URL and what was asked of it."""
    servers = []

    def start(folder):
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=folder))
        server.seen = []
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}", server.seen

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_for(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            httpx.get(url, timeout=5)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"{url} does not answer: {log.read_text()}")


def running(command: list[str], url: str, folder: Path):
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, stdout=output, stderr=output)
    try:
        wait_for(process, url, log)
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture
def pypiserver(tools, tmp_path_factory):
    """pypiserver, which lets everybody read and one user upload."""
    folder, port = tmp_path_factory.mktemp("pypiserver"), free_port()
    (folder / "packages").mkdir()
    subprocess.run([tools / "python", "-c", ONE_USER, folder / "users", USER, PASSWORD], timeout=60, check=True)
    url = f"http://127.0.0.1:{port}/"
    command = [tools / "pypi-server", "run", "-i", "127.0.0.1", "-p", str(port), "--disable-fallback"]
    command += ["-P", folder / "users", "-a", "update", folder / "packages"]
    # (With the fallback on it redirects to another index: see test_an_index_that_falls_back_is_refused.)
    for _ in running([str(each) for each in command], url, folder):
        yield Index(url, f"{url}simple/", folder / "packages")


@pytest.fixture
def devpi(tools, tmp_path_factory):
    """devpi, with an index of one user that keeps what it has."""
    folder, port = tmp_path_factory.mktemp("devpi"), free_port()
    data = str(folder / "data")
    setup = [tools / "devpi-init", "--serverdir", data, "--no-root-pypi", "--root-passwd", PASSWORD]
    subprocess.run(setup, capture_output=True, timeout=60, check=True)
    url = f"http://127.0.0.1:{port}"
    command = [tools / "devpi-server", "--serverdir", data, "--host", "127.0.0.1", "--port", str(port)]
    for _ in running([str(each) for each in command], f"{url}/+api", folder):
        with httpx.Client(base_url=url, timeout=30) as client:
            client.put(f"/{USER}", json={"password": PASSWORD}).raise_for_status()
            login = client.post("/+login", json={"user": USER, "password": PASSWORD}).raise_for_status()
            token = login.json()["result"]["password"]
            made = client.put(f"/{USER}/internal", json={"bases": [], "volatile": False}, auth=(USER, token))
            made.raise_for_status()
        yield Index(f"{url}/{USER}/internal/", f"{url}/{USER}/internal/+simple/")


@pytest.fixture(params=["pypiserver", "devpi"])
def server(request):
    return request.getfixturevalue(request.param)
