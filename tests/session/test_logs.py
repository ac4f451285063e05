"""What happens to a session is told under `pacerpro_client`: in INFO what went well, in WARNING what did not."""

from __future__ import annotations

import contextvars
import json
import logging

import httpx
import pytest

from pacerpro_client import SessionAuth, errors


@pytest.fixture
def told(caplog):
    """The lines of the log, each with its level, since the last look."""
    caplog.set_level(logging.DEBUG, "pacerpro_client")

    def look():
        lines = [
            f"{record.levelname} {record.getMessage()}" for record in caplog.records if record.name == "pacerpro_client"
        ]
        caplog.clear()
        return lines

    return look


def test_a_log_in_is_told_with_the_expiry(call, auth, told):
    call(auth)
    assert told() == [f"INFO logged in a***@example.com, until {auth.session.expires_at}"]
    call(auth)
    assert told() == []


def test_a_refresh_is_told_with_the_expiry(call, auth, time, told):
    call(auth)
    time.advance(3600 - 40)
    told()
    call(auth)
    assert told() == [f"INFO refreshed the session of a***@example.com, until {auth.session.expires_at}"]


def test_a_repair_is_told(call, auth, server, told):
    call(auth)
    server.revoke(server.email)
    told()
    call(auth)
    assert told() == [
        "INFO the token of a***@example.com is no longer accepted: logging in again",
        f"INFO logged in a***@example.com, until {auth.session.expires_at}",
    ]


def test_a_log_in_and_a_log_out_by_hand_are_told(world, auth, server, told):
    session = world.log_in(auth)
    world.log_out(auth)
    world.log_out(auth)
    assert told() == [
        f"INFO logged in a***@example.com, until {session.expires_at}",
        "INFO logged out a***@example.com, in every process",
        "INFO logged out a***@example.com",
    ]


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ({"status": 401}, "401 Unauthorized from POST {url}/session: Invalid email or password"),
        ({"status": 503}, "503 Service Unavailable from POST {url}/session: Service Unavailable"),
        ({"malform": "html"}, "200 OK from POST {url}/session: not what the contract says"),
        ({"drop": "body"}, ""),
    ],
    ids=["refused", "failed", "html", "broken off"],
)
def test_a_log_in_that_fails_is_a_warning(world, call, auth, server, told, fault, why):
    server.fail_next(operation="sessionCreate", **fault, times=2)
    with pytest.raises((errors.PacerProError, httpx.RequestError)):
        call(auth)
    (line,) = told()
    assert line.startswith("WARNING log-in of a***@example.com failed: " + why.format(url=server.url))


def test_a_log_in_by_hand_that_fails_is_a_warning(world, auth, server, told, pauses):
    server.fail_next(operation="sessionCreate", status=500)
    with pytest.raises(errors.ServerError):
        world.log_in(auth)
    (line,) = told()
    assert line.startswith("WARNING log-in of a***@example.com failed: 500")
    no_token = b'{"jwtToken": "not a token", "expiresAt": "2030-01-01T12:00:00Z"}'
    server.fail_next(operation="sessionCreate", content=no_token)
    with pytest.raises(errors.InvalidResponse):
        world.log_in(auth)
    (line,) = told()
    assert line.endswith("the token is no bearer token: it is empty, or has characters that none may have")
    server.fail_next(operation="sessionCreate", drop="before", times=None)
    with pytest.raises(httpx.TransportError):
        world.log_in(auth)
    assert told()[-1].startswith("WARNING log-in of a***@example.com failed: ")


def test_a_log_in_that_the_network_breaks_off_is_a_warning(call, auth, server, told):
    server.fail_next(operation="sessionCreate", drop="before")
    with pytest.raises(httpx.TransportError):
        call(auth)
    assert told() == ["WARNING the log-in of a***@example.com was broken off: RemoteProtocolError"]


def test_a_refresh_that_fails_is_a_warning(call, auth, server, time, told):
    call(auth)
    time.advance(3600 - 40)
    told()
    server.fail_next(operation="sessionRefresh", status=503)
    call(auth)
    (line,) = told()
    assert line.startswith("WARNING the session of a***@example.com could not be refreshed: 503")
    server.revoke(server.email)
    time.advance(1)
    call(auth)
    lines = told()
    assert lines[0].startswith("WARNING the session of a***@example.com cannot be refreshed: 401")
    assert lines[1].startswith("INFO logged in")


def test_a_log_out_that_fails_is_a_warning(world, auth, server, told):
    world.log_in(auth)
    told()
    server.fail_next(operation="sessionDelete", status=500)
    with pytest.raises(errors.ServerError):
        world.log_out(auth)
    (line,) = told()
    assert line.startswith("WARNING log-out of a***@example.com failed: 500")


def test_a_flight_that_takes_too_long_is_a_warning(call_offline, offline, offline_auth, told):
    flow = offline_auth.sync_auth_flow(httpx.Request("GET", offline.url + "/matters"))
    contextvars.copy_context().run(next, flow)  # As in another task.
    offline_auth._core.state._flight.thread = 0
    call_offline(offline_auth, offline.transport(), options={"timeout": 0.01})
    assert told()[0] == "WARNING the log-in of a***@example.com takes too long: not waiting for it any more"
    flow.close()


def test_a_server_that_repeats_the_address_does_not_bring_it_into_the_log(call, auth, server, told):
    body = f'{{"message": "{server.email} is not welcome"}}'
    server.fail_next(operation="sessionCreate", status=403, content=body)
    with pytest.raises(errors.Forbidden, match=r"ada@example\.com is not welcome"):
        call(auth)
    (line,) = told()
    assert "a***@example.com is not welcome" in line
    assert "ada@" not in line


@pytest.mark.parametrize(
    ("email", "masked"),
    [
        ("ada@example.com", "a***@example.com"),
        ("a@example.com", "a***@example.com"),
        ("@example.com", "***@example.com"),
        ("ada.lovelace+x@sub.example.com", "a***@sub.example.com"),
        ('"a@b"@example.com', '"***@example.com'),
        ("ada", "***"),
        ("", "***"),
    ],
)
def test_an_address_is_masked(email, masked):
    auth = SessionAuth(email=email, password="x")
    assert auth._core.log.who == masked
    assert repr(auth) == f"SessionAuth({masked}, base_url='https://api.pacerpro.com/v1')"


def test_an_address_that_the_server_spells_in_its_own_way_is_masked_too(call, server, time, told):
    auth = SessionAuth(email=server.email.title(), password="hunter2", base_url=server.url)
    server.fail_next(status=403, content=json.dumps({"message": f"no such user: {server.email}"}))
    with pytest.raises(errors.Forbidden):
        call(auth)
    assert told()[-1].endswith("no such user: A***@Example.Com")


def test_a_given_session_has_nobody_to_name(world, call, auth, server, told):
    given = SessionAuth.from_session(world.log_in(auth), base_url=server.url)
    told()
    world.log_out(given)
    assert told() == ["INFO logged out the user of the given session, in every process"]


def test_nothing_is_told_anywhere_else_and_nothing_is_set_up():
    logger = logging.getLogger("pacerpro_client")
    assert [type(each) for each in logger.handlers] == [logging.NullHandler]
    assert logger.level == logging.NOTSET
    assert logger.propagate
