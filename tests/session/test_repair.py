"""A call that is answered 401 logs in once and is sent once more, unless somebody was quicker, or it cannot be."""

from __future__ import annotations

import logging
import threading

import anyio
import httpx
import pytest

from pacerpro_client import errors

from .services import Through
from .worlds import settled


@pytest.fixture
def revoked(call, auth, server):
    """An auth whose token has been revoked elsewhere."""
    call(auth)
    server.revoke(server.email)
    return auth


def test_a_revoked_session_is_repaired_by_one_log_in(call, revoked, server, caplog):
    with caplog.at_level(logging.INFO, "pacerpro_client"):
        assert call(revoked, "POST", content=b"once").status_code == 200
    assert [record.status for record in server.requests] == [200, 200, 401, 200, 200]
    assert server.counts == {"sessionCreate": 2, "matters": 3}
    assert server.api.bodies == [b"", b"once", b"once"]
    assert "the token of a***@example.com is no longer accepted" in caplog.text


def test_a_second_401_is_the_callers(call, auth, server):
    call(auth)
    server.api.refuses_everyone = True
    response = call(auth)
    assert response.status_code == 401
    assert response.json()["message"] == "Token invalid or expired"
    assert server.counts == {"sessionCreate": 2, "matters": 3}


@pytest.mark.parametrize("meanwhile", ["repaired", "refreshed"])
def test_a_token_that_is_no_longer_the_current_one_needs_no_log_in(
    call_offline, offline, offline_auth, through, time, meanwhile
):
    """While the request travels with the old token, another call gets the new one."""
    sent = []

    def meddle(request):
        if request.url.path == "/v1/matters" and not sent:
            sent.append(request.headers["Authorization"])
            if meanwhile == "repaired":
                offline.revoke(offline.email)
            else:
                time.advance(3599 - 40)
            with httpx.Client(auth=offline_auth, transport=offline.transport()) as other:
                assert other.get(offline.url + "/matters").status_code == 200
            time.advance(41)

    response = call_offline(offline_auth, through(before=meddle))
    assert response.status_code == 200
    assert response.request.headers["Authorization"] != sent[0]
    assert offline.counts["sessionCreate"] == (2 if meanwhile == "repaired" else 1)


def test_a_token_that_is_given_again_is_a_new_one_all_the_same(world, offline, offline_auth):
    """The server gives one token for ever, and takes it no more: eight callers do not log in eight times over."""
    session = {"jwtToken": "the.same.token", "expiresAt": "2030-06-01T00:00:00Z"}
    log_ins = []

    def answer(request):
        if request.method == "POST":
            log_ins.append(request)
            return httpx.Response(200, json=session)
        return httpx.Response(401)

    async def main():
        async with world.client(offline_auth, transport=httpx.MockTransport(answer)) as client:

            async def one():
                return (await settled(client.get(offline.url + "/matters"))).status_code

            return await world.together(*[one] * 8)

    assert world.run(main) == [401] * 8
    assert len(log_ins) <= 9


# What is a file, a generator or multipart cannot be sent again.


def test_a_body_that_cannot_be_sent_again_is_not(call, revoked, server, once):
    body = once()
    response = call(revoked, "POST", content=body)
    assert response.status_code == 401
    assert body.reads == 1
    assert server.api.bodies == [b"", b"read once"]
    assert server.counts == {"sessionCreate": 1, "matters": 2}


def test_after_such_a_call_the_next_one_logs_in_first(call, revoked, server, once):
    # A program that does nothing but upload would otherwise never log in again.
    call(revoked, "POST", content=once())
    assert call(revoked, "POST", content=once()).status_code == 200
    assert server.counts == {"sessionCreate": 2, "matters": 3}


def test_a_body_that_cannot_be_sent_again_may_be_the_first(call, auth, server, once):
    assert call(auth, "POST", content=once()).status_code == 200
    assert server.api.bodies == [b"read once"]


# A caller's own redirects.


def test_a_call_that_was_redirected_within_the_origin_is_repaired_too(call, revoked, server):
    server.fail_next(status=307, headers={"Location": "/v1/matters?moved"})
    assert call(revoked, "POST", content=b"once", options={"follow_redirects": True}).status_code == 200
    assert [record.status for record in server.requests][2:] == [307, 401, 200, 200]


def test_a_call_that_a_redirect_has_made_another_is_not_sent_again(call, revoked, server):
    # The first request may have had its effect, and a second one might have it once more.
    server.fail_next(status=303, headers={"Location": "/v1/matters"})
    response = call(revoked, "POST", content=b"effect", options={"follow_redirects": True})
    assert response.status_code == 401
    assert server.counts["sessionCreate"] == 1
    assert call(revoked).status_code == 200


def test_a_401_from_another_origin_is_none_of_ours(call, auth, server, scripted):
    call(auth)
    other = scripted("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
    server.fail_next(status=302, headers={"Location": other.url})
    assert call(auth, options={"follow_redirects": True}).status_code == 401
    assert b"authorization" not in other.heads[0].lower()
    assert call(auth).status_code == 200
    assert server.counts["sessionCreate"] == 1


class Narrow(Through):
    """Has few connections, each of them taken until its response has been read or closed.

    (The pool of httpcore, when it is full and threads use it, closes connections that are in use.)
    """

    def __init__(self, mock, free):
        super().__init__(mock)
        self._free = free

    def handle_request(self, request):
        if not self._free.acquire(timeout=2):
            raise httpx.PoolTimeout("no connection was set free", request=request)
        return self._held(super().handle_request(request))

    async def handle_async_request(self, request):
        with anyio.fail_after(2):
            await self._free.acquire()
        return self._held(await super().handle_async_request(request))

    def _held(self, response):
        response.stream = Held(response.stream, self._free)
        return response


class Held(httpx.SyncByteStream, httpx.AsyncByteStream):
    def __init__(self, stream, slot):
        self._stream, self._slot = stream, slot

    def __iter__(self):
        return iter(self._stream)

    def __aiter__(self):
        return aiter(self._stream)

    def close(self):
        self._slot.release()

    async def aclose(self):
        self._slot.release()


def test_callers_who_wait_for_a_log_in_hold_no_connection(world, offline, offline_auth):
    """Four connections and 24 callers with a 401 each: whoever logs in needs one of the four."""

    async def main():
        free = threading.BoundedSemaphore(4) if world.synchronous else anyio.Semaphore(4)
        async with world.client(offline_auth, transport=Narrow(offline, free)) as client:

            async def one():
                return (await settled(client.get(offline.url + "/matters"))).status_code

            assert await one() == 200
            offline.revoke(offline.email)
            return await world.together(*[one] * 24)

    assert world.run(main) == [200] * 24
    assert offline.counts["sessionCreate"] == 2


def test_a_401_is_one_although_its_body_breaks_off(call, revoked, server):
    server.fail_next(status=401, drop="body")
    assert call(revoked).status_code == 200
    assert server.counts["sessionCreate"] == 2


def test_a_log_in_that_fails_under_a_repair_is_what_the_caller_gets(call, revoked, server):
    server.fail_next(operation="sessionCreate", status=503)
    with pytest.raises(errors.ServerError):
        call(revoked)
    assert call(revoked).status_code == 200


def test_a_403_changes_nothing(call, auth, server):
    call(auth)
    server.fail_next(status=403)
    assert call(auth).status_code == 403
    assert server.counts == {"sessionCreate": 1, "matters": 2}
