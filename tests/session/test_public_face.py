"""How a source is made, what it shows, and what it hides."""

from __future__ import annotations

import copy
import inspect
import logging
import pickle
import ssl
import subprocess
import sys
import traceback

import httpx
import pytest

from pacerpro_client import Client, SessionAuth, errors
from pacerpro_client.api.authentication import session_refresh
from pacerpro_client.models import Session, User

from .services import EMAIL, PASSWORD

SETTINGS = ["timeout", "headers", "verify", "proxy", "transport", "async_transport", "allow_insecure_hosts", "base_url"]


def test_the_settings_of_the_network_are_those_of_the_client():
    mine, theirs = (inspect.signature(each).parameters for each in (SessionAuth, Client))
    for name in SETTINGS:
        assert mine[name].default == theirs[name].default
        assert mine[name].annotation == theirs[name].annotation
        assert f"\n    {name}:" in inspect.cleandoc(SessionAuth.__doc__)


@pytest.mark.parametrize("make", ["init", "from_env", "from_session", "from_store"])
def test_every_way_of_making_one_takes_the_settings(make, settings, through, time, monkeypatch, tmp_path):
    from pacerpro_client.stores import FileStore

    store = FileStore(tmp_path / "sessions.json")
    session = SessionAuth(email=EMAIL, password=PASSWORD, store=store, **settings).login()
    monkeypatch.setenv("PACERPRO_EMAIL", EMAIL)
    monkeypatch.setenv("PACERPRO_PASSWORD", PASSWORD)
    options = {**settings, "headers": {"x-api-key": "k"}, "timeout": 7.0, "leeway": 60}
    auth = {
        "init": lambda: SessionAuth(email=EMAIL, password=PASSWORD, **options),
        "from_env": lambda: SessionAuth.from_env(**options),
        "from_session": lambda: SessionAuth.from_session(session, **options),
        "from_store": lambda: SessionAuth.from_store(store, **options),
    }[make]()
    auth.token()
    time.advance(3550)
    auth.token()
    auth.logout()
    for request in through.requests[1:]:
        assert request.headers["x-api-key"] == "k"
        assert set(request.extensions["timeout"].values()) == {7.0}
    assert through.seen[-2:] == ["GET", "DELETE"]


