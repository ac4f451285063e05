"""Event hooks that read, that call, and whose errors tell nothing."""

from __future__ import annotations

import json
import pickle

import anyio
import httpx
import pytest

from pacerpro_client import SessionAuth, errors


@pytest.fixture
def hooks(world):
    """Options of a client that calls a function with each request or response, as either kind of client does."""

    def options(**functions):
        def hook(function):
            async def ahook(subject):
                function(subject)

            return function if world.synchronous else ahook

        return {"event_hooks": {event: [hook(function)] for event, function in functions.items()}}

    return options


def test_a_refusal_is_remembered_whatever_an_error_knows_of_it(call, server, time, hooks):
    """httpx's own transport tells of the status before any hook can hide it."""
    wrong = SessionAuth(email=server.email, password="not the password", base_url=server.url)

    def fail(response):
        raise LookupError

    for error in (LookupError, errors.Unauthorized, errors.Unauthorized):
        with pytest.raises(error):
            call(wrong, options=hooks(response=fail))
    assert server.counts == {"sessionCreate": 1}


def test_a_token_of_somebody_else_stays_in_an_error(call, auth, hooks):
    """A hook calls another service, with a token of its own, and lets the error of that call pass."""
    call(auth)
    other = httpx.Request("GET", "https://audit.test/", headers={"Authorization": "Bearer of-the-audit-service"})

    def audit(request):
        raise httpx.ConnectError("no audit", request=other)

    with pytest.raises(httpx.ConnectError):
        call(auth, options=hooks(request=audit))
    assert other.headers["Authorization"] == "Bearer of-the-audit-service"


def lonely_error(response):
    raise httpx.HTTPStatusError("of another client", request=response and "of a kind of its own", response=response)


@pytest.mark.parametrize("response", [None, "text", httpx.Response(500, stream=httpx.ByteStream(b""))])
def test_an_error_that_is_being_handled_breaks_nothing(call, auth, server, response):
    """Its response may be none, or one without a request, as those of other libraries and of tests are."""
    try:
        lonely_error(response)
    except httpx.HTTPStatusError:
        assert call(auth).status_code == 200
        server.fail_next(drop="before")
        with pytest.raises(httpx.TransportError):
            call(auth)


def test_a_log_in_that_a_hook_has_read_leaves_no_password_in_an_error(call, auth, server, hooks):
    """As those do that log bodies."""
    options = hooks(request=httpx.Request.read)
    server.fail_next(operation="sessionCreate", drop="before")
    with pytest.raises(httpx.TransportError) as raised:
        call(auth, options=options)
    assert server.password.encode() not in pickle.dumps(raised.value)
    # What a program's own tests have recorded can still be looked at.
    log_in = call(auth, options=options).history[0].request
    assert json.loads(log_in.content) == {"email": server.email, "password": server.password}


def test_a_hook_may_look_at_the_body_of_a_log_in(call, auth, server, hooks):
    sizes = []
    options = hooks(request=lambda request: sizes.append(len(request.content)))
    assert call(auth, options=options).status_code == 200
    assert sizes == [len(json.dumps({"email": server.email, "password": server.password}, separators=(",", ":"))), 0]


@pytest.mark.parametrize("how", ["consumed", "closed"])
def test_a_401_is_repaired_although_a_hook_has_spent_its_body(world, call, auth, server, how):
    def spend(response):
        if response.status_code == 401:
            response.close() if how == "closed" else list(response.iter_raw())

    async def aspend(response):
        if response.status_code == 401:
            await response.aclose() if how == "closed" else [each async for each in response.aiter_raw()]

    call(auth)
    server.revoke(server.email)
    options = {"event_hooks": {"response": [spend if world.synchronous else aspend]}}
    assert call(auth, options=options).status_code == 200
    assert server.counts["sessionCreate"] == 2


class Alike(Exception):
    """All of these are equal, and say that they are nothing."""

    def __eq__(self, other):
        return isinstance(other, Alike)

    def __hash__(self):
        return 0

    def __bool__(self):
        return False


class Awkward(Exception):
    @property
    def response(self):
        raise LookupError


def wrapped(kind, error):
    if kind == "group":
        raise ExceptionGroup("of a task group", [error])
    if kind == "cause":
        raise Awkward from error
    if kind == "context":
        try:
            raise error
        except httpx.HTTPStatusError:
            raise Awkward from LookupError()
    alike = Alike()
    alike.__cause__ = error
    raise Alike from alike


@pytest.mark.parametrize("kind", ["group", "cause", "context", "alike"])
def test_a_401_is_found_wherever_an_error_keeps_it(call, auth, server, hooks, kind):
    def fail(response):
        try:
            response.raise_for_status()
        except httpx.HTTPStatusError as error:
            found.append(error)
        if response.is_error:
            wrapped(kind, found[-1])

    found: list[httpx.HTTPStatusError] = []
    call(auth)
    server.revoke(server.email)
    with pytest.raises((ExceptionGroup, Awkward, Alike)):
        call(auth, options=hooks(response=fail))
    assert "Authorization" not in found[0].request.headers
    assert call(auth, options=hooks(response=fail)).status_code == 200
    assert server.counts["sessionCreate"] == 2


def test_a_proxy_that_refuses_its_own_credentials_says_nothing_of_ours(call, time, scripted):
    """It answers 407, or 401 if it knows no better."""
    proxy = scripted("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
    auth = SessionAuth(email="ada@example.com", password="x", base_url="https://localhost:9/v1")
    for _ in range(2):
        with pytest.raises(httpx.ProxyError):
            call(auth, url="https://localhost:9/v1/matters", options={"proxy": proxy.url})


@pytest.mark.timeout(20)
@pytest.mark.parametrize("nested", ["sync", "async", "in a thread", "in a task"])
def test_a_hook_may_make_a_call_while_its_caller_logs_in(world, auth, server, nested):
    """Waiting for its own caller's log-in, it would wait for ever."""
    statuses = []

    patient = {"timeout": None}

    def one():
        return httpx.get(server.url + "/matters", auth=auth, **patient).status_code

    async def aone():
        async with httpx.AsyncClient(auth=auth, **patient) as client:
            return (await client.get(server.url + "/matters")).status_code

    async def in_a_task():
        async def note():
            statuses.append(await aone())

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(note)
        return statuses.pop()

    asynchronous = {"async": aone, "in a thread": lambda: anyio.to_thread.run_sync(one), "in a task": in_a_task}

    def hook(request):
        if request.method == "POST" and not statuses:
            statuses.append("begun")
            statuses.append(one() if nested == "sync" else anyio.run(asynchronous[nested]))

    async def ahook(request):
        if request.method == "POST" and not statuses:
            statuses.append("begun")
            statuses.append(one() if nested == "sync" else await asynchronous[nested]())

    options = {"event_hooks": {"request": [hook if world.synchronous else ahook]}, **patient}
    assert world.call(auth, "GET", server.url + "/matters", options=options).status_code == 200
    assert statuses == ["begun", 200]
