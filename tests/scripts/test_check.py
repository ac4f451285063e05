"""Each check of scripts/check.py fails on a tree with a fault of its kind, and says so under its own name."""

import shutil

import pytest

WRONG_TYPE = 'x: int = ""\n'

# For each check: files, the text that is added to each, and what the check then has to say.
FAULTS = {
    "drift": [
        ("generated/pacerpro_client/__init__.py", "# by hand\n", "makes: __init__.py"),
        ("generated/pacerpro_client/left_over.py", "", "docs/reference/User.md, left_over.py. Run: make"),
        ("docs/reference/User.md", "By hand.\n", "-By hand."),
    ],
    "version": [("tests/api-released.txt", "response Gone: {}\n", "response Gone: is gone (asks for version")],
    "changelog": [("CHANGELOG.md", "## [99.0.0]\n", "'## [99.0.0]'")],
    "contract": [("openapi.yaml", "nonsense: 1\n", "unknown keyword nonsense")],
    "ruff": [
        ("src/pacerpro_mock/unused.py", "import json\n", "F401"),
        ("scripts/knows_what_ships.py", "import pacerpro_runtime\n", "TID251"),
    ],
    "format": [("tests/crooked.py", "x  =  1\n", "tests/crooked.py")],
    "mypy": [
        ("src/pacerpro_mock/wrong.py", WRONG_TYPE, "src/pacerpro_mock/wrong.py:1: error"),
        ("generated/pacerpro_client/wrong.py", WRONG_TYPE, "generated/pacerpro_client/wrong.py:1: error"),
        ("examples/wrong.py", WRONG_TYPE, "examples/wrong.py:1: error"),
        ("tests/typing/wrong.py", WRONG_TYPE, "tests/typing/wrong.py:1: error"),
        ("src/pacerpro_mock/lax.py", "def f(x):\n    return x\n", "[no-untyped-def]"),
    ],
    "pyright": [
        ("src/pacerpro_mock/wrong.py", WRONG_TYPE, "src/pacerpro_mock/wrong.py:1:10 - error"),
        ("generated/pacerpro_client/wrong.py", WRONG_TYPE, "generated/pacerpro_client/wrong.py:1:10 - error"),
        ("examples/wrong.py", WRONG_TYPE, "examples/wrong.py:1:10 - error"),
        ("tests/typing/wrong.py", WRONG_TYPE, "tests/typing/wrong.py:1:10 - error"),
        ("src/pacerpro_mock/lax.py", "def f(x):\n    return x\n", "reportMissingParameterType"),
    ],
    "imports": [
        ("src/pacerpro_runtime/a.py", "import pacerpro_client\n", "pacerpro_runtime.a -> pacerpro_client (l.1)"),
        ("src/pacerpro_runtime/b.py", "import pacerpro_mock\n", "pacerpro_runtime.b -> pacerpro_mock (l.1)"),
        ("src/pacerpro_runtime/c.py", "import httpx\n", "pacerpro_runtime.c -> httpx (l.1)"),
        ("generated/pacerpro_client/d.py", "import httpx\n", "pacerpro_client.d -> httpx (l.1)"),
        ("generated/pacerpro_client/e.py", "import pacerpro_mock\n", "pacerpro_client.e -> pacerpro_mock (l.1)"),
        ("src/pacerpro_mock/f.py", "import pacerpro_client\n", "pacerpro_mock.f -> pacerpro_client (l.1)"),
        ("src/pacerpro_mock/g.py", "import pacerpro_runtime\n", "pacerpro_mock.g -> pacerpro_runtime (l.1)"),
    ],
    "places": [
        ("an_index.md", "https://py" + "pi.org/simple\n", "an_index.md:1:"),
        ("a_path.txt", "/home" + "/ada/venv\n", "a_path.txt:1:"),
    ],
}


def add(tree, path, text):
    (tree / path).parent.mkdir(parents=True, exist_ok=True)
    with (tree / path).open("a") as file:
        file.write(text)


@pytest.mark.parametrize("name", FAULTS)
def test_a_check_finds_its_faults(name, tree, check):
    # As after a release: a break needs another version than the one that the contract has now.
    shutil.copy(tree / "tests" / "api.txt", tree / "tests" / "api-released.txt")
    if name in {"mypy", "pyright"}:  # They take long for what is sound.
        for file in list(tree.rglob("*.py")):
            if file.parent != tree / "scripts" and file.name != "programs.py":  # What the check itself imports.
                file.unlink()
        add(tree, "benchmarks/sound.py", "")
    for path, text, _ in FAULTS[name]:
        add(tree, path, text)

    done = check(name)

    assert done.returncode == 1
    assert done.stdout.startswith(f"FAIL  {name} (")
    said = " ".join(done.stdout.split())
    assert [path for path, _, complaint in FAULTS[name] if complaint not in said] == []


def test_redocly_enforces_the_rules_of_this_project(tree, check):
    contract = tree / "openapi.yaml"
    text = (tree / "tests" / "sample_contracts" / "session.yaml").read_text()
    for sound, faulty in {
        "      security: []\n": "",
        "url: https://": "url: http://",
        "    get:\n": (
            "    get:\n"
            "      parameters: [{name: authorization, in: header, description: A token, schema: {type: string}}]\n"
        ),
        '        "401":\n': '        default: {$ref: "#/components/responses/Forbidden"}\n        "401":\n',
    }.items():
        assert sound in text
        text = text.replace(sound, faulty, 1)
    contract.write_text(text)
    done = check("redocly")

    if done.stdout.startswith("skip"):
        pytest.skip(done.stdout.strip())
    assert done.returncode == 1
    assert done.stdout.startswith("FAIL  redocly (")
    for rule in ("explicit-security", "https-server", "no-authorization-parameter", "no-default-response"):
        assert f"rule/{rule} rule" in done.stdout


def test_redocly_is_left_out_where_it_is_not_installed(tree, check):
    (tree / "node_modules").unlink(missing_ok=True)

    done = check("redocly")

    assert (done.returncode, done.stdout.split(":")[0]) == (0, "skip  redocly")
    assert "needs npm and node" in done.stdout


def test_every_check_runs_and_has_its_line(tree, check):
    add(tree, "fault.py", "x  =  1  # /home" + "/ada\n")

    done = check("places", "format", "contract")

    lines = [line.split(" (")[0] for line in done.stdout.splitlines() if line.startswith(("ok ", "FAIL "))]
    assert done.returncode == 1
    assert lines == ["FAIL  places", "FAIL  format", "ok    contract"]


def test_a_check_that_does_not_exist_is_named(check):
    done = check("places", "nonsense")

    assert done.returncode == 2
    assert "there is no check called nonsense" in done.stderr


def test_every_check_has_a_fault_here(check):
    names = check("--help").stdout.split("one of ")[1].split(";")[0]

    assert {name.strip() for name in names.split(",")} == {*FAULTS, "redocly"}
