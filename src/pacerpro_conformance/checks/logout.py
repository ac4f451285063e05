"""Log-out: all tokens of the user end at once, and nobody else's."""

from pacerpro_conformance.cases import Case
from pacerpro_conformance.findings import check
from pacerpro_conformance.probe import ENDED, Probe

DELETE = "openapi.yaml, sessionDelete, description"
OTHERS = "log-out has ended the user's other tokens"


@check(source=f"{DELETE}: all tokens of the user end at once")
def ends_every_token(probe: Probe) -> None:
    """Log-out ends the token that was sent, those of other log-ins, and those of refresh."""
    for user in probe.users:
        other, token = probe.log_in(user), probe.log_in(user)
        newest = probe.refresh(token)
        probe.log_out(newest)
        probe.expect_dead(newest, ENDED)
        probe.expect_dead(token, OTHERS)
        probe.expect_dead(other, OTHERS)


@check(source=f"{DELETE}; openapi.yaml, responses.InvalidToken: a revoked token is 401")
def is_final(probe: Probe) -> None:
    """A token that log-out has ended stays ended when the user logs in again, and again."""
    for user in probe.users:
        token = probe.log_in(user)
        probe.log_out(token)
        for _ in range(2):
            again = probe.log_in(user)
            probe.expect_dead(token, ENDED)
            probe.log_out(again)


@check(source=f"{DELETE}: all tokens, and not only the one that was sent")
def works_with_any_token(probe: Probe) -> None:
    """Any valid token of a user logs out, an older one as well as the newest."""
    for user in probe.users:
        # Tokens of the same second may be the same; that of a refresh is another.
        older = probe.log_in(user)
        newer = probe.refresh(older)
        probe.log_out(older)
        probe.expect_dead(newer, OTHERS)
        older = probe.log_in(user)
        probe.log_out(probe.refresh(older))
        probe.expect_dead(older, OTHERS)


@check(source="openapi.yaml, responses.InvalidToken: a revoked token is 401")
def works_once(probe: Probe) -> None:
    """A second log-out with the same token is refused, and ends nothing."""
    for user in probe.users:
        token = probe.log_in(user)
        probe.log_out(token)
        live = probe.log_in(user)
        case = Case(ENDED)
        if probe.expect_status(401, probe.call(probe.contract.log_out, case, token), case):
            probe.expect_alive(live, "a refused log-out has not ended a token")


@check(source=f"{DELETE}: other users are not affected")
def leaves_other_users_alone(probe: Probe) -> None:
    """Log-out of one user ends no token of another."""
    for user, other in (probe.users, probe.users[::-1]):
        token, spared = probe.log_in(user), probe.log_in(other)
        probe.log_out(token)
        probe.expect_dead(token, ENDED)
        probe.expect_alive(spared, "log-out has not ended another user's token")
