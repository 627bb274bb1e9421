"""Plans as jobs: applied in parts, by several workers, stopped, cancelled and resumed, on a simulated provider."""

from __future__ import annotations

import csv
import io
import json

import pytest
from attrs import evolve

from anycarrier import Desired, ForwardTo, InvalidInput, JournalError, NoForward, ToGateway, jobs
from anycarrier.desired_state import ChangeOutcome, ChangeState
from anycarrier.errors import ConfigurationError
from anycarrier.jobs import JobKind, plans, tasks
from anycarrier.purchase import ItemState, journal
from anycarrier.purchase.journal import mapping
from anycarrier.simulator import Fault
from anycarrier.switching import moving
from anycarrier_adapters.voicetel import VoiceTel
from support.jobs import async_phone_of, phone_of
from support.switching import SwitchWorld

AWAY = ForwardTo("+12125550142")


@pytest.fixture
def book():
    with journal.open(":memory:") as book:
        yield book


@pytest.fixture
def phone(book):
    """A client of an account with 12 numbers."""
    phone, simulators = phone_of(book, "voicetel", owned=tuple(f"201555{100 + at:04}" for at in range(12)))
    phone.played = simulators["voicetel"]
    with phone:
        yield phone


def planned(phone, wanted=AWAY):
    return phone.plan([Desired(one.number, routes=[wanted]) for one in phone.list()])


def released(phone):
    return phone.plan([Desired(one.number, release=True) for one in phone.list()])


def submitted(book, plan, name="move", **more):
    return jobs.submit_plan(book, plan, name=name, **{"confirm": plan.id, **more})


def worked(phone, book, name="move", **more):
    return [phone.run(jobs.fill(ids, **more)) for ids in jobs.chunks(book, name)]


def sent(phone, operation):
    return sum(seen.operation == operation for seen in phone.played.ledger.requests)


def test_a_plan_is_submitted_applied_counted_and_told(book, phone):
    plan = planned(phone)
    job = submitted(book, plan)
    assert (job.kind, job.orders, job.numbers, job.is_new) == (JobKind.APPLY, 1, 12, True)
    before = jobs.status(book, "move")
    assert (before.kind, before.open, before.reached, before.bought, before.states) == (JobKind.APPLY, 12, 0, 0, {})
    assert [(one.outcome, one.state) for one in jobs.results(book, "move")] == [("open", None)] * 12
    assert worked(phone, book) == [jobs.Filled(decided=1)]
    after = jobs.status(book, "move")
    assert (after.open, after.reached, after.ended, after.done, after.seconds_left) == (0, 12, 0, True, 0.0)
    assert after.states == {ChangeState.DONE: 12}
    rows = list(jobs.results(book, "move"))
    assert [one.line for one in rows] == [*range(1, 13)]
    assert {one.number for one in rows} == {one.number for one in plan.numbers}
    assert {(one.outcome, one.reason, one.provider, *one.changes.items()) for one in rows} == {
        ("applied", "", "voicetel", ("forward", "done"))
    }
    assert {record.plan for record in book.changes()} == {plan.id}
    assert worked(phone, book) == []
    assert [one.name for one in jobs.every(book)] == ["move"]
    assert not any(planned(phone).changes)


def test_results_are_csv_and_lines_of_json_with_the_same_in_them(book, phone):
    submitted(book, planned(phone))
    worked(phone, book)
    table = list(csv.DictReader(io.StringIO("".join(jobs.results_to_csv(jobs.results(book, "move"))))))
    lines = [json.loads(line) for line in jobs.results_to_json_lines(jobs.results(book, "move"))]
    assert len(table) == len(lines) == 12
    for cells, record in zip(table, lines, strict=True):
        assert (cells["number"], cells["outcome"], list(cells)) == (record["number"], record["outcome"], list(record))
    assert (table[0]["changes"], lines[0]["changes"]) == ("forward=done", {"forward": "done"})
    assert lines[0]["ended_at"].endswith("Z")


def test_the_same_plan_again_is_the_same_job_and_another_is_refused(book, phone):
    plan = planned(phone)
    assert submitted(book, plan).is_new
    assert not submitted(book, plan).is_new
    with pytest.raises(InvalidInput, match="something else"):
        submitted(book, planned(phone, ForwardTo("+12125550143")))
    with pytest.raises(InvalidInput, match="submitted already"):
        jobs.submit(book, jobs.orders_from_csv("area_code\n201\n"), ["voicetel"], name="move")


