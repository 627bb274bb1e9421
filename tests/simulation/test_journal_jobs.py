"""Jobs in the journal, on each database: submitted whole, counted, cancelled and resumed."""

from __future__ import annotations

import json

import pytest
from attrs import evolve

from anycarrier.attempt import AttemptState, ResolutionPolicy
from anycarrier.errors import InvalidInput
from anycarrier.jobs.chunking import chunked
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase.journal.job_records import JobOrderRecord
from anycarrier.purchase.journal.types import Goal, ItemState, LeaseLost, OrderRecord
from anycarrier.purchase.resolution import Instant, begun
from support.books import draft, made

START = 1000.0


def order(name, digest="d", goal=Goal.ACTIVE, quantity=1, tags=None):
    text = json.dumps({"order": {"valid_for": 500.0}, "accounts": []})
    request = OrderRecord(id=name, digest=digest, order=text, goal=goal, reference=f"of {name}", tags=tags or {})
    return JobOrderRecord(request=request, quantity=quantity, valid_for=500.0)


def submitted(book, *names, job="j", **more):
    return book.create_job(job, "whole", [order(name, **more) for name in names])[0]


def attempt(at):
    number = PhoneNumber(f"+1201555{100 + at:04}")
    return begun(draft(number, key=f"k{at}"), ResolutionPolicy(), Instant(1000.0, 1000.0))


def bought(book, item_id, at, state=AttemptState.CONFIRMED):
    assert book.claim(item_id, "me")[1]
    entry = book.begin(item_id, "me", attempt(at))
    if state is AttemptState.SENT:
        return entry
    return book.record(entry, "me", evolve(entry.attempt, state=state))


def test_a_job_is_there_with_all_its_orders_items_and_tags(book):
    job, is_new = book.create_job("j", "whole", [order("j:1", quantity=2, tags={"plan": "basic"}), order("j:2")])
    assert (is_new, job.name, job.orders, job.numbers, job.created) == (True, "j", 2, 3, START)
    assert [one for one, _ in book.open_job_items(job.id)] == ["j:1#1", "j:1#2", "j:2#1"]
    assert book.request("j:1").valid_until == START + 500
    assert list(book.found(tags={"plan": "basic"})) == ["j:1"]
    assert list(book.found(reference="of j:2")) == ["j:2"]
    assert [one.name for one in book.jobs()] == ["j"]
    assert book.job("other") is None


def test_the_same_job_again_is_the_same_one_and_another_under_its_name_is_refused(book):
    first = submitted(book, "j:1", "j:2")
    calls = []
    again, is_new = book.create_job("j", "whole", [order("j:1"), order("j:2")], calls.append)
    assert (again, is_new, calls) == (first, False, [])
    with pytest.raises(InvalidInput, match="other orders"):
        book.create_job("j", "another", [order("j:1")])


def test_a_request_id_that_is_in_use_lets_no_part_of_a_job_be_there(book):
    made(book, "j:2")
    with pytest.raises(InvalidInput, match="in use"):
        submitted(book, "j:1", "j:2")
    assert book.job("j") is None
    assert book.request("j:1") is None


def test_a_failure_to_enqueue_leaves_nothing(book):
    def fails(tx):
        assert tx.rows("SELECT count(*) FROM anycarrier_intent")[0][0] == 1
        raise OSError("the engine is away")

    with pytest.raises(OSError, match="away"):
        book.create_job("j", "whole", [order("j:1")], fails)
    assert (book.jobs(), book.request("j:1")) == ([], None)


def test_counts_of_a_job_leave_out_what_is_no_part_of_it(book):
    job = submitted(book, *(f"j:{at}" for at in range(1, 6)))
    submitted(book, "k:1", job="k")
    made(book, "r")
    bought(book, "k:1#1", 50)
    bought(book, "r#1", 51)
    bought(book, "j:1#1", 1)
    bought(book, "j:2#1", 2)
    bought(book, "j:3#1", 3, AttemptState.IN_DOUBT)
    counts = book.job_counts(job.id)
    assert counts.states == {(ItemState.ACTIVE, False): 2, (ItemState.OPEN, True): 3}
    assert (counts.in_doubt, counts.recent, counts.set_ups_failed) == (1, 2, 0)
    assert [(str(cost.amount), count) for cost, count in counts.costs] == [("1.00", 3)]
    book.clock.now += 61
    assert book.job_counts(job.id).recent == 0


def test_a_set_up_that_failed_is_counted_and_tried_again(book):
    job = submitted(book, "j:1", goal=Goal.SET_UP)
    bought(book, "j:1#1", 1)
    assert book.job_counts(job.id).states == {(ItemState.ACTIVE, True): 1}
    with book._database.transaction() as tx:
        tx.run("UPDATE anycarrier_intent SET claimable = 0, reason = 'no such campaign'")
    assert book.job_counts(job.id).set_ups_failed == 1
    assert book.reopen_job(job.id) == 1
    assert book.job_counts(job.id).set_ups_failed == 0


