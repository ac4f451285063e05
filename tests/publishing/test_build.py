"""What `make build` promises: the same bytes everywhere, and nothing in them that should not be."""

import json
import shutil
import subprocess
import sys
import tarfile
import zipfile

import pytest

WHEEL, SDIST = "pacerpro_client-3.1.4-py3-none-any.whl", "pacerpro_client-3.1.4.tar.gz"
BILL = "pacerpro_client-3.1.4.cdx.json"


def contents(project):
    return {file.name: file.read_bytes() for file in (project.folder / "dist").iterdir()}


def test_the_same_files_give_the_same_bytes_elsewhere(built, tmp_path):
    clone = tmp_path / "another place"
    subprocess.run(["git", "clone", "--quiet", built.folder, clone], timeout=60, check=True, umask=0o027)
    there = type(built)(tmp_path / "project", clone)
    # Another commit, and none of its changes belong to a build: so it is after a release, when that is recorded.
    there.edit("tests/api-released.txt", "version 3.1.4", "version 3.1.3")
    there.commit()
    (there.folder / "src" / "pacerpro_mock" / "__pycache__").mkdir()
    (there.folder / "src" / "pacerpro_mock" / "left_over.py").touch()
    (there.folder / "dist").mkdir()
    (there.folder / "dist" / "old.whl").touch()
    command = [sys.executable, "scripts/build.py"]
    told = {"TZ": "Asia/Tokyo", "SOURCE_DATE_EPOCH": "1", "LANG": "C", "PYTHONHASHSEED": "7"}
    done = subprocess.run(
        command, cwd=there.folder, env=told, umask=0o077, capture_output=True, timeout=99, check=False
    )

    assert done.returncode == 0, done.stderr
    assert contents(there) == contents(built)
    assert sorted(contents(there)) == sorted([WHEEL, SDIST, BILL])


def test_the_files_in_it_are_the_packages_and_the_contract(built):
    with zipfile.ZipFile(built.folder / "dist" / WHEEL) as wheel:
        names = wheel.namelist()
        assert wheel.read("pacerpro_mock/openapi.yaml") == (built.folder / "openapi.yaml").read_bytes()
        assert len({info.date_time for info in wheel.infolist()}) == 1
    with tarfile.open(built.folder / "dist" / SDIST) as sdist:
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
    assert list(contents(project)) == ["old.whl"]


def test_the_bill_of_materials_lists_what_is_needed_at_run_time(built):
    bill = json.loads(contents(built)[BILL])
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