def test_a_plan_that_needs_a_confirmation_is_recorded_with_it_or_not_at_all(book, phone):
    plan = released(phone)
    for more, said in (
        ({"confirm": None}, "without a confirmation.*12 numbers up"),
        ({"confirm": "0123456789abcdef"}, "another"),
        ({"most": 2}, "most"),
        ({"name": ""}, "name"),
    ):
        with pytest.raises(InvalidInput, match=said):
            submitted(book, plan, **more)
    with pytest.raises(ConfigurationError, match="PostgreSQL"):
        submitted(book, plan, enqueue=lambda connection, chunks: None)
    with pytest.raises(InvalidInput, match="changes nothing"):
        submitted(book, phone.plan([]))
    assert jobs.every(book) == []
    small = phone.plan([Desired(next(iter(phone.list())).number, routes=[AWAY])])
    assert jobs.submit_plan(book, small, name="small").numbers == 1  # one of twelve needs none


def test_a_part_on_record_without_its_confirmation_gives_nothing_up(book, phone):
    submitted(book, released(phone))
    with book._database.transaction() as tx:
        body = json.loads(tx.rows("SELECT body FROM anycarrier_task")[0][0])
        tx.run("UPDATE anycarrier_task SET body = ?", json.dumps({**body, "confirm": None}))
    worked(phone, book)
    assert sent(phone, "number_release") == 0
    (reason,) = {one.reason for one in jobs.results(book, "move")}
    assert "without a confirmation" in reason


def test_a_large_plan_is_applied_in_parts_that_are_chunks_of_their_own(book, phone, monkeypatch):
    monkeypatch.setattr(plans, "PART", 5)
    assert submitted(book, planned(phone)).orders == 3
    chunks = list(jobs.chunks(book, "move"))
    assert chunks == [["move:000001"], ["move:000002"], ["move:000003"]]
    phone.run(jobs.fill(chunks[1]))
    assert [one.outcome for one in jobs.results(book, "move")] == ["open"] * 5 + ["applied"] * 5 + ["open"] * 2
    assert phone.run(jobs.fill([*chunks[0], *chunks[1], *chunks[2]])) == jobs.Filled(decided=3)
    assert sent(phone, "forward_set") == 12  # each change was sent once


def test_a_task_of_another_worker_is_left_to_it_until_its_lease_ends(book, phone):
    submitted(book, planned(phone))
    assert book.claim_task("move:000001", "another") is not None
    assert worked(phone, book) == [jobs.Filled(decided=0, left=("move:000001",))]
    assert phone.recover(deadline=1).undecided == 0
    assert sent(phone, "forward_set") == 0
    book.leave_task("move:000001", "another", wait=0.0, tries=0, reason="")
    phone.recover(deadline=50)
    assert jobs.status(book, "move").reached == 12


def test_what_a_queue_lost_is_applied_by_the_recovery(book, phone):
    submitted(book, planned(phone))
    phone.recover(deadline=50)
    assert jobs.status(book, "move").reached == 12


def test_a_worker_of_other_accounts_leaves_a_part_and_says_why(book, phone):
    submitted(book, planned(phone))
    other, _ = phone_of(book, "leadping")
    assert worked(other, book) == [jobs.Filled(decided=0, left=("move:000001",), waiting=("move:000001",))]
    (reason,) = {one.reason for one in jobs.results(book, "move")}
    assert "not one of this client's" in reason
    with book._database.transaction() as tx:
        tx.run("UPDATE anycarrier_task SET resume_at = 0")
    worked(phone, book)
    assert jobs.status(book, "move").reached == 12


def test_a_number_in_another_state_than_the_plan_says_is_skipped_and_tried_again_by_a_resumption(book, phone):
    plan = planned(phone)
    number = plan.numbers[3].number
    phone.route(number, ForwardTo("+12125550143"))
    submitted(book, plan)
    worked(phone, book)
    status = jobs.status(book, "move")
    assert (status.reached, status.ended, status.states[ChangeState.SKIPPED]) == (11, 1, 1)
    (row,) = (one for one in jobs.results(book, "move") if one.outcome == "failed")
    assert (row.number, row.changes) == (number, {"forward": "skipped"})
    assert "plan again" in row.reason
    phone.route(number, NoForward())
    assert jobs.resume(book, "move") == 1
    worked(phone, book)
    assert jobs.status(book, "move").reached == 12


