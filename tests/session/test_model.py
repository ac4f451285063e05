"""Any order of calls, log-ins, refreshes, revocations, expiries, failures and log-outs, against a small model."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from pacerpro_client import SessionAuth, errors
from pacerpro_mock import Mock
from pacerpro_runtime.session import state
from pacerpro_runtime.session.core import SessionCore
from pacerpro_runtime.session.token import Token

from .services import with_matters
from .worlds import World

LIFE = 3600
# A token is given up a second early, and refreshed when 45 to 60 s are left: chance says when.
DUE_FROM, DUE_TO, END = LIFE - 1 - 60, LIFE - 1 - 45, LIFE - 1


TIMES = st.sampled_from([0, 1, 15, 29, 31, 1700, "due", "expired"])


@dataclasses.dataclass
class Model:
    """What is known of a session by whoever uses it."""

    has_token: bool = False
    accepted: bool = False
    begun: float = 0.0
    stopped: bool = False
    refused_until: float = 0.0
    next_refresh: float = 0.0
    backoff: float = 1.0
    log_ins: int = 0
    refreshes: int = 0

    def begin(self, now: float) -> None:
        self.has_token = self.accepted = True
        self.begun, self.stopped, self.refused_until = now, False, 0.0
        self.next_refresh, self.backoff = 0.0, 1.0

    def log_in(self, now: float, fault: int | None) -> str:
        if self.stopped:
            return "SessionExpired"
        if now < self.refused_until:
            return "Unauthorized"
        self.log_ins += 1
        if fault:
            if fault == 401:
                self.refused_until = now + 30
            return {401: "Unauthorized", 503: "ServerError", 429: "TooManyRequests"}[fault]
        self.begin(now)
        return "200"

    def call(self, now: float, faults: dict[str, int | None]) -> str:
        """What becomes of a call, given what the next log-in and the next refresh will be answered with."""
        if self.has_token and now - self.begun >= END:
            self.has_token = False
        elif self.has_token and now - self.begun >= DUE_FROM and now >= self.next_refresh:
            self.refresh(now, faults.pop("refresh", None))
        if not self.has_token:
            outcome = self.log_in(now, faults.get("login"))
            if outcome != "200":
                return outcome
        if self.accepted:
            return "200"
        self.has_token = False
        return self.log_in(now, faults.get("login"))

    def refresh(self, now: float, fault: int | None) -> None:
        self.refreshes += 1
        if fault == 503:
            self.next_refresh, self.backoff = now + self.backoff, min(self.backoff * 2, 30.0)
        elif fault == 401 or not self.accepted:
            self.has_token = False
        else:
            self.begin(now)


class Session(RuleBasedStateMachine):
    world: World

    @initialize()
    def begin(self):
        self.now = 1000.0
        self.real = SessionCore._monotonic
        SessionCore._monotonic = staticmethod(lambda: self.now)
        self.mock = with_matters(Mock({"ada@example.com": "a secret"}))
        self.mock.clock.freeze(at=1_900_000_000)
        transport = self.mock.transport()
        self.auth = SessionAuth(
            email="ada@example.com",
            password="a secret",
            base_url=self.mock.url,
            transport=transport,
            async_transport=transport,
        )
        self.model = Model()

    def teardown(self):
        if hasattr(self, "real"):
            SessionCore._monotonic = staticmethod(self.real)

    def advance(self, seconds):
        self.now += seconds
        self.mock.clock.advance(seconds)

    def outcome(self, action):
        try:
            return str(getattr(action(), "status_code", "200"))
        except errors.PacerProError as error:
            return type(error).__name__

    def the_call(self):
        options = {"transport": self.mock.transport()}
        return self.world.call(self.auth, "GET", self.mock.url + "/matters", options=options)

    def wait(self, after):
        age = self.now - self.model.begun
        if after == "due":
            after = max(0, DUE_TO - age)
        elif after == "expired":
            after = max(0, LIFE - age)
        elif self.model.has_token and DUE_FROM <= age + after < DUE_TO:
            after = DUE_TO - age  # Between the two chance would decide.
        self.advance(after)

    @rule(after=TIMES, login=st.sampled_from([None, None, 401, 429, 503]), refresh=st.sampled_from([None, 401, 503]))
    def call(self, after, login, refresh):
        self.wait(after)
        for operation, status in (("sessionCreate", login), ("sessionRefresh", refresh)):
            if status:
                self.mock.fail_next(operation=operation, status=status, times=None)
        expected = self.model.call(self.now, {"login": login, "refresh": refresh})
        assert self.outcome(self.the_call) == expected
        assert self.mock.counts["sessionRefresh"] == self.model.refreshes
        self.mock.stop_failing()
        if expected == "200":
            before = self.mock.counts
            assert self.outcome(self.the_call) == "200"
            assert self.mock.counts - before == {"matters": 1}

    @rule(after=TIMES)
    def log_out_elsewhere(self, after):
        self.wait(after)
        self.mock.revoke("ada@example.com")
        self.model.accepted = False

    @rule(after=TIMES, status=st.sampled_from([None, 401, 403]))
    def log_in(self, after, status):
        self.wait(after)
        if status:
            self.mock.fail_next(operation="sessionCreate", status=status)
        outcome = self.outcome(lambda: self.world.log_in(self.auth))
        self.model.log_ins += 1
        assert outcome == {None: "200", 401: "Unauthorized", 403: "Forbidden"}[status]
        if status is None:
            self.model.begin(self.now)
        elif status == 401:
            self.model.refused_until = self.now + 30

    @rule(after=TIMES, status=st.sampled_from([None, None, 500]))
    def log_out(self, after, status):
        self.wait(after)
        if status:
            self.mock.fail_next(operation="sessionDelete", status=status)
        before = self.mock.counts
        outcome = self.outcome(lambda: self.world.log_out(self.auth))
        self.mock.stop_failing()
        assert outcome == ("ServerError" if status and self.mock.counts != before else "200")
        if self.mock.counts != before and self.mock.requests[-1].status == 200:
            self.model.accepted = False
        self.model.stopped, self.model.has_token = True, False

    @invariant()
    def agrees_on_whether_there_is_a_session(self):
        if hasattr(self, "auth"):
            # One that has expired is there until somebody wants to use it.
            assert (self.auth.session is not None) >= self.model.has_token
            assert not (self.model.stopped and self.auth.session)

    @invariant()
    def logs_in_as_often_as_it_must(self):
        if hasattr(self, "auth"):
            assert self.mock.counts["sessionCreate"] == self.model.log_ins

    @invariant()
    def nothing_is_on_its_way(self):
        if hasattr(self, "auth"):
            assert self.auth._core.state._flight is None


def run(world, examples, **more):
    class InThisWorld(Session):
        pass

    InThisWorld.world = world
    InThisWorld.TestCase.settings = settings(
        max_examples=examples, stateful_step_count=25, deadline=None, database=None, derandomize=True, **more
    )
    InThisWorld.TestCase("runTest").runTest()


@pytest.mark.parametrize(("name", "examples"), [("sync", 120), ("asyncio", 40), ("trio", 20)])
def test_a_session_behaves_as_the_model_says(name, examples):
    run(World(name), examples)


@pytest.mark.parametrize(
    ("where", "what", "otherwise"),
    [
        (state, "REFUSAL_REMEMBERED", 3.0),
        (state, "REFRESH_BACKOFF", 20.0),
        (state.SessionState, "drop", lambda state, token: None),
        (state.SessionState, "refuse", lambda state, error, now: None),
        (state.SessionState, "stop", lambda state: None),
        (Token, "lives", lambda token, now: True),
    ],
)
def test_the_model_notices_what_is_otherwise(monkeypatch, where, what, otherwise):
    monkeypatch.setattr(where, what, otherwise)
    with pytest.raises(AssertionError):
        run(World("sync"), 120, phases=[Phase.generate], report_multiple_bugs=False)
