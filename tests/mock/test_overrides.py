"""Answers and routes that a test gives, in place of the contract's or beside them."""

from __future__ import annotations

import pytest

from pacerpro_mock import Mock


@pytest.fixture
def mock(mock_of_matters) -> Mock:
    mock_of_matters.reset()
    return mock_of_matters


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
