"""What can be typed to a running mock."""

from __future__ import annotations

import pytest

from pacerpro_mock.cli.console import HELP, PLAIN, WITH_OPERAND, execute

LOG_IN = {"email": "ada@example.com", "password": "secret"}


def test_faults_can_be_typed(call, mock):
    said = execute(mock, "fail status=503 times=2 retry_after=7 operation=sessionCreate header='X-Why: told to'")
    assert said.startswith("done; it is 20")
    for _ in range(2):
        response = call("POST", json=LOG_IN)
        assert (response.status_code, response.headers["retry-after"], response.headers["x-why"]) == (
            503,
            "7",
            "told to",
        )
    assert call("POST", json=LOG_IN).status_code == 200


def test_each_kind_of_trouble_can_be_typed(call, mock):
    for line in ("fail content='{}'", "fail malform=html", "fail status=502 times=always"):
        execute(mock, line)
    texts = [call("POST", json=LOG_IN).text for _ in range(3)]
    assert texts[0] == "{}"
    assert "<h1>" in texts[1]
    assert texts[2] == '{"message":"Bad Gateway"}'
    assert execute(mock, "stop_failing").startswith("done")
    assert call("POST", json=LOG_IN).status_code == 200


def test_a_user_can_be_logged_out(call, mock):
    token = call.log_in()
    assert execute(mock, "session ada@example.com").startswith("ada@example.com (user 1) has tokens until 20")
    execute(mock, "revoke ada@example.com")
    assert execute(mock, "session ada@example.com") == "ada@example.com has no valid token"
    assert call.with_token("GET", token).status_code == 401


def test_the_clock_can_be_moved(call, mock):
    mock.clock.freeze(2_000_000_000)
    assert execute(mock, "advance 3600") == "done; it is 2033-05-18T04:33:20Z, and time stands still"
    assert execute(mock, "run").endswith("and time runs")
    assert execute(mock, "freeze").endswith("and time stands still")
    assert mock.clock.frozen


def test_what_was_asked_can_be_seen(call, mock):
    assert [execute(mock, "requests"), execute(mock, "counts")] == ["none", "none"]
    call.log_in()
    assert execute(mock, "requests") == "POST /v1/session 200 ada@example.com"
    assert execute(mock, "counts") == "sessionCreate: 1"
    execute(mock, "reset")
    assert execute(mock, "counts") == "none"


@pytest.mark.parametrize(
    "line",
    [
        "fail status=503 status=503", "fail header=X:1 header=X:1",
        "nonsense", "'open", "fail", "fail times=2", "fail status", "fail status=x", "fail status=999", "fail 503",
        "fail status=503 times=0", "fail drop=after", "fail malform=pdf", "fail latency=soon", "fail header=X",
        "fail status=503 operation=sessionUpdate", "fail colour=red", "revoke", "revoke eve@example.com", "revoke a b",
        "advance", "advance soon", "advance 1e99", "advance nan", "session eve@example.com", "freeze now", "requests 5",
    ],
)  # fmt: skip
def test_a_line_that_is_not_a_command_is_refused_and_changes_nothing(call, mock, line):
    with pytest.raises(ValueError, match=r"\w"):
        execute(mock, line)
    assert call("POST", json=LOG_IN).status_code == 200


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("nonsense 5", "no such command: nonsense 5; try help"),
        ("fail colour=red", "a fault is NAME=VALUE with one of .*status.*, not 'colour'"),
        ("fail status=x", "invalid literal"),
        ("fail times=2", "a fault has to say what goes wrong"),
        ("fail header=X", "a fault's header is NAME:VALUE"),
        ("revoke eve@example.com", "no such user: eve@example.com"),
        ("revoke", "no such command: revoke; try help"),
        ("freeze now", "no such command: freeze now; try help"),
        ("advance nan", "a clock cannot show nan"),
        ("advance soon", "could not convert string to float: 'soon'"),
        ("fail status=503 status=500", "a fault has status twice"),
        ("fail header=X:1 header=x:2", "a fault has x twice"),
    ],
)
def test_a_mistake_is_named(mock, line, words):
    with pytest.raises(ValueError, match=f"^{words}"):
        execute(mock, line)


def test_help_knows_every_command(mock):
    assert execute(mock, "help") == HELP
    assert [name for name in (*PLAIN, *WITH_OPERAND) if name not in HELP] == []
