"""A password and a token that would be noticed anywhere are looked for wherever something can be shown."""

from __future__ import annotations

import asyncio
import copy
import json
import logging
import pickle
import traceback
from contextlib import suppress
from urllib.parse import quote

import httpx
import pytest

from pacerpro_client import Client, SessionAuth, errors
from pacerpro_client.api.authentication import session_refresh
from pacerpro_runtime.session.token import Token

from .services import without_a_socket

CANARY = 'c4nary "pässwörd" \\ /'


class Secrets:
    """All that must not be shown, in the ways in which it may be spelled."""

    def __init__(self) -> None:
        self._spelled = [CANARY, json.dumps(CANARY)[1:-1], repr(CANARY)[1:-1], quote(CANARY), "c4nary"]

    def add(self, token: str) -> None:
        # The first part of a token is the same for all.
        self._spelled += token.split(".")[1:]

    def in_text(self, text: str | bytes) -> list[str]:
        text = text.decode("latin-1") if isinstance(text, bytes) else text
        return [secret for secret in self._spelled if secret in text]


@pytest.fixture
def secrets():
    return Secrets()


@pytest.fixture
def service(time):
    """A service without a socket, whose user has the password that would be noticed."""
    return without_a_socket(CANARY, time)


@pytest.fixture
def canary(service, secrets, monkeypatch):
    """An auth with that password. Each of its tokens is one of the secrets."""
    made = Token.__init__

    def noted(token, value, *arguments, **keywords):
        secrets.add(value)
        made(token, value, *arguments, **keywords)

    monkeypatch.setattr(Token, "__init__", noted)
    return SessionAuth(email="ada@example.com", password=CANARY, base_url=service.url)


@pytest.fixture
def use(world, service):
    def call(auth, transport=None, **request):
        transport = transport or service.transport()
        return world.call(auth, "GET", service.url + "/matters", options={"transport": transport}, **request)

    return call


@pytest.fixture
def logs(caplog, secrets):
    """Everything that any library logs at any level."""
    caplog.set_level(logging.DEBUG)
    for name in ("pacerpro_client", "httpx", "httpcore"):
        caplog.set_level(logging.DEBUG, name)
    yield caplog
    assert caplog.get_records("call")
    for record in caplog.get_records("call"):
        assert not secrets.in_text(caplog.handler.format(record)), record


def shown(error: BaseException) -> list[str | bytes]:
    """All that an exception shows, of itself and of those that it came from."""
    texts, seen = [], set()
    queue = [error]
    while queue:
        each = queue.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        queue += [each.__cause__, each.__context__]
        texts += [str(each), repr(each), repr(each.args), repr(vars(each)), *traceback.format_exception(each)]
        for frame in traceback.TracebackException.from_exception(each, capture_locals=True).stack:
            # The frames of other libraries hold what is on the wire, as they must.
            if "pacerpro_runtime" in frame.filename:
                texts.append(repr(frame.locals))
        with suppress(TypeError, AttributeError, pickle.PicklingError):
            texts.append(pickle.dumps(each))
        with suppress(TypeError):
            texts += [repr(vars(copy.copy(each))), str(copy.copy(each))]
    return texts


FAULTS = {
    **{f"log-in {status}": ("sessionCreate", {"status": status}) for status in (302, 400, 401, 403, 429, 500, 599)},
    "log-in html": ("sessionCreate", {"malform": "html"}),
    "log-in truncated": ("sessionCreate", {"malform": "truncated"}),
    "log-in dropped": ("sessionCreate", {"drop": "before"}),
    "log-in dropped half-way": ("sessionCreate", {"drop": "body"}),
    "log-in of another encoding": ("sessionCreate", {"headers": {"Content-Encoding": "gzip"}}),
    "refresh dropped": ("sessionRefresh", {"drop": "before"}),
}


@pytest.mark.filterwarnings("ignore:Async generator 'http:ResourceWarning")
@pytest.mark.parametrize(("operation", "fault"), FAULTS.values(), ids=FAULTS)
def test_no_error_shows_a_secret(use, canary, service, time, secrets, logs, operation, fault):
    if operation == "sessionRefresh":
        use(canary)
        time.advance(3600 - 40)
    service.fail_next(operation=operation, **fault)
    with pytest.raises((errors.PacerProError, httpx.RequestError)) as raised:
        use(canary)
    for text in shown(raised.value):
        assert not secrets.in_text(text)


def echoes(service, operation, secret):
    """Let the service say what it was sent, as JSON and as something else."""
    body = json.dumps({"message": f"I do not like {secret}", "error": secret, "status": 403, "type": "error"})
    for content in (body, f"<p>{secret}</p>"):
        service.fail_next(operation=operation, status=403, content=content)
        yield


def test_no_error_shows_what_the_server_repeats_of_a_log_in(use, canary, service, secrets, logs):
    for _ in echoes(service, "sessionCreate", CANARY):
        with pytest.raises(errors.Forbidden) as raised:
            use(canary)
        for text in shown(raised.value):
            assert not secrets.in_text(text)
        assert not secrets.in_text(raised.value.content)
        assert not secrets.in_text(repr(raised.value.parsed))


def test_no_log_shows_what_the_server_repeats_of_a_refresh(use, canary, service, time, secrets, logs):
    use(canary)
    time.advance(3600 - 40)
    for _ in echoes(service, "sessionRefresh", canary.session.jwt_token):
        time.advance(2)
        assert use(canary).status_code == 200
    assert "could not be refreshed: 403" in logs.text


