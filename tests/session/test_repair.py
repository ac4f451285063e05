"""What a 401 to a token costs, and what it ends."""

from __future__ import annotations

import contextlib

import httpx
import pytest

from pacerpro_client import SessionAuth, errors

from .services import EMAIL


def call(auth, mock, path="matters", method="GET", **options):
    with httpx.Client(auth=auth, transport=mock.transport()) as client:
        return client.request(method, f"{mock.url}/{path}", **options)


def test_a_rejected_token_is_replaced(get, source, mock):
    old = get(source)
    mock.revoke(EMAIL)
    new = get(source, rejected=old)
    assert new != old
    assert get(source) == new
    assert mock.counts["sessionCreate"] == 2


def test_a_token_that_was_replaced_meanwhile_costs_nothing(get, source, mock):
    old = get(source)
    new = get(source, rejected=old)
    assert get(source, rejected=old) == new
    assert mock.counts["sessionCreate"] == 2


def test_a_guest_checks_a_stray_401_by_a_refresh_and_lives_on(guest, mock, time):
    for _ in range(5):
        assert call(guest, mock, "forbidden").status_code == 401
        assert call(guest, mock).status_code == 200
        time.advance(31)
    assert mock.counts["sessionRefresh"] == 5


def test_a_guest_whose_check_is_refused_is_over(get, guest, mock):
    old = get(guest)
    mock.revoke(EMAIL)
    with pytest.raises(errors.SessionExpired):
        get(guest, rejected=old)
    with pytest.raises(errors.SessionExpired):
        get(guest)
    assert mock.counts["sessionRefresh"] == 1


def test_a_guest_keeps_its_token_if_the_check_fails(get, guest, mock, time):
    old = get(guest)
    mock.fail_next(operation="sessionRefresh", status=502)
    with pytest.raises(errors.ServerError):
        get(guest, rejected=old)
    assert get(guest) == old
    assert get(guest, rejected=old) == old  # The next check comes later.
    time.advance(5)
    assert get(guest, rejected=old) != old


def through_httpx(get, auth, mock):
    assert call(auth, mock, "forbidden").status_code == 401


def by_hand(get, auth, mock):
    """A caller that asks for another token as long as it gets one."""
    token, others = get(auth), 0
    while (other := get(auth, rejected=token)) != token:
        token, others = other, others + 1
    assert others <= 1


@pytest.mark.parametrize("ask", [through_httpx, by_hand])
@pytest.mark.parametrize("who", ["source", "guest"])
def test_an_endpoint_that_always_answers_401_costs_one_repair_and_then_one_in_30_seconds(
    request, who, ask, get, mock, time
):
    auth, repair = request.getfixturevalue(who), "sessionCreate" if who == "source" else "sessionRefresh"
    get(auth)
    before = mock.counts[repair]
    for _ in range(20):
        ask(get, auth, mock)
    assert mock.counts[repair] - before == 1
    for _ in range(10):
        time.advance(15)
        ask(get, auth, mock)
        assert call(auth, mock).status_code == 200
    assert mock.counts[repair] - before == 1 + 150 / 30


@pytest.mark.parametrize("ask", [through_httpx, by_hand])
@pytest.mark.parametrize("who", ["source", "guest"])
def test_a_repair_that_fails_is_tried_again_every_5_seconds(request, who, ask, get, mock, time):
    auth, repair = request.getfixturevalue(who), "sessionCreate" if who == "source" else "sessionRefresh"
    get(auth)
    before = mock.counts[repair]
    mock.fail_next(operation=repair, status=502, times=None)
    for _ in range(30):
        with contextlib.suppress(errors.ServerError):
            ask(get, auth, mock)
        time.advance(0.5)
    assert mock.counts[repair] - before == 3
    assert get(auth)


def test_a_failed_repair_leaves_the_token_in_use(source, mock):
    """The 401 may have been a stray one."""
    old = source.token()
    mock.fail_next(operation="sessionCreate", status=503)
    with pytest.raises(errors.ServerError):
        source.token(rejected=old)
    assert source.token() == old


def test_a_refused_log_in_is_remembered_for_30_seconds(get, settings, mock, time):
    source = SessionAuth(email=EMAIL, password="wrong", **settings)
    for _ in range(10):
        with pytest.raises(errors.Unauthorized) as refusal:
            get(source)
    assert mock.counts["sessionCreate"] == 1
    assert "wrong" not in str(refusal.value)
    time.advance(29)
    with pytest.raises(errors.Unauthorized):
        get(source)
    assert mock.counts["sessionCreate"] == 1
    time.advance(2)  # Asleep or awake: a suspended machine forgets it too.
    with pytest.raises(errors.Unauthorized):
        get(source)
    assert mock.counts["sessionCreate"] == 2


def test_an_explicit_log_in_is_tried_in_spite_of_a_refusal(world, settings, mock):
    source = SessionAuth(email=EMAIL, password="wrong", **settings)
    for _ in range(3):
        with pytest.raises(errors.Unauthorized):
            world.log_in(source)
    assert mock.counts["sessionCreate"] == 3


THROTTLED = [(429, 20, 20), (503, 20, 20), (429, 3000, 300)]


@pytest.mark.parametrize(("status", "asked", "seconds"), THROTTLED)
def test_retry_after_holds_for_all_log_ins_of_the_source(world, source, mock, time, status, asked, seconds):
    mock.fail_next(operation="sessionCreate", status=status, retry_after=asked)
    kind = errors.TooManyRequests if status == 429 else errors.ServerError
    for _ in range(3):
        for act in (world.get, world.log_in):
            with pytest.raises(kind) as error:
                act(source)
    assert mock.counts["sessionCreate"] == 1
    assert seconds - 1 <= error.value.retry_after <= min(asked * 1.1, 300)
    time.advance(seconds - 1)
    with pytest.raises(kind) as error:
        world.get(source)
    assert error.value.retry_after <= 1 + seconds * 0.1
    time.advance(1 + seconds * 0.1)
    assert world.get(source)
    assert mock.counts["sessionCreate"] == 2


def test_a_date_in_retry_after_counts_from_the_servers_own_date(source, mock, time):
    mock.clock.freeze(at=1_900_000_000)  # Years ahead of this machine.
    mock.fail_next(operation="sessionCreate", status=429, retry_after="Sun, 17 Mar 2030 17:47:10 GMT")
    for _ in range(2):
        with pytest.raises(errors.TooManyRequests) as error:
            source.token()
        assert 30 <= error.value.retry_after <= 33
    time.advance(34)
    assert source.token()


def test_a_throttled_refresh_waits_and_the_living_token_goes_on_being_used(get, source, mock, time):
    old = get(source)
    time.advance(2700)
    mock.fail_next(operation="sessionRefresh", status=429, retry_after=120)
    for _ in range(5):
        assert get(source) == old
        time.advance(20)
    assert mock.counts["sessionRefresh"] == 1
    time.advance(33)
    assert get(source) != old
    assert mock.counts["sessionCreate"] == 1


def test_a_throttled_repair_leaves_the_living_token_in_use(get, source, mock):
    old = get(source)
    mock.fail_next(operation="sessionCreate", status=429, retry_after=60)
    for _ in range(3):
        with pytest.raises(errors.TooManyRequests):
            get(source, rejected=old)
        assert get(source) == old
    assert mock.counts["sessionCreate"] == 2
