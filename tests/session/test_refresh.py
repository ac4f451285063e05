"""When a token is refreshed, by a clock that also counts the time asleep."""

from __future__ import annotations

import datetime
import math

import pytest

from pacerpro_client import SessionAuth, errors
from pacerpro_client.models import Session
from pacerpro_runtime.session import clock
from pacerpro_runtime.session.lifecycle import Token

from .services import EMAIL, PASSWORD

HOUR, DAY = 3600, 86400


@pytest.mark.parametrize("interval", [30, 60, 300, 900])
def test_a_program_that_calls_now_and_then_keeps_a_one_hour_session_for_days(interval, guest, mock, time):
    for _ in range(0, 3 * DAY, interval):
        time.advance(interval)
        guest.token()
    assert mock.counts["sessionCreate"] == 1
    assert mock.counts["sessionRefresh"] >= 3 * DAY / HOUR
    # Each refresh falls due after two thirds of the life, so there are at most that many.
    assert mock.counts["sessionRefresh"] <= 3 * DAY / (HOUR * 2 / 3)


def test_a_token_is_refreshed_once_two_thirds_of_its_life_have_passed(get, source, through, time):
    old = get(source)
    time.advance(HOUR * 0.66)
    assert get(source) == old
    time.advance(HOUR * 0.06)
    assert get(source) != old
    assert through.seen == ["POST", "GET"]


@pytest.mark.parametrize(("leeway", "before", "after"), [(60, 3530, 3549), (0, 3590, None), (9999, 1790, 2000)])
def test_leeway_says_how_long_before_its_end_but_not_before_half_of_its_life(
    settings, time, through, leeway, before, after
):
    source = SessionAuth(email=EMAIL, password=PASSWORD, leeway=leeway, **settings)
    old = source.token()
    time.advance(before)
    assert source.token() == old
    if after is not None:
        time.advance(after - before)
        assert source.token() != old
        assert through.seen == ["POST", "GET"]


@pytest.mark.parametrize("leeway", [-1, math.nan, "60"])
def test_a_leeway_that_is_not_a_number_of_seconds_is_refused(settings, leeway):
    with pytest.raises(ValueError, match="leeway must be a number of seconds"):
        SessionAuth(email=EMAIL, password=PASSWORD, leeway=leeway, **settings)


def test_tokens_of_one_instant_fall_due_at_different_times():
    tokens = [Token("a", None, None) for _ in range(20)]
    for token in tokens:
        token.live(HOUR, since=0, leeway=None)
    due = {token.refresh_at for token in tokens}
    assert len(due) > 10
    assert min(due) >= HOUR * 2 / 3
    assert max(due) <= HOUR * 0.7 + 1


def test_an_expired_token_is_not_sent(get, source, through, time):
    old = get(source)
    time.advance(HOUR)
    assert get(source) != old
    assert through.seen == ["POST", "POST"]


def test_the_clock_counts_the_time_asleep(monkeypatch):
    monkeypatch.setattr(clock.time, "clock_gettime", lambda which: {clock._CLOCK: 7.0}[which])
    assert clock.now() == 7.0
    if hasattr(clock.time, "CLOCK_BOOTTIME"):
        assert clock._CLOCK == clock.time.CLOCK_BOOTTIME


def test_a_failed_refresh_goes_on_with_the_living_token_and_is_tried_again_later(get, source, mock, time):
    old = get(source)
    time.advance(2700)
    mock.fail_next(operation="sessionRefresh", status=502)
    assert [get(source) for _ in range(10)] == [old] * 10
    assert mock.counts["sessionRefresh"] == 1
    time.advance(5)
    assert get(source) != old
    assert mock.counts == {"sessionCreate": 1, "sessionRefresh": 2}


def test_refreshes_that_go_on_failing_are_rare(source, mock, time):
    source.token()
    time.advance(2600)
    mock.fail_next(operation="sessionRefresh", drop="before", times=None)
    for _ in range(600):
        time.advance(1)
        source.token()
    assert mock.counts["sessionRefresh"] <= 1 + 600 / 5
    assert mock.counts["sessionCreate"] == 1


def test_a_session_that_is_over_at_its_refresh_logs_in_again(get, source, mock, time):
    get(source)
    mock.revoke(EMAIL)
    time.advance(2700)
    assert get(source)
    assert mock.counts == {"sessionCreate": 2, "sessionRefresh": 1}


def test_a_guest_whose_refresh_is_refused_is_over(get, guest, mock, time):
    mock.revoke(EMAIL)
    time.advance(2700)
    for _ in range(2):
        with pytest.raises(errors.SessionExpired, match="no password"):
            get(guest)
    assert mock.counts["sessionRefresh"] == 1


@pytest.mark.parametrize("years", [-4, 4])
def test_the_servers_clock_counts_whatever_this_machine_thinks(years, source, mock, time):
    mock.clock.advance(years * 365 * DAY)
    old = source.token()
    time.advance(2200)
    assert source.token() == old
    time.advance(500)
    assert source.token() != old
    assert mock.counts == {"sessionCreate": 1, "sessionRefresh": 1}


@pytest.mark.parametrize("life", [-5, 0])
def test_a_token_that_is_born_expired_is_used_until_it_is_refused(life, mock, time):
    session = Session(
        jwt_token="a.b.c", expires_at=datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=life)
    )
    guest = SessionAuth.from_session(session, base_url=mock.url, transport=mock.transport())
    assert guest.token() == "a.b.c"
