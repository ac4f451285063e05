"""What the bare tool gets wrong, and we get right: each row is one check, which ours passes and stock output fails.

That the check fails on stock output shows that it can fail, and that the fault is still there to be mended: when a
newer version of the tool mends one itself, its test here says so.
"""

from __future__ import annotations

import copy
import datetime
import importlib
import inspect
import json
import pickle
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import httpx
import pytest

TOKEN = "hunter2.hunter2.hunter2"
SESSION = {"jwtToken": TOKEN, "expiresAt": "2030-01-01T12:00:00Z"}
ERROR = {"error": "No", "message": "No", "status": 401, "type": "error"}
HTML = b"<html>Bad gateway</html>"


class Package:
    """A generated package of either kind, called in the same way."""

    def __init__(self, name: str) -> None:
        self.is_stock = name.startswith("stock")
        self.module = importlib.import_module(name)
        self.models = importlib.import_module(f"{name}.models")
        self.types = importlib.import_module(f"{name}.types")
        self._api = f"{name}.api.authentication"
        self.sent: list[httpx.Request] = []

    def operation(self, name: str) -> Any:
        return importlib.import_module(f"{self._api}.session_{name}")

    def user(self) -> Any:
        return self.models.User(email="ada@example.com", password="hunter2")

    def client(self, status_code: int = 200, content: Any = SESSION, **settings: Any) -> Any:
        """A client with a token, and with a stand-in for the server."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()

        def app(request: httpx.Request) -> httpx.Response:
            self.sent.append(request)
            return httpx.Response(status_code, content=body)

        transport = httpx.MockTransport(app)
        if self.is_stock:
            kind = self.module.AuthenticatedClient
            return kind(base_url="https://api.test", token=TOKEN, httpx_args={"transport": transport}, **settings)
        return self.module.Client("https://api.test", auth=TOKEN, transport=transport, retries=0, **settings)

    def call(self, name: str, *answer: Any) -> Any:
        body = {"body": self.user()} if name == "create" else {}
        return self.operation(name).sync(client=self.client(*answer), **body)

    def refused(self, name: str, *answer: Any) -> Any:
        """Call, and return the error that carries the response; any other error is let through."""
        try:
            result = self.call(name, *answer)
        except Exception as error:
            if hasattr(error, "status_code"):
                return error
            raise
        raise AssertionError(f"no error, but {result!r}")


# The rows. Each takes a package, and raises unless it is right.


def every_wait_has_an_end(package):
    timeout = package.client().get_httpx_client().timeout
    assert None not in timeout.as_dict().values()


def repr_hides_the_password(package):
    assert "hunter2" not in repr(package.user())


def repr_hides_the_client_s_token(package):
    assert "hunter2" not in repr(package.client())


def repr_hides_the_session_s_token(package):
    assert "hunter2" not in repr(package.models.Session.from_dict(SESSION))


def a_documented_error_is_raised(package):
    error = package.refused("create", 401, ERROR)
    assert (error.status_code, error.parsed.message) == (401, "No")


def an_undocumented_error_is_raised(package):
    assert package.refused("create", 418, ERROR).status_code == 418


def status(code):
    def any_status_is_reported_as_it_is(package):
        assert package.refused("create", code, ERROR).status_code == code

    return any_status_is_reported_as_it_is


def refusal(status_code, content, name="create"):
    def the_error_holds_the_response(package):
        error = package.refused(name, status_code, content)
        assert error.status_code == status_code
        assert error.content == (content if isinstance(content, bytes) else json.dumps(content).encode())

    return the_error_holds_the_response


def a_date_time_is_aware(package):
    session = package.call("create", 200, SESSION | {"expiresAt": "2030-01-01T12:00:00"})
    assert session.expires_at.utcoffset() == datetime.timedelta(0)


def unset_survives_a_pickle(package):
    assert pickle.loads(pickle.dumps(package.types.UNSET)) is package.types.UNSET  # noqa: S301


def unset_survives_a_deep_copy(package):
    assert copy.deepcopy(package.types.UNSET) is package.types.UNSET


def the_http_client_is_built_once(package):
    built, barrier = [], threading.Barrier(8)
    client = package.client()

    class Slow(httpx.Client):
        def __init__(self, **settings):
            built.append(self)
            time.sleep(0.02)
            super().__init__(**settings)

    def get(_):
        barrier.wait(5)
        return client.get_httpx_client()

    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(8) as pool:
        patch.setattr(httpx, "Client", Slow)
        list(pool.map(get, range(8)))
    assert len(built) == 1


def with_headers_leaves_the_client_as_it_was(package):
    client = package.client()
    client.get_httpx_client()
    client.with_headers({"X-Kind": "second"})
    package.operation("refresh").sync(client=client)
    assert "X-Kind" not in package.sent[-1].headers


def security_of_the_whole_document_holds(package):
    package = Package(f"{'stock' if package.is_stock else 'ours'}_by_default")
    for name, wanted in {"refresh": True, "delete": True, "create": False}.items():
        operation = package.operation(name)
        if package.is_stock:  # It says so by the kind of client that it takes.
            kind = inspect.signature(operation.sync).parameters["client"].annotation
            assert (kind is package.module.AuthenticatedClient) == wanted
        else:
            assert operation.operation.secured == wanted


def the_server_of_the_contract_is_the_default(package):
    url = package.module.Client().get_httpx_client().base_url
    assert url == "https://api.pacerpro.com/v1/"


def the_user_agent_names_the_package(package):
    package.call("refresh", 200, SESSION)
    version = importlib.import_module("pacerpro_client").__version__
    assert package.sent[-1].headers["User-Agent"] == f"pacerpro-client/{version}"


class Row(NamedTuple):
    """A check, and how stock output fails it."""

    check: Callable[[Package], None]
    fault: type[Exception] = AssertionError


ROWS = {
    "time-outs": Row(every_wait_has_an_end),
    "repr of User": Row(repr_hides_the_password),
    "repr of a client": Row(repr_hides_the_client_s_token),
    "repr of Session": Row(repr_hides_the_session_s_token),
    "a documented 401": Row(a_documented_error_is_raised),
    "an undocumented 418": Row(an_undocumented_error_is_raised),
    "a documented 503": Row(status(503)),
    "status 520": Row(status(520), ValueError),
    "status 599": Row(status(599), ValueError),
    "HTML behind 401": Row(refusal(401, HTML), json.JSONDecodeError),
    "nothing behind 401": Row(refusal(401, b""), json.JSONDecodeError),
    "HTML behind 200": Row(refusal(200, HTML), json.JSONDecodeError),
    "nothing behind 200": Row(refusal(200, b""), json.JSONDecodeError),
    "half a body": Row(refusal(200, json.dumps(SESSION).encode()[:30]), json.JSONDecodeError),
    "a missing property": Row(refusal(200, {"jwtToken": "a"}), KeyError),
    "expiresAt: 5": Row(refusal(200, SESSION | {"expiresAt": 5}), TypeError),
    "expiresAt: soon": Row(refusal(200, SESSION | {"expiresAt": "soon"}), ValueError),
    "an unknown enum value": Row(refusal(401, ERROR | {"type": "fatal"}), ValueError),
    "null for an enum": Row(refusal(401, ERROR | {"type": None}), ValueError),
    "jwtToken: 5": Row(refusal(200, SESSION | {"jwtToken": 5})),
    "a list for an object": Row(refusal(200, [], "delete")),
    "a date-time without a zone": Row(a_date_time_is_aware),
    "UNSET in a pickle": Row(unset_survives_a_pickle),
    "UNSET in a deep copy": Row(unset_survives_a_deep_copy),
    "threads in a race": Row(the_http_client_is_built_once),
    "with_headers": Row(with_headers_leaves_the_client_as_it_was),
    "security at the top": Row(security_of_the_whole_document_holds),
    "servers": Row(the_server_of_the_contract_is_the_default, TypeError),
    "User-Agent": Row(the_user_agent_names_the_package),
}


@pytest.mark.usefixtures("packages")
@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_ours_is_right(row, monkeypatch):
    monkeypatch.delenv("PACERPRO_BASE_URL", raising=False)
    row.check(Package("pacerpro_client"))


@pytest.mark.usefixtures("packages")
@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_stock_output_is_not(row):
    with pytest.raises(row.fault) as raised:
        row.check(Package("stock"))

    assert type(raised.value) is row.fault
