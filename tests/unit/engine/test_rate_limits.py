"""The arithmetic of rate limits: tables, and what must hold for every sequence of requests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anycarrier.engine import rate_windows
from anycarrier.engine.rate_limits import Budget, Limit, Window
from anycarrier.errors import InvalidInput
from support.limits import STATED, TEN, left, observe, request

SPAN = 10.2


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


@pytest.mark.slow
@given(
    st.integers(1, 12),
    st.floats(0.1, 100),
    st.lists(st.floats(0, 30), min_size=1, max_size=80),
    st.sampled_from([1000, 5, 3, 1]),
)
def test_no_window_ever_holds_more_than_its_limit(
    requests: int, seconds: float, pauses: list[float], rows: int
) -> None:
    before, rate_windows.ROWS = rate_windows.ROWS, rows  # rows of several requests, as a large limit has
    try:
        window, at, places = Window(Limit(requests, seconds)), 0.0, []
        for pause in pauses:
            at += pause
            places.append(taken(window, at))
    finally:
        rate_windows.ROWS = before
    assert most_in_any_window(places, seconds) <= requests
    if rows == 1000:
        assert places == sorted(places)


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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
