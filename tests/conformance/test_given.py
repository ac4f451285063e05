"""Users and the secret in a file or in the environment, where the process list does not show them."""

import json

from mutate import SECRET, USERS

ONLY = "--only=forged.*"


def test_a_users_file_as_the_mock_takes_it(run, server, tmp_path):
    path = tmp_path / "users.toml"
    # As some editors write it, with a mark in front.
    path.write_text(
        "[users]\n" + "".join(f"{json.dumps(k)} = {json.dumps(v)}\n" for k, v in USERS.items()), "utf-8-sig"
    )
    status, _ = run(ONLY, "--url", server.url, f"--users-file={path}")
    assert status == 0


def test_the_environment(run, server, monkeypatch):
    monkeypatch.setenv("PACERPRO_CONFORMANCE_USERS", ",".join(":".join(user) for user in USERS.items()))
    monkeypatch.setenv("PACERPRO_CONFORMANCE_SECRET", SECRET)
    status, text = run(ONLY, "--url", server.url)
    assert (status, "not tried" in text) == (0, False)


def test_a_flag_wins_over_its_variable(run, server, flags, monkeypatch):
    monkeypatch.setenv("PACERPRO_CONFORMANCE_USERS", "nobody@example.com:x")
    monkeypatch.setenv("PACERPRO_CONFORMANCE_SECRET", "another")
    status, _ = run(ONLY, *flags)
    assert status == 0
