"""The fixtures, as a user of the installed package finds them: in a pytest of its own."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

from .wire import WITHOUT

PATIENCE = 60


def run(folder: Path, test: str, *arguments: str, conftest: str = "") -> str:
    (folder / "test_it.py").write_text(textwrap.dedent(test), encoding="utf-8")
    (folder / "conftest.py").write_text(textwrap.dedent(conftest), encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *WITHOUT, *arguments, str(folder)],
        capture_output=True, text=True, timeout=PATIENCE, check=False, cwd=folder,
    )  # fmt: skip
    return done.stdout + done.stderr


def test_the_fixtures_work_without_an_import(tmp_path):
    said = run(
        tmp_path,
        """
        import os

        import httpx
        import pytest
        from pacerpro_client import Client, SessionAuth

        def test_log_in(pacerpro_mock):
            body = {"email": pacerpro_mock.email, "password": pacerpro_mock.password}
            assert httpx.post(f"{pacerpro_mock.url}/session", json=body).status_code == 200
            pacerpro_mock.fail_next(status=503)
            pacerpro_mock.clock.advance(3600)

        def test_each_test_finds_it_as_new(pacerpro_mock):
            assert pacerpro_mock.requests == []
            assert pacerpro_mock.session_of(pacerpro_mock.email) is None
            assert httpx.get(f"{pacerpro_mock.url}/session").status_code == 401

        def test_offline(pacerpro_mock_offline):
            mock = pacerpro_mock_offline
            with httpx.Client(transport=mock.transport(), base_url=mock.url) as client:
                body = {"email": mock.email, "password": mock.password}
                assert client.post("/session", json=body).status_code == 200

        @pytest.mark.parametrize("kind", ["pacerpro_mock", "pacerpro_mock_offline"])
        def test_ready_made(kind, request):
            mock = request.getfixturevalue(kind)
            mock.route("GET", "/matters", lambda asked: [asked.user])
            assert isinstance(mock.auth(), SessionAuth)
            with mock.client() as client:
                assert isinstance(client, Client)
            transport = None if kind == "pacerpro_mock" else mock.transport()
            with httpx.Client(auth=mock.auth(), transport=transport, base_url=mock.url) as application:
                assert application.get("/matters").json() == [mock.email]

        def test_environment(pacerpro_mock_env):
            assert os.environ["PACERPRO_BASE_URL"] == pacerpro_mock_env.url
            body = {"email": os.environ["PACERPRO_EMAIL"], "password": os.environ["PACERPRO_PASSWORD"]}
            assert httpx.post(f"{pacerpro_mock_env.url}/session", json=body).status_code == 200

        def test_the_environment_is_as_before():
            assert "PACERPRO_BASE_URL" not in os.environ

        def test_gone(pacerpro_mock):
            pacerpro_mock.stop()

        def test_back(pacerpro_mock):
            assert httpx.get(f"{pacerpro_mock.url}/session").status_code == 401
        """,
    )
    assert "9 passed" in said, said


def test_the_fixtures_can_be_set(tmp_path):
    said = run(
        tmp_path,
        """
        def test_users(pacerpro_mock, pacerpro_mock_offline):
            for mock in (pacerpro_mock, pacerpro_mock_offline):
                assert (mock.email, mock.password) == ("eve@example.com", "x")
                assert mock.session_of("eve@example.com") is None
        """,
        conftest="""
        import pytest

        @pytest.fixture(scope="session")
        def pacerpro_mock_settings():
            return {"users": {"eve@example.com": "x"}, "token_life": 5}
        """,
    )
    assert "1 passed" in said


def test_they_are_listed(tmp_path):
    said = run(tmp_path, "", "--fixtures")
    assert "pacerpro_mock -- " in said
    assert "pacerpro_mock_offline -- " in said
    assert "pacerpro_mock_env -- " in said
    assert "pacerpro_mock_settings [session scope] -- " in said


def test_pytest_loads_the_plugin_without_loading_the_mock(tmp_path):
    said = run(
        tmp_path,
        """
        import sys

        def test_it():
            assert "pacerpro_mock.pytest_plugin" in sys.modules
            assert not {"jsonschema", "trustme", "uvicorn", "httpx", "yaml"} & sys.modules.keys()
        """,
    )
    assert "1 passed" in said


def test_a_missing_extra_names_the_pip_install(tmp_path):
    said = run(
        tmp_path,
        """
        import sys
        sys.modules["yaml"] = None

        def test_it(pacerpro_mock_offline):
            pacerpro_mock_offline.respond("an operation of the contract", json=[])
        """,
    )
    assert "pip install 'pacerpro-client[mock]'" in said
