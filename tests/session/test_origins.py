"""The token goes to one origin: its scheme, its host and its port. The password goes to the log-in alone."""

from __future__ import annotations

import httpx
import pytest

from pacerpro_client import SessionAuth

from .worlds import settled

FOLLOW = {"follow_redirects": True}


class Anywhere(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """The service at its own origin, and somebody who answers everything at all others."""

    def __init__(self, mock):
        self._mock, self._transport = mock, mock.transport()
        self.strangers = []
        self.locations = []

    def _stranger(self, request):
        if str(request.url).startswith(self._mock.url + "/"):
            if request.url.path == "/v1/matters" and self.locations:
                return httpx.Response(307, headers={"Location": self.locations.pop()})
            return None
        self.strangers.append(request)
        return httpx.Response(200)

    def handle_request(self, request):
        return self._stranger(request) or self._transport.handle_request(request)

    async def handle_async_request(self, request):
        return self._stranger(request) or await self._transport.handle_async_request(request)


# The service's own is https://pacerpro.test/v1.
OTHERS = [
    "http://pacerpro.test/v1/matters",
    "http://pacerpro.test:443/v1/matters",
    "https://pacerpro.test:8443/v1/matters",
    "https://api.pacerpro.test/v1/matters",
    "https://pacerpro.test.example.com/v1/matters",
    "https://pacerpro.tes/v1/matters",
    "https://pacerpro.test./v1/matters",
    "https://pacerpro.test@example.com/v1/matters",
    "https://127.0.0.1/v1/matters",
]
SAME = [
    "https://pacerpro.test/v1/matters",
    "https://pacerpro.test:443/v1/matters",
    "HTTPS://PacerPro.TEST/v1/matters",
]


@pytest.fixture
def transport(offline):
    return Anywhere(offline)


@pytest.mark.parametrize("url", OTHERS)
def test_a_call_of_another_origin_gets_no_token_and_causes_no_log_in(world, offline, offline_auth, transport, url):
    options = {"transport": transport, "base_url": offline.url}
    assert world.call(offline_auth, "GET", url, options=options).status_code == 200
    world.call(offline_auth, "GET", "/matters", options=options)
    world.call(offline_auth, "POST", url, options=options, content=b"x")
    assert len(transport.strangers) == 2
    assert not any("Authorization" in request.headers for request in transport.strangers)
    assert offline.counts == {"sessionCreate": 1, "matters": 1}


@pytest.mark.parametrize("url", OTHERS)
def test_a_redirect_to_another_origin_gets_no_token(call_offline, offline, offline_auth, transport, url):
    transport.locations = [url]
    assert call_offline(offline_auth, transport, "POST", options=FOLLOW, content=b"body").status_code == 200
    (request,) = transport.strangers
    assert request.url == url
    assert "Authorization" not in request.headers


@pytest.mark.parametrize("url", SAME)
def test_the_same_origin_may_be_written_in_several_ways(world, offline, offline_auth, transport, url):
    # The mock's transport goes by the path.
    response = world.call(offline_auth, "GET", url, options={"transport": offline.transport()})
    assert response.status_code == 200
    assert "Authorization" in response.request.headers


@pytest.mark.parametrize("url", ["https://127.0.0.1/v1/matters", "https://pacerpro.test:8443/v1/matters"])
def test_a_request_that_had_the_token_loses_it_on_its_way_elsewhere(world, offline, offline_auth, transport, url):
    """A caller sends one request twice, and changes its URL in between."""

    async def main():
        async with world.client(offline_auth, transport=transport) as client:
            request = client.build_request("GET", offline.url + "/matters")
            for each in (offline.url + "/matters", url):
                request.url = httpx.URL(each)
                request.headers["Host"] = request.url.host
                response = client.send(request)
                assert (response if world.synchronous else await response).status_code == 200

    world.run(main)
    assert "Authorization" not in transport.strangers[0].headers


@pytest.mark.parametrize("forget", ["log in", "log out"])
def test_nor_does_an_older_token_go_elsewhere(world, offline, offline_auth, transport, forget):
    async def main():
        async with world.client(offline_auth, transport=transport) as client:
            request = client.build_request("GET", offline.url + "/matters")
            await settled(client.send(request))
            offline_auth._core.state.token = None
            if forget == "log in":
                await settled(client.get(offline.url + "/matters"))
            request.url = httpx.URL("https://127.0.0.1/v1/matters")
            await settled(client.send(request))

    world.run(main)
    assert "Authorization" not in transport.strangers[0].headers


def test_what_a_caller_sends_elsewhere_in_the_header_is_the_callers(world, offline, offline_auth, transport):
    world.call(offline_auth, "GET", offline.url + "/matters", options={"transport": transport})
    headers = {"Authorization": "Basic c29tZWJvZHk="}
    world.call(offline_auth, "GET", OTHERS[-1], options={"transport": transport}, headers=headers)
    assert transport.strangers[0].headers["Authorization"] == headers["Authorization"]


def test_it_is_so_although_the_request_had_a_token_before(world, offline, offline_auth, transport):
    async def main():
        async with world.client(offline_auth, transport=transport) as client:
            request = client.build_request("GET", offline.url + "/matters")
            await settled(client.send(request))
            request.url = httpx.URL(OTHERS[-1])
            request.headers["Authorization"] = "Basic c29tZWJvZHk="
            await settled(client.send(request))

    world.run(main)
    assert transport.strangers[0].headers["Authorization"] == "Basic c29tZWJvZHk="


def test_the_path_of_the_base_url_does_not_limit_the_origin(world, offline, offline_auth):
    # The origin is what a browser goes by, too: the API may have parts beside /v1.
    response = world.call(offline_auth, "GET", "https://pacerpro.test/v2", options={"transport": offline.transport()})
    assert "Authorization" in response.request.headers


def test_the_password_is_in_no_request_but_the_log_in(call_offline, offline, offline_auth, through, time):
    transport = through()
    call_offline(offline_auth, transport)
    time.advance(3600 - 40)
    call_offline(offline_auth, transport, "POST", content=b"a body")
    offline.revoke(offline.email)
    call_offline(offline_auth, transport)
    password = offline.password
    for request in transport.requests:
        assert password not in str(request.url) + str(request.headers.raw)
        if isinstance(request.stream, httpx.ByteStream):
            assert password.encode() not in request.content
    log_ins = [each for each in transport.requests if not isinstance(each.stream, httpx.ByteStream)]
    assert [(each.method, str(each.url)) for each in log_ins] == [("POST", offline.url + "/session")] * 2


def test_an_auth_with_the_token_of_one_service_keeps_it_from_another(world, offline, offline_auth, transport):
    other = SessionAuth(email="ada@example.com", password="x", base_url="https://127.0.0.1/v1")
    world.call(offline_auth, "GET", offline.url + "/matters", options={"transport": transport})
    response = world.call(other, "GET", offline.url + "/matters", options={"transport": transport})
    assert response.status_code == 401
