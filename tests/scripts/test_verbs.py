"""The Makefile's verbs, without doing what they do: a stand-in for Python notes how it was called."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# make puts the variables of its command line into the environment, too: `make test ARGS=...`.
SURROUNDING = ("MAKE", "MFLAGS", "ARGS", "URL", "USERS", "SECRET", "INDEX", "SIMPLE")


@pytest.fixture
def make(tree):
    def run(*arguments):
        # What a surrounding make says to its children is not meant for this one.
        environment = {key: value for key, value in os.environ.items() if not key.startswith(SURROUNDING)}
        return subprocess.run(
            ["make", *arguments],
            cwd=tree,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    if not shutil.which("make"):
        pytest.skip("make is not installed")
    return run


@pytest.fixture
def stand_in(tmp_path):
    """A program in python's place: it writes each call's arguments to a file, one line each, and succeeds.

    Into another goes what the environment has for the conformance suite.
    """
    program = tmp_path / "venv" / "bin" / "python"
    program.parent.mkdir(parents=True)
    program.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" >> {tmp_path}/calls\nenv | grep ^PACERPRO_CONF > {tmp_path}/variables\ntrue\n'
    )
    program.chmod(0o755)
    return program


def test_help_comes_first_and_has_a_line_for_each_verb(make):
    verbs = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)

    done = make()

    assert verbs
    assert re.findall(r"^  make (\w+) +\S", done.stdout, re.MULTILINE) == verbs[1].split()


def test_readme_and_ci_name_verbs_that_exist(make):
    known = set(re.findall(r"^  make (\w+)", make("help").stdout, re.MULTILINE))

    for file in ("README.md", ".ci/run"):
        named = set(re.findall(r"\bmake ([a-z]+)\b", (ROOT / file).read_text()))
        assert {"check", "test"} <= named <= known


def test_set_up_is_done_once_and_again_after_a_change(tree, make, stand_in):
    calls = stand_in.parents[2] / "calls"
    venv = f"VENV={stand_in.parents[1]}"

    assert make("setup", venv).returncode == 0
    assert "--require-hashes\n-r\nrequirements-dev.txt\n" in calls.read_text()
    assert "--no-build-isolation\n-e\n.\n" in calls.read_text()

    calls.unlink()
    assert make("setup", venv).returncode == 0
    assert not calls.exists()

    later = stand_in.parents[1].joinpath(".ready").stat().st_mtime + 10
    for changed in ("requirements-dev.txt", "pyproject.toml"):
        os.utime(tree / changed, (later, later))
        assert make("setup", venv).returncode == 0
        assert "requirements-dev.txt" in calls.read_text()
        calls.unlink()
        os.utime(tree / changed, (0, 0))


def test_set_up_says_when_no_python_is_new_enough(tmp_path, make):
    old = tmp_path / "python3.8"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)

    done = make("setup", f"PYTHON={old}", f"VENV={tmp_path}/none")

    assert done.returncode == 2
    assert "is Python 3.11 or newer" in done.stderr.splitlines()[0]
    assert not (tmp_path / "none").exists()


def test_conformance_passes_its_variables_unchanged(make, stand_in):
    """Secrets go through the environment: arguments can be read in the process list."""
    done = make(
        "conformance",
        "READY=",
        f"RUN={stand_in}",
        "URL=http://127.0.0.1:8080/v1",
        "USERS=ada@example.com:it's a $HOME *,bob@example.com:b",
        "SECRET=$(shell exit)\"x'",
    )

    assert done.returncode == 0
    assert (stand_in.parents[2] / "calls").read_text().splitlines() == [
        "-m",
        "pacerpro_conformance",
        "--url",
        "http://127.0.0.1:8080/v1",
    ]
    assert sorted((stand_in.parents[2] / "variables").read_text().splitlines()) == [
        "PACERPRO_CONFORMANCE_SECRET=$(shell exit)\"x'",
        "PACERPRO_CONFORMANCE_USERS=ada@example.com:it's a $HOME *,bob@example.com:b",
    ]
    assert "HOME" not in done.stdout + done.stderr


def test_conformance_without_url_passes_no_arguments(make, stand_in):
    make("conformance", "READY=", f"RUN={stand_in}")

    assert (stand_in.parents[2] / "calls").read_text().splitlines() == ["-m", "pacerpro_conformance"]
