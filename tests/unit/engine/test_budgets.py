"""Budgets of an account: several limits, waiting for room, purchases, and sessions that share them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from anycarrier.engine.accounts import Account, StaticToken
from anycarrier.engine.rate_limits import Budget, Limit
from anycarrier.engine.session import Session
from anycarrier.errors import ConfigurationError, RateLimited
from anycarrier.exchange import AwaitRateLimit, Now, Response, Sleep, await_rate_limit
from anycarrier.testing import VirtualClock
from support.limits import TEN, left, observe, request
from support.script import drive

HOURLY = Limit(2, 3600.0, only=("GET /account", "POST /account/{id}"))


def test_a_limit_of_some_requests_counts_those_together_and_no_others() -> None:
    budget = Budget([HOURLY])
    for some in (request("/account"), request("/account/{id}", "POST")):
        assert budget.try_acquire(some, 0) is not None
    for some in (request("/account"), request("/account/{id}", "POST")):
        assert budget.try_acquire(some, 1) is None
    for other in (request("/account", "POST"), request("/accounts"), request()):
        assert budget.try_acquire(other, 1) is not None
    told_429 = Response(429, {})
    budget.observe(request("/account"), told_429, (), 1, 0.0)
    assert budget.try_acquire(request(), 2) is not None


def test_every_limit_must_have_room() -> None:
    budget = Budget([Limit(2, 1.0), Limit(3, 100.0)])
    left = [at for at in range(0, 20, 2) for _ in range(2) if budget.try_acquire(request(), at) is not None]
    assert left == [0, 0, 2]


def test_waiting_ends_when_there_is_room() -> None:
    budget, clock = Budget([Limit(1, 4.0)]), VirtualClock()
    budget.try_acquire(request(), 0)
    ticket, effects = drive(budget.wait(request(), 60, "acme"), clock=clock)
    assert ticket == ()
    assert clock.elapsed == pytest.approx(4.08)
    assert all(effect.seconds <= 1 for effect in effects if isinstance(effect, Sleep))
    assert budget.try_acquire(request(), 8.1) is None


def test_what_would_take_too_long_is_refused_and_takes_nothing() -> None:
    budget, clock = Budget([Limit(1, 3600.0)]), VirtualClock()
    budget.try_acquire(request(), 0)
    error, effects = drive(budget.wait(request(), 120, "acme"), clock=clock)
    assert isinstance(error, RateLimited)
    assert error.retry_after == 3601
    assert (error.provider, error.operation, error.maybe_applied, error.safe_elsewhere) == ("acme", "op", False, True)
    assert "1 requests in 3600 s" in str(error)
    assert [type(effect) for effect in effects] == [Now]
    assert budget.try_acquire(request(), 3601) is not None


def test_a_429_meanwhile_holds_back_those_who_wait() -> None:
    budget, clock = Budget([Limit(1, 4.0)]), VirtualClock()
    budget.try_acquire(request(), 0)
    waiting = budget.wait(request(), 60, "acme")
    assert isinstance(next(waiting), Now)
    assert isinstance(waiting.send(clock.now()), Sleep)
    observe(budget, 0, (), 429, retry_after="20")
    clock.sleep(1)
    effect: Any = waiting.send(None)
    try:
        while True:
            if isinstance(effect, Sleep):
                clock.sleep(effect.seconds)
            effect = waiting.send(clock.now() if isinstance(effect, Now) else None)
    except StopIteration as stop:
        assert stop.value == ()
    assert clock.elapsed == pytest.approx(20)


def test_whoever_stops_waiting_gives_the_place_back() -> None:
    budget, clock = Budget([Limit(1, 4.0)]), VirtualClock()
    budget.try_acquire(request(), 0)
    waiting = budget.wait(request(), 60, "acme")
    next(waiting)
    waiting.send(clock.now())
    assert budget.windows[0].waiting == 1
    waiting.close()
    assert budget.windows[0].waiting == 0
    assert budget.try_acquire(request(), 4.1) is not None


def test_one_that_leaves_late_moves_those_behind_it() -> None:
    """Places are given for the time of leaving; a sleep that ends late must not let two bursts meet."""
    budget, clock = Budget([Limit(1, 4.0)]), VirtualClock()
    budget.try_acquire(request(), 0)
    one, other = budget.wait(request(), 60, "acme"), budget.wait(request(), 60, "acme")
    for waiting in (one, other):
        next(waiting)
        waiting.send(clock.now())
    clock.sleep(7)  # the first oversleeps by some three seconds
    one.send(None)
    with pytest.raises(StopIteration):
        one.send(clock.now())
    clock.sleep(1.2)  # the place of the other was at 8.16
    other.send(None)
    assert isinstance(other.send(clock.now()), Sleep)
    other.close()


# -- purchases


def test_a_purchase_never_waits_and_counts() -> None:
    budget = Budget([Limit(2, 10.0)])
    for _ in range(3):
        assert budget.try_acquire(request(purpose="purchase"), 0) is not None
    assert budget.try_acquire(request(), 0) is None
    assert budget.try_acquire(request(), 10.3) is not None


def test_what_was_taken_before_is_not_counted_again() -> None:
    budget, clock = Budget([Limit(2, 10.0)]), VirtualClock()
    assert drive(budget.reserve(60, "acme", "buy"), clock=clock)[0] is None
    assert left(budget, 0) == 1
    budget.try_acquire(request(purpose="purchase"), 0)
    assert left(budget, 0) == 1
    budget.try_acquire(request(purpose="purchase"), 0)
    assert left(budget, 0) == 0


def test_what_was_taken_long_ago_counts_for_nothing() -> None:
    budget, clock = Budget([Limit(2, 10.0)]), VirtualClock()
    drive(budget.reserve(60, "acme", "buy"), clock=clock)
    budget.try_acquire(request(purpose="purchase"), 500)
    assert left(budget, 500) == 1


def session(*declared: Limit, **more: Any) -> Session:
    account = Account(
        id="a", provider="acme", base_url="https://acme.example", credentials=StaticToken("t"), limits=declared
    )
    return Session([account], VirtualClock(), **more)


def test_a_purchase_asks_before_it_is_written_down() -> None:
    asked = session(Limit(1, 10.0))
    for wanted in (0.0, 10.2):
        outcome, _ = drive(asked.perform(AwaitRateLimit(account="a")), clock=asked.clock)  # type: ignore[arg-type]
        assert outcome is None
        assert asked.clock.now().monotonic == pytest.approx(wanted)
    outcome, _ = drive(asked.perform(AwaitRateLimit(account="a", at_most=5)), clock=asked.clock)  # type: ignore[arg-type]
    assert isinstance(outcome, RateLimited)
    assert outcome.operation == "buy"


def test_ready_raises_what_it_is_told_and_is_no_time_to_who_knows_no_limits() -> None:
    error, _ = drive(await_rate_limit("a"))
    assert error is None
    waiting = await_rate_limit("a", at_most=3)
    assert next(waiting) == AwaitRateLimit(account="a", at_most=3)
    with pytest.raises(RateLimited):
        waiting.send(RateLimited("no"))


# -- sessions and accounts


def test_nothing_is_asked_where_nothing_is_limited() -> None:
    assert session()._budgets == {}
    assert session(TEN, max_wait=None)._budgets == {}
    assert drive(session().perform(AwaitRateLimit(account="a")))[0] is None


@pytest.mark.parametrize("bad", [-1, float("nan")])
def test_max_wait_must_be_seconds(bad: float) -> None:
    with pytest.raises(ConfigurationError, match="max_wait"):
        session(TEN, max_wait=bad)


def test_sessions_of_one_account_object_share_its_budget_in_real_time_only() -> None:
    account = Account(
        id="a", provider="acme", base_url="https://acme.example", credentials=StaticToken("t"), limits=(TEN,)
    )
    one, other = Session([account]), Session([account])
    assert one._budgets["a"] is other._budgets["a"] is account.budget
    virtual = Session([account], VirtualClock())
    assert virtual._budgets["a"] is not account.budget
    assert "budget" not in repr(account)


def test_limits_are_told_as_plain_data() -> None:
    asked = session(TEN, HOURLY)
    asked._budgets["a"].try_acquire(request(), 0)
    said = asked.limits()
    assert (
        json.loads(json.dumps(said))
        == said
        == {
            "a": {
                "held": 0.0,
                "windows": [
                    {"limit": 10, "seconds": 10.0, "only": [], "remaining": 9, "resets": 10.2},
                    {"limit": 2, "seconds": 3600.0, "only": list(HOURLY.only), "remaining": 2, "resets": 0.0},
                ],
            }
        }
    )
