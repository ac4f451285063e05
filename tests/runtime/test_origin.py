"""Where a secret may go: the base URL, its origin, and loopback."""

from __future__ import annotations

import httpx
import pytest

from pacerpro_runtime.auth import is_loopback, origin, secure_base_url
from pacerpro_runtime.errors import InsecureUrl, PacerProError


@pytest.mark.parametrize(
    ("given", "base_url"),
    [
        ("https://api.test", "https://api.test"),
        ("HTTPS://API.test:443/v1///", "https://api.test/v1"),
        ("https://api.test/a%2Fb/", "https://api.test/a%2Fb"),
        ("https://api.test/a b", "https://api.test/a%20b"),
        ("https://api.test?#", "https://api.test"),
        ("https://api.test:8443/v1", "https://api.test:8443/v1"),
        ("http://localhost:8080/v1", "http://localhost:8080/v1"),
        ("http://127.0.0.1", "http://127.0.0.1"),
        ("http://127.8.9.1:1/", "http://127.8.9.1:1"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("https://192.0.2.1", "https://192.0.2.1"),
    ],
)
def test_a_base_url(given, base_url):
    assert str(secure_base_url(given)) == base_url


@pytest.mark.parametrize(
    "given",
    [
        "http://api.test",
        "http://192.0.2.1:8080",
        "http://0.0.0.0:8080",
        "http://[::]:8080",
        "http://localhost.api.test",
        # Some resolvers ask the network for these.
        "http://api.localhost",
        "http://localhost.",
        "http://127.1",
        "http://127.0.0.1.api.test",
    ],
)
def test_secrets_do_not_travel_in_the_clear(given):
    with pytest.raises(InsecureUrl, match="would carry secrets in the clear: use https") as refusal:
        secure_base_url(given)

    assert isinstance(refusal.value, ValueError)
    assert isinstance(refusal.value, PacerProError)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("", "must begin with https:// and name a host"),
        ("api.test/v1", "must begin with https:// and name a host"),
        ("/v1", "must begin with https:// and name a host"),
        ("https:///v1", "must begin with https:// and name a host"),
        ("ftp://api.test", "must begin with https:// and name a host"),
        ("https://api.test:port", "cannot be read: Invalid port: 'port'"),
        ("https://api.test/\n", "cannot be read: Invalid non-printable ASCII character"),
        (5, "cannot be read: "),
        ("https://ada:hunter2@api.test", "without user, query or fragment"),
        ("https://hunter2@api.test", "without user, query or fragment"),
        ("http://ada:hunter2@api.test", "without user, query or fragment"),
        ("https://api.test?token=hunter2", "without user, query or fragment"),
        ("https://api.test#hunter2", "without user, query or fragment"),
        ("https://ada:hunter2/@api.test", "cannot be read"),
    ],
)
def test_what_is_no_base_url_is_refused_without_being_shown(given, message):
    with pytest.raises(ValueError, match=message) as refusal:
        secure_base_url(given)

    assert not isinstance(refusal.value, InsecureUrl)
    assert "hunter2" not in str(refusal.value)
    assert refusal.value.__suppress_context__ == message.startswith("cannot be read")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://api.test", "https://API.test:443/v1?a#b", True),
        ("http://localhost", "http://localhost:80", True),
        ("https://api.test", "http://api.test:443", False),
        ("https://api.test", "https://api.test:8443", False),
        ("https://api.test", "https://api.test.", False),
        ("https://api.test", "https://www.api.test", False),
        ("https://api.test", "https://api.test@evil.test", False),
        ("http://localhost", "http://127.0.0.1", False),
    ],
)
def test_origins(one, other, same):
    assert (origin(httpx.URL(one)) == origin(httpx.URL(other))) is same


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.255.255.254", "::1"])
def test_loopback(host):
    assert is_loopback(host)


def test_the_base_url_is_the_given_one_else_the_environment_s_else_the_contract_s(sample, monkeypatch):
    assert sample().base_url == "https://api.test/v1"

    monkeypatch.setenv("SAMPLE_BASE_URL", "")
    assert sample().base_url == "https://api.test/v1"

    monkeypatch.setenv("SAMPLE_BASE_URL", "http://localhost:8080/v2/")
    assert sample().base_url == "http://localhost:8080/v2"
    assert sample(base_url="https://other.test").base_url == "https://other.test"

    # An empty one is a mistake somewhere, and shall not end in production.
    with pytest.raises(ValueError, match="must begin with"):
        sample(base_url="")

    monkeypatch.setenv("SAMPLE_BASE_URL", "http://api.test")
    with pytest.raises(InsecureUrl):
        sample()
