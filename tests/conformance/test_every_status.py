"""The mock can give each status that the contract documents, and an answer that does not fit is a finding."""

import pytest
from mutate import USERS

from pacerpro_conformance import suite

GATEWAY = (403, 429, 500, 502, 503, 504, 599)


def test_every_documented_status_fits(probe, server, contract):
    checks = suite.checks([f"{group}.*" for group in ("login", "bodies", "refresh", "logout")])
    assert len([*suite.run(probe, checks)]) == 5
    for operation in contract.session_operations:
        for status in GATEWAY:
            server.fail_next(operation=operation.name, status=status, retry_after=3600)
            assert probe.call(operation).status == status
    assert probe.findings == []


@pytest.mark.parametrize(
    ("fault", "aspect"),
    [
        ({"malform": "truncated"}, "schema"),
        ({"malform": "empty"}, "schema"),
        ({"malform": "html"}, "media_type"),
        ({"content": b"[]"}, "schema"),
        ({"status": 418}, "status"),
        ({"status": 404}, "status"),
        ({"headers": {"WWW-Authenticate": "Basic"}}, "headers"),
        ({"content": b'{"status": 400}'}, "error_fields"),
        ({"content": b'{"error": "x", "message": "y"}'}, "error_fields"),
        ({"content": b'{"error": "Token invalid or expired"}'}, "aliases"),
        ({"content": b'{"message": 5}'}, "schema"),
        ({"content": b'{"message": "Unauthorized"}'}, "wording"),
    ],
)
def test_an_answer_that_does_not_fit_is_a_finding(probe, server, contract, fault, aspect):
    server.fail_next(operation="sessionRefresh", **fault)
    probe.call(contract.refresh)
    assert f"answers.{aspect}" in [finding.check for finding in probe.findings]
    serious = {finding.check for finding in probe.findings if finding.level == "violation"}
    assert serious <= {f"answers.{aspect}"}


def test_a_server_that_throttles_is_waited_for(probe, server):
    server.fail_next(status=429, retry_after=0, times=3)
    assert probe.log_in().user.email in USERS
    assert probe.findings == []
    assert server.counts["sessionCreate"] == 4
