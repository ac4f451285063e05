"""What an auth refuses when it is made, and how it says so."""

from __future__ import annotations

import datetime
import functools
import math

import httpx
import pytest

from pacerpro_client import SessionAuth, errors
from pacerpro_client.models import Session


@pytest.mark.parametrize("url", ["http://api.pacerpro.com/v1", "http://10.0.0.1", "http://localhost.example.com"])
def test_a_secret_is_not_for_plain_http(url):
    for make in (
        lambda: SessionAuth(email="a@b.c", password="x", base_url=url),
        lambda: SessionAuth.from_session(
            Session(jwt_token="a.b.c", expires_at=datetime.datetime.now(datetime.UTC)), base_url=url
        ),
    ):
        with pytest.raises(errors.InsecureUrl):
            make()


@pytest.mark.parametrize("url", ["http://localhost:1/v1", "http://127.0.0.1", "http://[::1]:8080", "https://10.0.0.1"])
def test_plain_http_is_for_loopback(url):
    assert str(SessionAuth(email="a@b.c", password="x", base_url=url).base_url).startswith(url)


@pytest.mark.parametrize(
    "url", ["", "api.pacerpro.com", "ftp://host", "https://user:word@host", "https://host?key=word"]
)
def test_a_base_url_has_to_be_one(url, monkeypatch):
    monkeypatch.setenv("PACERPRO_BASE_URL", "not one either")
    with pytest.raises(ValueError, match="base URL") as raised:
        SessionAuth(email="a@b.c", password="x", base_url=url)
    assert "word" not in str(raised.value).replace("password", "")


@pytest.mark.parametrize("leeway", [-1, math.nan, None, "60"])
def test_a_leeway_has_to_be_a_time(leeway):
    with pytest.raises(ValueError, match="leeway"):
        SessionAuth(email="a@b.c", password="x", leeway=leeway)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"base_ur1": "http://127.0.0.1/v1"}, "base_ur1"),  # Else the password would go to the contract's server.
        ({"timeout": 3}, "timeout"),
        ({"transport": httpx.AsyncHTTPTransport(verify=False)}, "give it as async_transport"),
        ({"transport": "aiohttp"}, "transport is an httpx.BaseTransport"),
        ({"async_transport": httpx.HTTPTransport(verify=False)}, "async_transport is an httpx.AsyncBaseTransport"),
    ],
)
def test_a_setting_that_there_is_not_is_refused(settings, words, monkeypatch):
    monkeypatch.setenv("PACERPRO_EMAIL", "a@b.c")
    monkeypatch.setenv("PACERPRO_PASSWORD", "hunter2")
    session = Session(jwt_token="a.b.c", expires_at=datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC))
    for make in (
        functools.partial(SessionAuth, email="a@b.c", password="hunter2"),
        SessionAuth.from_env,
        functools.partial(SessionAuth.from_session, session),
    ):
        with pytest.raises(TypeError, match=words) as raised:
            make(**settings)
        assert "hunter2" not in str(raised.value)


def test_what_identifies_the_user_has_to_be_there():
    for email, password in ((None, "hunter2"), ("a@b.c", None), (b"a@b.c", "hunter2")):
        with pytest.raises(TypeError, match="email and password are strings") as raised:
            SessionAuth(email=email, password=password)
        assert "hunter2" not in str(raised.value)
    with pytest.raises(TypeError, match="no session to go on with"):
        SessionAuth.from_session(SessionAuth(email="a@b.c", password="x").session)
    with pytest.raises(TypeError, match="no session to go on with"):
        SessionAuth.from_session("a.b.c")


def test_an_auth_that_delegates_is_told_to_which_flow(auth, server):
    class Wrapper(httpx.Auth):
        def auth_flow(self, request):
            yield from auth.auth_flow(request)

    with httpx.Client(auth=Wrapper()) as client, pytest.raises(TypeError, match="delegate to sync_auth_flow"):
        client.get(server.url + "/matters")
