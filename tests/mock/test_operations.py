"""Operations that are not of the session: answered from the contract, or by the test, behind the mock's own tokens."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
import yaml
from jsonschema import Draft202012Validator

from pacerpro_mock import Mock, MockServer

USERS = {"ada@example.com": "secret", "bob@example.com": "another secret"}
MATTER = {
    "type": "object",
    "required": ["number", "title", "createdAt", "secretNote"],
    "additionalProperties": False,
    "properties": {
        "number": {"type": "integer", "minimum": 1000, "multipleOf": 7, "readOnly": True},
        "title": {"type": "string", "minLength": 3},
        "createdAt": {"type": "string", "format": "date-time"},
        "secretNote": {"type": "string", "writeOnly": True},
        "pin": {"type": "string", "x-secret": True},
        "puk": {"type": "string", "format": "password"},
        "parent": {"$ref": "#/components/schemas/Matter"},
        # Names that are keywords elsewhere.
        "value": {"type": "object", "required": ["x"], "properties": {"x": {"type": "integer", "writeOnly": True}}},
        "properties": {"type": "integer"},
        "required": {"type": "boolean"},
        "tags": {"type": "array", "items": {"type": "string"}, "minItems": 1},
        "stage": {"oneOf": [{"type": "null"}, {"type": "string", "enum": ["open", "closed"]}]},
    },
}
NUMBER = {"name": "number", "in": "path", "required": True, "schema": {"type": "integer"}}
CONTRACT = {
    "openapi": "3.1.0",
    "info": {"title": "Matters", "version": "1"},
    "security": [{"Bearer": []}],
    "paths": {
        "/matters": {
            "parameters": [{"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1}}],
            "get": {
                "operationId": "matterList",
                "parameters": [
                    {
                        "name": "state",
                        "in": "query",
                        "schema": {"type": "array", "items": {"enum": ["open", "closed"]}},
                    },
                    {"name": "X-Team", "in": "header", "schema": {"type": "string", "maxLength": 5}},
                    {"name": "all", "in": "query", "schema": {"type": "boolean"}},
                ],
                "responses": {
                    "200": {
                        "headers": {"X-Total": {"required": True, "schema": {"type": "integer", "minimum": 5}}},
                        "content": {
                            "application/json": {
                                "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Matter"}},
                                # As examples are in practice: some of it is out of date.
                                "examples": {
                                    "two": {
                                        "value": [{"number": 1001, "title": "Smith", "gone": 1, "secretNote": "x"}, {}]
                                    }
                                },
                            }
                        },
                    }
                },
            },
            "post": {
                "operationId": "matterCreate",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Matter"}}},
                },
                "responses": {
                    "201": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Matter"}}}}
                },
            },
        },
        "/matters/{number}": {
            "get": {
                "operationId": "matterGet",
                "parameters": [NUMBER],
                "responses": {"2XX": {"content": {"text/csv": {"example": "a,b", "schema": {"type": "string"}}}}},
            },
            "delete": {"operationId": "matterDelete", "parameters": [NUMBER], "responses": {"204": {}}},
        },
        "/matters/mine": {"get": {"operationId": "matterMine", "responses": {"200": {}}}},
        "/picture": {
            "put": {
                "operationId": "picturePut",
                "requestBody": {"content": {"image/png": {}, "text/*": {}}},
                "responses": {"204": {}},
            }
        },
        "/ping": {"get": {"operationId": "ping", "security": [], "responses": {"default": {}}}},
        "/session": {"put": {"operationId": "sessionReplace", "responses": {"200": {}}}},
        "/riddle": {
            "get": {
                "operationId": "riddle",
                "security": [],
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"type": "string", "pattern": "^a+b$"}}}}
                },
            }
        },
    },
    "components": {
        "schemas": {"Matter": MATTER},
        "securitySchemes": {"Bearer": {"type": "http", "scheme": "bearer"}},
    },
}


@pytest.fixture(scope="module")
def contract(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("contract") / "openapi.yaml"
    path.write_text(yaml.safe_dump(CONTRACT), encoding="utf-8")
    return path


@pytest.fixture
def mock(contract) -> Mock:
    return Mock(USERS, contract=contract)


@pytest.fixture
def ada(call) -> httpx.Client:
    """A client that is logged in."""
    call.client.base_url = call.mock.url
    call.client.headers["Authorization"] = f"Bearer {call.log_in()}"
    return call.client


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


def test_an_answer_can_be_overridden_and_the_request_is_still_validated(ada, call):
    call.mock.respond("matterList", json=[{"number": 1}], headers={"X-Total": "1"})
    response = ada.get("/matters")
    assert (response.json(), response.headers["x-total"]) == ([{"number": 1}], "1")
    assert ada.get("/matters?page=0").status_code == 400
    assert call("GET", "/v1/matters", headers={"Authorization": "x"}).status_code == 401
    call.mock.respond("riddle", content="aab", status=203)
    assert (ada.get("/riddle").status_code, ada.get("/riddle").text) == (203, "aab")
    call.mock.respond("sessionRefresh", json={"jwtToken": 5})
    assert ada.get("/session").json() == {"jwtToken": 5}
    call.mock.reset()
    assert call("GET", "/v1/riddle").status_code == 501


@pytest.mark.parametrize(
    ("operation", "answer", "words"),
    [
        ("matterLst", {"json": 1}, "operation is one of .*matterList"),
        ("matterList", {"json": 1, "content": "x"}, "take one of them"),
        ("matterList", {"json": {1, 2}}, "not a JSON value"),
        ("matterList", {"json": 1, "status": 99}, "status is a whole number"),
        ("matterList", {"json": 1, "headers": {"a b": "c"}}, "no header"),
    ],
)
def test_an_invalid_override_is_refused(mock, operation, answer, words):
    with pytest.raises(ValueError, match=words):
        mock.respond(operation, **answer)


def test_own_routes_need_a_token_too(ada, call):
    call.mock.route("GET", "/notes", [1])
    call.mock.route("POST", "/notes/{id}", lambda request: request._asdict(), status=201)
    call.mock.route("GET", "/open", {}, needs_token=False)
    assert ada.get("/notes").json() == [1]
    answer = ada.post("/notes/a%20b?x=1&x=2", json={"text": "t"})
    assert answer.status_code == 201
    assert answer.json() == {
        "params": {"id": "a b"}, "query": {"x": ["1", "2"]}, "body": {"text": "t"}, "user": "ada@example.com",
    }  # fmt: skip
    assert call("GET", "/v1/open", headers={"Authorization": ""}).status_code == 200
    assert call("GET", "/v1/notes", headers={"Authorization": ""}).status_code == 401
    call.mock.reset()
    assert call("GET", "/v1/open").status_code == 404


def test_an_invalid_route_is_refused(mock):
    for method, path, answer in (("get", "/notes", []), ("GET", "notes", []), ("GET", "/notes", {1, 2})):
        with pytest.raises(ValueError, match=" "):
            mock.route(method, path, answer)


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


BROKEN = {
    "nonsense": ": [",
    "not OpenAPI": "swagger: '2.0'\n",
    "a list": "[1]",
    "no paths": "openapi: 3.1.0\n",
    "a reference to nothing": json.dumps({**CONTRACT, "components": {}}),
    "a reference to another file": json.dumps(CONTRACT).replace("#/components/schemas/Matter", "other.yaml#/Matter"),
    "a list of paths": json.dumps({**CONTRACT, "paths": []}),
    "an operation of text": json.dumps({**CONTRACT, "paths": {"/x": {"get": "text"}}}),
    "no responses": json.dumps({**CONTRACT, "paths": {"/x": {"get": {}}}}),
    "a type that there is not": json.dumps(CONTRACT).replace('"type": "boolean"', '"type": "truth"'),
    "a schema of text": json.dumps(CONTRACT).replace('"schema": {"type": "boolean"}', '"schema": "boolean"'),
    "headers in a list": json.dumps({**CONTRACT, "paths": {"/x": {"get": {"responses": {"200": {"headers": [1]}}}}}}),
    "a status of text": json.dumps({**CONTRACT, "paths": {"/x": {"get": {"responses": {"2nd": {}}}}}}),
    "a circle": "openapi: 3.1.0\npaths: &a {/x: *a}\n",
    "bytes": b"\xff",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_contract_is_one_line_with_the_files_name(tmp_path, name):
    path = tmp_path / "openapi.yaml"
    path.write_bytes(BROKEN[name] if isinstance(BROKEN[name], bytes) else BROKEN[name].encode())
    with pytest.raises(ValueError, match="is not a contract: ") as caught:
        Mock(USERS, contract=path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_a_reference_inside_data_means_nothing(tmp_path):
    data = {"default": {"$ref": "nowhere"}, "x-internal": {"$ref": "nowhere"}, "examples": [{"$ref": "nowhere"}]}
    content = {"application/json": {"schema": {"type": "object", **data}}}
    paths = {"/links": {"get": {"operationId": "linkShow", "responses": {"200": {"content": content}}}}}
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps({**CONTRACT, "security": [], "paths": paths}))
    with httpx.Client(transport=Mock(USERS, contract=path).transport()) as client:
        assert client.get("http://mock/v1/links").json() == {"$ref": "nowhere"}


def test_an_unreadable_contract_is_one_line(tmp_path):
    with pytest.raises(ValueError, match=r"^cannot read .*none\.yaml: No such file or directory$"):
        Mock(USERS, contract=tmp_path / "none.yaml")


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
