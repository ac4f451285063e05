"""A build is judged by what the index has given out before it, whatever the tree's own record says."""

import hashlib
import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from publishing.last_release import face, last_below, objections
from publishing.package_index import IndexProblem, digests, download
from versioning.api_listing import CURRENT, read

from .conftest import ROOT

OTP = "        otp: {type: string}\n"
PASSWORD_AT = "        password:\n          description: The user's password."


def wheel(folder, version, *, otp=False, name="pacerpro_client", contract="pacerpro_mock/openapi.yaml"):
    """What a build of the tree has in it, with a contract of its own."""
    text = (ROOT / "openapi.yaml").read_text()
    text = text.replace("version: 0.5.0", f"version: {version.partition('.post')[0]}")
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for package in ("generated/pacerpro_client", "src/pacerpro_mock", "src/pacerpro_runtime"):
            for file in (ROOT / package).rglob("*.py"):
                archive.write(file, file.relative_to((ROOT / package).parent))
        archive.writestr(contract, text.replace(PASSWORD_AT, OTP + PASSWORD_AT) if otp else text)
    return path


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


@pytest.fixture
def index(tmp_path, serve):
    """An index as a folder of files; what is put into the folder of the project, it has."""
    project = tmp_path / "simple" / "pacerpro-client"
    project.mkdir(parents=True)
    url, _ = serve(tmp_path)
    return project, f"{url}/simple"


def test_a_wheel_has_the_face_of_the_tree_that_it_is_built_from(project):
    assert project.script("build.py").returncode == 0
    built = next((project.folder / "dist").glob("*.whl"))

    assert face(built.read_bytes()) == read(CURRENT.read_text())


def test_a_break_since_the_last_release_of_the_index_is_refused(index, tmp_path):
    folder, simple = index
    wheel(folder, "0.5.0")
    wheel(folder, "0.6.0", otp=True)

    def judged(version, **options):
        return objections(wheel(tmp_path, version, **options), digests(simple, None), simple, None)

    gone = ["break: request User.otp: is gone (asks for version 0.7.0)"]
    assert judged("0.6.1") == ("0.6.0", gone)
    assert judged("0.6.0.post1") == ("0.6.0", gone)
    assert judged("0.7.0") == judged("0.6.1", otp=True) == judged("0.6.0.post1", otp=True) == ("0.6.0", [])
    # On a branch of what was there before, the release before counts.
    assert judged("0.5.1") == ("0.5.0", [])
    assert judged("0.5.1", otp=True)[1] == ["addition: request User.otp: is new (asks for version 0.6.0)"]


def test_the_first_release_of_all_has_nothing_to_keep_to(index, tmp_path):
    folder, simple = index
    built = wheel(tmp_path, "0.5.0")

    assert objections(built, digests(simple, None), simple, None) == (None, [])
    folder.rmdir()
    assert objections(built, digests(simple, None), simple, None) == (None, [])


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda folder: (folder / "pacerpro_client-0.6.0.tar.gz").touch(), "it has no wheel"),
        (lambda folder: wheel(folder, "0.6.0", contract="api.yaml"), "its wheel holds no contract"),
        (lambda folder: (folder / "pacerpro_client-0.6.0-py3-none-any.whl").touch(), "its wheel cannot be read: "),
    ],
)
def test_what_cannot_be_compared_counts_as_a_break(index, tmp_path, make, why):
    folder, simple = index
    make(folder)

    last, lines = objections(wheel(tmp_path, "0.6.1"), digests(simple, None), simple, None)

    assert (last, len(lines)) == ("0.6.0", 1)
    assert lines[0].startswith(f"break: 0.6.0: nobody can tell what it had: {why}")
    assert lines[0].endswith("(asks for version 0.7.0)")
    assert objections(wheel(tmp_path, "0.7.0"), digests(simple, None), simple, None) == ("0.6.0", [])


@pytest.mark.parametrize(
    ("version", "last"),
    [
        ("0.4.0", None),
        ("0.5.0", "0.4"),
        ("0.5.0.post1", "0.5.0"),
        ("0.5.1", "0.5.0.post2"),
        ("0.9.0", "0.5.0.post2"),
        ("0.10.0", "0.5.0.post2"),
        ("0.10.1", "0.10.0"),
    ],
)
def test_the_last_release_is_the_newest_one_below(version, last):
    there = ["pacerpro-client-0.4.zip", "pacerpro_client-0.10.0.tar.gz", "pacerpro_client-0.10.0-py3-none-any.whl"]
    there += [f"pacerpro_client-{each}.tar.gz" for each in ("0.5.0", "0.5.0.post2", "0.9.0rc1", "0.9.0.dev3")]

    found = last_below(version, [*there, "pacerpro_client-0.9.1.exe", "pacerpro_client.whl"])

    assert (str(found[0]) if found else None) == last
    assert not found or found[1] == (there[2] if last == "0.10.0" else None)


def test_an_index_that_gives_out_something_else_is_not_believed(index):
    folder, simple = index
    name = wheel(folder, "0.6.0").name
    digest = hashlib.sha256(b"another").hexdigest()
    (folder / "index.html").write_text(f'<a href="{name}#sha256={digest}">a file</a>')

    assert digests(simple, None) == {name: digest}
    with pytest.raises(IndexProblem, match="is not the file that the index speaks of"):
        download(name, simple, None)


def test_credentials_go_to_the_index_alone(index, serve, tmp_path):
    folder, simple = index
    elsewhere, seen = serve(tmp_path)
    name = wheel(tmp_path, "0.6.0").name
    (folder / "index.html").write_text(f'<a href="{elsewhere}/{name}">a file</a>')

    assert len(digests(simple, ("ada", "secret"))) == 1
    assert download(name, simple, ("ada", "secret"))
    assert seen == [(f"/{name}", None)] * 2
