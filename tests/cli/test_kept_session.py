"""`pacerpro status`, `token` and `logout`: what they make of the session that is kept."""

import json
from pathlib import Path

import httpx
import pytest

from pacerpro_client.stores import FileStore

from .conftest import EMAIL, PASSWORD


def test_status_for_people_and_for_programs(logged_in, pacerpro_mock):
    words, data = logged_in("status"), json.loads(logged_in("status", "--json").stdout)

    assert f"Logged in to {pacerpro_mock.url} as {EMAIL}\n" in words.stdout
    assert (data["logged_in"], data["email"], data["service"]) == (True, EMAIL, pacerpro_mock.url)
    assert data["expires_at"].endswith("+00:00")
    assert (data["store"], Path(data["path"]).name) == ("file", "sessions.json")


def change_entries(state, **values):
    file = state / "pacerpro" / "sessions.json"
    document = json.loads(file.read_text())
    for users in document["sessions"].values():
        for entry in users.values():
            entry.update(values)
    file.write_text(json.dumps(document))


def test_a_kept_session_that_cannot_be_read_is_status_4_with_the_reason(logged_in, tmp_path, pacerpro_mock):
    before = len(pacerpro_mock.requests)
    change_entries(tmp_path / "state", session={})

    for arguments in (("logout", "--yes"), ("status",)):
        done = logged_in(*arguments)
        assert (done.returncode, done.stdout) == (4, "")
        assert done.stderr.endswith("sessions.json cannot be read: run `pacerpro login`\n")
    assert len(pacerpro_mock.requests) == before


def test_a_kept_session_that_expires_after_all_calendars_is_shown(logged_in, tmp_path):
    change_entries(tmp_path / "state", expires=1e300)

    done = logged_in("status")
    assert (done.returncode, done.stderr) == (0, "")
    assert "expires at an unknown time" in done.stdout


@pytest.mark.parametrize("arguments", [("status",), ("token",), ("api", "/matters"), ("logout", "--yes")])
def test_without_a_session_the_status_is_4(shell, arguments):
    done = shell(*arguments)

    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.startswith("pacerpro: not logged in to http")
    assert done.stderr.endswith(": run `pacerpro login`\n")


def test_status_as_json_without_a_session(shell):
    assert json.loads(shell("status", "--json").stdout)["logged_in"] is False


def test_token_prints_a_token_that_the_service_accepts(logged_in, pacerpro_mock):
    token = logged_in("token").stdout.strip()

    answer = httpx.get(f"{pacerpro_mock.url}/session", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200


def test_a_damaged_file_is_named_and_not_changed(logged_in, tmp_path, pacerpro_mock):
    before = len(pacerpro_mock.requests)
    file = tmp_path / "state" / "pacerpro" / "sessions.json"
    file.write_text("{")

    login = ("login", "--email", EMAIL, "--password-stdin")
    for arguments in (login, ("status",), ("token",), ("api", "/session"), ("logout", "--yes")):
        done = logged_in(*arguments, stdin=PASSWORD)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == f"pacerpro: {file} is damaged, or holds something other than sessions: delete it\n"
    assert file.read_text() == "{"
    assert len(pacerpro_mock.requests) == before


def test_logout_ends_the_session_everywhere(logged_in, pacerpro_mock):
    token = logged_in("token").stdout.strip()

    unconfirmed, done = logged_in("logout"), logged_in("logout", "--yes")

    assert (unconfirmed.returncode, done.returncode) == (2, 0)
    assert "everywhere" in unconfirmed.stderr
    assert "everywhere" in done.stdout
    answer = httpx.get(f"{pacerpro_mock.url}/session", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401
    assert logged_in("status").returncode == 4


def test_a_read_only_folder_is_said_by_login_and_logout(logged_in, monkeypatch):
    """What the folder holds already must not pass for the new session."""

    def refuse(*arguments, **options):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(FileStore, "_file_lock", refuse)
    logout = logged_in("logout", "--yes")
    login = logged_in("login", "--email", EMAIL, "--password-stdin", stdin=PASSWORD)

    assert (login.returncode, login.stdout) == (2, "")
    assert (logout.returncode, logout.stdout.split()[-1]) == (0, "everywhere")
    for done in (login, logout):
        assert "cannot be used (Read-only file system)" in done.stderr
        assert len(done.stderr.splitlines()) == 1


def test_a_session_that_was_revoked_elsewhere_is_status_4(logged_in, pacerpro_mock):
    pacerpro_mock.revoke(EMAIL)

    done = logged_in("api", "/session")

    assert done.returncode == 4
    assert done.stderr.startswith("pacerpro: no session at http")
    assert done.stderr.endswith(": run `pacerpro login`\n")


def test_several_users_are_told_apart_by_email(logged_in):
    grace = "grace@example.com"
    assert logged_in("login", "--email", grace, "--password-stdin", stdin="a moth in a relay").returncode == 0

    unclear, clear = logged_in("status", "--json"), logged_in("status", "--email", grace)

    assert unclear.returncode == 2
    assert "--email" in unclear.stderr
    found = json.loads(unclear.stdout)
    assert found["logged_in"] is True
    assert "--email" in found["error"]
    assert f"as {grace}" in clear.stdout
