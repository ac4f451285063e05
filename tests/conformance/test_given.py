"""Users and the secret in the environment, where the process list does not show them."""

from mutate import SECRET, USERS

ONLY = "--only=forged.*"


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
