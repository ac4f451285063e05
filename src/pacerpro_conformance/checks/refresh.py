"""Refresh: a live token is exchanged for one that expires later, and both live."""

import time

from pacerpro_conformance.probe import Probe, Token
from pacerpro_conformance.registry import check

from .tokens import parts_of

LINKS = 5


def _exp(probe: Probe, token: Token) -> int:
    exp = parts_of(probe, token).claims.get("exp")
    if type(exp) is not int:
        probe.stop("an integer exp", token.answer, came=f"{exp!r}")
    return exp


@check
def expires_later(probe: Probe) -> None:
    """Refresh answers with a token that expires later than the one that was sent."""
    token = probe.log_in()
    fresh = probe.refresh(token)
    probe.expect(_exp(probe, fresh) >= _exp(probe, token), "an exp that is not earlier", fresh.answer)
    if _exp(probe, fresh) == _exp(probe, token):
        # `exp` counts whole seconds; a server that reckons from the present needs one to pass.
        time.sleep(1.1)
        fresh = probe.refresh(token)
        probe.expect(_exp(probe, fresh) > _exp(probe, token), "an exp that is later", fresh.answer)


@check
def stays_with_the_user(probe: Probe) -> None:
    """Refresh answers with a token of the same user."""
    for user in (probe.ada, probe.bob):
        token = probe.log_in(user)
        before, after = parts_of(probe, token).claims, parts_of(probe, fresh := probe.refresh(token)).claims
        for name in ("sub", "jti"):
            probe.expect(
                before.get(name) == after.get(name),
                f"the same {name}",
                fresh.answer,
                came=f"{after.get(name)!r} after {before.get(name)!r}",
            )


@check
def older_token_lives(probe: Probe) -> None:
    """Refresh does not end the token that was sent, nor any other of the user."""
    token, other = probe.log_in(), probe.log_in()
    probe.refresh(token)
    probe.expect_alive(token, "the token that was refreshed still lives")
    probe.expect_alive(other, "another token of the user still lives")


@check
def goes_on_and_on(probe: Probe) -> None:
    """What refresh hands out can be refreshed again, and logs out."""
    token = probe.log_in()
    for _ in range(LINKS):
        token = probe.refresh(token)
    probe.log_out(token)


@check
def changes_no_other_user(probe: Probe) -> None:
    """Refresh of one user leaves the tokens of another alone."""
    bob = probe.log_in(probe.bob)
    probe.refresh(probe.log_in())
    probe.expect_alive(bob, "another user's token lives on")


@check
def needs_a_token(probe: Probe) -> None:
    """Refresh and log-out without a token are refused in the contract's words."""
    for operation in (probe.contract.refresh, probe.contract.log_out):
        probe.expect_refused(probe.call(operation), operation, "no token was sent")
