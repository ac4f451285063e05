"""Bodies that flow: a response that is streamed is not read, and a request that is streamed is read once."""

from __future__ import annotations

import httpx
import pytest

from .worlds import settled


class Flow(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A response's body, which notes how much of it has been read."""

    def __init__(self):
        self.chunks, self.closed = 0, False

    def __iter__(self):
        for _ in range(3):
            self.chunks += 1
            yield b"chunk"

    async def __aiter__(self):
        for chunk in self:
            yield chunk

    def close(self):
        self.closed = True

    async def aclose(self):
        self.closed = True


class Streaming(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """The service, whose matters are streamed, with a status."""

    def __init__(self, mock):
        self._transport = mock.transport()
        self.statuses, self.flows = [], []

    def _matters(self, request):
        if request.url.path != "/v1/matters":
            return None
        self.flows.append(Flow())
        return httpx.Response(self.statuses.pop(0) if self.statuses else 200, stream=self.flows[-1])

    def handle_request(self, request):
        return self._matters(request) or self._transport.handle_request(request)

    async def handle_async_request(self, request):
        return self._matters(request) or await self._transport.handle_async_request(request)


@pytest.fixture
def stream(world, offline, offline_auth):
    """Stream a response, look at it before it is read, and read it."""
    transport = Streaming(offline)

    def call(look, **request):
        async def main():
            async with world.client(offline_auth, transport=transport) as client:
                built = client.build_request("POST", offline.url + "/matters", **request)
                response = await settled(client.send(built, stream=True))
                look(response, transport.flows[-1])
                content = response.read() if world.synchronous else await response.aread()
                await settled(response.close() if world.synchronous else response.aclose())
                return content

        return world.run(main)

    call.transport = transport
    return call


def untouched(response, flow):
    assert flow.chunks == 0
    assert not flow.closed
    assert not response.is_stream_consumed
    assert not response.is_closed


def test_a_streamed_response_is_left_to_its_caller(stream):
    for _ in range(2):  # With a log-in before it, and without.
        assert stream(untouched) == b"chunk" * 3


def test_a_streamed_response_after_a_repair_is_left_to_its_caller(stream, offline):
    stream(untouched)
    stream.transport.statuses = [401, 200]
    assert stream(untouched) == b"chunk" * 3
    refused, given = stream.transport.flows[-2:]
    # What nobody will see is read, and its connection is free again.
    assert (refused.chunks, refused.closed) == (3, True)
    assert given.closed
    assert offline.counts["sessionCreate"] == 2


def test_a_streamed_401_that_is_the_callers_is_left_to_its_caller(stream, once):
    stream.transport.statuses = [401]
    body = once()
    assert stream(untouched, content=body) == b"chunk" * 3
    assert body.reads == 0


def test_a_second_streamed_401_is_left_to_its_caller(stream):
    stream.transport.statuses = [401, 401]

    def look(response, flow):
        assert response.status_code == 401
        untouched(response, flow)

    stream(look)


@pytest.mark.parametrize("status", [200, 204, 302, 404, 500])
def test_whatever_its_status_a_response_is_left_to_its_caller(stream, status):
    stream.transport.statuses = [status]
    stream(untouched)


def test_a_streamed_request_after_a_log_in_is_read_once(call, auth, server, once):
    body = once()
    assert call(auth, "POST", content=body).status_code == 200
    assert body.reads == 1
    assert server.api.bodies == [b"read once"]


def test_the_callers_request_is_read_only_by_the_transport(call_offline, offline, offline_auth, once, through):
    """Neither the log-in nor the refresh before it look at it."""
    body = once()
    seen = []

    def look(request):
        seen.append((request.url.path, body.reads))

    call_offline(offline_auth, through(before=look), "POST", content=body)
    assert seen == [("/v1/session", 0), ("/v1/matters", 0)]
    assert body.reads == 1
