"""Operations that are not of the session: answered from the contract, behind the mock's own tokens."""

from __future__ import annotations

import httpx
import pytest
from jsonschema import Draft202012Validator

from pacerpro_mock import Mock, MockServer

from .matters import MATTER, USERS


@pytest.fixture
def mock(mock_of_matters) -> Mock:
    mock_of_matters.reset()
    return mock_of_matters


def is_valid(matter: dict) -> bool:
    """Whether it is a matter as a response may have it."""
    properties = {name: each for name, each in MATTER["properties"].items() if name != "secretNote"}
    properties["value"] = {"type": "object", "maxProperties": 0}
    schema = {**MATTER, "properties": properties, "required": ["number", "title", "createdAt"]}
    return Draft202012Validator({**schema, "components": {"schemas": {"Matter": schema}}}).is_valid(matter)


def test_an_operation_is_answered_by_its_example_made_valid(ada):
    response = ada.get("/matters")
    first, second = response.json()
    assert (first["number"], first["title"]) == (1001, "Smith")
    assert is_valid(first)
    assert is_valid(second)
    assert "secretNote" not in first
    assert first["value"] == {}
    assert type(first["properties"]) is int
    assert type(first["required"]) is bool
    assert int(response.headers["x-total"]) >= 5


def test_an_answer_without_an_example_is_made_of_the_schema(ada):
    matter = {"title": "Jones", "createdAt": "2030-01-01T00:00:00Z", "secretNote": "hush"}
    response = ada.post("/matters", json=matter)
    assert response.status_code == 201
    assert is_valid(response.json())


def test_other_media_types_and_no_body_are_answered_too(ada):
    csv = ada.get("/matters/5")
    assert (csv.status_code, csv.headers["content-type"], csv.text) == (200, "text/csv", "a,b")
    gone = ada.delete("/matters/5")
    assert (gone.status_code, gone.content) == (204, b"")


def test_a_schema_without_a_possible_example_is_501(call):
    response = call("GET", "/v1/riddle")
    assert response.status_code == 501
    assert "riddle" in response.json()["message"]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer x.y.z"}, {"Authorization": "Basic eDp5"}])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_operations_need_a_token_of_the_mock(call, method, headers):
    response = call(method, "/v1/matters", headers=headers)
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer ")
    assert call("GET", "/v1/ping").status_code == 200


def test_a_token_that_has_ended_no_longer_counts(ada, call):
    assert ada.get("/matters").status_code == 200
    call.mock.clock.advance(3601)
    assert ada.get("/matters").status_code == 401
    assert call.mock.requests[-2:] == [
        ("GET", "/v1/matters", 200, "ada@example.com"),
        ("GET", "/v1/matters", 401, None),
    ]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 200), ("?page=2", 200), ("?page=0", 400), ("?page=x", 400), ("?page=1.5", 400), ("?page=", 400),
        ("?state=open&state=closed", 200), ("?state=open&state=x", 400), ("?unknown=1", 200),
        ("?all=true", 200), ("?all=yes", 400),
    ],
)  # fmt: skip
def test_parameters_are_validated(ada, query, status):
    assert ada.get(f"/matters{query}").status_code == status


def test_parameters_in_the_path_and_in_headers_are_validated(ada):
    assert ada.get("/matters/x").status_code == 400
    assert ada.get("/matters", headers={"X-Team": "longer"}).status_code == 400
    assert ada.get("/matters", headers={"X-Team": " red "}).status_code == 200


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b"{}", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b'{"title": "ab", "createdAt": "2030-01-01T00:00:00Z", "secretNote": "hush"}', "application/json", 400),
        (b'{"title": "abc", "createdAt": "2030-01-01T00:00:00Z", "secretNote": "hush"}', "application/json", 201),
        (b'{"title": "abc", "createdAt": "2030-01-01T00:00:00Z"}', "application/json", 400),
        (b"title=abc", "application/x-www-form-urlencoded", 415),
        (b" " * 70_000, "application/json", 413),
    ],
)  # fmt: skip
def test_a_body_is_validated_and_its_values_are_not_repeated(ada, content, media_type, status):
    response = ada.post("/matters", content=content, headers={"Content-Type": media_type})
    assert response.status_code == status
    assert "hush" not in response.text or status == 201


@pytest.mark.parametrize(
    ("media_type", "status"), [("image/png", 204), ("text/csv", 204), ("image/jpeg", 415), ("application/json", 415)]
)
def test_a_media_type_may_have_no_schema(ada, media_type, status):
    assert ada.put("/picture", content=b"x", headers={"Content-Type": media_type}).status_code == status


def test_unknown_paths_are_404_and_unknown_methods_405(ada):
    assert ada.get("/matter").status_code == 404
    assert ada.get("/matters/5/notes").status_code == 404
    assert ada.patch("/matters").headers["allow"] == "GET, POST"
    assert ada.patch("/session").headers["allow"] == "DELETE, GET, POST, PUT"
    assert ada.put("/session").status_code == 200
    assert ada.get("/matters/mine").headers["content-length"] == "0"


def test_user_of_returns_the_user_of_a_token(mock):
    token = mock.service.log_in("bob@example.com", "another secret").token
    assert mock.user_of(token) == "bob@example.com"
    mock.revoke("bob@example.com")
    assert mock.user_of(token) is None
    assert mock.user_of("nonsense") is None


def test_faults_and_counts_know_the_operations(ada, call):
    call.mock.fail_next(status=503, operation="matterList")
    assert [ada.get("/ping").status_code, ada.get("/matters").status_code, ada.get("/matters").status_code] == [
        200,
        503,
        200,
    ]
    assert call.mock.counts["matterList"] == 2


def test_secrets_of_the_contract_are_masked_in_recorded_bodies(ada, call):
    ada.post(
        "/matters",
        json={"title": "Jones", "secretNote": "hush", "pin": "1", "puk": "2", "nested": [{"apiKey": "hush"}]},
    )
    record = call.mock.requests[-1]
    assert record.body == {
        "title": "Jones",
        "secretNote": "***",
        "pin": "***",
        "puk": "***",
        "nested": [{"apiKey": "***"}],
    }
    assert record.headers["authorization"] == "Bearer ***"
    assert record.headers["content-type"] == "application/json"


def test_the_contract_is_also_the_one_that_is_served(call):
    assert "/matters" in call("GET", "/openapi.json").json()["paths"]


def test_an_application_is_tested_on_matters(contract):
    """What a test of an application looks like: its own client, a real socket, the life of a session beside it."""
    with MockServer(USERS, contract=contract) as server, server.client(timeout=5) as client:
        server.respond("matterList", json=[{"number": 7}])
        http = httpx.Client(base_url=server.url, auth=server.auth())
        assert http.get("/matters").json() == [{"number": 7}]
        server.clock.advance(7200)
        assert http.get("/matters").json() == [{"number": 7}]
        http.close()
        assert client is not None
        assert server.counts["sessionCreate"] == 2