def test_what_its_provider_does_not_answer_waits_and_is_made_later(book, phone, monkeypatch):
    monkeypatch.setattr(tasks, "SOON", 0.0)
    submitted(book, planned(phone))
    fault = Fault(kind="error", status=503, operation="forward_set", times=None)
    phone.played.faults.add(fault)
    monkeypatch.setattr("anycarrier.desired_state.applying.TRIES", 1)
    (filled,) = worked(phone, book)
    assert filled.left == ("move:000001",)
    status = jobs.status(book, "move")
    assert (status.open, status.reached) == (12, 0)
    phone.played.faults.clear()
    phone.recover(deadline=50)
    assert jobs.status(book, "move").reached == 12


def test_nothing_of_a_cancelled_job_is_changed_until_it_is_resumed(book, phone, monkeypatch):
    monkeypatch.setattr(plans, "PART", 5)
    submitted(book, planned(phone))
    first, second, third = jobs.chunks(book, "move")
    phone.run(jobs.fill(first))
    assert jobs.cancel(book, "move") == 7
    assert phone.run(jobs.fill([*second, *third])) == jobs.Filled(decided=2)
    phone.recover(deadline=1)
    status = jobs.status(book, "move")
    assert (status.reached, status.ended, status.done, status.cancelled) == (5, 7, True, True)
    assert status.states[ItemState.CANCELLED] == 7
    assert {one.reason for one in jobs.results(book, "move") if one.outcome == "failed"} == {"it was cancelled"}
    assert sent(phone, "forward_set") == 5
    assert jobs.resume(book, "move") == 7
    worked(phone, book)
    assert jobs.status(book, "move").reached == 12
    assert sent(phone, "forward_set") == 12


def cancelling_at(book, phone, count, act):
    """Call *act* once *count* changes were sent."""
    simulator = phone.played
    before = simulator.ledger.requests
    seen = []

    class Watched(list):
        def append(self, one):
            super().append(one)
            if one.operation == "forward_set":
                seen.append(one)
                if len(seen) == count:
                    act()

    simulator.ledger.requests = Watched(before)


def test_a_cancellation_stops_a_worker_that_is_in_the_middle(book, phone, monkeypatch):
    monkeypatch.setattr(plans, "AT_ONCE", 2)
    submitted(book, planned(phone))
    cancelling_at(book, phone, 3, lambda: jobs.cancel(book, "move"))
    (filled,) = worked(phone, book)
    assert filled == jobs.Filled(decided=1)
    status = jobs.status(book, "move")
    made = sent(phone, "forward_set")
    assert made < 12
    assert (status.reached, status.ended, status.open) == (made, 12 - made, 0)
    outcomes = [record.outcome for record in book.changes()]
    assert outcomes.count(ChangeOutcome.DONE) == made
    assert ChangeOutcome.SENT not in outcomes
    assert jobs.resume(book, "move") == 12 - made
    worked(phone, book)
    assert jobs.status(book, "move").reached == 12


def test_a_worker_that_stops_begins_nothing_more_and_another_goes_on(book, phone, monkeypatch):
    monkeypatch.setattr(plans, "AT_ONCE", 2)
    submitted(book, planned(phone))
    stopping = []
    cancelling_at(book, phone, 3, lambda: stopping.append(True))
    (filled,) = worked(phone, book, stopped=lambda: bool(stopping))
    assert filled.left == ("move:000001",)
    made = sent(phone, "forward_set")
    status = jobs.status(book, "move")
    assert made < 12
    assert (status.reached, status.open) == (made, 12 - made)
    worked(phone, book)
    assert sent(phone, "forward_set") == 12


def test_a_worker_whose_task_another_has_by_now_sends_nothing_more(book, phone, monkeypatch):
    monkeypatch.setattr(plans, "AT_ONCE", 2)
    submitted(book, planned(phone))

    def taken():
        with book._database.transaction() as tx:
            tx.run("UPDATE anycarrier_task SET owner = 'another'")

    cancelling_at(book, phone, 3, taken)
    (filled,) = worked(phone, book)
    made = sent(phone, "forward_set")
    assert made < 12
    assert filled.left == ("move:000001",)
    with book._database.transaction() as tx:
        tx.run("UPDATE anycarrier_task SET owner = NULL")
    worked(phone, book)
    assert jobs.status(book, "move").reached == 12
    assert sent(phone, "forward_set") == 12


def test_numbers_are_given_up_once_each_with_the_confirmation_on_record(book, phone):
    submitted(book, released(phone))
    worked(phone, book)
    assert jobs.status(book, "move").reached == 12
    assert jobs.resume(book, "move") == 0
    assert sent(phone, "number_release") == 12
    assert list(phone.list()) == []


