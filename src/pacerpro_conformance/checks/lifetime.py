"""How long tokens live: what refresh and log-out do to them, once, many times, and for many callers."""

import time
from concurrent.futures import ThreadPoolExecutor

from pacerpro_conformance.findings import check
from pacerpro_conformance.probe import ENDED, KEPT, Probe, Token
from pacerpro_conformance.server import User

from .tokens import expiry_of

REFRESH = "openapi.yaml, sessionRefresh"
DELETE = "openapi.yaml, sessionDelete, description"
REVOKED = "openapi.yaml, responses.InvalidToken: a revoked token is 401"
OTHERS = "log-out has ended the user's other tokens"
ROUNDS = 150
CALLERS = 8


@check("refresh", source=f"{REFRESH}, description: the older token stays valid until it expires")
def keeps_older_tokens(probe: Probe) -> None:
    """Refresh ends neither the token that was sent, nor another token of the user, nor one of another user."""
    token, other, bob = probe.log_in(), probe.log_in(), probe.log_in(probe.bob)
    probe.refresh(token)
    probe.expect_alive(token, KEPT)
    probe.expect_alive(other, "refresh has not ended another token of the user")
    probe.expect_alive(bob, "refresh has not ended another user's token")


@check("refresh", source=f"{REFRESH}, description: a token that is valid can be exchanged for one that expires later")
def expires_later(probe: Probe) -> None:
    """Refresh answers with another token, which expires later than the one that was sent, and again and again."""
    token = probe.log_in()
    fresh = probe.refresh(token)
    if expiry_of(probe, fresh) == expiry_of(probe, token):
        # An expiry counts whole seconds, so a server that adds to the present needs one to pass.
        time.sleep(1.1)
        fresh = probe.refresh(token)
    probe.expect(expiry_of(probe, fresh) > expiry_of(probe, token), "an expiry that is later", fresh.answer)
    for _ in range(3):
        fresh = probe.refresh(fresh)


@check("logout", source=f"{DELETE}: all tokens of the user end at once, and other users are not affected")
def ends_every_token(probe: Probe) -> None:
    """Log-out with any token of the user ends it, those of other log-ins, and those of refresh; no other user's."""
    for user, other_user in (probe.users, probe.users[::-1]):
        for newest_logs_out in (True, False):
            # Tokens of the same second may be the same; that of a refresh is another.
            other, older, spared = probe.log_in(user), probe.log_in(user), probe.log_in(other_user)
            newest = probe.refresh(older)
            sent, rest = (newest, older) if newest_logs_out else (older, newest)
            probe.log_out(sent)
            for each, why in ((sent, ENDED), (rest, OTHERS), (other, OTHERS)):
                probe.expect_dead(each, why)
            probe.expect_alive(spared, "log-out has not ended another user's token")


@check("logout", source=f"{DELETE}; {REVOKED}")
def is_final(probe: Probe) -> None:
    """No later session revives a token that log-out has ended, and a refused log-out ends no token."""
    for user in probe.users:
        ended: list[Token] = []
        for _ in range(ROUNDS // 6):
            token = probe.refresh(probe.log_in(user))
            for each in ended[-1:] + ended[::5]:
                probe.expect_dead(each, "an ended token while the user has a later session")
            probe.expect_alive(token, "a refused log-out has not ended a token")
            probe.log_out(token)
            ended.append(token)


@check("soak", source="openapi.yaml, Session.expiresAt: a token lives until then; sessionDelete: all tokens end")
def first_token_outlives_many_more(probe: Probe) -> None:
    """The first of many tokens of a user lives as long as the last, and log-out ends all of them."""
    first = probe.log_in()
    tokens = [probe.log_in() if number % 2 else probe.refresh(first) for number in range(ROUNDS)]
    probe.expect_alive(first, f"the first token after {ROUNDS} more")
    probe.log_out(tokens[-1])
    for token in (first, *tokens):
        probe.expect_dead(token, f"log-out has ended each of {ROUNDS + 1} tokens")


@check("soak", source=f"{REFRESH}; RFC 7519, section 4.1.2: sub identifies the user")
def callers_do_not_disturb_each_other(probe: Probe) -> None:
    """Callers at the same time get tokens of their own user."""

    def refresh_often(user: User) -> None:
        token = probe.log_in(user)
        for _ in range(ROUNDS // CALLERS):
            fresh = probe.refresh(token)
            same = probe.parts(fresh).claims.get("sub") == probe.parts(token).claims.get("sub")
            probe.expect(same, "a token of the same user, with other callers at the same time", fresh.answer)

    with ThreadPoolExecutor(CALLERS) as pool:
        calls = [pool.submit(refresh_often, probe.users[number % 2]) for number in range(CALLERS)]
    for call in calls:
        call.result()
