"""Jobs from submitting to results, on simulated providers."""

from __future__ import annotations

import csv
import io
import json

import pytest

from anycarrier import Client, Desired, ForwardTo, InvalidInput, JournalError, Search, Unsupported, jobs
from anycarrier.errors import ConfigurationError
from anycarrier.purchase import ItemState, Order, journal
from anycarrier.simulator import Fault, SimTransport, load
from support.jobs import phone_of

CSV = "area_code,quantity,max_price,reference,tags\n201,1,3,t1,plan=basic\n212,2,,t2,\n201,1,0.10,t3,\n"


@pytest.fixture
def book():
    with journal.open(":memory:") as book:
        yield book


def worked(phone, book, name):
    return [phone.run(jobs.fill(ids)) for ids in jobs.chunks(book, name)]


def test_a_job_is_submitted_worked_on_counted_and_told(book):
    phone, simulators = phone_of(book, "voicetel")
    job = jobs.submit(book, jobs.orders_from_csv(CSV), [phone.provider], name="spring")
    assert (job.orders, job.numbers, job.is_new, job.cancelled) == (3, 4, True, False)
    before = jobs.status(book, "spring")
    assert (before.open, before.bought, before.done, before.seconds_left, before.per_second) == (4, 0, False, None, 0.0)
    assert [one.decided for one in worked(phone, book, "spring")] == [4]
    after = jobs.status(book, "spring")
    assert (after.open, after.bought, after.ended, after.done, after.in_doubt) == (0, 3, 1, True, 0)
    assert after.states == {ItemState.ACTIVE: 3, ItemState.EXHAUSTED: 1}
    assert [str(one) for one in after.spent] == ["1.5 USD"]
    assert after.per_second > 0
    assert len(simulators["voicetel"].ledger.charges) == 3
    rows = list(jobs.results(book, "spring"))
    assert [(one.line, one.position, one.outcome, one.reference) for one in rows] == [
        (1, 1, "bought", "t1"),
        (2, 1, "bought", "t2"),
        (2, 2, "bought", "t2"),
        (3, 1, "failed", "t3"),
    ]
    assert {one.number for one in rows[:3]} == {entry.attempt.draft.number for entry in book.entries()}
    assert "0.10" in rows[3].reason
    assert (rows[3].number, rows[3].price) == (None, None)
    assert worked(phone, book, "spring") == []
    assert [one.name for one in jobs.every(book)] == ["spring"]


def test_results_are_csv_and_lines_of_json_with_the_same_in_them(book):
    phone, _ = phone_of(book, "voicetel")
    jobs.submit(book, jobs.orders_from_csv(CSV), [phone.provider], name="spring")
    worked(phone, book, "spring")
    table = list(csv.DictReader(io.StringIO("".join(jobs.results_to_csv(jobs.results(book, "spring"))))))
    lines = [json.loads(line) for line in jobs.results_to_json_lines(jobs.results(book, "spring"))]
    assert len(table) == len(lines) == 4
    for cells, record in zip(table, lines, strict=True):
        assert cells["number"] == (record["number"] or "")
        assert cells["outcome"] == record["outcome"]
        assert list(cells) == list(record)
    assert (table[0]["tags"], lines[0]["tags"]) == ("plan=basic", {"plan": "basic"})
    assert lines[0]["bought_at"].endswith("Z")


def test_filling_again_buys_nothing_again(book):
    phone, simulators = phone_of(book, "leadping")
    jobs.submit(
        book, [Order(criteria=Search(area_code="201"), fulfilled_by="placed")] * 5, [phone.provider], name="spring"
    )
    (ids,) = jobs.chunks(book, "spring")
    assert phone.run(jobs.fill(ids)) == jobs.Filled(decided=5)
    assert phone.run(jobs.fill([*ids, *ids])) == jobs.Filled(decided=5)
    assert len(simulators["leadping"].ledger.charges) == 5


def test_an_item_of_another_worker_is_left_to_it(book):
    phone, simulators = phone_of(book, "voicetel")
    jobs.submit(book, [Order(criteria=Search(area_code="201"))] * 2, [phone.provider], name="spring")
    book.claim("spring:000001#1", "another")
    (ids,) = jobs.chunks(book, "spring")
    assert phone.run(jobs.fill(ids)) == jobs.Filled(decided=1, left=("spring:000001#1",))
    book.release_claim("spring:000001#1", "another")
    assert phone.recover().undecided == 0
    assert len(simulators["voicetel"].ledger.charges) == 2


def test_nothing_of_a_cancelled_job_is_bought_until_it_is_resumed(book):
    phone, simulators = phone_of(book, "voicetel")
    jobs.submit(book, [Order(criteria=Search(area_code="201"))] * 4, [phone.provider], name="spring")
    (ids,) = jobs.chunks(book, "spring")
    phone.run(jobs.fill(ids[:1]))
    assert jobs.cancel(book, "spring") == 3
    assert phone.run(jobs.fill(ids)).decided == 4
    assert phone.recover().counts == {}
    status = jobs.status(book, "spring")
    assert (status.bought, status.ended, status.done, status.cancelled) == (1, 3, True, True)
    assert status.states[ItemState.CANCELLED] == 3
    assert {one.reason for one in jobs.results(book, "spring") if one.outcome == "failed"} == {"it was cancelled"}
    assert len(simulators["voicetel"].ledger.charges) == 1
    assert jobs.resume(book, "spring") == 3
    worked(phone, book, "spring")
    assert jobs.status(book, "spring").bought == 4
    assert len(simulators["voicetel"].ledger.charges) == 4


