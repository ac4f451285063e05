"""A shell of its own for each test: a mock, an empty home, and a keyring or none."""

import io
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import keyring
import pytest

import pacerpro_cli
from pacerpro_mock import MockServer

HERE = Path(__file__).parent
EMAIL, PASSWORD = "ada@example.com", "correct horse battery staple"
KEYRING = "keyring_in_a_file.Keyring"


@pytest.fixture(scope="module")
def _running():
    with MockServer({EMAIL: PASSWORD, "grace@example.com": "a moth in a relay"}) as server:
        yield server


@pytest.fixture
def pacerpro_mock(_running):
    """The plug-in's mock, with a second user."""
    _running.reset()
    return _running


def in_a_process(arguments, stdin, redirect, folder):
    """Run `pacerpro` with its streams as a shell opens them."""
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {redirect}', "sh", sys.executable, "-m", "pacerpro_cli", *arguments],
        cwd=folder,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def in_this_process(arguments, stdin, patch):
    """Run `pacerpro` sooner."""
    streams = [io.TextIOWrapper(io.BytesIO(text), write_through=True) for text in (stdin.encode(), b"", b"")]
    for name, stream in zip(("stdin", "stdout", "stderr"), streams, strict=True):
        patch.setattr(sys, name, stream)
    patch.setattr(sys, "argv", ["pacerpro", *arguments])
    patch.setattr(keyring.core, "_keyring_backend", None)  # It is chosen once in a process.
    with pytest.raises(SystemExit) as end:
        pacerpro_cli.main()
    stdout, stderr = (stream.buffer.getvalue().decode().replace("\r\n", "\n") for stream in streams[1:])
    return SimpleNamespace(returncode=end.value.code or 0, stdout=stdout, stderr=stderr)


@pytest.fixture
def shell(pacerpro_mock, tmp_path):
    """Run `pacerpro`; `keyring` names the backend, by default one that has none, and `redirect` is the shell's."""
    seen = []

    def run(*arguments, keyring="keyring.backends.fail.Keyring", stdin="", redirect="", **variables):
        environment = {
            "HOME": str(tmp_path),
            "XDG_STATE_HOME": str(tmp_path / "state"),
            "PYTHON_KEYRING_BACKEND": keyring,
            "KEYRING_FILE": str(tmp_path / "keyring.json"),
            "PACERPRO_BASE_URL": pacerpro_mock.url,
            "COLUMNS": "120",
            **variables,
        }
        with pytest.MonkeyPatch.context() as patch:
            for name in [name for name in os.environ if name.startswith("PACERPRO_")]:
                patch.delenv(name)
            for name, value in environment.items():
                patch.setenv(name, value)
            patch.chdir(tmp_path)
            patch.syspath_prepend(HERE)
            done = (
                in_a_process(arguments, stdin, redirect, tmp_path)
                if redirect
                else in_this_process(arguments, stdin, patch)
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
