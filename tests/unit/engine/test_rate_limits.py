"""The arithmetic of rate limits: tables, and what must hold for every sequence of requests."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anycarrier.engine import rate_limits
from anycarrier.engine.accounts import Account, StaticToken
from anycarrier.engine.rate_limits import Budget, Limit, Stated, Window
from anycarrier.engine.session import Session
from anycarrier.errors import ConfigurationError, InvalidInput, RateLimited
from anycarrier.exchange import AwaitRateLimit, Now, Request, Response, Sleep, await_rate_limit
from anycarrier.testing import VirtualClock
from support.script import drive

STATED = Stated(limit="x-max", remaining="x-left", milliseconds="x-ms")
TEN = Limit(10, 10.0, stated=STATED)
SPAN = 10.2


def request(path: str = "/things", method: str = "GET", **more: Any) -> Request:
    return Request(account="a", operation="op", method=method, path=path, **more)


def taken(window: Window, at: float) -> float:
    place = window.next(at)
    window.take(place)
    return place


# -- windows


def test_a_burst_leaves_at_once_and_the_next_when_the_first_has_left_the_window() -> None:
    window = Window(Limit(3, 10.0))
    assert [taken(window, at) for at in (0, 0, 1, 2, 2, 2, 2)] == pytest.approx([0, 0, 1, 10.2, 10.2, 11.2, 20.4])


@pytest.mark.parametrize(
    ("limit", "span"), [(Limit(100, 10.0), 10.2), (Limit(300, 60.0), 61.0), (Limit(6, 3600.0), 3601.0)]
)
def test_the_margin_costs_two_percent_and_at_most_a_second(limit: Limit, span: float) -> None:
    window = Window(limit)
    for _ in range(limit.requests):
        assert taken(window, 5.0) == 5.0
    assert taken(window, 5.0) == pytest.approx(5.0 + span)


def most_in_any_window(times: Sequence[float], seconds: float) -> int:
    ordered = sorted(times)
    return max(sum(start <= time < start + seconds for time in ordered) for start in ordered)


@given(
    st.integers(1, 12),
    st.floats(0.1, 100),
    st.lists(st.floats(0, 30), min_size=1, max_size=80),
    st.sampled_from([1000, 5, 3, 1]),
)
def test_no_window_ever_holds_more_than_its_limit(
    requests: int, seconds: float, pauses: list[float], rows: int
) -> None:
    before, rate_limits.ROWS = rate_limits.ROWS, rows  # rows of several requests, as a large limit has
    try:
        window, at, places = Window(Limit(requests, seconds)), 0.0, []
        for pause in pauses:
            at += pause
            places.append(taken(window, at))
    finally:
        rate_limits.ROWS = before
    assert most_in_any_window(places, seconds) <= requests
    if rows == 1000:
        assert places == sorted(places)


@given(st.integers(1, 12), st.lists(st.tuples(st.floats(0, 5), st.booleans()), min_size=1, max_size=60))
def test_neither_does_it_when_some_stop_waiting(requests: int, steps: list[tuple[float, bool]]) -> None:
    window, at, left = Window(Limit(requests, 10.0)), 0.0, []
    for pause, stops in steps:
        at += pause
        place = taken(window, at)
        if stops and place > at:
            window.give_back(place)
        else:
            left.append(place)
    assert not left or most_in_any_window(left, 10.0) <= requests


@given(st.integers(1, 40), st.floats(0.5, 60))
def test_a_bulk_job_gets_97_percent_of_the_rate(requests: int, seconds: float) -> None:
    window, total = Window(Limit(requests, seconds)), requests * 20
    at = 0.0
    for _ in range(total):
        at = taken(window, at)
    assert at <= 19 * seconds / 0.97


def test_a_large_limit_keeps_few_times() -> None:
    window = Window(Limit(200_000, 86_400.0))
    for _ in range(200_000):
        assert taken(window, 1.0) == 1.0
    assert taken(window, 1.0) > 86_400
    assert len(window._times) <= 1001


@pytest.mark.parametrize("bad", [(0, 1), (-1, 1), (1, 0), (1, float("inf"))])
def test_a_limit_must_be_possible(bad: tuple[int, float]) -> None:
    with pytest.raises(InvalidInput):
        Limit(*bad)


# -- what answers state


def observe(budget: Budget, at: float, ticket: Any, status: int = 200, **headers: str) -> None:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    budget.observe(request(), Response(status, named), ticket, at, 0.0)


def left(budget: Budget, at: float) -> int:
    return budget.windows[0].left(at)


def test_a_stated_limit_replaces_the_declared_one() -> None:
    budget = Budget([TEN])
    ticket = budget.try_acquire(request(), 0)
    observe(budget, 0, ticket, x_max="4", x_ms="2000", x_left="3")
    assert left(budget, 0) == 3
    assert [budget.try_acquire(request(), 0) is not None for _ in range(4)] == [True, True, True, False]
    assert budget.try_acquire(request(), 2.1) is not None


def test_what_others_use_counts_and_comes_back() -> None:
    budget = Budget([TEN])
    ticket = budget.try_acquire(request(), 0)
    observe(budget, 0.1, ticket, x_left="2")
    assert left(budget, 0.1) == 2
    assert left(budget, 10.11) == 9
    assert left(budget, 11) == 10


def test_answers_that_state_the_same_use_count_it_once() -> None:
    budget = Budget([TEN])
    tickets = [budget.try_acquire(request(), 0) for _ in range(4)]
    for ticket in tickets:
        observe(budget, 0.1, ticket, x_left="3")  # 4 of ours, 3 of others
    assert left(budget, 0.1) == 3


@given(st.lists(st.tuples(st.floats(0, 3), st.floats(0, 9)), min_size=1, max_size=60))
def test_alone_nothing_is_put_down_to_others(steps: list[tuple[float, float]]) -> None:
    """However late an answer comes: a provider that counts as documented leaves us no less than we know ourselves."""
    budget, at, seen = Budget([TEN]), 0.0, []
    events: list[tuple[float, int, Any, str]] = []
    for number, (pause, takes) in enumerate(steps):
        at += pause
        while (ticket := budget.try_acquire(request(), at)) is None:
            at += 0.5
        seen.append(at)
        free = 10 - sum(at - 10 < time for time in seen)
        events.append((at + takes, number, ticket, str(free)))
        for due in sorted(event for event in events if event[0] <= at):
            observe(budget, due[0], due[2], x_left=due[3])
            events.remove(due)
        assert budget.windows[0].used == sum(at - SPAN < time for time in seen)


@pytest.mark.parametrize("junk", ["", "-1", "1e3", "many", "9" * 40, "٣"])
def test_headers_that_are_no_counts_say_nothing(junk: str) -> None:
    budget = Budget([TEN])
    observe(budget, 0, budget.try_acquire(request(), 0), x_left=junk, x_max=junk, x_ms=junk)
    assert (left(budget, 0), budget.windows[0].requests, budget.windows[0].seconds) == (9, 10, 10.0)


@pytest.mark.parametrize(("most", "milliseconds"), [("0", "0"), ("999999999999", "999999999999")])
def test_a_limit_that_cannot_be_is_not_believed(most: str, milliseconds: str) -> None:
    budget = Budget([TEN])
    observe(budget, 0, budget.try_acquire(request(), 0), x_max=most, x_ms=milliseconds)
    assert (left(budget, 0), budget.windows[0].seconds) == (9, 10.0)


def test_a_used_up_day_is_asked_about_again_after_ten_minutes() -> None:
    budget = Budget([Limit(200_000, 86_400.0, stated=STATED)])
    observe(budget, 0, budget.try_acquire(request(), 0), x_left="0")
    assert budget.try_acquire(request(), 599) is None
    assert budget.try_acquire(request(), 601) is not None


def test_a_large_limit_may_be_stated_smaller_and_larger() -> None:
    budget = Budget([Limit(200_000, 86_400.0, stated=STATED)])
    tickets = [budget.try_acquire(request(), 0) for _ in range(1000)]
    observe(budget, 0, tickets[-1], x_max="2000", x_left="1000")
    assert left(budget, 0) == 1000
    observe(budget, 0, budget.try_acquire(request(), 0), x_max="50000", x_left="48999")
    assert left(budget, 0) == 48_999


def test_the_last_of_a_large_limit_can_be_used() -> None:
    budget = Budget([Limit(200_000, 86_400.0, stated=STATED)])
    observe(budget, 0, budget.try_acquire(request(), 0), x_left="5")
    assert [budget.try_acquire(request(), 1) is not None for _ in range(6)] == [True] * 5 + [False]


# -- 429


def test_a_429_holds_back_for_as_long_as_it_says() -> None:
    budget = Budget([TEN])
    observe(budget, 0, budget.try_acquire(request(), 0), 429, retry_after="7")
    assert budget.try_acquire(request(), 6.9) is None
    assert budget.try_acquire(request(), 7.0) is not None


def test_without_saying_longer_each_time_and_anew_after_an_answer() -> None:
    budget, at, waits = Budget([Limit(1000, 10.0)]), 0.0, []
    for _ in range(8):
        observe(budget, at, (), 429)
        observe(budget, at, (), 429)  # another of the same burst adds nothing
        waits.append(budget.windows[0].until - at)
        at = budget.windows[0].until
    assert waits == [0.25, 0.5, 1, 2, 4, 8, 10, 10]
    observe(budget, at, (), 200)
    observe(budget, at, (), 429)
    assert budget.windows[0].until - at == 0.25


def test_a_slow_limit_is_held_for_its_pace() -> None:
    budget = Budget([Limit(6, 3600.0)])
    observe(budget, 0, (), 429)
    assert budget.windows[0].until == 600


def test_a_hold_has_an_end() -> None:
    budget = Budget([TEN])
    observe(budget, 0, budget.try_acquire(request(), 0), 429, retry_after="999999999")
    assert budget.windows[0].until == 3600


def test_an_account_without_limits_is_held_back_too() -> None:
    budget = Budget()
    observe(budget, 0, (), 429, retry_after="3")
    assert budget.try_acquire(request(), 1) is None
    assert budget.try_acquire(request(), 3) == ()


# -- budgets

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