def test_a_purchase_under_way_at_the_cancellation_is_found_out_about_and_nothing_is_bought_in_its_place(book):
    phone, simulators = phone_of(book, "voicetel")
    jobs.submit(book, [Order(criteria=Search(area_code="201"))], [phone.provider], name="spring")
    (ids,) = jobs.chunks(book, "spring")
    before = book.begin

    def begin(*arguments, **more):
        entry = before(*arguments, **more)
        assert jobs.cancel(book, "spring") == 0  # it has an attempt: nothing to close
        return entry

    book.begin = begin
    simulators["voicetel"].faults.add(Fault(kind="refuse", operation="order", times=1))
    phone.run(jobs.fill(ids))
    (row,) = jobs.results(book, "spring")
    assert (row.state, row.reason) == (ItemState.CANCELLED, "it was cancelled")
    assert len(book.entries()) == 1


def test_numbers_are_set_up_where_the_orders_say_how(book):
    phone, _ = phone_of(book, "voicetel")
    orders = [Order(criteria=Search(area_code="201"), setup=Desired(routes=[ForwardTo("+12125550142")]))]
    jobs.submit(book, orders, [phone.provider], name="spring")
    assert worked(phone, book, "spring")[0].decided == 1
    assert jobs.status(book, "spring").states == {ItemState.SET_UP: 1}
    (row,) = jobs.results(book, "spring")
    assert (row.outcome, row.reason) == ("bought", "")


def test_the_same_job_again_is_the_same_and_another_is_refused(book):
    orders = jobs.orders_from_csv(CSV)
    assert jobs.submit(book, orders, ["voicetel"], name="spring").is_new
    assert not jobs.submit(book, orders, ["voicetel/voicetel"], name="spring").is_new
    for others, accounts in ((orders[:2], ["voicetel"]), (orders, ["leadping"]), ([*reversed(orders)], ["voicetel"])):
        with pytest.raises(InvalidInput, match="other orders"):
            jobs.submit(book, others, accounts, name="spring")


def test_what_cannot_be_a_job_is_refused(book):
    order = Order(criteria=Search(area_code="201"))
    for orders, accounts, name, said in (
        ([], ["voicetel"], "spring", "orders is empty"),
        ([order], [], "spring", "accounts is empty"),
        ([order], [7], "spring", "accounts must be"),
        ([order], ["voicetel"], "", "name"),
        (["201"], ["voicetel"], "spring", "orders"),
    ):
        with pytest.raises(InvalidInput, match=said):
            jobs.submit(book, orders, accounts, name=name)
    with pytest.raises(ConfigurationError, match="PostgreSQL"):
        jobs.submit(book, [order], ["voicetel"], name="spring", enqueue=lambda connection, chunks: None)
    for act in (jobs.status, jobs.cancel, jobs.resume, jobs.results, jobs.chunks):
        with pytest.raises(InvalidInput, match="no job 'winter'"):
            act(book, "winter")


def test_a_client_without_a_journal_cannot_fill():
    simulator = load("voicetel")
    transport = SimTransport({"http://127.0.0.1:1": simulator})
    phone = Client("voicetel", **simulator.settings, base_url="http://127.0.0.1:1", transport=transport)
    with pytest.raises(Unsupported, match="journal"):
        phone.run(jobs.fill(["spring:000001#1"]))


def test_ids_that_cannot_be_items_are_refused(book):
    phone, _ = phone_of(book, "voicetel")
    with pytest.raises(InvalidInput, match="1,000 at most"):
        jobs.fill([str(at) for at in range(1001)])
    assert phone.run(jobs.fill([])) == jobs.Filled(decided=0)


def test_items_that_are_filled_side_by_side_begin_at_offers_side_by_side(book):
    query = Search(area_code="201", limit=100)
    phone, simulators = phone_of(book, "leadping")
    first = phone.search(query)[0].number
    jobs.submit(book, [Order(criteria=query, fulfilled_by="placed")] * 3, [phone.provider], name="spring")
    (ids,) = jobs.chunks(book, "spring")
    phone.run(jobs.fill(ids))
    bought = [one.number for one in jobs.results(book, "spring")]
    assert len({*bought, first}) == 4  # by the checksum of these ids
    sent = [seen.operation for seen in simulators["leadping"].ledger.requests]
    assert (sent.count("create"), sent.count("search")) == (3, 2)  # one of the searches was this test's own


def test_a_journal_that_fails_leaves_a_purchase_in_doubt_and_says_so(book, monkeypatch):
    phone, _ = phone_of(book, "leadping")
    with phone:
        jobs.submit(book, [Order(criteria=Search(area_code="201"))], [phone.provider], name="spring")
        (ids,) = jobs.chunks(book, "spring")

        def full(*_, **__):
            raise JournalError("the disk is full")

        monkeypatch.setattr(book, "record", full)
        with pytest.raises(JournalError, match=r"the disk is full.*call fill") as failed:
            phone.run(jobs.fill(ids))
    assert failed.value.maybe_applied


def test_what_ended_without_a_number_is_tried_again_when_the_job_is_resumed(book):
    phone, simulators = phone_of(book, "voicetel", balance="0.50")
    jobs.submit(book, [Order(criteria=Search(area_code="201"))] * 3, [phone.provider], name="spring")
    worked(phone, book, "spring")
    before = jobs.status(book, "spring")
    assert before.done
    assert before.ended > 0
    simulators["voicetel"].account.balance += 10
    assert jobs.resume(book, "spring") == before.ended
    worked(phone, book, "spring")
    assert jobs.status(book, "spring").bought == 3
    assert len(simulators["voicetel"].ledger.charges) == 3
