"""Refresh: a valid token is exchanged for one that expires later, and both are valid."""

import time

from pacerpro_conformance.cases import Case
from pacerpro_conformance.findings import check
from pacerpro_conformance.probe import KEPT, Probe, Token

from .tokens import instant_of

LINKS = 5
REFRESH = "openapi.yaml, sessionRefresh"


def _expiry(probe: Probe, token: Token) -> float:
    if (instant := instant_of(token)) is None:
        raise probe.failure("an instant as the expiry", token.answer)
    return instant


@check(source=f"{REFRESH}, description: the older token stays valid until it expires")
def keeps_older_tokens(probe: Probe) -> None:
    """Refresh ends neither the token that was sent nor another token of the user."""
    token, other = probe.log_in(), probe.log_in()
    probe.refresh(token)
    probe.expect_alive(token, KEPT)
    probe.expect_alive(other, "refresh has not ended another token of the user")


@check(source=f"{REFRESH}, description: one that expires later")
def expires_later(probe: Probe) -> None:
    """Refresh answers with another token, which expires later than the one that was sent."""
    token = probe.log_in()
    fresh = probe.refresh(token)
    probe.expect(_expiry(probe, fresh) >= _expiry(probe, token), "an expiry that is not earlier", fresh.answer)
    if _expiry(probe, fresh) == _expiry(probe, token):
        # An expiry counts whole seconds, so a server that adds to the present needs one to pass.
        time.sleep(1.1)
        fresh = probe.refresh(token)
        probe.expect(_expiry(probe, fresh) > _expiry(probe, token), "an expiry that is later", fresh.answer)


@check(source=f"{REFRESH}, description: a token that is valid can be exchanged")
def can_be_repeated(probe: Probe) -> None:
    """A refreshed token can be refreshed again, and again."""
    token = probe.log_in()
    for _ in range(LINKS):
        token = probe.refresh(token)


@check(source="openapi.yaml, Session.expiresAt: a token lives until then")
def leaves_other_users_alone(probe: Probe) -> None:
    """Refresh of one user ends no token of another."""
    bob = probe.log_in(probe.bob)
    probe.refresh(probe.log_in())
    probe.expect_alive(bob, "refresh has not ended another user's token")


@check(source=f"{REFRESH} and sessionDelete, 401: the token is missing")
def needs_a_token(probe: Probe) -> None:
    """Refresh and log-out without a token are refused."""
    for operation in (probe.contract.refresh, probe.contract.log_out):
        probe.expect_each(401, [Case(f"{operation.name} without a token")], operation)
