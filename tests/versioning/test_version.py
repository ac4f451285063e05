"""Each kind of change asks for the version that the rule says, and names what broke."""

import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
import yaml
from clients import BASE, EDITS, ROOT, edited, merged
from versioning import version_rule
from versioning.api_listing import Listing, current, read, written
from versioning.compatibility import Rank
from versioning.version_rule import asked_for, changes, complaints
from versioning.wire_api import wire_api

BREAK, ADDITION, WORDS = Rank.BREAK, Rank.ADDITION, Rank.WORDS


def document(*patches):
    contract = yaml.safe_load(BASE.read_text())
    for patch in patches:
        contract = merged(contract, yaml.safe_load(patch))
    return contract


def wire(contract, version="1.2.3"):
    facts, words = wire_api(contract)
    return Listing(version, words, [], facts)


def found(old, new):
    return [(each.rank, f"{each.where}: {each.what}") for each in changes(old, new)]


WIRE = yaml.safe_load((Path(__file__).with_name("changes.yaml")).read_text())


@cache
def before_and_after(name):
    change = WIRE["changes"][name]
    before = merged(document(), WIRE["given"][change["given"]] if "given" in change else {})
    then = change["then"]
    return wire(before), wire(merged(before, WIRE["given"][then] if isinstance(then, str) else then))


@pytest.mark.parametrize("name", WIRE["changes"])
def test_a_change_on_the_wire_asks_for_its_version(name):
    change = WIRE["changes"][name]

    everything = found(*before_and_after(name))

    if change["rank"] == "nothing":
        assert everything == []
    else:
        assert everything[0][0] is Rank[change["rank"].upper()], everything
        assert change["says"] in [line for _, line in everything]


@pytest.mark.parametrize("name", WIRE["changes"])
def test_a_change_undone_is_seen_too(name):
    before, after = before_and_after(name)

    assert bool(found(after, before)) == (WIRE["changes"][name]["rank"] != "nothing")


PYTHON = {
    "class pacerpro_client.models.User(Model)": {"": BREAK, "class pacerpro_client.models.User": BREAK},
    "pacerpro_client.models.User.email: str": {
        "": BREAK,
        "pacerpro_client.models.User.email: int": BREAK,
        "pacerpro_client.models.User.email: MaybeNull[OpenEnum[Kind, str]]": ADDITION,
        # The wire says whether it matters that a property may be absent.
        "pacerpro_client.models.User.email: str | Unset": None,
    },
    "pacerpro_client.models.User.tags: list[str] | Unset": {
        # The wire says whether to hold more, or less, is a break.
        "pacerpro_client.models.User.tags: list[str | int] | Unset": ADDITION,
        "pacerpro_client.models.User.tags: list[Literal['a', 'b']] | Unset": None,
        "pacerpro_client.models.User.tags: list[Any] | Unset": ADDITION,
        "pacerpro_client.models.User.tags: list[int] | Unset": BREAK,
        "pacerpro_client.models.User.tags: dict[str, str] | Unset": BREAK,
        "def pacerpro_client.models.User.tags() -> list[str]": BREAK,
    },
    "pacerpro_client.models.User.pair: tuple[str, int]": {
        "pacerpro_client.models.User.pair: tuple[str, int] | tuple[str, int, str]": ADDITION,
        "pacerpro_client.models.User.pair: tuple[str, int, str]": BREAK,
        "pacerpro_client.models.User.pair: tuple[str]": BREAK,
    },
    "pacerpro_client.errors.ApiError.status_code: int": {
        "pacerpro_client.errors.ApiError.status_code: int | None": BREAK
    },
    "pacerpro_client.models.User.__match_args__ = email, password": {
        "": BREAK,
        "pacerpro_client.models.User.__match_args__ = password, email": BREAK,
        "pacerpro_client.models.User.__match_args__ = email, password, otp": ADDITION,
    },
    "pacerpro_client.Client.timeout: float | None": {
        "pacerpro_client.Client.timeout: float": ADDITION,
        "pacerpro_client.Client.timeout: int": ADDITION,
        "pacerpro_client.Client.timeout: str": BREAK,
    },
    "def pacerpro_client.g(a: list[int], b: Literal['x']) -> Response[str | None]": {
        "def pacerpro_client.g(a: list[int | str], b: str) -> Response[str]": ADDITION,
        "def pacerpro_client.g(a: list[int], b: Any) -> Response[str | None]": ADDITION,
        "def pacerpro_client.g(a: list[Any], b: Literal['x']) -> Response[str | None]": ADDITION,
        "def pacerpro_client.g(a: list[str], b: Literal['x']) -> Response[str | None]": BREAK,
        "def pacerpro_client.g(a: list[int], b: Literal['x']) -> Response[Any]": BREAK,
    },
    "pacerpro_client.models.ErrorType.ALERT = 'alert'": {
        "": BREAK,
        "pacerpro_client.models.ErrorType.ALERT = 'a'": BREAK,
    },
    "def pacerpro_client.f(a: int, *, b: str | None=None) -> int | str": {
        "": BREAK,
        "async def pacerpro_client.f(a: int, *, b: str | None=None) -> int | str": BREAK,
        "def pacerpro_client.f(a: int, *, b: str | None) -> int | str": BREAK,
        "def pacerpro_client.f(a: int, *, b: str='') -> int | str": BREAK,
        "def pacerpro_client.f(a: int) -> int | str": BREAK,
        "def pacerpro_client.f(*, a: int, b: str | None=None) -> int | str": BREAK,
        "def pacerpro_client.f(x: int, a: int, *, b: str | None=None) -> int | str": BREAK,
        "def pacerpro_client.f(a: int, *, b: str | None=None, c: int) -> int | str": BREAK,
        "def pacerpro_client.f(a: int, *, b: str | None=None) -> int | str | None": BREAK,
        "def pacerpro_client.f(a: int, *, b: str | None=None) -> int": ADDITION,
        "def pacerpro_client.f(a: int, *, b: str | None=None, c: int=1) -> int | str": ADDITION,
        "def pacerpro_client.f(a: int | str, *, b: str | None=None) -> int | str": ADDITION,
        "def pacerpro_client.f(a: float, *, b: str | None=None) -> int | str": ADDITION,
        "def pacerpro_client.f(a: int, *, b: str | None=None) -> float | str": BREAK,
        "def pacerpro_client.f(a: int, c: int=0, *, b: str | None=None) -> int | str": ADDITION,
    },
}


