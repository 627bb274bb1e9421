"""Purchases that are fulfilled later: placed first, then active, or replaced when their set-up fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Literal

import pytest
from attrs import evolve

from anycarrier import Client, OutcomeUnknown, Search
from anycarrier.attempt import Attempt, AttemptState, Denial, Draft, ResolutionPolicy
from anycarrier.failover import Failover
from anycarrier.model import Money, OwnedNumber, Status
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase import Order, purchase_of
from anycarrier.purchase.buying import buy
from anycarrier.purchase.journal import schema
from anycarrier.purchase.journal.sqlite import SqliteDatabase
from anycarrier.purchase.journal.store import Journal
from anycarrier.purchase.journal.types import ItemState
from anycarrier.purchase.order import item_of
from anycarrier.purchase.resolution import Do, Instant, Verdict, after_look, after_send, begun, decide, state_seen
from anycarrier.registry import provider_class
from anycarrier.simulator.transport import SimTransport
from anycarrier.testing.fakes import VirtualClock
from anycarrier_adapters.leadping.simulator import LeadpingSimulator
from anycarrier_adapters.voicetel.simulator import VoiceTelSimulator

HOUR = 3600.0
FIRST = PhoneNumber("+12015550100")
RULES = ResolutionPolicy(settle=300.0, looks=2, look_every=15.0)
ORDER = Order(criteria=Search(area_code="201"), deadline=2 * HOUR)


def at(time: float) -> Instant:
    return Instant(time, time)


def sent(**how: object) -> Attempt:
    draft = Draft(provider="fake", account="main", number=FIRST, key="k", body=b"{}")
    return begun(draft, RULES, at(0.0))


def placed(time: float = 1.0) -> Attempt:
    return after_send(sent(), Verdict.CONFIRMED, RULES, at(time), seen=AttemptState.PLACED)


# -- one attempt


@pytest.mark.parametrize("status", Status)
def test_only_pending_and_failed_are_not_active(status: Status) -> None:
    owned = OwnedNumber(provider="fake", account="main", number=FIRST, status=status)
    expected = {Status.PENDING: AttemptState.PLACED, Status.FAILED: AttemptState.REJECTED}
    if status is not getattr(Status, "NEEDS_ACTION", None):
        assert state_seen(owned) is expected.get(status, AttemptState.CONFIRMED)


def test_a_placed_attempt_is_looked_for_ever_more_rarely_and_never_sent_again() -> None:
    attempt, time = placed(), 1.0
    waits: list[float] = []
    rules = ResolutionPolicy(replay=True, replay_for=1e9)
    while time < 10 * HOUR:
        action = decide(attempt, rules, at(time))
        if action.do is Do.WAIT:
            waits.append(action.until - time)
            time = action.until
            continue
        assert action.do is Do.LOOK
        attempt = after_look(attempt, True, RULES, at(time), at(time), AttemptState.PLACED)
        assert attempt.state is AttemptState.PLACED
    assert waits == pytest.approx(sorted(waits))
    assert (waits[0], waits[-1]) == pytest.approx((15.0, 300.0))


def test_a_look_that_says_nothing_leaves_it_placed() -> None:
    attempt = after_look(placed(), None, RULES, at(20.0), at(20.0))
    assert (attempt.state, attempt.unknown) == (AttemptState.PLACED, 1)


def test_a_placed_number_that_is_not_there_is_given_up_only_after_the_settle_window() -> None:
    attempt = after_look(placed(), False, RULES, at(20.0), at(20.0))
    assert (attempt.state, attempt.absent) == (AttemptState.PLACED, 0)
    for time in (400.0, 420.0):
        attempt = after_look(attempt, False, RULES, at(time), at(time))
    assert attempt.state is AttemptState.REFUTED


def test_a_number_that_was_seen_is_given_up_only_a_settle_window_after_it_was_seen_last() -> None:
    attempt = after_look(placed(), True, RULES, at(4000.0), at(4000.0), AttemptState.PLACED)
    for time in (4015.0, 4030.0, 4045.0, 4299.0):
        attempt = after_look(attempt, False, RULES, at(time), at(time))
        assert (attempt.state, attempt.absent) == (AttemptState.PLACED, 0)
    for time in (4300.0, 4315.0):
        attempt = after_look(attempt, False, RULES, at(time), at(time))
    assert attempt.state is AttemptState.REFUTED
    assert attempt.last_sent == 4000.0  # its watch window is whole


def test_a_refusal_that_a_look_contradicts_proves_nothing_any_more() -> None:
    refused = after_send(sent(), Verdict.TAKEN, RULES, at(1.0))
    attempt = after_look(refused, True, RULES, at(2.0), at(2.0), AttemptState.PLACED)
    attempt = after_look(attempt, False, RULES, at(60.0), at(60.0))
    assert attempt.state is AttemptState.PLACED


@pytest.mark.parametrize("ending", [{"absent": 2}, {"denial": Denial.TAKEN}], ids=["absent", "refused"])
@pytest.mark.parametrize("needed", [True, False], ids=["late", "orphan"])
def test_what_turned_up_late_is_not_given_up_by_one_look(
    ending: dict[str, Any], needed: bool, machine: Machine
) -> None:
    journal = machine.journal
    with pytest.raises(OutcomeUnknown):
        machine.client.provision(Order(criteria=Search(area_code="201"), deadline=60.0), request_id="r")
    _, mine = journal.claim("r#1", "me")
    assert mine
    (entry,) = journal.load("r#1").entries
    over = evolve(entry.attempt, state=AttemptState.REFUTED, **ending)
    entry = journal.record(entry, "me", over)
    if needed:
        machine.clock.sleep(HOUR)
        assert journal.found_late(entry, AttemptState.PLACED) is AttemptState.PLACED
    else:
        journal.claim("r#1", "me")
        other = evolve(sent(), draft=evolve(entry.attempt.draft, number=PhoneNumber("+12015550199"), key="other"))
        other_entry = journal.begin("r#1", "me", other)
        machine.clock.sleep(HOUR)
        assert journal.found_late(entry) is AttemptState.ORPHAN
        journal.record(other_entry, "me", evolve(other_entry.attempt, state=AttemptState.REJECTED))
        machine.clock.sleep(HOUR)
        journal.claim("r#1", "me")
        assert journal.adopt(journal.load("r#1").entries[0], "me")
    now = machine.clock.time()
    attempt = after_look(journal.load("r#1").entries[0].attempt, False, RULES, at(now), at(now))
    assert (attempt.state, attempt.absent) == (AttemptState.PLACED, 0)


def test_one_that_fails_is_refused() -> None:
    attempt = after_look(placed(), True, RULES, at(20.0), at(20.0), AttemptState.REJECTED)
    assert attempt.state is AttemptState.REJECTED
    assert "could not set the number up" in attempt.reason


# -- orders, against Leadping whose numbers take an hour


class Machine:
    def __init__(self, **journal: object) -> None:
        self.clock = VirtualClock()
        self.leadping = LeadpingSimulator(now=self.clock.time, provisioning=HOUR, requests=None)
        self.voicetel = VoiceTelSimulator(now=self.clock.time)
        database = SqliteDatabase(":memory:", clock=self.clock.time)
        schema.migrate(database)
        self.journal = Journal(database, **journal)  # type: ignore[arg-type]
        played = {"leadping": self.leadping, "voicetel": self.voicetel}
        origins = {name: f"http://127.0.0.1:{8000 + at}" for at, name in enumerate(played)}
        members = [provider_class(name)(base_url=origins[name], **one.settings) for name, one in played.items()]
        transport = SimTransport({origins[name]: one for name, one in played.items()})
        self.client = Client(Failover(members, journal=self.journal), transport=transport, clock=self.clock)

    def states(self, request_id: str = "r") -> list[str]:
        return [entry.attempt.state.value for entry in self.journal.load(f"{request_id}#1").entries]

    def paid(self) -> list[str]:
        """Numbers that were charged and not refunded."""
        back = [number for _, number, _ in self.leadping.ledger.refunds]
        charges = [*self.leadping.ledger.charges, *self.voicetel.ledger.charges]
        return [charge.number for charge in charges if charge.number not in back]


@pytest.fixture
def machine() -> Iterator[Machine]:
    made = Machine()
    with made.client:
        yield made
    made.journal.close()


def fail_everything(machine: Machine) -> None:
    machine.leadping.failing = frozenset(machine.leadping.stock)


@pytest.mark.slow
def test_a_purchase_that_fails_after_an_hour_moves_on_by_itself_and_is_paid_once(machine: Machine) -> None:
    fail_everything(machine)
    started = machine.clock.time()
    done = machine.client.provision(Order(criteria=Search(area_code="201"), deadline=24 * HOUR), request_id="r")
    assert machine.clock.time() - started > HOUR
    (one,) = done.bought
    assert (one.provider, done.items[0].state) == ("voicetel", ItemState.ACTIVE)
    assert machine.paid() == [one.number.ten_digit]
    assert machine.states()[-1] == "CONFIRMED"
    assert set(machine.states()[:-1]) == {"REJECTED"}


def test_the_deadline_leaves_it_placed_and_recover_goes_on(machine: Machine) -> None:
    order = Order(criteria=Search(area_code="201"), deadline=60.0)
    with pytest.raises(OutcomeUnknown, match="setting the number up") as caught:
        machine.client.provision(order, request_id="r")
    purchase = caught.value.purchase
    assert purchase is not None
    (item,) = purchase.items
    assert (item.state, item.bought, item.number) == (ItemState.PLACED, None, FIRST)
    assert purchase.open
    assert not purchase.complete
    assert machine.journal.request_ids(unfinished=True) == ["r"]
    with pytest.raises(OutcomeUnknown):
        machine.client.provision(order, request_id="r")
    assert len(machine.paid()) == 1
    machine.clock.sleep(HOUR)
    machine.client.recover(deadline=600.0)
    kept = purchase_of("r", machine.journal)
    assert kept is not None
    assert kept.complete
    assert len(machine.paid()) == 1
    assert not machine.journal.request_ids(unfinished=True)


def test_an_order_that_is_fulfilled_by_the_placing_ends_there(machine: Machine) -> None:
    started = machine.clock.time()
    done = machine.client.provision(Order(criteria=Search(area_code="201"), fulfilled_by="placed"), request_id="r")
    assert machine.clock.time() - started < 60
    assert done.complete
    assert done.items[0].state is ItemState.PLACED
    assert done.bought[0].owned is not None
    assert done.bought[0].owned.status is Status.PENDING
    assert not machine.journal.request_ids(unfinished=True)
    assert (
        machine.client.provision(Order(criteria=Search(area_code="201"), fulfilled_by="placed"), request_id="r").numbers
        == done.numbers
    )


def test_what_is_being_set_up_counts_under_the_caps(machine: Machine) -> None:
    order = Order(criteria=Search(area_code="201"), spend_cap=Money("3.00"), quantity=2, deadline=24 * HOUR)
    done = machine.client.provision(order, request_id="r")
    assert sorted(one.provider for one in done.bought) == ["leadping", "voicetel"]  # two of Leadping's were 4.00


@pytest.mark.slow
def test_what_failed_does_not_count_under_the_caps_any_more(machine: Machine) -> None:
    fail_everything(machine)
    order = Order(criteria=Search(area_code="201"), spend_cap=Money("2.50"), deadline=24 * HOUR)
    assert machine.client.provision(order, request_id="r").complete
    assert machine.states().count("REJECTED") > 1


def test_a_number_that_is_released_while_it_is_set_up_ends_its_order(machine: Machine) -> None:
    with pytest.raises(OutcomeUnknown):
        machine.client.provision(Order(criteria=Search(area_code="201"), deadline=60.0), request_id="r")
    assert machine.journal.released("leadping", "leadping", FIRST)
    item = machine.journal.load("r#1").item
    assert (item.state, item.claimable) == (ItemState.CANCELLED, False)
    assert machine.states() == ["RELEASED"]


def test_a_parked_item_whose_number_is_released_ends_too(machine: Machine) -> None:
    with pytest.raises(OutcomeUnknown):
        machine.client.provision(Order(criteria=Search(area_code="201"), deadline=60.0), request_id="r")
    machine.journal.claim("r#1", "me")
    machine.journal.end("r#1", "me", ItemState.PARKED, "silence")
    assert machine.journal.released("leadping", "leadping", FIRST)
    assert machine.journal.load("r#1").item.state is ItemState.CANCELLED
    assert not machine.journal.request_ids(unfinished=True)


def test_an_order_that_the_placing_fulfilled_stays_fulfilled_when_its_number_is_released(machine: Machine) -> None:
    order = Order(criteria=Search(area_code="201"), fulfilled_by="placed")
    done = machine.client.provision(order, request_id="r")
    assert machine.journal.released("leadping", "leadping", FIRST)
    assert machine.states() == ["RELEASED"]
    assert machine.client.provision(order, request_id="r").numbers == done.numbers  # as one of an active number


def test_the_number_that_a_purchase_returns_is_the_one_that_was_bought(machine: Machine) -> None:
    machine.client.provision(Order(criteria=Search(area_code="201"), fulfilled_by="placed"), request_id="r")
    snapshot = machine.journal.load("r#1")
    seen = OwnedNumber(provider="leadping", account="leadping", number=FIRST, status=Status.PENDING)
    bought = item_of(snapshot, owned=seen).bought
    assert bought is not None
    assert bought.owned is seen
    for other in (evolve(seen, number=PhoneNumber("+12015550199")), evolve(seen, status=Status.ACTIVE)):
        bought = item_of(snapshot, owned=other).bought
        assert bought is not None
        assert bought.owned is None


@pytest.mark.slow
def test_a_number_that_could_not_be_set_up_is_not_found_late(machine: Machine) -> None:
    fail_everything(machine)
    machine.client.provision(Order(criteria=Search(area_code="201"), deadline=24 * HOUR), request_id="r")
    assert not machine.client.run(machine.client.provider.sweep()).orphans
    audit = machine.client.reconcile()
    assert not audit.late
    assert not audit.orphans


def test_a_plain_purchase_returns_a_number_that_is_being_set_up(machine: Machine) -> None:
    (member, _) = machine.client.provider.members
    assert machine.client.run(buy(member, FIRST)).status is Status.PENDING


@pytest.mark.parametrize("fulfilled_by", ["placed", "active"])
def test_a_number_whose_placing_fulfilled_its_order_is_missed_when_it_is_gone(
    fulfilled_by: Literal["placed", "active"], machine: Machine
) -> None:
    order = Order(criteria=Search(area_code="201"), fulfilled_by=fulfilled_by, deadline=60.0)
    with suppress(OutcomeUnknown):
        machine.client.provision(order, request_id="r")
    audit = machine.client.reconcile()
    assert not audit.missing
    machine.leadping.numbers.clear()
    missing = [one.number for one in machine.client.reconcile().missing]
    assert missing == ([FIRST] if fulfilled_by == "placed" else [])  # else a worker looks for it, and buys another


@pytest.mark.slow
def test_the_deadline_is_that_of_the_whole_order(machine: Machine) -> None:
    started = machine.clock.time()
    with pytest.raises(OutcomeUnknown) as caught:
        machine.client.provision(Order(criteria=Search(area_code="201"), deadline=60.0, quantity=12), request_id="r")
    assert machine.clock.time() - started < 120
    assert caught.value.purchase is not None
    assert caught.value.purchase.open
    machine.clock.sleep(HOUR)
    machine.client.recover(deadline=2 * HOUR)
    kept = purchase_of("r", machine.journal)
    assert kept is not None
    assert kept.complete
    assert len(machine.paid()) == 12
