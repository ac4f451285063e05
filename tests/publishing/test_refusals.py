"""Conditions that stop publishing before anything is uploaded."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

SOME_CHECKS = 'or ["drift", "version", "changelog"]'  # See Project.


@pytest.fixture
def empty(serve, tmp_path):
    """The URLs of an index without files."""
    folder = tmp_path / "index"
    folder.mkdir()
    url, _ = serve(folder)
    return f"--index={url}/", f"--simple={url}/simple/"


def publish(project, *arguments, tools="none"):
    told = {
        "UV_PUBLISH_PASSWORD": "secret",
        "PYTEST_XDIST_AUTO_NUM_WORKERS": "1",
        "PYTEST_ADDOPTS": "-p no:schemathesis",
    }
    done = project.script("publish.py", *arguments, f"--tools={tools}", **told)
    assert "Traceback" not in done.stderr
    assert "is published" not in done.stdout
    return done


def test_an_unusable_url_is_one_line(untouched):
    done = publish(untouched, "--index=https://me:pw@a.example/", "--simple=https://a.example/")

    assert done.returncode == 1
    assert done.stderr.startswith("publish: the URL of a.example holds credentials")
    assert "pw" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_uncommitted_changes_are_refused(project, empty):
    project.edit("README.md", "# ", "# A changed ")

    done = publish(project, *empty)

    assert done.returncode == 1
    assert done.stderr == "publish: commit or revert first: README.md\n"


def test_an_untracked_file_is_refused(project, empty):
    (project.folder / "src" / "pacerpro_mock" / "new.py").touch()

    assert publish(project, *empty).stderr == "publish: commit or revert first: src/pacerpro_mock/new.py\n"


def test_a_stale_client(project, empty):
    project.edit("generated/pacerpro_client/errors.py", '"""', '"""By hand: ')
    project.commit()

    done = publish(project, *empty)

    assert done.returncode == 1
    assert done.stderr == "publish: a check fails: see above\n"
    assert "FAIL  drift" in done.stdout


def test_a_break_without_its_version(project, empty):
    project.edit("tests/api.txt", 'response Session.expiresAt: {"required"', 'response Session.expiresAt: {"optional"')
    project.commit()

    done = publish(project, *empty)

    assert done.returncode == 1
    assert "all checks pass" not in done.stdout, "the version is looked at before the checks"
    assert "break: response Session.expiresAt: may be absent now (asks for version 4.0.0)" in done.stderr


def test_a_changelog_without_the_version_is_refused(project, empty):
    project.edit("openapi.yaml", "version: 3.1.4", "version: 4.0.0")
    project.edit("scripts/check.py", SOME_CHECKS, 'or ["changelog"]')
    (project.folder / "tests" / "api-released.txt").write_text("nothing is released yet\n")
    project.commit()

    assert "the newest entry is 3.1.4, and openapi.yaml makes 4.0.0" in publish(project, *empty).stdout


def test_a_failing_test_stops_a_release_before_the_build(project, empty):
    for file in (project.folder / "tests").rglob("*.py"):
        file.unlink()
    project.edit("scripts/check.py", SOME_CHECKS, 'or ["changelog"]')
    (project.folder / "tests" / "test_wrong.py").write_text("def test_wrong():\n    assert 1 == 2\n")
    project.commit()

    done = publish(project, *empty, "--build-twice")

    assert (done.returncode, done.stderr.splitlines()[-1]) == (1, "publish: a test fails: see above")
    assert "1 failed" in done.stdout
    assert not (project.folder / "dist").exists()
    assert "built" not in done.stdout


def test_the_index_is_looked_at_before_anything_takes_long(project):
    project.edit("generated/pacerpro_client/errors.py", '"""', '"""By hand: ')
    project.commit()

    done = publish(project, "--index=http://127.0.0.1:9/", "--simple=http://127.0.0.1:9/simple/")

    assert done.returncode == 1
    assert done.stderr.startswith("publish: http://127.0.0.1:9/simple/pacerpro-client/ cannot be reached: ")


@pytest.mark.parametrize(
    ("there", "record", "complaint"),
    [
        (
            "4.0.0",
            None,
            "is 4.0.0 on {}, and 3.1.4 in tests/api-released.txt. Check the URL. If it is right: git show v4.0",
        ),
        (
            None,
            None,
            "is none on {}, and 3.1.4 in tests/api-released.txt. Check the URL. If it is right: put into the ",
        ),
        ("4.0.0", "nothing is released yet\n", "is 4.0.0 on {}, and none in tests/api-released.txt. "),
    ],
)
def test_the_record_must_be_of_the_last_release_of_the_index(project, empty, tmp_path, there, record, complaint):
    if there:
        (tmp_path / "index" / "simple" / "pacerpro-client").mkdir(parents=True)
        (tmp_path / "index" / "simple" / "pacerpro-client" / f"pacerpro_client-{there}.tar.gz").touch()
    project.edit("openapi.yaml", "version: 3.1.4", "version: 4.0.1")
    project.edit("CHANGELOG.md", "## [3.1.4]", "## [4.0.1] - 2030-01-02\n\n- A break.\n\n## [3.1.4]")
    if record:
        (project.folder / "tests" / "api-released.txt").write_text(record)
    project.commit()

    done = publish(project, *empty)

    assert done.returncode == 1
    assert complaint.format(empty[1].removeprefix("--simple=")) in done.stderr
    assert "all checks pass" not in done.stdout


def test_a_missing_record_is_one_line(project, empty):
    (project.folder / "tests" / "api-released.txt").unlink()
    project.commit()

    assert publish(project, *empty).stderr.startswith("publish: tests/api-released.txt is missing")


class Fallback(BaseHTTPRequestHandler):
    """Redirects to another index, as pypiserver does for a project that it does not have."""

    def do_GET(self):
        self.send_response(303)
        self.send_header("Location", "http://127.0.0.1:9/simple/pacerpro-client/")
        self.end_headers()

    def log_message(self, *arguments):
        """Say nothing."""


def test_an_index_that_falls_back_is_refused(untouched):
    with ThreadingHTTPServer(("127.0.0.1", 0), Fallback) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        done = publish(untouched, f"--index={url}", f"--simple={url}simple/")
        server.shutdown()

    assert done.returncode == 1
    assert "redirects (303)" in done.stderr
    assert "--disable-fallback" in done.stderr
