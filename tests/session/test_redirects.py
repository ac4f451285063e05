"""The three calls of the session follow no redirect, whatever the caller's client does with its own."""

from __future__ import annotations

import socket

import httpx
import pytest

from pacerpro_client import SessionAuth, errors

STATUSES = [301, 302, 303, 307, 308]
FOLLOW = {"follow_redirects": True}


class Witness:
    """Another origin, which sees whoever comes."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._listener.setblocking(False)
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1/session"

    def has_seen_nothing(self) -> bool:
        try:
            connection, _ = self._listener.accept()
        except BlockingIOError:
            return True
        connection.close()
        return False


@pytest.fixture
def witness():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield Witness(listener)


def test_the_witness_sees_whoever_comes(call, auth, server, witness):
    """The caller's own request does follow, so that the tests below can fail."""
    call(auth)
    server.fail_next(status=302, headers={"Location": witness.url})
    with pytest.raises(httpx.ReadTimeout):
        call(auth, options={**FOLLOW, "timeout": 0.2})
    assert not witness.has_seen_nothing()


@pytest.mark.parametrize("status", STATUSES)
def test_a_redirected_log_in_goes_nowhere(call, auth, server, witness, status):
    server.fail_next(operation="sessionCreate", status=status, headers={"Location": witness.url})
    with pytest.raises(errors.PacerProError, match="redirect"):
        call(auth, options=FOLLOW)
    assert witness.has_seen_nothing()
    assert server.counts == {"sessionCreate": 1}


@pytest.mark.parametrize("status", STATUSES)
def test_a_redirected_refresh_goes_nowhere(call, auth, server, time, witness, status):
    call(auth)
    time.advance(3600 - 40)
    server.fail_next(operation="sessionRefresh", status=status, headers={"Location": witness.url})
    assert call(auth, options=FOLLOW).status_code == 200
    assert witness.has_seen_nothing()
    assert server.counts == {"sessionCreate": 1, "sessionRefresh": 1, "matters": 2}


@pytest.mark.parametrize("status", STATUSES)
def test_a_redirected_repair_goes_nowhere(call, auth, server, witness, status):
    call(auth)
    server.revoke(server.email)
    server.fail_next(operation="sessionCreate", status=status, headers={"Location": witness.url})
    with pytest.raises(errors.PacerProError, match="redirect"):
        call(auth, options=FOLLOW)
    assert witness.has_seen_nothing()


@pytest.mark.parametrize("status", STATUSES)
def test_a_redirected_explicit_log_in_or_log_out_goes_nowhere(world, auth, server, witness, status):
    server.fail_next(operation="sessionCreate", status=status, headers={"Location": witness.url})
    with pytest.raises(errors.PacerProError, match="redirect"):
        world.log_in(auth)
    world.log_in(auth)
    server.fail_next(operation="sessionDelete", status=status, headers={"Location": witness.url})
    with pytest.raises(errors.PacerProError, match="redirect"):
        world.log_out(auth)
    assert witness.has_seen_nothing()


@pytest.mark.parametrize("location", ["/v1/session", "/v1/matters", "//localhost/v1", "http://[", ""])
def test_neither_is_a_redirect_to_the_same_place_followed_nor_one_to_nowhere(call, auth, server, location):
    server.fail_next(operation="sessionCreate", status=307, headers={"Location": location})
    with pytest.raises(errors.PacerProError, match="redirect"):
        call(auth, options=FOLLOW)
    assert server.counts == {"sessionCreate": 1}


@pytest.mark.parametrize("name", ["Location", "LOCATION", "location"])
def test_however_it_is_spelled_the_redirect_is_an_answer_like_any_other(call, time, scripted, name):
    service = scripted(f"HTTP/1.1 302 Found\r\n{name}: http://localhost:9/\r\nContent-Length: 0\r\n\r\n")
    auth = SessionAuth(email="ada@example.com", password="x", base_url=service.url)
    with pytest.raises(errors.ApiError, match="redirect") as raised:
        call(auth, url=service.url + "matters", options=FOLLOW)
    assert raised.value.status_code == 302


# A transport that is not httpx's own does not tell of a response before its client has followed it.


class Elsewhere(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Redirects the session's calls to another place, and notes what arrives there."""

    def __init__(self, mock, status, method, location="https://elsewhere.test/v1/session"):
        self._mock, self._status, self._method, self._location = mock.transport(), status, method, location
        self.redirected, self.arrived = 0, []

    def _redirect(self, request):
        if request.url.host == "elsewhere.test":
            self.arrived.append(request)
        if self.redirected or (request.method, request.url.path) != (self._method, "/v1/session"):
            return None
        self.redirected += 1
        return httpx.Response(self._status, headers={"Location": self._location})

    def handle_request(self, request):
        redirect = self._redirect(request)
        if redirect:
            b"".join(request.stream)
        return redirect or self._mock.handle_request(request)

    async def handle_async_request(self, request):
        redirect = self._redirect(request)
        if redirect:
            b"".join([chunk async for chunk in request.stream])
        return redirect or await self._mock.handle_async_request(request)


@pytest.mark.parametrize("follow", [True, False])
@pytest.mark.parametrize("status", STATUSES)
def test_without_httpxs_transport_a_redirected_log_in_goes_nowhere(call_offline, offline, offline_auth, status, follow):
    transport = Elsewhere(offline, status, "POST")
    with pytest.raises(errors.PacerProError, match="redirect"):
        call_offline(offline_auth, transport, options={"follow_redirects": follow})
    assert (transport.redirected, transport.arrived) == (1, [])
    assert offline_auth.session is None
    assert call_offline(offline_auth, transport).status_code == 200


@pytest.mark.parametrize("follow", [True, False])
@pytest.mark.parametrize("status", STATUSES)
def test_without_httpxs_transport_a_redirected_refresh_goes_nowhere(
    call_offline, offline, offline_auth, time, status, follow
):
    """It ends the call, since the client ends the auth's flow; the next one has the token that lives."""
    call_offline(offline_auth, offline.transport())
    older = offline_auth.session
    time.advance(3600 - 40)
    transport = Elsewhere(offline, status, "GET")
    with pytest.raises(errors.PacerProError, match="redirect"):
        call_offline(offline_auth, transport, options={"follow_redirects": follow})
    assert (transport.redirected, transport.arrived) == (1, [])
    assert call_offline(offline_auth, transport).status_code == 200
    assert offline_auth.session is older


def test_without_httpxs_transport_a_redirect_to_the_same_place_is_no_refusal(call_offline, offline, offline_auth):
    """303 back to where the log-in went: there a refresh without a token would be answered 401."""
    transport = Elsewhere(offline, 303, "POST", offline.url + "/session")
    with pytest.raises(errors.PacerProError, match="redirect") as raised:
        call_offline(offline_auth, transport, options=FOLLOW)
    assert not isinstance(raised.value, errors.Unauthorized)
    assert offline.counts == {}


def test_a_log_in_is_not_sent_twice_by_a_transport_that_tries_again(world, offline, offline_auth):
    """Its body is gone after the first time: nothing that holds on to the request holds on to the password."""

    class Twice(httpx.BaseTransport, httpx.AsyncBaseTransport):
        def handle_request(self, request):
            for _ in range(2):
                b"".join(request.stream)

        async def handle_async_request(self, request):
            for _ in range(2):
                b"".join([chunk async for chunk in request.stream])

    with pytest.raises(errors.PacerProError, match="a second time"):
        world.call(offline_auth, "GET", offline.url + "/matters", options={"transport": Twice()})
