"""What publishing reads from the page of a project on an index."""

import hashlib

import pytest
from publishing.package_index import Index


@pytest.fixture
def index(tmp_path, serve):
    """An index as a folder of files; what is put into the folder of the project, it has."""
    project = tmp_path / "simple" / "pacerpro-client"
    project.mkdir(parents=True)
    url, _ = serve(tmp_path)
    return project, f"{url}/simple"


def test_an_index_without_the_project_has_no_files(index):
    folder, simple = index

    assert Index("", simple).digests() == {}
    folder.rmdir()
    assert Index("", simple).digests() == {}


def test_a_stated_digest_counts_and_otherwise_that_of_the_file(index):
    folder, simple = index
    (folder / "b&c.whl").write_bytes(b"content")
    (folder / "index.html").write_text(
        '<a href="a-1.0.tar.gz#sha256=00ff">a</a> <a data-x="1" href=\'b%26c.whl#md5=1\'>b</a> <a name="c">c</a>'
    )

    assert Index("", simple).digests() == {"a-1.0.tar.gz": "00ff", "b&c.whl": hashlib.sha256(b"content").hexdigest()}


def test_credentials_go_to_the_index_alone(index, serve, tmp_path):
    folder, simple = index
    elsewhere, seen = serve(tmp_path)
    (tmp_path / "a.whl").touch()
    (folder / "index.html").write_text(f'<a href="{elsewhere}/a.whl">a file</a>')

    assert len(Index("", simple, reader=("ada", "secret")).digests()) == 1
    assert seen == [("/a.whl", None)]


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
def test_the_last_release_is_the_newest_one_below(index, version, last):
    folder, simple = index
    there = ["pacerpro-client-0.4.zip", "pacerpro_client-0.10.0.tar.gz", "pacerpro_client-0.10.0-py3-none-any.whl"]
    there += [f"pacerpro_client-{each}.tar.gz" for each in ("0.5.0", "0.5.0.post2", "0.9.0rc1", "0.9.0.dev3")]
    for name in [*there, "pacerpro_client-0.9.1.exe", "pacerpro_client.whl"]:
        (folder / name).touch()

    found = Index("", simple).last_below(version)

    assert (str(found) if found else None) == last
