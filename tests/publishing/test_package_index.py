"""What publishing reads from the page of a project on an index."""

import pytest
from generator.programs import Stopped
from packaging.version import Version
from publishing.package_index import Index


@pytest.fixture
def index(tmp_path, serve):
    """An index as a folder of files; what is put into the folder of the project, it has."""
    project = tmp_path / "simple" / "pacerpro-client"
    project.mkdir(parents=True)
    url, _ = serve(tmp_path)
    return project, f"{url}/simple"


def test_an_index_without_the_project_has_no_versions(index):
    folder, simple = index

    assert Index("", simple).versions() == set()
    folder.rmdir()
    assert Index("", simple).versions() == set()


def test_links_are_read_however_they_are_written(index):
    folder, simple = index
    (folder / "index.html").write_text(
        '<a href="pacerpro_client-1.0.tar.gz#sha256=00ff">a</a> <a name="c">c</a> '
        "<a data-x='1' href='../../pacerpro%5Fclient-1.1-py3-none-any.whl?x=1'>b</a>"
    )

    assert Index("", simple).versions() == {Version("1.0"), Version("1.1")}


@pytest.mark.parametrize(
    ("upload", "simple", "complaint"),
    [
        ("", "", "name the index: INDEX="),
        ("https://a.example/", "", "name the index: INDEX="),
        ("https://me:pw@a.example/", "https://a.example/", "the URL of a.example holds credentials"),
        ("https://a.example/", "https://me@a.example/", "the URL of a.example holds credentials"),
        ("http://a.example/", "https://a.example/", "http://a.example/ is neither https nor on this"),
    ],
)
def test_an_unusable_url_is_refused(upload, simple, complaint, tmp_path):
    with pytest.raises(Stopped, match=complaint) as caught:
        Index.find(upload, simple, tmp_path)

    assert "pw" not in str(caught.value)


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
