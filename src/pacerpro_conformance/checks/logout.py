"""Log-out: all tokens of the user end at once, and nobody else's."""

from pacerpro_conformance.probe import Probe
from pacerpro_conformance.registry import check

from .tokens import parts_of


@check
def answers_an_empty_object(probe: Probe) -> None:
    """Log-out answers 200 with an object that has no properties."""
    answer = probe.log_out(probe.log_in())
    probe.expect(answer.json == {}, "the body {}", answer)


@check
def ends_every_token(probe: Probe) -> None:
    """Log-out ends the token that was sent, those of other log-ins, and those of refresh."""
    for user in probe.users:
        other, token = probe.log_in(user), probe.log_in(user)
        refreshed = probe.refresh(token)
        probe.log_out(token)
        whose = f"log-out of {user.email} has ended"
        probe.expect_dead(token, f"{whose} the token that was sent")
        probe.expect_dead(other, f"{whose} the token of an earlier log-in")
        probe.expect_dead(refreshed, f"{whose} the token of a refresh")


@check
def with_any_of_the_tokens(probe: Probe) -> None:
    """Any live token of a user logs out, an older one as well as the newest."""
    for user in probe.users:
        # Tokens of the same second are the same; that of a refresh is another.
        older = probe.log_in(user)
        newer = probe.refresh(older)
        probe.log_out(older)
        probe.expect_dead(newer, "log-out with an older token has ended the newer")
        older = probe.log_in(user)
        probe.log_out(probe.refresh(older))
        probe.expect_dead(older, "log-out with a newer token has ended the older")


@check
def spares_other_users(probe: Probe) -> None:
    """Log-out of one user ends no token of another."""
    for user, other in (probe.users, probe.users[::-1]):
        token, spared = probe.log_in(user), probe.log_in(other)
        probe.log_out(token)
        probe.expect_dead(token, f"log-out of {user.email} has ended the token that was sent")
        probe.expect_alive(spared, f"log-out of {user.email} has not ended the token of {other.email}")


@check
def renews_the_jti(probe: Probe) -> None:
    """After log-out the user gets another jti with the next log-in."""
    for user in probe.users:
        before = probe.log_in(user)
        probe.log_out(before)
        after = probe.log_in(user)
        old, new = parts_of(probe, before).claims, parts_of(probe, after).claims
        probe.expect(old.get("jti") != new.get("jti"), "another jti than before log-out", after.answer)
        probe.expect(old.get("sub") == new.get("sub"), "the same sub as before log-out", after.answer)


@check
def is_for_good(probe: Probe) -> None:
    """A token that log-out has ended stays dead when the user logs in again, and again."""
    for user in probe.users:
        token = probe.log_in(user)
        probe.log_out(token)
        for _ in range(2):
            again = probe.log_in(user)
            probe.expect_dead(token, "a new log-in does not bring the old token back")
            probe.expect_alive(again, "a new log-in works after log-out")
            probe.log_out(again)


@check
def happens_once(probe: Probe) -> None:
    """A second log-out with the same token is refused, and ends nothing."""
    for user in probe.users:
        token = probe.log_in(user)
        probe.log_out(token)
        live = probe.log_in(user)
        answer = probe.call(probe.contract.log_out, token, note="a token after its log-out")
        probe.expect_refused(answer, probe.contract.log_out, "the token has been logged out already")
        probe.expect_alive(live, "a refused log-out has ended nothing")
