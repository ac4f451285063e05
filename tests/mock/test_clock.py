"""The clock: running, moved, frozen."""

from __future__ import annotations

import time

import pytest

from pacerpro_mock import Clock


def test_it_runs_with_the_machine():
    clock = Clock()
    assert abs(clock.now() - time.time()) < 1
    assert not clock.frozen


def test_it_can_be_moved_and_runs_on():
    clock = Clock()
    clock.advance(3600)
    clock.advance(-600)
    first = clock.now()
    assert abs(first - time.time() - 3000) < 1
    time.sleep(0.002)
    assert clock.now() > first


def test_frozen_it_moves_only_when_told():
    clock = Clock()
    clock.freeze(0)
    assert clock.now() == 0
    clock.freeze(1000)
    assert [clock.now(), clock.now()] == [1000, 1000]
    clock.advance(0.5)
    assert clock.now() == 1000.5
    assert clock.frozen


def test_it_runs_on_from_where_it_was_frozen():
    clock = Clock()
    clock.freeze(1000)
    clock.run()
    assert 1000 <= clock.now() < 1001
    assert not clock.frozen
    clock.run()
    assert 1000 <= clock.now() < 1001


def test_frozen_without_a_moment_it_stops_where_it_is():
    clock = Clock()
    clock.advance(86400)
    clock.freeze()
    assert abs(clock.now() - time.time() - 86400) < 1


def test_reset_is_the_machines_time():
    clock = Clock()
    clock.freeze(1000)
    clock.reset()
    assert abs(clock.now() - time.time()) < 1


@pytest.mark.parametrize("seconds", [float("inf"), float("-inf"), float("nan"), 1e12, -1e12])
def test_an_invalid_time_is_refused_and_changes_nothing(seconds):
    clock = Clock()
    with pytest.raises(ValueError, match="a clock cannot show"):
        clock.advance(seconds)
    with pytest.raises(ValueError, match="a clock cannot show"):
        clock.freeze(seconds)
    assert abs(clock.now() - time.time()) < 1


@pytest.mark.parametrize("seconds", ["3600", None, [1]])
def test_a_time_that_is_not_a_number_is_refused(seconds):
    clock = Clock()
    with pytest.raises(ValueError, match="a number of seconds"):
        clock.advance(seconds)
    with pytest.raises(ValueError, match="a clock cannot show"):
        clock.freeze(seconds or "now")


def test_a_token_works_up_to_the_end_of_time(call, mock):
    mock.clock.freeze(220_000_000_000)
    token = call.log_in()
    assert call.with_token("GET", token).json()["expiresAt"].startswith("8941-")
