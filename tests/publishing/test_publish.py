"""What `make publish` promises, against two real indexes."""

import re
import stat
import threading
from contextlib import closing
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

pytestmark = [pytest.mark.publish, pytest.mark.timeout(900)]

FILES = ["pacerpro_client-3.1.4-py3-none-any.whl", "pacerpro_client-3.1.4.tar.gz"]
BILL = "pacerpro_client-3.1.4.cdx.json"
RUNTIME = "src/pacerpro_runtime/__init__.py"


def steps(done):
    """What publishing says itself, without the line of each check."""
    return [line for line in done.stdout.splitlines() if not line.startswith("ok  ")]


def test_the_life_of_a_version(project, server, tools):
    rehearsed = server.publish(project, tools, "--dry-run")
    assert rehearsed.returncode == 0, rehearsed.stderr
    assert "nothing was uploaded" in rehearsed.stdout
    assert server.files() == []

    first = server.publish(project, tools)
    assert first.returncode == 0, first.stderr
    assert steps(first) == [
        "the tree is clean",
        f"credentials for {server.upload}: found",
        "3.1.4 may follow what the index has: nothing",
        "all checks pass",
        f"built {' and '.join([FILES[0], BILL, FILES[1]])}",
        f"{server.upload} has {' and '.join(FILES)}, with this content",
        f"pacerpro-client 3.1.4 is published: installed from {server.simple}, it logs in",
        "tests/api-released.txt holds the public API for the next comparison. Left to type:",
        "  git tag v3.1.4",
    ]
    assert server.files() == FILES

    assert project.run("git", "tag", "v3.1.4").returncode == 0
    again = server.publish(project, tools, UV_PUBLISH_PASSWORD="")
    assert (again.returncode, again.stderr) == (0, "")
    assert steps(again)[5:] == [
        f"{server.upload} has {' and '.join(FILES)}, with this content",
        f"pacerpro-client 3.1.4 is published: installed from {server.simple}, it logs in",
    ]

    project.edit(RUNTIME, '"""', '"""Another text. ')
    project.commit()
    changed = server.publish(project, tools)
    assert changed.returncode == 1
    assert "the index has other files of this version: raise it" in changed.stderr
    assert "published" not in changed.stdout

    project.edit("openapi.yaml", "  version: 3.1.4\n", "  version: 3.1.4\n  x-rebuild: 1\n")
    project.edit("CHANGELOG.md", "## [3.1.4]", "## [3.1.4.post1] - 2030-01-01\n\n- A text.\n\n## [3.1.4]")
    assert project.script("generate.py").returncode == 0
    project.commit()
    rebuilt = server.publish(project, tools)
    assert rebuilt.returncode == 0, rebuilt.stderr
    assert "pacerpro-client 3.1.4.post1 is published" in rebuilt.stdout


def test_a_release_records_the_public_api(project, pypiserver, tools):
    released = project.folder / "tests" / "api-released.txt"
    assert pypiserver.publish(project, tools).returncode == 0
    project.edit("openapi.yaml", "  version: 3.1.4", "  version: 4.0.0")
    project.edit("openapi.yaml", "required: [jwtToken, expiresAt]", "required: [jwtToken]")
    project.edit("CHANGELOG.md", "## [3.1.4]", "## [4.0.0] - 2030-01-01\n\n- A break.\n\n## [3.1.4]")
    assert project.script("generate.py").returncode == 0
    project.commit()

    rehearsed = pypiserver.publish(project, tools, "--build-twice", "--dry-run")
    assert rehearsed.returncode == 0, rehearsed.stderr
    assert "version 3.1.4\n" in released.read_text()

    done = pypiserver.publish(project, tools, "--build-twice")
    assert done.returncode == 0, done.stderr
    assert "built again in a clone, it is the same, byte for byte\n" in done.stdout
    assert "pacerpro-client 4.0.0 is published" in done.stdout
    assert done.stdout.splitlines()[-2:] == [
        '  git commit -m "Release 4.0.0" -- tests/api-released.txt',
        "  git tag v4.0.0",
    ]
    assert released.read_text() == (project.folder / "tests" / "api.txt").read_text()

    # Before and after the commit of the record.
    for _ in range(2):
        again = pypiserver.publish(project, tools)
        assert again.returncode == 0, again.stderr
        assert "pacerpro_client-4.0.0.tar.gz, with this content\n" in again.stdout
        project.commit()


def test_a_break_is_found_even_if_the_record_is_old(project, pypiserver, tools):
    old = (project.folder / "tests" / "api-released.txt").read_text()
    assert pypiserver.publish(project, tools).returncode == 0
    project.edit("openapi.yaml", "  version: 3.1.4", "  version: 4.0.0")
    project.edit(
        "openapi.yaml",
        "        password:\n          desc",
        "        otp: {type: string}\n        password:\n          desc",
    )
    project.edit("CHANGELOG.md", "## [3.1.4]", "## [4.0.0] - 2030-01-01\n\n- A property.\n\n## [3.1.4]")
    assert project.script("generate.py").returncode == 0
    project.commit()
    assert pypiserver.publish(project, tools).returncode == 0

    (project.folder / "tests" / "api-released.txt").write_text(old)
    project.edit("openapi.yaml", "        otp: {type: string}\n", "")
    project.edit("openapi.yaml", "  version: 4.0.0", "  version: 4.0.1")
    project.edit("CHANGELOG.md", "## [4.0.0]", "## [4.0.1] - 2030-01-02\n\n- A break.\n\n## [4.0.0]")
    assert project.script("generate.py").returncode == 0
    project.commit()
    for arguments in (["--dry-run"], []):
        done = pypiserver.publish(project, tools, *arguments)
        assert done.returncode == 1
        assert "git show v4.0.0:tests/api.txt > tests/api-released.txt\n" in done.stderr

    new = project.run("git", "show", "HEAD~1:tests/api.txt").stdout
    (project.folder / "tests" / "api-released.txt").write_text(new)
    project.commit()
    done = pypiserver.publish(project, tools)
    assert done.returncode == 1
    assert "break: request User.otp: is gone (asks for version 5.0.0)\n" in done.stderr
    assert [name for name in pypiserver.files() if "4.0.1" in name] == []


