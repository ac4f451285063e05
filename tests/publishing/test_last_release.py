"""A version is compared with the last release of the index, not with the tree's own record."""

import hashlib
import zipfile

import pytest
from publishing.last_release import last_below, listing_of, objections
from publishing.package_index import Index
from publishing.programs import Stopped
from versioning.api_listing import read

from .conftest import ROOT

CONTRACT = ROOT / "tests" / "contracts" / "session.yaml"
OTP = "        otp: {type: string}\n"
PASSWORD_AT = "        password:\n          description: The user's password."


def wheel(folder, version, *, otp=False, name="pacerpro_client", contract="pacerpro_mock/openapi.yaml"):
    """What a build of the tree has in it, with a contract of its own."""
    text = CONTRACT.read_text()
    text = text.replace("version: 3.1.4", f"version: {version.partition('.post')[0]}")
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for package in ("generated/pacerpro_client", "src/pacerpro_mock", "src/pacerpro_runtime"):
            for file in (ROOT / package).rglob("*.py"):
                archive.write(file, file.relative_to((ROOT / package).parent))
        archive.writestr(contract, text.replace(PASSWORD_AT, OTP + PASSWORD_AT) if otp else text)
    return path


def judge(built, simple):
    return objections(listing_of(built.read_bytes()), built.name.split("-")[1], Index("", simple))


@pytest.fixture
def index(tmp_path, serve):
    """An index as a folder of files; what is put into the folder of the project, it has."""
    project = tmp_path / "simple" / "pacerpro-client"
    project.mkdir(parents=True)
    url, _ = serve(tmp_path)
    return project, f"{url}/simple"


def test_a_wheel_lists_the_public_api_of_its_tree(project):
    assert project.script("build.py").returncode == 0
    built = next((project.folder / "dist").glob("*.whl"))

    assert listing_of(built.read_bytes()) == read((project.folder / "tests" / "api.txt").read_text())


def test_a_break_since_the_last_release_of_the_index_is_refused(index, tmp_path):
    folder, simple = index
    wheel(folder, "3.1.4")
    wheel(folder, "4.0.0", otp=True)

    def judged(version, **options):
        return judge(wheel(tmp_path, version, **options), simple)

    gone = ["break: request User.otp: is gone (asks for version 5.0.0)"]
    assert judged("4.0.1") == ("4.0.0", gone)
    assert judged("4.0.0.post1") == ("4.0.0", gone)
    assert judged("5.0.0") == judged("4.0.1", otp=True) == judged("4.0.0.post1", otp=True) == ("4.0.0", [])
    # On a branch of what was there before, the release before counts.
    assert judged("3.1.5") == ("3.1.4", [])
    assert judged("3.1.5", otp=True)[1] == ["addition: request User.otp: is new (asks for version 3.2.0)"]


def test_the_first_release_may_be_anything(index, tmp_path):
    folder, simple = index
    built = wheel(tmp_path, "3.1.4")

    assert judge(built, simple) == (None, [])
    folder.rmdir()
    assert judge(built, simple) == (None, [])


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda folder: (folder / "pacerpro_client-4.0.0.tar.gz").touch(), "it has no wheel"),
        (lambda folder: wheel(folder, "4.0.0", contract="api.yaml"), "its wheel holds no contract"),
        (lambda folder: (folder / "pacerpro_client-4.0.0-py3-none-any.whl").touch(), "its wheel cannot be read: "),
    ],
)
def test_an_unreadable_release_counts_as_a_break(index, tmp_path, make, why):
    folder, simple = index
    make(folder)

    last, lines = judge(wheel(tmp_path, "4.0.1"), simple)

    assert (last, len(lines)) == ("4.0.0", 1)
    assert lines[0].startswith(f"break: 4.0.0: cannot be compared: {why}")
    assert lines[0].endswith("(asks for version 5.0.0)")
    assert judge(wheel(tmp_path, "5.0.0"), simple) == ("4.0.0", [])


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


def test_a_file_with_another_digest_is_refused(index):
    folder, simple = index
    name = wheel(folder, "4.0.0").name
    digest = hashlib.sha256(b"another").hexdigest()
    (folder / "index.html").write_text(f'<a href="{name}#sha256={digest}">a file</a>')

    assert Index("", simple).digests() == {name: digest}
    with pytest.raises(Stopped, match="is not the file that the index lists"):
        Index("", simple).download(name)


def test_credentials_go_to_the_index_alone(index, serve, tmp_path):
    folder, simple = index
    elsewhere, seen = serve(tmp_path)
    name = wheel(tmp_path, "4.0.0").name
    (folder / "index.html").write_text(f'<a href="{elsewhere}/{name}">a file</a>')

    there = Index("", simple, reader=("ada", "secret"))

    assert len(there.digests()) == 1
    assert there.download(name)
    assert seen == [(f"/{name}", None)] * 2
