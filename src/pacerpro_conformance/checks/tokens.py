"""Tokens: what the server hands out is a token of this service, and nothing else."""

import re
import uuid
from datetime import datetime

from pacerpro_conformance import jws
from pacerpro_conformance.probe import Probe, Token
from pacerpro_conformance.registry import check, check_with_secret

CLAIMS = {"jti", "sub", "exp", "scp"}
SCOPE = "user"
COMPACT = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+", re.ASCII)


def _both(probe: Probe) -> list[Token]:
    """A token of log-in and one of refresh."""
    token = probe.log_in()
    return [token, probe.refresh(token)]


def parts_of(probe: Probe, token: Token) -> jws.Parts:
    """A token taken apart. Raises StopCheckError, after a finding, when it is none."""
    try:
        return token.parts
    except jws.NotATokenError as error:
        probe.stop(f"a JSON Web Token in compact form ({error})", token.answer)


@check
def form_is_compact(probe: Probe) -> None:
    """A token is three segments of base64url without padding, joined by dots (RFC 7515, section 7.1)."""
    for token in _both(probe):
        probe.expect(COMPACT.fullmatch(token.value), "three segments of base64url without padding", token.answer)


@check
def header_is_exact(probe: Probe) -> None:
    """A token's header names its type and HS256, and nothing else."""
    for token in _both(probe):
        header = parts_of(probe, token).header
        probe.expect(header == jws.HEADER, f"the header {jws.HEADER}", token.answer, came=f"{header}")


@check
def claims_are_exact(probe: Probe) -> None:
    """A token has the claims jti, sub, exp and scp, and no other."""
    for token in _both(probe):
        claims = parts_of(probe, token).claims
        probe.expect(set(claims) == CLAIMS, f"the claims {sorted(CLAIMS)}", token.answer, came=f"{sorted(claims)}")


@check
def claims_have_their_types(probe: Probe) -> None:
    """In a token jti is a UUID, sub and exp are integers, and scp is the string user."""
    for token in _both(probe):
        claims = parts_of(probe, token).claims
        for name, holds, kind in (
            ("jti", _is_uuid(claims.get("jti")), "a UUID"),
            ("sub", type(claims.get("sub")) is int, "an integer"),
            ("exp", type(claims.get("exp")) is int, "an integer"),
            ("scp", claims.get("scp") == SCOPE, f"the string {SCOPE}"),
        ):
            probe.expect(holds, f"in the claim {name} {kind}", token.answer, came=f"{claims.get(name)!r}")


def _is_uuid(value: object) -> bool:
    try:
        return isinstance(value, str) and str(uuid.UUID(value)) == value.lower()
    except ValueError:
        return False


@check
def exp_and_expiry_agree(probe: Probe) -> None:
    """The expiry beside a token says the same instant as its exp."""
    for token in _both(probe):
        exp = parts_of(probe, token).claims.get("exp")
        probe.expect(
            _instant(token.expires_at) == exp, f"the instant of exp, {exp}", token.answer, came=token.expires_at
        )


def _instant(text: str) -> float | None:
    """Seconds since the epoch; None where the text is no instant, since it has no zone, for one."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.timestamp() if moment.tzinfo else None


@check
def exp_is_to_come(probe: Probe) -> None:
    """A new token expires later than now."""
    for token in _both(probe):
        exp, now = parts_of(probe, token).claims.get("exp"), token.answer.date.timestamp()
        probe.expect(isinstance(exp, int) and exp > now, f"an exp behind {now:.0f}", token.answer, came=f"{exp}")


@check
def every_log_in_continues_the_user(probe: Probe) -> None:
    """All tokens of a user carry the same jti and sub, and no other user's."""
    ada, again, bob = (parts_of(probe, probe.log_in(user)).claims for user in (probe.ada, probe.ada, probe.bob))
    for name in ("jti", "sub"):
        probe.expect(
            ada.get(name) == again.get(name),
            f"the same {name} from each log-in of {probe.ada.email}",
            came=f"{ada.get(name)!r} and {again.get(name)!r}",
        )
        probe.expect(ada.get(name) != bob.get(name), f"another {name} for {probe.bob.email}", came=f"{bob.get(name)!r}")


@check_with_secret
def signature_is_of_the_key(probe: Probe) -> None:
    """A token is signed with HMAC-SHA-256 and the server's key."""
    for token in _both(probe):
        signed = jws.is_signed_with(token.value, probe.secret or b"")
        probe.expect(signed, "a signature that the given secret verifies", token.answer)
