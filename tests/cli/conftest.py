"""A shell of its own for each test: a mock, an empty home, and a keyring or none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pacerpro_mock import MockServer

HERE = Path(__file__).parent
EMAIL, PASSWORD = "ada@example.com", "correct horse battery staple"


@pytest.fixture(scope="module")
def _running():
    with MockServer({EMAIL: PASSWORD, "grace@example.com": "a moth in a relay"}) as server:
        yield server


@pytest.fixture
def pacerpro_mock(_running):
    """The plug-in's mock, with a second user."""
    _running.reset()
    return _running


@pytest.fixture
def shell(pacerpro_mock, tmp_path):
    """Run `pacerpro`; `keyring` names the backend, by default one that has none, and `redirect` is the shell's."""
    seen = []

    def run(*arguments, keyring="keyring.backends.fail.Keyring", stdin="", redirect="", **variables):
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PACERPRO_")},
            "HOME": str(tmp_path),
            "XDG_STATE_HOME": str(tmp_path / "state"),
            "PYTHON_KEYRING_BACKEND": keyring,
            "PYTHONPATH": str(HERE),
            "KEYRING_FILE": str(tmp_path / "keyring.json"),
            "PACERPRO_BASE_URL": pacerpro_mock.url,
            "COLUMNS": "120",
            **variables,
        }
        done = subprocess.run(
            ["sh", "-c", f'exec "$@" {redirect}', "sh", sys.executable, "-m", "pacerpro_cli", *arguments],
            env=environment,
            cwd=tmp_path,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        seen.append(done.stdout + done.stderr)
        return done

    yield run
    for text in seen:
        assert "Traceback" not in text
        assert PASSWORD not in text


@pytest.fixture
def logged_in(shell):
    """A shell in which Ada is logged in."""
    done = shell("login", "--email", EMAIL, "--password-stdin", stdin=f"{PASSWORD}\n")
    assert done.returncode == 0, done.stderr
    return shell