@pytest.mark.parametrize(
    ("setting", "error"),
    [
        ({"base_url": "http://example.com"}, errors.InsecureUrl),
        ({"base_url": "nonsense"}, ValueError),
        ({"timeout": -1}, ValueError),
        ({"headers": {"a": 1}}, TypeError),
        ({"verify": "/does/not/exist"}, ValueError),
        ({"proxy": 5}, ValueError),
        ({"transport": 5}, TypeError),
        ({"email": None}, TypeError),
        ({"password": 5}, TypeError),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused_when_it_is_given(setting, error):
    with pytest.raises(error):
        SessionAuth(**{"email": EMAIL, "password": PASSWORD, **setting})


def test_an_allowed_insecure_host_takes_plain_http():
    auth = SessionAuth(email=EMAIL, password=PASSWORD, base_url="http://mock:8080/v1", allow_insecure_hosts={"mock"})
    assert str(auth.base_url) == "http://mock:8080/v1"


def test_an_ssl_context_is_used_for_the_log_in(monkeypatch):
    seen = []
    monkeypatch.setattr(httpx.Client, "send", lambda *a, **k: pytest.fail("not reached"))
    monkeypatch.setattr(
        "pacerpro_runtime.transports.network.tls_context",
        lambda verify: seen.append(verify) or ssl.create_default_context(),
    )
    context = ssl.create_default_context()
    auth = SessionAuth(email=EMAIL, password=PASSWORD, base_url="https://localhost:1", verify=context)
    with pytest.raises(BaseException, match="not reached"):
        auth.token()
    assert seen == [context]


def test_from_env_needs_both_variables(monkeypatch):
    monkeypatch.setenv("PACERPRO_EMAIL", EMAIL)
    with pytest.raises(ValueError, match="set PACERPRO_EMAIL and PACERPRO_PASSWORD"):
        SessionAuth.from_env()


@pytest.mark.parametrize("given", [None, User(email=EMAIL, password=PASSWORD), {"jwtToken": "a.b.c"}, "a.b.c"])
def test_from_session_refuses_other_types(given):
    with pytest.raises(TypeError, match="from_session takes a Session, and not") as error:
        SessionAuth.from_session(given)
    assert PASSWORD not in str(error.value)


def test_a_malformed_token_is_refused(source, mock):
    session = Session(jwt_token="a b", expires_at=source.login().expires_at)
    with pytest.raises(ValueError, match="no bearer token"):
        SessionAuth.from_session(session)
    mock.fail_next(operation="sessionCreate", content='{"jwtToken": "a b", "expiresAt": "2030-01-01T00:00:00Z"}')
    with pytest.raises(errors.InvalidResponse, match="no bearer token") as error:
        source.login()
    assert "a b" not in str(copy.copy(error.value).__dict__)


def test_copies_are_the_same_source_and_pickles_are_refused(source):
    assert copy.copy(source) is copy.deepcopy(source) is source
    with pytest.raises(TypeError, match="cannot be pickled"):
        pickle.dumps(source)


def test_no_secret_shows(source, mock, caplog):
    """Not in a repr, in what an object holds on its surface, in the log, or in an error with its traceback."""
    with caplog.at_level(logging.DEBUG, "pacerpro_client"):
        token = source.token()
        mock.fail_next(operation="sessionCreate", status=401, content=f'{{"message": "{EMAIL} {PASSWORD}"}}')
        with pytest.raises(errors.Unauthorized) as error:
            source.token(rejected=token)
    shown = [repr(source), repr(vars(source)), caplog.text, str(error.value), repr(vars(error.value))]
    shown += [repr(vars(source._source)), repr(source._source.state.token)]
    frames = traceback.TracebackException.from_exception(error.value, capture_locals=True)
    runtime = [frame for frame in frames.stack if "pacerpro_runtime" in frame.filename]
    assert runtime
    shown += [str(frame.locals) for frame in runtime]
    for text in shown:
        assert token not in text
        assert PASSWORD not in text
    assert EMAIL not in caplog.text
    assert "a***@example.com" in caplog.text


def test_the_log_tells_the_life_of_a_session(source, mock, time, caplog):
    with caplog.at_level(logging.INFO, "pacerpro_client"):
        source.token()
        time.advance(2700)
        old = source.token()
        mock.revoke(EMAIL)
        source.token(rejected=old)
        source.logout()
    told = [" ".join(message.split()[:2]) for message in caplog.messages]
    assert told == ["logged in", "refreshed the", "logged in", "logged out"]


def test_session_calls_are_not_repeated_and_not_redirected(source, mock, through):
    mock.fail_next(operation="sessionCreate", status=503)
    with pytest.raises(errors.ServerError):
        source.token()
    mock.fail_next(operation="sessionCreate", status=307, headers={"Location": "https://elsewhere.test/"})
    with pytest.raises(errors.ApiError):
        source.token()
    assert [request.url.host for request in through.requests] == ["pacerpro.test"] * 2


def test_the_callers_hooks_redirects_and_cookies_do_not_see_the_session(auth, server):
    seen = []
    with httpx.Client(
        auth=auth,
        event_hooks={"request": [lambda request: seen.append(request.method)]},
        follow_redirects=True,
        cookies={"caller": "cookie"},
        params={"caller": "query"},
    ) as client:
        assert client.get(f"{server.url}/matters").status_code == 200
    assert seen == ["GET"]
    assert server.counts == {"sessionCreate": 1, "matters": 1}


def test_the_callers_retries_wait_for_as_long_as_the_log_in_is_throttled(source, mock, monkeypatch, time):
    waits = []

    def sleep(seconds):
        waits.append(seconds)
        time.advance(seconds)

    monkeypatch.setattr("pacerpro_runtime.client.time", type("module", (), {"sleep": staticmethod(sleep)}))
    mock.fail_next(operation="sessionCreate", status=429, retry_after=7)
    with Client(mock.url, auth=source, transport=mock.transport()) as client:
        assert session_refresh.sync(client=client)
    assert sum(waits) >= 7
    assert mock.counts["sessionCreate"] == 2


def test_a_synchronous_program_does_not_import_what_it_does_not_use():
    code = "from pacerpro_client import Client, SessionAuth; import sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    unused = {"anyio", "asyncio", "attrs", "filelock", "redis", "keyring", "requests", "aiohttp", "httpx2", "trio"}
    assert not unused & set(loaded)


def test_a_later_change_of_the_environment_does_not_move_the_log_in(mock, through, monkeypatch):
    monkeypatch.setenv("PACERPRO_BASE_URL", mock.url)
    source = SessionAuth(email=EMAIL, password=PASSWORD, transport=through)
    monkeypatch.setenv("PACERPRO_BASE_URL", "https://elsewhere.test/v1")
    source.token()
    assert [str(request.url) for request in through.requests] == [f"{mock.url}/session"]
