"""Soak: what works once works a few hundred times, and for many callers at once."""

from concurrent.futures import ThreadPoolExecutor

from pacerpro_conformance.cases import Case
from pacerpro_conformance.errors import StopCheckError
from pacerpro_conformance.findings import check
from pacerpro_conformance.probe import Probe, Token
from pacerpro_conformance.server.users import User

ROUNDS = 150
CALLERS = 8
ROUNDS_EACH = 15


@check(source="openapi.yaml, Session.expiresAt: a token lives until then; sessionDelete: all tokens end")
def first_token_outlives_many_more(probe: Probe) -> None:
    """The first of many tokens of a user lives as long as the last, and log-out ends all of them."""
    first = probe.log_in()
    tokens = [probe.log_in() if number % 2 else probe.refresh(first) for number in range(ROUNDS)]
    probe.expect_alive(first, f"the first token after {ROUNDS} more")
    probe.log_out(tokens[-1])
    for token in (first, *tokens):
        probe.expect_dead(token, f"log-out has ended each of {ROUNDS + 1} tokens")


@check(source="openapi.yaml, responses.InvalidToken: a revoked token is 401")
def ended_tokens_stay_ended(probe: Probe) -> None:
    """Log-in, refresh and log-out work many times over, and no later session revives an ended token."""
    ended: list[Token] = []
    for _ in range(ROUNDS // 3):
        token = probe.refresh(probe.log_in())
        for each in ended[::5]:
            probe.expect_dead(each, "an ended token while the user has a later session")
        probe.log_out(token)
        ended.append(token)


@check(source="openapi.yaml, sessionRefresh and sessionDelete; RFC 7519, section 4.1.2: sub identifies the user")
def callers_do_not_disturb_each_other(probe: Probe) -> None:
    """Callers at the same time get their own user's tokens, and one user's log-out spares the other."""

    def expect_same_user(token: Token, fresh: Token) -> None:
        same = probe.parts(fresh).claims.get("sub") == probe.parts(token).claims.get("sub")
        probe.expect(same, "a token of the same user, with other callers at the same time", fresh.answer)

    def stay(user: User) -> None:
        token = probe.log_in(user)
        for _ in range(ROUNDS_EACH):
            expect_same_user(token, probe.refresh(token))

    def come_and_go(user: User) -> None:
        for _ in range(ROUNDS_EACH):
            token = probe.log_in(user)
            # Another caller may have logged the user out in between, so a 401 is not a finding.
            case = Case("a token that another caller may have ended")
            answer = probe.call(probe.contract.refresh, case, token)
            if answer.status == 200:
                expect_same_user(token, probe.session(answer, user))
            probe.call(probe.contract.log_out, case, token)

    with ThreadPoolExecutor(CALLERS) as pool:
        calls = [pool.submit(stay, probe.bob) for _ in range(CALLERS // 2)]
        calls += [pool.submit(come_and_go, probe.ada) for _ in range(CALLERS // 2)]
    for error in (call.exception() for call in calls):
        if error is not None and not isinstance(error, StopCheckError):
            raise error
