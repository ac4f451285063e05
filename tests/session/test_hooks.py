"""Event hooks that make errors of answers, as many programs have them, hide from the auth nothing that it must know."""

from __future__ import annotations

import httpx
import pytest

from pacerpro_client import SessionAuth, errors
from pacerpro_runtime.session.broken import Broken

from .worlds import settled


class Refused(Exception):
    """An error of a program's own."""

    def __init__(self, response, *, holds):
        super().__init__(f"the answer is {response.status_code}")
        if holds:
            self.response = response


def raise_for_status(kind, response):
    if response.is_redirect:
        return
    try:
        response.raise_for_status()
    except httpx.HTTPStatusError as error:
        if kind == "chained":
            raise Refused(response, holds=False) from error
        if kind != "own":
            raise
    if kind == "own" and response.is_error:
        raise Refused(response, holds=True)


@pytest.fixture(params=["unread", "read", "chained", "own"])
def hooked(request, world):
    """Options of a client whose hook raises an error for each answer that is no success."""

    def hook(response):
        if request.param == "read":
            response.read()
        raise_for_status(request.param, response)

    async def ahook(response):
        if request.param == "read":
            await response.aread()
        raise_for_status(request.param, response)

    return {"event_hooks": {"response": [hook if world.synchronous else ahook]}}


FAILS = (httpx.HTTPStatusError, Refused)


@pytest.fixture
def wrong(server, time):
    return SessionAuth(email=server.email, password="not the password", base_url=server.url)


def test_a_refused_log_in_is_remembered(call, wrong, server, hooked):
    with pytest.raises(FAILS, match="401"):
        call(wrong, options=hooked)
    for options in (hooked, {}):
        with pytest.raises(errors.Unauthorized) as refused:
            call(wrong, options=options)
        assert (refused.value.status_code, refused.value.method) == (401, "POST")
    assert server.counts == {"sessionCreate": 1}


def test_everyone_who_waits_for_a_refused_log_in_hears_of_it(world, wrong, server, hooked):
    async def main():
        async with world.client(wrong, **hooked) as client:

            async def one():
                return await settled(client.get(server.url + "/matters"))

            return await world.together(*[one] * 64)

    outcomes = [type(each) for each in world.run(main)]
    assert sum(map(outcomes.count, FAILS)) == 1
    assert outcomes.count(errors.Unauthorized) == 63
    assert server.counts == {"sessionCreate": 1}


def test_after_a_revocation_one_call_fails_and_the_next_logs_in(call, auth, server, hooked):
    call(auth, options=hooked)
    server.revoke(server.email)
    with pytest.raises(FAILS, match="401"):
        call(auth, options=hooked)
    assert call(auth, options=hooked).status_code == 200
    assert server.counts == {"sessionCreate": 2, "matters": 3}


def test_after_a_refresh_that_is_refused_one_call_fails_and_the_next_logs_in(call, auth, server, time, hooked):
    call(auth, options=hooked)
    server.revoke(server.email)
    time.advance(3600 - 40)
    with pytest.raises(FAILS, match="401"):
        call(auth, options=hooked)
    assert call(auth, options=hooked).status_code == 200
    assert server.counts == {"sessionCreate": 2, "sessionRefresh": 1, "matters": 2}


def test_a_refresh_that_fails_is_not_tried_again_at_once(call, auth, server, time, hooked):
    call(auth, options=hooked)
    time.advance(3600 - 40)
    server.fail_next(operation="sessionRefresh", status=503)
    with pytest.raises(FAILS, match="503"):
        call(auth, options=hooked)
    assert call(auth, options=hooked).status_code == 200
    assert server.counts == {"sessionCreate": 1, "sessionRefresh": 1, "matters": 2}


def test_an_answer_other_than_401_does_not_end_the_session(call, auth, server, hooked):
    call(auth, options=hooked)
    server.fail_next(status=500)
    with pytest.raises(FAILS, match="500"):
        call(auth, options=hooked)
    call(auth, options=hooked)
    assert server.counts == {"sessionCreate": 1, "matters": 3}


def refusal_of(request, **headers):
    response = httpx.Response(401, headers=headers, stream=httpx.ByteStream(b"unread"), request=request)
    return httpx.HTTPStatusError("401", request=request, response=response)


def test_an_older_error_is_not_taken_for_the_reason(call, auth, server):
    """A program calls while it handles the 401 of another call, and gives its own call up."""
    call(auth)
    request = httpx.Request("GET", server.url + "/matters")
    try:
        raise refusal_of(request)
    except httpx.HTTPStatusError:
        flow = auth.sync_auth_flow(httpx.Request("GET", server.url + "/matters"))
        assert "Authorization" in next(flow).headers
        flow.close()
    assert auth.session is not None


def test_a_flow_that_is_closed_is_over_although_there_was_more_to_do(call, auth, server, time):
    call(auth)
    time.advance(3600 - 40)
    flow = auth.sync_auth_flow(httpx.Request("GET", server.url + "/matters"))
    refresh = next(flow)
    try:
        raise refusal_of(refresh)
    except httpx.HTTPStatusError:
        flow.close()  # Here it would log in.
    assert auth._core.state._flight is None


def test_a_body_that_nobody_has_read_is_taken_as_empty():
    request = httpx.Request("GET", "https://pacerpro.test/")
    answer = Broken(refusal_of(request, **{"Content-Encoding": "zstd"})).answer_to(request)
    assert answer.content == b""
    assert "Content-Encoding" not in answer.headers  # One that is installed would refuse an empty body.


@pytest.mark.parametrize("status", [401, 500])
@pytest.mark.parametrize("redirected", [True, False])
def test_a_hooks_error_holds_no_token(call, auth, server, hooked, status, redirected):
    call(auth, options=hooked)
    if redirected:
        server.fail_next(status=307, headers={"Location": "/v1/matters"})
    server.fail_next(status=status)
    with pytest.raises(FAILS) as raised:
        call(auth, options={**hooked, "follow_redirects": True})
    error = raised.value.__cause__ or raised.value
    assert error.response.status_code == status
    assert "Authorization" not in error.response.request.headers


def test_nor_does_the_error_of_a_call_that_is_redirected_for_ever(call, auth, server):
    call(auth)
    server.fail_next(status=307, headers={"Location": "/v1/matters"}, times=None)
    with pytest.raises(httpx.TooManyRedirects) as raised:
        call(auth, options={"follow_redirects": True})
    assert "Authorization" not in raised.value.request.headers


def test_nor_that_of_a_redirect_to_the_same_origin_that_fails(call, auth, server):
    call(auth)
    server.fail_next(status=307, headers={"Location": "/v1/matters"})
    server.fail_next(drop="before")
    with pytest.raises(httpx.TransportError) as raised:
        call(auth, options={"follow_redirects": True})
    assert "Authorization" not in raised.value.request.headers
