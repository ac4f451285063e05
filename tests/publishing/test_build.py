"""What `make build` promises: the same bytes everywhere, and nothing in them that should not be."""

import json
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile

import pytest

WHEEL, SDIST = "pacerpro_client-3.1.4-py3-none-any.whl", "pacerpro_client-3.1.4.tar.gz"
BILL = "pacerpro_client-3.1.4.cdx.json"


def built(folder):
    return {file.name: file.read_bytes() for file in (folder / "dist").iterdir()}


def test_the_same_files_give_the_same_bytes_elsewhere(project, tmp_path):
    clone = tmp_path / "another place"
    command = [sys.executable, "scripts/build.py"]
    assert project.script("build.py", TZ="UTC").returncode == 0
    # Another commit, and none of its changes belong to a build: so it is after a release, when that is recorded.
    project.edit("tests/api-released.txt", "version 3.1.4", "version 3.1.3")
    project.commit()
    subprocess.run(["git", "clone", "--quiet", project.folder, clone], timeout=60, check=True, umask=0o027)
    (clone / "src" / "pacerpro_mock" / "__pycache__").mkdir()
    (clone / "src" / "pacerpro_mock" / "left_over.py").touch()
    (clone / "dist").mkdir()
    (clone / "dist" / "old.whl").touch()
    elsewhere = {"TZ": "Asia/Tokyo", "SOURCE_DATE_EPOCH": "1", "LANG": "C", "PYTHONHASHSEED": "7"}
    done = subprocess.run(command, cwd=clone, env=elsewhere, umask=0o077, capture_output=True, timeout=100, check=False)

    assert done.returncode == 0, done.stderr
    assert built(clone) == built(project.folder)
    assert sorted(built(clone)) == sorted([WHEEL, SDIST, BILL])


def test_the_files_in_it_are_the_packages_and_the_contract(project):
    assert project.script("build.py").returncode == 0

    with zipfile.ZipFile(project.folder / "dist" / WHEEL) as wheel:
        names = wheel.namelist()
        assert wheel.read("pacerpro_mock/openapi.yaml") == (project.folder / "openapi.yaml").read_bytes()
        assert len({info.date_time for info in wheel.infolist()}) == 1
    with tarfile.open(project.folder / "dist" / SDIST) as sdist:
        tops = {name.split("/")[1] for name in sdist.getnames()}
    assert {name.split("/")[0] for name in names} == {
        "pacerpro_cli",
        "pacerpro_client",
        "pacerpro_client-3.1.4.dist-info",
        "pacerpro_conformance",
        "pacerpro_mock",
        "pacerpro_runtime",
    }
    assert sum(name.endswith("openapi.yaml") for name in names) == 1
    assert tops == {
        ".gitignore",
        "CHANGELOG.md",
        "LICENSE",
        "PKG-INFO",
        "README.md",
        "generated",
        "openapi.yaml",
        "pyproject.toml",
        "src",
    }


def test_what_was_there_stays_until_there_is_something_better(project):
    (project.folder / "dist").mkdir()
    (project.folder / "dist" / "old.whl").touch()
    project.edit("pyproject.toml", 'readme = "README.md"', 'readme = "ABSENT.md"')

    done = project.script("build.py")

    assert done.returncode == 1
    assert "ABSENT.md" in done.stderr
    assert done.stderr.startswith("build: ")
    assert list(built(project.folder)) == ["old.whl"]


@pytest.mark.parametrize("day", ["", "2030-02-31"])
def test_a_changelog_without_a_date_cannot_be_built(project, day):
    text = (project.folder / "CHANGELOG.md").read_text()
    (project.folder / "CHANGELOG.md").write_text(re.sub(r"] - \d{4}-\d\d-\d\d", f"] - {day}", text))

    done = project.script("build.py")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "build: CHANGELOG.md has no entry of a version with its day: run make check\n"


def test_the_bill_of_materials_lists_what_is_needed_at_run_time(project):
    assert project.script("build.py").returncode == 0

    bill = json.loads(built(project.folder)[BILL])
    names = {each["name"] for each in bill["components"]}
    root = next(each for each in bill["dependencies"] if each["ref"] == "pkg:pypi/pacerpro-client@3.1.4")

    assert {"attrs", "httpx", "httpcore", "h11", "certifi", "idna"} <= names
    assert not {"pytest", "starlette", "pyjwt", "pacerpro-client"} & names
    assert {"pkg:pypi/anyio", "pkg:pypi/attrs", "pkg:pypi/httpx"} <= {each.split("@")[0] for each in root["dependsOn"]}
    assert all(each["licenses"] for each in bill["components"])


VALIDATE = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
print(JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read()))
"""


@pytest.mark.publish
@pytest.mark.timeout(300)
def test_twine_check_wheel_contents_and_cyclonedx_accept_the_build(project, tools):
    done = project.script("build.py", "--tools", tools)
    assert done.returncode == 0, done.stderr

    bill = project.folder / "dist" / BILL
    said = project.run(tools / "python", "-c", VALIDATE, bill)
    assert said.stdout == "None\n", said.stdout + said.stderr

    shutil.copy(project.folder / "src/pacerpro_runtime/types.py", project.folder / "src/pacerpro_runtime/twice.py")
    project.commit()
    done = project.script("build.py", "--tools", tools)
    assert done.returncode == 1
    assert "W002" in done.stderr
