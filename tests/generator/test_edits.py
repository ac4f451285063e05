"""An edit of the contract reaches its users by `make generate` alone: no hand-written code knows what was edited."""

from __future__ import annotations

import importlib
import sys

import httpx
import pytest
from generator import generate as generator

EDITS = [
    ("jwtToken", "accessKey"),
    ("expiresAt", "validUntil"),
    ("        password:\n", "        passPhrase:\n"),
    ("required: [email, password]", "required: [email, passPhrase]"),
    ("password: password", "password: passPhrase"),
    ("                  password: correct", "                  passPhrase: correct"),
    ("  /session:\n", "  /v2/sign-in:\n"),
    ("https://api.pacerpro.com/v1", "https://{region}.example.test/api\n    variables: {region: {default: eu}}"),
    ("\n  version: ", "\n  version: 9.8.7 #"),
]


@pytest.fixture
def edited(contract, tmp_path, monkeypatch):
    """Import a module of the client that the edited contract makes."""
    assert generator.main(["--contract", str(contract(*EDITS)), "--output", str(tmp_path / "edited_client")]) == 0
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delenv("PACERPRO_BASE_URL", raising=False)
    yield lambda name="": importlib.import_module(f"edited_client{name}")
    for name in [name for name in sys.modules if name.partition(".")[0] == "edited_client"]:
        del sys.modules[name]


class Service:
    """Answers as the edited contract says."""

    def __init__(self):
        self.requests = []

    def __call__(self, request):
        self.requests.append((request.method, str(request.url), request.headers.get("Authorization")))
        if request.url != "https://eu.example.test/api/v2/sign-in":
            return httpx.Response(404)
        if request.method == "DELETE":
            return httpx.Response(200, json={})
        if request.method == "POST":
            assert request.content == b'{"email":"ada@example.com","passPhrase":"secret"}'
        return httpx.Response(
            200, json={"accessKey": f"key-{len(self.requests)}", "validUntil": "2030-01-01T00:00:00Z"}
        )


def test_the_client_works_with_other_names_another_path_and_another_server(edited):
    service = Service()
    create, refresh, delete = (
        edited(f".api.authentication.session_{name}") for name in ("create", "refresh", "delete")
    )
    transport = httpx.MockTransport(service)

    with edited().Client(transport=transport) as client:
        user = edited(".models").User(email="ada@example.com", pass_phrase="secret")
        session = create.sync(client=client, body=user)
    with edited().Client(auth=session.access_key, transport=transport) as client:
        newer = refresh.sync(client=client)
        delete.sync(client=client)

    url = "https://eu.example.test/api/v2/sign-in"
    assert service.requests == [("POST", url, None), ("GET", url, "Bearer key-1"), ("DELETE", url, "Bearer key-1")]
    assert newer.access_key == "key-2"
    assert newer.valid_until.year == 2030
    assert "key-2" not in repr(newer)
    assert "secret" not in repr(user)
    assert edited().__version__ == "9.8.7"


def test_so_does_the_auth_that_logs_in_by_itself(edited):
    service = Service()
    auth = edited().SessionAuth(email="ada@example.com", password="secret")

    with httpx.Client(transport=httpx.MockTransport(service), auth=auth) as api:
        api.get("https://eu.example.test/api/v2/sign-in")
        api.get("https://eu.example.test/api/v2/sign-in")

    assert [(method, token) for method, _, token in service.requests] == [
        ("POST", None),
        ("GET", "Bearer key-1"),
        ("GET", "Bearer key-1"),
    ]
    assert auth.session.access_key == "key-1"
