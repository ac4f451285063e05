"""Users and the secret in other places than flags, which everybody can read in the process list."""

import json

import pytest
from mutate import SECRET, USERS

from pacerpro_conformance import cli

ONLY = "--only=forged.*"


@pytest.fixture
def told(capsys):
    """Run the suite, and return its exit status and what it said."""

    def run(*arguments):
        status = cli.main([ONLY, *arguments])
        return status, capsys.readouterr().out

    return run


def test_a_users_file_as_the_mock_takes_it(told, server, tmp_path):
    path = tmp_path / "users.toml"
    # As some editors write it, with a mark in front.
    path.write_text(
        "[users]\n" + "".join(f"{json.dumps(k)} = {json.dumps(v)}\n" for k, v in USERS.items()), "utf-8-sig"
    )
    status, _ = told("--url", server.url, f"--users-file={path}")
    assert status == 0


def test_the_environment(told, server, monkeypatch):
    monkeypatch.setenv("PACERPRO_CONFORMANCE_USERS", ",".join(":".join(user) for user in USERS.items()))
    monkeypatch.setenv("PACERPRO_CONFORMANCE_SECRET", SECRET)
    status, text = told("--url", server.url)
    assert (status, "skipped" in text) == (0, False)


def test_a_flag_wins_over_its_variable(told, server, flags, monkeypatch):
    monkeypatch.setenv("PACERPRO_CONFORMANCE_USERS", "nobody@example.com:x")
    monkeypatch.setenv("PACERPRO_CONFORMANCE_SECRET", "another")
    status, _ = told(*flags)
    assert status == 0