def test_no_error_of_an_explicit_log_in_or_log_out_shows_a_secret(world, canary, service, secrets, logs):
    canary._transport = canary._async_transport = service.transport()
    for status in (401, 403, 500):
        service.fail_next(operation="sessionCreate", status=status)
        with pytest.raises(errors.ApiError) as raised:
            world.log_in(canary)
        for text in shown(raised.value):
            assert not secrets.in_text(text)
    world.log_in(canary)
    for fault in ({"status": 500}, {"status": 500, "content": canary.session.jwt_token}, {"status": 302}):
        service.fail_next(operation="sessionDelete", **fault)
        with pytest.raises(errors.PacerProError) as raised:
            world.log_out(canary)
        for text in shown(raised.value):
            assert not secrets.in_text(text)
    world.log_out(canary)


def test_no_error_raised_again_shows_a_secret(use, canary, service, secrets):
    service.fail_next(operation="sessionCreate", status=401)
    for _ in range(3):
        with pytest.raises(errors.Unauthorized) as raised:
            use(canary)
        for text in shown(raised.value):
            assert not secrets.in_text(text)


def test_no_network_error_of_the_callers_own_request_shows_the_token(use, canary, service, secrets):
    use(canary)
    service.fail_next(drop="before")
    with pytest.raises(httpx.TransportError) as raised:
        use(canary)
    assert secrets.in_text(canary.session.jwt_token)
    for text in shown(raised.value):
        assert not secrets.in_text(text)


def everything_in(thing, depth=5):
    """The repr of an object and of all that hangs on it."""
    yield repr(thing)
    yield str(thing)
    if depth and hasattr(thing, "__dict__"):
        yield repr(vars(thing))
        for each in vars(thing).values():
            yield from everything_in(each, depth - 1)


def test_no_repr_shows_a_secret(use, canary, service, secrets):
    use(canary)
    assert canary.session is not None
    core = canary._core
    given = SessionAuth.from_session(canary.session, base_url=service.url)
    for thing in (canary, given, core, core.state, core.state.token, core.credentials, canary.session, SessionAuth):
        for text in everything_in(thing):
            assert not secrets.in_text(text)
    for thing in (canary, given, core.state.token, core.credentials, canary.session):
        for text in everything_in(copy.copy(thing)):
            assert not secrets.in_text(text)
        for text in everything_in(copy.deepcopy(thing)):
            assert not secrets.in_text(text)
    for text in (f"{canary}", f"{canary!r}", "%s" % canary, str([canary]), str({"auth": canary})):  # noqa: UP031
        assert not secrets.in_text(text)


def test_no_repr_of_a_flow_on_its_way_shows_a_secret(canary, service, secrets):
    flow = canary.sync_auth_flow(httpx.Request("GET", service.url + "/matters"))
    log_in = next(flow)
    for thing in (
        flow,
        log_in,
        log_in.headers,
        log_in.stream,
        canary._core.state._flight,
        *vars(flow).values(),
        *flow._steps.gi_frame.f_locals.values(),
    ):
        assert not secrets.in_text(repr(thing) + str(thing))
    # The password stays no longer than it takes to send it.
    assert secrets.in_text(json.dumps(CANARY))
    assert b"c4nary" in b"".join(log_in.stream)
    assert not secrets.in_text(repr(vars(log_in.stream)))
    flow.close()


def test_nothing_that_holds_a_secret_can_be_pickled(use, canary, service):
    use(canary)
    core = canary._core
    client = Client(service.url, auth=canary)
    for thing in (canary, [canary], core, core.state, client):
        with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
            pickle.dumps(thing)


def test_over_sockets_no_log_at_any_level_shows_a_secret(world, server, secrets, logs, time):
    """The log of httpcore tells of every step on the wire."""
    auth = SessionAuth(email=server.email, password=server.password, base_url=server.url)
    secrets._spelled = [server.password]
    for advance in (3600 - 40, 60, 3600, 0):
        world.call(auth, "GET", server.url + "/matters", options={})
        secrets.add(auth.session.jwt_token)
        time.advance(advance)
    server.revoke(server.email)
    world.call(auth, "GET", server.url + "/matters", options={})
    secrets.add(auth.session.jwt_token)
    world.log_out(auth)
    assert server.counts["sessionRefresh"] == 1
    assert any(record.name.startswith("httpcore") for record in logs.records)


def test_asyncio_in_its_debug_mode_shows_no_secret(canary, service, secrets, logs):
    async def main():
        asyncio.get_running_loop().slow_callback_duration = 0
        async with httpx.AsyncClient(auth=canary, transport=service.transport()) as client:
            await asyncio.gather(*[client.get(service.url + "/matters") for _ in range(5)])

    asyncio.run(main(), debug=True)
    assert any(record.name == "asyncio" for record in logs.records)


def test_an_error_of_the_client_with_a_session_shows_no_secret(canary, service, secrets, logs):
    client = Client(service.url, auth=canary, transport=service.transport(), retries=0)
    for fault in ({"status": 403, "content": b"{}"}, {"drop": "before"}, {"malform": "html"}):
        session_refresh.sync(client=client)
        service.fail_next(operation="sessionRefresh", **fault)
        with pytest.raises((errors.PacerProError, httpx.RequestError)) as raised:
            session_refresh.sync(client=client)
        for text in shown(raised.value):
            assert not secrets.in_text(text)