@pytest.mark.parametrize(
    ("old", "new", "rank"), [(old, new, rank) for old, each in PYTHON.items() for new, rank in each.items()]
)
def test_a_change_in_python_asks_for_its_version(old, new, rank):
    before, after = Listing("1.2.3", "", [old]), Listing("1.2.3", "", [new] if new else [])

    assert [rank for rank, _ in found(before, after)][:1] == ([rank] if rank else [])


def test_what_is_new_in_python_is_an_addition():
    new = "def pacerpro_client.g() -> None"

    assert found(Listing("1.2.3", ""), Listing("1.2.3", "", [new])) == [(ADDITION, "pacerpro_client.g: is new")]


def test_a_base_that_no_operation_takes_or_gives_is_no_addition():
    base = ["class pacerpro_client.models.Base(Model)", "pacerpro_client.models.Base.id: int"]
    user = ["pacerpro_client.models.User.base: Base"]

    def added(*lines):
        return found(Listing("1.2.3", ""), Listing("1.2.3", "", list(lines)))

    assert added(*base) == []
    assert (ADDITION, "pacerpro_client.models.Base: is new") in added(*base, *user)


@pytest.mark.parametrize(
    ("rank", "version", "wanted"),
    [
        (BREAK, "1.2.3", "2.0.0"),
        (ADDITION, "1.2.3", "1.3.0"),
        (WORDS, "1.2.3", "1.2.4"),
        (BREAK, "0.5.0", "0.6.0"),
        (ADDITION, "0.5.0", "0.6.0"),
        (WORDS, "0.5.0", "0.5.1"),
    ],
)
def test_each_rank_has_its_next_version(rank, version, wanted):
    assert asked_for(rank, version) == wanted


def test_a_version_that_is_high_enough_is_taken_and_a_lower_one_is_not():
    before, after = (
        document(),
        document("components: {schemas: {User: {required: [password], properties: {email: null}}}}"),
    )

    def said(version):
        return list(complaints(wire(before, "1.2.3"), wire(after, version)))

    assert said("1.9.9") == ["break: request User.email: is gone (asks for version 2.0.0)"]
    assert said("2.0.0") == said("3.1.0") == []
    assert said("1.2.2") == ["openapi.yaml: info.version is 1.2.2, and 1.2.3 is already released"]


