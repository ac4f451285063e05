"""Fixtures for pytest. They are there as soon as the package is installed; nothing has to be imported."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

import pacerpro_mock as package

if TYPE_CHECKING:
    from pacerpro_mock import Mock, MockServer


@pytest.fixture(scope="session")
def pacerpro_mock_settings() -> dict[str, Any]:
    """The keywords of `MockServer` for the mocks below. Override it to have other users, or `tls`."""
    return {}


@pytest.fixture(scope="session")
def _pacerpro_mock_server(pacerpro_mock_settings: dict[str, Any]) -> Iterator[MockServer]:
    with package.MockServer(**pacerpro_mock_settings) as server:
        yield server


@pytest.fixture
def pacerpro_mock(_pacerpro_mock_server: MockServer) -> MockServer:
    """A mock of the PacerPro API on a free port: `url`, `email`, `password`, `auth()` and `client()` work at once.

    One server runs for the whole session, and is reset for each test: no valid token, no fault, no recorded request,
    and the clock at the machine's time.
    """
    if not _pacerpro_mock_server.running:  # The test before has stopped it.
        _pacerpro_mock_server.start()
    _pacerpro_mock_server.reset()
    return _pacerpro_mock_server


@pytest.fixture
def pacerpro_mock_env(pacerpro_mock: MockServer, monkeypatch: pytest.MonkeyPatch) -> MockServer:
    """The same, with PACERPRO_BASE_URL, PACERPRO_EMAIL and PACERPRO_PASSWORD set to it for the test."""
    monkeypatch.setenv("PACERPRO_BASE_URL", pacerpro_mock.url)
    monkeypatch.setenv("PACERPRO_EMAIL", pacerpro_mock.email)
    monkeypatch.setenv("PACERPRO_PASSWORD", pacerpro_mock.password)
    return pacerpro_mock


@pytest.fixture
def pacerpro_mock_offline(pacerpro_mock_settings: dict[str, Any]) -> Mock:
    """The same without a socket: give `pacerpro_mock_offline.transport()` to an httpx client, sync or async."""
    of_the_server = ("host", "port", "tls", "tls_names")
    return package.Mock(**{name: value for name, value in pacerpro_mock_settings.items() if name not in of_the_server})
