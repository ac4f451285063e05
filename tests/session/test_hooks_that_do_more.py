"""Event hooks that read, that call, and whose errors tell nothing."""

from __future__ import annotations

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


def test_a_log_in_that_a_hook_has_read_leaves_no_password_behind(call, auth, server, hooks):
    """As those do that log bodies."""
    options = hooks(request=httpx.Request.read)
    server.fail_next(operation="sessionCreate", drop="before")
    with pytest.raises(httpx.TransportError) as raised:
        call(auth, options=options)
    assert server.password.encode() not in pickle.dumps(raised.value)
    log_in = call(auth, options=options).history[0].request
    assert log_in.method == "POST"
    assert server.password not in repr(vars(log_in)) + repr(vars(log_in.stream))


@pytest.mark.timeout(20)
@pytest.mark.parametrize("nested", ["sync", "async"])
def test_a_hook_may_make_a_call_while_its_caller_logs_in(world, auth, server, nested):
    """Waiting for its own caller's log-in, it would wait for ever."""
    statuses = []

    patient = {"timeout": None}

    def one():
        return httpx.get(server.url + "/matters", auth=auth, **patient).status_code

    async def aone():
        async with httpx.AsyncClient(auth=auth, **patient) as client:
            return (await client.get(server.url + "/matters")).status_code

    def hook(request):
        if request.method == "POST" and not statuses:
            statuses.append("begun")
            statuses.append(one() if nested == "sync" else anyio.run(aone))

    async def ahook(request):
        if request.method == "POST" and not statuses:
            statuses.append("begun")
            statuses.append(one() if nested == "sync" else await aone())

    options = {"event_hooks": {"request": [hook if world.synchronous else ahook]}, **patient}
    assert world.call(auth, "GET", server.url + "/matters", options=options).status_code == 200
    assert statuses == ["begun", 200]