def test_another_order_of_keys_and_another_version_are_no_change():
    contract = document()
    turned = {key: contract[key] for key in reversed(contract)}

    assert found(wire(contract), wire(turned)) == []
    assert found(wire(contract), wire(document("info: {version: 9.9.9, x-rebuild: 1}"))) == []


@pytest.mark.parametrize("edit", EDITS)
def test_a_listing_survives_being_written_and_read(edit):
    listing = wire(edited(edit))

    assert read(written(listing)) == listing


def test_the_listing_names_what_programs_name():
    python = set(current(document(), ROOT / "generated").python)

    assert {
        "def pacerpro_client.api.authentication.session_create.sync(*, client: Client, body: User) -> Session",
        "pacerpro_client.models.Session.jwt_token: str",
        "class pacerpro_client.errors.NotFound(ApiError)",
        "pacerpro_client.errors.ApiError.retry_after: float | None",
        "def pacerpro_client.SessionAuth.login() -> S",
        "class pacerpro_mock.MockServer(Mock)",
    } <= python


def run(tree, script, *arguments):
    command = [sys.executable, str(tree / "scripts" / script), *arguments]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, timeout=100, check=False)


def test_a_break_is_seen_on_both_sides_and_is_settled_by_its_version(tmp_path):
    for name in ("generated", "scripts", "src"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "tests").mkdir()
    shutil.copy(ROOT / "generator-config.yml", tmp_path)
    contract, api = tmp_path / "openapi.yaml", tmp_path / "tests" / "api.txt"
    contract.write_text(BASE.read_text())
    assert run(tmp_path, "generate.py").returncode == 0
    shutil.copy(api, tmp_path / "tests" / "api-released.txt")
    assert run(tmp_path, "version.py").returncode == 0

    contract.write_text(contract.read_text().replace("jwtToken", "accessToken"))
    assert "  tests/api.txt\n" in run(tmp_path, "generate.py").stdout
    done = run(tmp_path, "version.py")

    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "break: pacerpro_client.models.Session.jwt_token: is gone (asks for version 4.0.0)",
        "break: response Session.jwtToken: is gone (asks for version 4.0.0)",
        "break: security Bearer: lifecycle was token jwtToken and is token accessToken (asks for version 4.0.0)",
        "addition: pacerpro_client.models.Session.access_token: is new (asks for version 3.2.0)",
        "addition: response Session.accessToken: is new (asks for version 3.2.0)",
        "Raise info.version in openapi.yaml (it is 3.1.4), and run: make generate",
    ]

    api.write_text(api.read_text().replace("version 3.1.4", "version 4.0.0"))
    everything = run(tmp_path, "version.py")
    assert everything.returncode == 0
    assert "break: response Session.jwtToken: is gone\n" in everything.stdout


@pytest.fixture
def files(tmp_path, monkeypatch):
    """The listings of a tree, which are those of the contract of the tests; the second is that of the release."""
    paths = [tmp_path / "tests" / name for name in ("api.txt", "api-released.txt")]
    paths[0].parent.mkdir()
    for path in paths:
        path.write_text(written(wire(document())))
    for name, value in zip(("ROOT", "CURRENT", "RELEASED"), (tmp_path, *paths), strict=True):
        monkeypatch.setattr(version_rule, name, value)
    return paths


@pytest.mark.parametrize("text", ["", "nothing\n"])
def test_a_record_that_is_no_listing_is_named(files, capsys, text):
    files[1].write_text(text)

    assert version_rule.main() == 1
    said = "tests/api-released.txt is not a listing of a public API: restore it from git\n"
    assert capsys.readouterr() == (said, "")


def test_a_missing_listing_is_named(files, capsys):
    files[0].unlink()

    assert version_rule.main() == 1
    assert capsys.readouterr() == ("tests/api.txt is missing: run make generate\n", "")


def test_without_the_record_no_version_will_do_and_only_words_can_say_that_any_will(files, capsys):
    files[1].unlink()

    assert version_rule.main() == 1
    assert capsys.readouterr().out == (
        "tests/api-released.txt is missing, and without it breaks cannot be found: restore it (git checkout HEAD -- "
        "tests/api-released.txt), or, if no version was ever released, write into it: nothing is released yet\n"
    )

    files[1].write_text("nothing is released yet\n")
    assert version_rule.main() == 0
