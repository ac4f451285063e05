"""The command as a whole: its streams, settings and help."""

import subprocess
import sys

import pytest

from .conftest import EMAIL


@pytest.mark.parametrize(
    ("arguments", "redirect", "status", "words"),
    [
        (("login", "--email", EMAIL, "--password-stdin"), "<&-", 2, "standard input is closed, and --password-stdin"),
        (("api", "POST", "/session", "--input", "-"), "<&-", 2, "standard input is closed, and --input -"),
        (("token",), ">&-", 2, "standard output is closed"),
        (("token",), ">/dev/full", 1, "the output cannot be used: No space left"),
        (("api", "DELETE", "/session", "--include"), ">/dev/full", 1, "the output cannot be used: No space left"),
    ],
)
def test_a_closed_or_full_stream_is_one_line(logged_in, arguments, redirect, status, words):
    done = logged_in(*arguments, redirect=redirect)

    assert done.returncode == status
    assert done.stderr.startswith(f"pacerpro: {words}")
    assert len(done.stderr.splitlines()) == 1


def test_a_base_url_that_cannot_be_used_is_wrong_usage(shell):
    done = shell("status", PACERPRO_BASE_URL="http://example.com")

    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", [(), ("login",), ("status",), ("token",), ("api",), ("logout",)])
def test_help_names_each_option_and_exits_0(shell, command):
    done = shell(*command, "--help")

    assert done.returncode == 0
    assert "Usage: " in done.stdout
    assert all(line.count("pacerpro ") < 2 for line in done.stdout.splitlines()), "examples stand on lines of their own"
    if not command:
        for name in ("login", "status", "token", "api", "logout", "PACERPRO_BASE_URL"):
            assert name in done.stdout


def test_without_its_extra_the_command_says_what_to_install():
    code = "import sys; sys.modules['typer'] = None; import pacerpro_cli; pacerpro_cli.main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 2
    assert done.stderr == 'pacerpro: typer is not installed: pip install "pacerpro-client[cli]"\n'
