"""Forged tokens: refresh and log-out refuse them, and a forged log-out ends nothing."""

from collections.abc import Callable, Iterable, Iterator

from pacerpro_conformance.cases import Case
from pacerpro_conformance.errors import StopCheckError
from pacerpro_conformance.findings import Level, check
from pacerpro_conformance.probe import Probe, Token
from pacerpro_conformance.tokens import forgeries, jws
from pacerpro_conformance.tokens.forgeries import Forgery, Source

INVALID = "openapi.yaml, responses.InvalidToken"
HOLDER = "only the holder of the key can make such a token"
# Of the second user, every third will do: the question is whether this user's tokens are verified at all.
SECOND_USERS = 3
UNVERIFIED = f"401: a live token {forgeries.ONE_BIT}"

Forge = Callable[[Source], Iterable[Forgery]]


def _source_of(probe: Probe, live: Token) -> Source:
    """What tokens are forged from. Raises StopCheckError if the server's tokens cannot be forged at all."""
    parts = probe.parts(live)
    other = probe.parts(probe.log_in(probe.bob if live.user == probe.ada else probe.ada))
    for name in ("sub", "jti"):
        if parts.claims.get(name) is None:
            probe.leave_out(f"forging {name}", "the server's tokens have none")
    secret = probe.secret or b""
    return Source(live.value, parts.header, parts.claims, other.claims, secret, int(live.answer.now), probe.random)


def _expect_refused(probe: Probe, forge: Forge) -> None:
    """Send each forgery to refresh and to log-out, for both users."""

    def cases(live: Token) -> Iterator[Case]:
        for each in forge(_source_of(probe, live)):
            recipe = jws.recipe(each.token, live.value, each.signed_with)
            headers = (probe.bearer(each.token),)
            yield Case(f"a live token {each.note}", headers, leeway=each.leeway, token=each.token, recipe=recipe)

    for operation in (probe.contract.refresh, probe.contract.log_out):
        probe.expect_refused(operation, cases)
        probe.expect_refused(operation, cases, probe.bob, SECOND_USERS)


def _stop_if_unverified(probe: Probe) -> None:
    """End the check if the server does not verify signatures: every other forgery would show the same."""
    for each in probe.findings:
        if each.expected == UNVERIFIED:
            probe.consequence_of = each.check
            raise StopCheckError


@check(source=f"{INVALID}; RFC 7515, section 5.2: the signature must be verified")
def invalid_signatures(probe: Probe) -> None:
    """A token with an altered signature, altered claims or another key's signature is refused."""
    _expect_refused(probe, forgeries.signatures)


@check(source=f"{INVALID}; RFC 8725, section 3.1: verify the algorithm")
def other_algorithms(probe: Probe) -> None:
    """A token that asks for no algorithm, or for another, is refused."""
    _stop_if_unverified(probe)
    _expect_refused(probe, forgeries.algorithms)


@check(source=f"{INVALID}; RFC 8725, section 3.10: do not trust received keys")
def keys_in_the_header(probe: Probe) -> None:
    """A token whose header contains or names its own key is refused."""
    _stop_if_unverified(probe)
    _expect_refused(probe, forgeries.own_keys)


@check(source=f"{INVALID}: a malformed token is 401")
def malformed_tokens(probe: Probe) -> None:
    """Text that is not a token is refused."""
    _expect_refused(probe, forgeries.malformed)


@check(source=f"{INVALID}: a malformed token is 401")
def decorated_tokens(probe: Probe) -> None:
    """A live token with something added to it is refused."""
    _expect_refused(probe, forgeries.decorated)


def _expect_signed_refused(probe: Probe, forge: Forge) -> None:
    """The same for tokens that the right key signed, provided that the server accepts any token that we sign."""
    source = _source_of(probe, probe.log_in())
    copy = jws.sign(source.header, dict(reversed(source.claims.items())), source.secret)
    case = Case("a live token, signed again", (probe.bearer(copy),), token=copy)
    if probe.call(probe.contract.refresh, case).status != 200:
        probe.leave_out("all of it", "the server refuses a live token that was signed again with the right key")
        raise StopCheckError
    _expect_refused(probe, forge)


@check(source=f"{INVALID}: an expired token is 401", needs_secret=True)
def with_an_expired_exp(probe: Probe) -> None:
    """A token that expired an hour ago or earlier is refused."""
    _expect_signed_refused(probe, forgeries.expired)


@check(level=Level.ADVICE, source=HOLDER, needs_secret=True)
def with_another_header(probe: Probe) -> None:
    """A signed token under another algorithm, or with other header fields, is refused."""
    _expect_signed_refused(probe, forgeries.signed_headers)


@check(level=Level.ADVICE, source=HOLDER, needs_secret=True)
def with_other_claims(probe: Probe) -> None:
    """A signed token that lacks a claim, or has one more, is refused."""
    _expect_signed_refused(probe, forgeries.claim_sets)


@check(level=Level.ADVICE, source=HOLDER, needs_secret=True)
def with_mistyped_claims(probe: Probe) -> None:
    """A signed token with a claim of another type is refused."""
    _expect_signed_refused(probe, forgeries.mistyped)


@check(level=Level.ADVICE, source=HOLDER, needs_secret=True)
def with_untrue_claims(probe: Probe) -> None:
    """A signed token that has just expired, of no user, or of an ended session, is refused."""
    _expect_signed_refused(probe, forgeries.untrue)
