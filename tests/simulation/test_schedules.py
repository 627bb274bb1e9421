"""The purchase protocol against faulty carriers, in virtual time: hundreds of schedules a second, each from a seed.

A schedule that breaks an invariant prints its seed and its story. To see one again::

    PYTHONPATH=src:adapters:tests python -c "from simulation.world import story; print(story(1234))"
"""

from __future__ import annotations

import itertools
import os

import pytest
from attrs import evolve
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from simulation.carriers import HOUR, LIES, MANY, READS, RULES, SETTINGS, WANTED, WRITES
from simulation.mutants import MUTANTS, caught, timeout_is_failure
from simulation.plan import ORDERS, Plan
from simulation.world import World, random_world, story
from support.untraced import untraced

RANDOM = 2000
"""Random schedules."""
LATE = 100
"""Schedules with commits later than any promise."""
TRACED = 100
"""Schedules of which each line is traced; the same lines run in all others."""
SOAK = int(os.environ.get("ANYCARRIER_SOAK", "2000"))
"""Thousands of random schedules of a soak."""

DISTINCT = tuple(dict.fromkeys(WRITES + LIES))


def run_seeds(first, count, **changes):
    for seed in range(first, first + count):
        if random_world(seed, **changes).run():
            pytest.fail(story(seed, **changes), pytrace=False)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, RANDOM, 500))
def test_random_schedules(first):
    """As many as catch every mutant."""
    if not first:
        run_seeds(0, TRACED)
    with untraced():
        run_seeds(first, 500)


def test_a_key_is_old_though_a_clock_that_was_ahead_wrote_its_first_sending():
    # Found by a soak: resent after the clock was set right, and again two days later, when the key was forgotten.
    run_seeds(1_445_796, 1)


