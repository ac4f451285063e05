"""A token's times: measured by the server's clock, never longer than its life, and spread by chance."""

from __future__ import annotations

import datetime
import math
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pacerpro_runtime.session.token import Token, date_of

NOW = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)
SINCE = 5000.0


def measured(life, *, leeway=60.0, headers=None):
    token = Token("value", "Bearer value", None)
    headers = {"Date": format_datetime(NOW, usegmt=True)} if headers is None else headers
    token.measure(NOW + datetime.timedelta(seconds=life), headers, since=SINCE, leeway=leeway)
    return token


@settings(deadline=None)
@given(life=st.floats(0.001, 1e8), leeway=st.floats(0, 1e9))
def test_the_window_is_the_smaller_of_leeway_and_half_the_life_less_a_quarter_at_most(life, leeway):
    token = measured(life, leeway=leeway)
    sure = token.expires_at - SINCE
    window = token.expires_at - token.refresh_at
    widest = min(leeway, sure / 2)
    assert widest * 0.75 - 1e-6 <= window <= widest + 1e-6


@settings(deadline=None)
@given(life=st.floats(0.001, 1e8))
def test_a_token_is_given_up_before_its_end_and_by_a_second_at_most(life):
    # The Date counts whole seconds, so the server may have answered almost a second later than it says.
    sure = measured(life).expires_at - SINCE
    assert max(life - 1, life / 2) - 1e-6 <= sure < life


def test_many_sessions_of_one_instant_are_not_refreshed_at_one_instant():
    instants = sorted(measured(3600).refresh_at - SINCE for _ in range(300))
    assert instants[0] >= 3599 - 60
    assert instants[-1] <= 3599 - 45
    assert instants[-1] - instants[0] > 10
    assert len({round(each) for each in instants}) > 10


@pytest.mark.parametrize("life", [0, -1, -7200])
def test_a_token_that_is_born_expired_is_used_until_the_server_refuses_it(life):
    token = measured(life)
    assert token.refresh_at == token.expires_at == math.inf


def test_what_never_ends_is_never_refreshed_in_a_child_either():
    token = Token("value", "Bearer value", None)
    token.spread()
    assert token.refresh_at == math.inf


def test_without_a_date_the_local_clock_has_to_do():
    token = Token("value", "Bearer value", None)
    expiry = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=1000)
    token.measure(expiry, {}, since=SINCE, leeway=60)
    assert token.expires_at - SINCE == pytest.approx(999, abs=1)
    assert not token.measured
    assert measured(1000).measured


def test_an_expiry_without_a_zone_is_in_utc():
    token = Token("value", "Bearer value", None)
    date = {"Date": format_datetime(NOW, usegmt=True)}
    token.measure(NOW.replace(tzinfo=None) + datetime.timedelta(seconds=1000), date, since=SINCE, leeway=60)
    assert token.expires_at == SINCE + 999


@pytest.mark.parametrize(
    "date",
    ["", "yesterday", "Tue, 99 Jan 2030 00:00:00 GMT", "Tue, 01 Jan 2030 00:00:00 +9999", "0", "1893456000", "\x00"],
)
def test_a_date_that_cannot_be_read_is_none(date):
    assert date_of({"Date": date}) is None


@settings(deadline=None)
@given(st.text())
def test_no_date_whatever_it_says_is_an_error(date):
    assert date_of({"Date": date}) is None or date_of({"Date": date}).tzinfo is not None


@settings(deadline=None)
@given(
    st.from_regex(
        r"[A-Z][a-z]{2}, \d{1,12} [A-Z][a-z]{2} \d{1,12} \d{1,12}:\d{1,3}:\d{1,3} [+-]\d{1,400}", fullmatch=True
    )
)
def test_no_date_that_looks_like_one_is_an_error(date):
    assert date_of({"Date": date}) is None or date_of({"Date": date}).tzinfo is not None


@pytest.mark.parametrize("zone", ["GMT", "-0000", "+0000", ""])
def test_a_date_is_read_in_every_way_that_utc_is_written(zone):
    assert date_of({"Date": f"Tue, 01 Jan 2030 00:00:00 {zone}"}) == NOW


def test_a_tokens_repr_hides_it():
    token = Token("the-value", "Bearer the-value", None)
    assert "the-value" not in repr(token) + str(token)
