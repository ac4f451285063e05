"""What other origins and API gateways make of the mock's answers."""

from __future__ import annotations

import pytest

from pacerpro_mock import Mock

USERS = {"ada@example.com": "secret", "bob@example.com": "another secret"}
ORIGIN = "http://localhost:3000"


@pytest.fixture
def mock(request) -> Mock:
    return Mock(USERS, **getattr(request, "param", {}))


@pytest.mark.parametrize("mock", [{"gateway": True}], indirect=True)
@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/nowhere"), ("PUT", "/v1/session"), ("HEAD", "/v1/session")])
def test_a_gateway_answers_403_for_what_it_does_not_know(call, method, path):
    response = call(method, path)
    assert response.status_code == 403
    assert "www-authenticate" not in response.headers
    if method != "HEAD":
        assert response.json() == {"message": "Missing Authentication Token"}


@pytest.mark.parametrize("mock", [{"gateway": True}], indirect=True)
def test_a_gateway_renames_the_challenge(call):
    response = call("GET")
    assert response.status_code == 401
    assert "www-authenticate" not in response.headers
    assert response.headers["x-amzn-remapped-www-authenticate"] == 'Bearer realm="PacerPro"'
    assert call.log_in()


def preflight(call, origin: str = ORIGIN, path: str = "/v1/session"):
    asked = {"Access-Control-Request-Method": "DELETE", "Access-Control-Request-Headers": "authorization,content-type"}
    return call("OPTIONS", path, headers={"Origin": origin, **asked})


@pytest.mark.parametrize("mock", [{"cors": [ORIGIN]}], indirect=True)
def test_a_preflight_of_an_allowed_origin_is_answered(call):
    response = preflight(call)
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["access-control-allow-origin"] == ORIGIN
    assert response.headers["access-control-allow-methods"] == "DELETE"
    assert response.headers["access-control-allow-headers"] == "authorization,content-type"
    assert call.mock.requests == []


@pytest.mark.parametrize("mock", [{"cors": [ORIGIN]}], indirect=True)
def test_another_origin_is_refused(call):
    response = preflight(call, "http://localhost:3001")
    assert response.status_code == 405
    assert "access-control-allow-origin" not in response.headers
    assert call("OPTIONS", headers={"Origin": ORIGIN}).status_code == 405
    assert "access-control-allow-origin" not in call("GET").headers


@pytest.mark.parametrize("mock", [{"cors": ["*"], "request_id_header": "X-Id"}], indirect=True)
def test_pages_of_an_allowed_origin_may_read_answers_and_errors(call):
    for method in ("GET", "POST"):
        response = call(method, headers={"Origin": ORIGIN})
        assert response.headers["access-control-allow-origin"] == ORIGIN
        assert response.headers["vary"] == "Origin"
        assert response.headers["access-control-expose-headers"].endswith("X-Id")


def test_without_the_setting_there_is_no_cors(call):
    assert preflight(call).status_code == 405
    assert "access-control-allow-origin" not in call("GET", headers={"Origin": ORIGIN}).headers
