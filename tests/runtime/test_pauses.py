"""How long a call waits before it is tried again. The client's sleep is replaced: none waits."""

from __future__ import annotations

import datetime
import time
from email.utils import format_datetime

import httpx
import pytest
from httpx_retries import Retry
from httpx_retries import retry as library

from pacerpro_runtime import errors
from pacerpro_runtime.operation import Operation, as_nothing

READ = Operation("GET", "/things", {200: as_nothing}, secured=False, repeatable=True)
PASSING = [429, 502, 503, 504]


def after(status_code, text):
    return httpx.Response(status_code, headers={"Retry-After": text})


@pytest.fixture
def most(monkeypatch):
    """Let the dice fall on the largest number."""
    monkeypatch.setattr(library.random, "uniform", lambda _low, high: high)


@pytest.mark.usefixtures("most")
def test_the_pauses_grow_and_have_an_upper_bound(sample, script, drive, pauses):
    with pytest.raises(errors.ServerError):
        drive(sample(script(503), retries=5), READ)

    assert pauses == [1, 2, 4, 8, 16]


@pytest.mark.usefixtures("most")
def test_the_pauses_of_a_call_add_up_to_a_minute_at_most(sample, script, drive, pauses):
    server = script(httpx.ConnectError("no"))

    with pytest.raises(httpx.ConnectError):
        drive(sample(server, retries=100), READ)

    assert pauses == [1, 2, 4, 8, 16]  # The next would be 30, and make it 61.
    assert len(server.requests) == 6


def test_the_jitter_is_full(sample, script, pauses):
    server = script(503)
    with sample(server, retries=2) as client:
        for _ in range(1000):
            with pytest.raises(errors.ServerError):
                client.send(READ)
    waits = pauses[1::2]

    assert 0 <= min(waits) < 0.1
    assert 1.9 < max(waits) <= 2
    assert 0.9 < sum(waits) / len(waits) < 1.1


@pytest.mark.parametrize("status_code", PASSING)
def test_retry_after_in_seconds_is_obeyed(sample, script, drive, pauses, status_code):
    drive(sample(script(after(status_code, "7"), after(status_code, "45"), 200)), READ)

    assert pauses == [7, 45]


def test_retry_after_as_a_date_is_obeyed(sample, script, drive, pauses):
    now = datetime.datetime.now(datetime.UTC)
    soon = format_datetime(now + datetime.timedelta(seconds=30), usegmt=True)
    past = format_datetime(now - datetime.timedelta(seconds=30), usegmt=True)

    drive(sample(script(after(503, soon), after(503, past), 200)), READ)

    assert 27 < pauses[0] <= 30
    assert pauses[1] == 0


def test_a_date_in_retry_after_counts_from_the_servers_own_date(sample, script, drive, pauses):
    dates = {"Date": "Wed, 01 Jan 2020 00:00:00 GMT", "Retry-After": "Wed, 01 Jan 2020 00:00:12 GMT"}

    drive(sample(script(httpx.Response(429, headers=dates), 200)), READ)

    assert pauses == [12]


NO_DATES = [
    "Thu, 99 Jan 2030 00:00:00 GMT",
    f"Tue, 01 Jan {'9' * 20} 00:00:00 GMT",
    f"Tue, 01 Jan 2030 00:00:00 +{'9' * 14}",
]


@pytest.mark.usefixtures("most")
@pytest.mark.parametrize("text", ["", "soon", "-1", "1.5", "\u00b2", *NO_DATES])
def test_a_retry_after_that_says_nothing_is_passed_over(sample, script, drive, pauses, text):
    response = httpx.Response(503, headers=[(b"Retry-After", text.encode())])
    server = script(response, 200)

    drive(sample(server), READ)

    assert pauses == [1]


@pytest.mark.parametrize("seconds", ["61", "9" * 30, "9" * 400])
def test_who_asks_for_too_long_is_not_waited_for(sample, script, drive, pauses, seconds):
    server = script(after(429, seconds), 200)

    with pytest.raises(errors.TooManyRequests) as refusal:
        drive(sample(server), READ)

    assert refusal.value.retry_after == float(seconds)
    assert len(server.requests) == 1
    assert pauses == []


def test_who_asks_again_and_again_is_not_waited_for_longer_than_a_minute(sample, script, drive, pauses):
    server = script(after(429, "25"))

    with pytest.raises(errors.TooManyRequests):
        drive(sample(server), READ)

    assert pauses == [25, 25]
    assert len(server.requests) == 3


def test_the_client_does_sleep(sample, script, drive):
    ten_milliseconds = Retry(total=1, backoff_factor=0.005, backoff_jitter=0)
    start = time.monotonic()

    drive(sample(script(503, 200), retries=ten_milliseconds), READ)

    assert 0.01 <= time.monotonic() - start < 5