def test_a_build_that_depends_on_the_day_is_not_released(project, pypiserver, tools):
    project.edit("scripts/publishing/build.py", '"1577836800"', "str(time.time_ns() // 10**9)")
    project.edit("scripts/publishing/build.py", "import tempfile\n", "import tempfile\nimport time\n")
    project.commit()

    done = pypiserver.publish(project, tools, "--build-twice")

    assert done.returncode == 1
    assert "comes out differently in a clone: the build is not reproducible" in done.stderr
    assert pypiserver.files() == []


def test_wrong_credentials(project, server, tools):
    done = server.publish(project, tools, UV_PUBLISH_PASSWORD="wrong horse")

    assert done.returncode == 1
    assert re.fullmatch(r"publish: http://\S+ refuses these credentials.*\b40[13].*\n", done.stderr)
    assert "wrong horse" not in done.stdout + done.stderr
    assert "published" not in done.stdout
    assert server.files() == []


def test_a_wrong_simple_url_is_named_after_the_upload(project, pypiserver, tools, serve, tmp_path):
    """The second run finds the files in place: the server refuses them, and SIMPLE does not show them."""
    (tmp_path / "empty").mkdir()
    elsewhere = type(pypiserver)(pypiserver.upload, f"{serve(tmp_path / 'empty')[0]}/simple/")

    first, second = (elsewhere.publish(project, tools) for _ in range(2))

    assert (first.returncode, second.returncode) == (1, 1)
    assert "the upload is done, but" in first.stderr
    for done in (first, second):
        assert "check that SIMPLE is the simple URL of the same index" in " ".join(done.stderr.split())
    assert pypiserver.files() == FILES
    assert pypiserver.publish(project, tools).returncode == 0


def test_credentials_from_netrc_and_from_a_keyring(project, pypiserver, tools, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text(f"machine 127.0.0.1 login uploader password {'correct horse'!r}\n".replace("'", '"'))
    netrc.chmod(stat.S_IRUSR | stat.S_IWUSR)
    nothing = {"UV_PUBLISH_USERNAME": "", "UV_PUBLISH_PASSWORD": ""}
    # A keyring that knows one password, as a program of the same name.
    keyring = tmp_path / "tools" / "keyring"
    keyring.parent.mkdir()
    keyring.write_text(f'#!/bin/sh\n[ "$*" = "get {pypiserver.upload} uploader" ] && echo "correct horse"\n')
    keyring.chmod(0o755)
    for name in ("uv", "twine", "check-wheel-contents"):
        (keyring.parent / name).symlink_to(tools / name)

    refused = pypiserver.publish(project, tools, **nothing)
    from_keyring = pypiserver.publish(project, keyring.parent, **nothing | {"UV_PUBLISH_USERNAME": "uploader"})
    for file in pypiserver.packages.iterdir():
        file.unlink()
    from_netrc = pypiserver.publish(project, tools, **nothing, NETRC=str(netrc))

    assert (refused.returncode, from_keyring.returncode, from_netrc.returncode) == (1, 0, 0), from_netrc.stderr


class Dying(BaseHTTPRequestHandler):
    """Passes everything on to an index, but lets the second upload end in the middle of its body."""

    index = ""
    uploads = 0

    def do_GET(self):
        self.forward(b"")

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        type(self).uploads += 1
        if self.uploads == 1:
            self.forward(self.rfile.read(length))
        else:
            self.rfile.read(length // 2)
            self.close_connection = True

    def forward(self, body):
        with closing(HTTPConnection(urlsplit(self.index).netloc, timeout=30)) as connection:
            connection.request(self.command, self.path, body or None, dict(self.headers))
            answer = connection.getresponse()
            content = answer.read()
        self.send_response(answer.status)
        for name in ("Content-Type", "WWW-Authenticate", "Location"):
            if value := answer.getheader(name):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments):
        """Say nothing."""


def test_an_upload_that_broke_off_can_be_continued(project, server, tools):
    handler = type("Handler", (Dying,), {"index": server.upload, "uploads": 0})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        here = f"http://127.0.0.1:{proxy.server_port}"
        dying = type(server)(server.upload.replace(_origin(server.upload), here), server.simple)
        done = dying.publish(project, tools, UV_HTTP_RETRIES="0")
        proxy.shutdown()

    assert done.returncode == 1
    assert "the upload failed, perhaps half-way" in done.stderr
    assert "published" not in done.stdout
    assert len(server.files()) == 1

    done = server.publish(project, tools)
    assert done.returncode == 0, done.stderr
    assert server.files() == FILES


def _origin(url):
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
