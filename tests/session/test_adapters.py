"""One table of cases for the adapters of all libraries."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import aiohttp
import httpx
import httpx2
import pytest
import requests

from pacerpro_client import SessionAuth, errors
from pacerpro_client.stores import FileStore
from pacerpro_mock import MockServer
from pacerpro_runtime.session import clock

from .services import EMAIL, PASSWORD, with_matters

# Making a context of TLS takes longer than most tests.
OPTIONS = {"follow_redirects": True, "verify": False, "timeout": 30}


class Caller:
    """Makes calls with one library. An answer has `status`, `body` and `urls`, which are those it was asked for."""

    def __init__(self, auth: SessionAuth) -> None:
        self.auth = auth

    def get(self, url, **options):
        return self.call("GET", url, **options)

    def together(self, count, url):
        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(self.get, [url] * count))


class Httpx(Caller):
    library = httpx

    def adapter(self):
        return self.auth

    def call(self, method, url, *, content=None, stream=False):
        content = iter(content) if isinstance(content, list) else content
        with self.library.Client(auth=self.adapter(), **OPTIONS) as client:
            if stream:
                with client.stream(method, url, content=content) as response:
                    return SimpleNamespace(status=response.status_code, body=b"".join(response.iter_raw()))
            response = client.request(method, url, content=content)
            return SimpleNamespace(status=response.status_code, body=response.content)


class Httpx2(Httpx):
    library = httpx2

    def adapter(self):
        return self.auth.for_httpx2()


class AsyncHttpx(Httpx):
    def call(self, method, url, **options):
        return asyncio.run(self.acall(method, url, **options))

    async def acall(self, method, url, *, content=None, stream=False):
        if isinstance(content, list):
            content = later(content)
        async with self.library.AsyncClient(auth=self.adapter(), **OPTIONS) as client:
            if stream:
                async with client.stream(method, url, content=content) as response:
                    return SimpleNamespace(status=response.status_code, body=await response.aread())
            response = await client.request(method, url, content=content)
            return SimpleNamespace(status=response.status_code, body=response.content)

    def together(self, count, url):
        async def main():
            return await asyncio.gather(*[self.acall("GET", url) for _ in range(count)])

        return asyncio.run(main())


class AsyncHttpx2(AsyncHttpx, Httpx2):
    pass


class Requests(Caller):
    def call(self, method, url, *, content=None, stream=False):
        content = iter(content) if isinstance(content, list) else content
        with requests.Session() as session:
            response = session.request(method, url, data=content, stream=stream, auth=self.auth.for_requests())
            return SimpleNamespace(status=response.status_code, body=b"".join(response.iter_content(64)))


class Aiohttp(AsyncHttpx):
    async def acall(self, method, url, *, content=None, stream=False):
        content = later(content) if isinstance(content, list) else content
        async with (
            aiohttp.ClientSession(middlewares=[self.auth.for_aiohttp()]) as session,
            session.request(method, url, data=content) as response,
        ):
            body = await response.content.read() if stream else await response.read()
            return SimpleNamespace(status=response.status, body=body)


async def later(chunks):
    for chunk in chunks:
        yield chunk


CALLERS = [Httpx, AsyncHttpx, Httpx2, AsyncHttpx2, Requests, Aiohttp]


@pytest.fixture(params=CALLERS, ids=lambda each: each.__name__)
def caller(request, auth) -> Caller:
    return request.param(auth)


@pytest.fixture
def url(server):
    return f"{server.url}/matters"


@pytest.fixture(scope="module")
def _elsewhere():
    with MockServer({EMAIL: PASSWORD}) as server:
        yield server


@pytest.fixture
def elsewhere(_elsewhere):
    """A service of another origin, which keeps what it is sent."""
    _elsewhere.reset()
    seen = []
    server = with_matters(_elsewhere)
    answer = server.api.answer
    server.api.answer = lambda head, body: seen.append(head.values(b"authorization")) or answer(head, body)
    server.seen = seen
    return server


def test_first_call(caller, server, url):
    assert caller.get(url).body == b"[]"
    assert caller.get(url).status == 200
    assert server.counts["sessionCreate"] == 1


def test_refresh(caller, server, url, monkeypatch):
    caller.get(url)
    old, now = caller.auth.session, clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + 2700)
    assert caller.get(url).status == 200
    assert caller.auth.session != old
    assert server.counts["sessionCreate"] == server.counts["sessionRefresh"] == 1


def test_revoked(caller, server, url):
    caller.get(url)
    server.revoke(EMAIL)
    assert caller.call("POST", url, content=b"a body").status == 200
    assert server.matters.bodies[-2:] == [b"a body", b"a body"]
    assert server.counts["sessionCreate"] == 2


@pytest.mark.parametrize("library", CALLERS, ids=lambda each: each.__name__)
def test_revoked_after_another_process_has_refreshed(library, server, url, tmp_path):
    """The token in the store is newer, and has ended too."""
    store = FileStore(tmp_path / "sessions.json")
    one, other = (SessionAuth(email=EMAIL, password=PASSWORD, base_url=server.url, store=store) for _ in range(2))
    caller = library(one)
    assert caller.get(url).status == 200
    old = other.token()
    server.clock.advance(5)
    assert other.token(rejected=old) != old
    server.revoke(EMAIL)
    assert caller.get(url).status == 200
    assert server.counts["sessionCreate"] == 3


@pytest.fixture(params=[Httpx, AsyncHttpx, Httpx2, AsyncHttpx2], ids=lambda each: each.__name__)
def httpx_caller(request, auth) -> Caller:
    return request.param(auth)


def test_a_log_out_of_the_callers_own_stops_the_source(httpx_caller, server):
    httpx_caller.auth.token()
    assert httpx_caller.call("DELETE", f"{server.url}/session").body == b"{}"
    assert httpx_caller.auth.session is None
    with pytest.raises(errors.SessionExpired):
        httpx_caller.auth.token()


def test_a_refresh_of_the_callers_own_is_adopted(httpx_caller, server):
    httpx_caller.auth.token()
    server.clock.advance(5)
    answer = httpx_caller.get(f"{server.url}/session")
    assert httpx_caller.auth.token() == json.loads(answer.body)["jwtToken"]
    assert server.counts == {"sessionCreate": 1, "sessionRefresh": 1}


def test_two_401s(caller, server):
    for _ in range(3):
        answer = caller.get(f"{server.url}/forbidden")
        assert answer.status == 401
        assert b"Token invalid" in answer.body
    assert server.counts["sessionCreate"] == 2
    assert server.counts["forbidden"] <= 4  # A token of the same second may be the same, and is not sent again.


def test_other_origin(caller, elsewhere, caplog):
    with caplog.at_level(logging.WARNING, "pacerpro_client"):
        for _ in range(2):
            assert caller.get(f"{elsewhere.url}/matters").status == 401
    assert elsewhere.seen == [[], []]
    assert len(caplog.messages) == 1
    assert "goes without the token" in caplog.text


def test_redirect_to_another_origin(caller, server, elsewhere):
    server.matters.redirect = f"{elsewhere.url}/matters"
    assert caller.get(f"{server.url}/elsewhere").status == 401
    assert elsewhere.seen == [[]]
    assert server.counts["sessionCreate"] == 1  # A 401 from there says nothing about the token.


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_nothing_is_learned_where_a_redirect_leads(method, auth):
    def lead_away(request):
        if request.url.path == "/elsewhere":
            return httpx.Response(200, json={"jwtToken": "not.ours.at-all", "expiresAt": "2030-01-01T00:00:00Z"})
        return httpx.Response(302, headers={"Location": "https://other.example/elsewhere"})

    token, transport = auth.token(), httpx.MockTransport(lead_away)
    address = f"{auth.base_url}/session"
    with httpx.Client(auth=auth, transport=transport, follow_redirects=True) as client:
        assert client.request(method, address).status_code == 200
    assert auth.token() == token


def test_redirect_to_the_same_origin(caller, server):
    server.matters.redirect = "/v1/matters"
    assert caller.get(f"{server.url}/elsewhere").status == 200


def test_body_that_cannot_be_sent_again(caller, server, url):
    caller.get(url)
    server.revoke(EMAIL)
    assert caller.call("POST", url, content=[b"read ", b"once"]).status == 401
    assert server.matters.bodies[-1] == b"read once"
    assert caller.call("POST", url, content=[b"read ", b"once"]).status == 200
    assert server.counts["sessionCreate"] == 2


def test_a_session_that_is_revoked_twice_in_a_row_is_repaired_twice(caller, server, url):
    for _ in range(3):
        assert caller.get(url).status == 200
        server.revoke(EMAIL)
    assert server.counts["sessionCreate"] == 3


def test_streaming_response(caller, server, url):
    caller.get(url)
    server.revoke(EMAIL)
    assert caller.get(url, stream=True).body == b"[]"
    assert b"Token invalid" in caller.get(f"{server.url}/forbidden", stream=True).body


def test_concurrency(caller, server, url):
    caller.get(url)
    server.revoke(EMAIL)
    assert {answer.status for answer in caller.together(20, url)} == {200}
    assert server.counts["sessionCreate"] == 2


def test_all_libraries_together_make_one_log_in(auth, server, url):
    callers = [each(auth) for each in CALLERS]
    barrier = threading.Barrier(len(callers))

    def call(caller):
        barrier.wait(10)
        return caller.get(url).status

    with ThreadPoolExecutor(len(callers)) as pool:
        assert set(pool.map(call, callers)) == {200}
    assert server.counts["sessionCreate"] == 1


def test_an_adapter_is_what_its_library_wants(auth):
    assert isinstance(auth, httpx.Auth)
    assert isinstance(auth.for_httpx2(), httpx2.Auth)
    assert isinstance(auth.for_requests(), requests.auth.AuthBase)


@pytest.mark.parametrize("library", ["httpx2", "requests", "aiohttp"])
def test_an_adapter_whose_library_is_missing_says_what_to_install(library, auth, monkeypatch):
    for module in [each for each in sys.modules if each.startswith("pacerpro_runtime.session.adapters.")]:
        monkeypatch.delitem(sys.modules, module)
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ModuleNotFoundError, match=f'{library} is not installed: pip install "{library}'):
        getattr(auth, f"for_{library}")()


def test_an_auth_that_delegates_is_told_what_to_call(auth):
    with pytest.raises(TypeError, match="sync_auth_flow or async_auth_flow"):
        auth.auth_flow(httpx.Request("GET", "https://example.com"))
