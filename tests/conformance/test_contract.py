"""The suite reads the contract: another contract makes other demands, without an edit of the suite."""

import httpx
import pytest
import yaml
from conftest import ROOT

from pacerpro_conformance import answers
from pacerpro_conformance.contract import Contract
from pacerpro_conformance.http.wire import Answer, Request

TEXT = (ROOT / "openapi.yaml").read_text("utf-8")


@pytest.fixture
def run_with(run, flags, tmp_path):
    """Check the mock against the contract with one text in it replaced."""

    def runner(old, new, only):
        assert old in TEXT
        changed = tmp_path / "contract.yaml"
        changed.write_text(TEXT.replace(old, new), "utf-8")
        return run(*flags, "--strict", f"--contract={changed}", f"--only={only}")

    return runner


@pytest.mark.parametrize(
    ("old", "new", "only", "says"),
    [
        ("Token invalid or expired", "Go away", "placement.tokens*", '401 with {"error": "Go away"'),
        ("jwtToken", "accessToken", "login.right*", "a session with both properties"),
        (
            "const: HS256",
            "const: RS256",
            "tokens.parts_fit*",
            "header of a token that fit the contract (alg",
        ),
        (
            "type: [integer, string]",
            "type: string",
            "tokens.parts_fit*",
            "claims of a token that fit the contract",
        ),
        ("expiresAt", "until", "login.right*", "a session with both properties"),
        ("(^|[\\s,])no-store([\\s,]|$)", "^private$", "refresh.expires*", "a header Cache-Control that fits"),
        ("[error, alert, notice, warning]", "[alert]", "placement.tokens*", "breaks enum"),
        (
            '"415":',
            '"416":',
            "bodies.other_media_types_are_415",
            "the contract has: 200, 400, 401, 403, 413, 416",
        ),
        ("    delete:\n", "    put:\n", "routes.other_methods*", "Allow: GET, POST, PUT"),
    ],
)
def test_the_mock_does_not_hold_another_contract(run_with, old, new, only, says):
    status, said = run_with(old, new, only)
    assert status == 1, said
    assert says in said


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("  /session:\n", "  /sessions:\n", "404, application/json: is the base URL right"),
        ("identity: email", "identity: login", "does it know"),
        ("password: password\n        refresh", "password: secret\n        refresh", "does it know"),
        ("login: sessionCreate", "login: sessionBegin", "is not a contract with x-session-lifecycle"),
    ],
)
def test_a_contract_of_another_service_cannot_be_checked(run_with, old, new, says):
    status, said = run_with(old, new, "login.*")
    assert status == 2, said
    assert says in said


def test_a_response_without_content_has_no_body():
    contract = Contract(yaml.safe_load(TEXT))
    contract.log_out.responses["200"].pop("content")

    def faults(body):
        request = Request(method="DELETE", url="http://127.0.0.1/v1/session")
        return list(answers.faults(contract.log_out, Answer(request, 200, "OK", httpx.Headers(), body)))

    assert faults(b"") == []
    assert faults(b"{}") == [("schema", "no body, because the contract has none")]