def test_an_undoing_is_a_job_too(book, phone):
    plan = planned(phone, ToGateway(1000))
    submitted(book, plan)
    worked(phone, book)
    undoing = phone.undo(plan)
    submitted(book, undoing, name="back")
    worked(phone, book, "back")
    assert jobs.status(book, "back").reached == sum(bool(one.changes) for one in undoing.numbers)


def test_a_journal_that_fails_is_told_and_the_task_is_free_again(book, phone, monkeypatch):
    submitted(book, planned(phone))

    def full(*_, **__):
        raise JournalError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(book, "begin_changes", full)
        with pytest.raises(JournalError, match=r"the disk is full.*call fill"):
            worked(phone, book)
    assert sent(phone, "forward_set") == 0
    worked(phone, book)
    assert jobs.status(book, "move").reached == 12


def test_an_asynchronous_client_applies_the_same(book, phone):
    import asyncio

    submitted(book, planned(phone))

    async def main():
        other, _ = async_phone_of(book, "voicetel", simulators={"voicetel": phone.played})
        async with other:
            return [await other.run(jobs.fill(ids)) for ids in jobs.chunks(book, "move")]

    assert asyncio.run(main()) == [jobs.Filled(decided=1)]
    assert jobs.status(book, "move").reached == 12


# -- switches


@pytest.fixture
def world(tmp_path):
    world = SwitchWorld("sync", tmp_path)
    yield world
    world.close()


def switched(world, ports=True):
    """Work on the job of the switch once, whenever it is due."""
    with world.book._database.transaction() as tx:
        tx.run("UPDATE anycarrier_task SET resume_at = 0")
    known = [world.details] if ports else []
    return [world.phone.run(jobs.fill(ids, ports=known)) for ids in jobs.chunks(world.book, "switch")]


def bought(world):
    return sum(charge.operation == "order" for charge in world.voicetel.ledger.charges)


@pytest.mark.slow
def test_a_switch_is_one_task_that_is_carried_on_until_all_have_come(world):
    plan = world.plan()
    job = jobs.submit_plan(world.book, plan, name="switch", confirm=plan.id)
    assert (job.orders, job.numbers) == (1, 5)
    (filled,) = switched(world, ports=False)
    assert filled.waiting == ("switch:000001",)
    rows = list(jobs.results(world.book, "switch"))
    assert [one.outcome for one in rows].count("applied") == 2  # the replacements need no port
    assert {one.reason for one in rows if one.outcome == "open"} == {
        "not ordered: the port order needs the subscriber, address and account at the old carrier"
    }
    switched(world)
    switched(world)
    assert len(world.voicetel.account.ports) == 1
    world.sign()
    world.pass_days(20)
    assert switched(world) == [jobs.Filled(decided=1)]
    status = jobs.status(world.book, "switch")
    assert (status.reached, status.open, status.ended) == (5, 0, 0)
    replaced = {one.number: one.replaced_by for one in jobs.results(world.book, "switch") if one.replaced_by}
    assert set(replaced) == set(world.replaced)


@pytest.mark.slow
def test_nothing_more_of_a_cancelled_switch_is_bought_or_ordered_and_what_is_under_way_is_found_out(world, monkeypatch):
    hasty = evolve(VoiceTel.rules, settle=0.3, looks=1, look_every=0.05, replay_for=0.1, park_after=5.0)
    monkeypatch.setattr(VoiceTel, "rules", hasty)
    monkeypatch.setattr(mapping, "SEND_WITHIN", 0.1)
    monkeypatch.setattr(moving, "DEADLINE", 0.1)
    plan = world.plan()
    jobs.submit_plan(world.book, plan, name="switch", confirm=plan.id)
    world.voicetel.faults.add(Fault(kind="error", status=503, operation="order", times=None))
    switched(world)
    assert jobs.cancel(world.book, "switch") == 0  # it was begun
    world.voicetel.faults.clear()
    switched(world)
    assert jobs.status(world.book, "switch").open >= 3  # ports are on their way, and purchases may be in doubt
    world.phone.recover(deadline=20)
    switched(world)
    status = jobs.status(world.book, "switch")
    # One in doubt is repeated under its key, which finds out about it as any other way does.
    assert (status.open, status.reached + status.ended) == (3, 2)
    assert bought(world) == status.reached
    world.sign()
    world.pass_days(20)
    switched(world)
    assert jobs.status(world.book, "switch").done
    assert bought(world) == status.reached
    monkeypatch.setattr(moving, "DEADLINE", 20.0)
    assert jobs.resume(world.book, "switch") > 0
    switched(world)
    assert jobs.status(world.book, "switch").reached == 5
