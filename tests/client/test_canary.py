"""A password and a token that nobody else has are looked for in every place where the client says something."""

from __future__ import annotations

import html
import json
import logging
import pickle
import traceback
from pathlib import Path

import httpx
import pytest

import pacerpro_client
import pacerpro_runtime
from pacerpro_client import Client, errors
from pacerpro_client.api.authentication import session_create, session_delete, session_refresh
from pacerpro_client.models import User

ADA = "ada@example.com"
PASSWORD = 'hunter2-päss"word\\<&/'
TOKEN = "hunter2.hunter2.hunter2"
OUR_OWN = tuple(str(Path(package.__file__).parent) for package in (pacerpro_client, pacerpro_runtime))
SESSION = f'{{"jwtToken": "{TOKEN}", "expiresAt": "2030-01-01T00:00:00Z"}}'


def said_by(error: BaseException) -> list[str]:
    """What an error tells whoever logs it: with its chain, its attributes, and the variables of our own frames."""
    said = [str(error), repr(error), repr(error.args), repr(vars(error)), *getattr(error, "__notes__", [])]
    said += traceback.format_exception(error)
    for each in chain_of(error):
        said += [repr(each), repr(vars(each))]
        for frame in traceback.TracebackException.from_exception(each, capture_locals=True).stack:
            if frame.filename.startswith(OUR_OWN):
                said += [f"{frame.name}: {name}={value}" for name, value in (frame.locals or {}).items()]
    try:
        said.append(repr(pickle.dumps(error)))
    except TypeError as refusal:
        said.append(str(refusal))
    return said


def chain_of(error: BaseException) -> list[BaseException]:
    chain, waiting = [], [error]
    while waiting:
        each = waiting.pop()
        if each is not None and each not in chain:
            chain.append(each)
            waiting += [each.__cause__, each.__context__]
    return chain


def assert_silent(texts: list[str]) -> None:
    assert texts, "nothing was looked at"
    leaks = [text for text in texts if "hunter2" in text]
    assert leaks == []


@pytest.fixture(autouse=True)
def _nothing_is_logged_or_printed(caplog, capfd):
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "httpx_retries", "pacerpro_client", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name)
    yield
    records = [*caplog.get_records("setup"), *caplog.get_records("call")]
    assert_silent(["", *(f"{record.getMessage()} {record.args!r} {record.exc_text}" for record in records)])
    assert_silent(["", *capfd.readouterr()])


def echo(status_code, page=None):
    """Answer with all that was sent, as JSON or in a page."""

    def app(request):
        sent = json.loads(request.content)["password"] if request.content else request.headers["Authorization"]
        if page:
            return httpx.Response(status_code, html=page.format(html.escape(sent)))
        return httpx.Response(status_code, json={"message": f"Not {sent}!", "error": sent, "more": [[sent]]})

    return app


def breaks(error):
    def app(request):
        raise error

    return app


ANSWERS = {
    "401 that repeats it": echo(401),
    "400 that repeats it": echo(400),
    "502 page": echo(502, page="<p>Not {}!</p>"),
    "599": echo(599),
    "redirect": lambda _: httpx.Response(307, headers={"Location": f"https://evil.test/{TOKEN}"}),
    "another success": lambda _: httpx.Response(202, text=SESSION[1:]),
    "half a session": lambda _: httpx.Response(200, text=SESSION[:-5]),
    "a session with a wrong type": lambda _: httpx.Response(200, text=SESSION.replace('"2030-01-01T00:00:00Z"', "5")),
    "a token with a wrong type": lambda _: httpx.Response(200, text=SESSION.replace(f'"{TOKEN}"', f'["{TOKEN}"]')),
    "a list": lambda _: httpx.Response(200, text=f"[{SESSION}]"),
    "no connection": breaks(httpx.ConnectError("no")),
    "no answer": breaks(httpx.ReadTimeout("no")),
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize("operation", [session_create, session_refresh], ids=["create", "refresh"])
def test_no_error_says_a_secret(call, answer, operation):
    transport = httpx.MockTransport(answer)
    client = Client("https://api.test", auth=TOKEN, transport=transport, async_transport=transport, retries=0)
    arguments = {"body": User(email=ADA, password=PASSWORD)} if operation is session_create else {}

    with pytest.raises((errors.PacerProError, httpx.TransportError)) as raised:
        call(operation, client, **arguments)

    assert_silent(said_by(raised.value))


def test_no_error_over_a_real_connection_says_a_secret(server, client, call):
    faults = [
        {"drop": "before"},
        {"drop": "body", "content": SESSION},
        {"malform": "truncated"},
        {"content": f"{SESSION} and more"},
        {"status": 503},
        {"latency": 2},
    ]
    for fault in faults:
        server.fail_next(**fault)
        patience = httpx.Timeout(5, read=0.03 if "latency" in fault else 5)
        with pytest.raises((errors.PacerProError, httpx.TransportError)) as raised:
            call(session_create, client(TOKEN, retries=0, timeout=patience), body=User(email=ADA, password=PASSWORD))
        assert_silent(said_by(raised.value))
        server.stop_failing()


@pytest.mark.parametrize(
    "mistake",
    [
        lambda: Client("https://api.test", auth=f"{TOKEN}\n"),
        lambda: Client("https://api.test", auth=f"{TOKEN}ä"),
        lambda: Client("https://api.test", headers={"X-Key": f"{TOKEN}\r\n"}),
        lambda: Client(f"https://ada:{TOKEN}@api.test"),
        lambda: Client(f"https://ada:{TOKEN}/@api.test"),
        lambda: Client(f"http://api.test?{TOKEN}"),
        lambda: User.from_dict({"email": 5, "password": PASSWORD}),
        lambda: pickle.dumps(Client("https://api.test", auth=TOKEN)),
        lambda: pickle.dumps(Client("https://api.test", auth=TOKEN).get_httpx_client().auth),
    ],
    ids=range(9),
)
def test_no_refusal_says_a_secret(mistake):
    with pytest.raises((ValueError, TypeError)) as refusal:
        mistake()

    assert_silent([str(refusal.value), repr(refusal.value), repr(vars(refusal.value))])


def test_no_object_shows_a_secret(server, client, log_in):
    server.fail_next(content=SESSION)
    session = log_in()
    own = client(TOKEN)
    user = User(email=ADA, password=PASSWORD)
    with own:
        own.get_async_httpx_client()
        response = session_create.sync_detailed(
            client=own, body=User(email=ADA, password="correct horse battery staple")
        )
        objects = [
            own,
            own.get_httpx_client(),
            own.get_async_httpx_client(),
            own.get_httpx_client().auth,
            user,
            session,
            response,
        ]
        shown = [text for each in objects for text in (repr(each), str(each), f"{each}", f"{each!r:>3}")]
        shown += [repr(vars(each)) for each in objects if hasattr(each, "__dict__")]

    assert session.jwt_token == TOKEN
    assert_silent(shown)


def test_the_same_search_finds_what_is_not_hidden(caplog):
    """It would be of no use if it could not."""
    error = ValueError("hunter2")
    with pytest.raises(AssertionError):
        assert_silent(said_by(error))
    with pytest.raises(AttributeError) as raised:  # In a frame of our own, with the variable in it.
        session_delete.sync(client="hunter2")
    with pytest.raises(AssertionError):
        assert_silent(said_by(raised.value))
