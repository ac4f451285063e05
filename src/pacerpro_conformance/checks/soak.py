"""Soak: what holds once holds a few hundred times, and for many callers at once."""

from concurrent.futures import ThreadPoolExecutor

from pacerpro_conformance.findings import StopCheckError
from pacerpro_conformance.probe import Probe, Token, User
from pacerpro_conformance.registry import check

from .tokens import parts_of

ROUNDS = 150
CALLERS = 8
ROUNDS_EACH = 15


@check
def first_token_outlives_many(probe: Probe) -> None:
    """The first of many tokens of a user lives as long as the last, and log-out ends all of them."""
    first = probe.log_in()
    tokens = [probe.log_in() if number % 2 else probe.refresh(first) for number in range(ROUNDS)]
    probe.expect_alive(first, f"the first token after {ROUNDS} more")
    probe.log_out(tokens[-1])
    for number, token in enumerate([first, *tokens]):
        why = f"log-out has ended token {number} of {ROUNDS + 1}"
        probe.expect_refused(probe.call(probe.contract.refresh, token, note=why), probe.contract.refresh, why)


@check
def sessions_come_and_go(probe: Probe) -> None:
    """Log-in, refresh and log-out work many times over, and no jti comes twice."""
    seen: set[str] = set()
    for _ in range(ROUNDS // 3):
        token = probe.refresh(probe.log_in())
        jti = str(parts_of(probe, token).claims.get("jti"))
        probe.expect(jti not in seen, "a jti that no earlier session had", token.answer)
        seen.add(jti)
        probe.log_out(token)


@check
def many_callers_at_once(probe: Probe) -> None:
    """Callers at the same time do not get into each other's way, and one user's log-out spares the other."""

    def expect_same_user(token: Token, fresh: Token) -> None:
        same = parts_of(probe, fresh).claims.get("sub") == parts_of(probe, token).claims.get("sub")
        probe.expect(same, "a token of the same user, with other callers about", fresh.answer)

    def live_on(user: User) -> None:
        token = probe.log_in(user)
        for _ in range(ROUNDS_EACH):
            expect_same_user(token, probe.refresh(token))

    def come_and_go(user: User) -> None:
        for _ in range(ROUNDS_EACH):
            token = probe.log_in(user)
            # Another caller may have logged the user out in between, so that a 401 is no finding.
            note = "a token that another caller may have ended"
            answer = probe.call(probe.contract.refresh, token, note=note)
            if answer.status == 200:
                expect_same_user(token, probe.session(answer, user))
            probe.call(probe.contract.log_out, token, note=note)

    with ThreadPoolExecutor(CALLERS) as pool:
        calls = [pool.submit(live_on, probe.bob) for _ in range(CALLERS // 2)]
        calls += [pool.submit(come_and_go, probe.ada) for _ in range(CALLERS // 2)]
    for error in (call.exception() for call in calls):
        if error is not None and not isinstance(error, StopCheckError):
            raise error
