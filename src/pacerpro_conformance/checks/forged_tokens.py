"""Forged tokens: none is taken, by refresh or by log-out, and a forged log-out ends nothing."""

from collections.abc import Callable, Iterable

from pacerpro_conformance import forgeries
from pacerpro_conformance.contract import Operation
from pacerpro_conformance.forgeries import Forgery, Source, source_of
from pacerpro_conformance.probe import Probe, User
from pacerpro_conformance.registry import check, check_with_secret

Forger = Callable[[Source], Iterable[Forgery]]
# Of the second user every third will do: what is looked for is whether the user's tokens are checked at all.
SECOND_USERS = 3


def _expect_refused(probe: Probe, forge: Forger) -> None:
    """Send each forgery to refresh and to log-out, and look whether the live token has suffered."""
    for operation in (probe.contract.refresh, probe.contract.log_out):
        _expect_refused_by(probe, forge, operation, probe.ada)
        _expect_refused_by(probe, forge, operation, probe.bob, SECOND_USERS)


def _expect_refused_by(probe: Probe, forge: Forger, operation: Operation, user: User, step: int = 1) -> None:
    live = probe.log_in(user)
    forged = list(forge(source_of(probe, live)))
    for number in range(0, len(forged), step):
        note, token = forged[number]
        answer = probe.call(operation, token, note=f"a live token of {user.email} {note}")
        refused = probe.expect_refused(answer, operation, f"a live token of {user.email} {note} is refused")
        if not refused and operation is probe.contract.log_out:
            live = probe.log_in(user)
            forged = list(forge(source_of(probe, live)))
    probe.expect_alive(live, "forged tokens have ended no live one")


@check
def in_shape(probe: Probe) -> None:
    """A token that is not three segments of the right kind is refused."""
    _expect_refused(probe, forgeries.shapes)


@check
def in_algorithm(probe: Probe) -> None:
    """A token that asks for no algorithm, or for another, is refused (RFC 8725, section 3.1)."""
    _expect_refused(probe, forgeries.algorithms)


@check
def in_key(probe: Probe) -> None:
    """A token with an altered signature, altered claims or another key's signature is refused."""
    _expect_refused(probe, forgeries.keys)


@check
def in_header(probe: Probe) -> None:
    """A token whose header brings or names its own key is refused (RFC 8725, section 3.10)."""
    _expect_refused(probe, forgeries.headers)


@check_with_secret
def with_other_hash(probe: Probe) -> None:
    """A token that the right key signed under another algorithm, or with other header fields, is refused."""
    _expect_refused(probe, forgeries.signed_headers)


@check_with_secret
def without_a_claim(probe: Probe) -> None:
    """A signed token that lacks a claim, or has one too many, is refused."""
    _expect_refused(probe, forgeries.claim_sets)


@check_with_secret
def with_mistyped_claims(probe: Probe) -> None:
    """A signed token with a claim of the wrong type is refused."""
    _expect_refused(probe, forgeries.mistyped)


@check_with_secret
def with_claims_out_of_range(probe: Probe) -> None:
    """A signed token that has expired, or is of no user, or of another session, is refused."""
    _expect_refused(probe, forgeries.out_of_range)


@check_with_secret
def but_a_true_copy_is_taken(probe: Probe) -> None:
    """A token signed anew with the right key and the same claims is taken: the other checks sign as they should."""
    for user in probe.users:
        copy = forgeries.copy_of(source_of(probe, probe.log_in(user)))
        answer = probe.call(probe.contract.refresh, copy, note="a live token signed anew")
        probe.expect(answer.status == 200, "200: a true copy of a live token is taken", answer)