def test_a_binding_that_has_failed_is_sent_once_more():
    # Found by a soak: its answer was lost, it failed hours later, and a look showed that before it was sent again.
    run_seeds(1_031_519, 1)


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("chunk", range(100))
def test_soak_random_schedules(chunk):
    run_seeds(1000 * (1000 + chunk * SOAK // 100), 1000 * SOAK // 100)


def run_plan(accounts, writes=(), reads=(), crashes=(), down=5.0, steps=(), **how):
    def world(told):
        plan = Plan(None, writes=writes, reads=reads, settings=steps, crashes=crashes, down=down)
        return World(plan, accounts, told=told, **how)

    if world(False).run():
        told = world(True)
        bad = told.run()
        case = f"{accounts} writes={writes} reads={reads} steps={steps} crashes={crashes} down={down} {how}: {bad}"
        pytest.fail("\n".join([case, *told.story]), pytrace=False)


PAIRS = [(), ("ok", "fail"), ("fail", "ok")]


@pytest.mark.usefixtures("without_coverage")
@pytest.mark.parametrize("accounts", ORDERS, ids="-".join)
def test_every_pair_of_faults(accounts):
    """Each with one of the ways in which looks may fail; a soak has them all."""
    for n, writes in enumerate(itertools.product(DISTINCT, repeat=2)):
        run_plan(accounts, writes, PAIRS[n % len(PAIRS)])


@pytest.mark.usefixtures("without_coverage")
@pytest.mark.parametrize("fault", DISTINCT)
def test_every_crash_point_of_every_fault(fault):
    """A kill at each of the first effects, for each kind of carrier, back at once or after the key's life."""
    for accounts, crash in itertools.product((("key", "bare"), ("fpr", "key"), ("bare", "key")), range(1, 31)):
        for down in (5.0, 30 * HOUR)[: 1 + crash % 2]:
            run_plan(accounts, (fault,), (), (crash,), down)


LATER = [("key", "bare"), ("fpr", "key"), ("bare", "key")]
SET_UP = [("key",), ("fpr", "key"), ("bare",)]


def set_up_later(accounts, part=0, parts=1):
    """The first numbers fail, listed still or not, and one of the next is active in the end."""
    faults = ("ok", "charge_lost", "late_500", "charge_taken", "gone")
    for crash, fault in [*itertools.product(range(1, 61), faults)][part::parts]:
        down = (5.0, HOUR, 30 * HOUR)[crash % 3]
        run_plan(accounts, (fault,), (), (crash,), down, pends=1.0)


def set_up_by_an_order(accounts, part=0, parts=1):
    """Bought once, routed and bound, or refused for good; nothing is set twice without a look."""
    faults = [*dict.fromkeys(SETTINGS), None]
    for crash, (place, fault) in [*itertools.product(range(1, 51), enumerate(faults))][part::parts]:
        down = 5.0 if (crash + place) % 2 else 30 * HOUR
        if fault is None:
            run_plan(accounts, ("charge_lost",), ("ok", "fail", "lost"), (crash,), down, ("done_lost",), setup=WANTED)
        else:
            run_plan(accounts, ("ok",), (), (crash,), down, (fault, "ok", fault), setup=WANTED)


@pytest.mark.usefixtures("without_coverage")
@pytest.mark.parametrize("part", range(len(LATER)))
def test_crash_points_of_a_purchase_that_is_set_up_later(part):
    """One carrier after the other, each with a part of the crash points; a soak has all of them for each."""
    set_up_later(LATER[part], part, len(LATER))


@pytest.mark.usefixtures("without_coverage")
@pytest.mark.parametrize("part", range(len(SET_UP)))
def test_crash_points_of_an_order_that_sets_its_number_up(part):
    """One carrier after the other, each with a part of the crash points; a soak has all of them for each."""
    set_up_by_an_order(SET_UP[part], part, len(SET_UP))


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("accounts", LATER, ids="-".join)
def test_soak_every_crash_point_of_a_purchase_that_is_set_up_later(accounts):
    set_up_later(accounts)


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("accounts", SET_UP, ids="-".join)
def test_soak_every_crash_point_of_an_order_that_sets_its_number_up(accounts):
    set_up_by_an_order(accounts)


@pytest.mark.usefixtures("without_coverage")
def test_crash_points_of_an_order_of_several_numbers():
    """Each of them for the faults that only such an order has, and a third for the others; a soak has them all."""
    every_crash_of_several_numbers(lambda place, crash: place < 5 or (place + crash) % 3 == 0)


@pytest.mark.soak
@pytest.mark.timeout(0)
def test_soak_every_crash_point_of_an_order_of_several_numbers():
    every_crash_of_several_numbers(lambda place, crash: True)


def every_crash_of_several_numbers(wanted):
    faults = [one for one in dict.fromkeys(MANY) if one.startswith("some_")]
    faults += [one for one in dict.fromkeys(("charge_lost", *MANY)) if one not in faults]
    for (place, fault), crash in itertools.product(enumerate(faults), range(1, 25)):
        if wanted(place, crash):
            down = 5.0 if crash % 2 else 30 * HOUR
            run_plan(("key", "bare"), (fault,), (), (crash,), down, many=True, quantity=4)


@pytest.mark.usefixtures("without_coverage")
@pytest.mark.parametrize("accounts", [("key",), ("fpr",), ("bare",)], ids="-".join)
def test_every_pair_of_crash_points(accounts):
    for fault, first in itertools.product(("charge_lost", "late_500", "gone"), range(1, 25)):
        for second in range(first + 1, first + 9):
            run_plan(accounts, (fault,), (), (first, second))


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("accounts", ORDERS, ids="-".join)
def test_soak_every_pair_of_faults_with_every_crash(accounts):
    crashes = [(), *((one,) for one in range(1, 25))]
    crashes += [(one, two) for one in range(1, 16, 2) for two in range(one + 1, one + 9)]
    fingerprints = ("replay", "reject", "ignored") if "fpr" in accounts else ("replay",)
    for writes in itertools.product(DISTINCT, repeat=2):
        for reads, crash, fingerprint in itertools.product(PAIRS, crashes, fingerprints):
            run_plan(accounts, writes, reads, crash, fingerprint=fingerprint)


@pytest.mark.usefixtures("without_coverage")
@pytest.mark.parametrize("name", MUTANTS)
def test_mutants_are_caught(name):
    assert caught(name) is not None, f"{name!r} survived 2,000 schedules"


@pytest.mark.usefixtures("without_coverage")
def test_commits_later_than_any_promise_are_flagged():
    flag_late_commits(range(100, 100 + LATE))


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("chunk", range(4))
def test_soak_commits_later_than_any_promise_are_flagged(chunk):
    flag_late_commits(range(chunk * 5000, (chunk + 1) * 5000))


def flag_late_commits(seeds):
    """Up to three settle windows late: nothing is lost, and what is paid for twice is on record as an orphan.

    All but what no provider can do that sells a number once: a number that is bought by two orders after one another.
    """
    doubles = 0
    for seed in seeds:
        world = random_world(seed, late=3.0, setup=None)
        bad = set(world.run()) - {"I8 OVER THE CAP", "I1 THE SAME NUMBER TWICE"}
        doubles += "I1 DOUBLE, FLAGGED" in bad
        assert bad <= {"I1 DOUBLE, FLAGGED"}, story(seed, late=3.0, setup=None)
    assert doubles > 0


@pytest.mark.slow
@pytest.mark.usefixtures("without_coverage")
def test_holding_excludes_even_those():
    hold_late_commits(range(LATE))


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("chunk", range(4))
def test_soak_holding_excludes_even_those(chunk):
    hold_late_commits(range(chunk * 1000, (chunk + 1) * 1000))


def hold_late_commits(seeds):
    for seed in seeds:
        bad = set(random_world(seed, late=3.0, in_doubt="hold").run())
        assert not bad, story(seed, late=3.0, in_doubt="hold")


def test_a_provider_that_never_answers_again_is_parked_and_taken_up_when_it_does():
    plan = Plan(None, writes=["charge_lost"], reads=["ok", *["fail"] * 60])
    world = World(plan, ("bare", "key"), deadline=1e6)
    while world.workers:
        world._advance(world.workers[0])
    assert [one.state.value for one in world.journal.items.values()] == ["PARKED"]
    assert world.run() == []
    assert [one.state.value for one in world.journal.items.values()] == ["ACTIVE"]


@given(
    accounts=st.sampled_from(ORDERS),
    writes=st.lists(st.sampled_from(DISTINCT), max_size=6),
    reads=st.lists(st.sampled_from(READS), max_size=8),
    crashes=st.sets(st.integers(1, 60), max_size=6),
    down=st.sampled_from((1.0, 60.0, 300.0, 30 * HOUR)),
    exclusive=st.booleans(),
    fingerprint=st.sampled_from(("replay", "reject", "ignored")),
    cache=st.sampled_from(("errors", "success", "conflict")),
)
@settings(max_examples=300, deadline=None, database=None, suppress_health_check=list(HealthCheck))
def test_any_plan(accounts, writes, reads, crashes, down, **how):
    run_plan(accounts, writes, reads, crashes, down, **how)


@pytest.mark.usefixtures("without_coverage")
def test_a_failing_plan_shrinks_to_its_reason():
    """Hypothesis over the same world: a planted mistake is reduced to the one fault that shows it."""
    seen = []

    @given(writes=st.lists(st.sampled_from(DISTINCT), max_size=6), reads=st.lists(st.sampled_from(READS), max_size=8))
    @settings(
        max_examples=200,
        deadline=None,
        database=None,
        derandomize=True,
        report_multiple_bugs=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    def broken(writes, reads):
        if World(Plan(None, writes=writes, reads=reads), ("bare", "key")).run():
            seen.append((writes, reads))
            raise AssertionError

    with timeout_is_failure(), pytest.raises(AssertionError):
        broken()
    writes, reads = seen[-1]
    assert len(writes) == 1
    assert writes[0].startswith(("charge", "late"))
    assert not reads


@pytest.mark.usefixtures("without_coverage")
def test_a_story_can_be_read():
    rules = {"rules": {kind: evolve(rules, settle=0.0) for kind, rules in RULES.items()}}
    seed = next(seed for seed in range(500) if random_world(seed, **rules).run())
    text = story(seed, **rules)
    assert text.startswith(f"seed {seed}: I")
    assert "begin: " in text
    assert "charged: " in text


@pytest.mark.usefixtures("without_coverage")
def test_the_same_seed_is_the_same_schedule():
    assert story(4711) == story(4711)