def test_cancelling_closes_what_has_nothing_under_way_and_no_more(book):
    job = submitted(book, "j:1", "j:2", "j:3", "j:4", "j:5")
    other = submitted(book, "k:1", job="k")
    bought(book, "j:1#1", 1)
    bought(book, "j:2#1", 2, AttemptState.SENT)
    bought(book, "j:3#1", 3, AttemptState.REJECTED)
    assert book.claim("j:4#1", "slow")[1]
    assert book.cancel_job(job.id) == 3
    states = {item: book.load(item).item.state for item in ("j:1#1", "j:2#1", "j:3#1", "j:4#1", "j:5#1", "k:1#1")}
    assert list(states.values()) == ["ACTIVE", "OPEN", "CANCELLED", "CANCELLED", "CANCELLED", "OPEN"]
    with pytest.raises(LeaseLost):  # the worker that had claimed it before begins nothing
        book.begin("j:4#1", "slow", attempt(4))
    assert book.load("j:2#1").request.cancelled
    assert not book.load("k:1#1").request.cancelled
    assert book.job("j").state == "CANCELLED"
    assert book.job("k").state == "OPEN"
    assert book.cancel_job(job.id) == 0
    assert book.job_counts(other.id).states == {(ItemState.OPEN, True): 1}


def test_many_are_cancelled_page_by_page(book, monkeypatch):
    monkeypatch.setattr("anycarrier.purchase.journal.jobs.PAGE", 2)
    job = submitted(book, *(f"j:{at}" for at in range(1, 6)))
    assert len(list(book.open_job_items(job.id))) == 5
    assert len(list(book.job_rows(job.id))) == 5
    assert book.cancel_job(job.id) == 5
    assert list(book.open_job_items(job.id)) == []


def test_resuming_opens_again_what_was_cancelled_for_as_long_as_it_was_valid_at_first(book):
    job = submitted(book, "j:1", "j:2", "j:3")
    bought(book, "j:1#1", 1)
    book.cancel_job(job.id)
    book.clock.now += 10_000
    seen = []
    assert book.reopen_job(job.id, lambda tx, items: seen.extend(items)) == 2
    assert seen == [("j:2#1", "d"), ("j:3#1", "d")]
    one = book.load("j:2#1")
    assert (one.item.state, one.item.claimable, one.item.reason) == ("OPEN", True, "")
    assert (one.request.cancelled, one.request.valid_until) == (False, START + 10_500)
    assert book.job("j").state == "OPEN"
    assert book.claim("j:2#1", "me")[1]


def test_open_items_of_some_are_those_with_something_to_do_and_free_ones_have_no_worker(book):
    submitted(book, "j:1", "j:2", "j:3")
    bought(book, "j:1#1", 1)
    book.claim("j:2#1", "me")
    ids = ["j:3#1", "j:2#1", "j:1#1", "no:1#1"]
    assert book.open_of(ids) == ["j:3#1", "j:2#1"]
    assert book.open_of(ids, free=True) == ["j:3#1"]
    book.clock.now += 61
    assert book.open_of(ids, free=True) == ["j:3#1", "j:2#1"]
    assert book.open_of([]) == []


def test_rows_of_a_job_have_the_attempt_that_says_most(book):
    job = submitted(book, "j:1", "j:2", "j:3")
    bought(book, "j:1#1", 1, AttemptState.REJECTED)
    bought(book, "j:1#1", 2)
    bought(book, "j:2#1", 3, AttemptState.REJECTED)
    bought(book, "j:2#1", 4, AttemptState.REJECTED)
    rows = [(one.item.id, entry and entry.attempt.draft.key) for one, entry in book.job_rows(job.id)]
    assert rows == [("j:1#1", "k2"), ("j:2#1", "k4"), ("j:3#1", None)]


def test_chunks_have_items_that_are_alike_and_every_item_once():
    items = [(f"{at}", "ab"[at % 2]) for at in range(250)]
    lists = list(chunked(items, 50))
    assert [len(one) for one in lists] == [50] * 5
    assert sorted(one for some in lists for one in some) == sorted(name for name, _ in items)
    kinds = [{dict(items)[one] for one in some} for some in lists]
    assert kinds == [{"a"}, {"b"}, {"a"}, {"b"}, {"a", "b"}]


def test_chunks_begin_with_the_first_orders_of_a_long_job():
    items = ((f"{at}", "a") for at in range(10**9))
    first = next(iter(chunked(items, 50)))
    assert first == [f"{at}" for at in range(50)]
