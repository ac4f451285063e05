"""The generated client, given a session's auth: its operations, its retries, and calls that it does not know."""

from __future__ import annotations

import asyncio
import socket

import httpx
import pytest
from httpx_aiohttp import HttpxAiohttpClient
from httpx_retries import Retry

from pacerpro_client import Client, errors
from pacerpro_client.api.authentication import session_delete, session_refresh
from pacerpro_runtime.operation import Operation, as_nothing

from .services import AsyncOnce
from .worlds import settled


@pytest.fixture
def use(world):
    """Call an operation through a client of its own."""

    def call(operation, auth, base_url, **settings):
        client = Client(base_url, auth=auth, **settings)

        async def main():
            if world.synchronous:
                with client:
                    return operation.sync(client=client)
            async with client:
                return await operation.asyncio(client=client)

        return world.run(main)

    return call


def test_an_operation_logs_in_first(use, auth, server):
    session = use(session_refresh, auth, server.url)
    assert session.expires_at > auth.session.expires_at
    assert server.counts == {"sessionCreate": 1, "sessionRefresh": 1}


def test_a_client_and_other_clients_share_one_session(use, call, auth, server):
    use(session_refresh, auth, server.url)
    assert call(auth).status_code == 200
    assert server.counts["sessionCreate"] == 1


def test_the_clients_own_http_client_has_the_session_too(world, auth, server):
    client = Client(server.url, auth=auth)

    async def main():
        if world.synchronous:
            with client:
                return client.get_httpx_client().get("/matters")
        async with client:
            return await client.get_async_httpx_client().get("/matters")

    assert world.run(main).status_code == 200
    assert server.counts == {"sessionCreate": 1, "matters": 1}


def test_an_auth_for_another_origin_is_refused(auth):
    with pytest.raises(ValueError, match="would not be used at"):
        Client("https://api.example.com", auth=auth)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirected_refresh_over_aiohttp_lets_the_call_go_on(auth, server, time, status):
    """That transport does not tell of a redirect before its client follows it."""

    async def main():
        async with Client(server.url, auth=auth, transport="aiohttp", retries=0) as client:
            await session_refresh.asyncio(client=client)
            time.advance(3600 - 40)
            server.fail_next(operation="sessionRefresh", status=status, headers={"Location": "https://elsewhere.test/"})
            await session_refresh.asyncio(client=client)
            server.fail_next(operation="sessionCreate", status=status, headers={"Location": "https://elsewhere.test/"})
            time.advance(3600)
            with pytest.raises(errors.PacerProError, match="redirect"):
                await session_refresh.asyncio(client=client)

    asyncio.run(main())
    # One of the refreshes is the auth's own.
    assert server.counts == {"sessionCreate": 2, "sessionRefresh": 3}


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_log_in_that_fails_for_the_moment_is_tried_again_as_the_call_itself_would_be(
    use, auth, server, pauses, status
):
    server.fail_next(operation="sessionCreate", status=status, retry_after=7)
    use(session_refresh, auth, server.url)
    assert pauses == [7]
    assert server.counts == {"sessionCreate": 2, "sessionRefresh": 1}


def test_a_log_in_is_tried_as_often_as_the_client_says(use, auth, server, pauses):
    server.fail_next(operation="sessionCreate", status=503, times=None)
    with pytest.raises(errors.ServerError):
        use(session_refresh, auth, server.url, retries=2)
    assert server.counts == {"sessionCreate": 3}
    assert len(pauses) == 2
    with pytest.raises(errors.ServerError):
        use(session_refresh, auth, server.url, retries=0)
    assert server.counts == {"sessionCreate": 4}


@pytest.mark.parametrize("status", [400, 401, 403, 500])
def test_a_log_in_that_would_fail_again_is_not_tried_again(use, auth, server, pauses, status):
    server.fail_next(operation="sessionCreate", status=status, times=None)
    with pytest.raises(errors.ApiError):
        use(session_refresh, auth, server.url)
    assert server.counts == {"sessionCreate": 1}
    assert pauses == []


def test_a_wrong_password_is_tried_once_whatever_the_clients_policy(use, auth, server, pauses):
    policy = Retry(total=3, status_forcelist=[401, 503], backoff_factor=0)
    server.fail_next(operation="sessionCreate", status=401, times=None)
    with pytest.raises(errors.Unauthorized):
        use(session_refresh, auth, server.url, retries=policy)
    assert server.counts == {"sessionCreate": 1}
    assert pauses == []


