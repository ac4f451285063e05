"""What the contract states, the suite reads there: another contract asks for something else, without an edit."""

import httpx
import pytest
import yaml
from conftest import ROOT

from pacerpro_conformance import answers, cli
from pacerpro_conformance.contract import Contract
from pacerpro_conformance.http.wire import Answer, Call

TEXT = (ROOT / "openapi.yaml").read_text("utf-8")


def run(capsys, flags, tmp_path, old, new, only):
    """Hold the mock against the contract with one text in it replaced."""
    assert old in TEXT
    changed = tmp_path / "contract.yaml"
    changed.write_text(TEXT.replace(old, new), "utf-8")
    status = cli.main([*flags, f"--contract={changed}", f"--only={only}"])
    said = capsys.readouterr()
    return status, said.out + said.err


@pytest.mark.parametrize(
    ("old", "new", "only", "says"),
    [
        ("Token invalid or expired", "Go away", "refresh.needs_a_token", '401 with {"error": "Go away"'),
        ("jwtToken", "accessToken", "login.right*", "a session with both properties"),
        ("expiresAt", "until", "login.right*", "a session with both properties"),
        ("(^|[\\s,])no-store([\\s,]|$)", "^private$", "refresh.goes*", "a header Cache-Control that fits"),
        ("[error, alert, notice, warning]", "[alert]", "refresh.needs_a_token", "breaks enum"),
        (
            '"415":',
            '"416":',
            "bodies.other_types_are_415",
            "the contract has: 200, 400, 401, 403, 413, 416",
        ),
        ("    delete:\n", "    put:\n", "routes.other_methods*", "Allow: GET, POST, PUT"),
    ],
)
def test_another_contract_is_not_held(capsys, flags, tmp_path, old, new, only, says):
    status, said = run(capsys, flags, tmp_path, old, new, only)
    assert status == 1, said
    assert says in said


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("  /session:\n", "  /sessions:\n", "has no /sessions (status 404)"),
        ("identity: email", "identity: login", "refuses the credentials"),
        ("password: password\n        refresh", "password: secret\n        refresh", "refuses the credentials"),
        ("login: sessionCreate", "login: sessionBegin", "is no contract with x-session-lifecycle"),
    ],
)
def test_a_contract_of_another_service_cannot_be_checked(capsys, flags, tmp_path, old, new, says):
    status, said = run(capsys, flags, tmp_path, old, new, "login.*")
    assert status == 2, said
    assert says in said


def test_a_response_without_content_has_no_body():
    contract = Contract(yaml.safe_load(TEXT))
    contract.log_out.responses["200"].pop("content")

    def faults(body):
        call = Call("DELETE", "http://127.0.0.1/v1/session")
        return list(answers.faults(contract, contract.log_out, Answer(call, 200, "OK", httpx.Headers(), body, {})))

    assert faults(b"") == []
    assert faults(b"{}") == [("schema", "no body, as the contract has none")]