def test_a_log_in_without_a_network_is_tried_again_and_named_where_it_fails(use, auth, server, pauses):
    server.fail_next(operation="sessionCreate", drop="before", times=2)
    use(session_refresh, auth, server.url)
    assert server.counts["sessionCreate"] == 3
    server.revoke(server.email)
    server.fail_next(operation="sessionCreate", drop="before", times=None)
    with pytest.raises(httpx.TransportError) as caught:
        use(session_refresh, auth, server.url, retries=1)
    assert caught.value.request.method == "POST"
    assert server.counts["sessionCreate"] == 5


@pytest.mark.parametrize("retries", [0, 3])
def test_when_the_network_fails_under_a_refresh_the_call_goes_on(use, auth, server, time, pauses, retries):
    use(session_refresh, auth, server.url)
    time.advance(3600 - 40)
    server.fail_next(drop="before")
    use(session_refresh, auth, server.url, retries=retries)
    # The one that failed, and the call.
    assert [record.status for record in server.requests][2:] == [None, 200]
    assert set(pauses) <= {0.0}


def test_a_log_out_by_its_operation_is_noticed_at_the_next_call(use, call, auth, server):
    use(session_delete, auth, server.url)
    assert call(auth).status_code == 200
    assert server.counts == {"sessionCreate": 2, "sessionDelete": 1, "matters": 2}


def test_one_auth_serves_clients_of_every_kind_at_once(world, auth, server):
    """A generated client, one of httpx's own, and one that has a session's auth for one call only."""

    async def main():
        async with world.client(auth) as first, world.client(None) as second:
            generated = Client(server.url, auth=auth)
            one = settled(first.get(server.url + "/matters"))
            other = settled(second.get(server.url + "/matters", auth=auth))
            assert (await one).status_code == (await other).status_code == 200
            if world.synchronous:
                session_refresh.sync(client=generated)
                generated.close()
            else:
                await session_refresh.asyncio(client=generated)
                await generated.aclose()

    world.run(main)
    assert server.counts == {"sessionCreate": 1, "sessionRefresh": 1, "matters": 2}


# A call that must not be sent twice. The contract has none, but the rest of the API may.

ONLY_ONCE = Operation(method="POST", path="/matters", success={200: as_nothing}, bodies={"text/plain": str})


@pytest.mark.parametrize("token", ["none yet", "revoked"])
def test_a_log_in_that_the_network_breaks_off_may_be_tried_again_before_a_call_that_may_not(
    auth, server, pauses, token
):
    with Client(server.url, auth=auth) as client:
        if token == "revoked":
            client.send(ONLY_ONCE)
            server.revoke(server.email)
        server.fail_next(operation="sessionCreate", drop="before")
        client.send(ONLY_ONCE)
    assert len(pauses) == 1


def test_such_a_call_itself_is_not_tried_again(auth, server, pauses):
    with Client(server.url, auth=auth) as client:
        client.send(ONLY_ONCE)
        server.fail_next(drop="before")
        with pytest.raises(httpx.TransportError):
            client.send(ONLY_ONCE)
    assert pauses == []


# Over aiohttp, the transport that is offered by name.


def test_over_aiohttp_fifty_cold_calls_log_in_once_and_a_revoked_session_is_repaired(auth, server):
    async def main():
        async with Client(server.url, auth=auth, transport="aiohttp") as client:
            for _ in range(2):
                sessions = await asyncio.gather(*[session_refresh.asyncio(client=client) for _ in range(50)])
                assert all(session.expires_at >= auth.session.expires_at for session in sessions)
                server.revoke(server.email)

    asyncio.run(main())
    assert server.counts["sessionCreate"] == 2


def test_over_aiohttp_a_redirected_log_in_goes_nowhere(auth, server):
    async def main(witness):
        server.fail_next(operation="sessionCreate", status=302, headers={"Location": witness})
        async with HttpxAiohttpClient(auth=auth, follow_redirects=True) as client:
            with pytest.raises(errors.PacerProError, match="redirect"):
                await client.get(server.url + "/matters")

    with socket.create_server(("127.0.0.1", 0)) as witness:
        witness.setblocking(False)
        asyncio.run(main(f"http://127.0.0.1:{witness.getsockname()[1]}/"))
        with pytest.raises(BlockingIOError):
            witness.accept()


def test_over_aiohttp_a_body_is_read_once(auth, server):
    body = AsyncOnce()

    async def main():
        async with HttpxAiohttpClient(auth=auth) as client:
            return await client.post(server.url + "/matters", content=body)

    assert asyncio.run(main()).status_code == 200
    assert server.api.bodies == [b"read once"]
