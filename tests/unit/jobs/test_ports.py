"""Ports as jobs: ordered once by a worker that knows the subscriber, and looked at until the numbers have come."""

from __future__ import annotations

import json

import pytest

from anycarrier import Desired, InvalidInput, Money, ToGateway, Unsupported, jobs
from anycarrier.errors import SpendLimitExceeded
from anycarrier.jobs import JobKind
from anycarrier.port_records import PortState
from anycarrier.ports import PortDetails
from anycarrier.purchase import ItemState
from anycarrier.purchase.journal import tasks as journal_tasks
from anycarrier.registry import make
from anycarrier.simulator import Fault
from support.jobs import PortPlace, phone_of
from support.port_orders import PRIVATE, details, port_order
from support.port_places import FREE, ONE, TWO

WEEKS = 20 * 86_400.0


@pytest.fixture
def place():
    place = PortPlace()
    yield place
    place.close()


def told(place, name="ports"):
    return [(one.number, one.outcome, one.state) for one in jobs.results(place.book, name)]


def test_a_port_is_submitted_ordered_once_and_followed_until_its_numbers_have_come(place):
    job = place.submit(ONE, Desired(TWO, routes=[ToGateway(1000)]), FREE, reference="tenant-42")
    assert (job.kind, job.orders, job.numbers, job.is_new) == (JobKind.PORT, 1, 3, True)
    assert told(place) == [(number, "open", None) for number in (ONE, TWO, FREE)]
    (filled,) = place.work()
    assert (filled.decided, filled.waiting) == (0, ("ports:000001",))
    status = jobs.status(place.book, "ports")
    assert (status.open, status.reached, status.seconds_left) == (3, 0, None)
    assert status.states == {PortState.NEEDS_LOA: 3}
    assert all("signs the letter of authorization: https://" in one.reason for one in jobs.results(place.book, "ports"))
    assert {record.reference for record in place.book.ports()} == {"tenant-42"}
    assert {record.request_id for record in place.book.ports()} == {"ports:000001"}
    for _ in range(5):
        place.clock.advance(1000.0)
        place.work()
    assert place.submitted() == 2  # toll-free numbers go apart
    place.played.loa()
    place.clock.advance(WEEKS)
    assert place.work() == [jobs.Filled(decided=1)]
    assert told(place) == [(number, "ported", PortState.COMPLETE) for number in (ONE, TWO, FREE)]
    assert {one.port_id for one in jobs.results(place.book, "ports")} == {
        record.port_id for record in place.book.ports()
    }
    assert place.played.account.owned[TWO.removeprefix("+1")].route == 1000
    assert place.submitted() == 2


def test_nothing_of_the_subscriber_is_in_the_journal(place):
    place.submit(ONE)
    place.work()
    with place.book._database.transaction() as tx:
        tables = [row[0] for row in tx.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        text = json.dumps([list(map(str, row)) for table in tables for row in tx.rows(f"SELECT * FROM {table}")])  # noqa: S608
    assert ONE in text
    assert not [secret for secret in PRIVATE if secret in text]


def test_a_worker_without_the_subscriber_leaves_the_order_and_says_what_is_missing(place):
    place.submit(ONE)
    (filled,) = place.work(ports=None)
    assert filled.waiting == ("ports:000001",)
    (row,) = jobs.results(place.book, "ports")
    assert (row.outcome, row.state) == ("open", None)
    assert row.reason.startswith("not ordered yet: a worker that has the subscriber")
    assert place.submitted() == 0
    place.clock.advance(61.0)
    place.phone.recover(deadline=10)  # has no details either
    place.clock.advance(61.0)
    place.phone.recover(deadline=10, ports=[place.details])
    assert place.submitted() == 1


def test_the_details_of_these_very_numbers_are_taken_before_those_of_all(place):
    place.submit(ONE)
    other = PortDetails(**details(subscriber="Another"))
    right = port_order(ONE, TWO, account_number="RIGHT-1")
    place.work(ports=[other, port_order(TWO, account_number="WRONG-1"), right])
    (port,) = place.played.account.ports.values()
    assert "RIGHT-1" in str(port)


def test_a_worker_with_another_subscriber_does_not_order_the_rest(place):
    place.played.other_carrier(TWO, carrier="Another Telecom/2")
    place.played.faults.add(Fault(kind="refuse", operation="port_submit", times=1))
    place.submit(ONE, TWO)
    place.work()
    wrong = PortDetails(**details(pin="999999"))
    place.clock.advance(100.0)
    before = place.submitted()
    place.work(ports=[wrong])
    assert place.submitted() == before
    assert any("it was begun with another subscriber" in one.reason for one in jobs.results(place.book, "ports"))
    place.clock.advance(100.0)
    place.work()
    assert len(place.played.account.ports) == 2


def test_a_number_that_cannot_be_ported_fails_and_is_asked_about_again_by_a_resumption(place):
    taken = "+12015550100"  # on the provider's own network
    place.submit(ONE, taken)
    place.work()
    assert told(place) == [(ONE, "open", PortState.NEEDS_LOA), (taken, "failed", PortState.REFUSED)]
    assert jobs.resume(place.book, "ports") == 2
    place.work()
    assert told(place)[1] == (taken, "failed", PortState.REFUSED)
    assert place.submitted() == 1
    assert len(place.book.ports()) == 1


def test_an_order_that_was_refused_is_ordered_with_corrected_details_after_a_resumption(place):
    balance, place.played.account.balance = place.played.account.balance, 0
    place.submit(ONE)
    place.work()
    place.played.account.balance = balance
    assert told(place) == [(ONE, "failed", PortState.REFUSED)]
    assert jobs.status(place.book, "ports").done
    assert place.work() == []
    assert jobs.resume(place.book, "ports") == 1
    place.details = PortDetails(**details(pin="999999"))
    place.work()
    assert told(place) == [(ONE, "open", PortState.NEEDS_LOA)]
    assert [record.request_id for record in place.book.ports()] == ["ports:000001", "ports:000001.1"]
    assert len(place.played.account.ports) == 1


def test_a_port_that_was_rejected_is_not_ordered_again_by_a_resumption(place):
    place.played.other_carrier(ONE, pin="0000")  # not the one of the order
    place.submit(ONE)
    place.work()
    place.played.loa()
    place.clock.advance(WEEKS)
    place.work()
    assert told(place) == [(ONE, "failed", PortState.REJECTED)]
    assert jobs.resume(place.book, "ports") == 1
    place.work()
    assert told(place) == [(ONE, "failed", PortState.REJECTED)]
    assert place.submitted() == 1


def test_an_order_in_doubt_is_looked_for_and_never_sent_again(place):
    place.played.faults.add(Fault(kind="reset", operation="port_submit", done=True, times=1))
    place.submit(ONE)
    for _ in range(6):
        place.work()
        place.clock.advance(4000.0)
    assert told(place) == [(ONE, "open", PortState.NEEDS_LOA)]
    assert place.submitted() == 1


def test_an_order_that_provably_never_arrived_fails_and_is_not_sent_on_a_guess(place):
    place.played.faults.add(Fault(kind="reset", operation="port_submit", done=False, times=1))
    place.submit(ONE)
    place.work()
    assert jobs.status(place.book, "ports").in_doubt in (0, 1)
    for _ in range(12):
        place.clock.advance(4000.0)
        place.work()
    assert told(place) == [(ONE, "failed", PortState.ABSENT)]
    assert len(place.played.account.ports) == 0


def test_a_provider_that_is_down_is_asked_again_later(place):
    place.played.faults.add(Fault(kind="refuse", times=None))
    place.submit(ONE)
    place.work()
    (row,) = jobs.results(place.book, "ports")
    assert row.outcome == "open"
    assert row.reason
    place.played.faults.clear()
    place.clock.advance(4000.0)
    place.work()
    assert told(place) == [(ONE, "open", PortState.NEEDS_LOA)]


def test_nothing_of_a_cancelled_port_is_ordered_until_it_is_resumed(place):
    place.submit(ONE, TWO)
    assert jobs.cancel(place.book, "ports") == 2
    place.phone.recover(deadline=10, ports=[place.details])
    assert place.work() == []
    assert (place.submitted(), jobs.status(place.book, "ports").states) == (0, {ItemState.CANCELLED: 2})
    assert jobs.resume(place.book, "ports") == 2
    place.work()
    assert place.submitted() == 1


def test_a_port_that_is_on_its_way_is_followed_after_a_cancellation(place):
    place.played.other_carrier(TWO, carrier="Another Telecom/2")
    place.played.faults.add(Fault(kind="refuse", operation="port_submit", times=1))
    place.submit(ONE, TWO)
    place.work()
    ordered = len(place.played.account.ports)
    assert jobs.cancel(place.book, "ports") == 0
    place.clock.advance(100.0)
    place.work()
    assert len(place.played.account.ports) == ordered
    place.played.loa()
    place.clock.advance(WEEKS)
    place.phone.recover(deadline=10)
    status = jobs.status(place.book, "ports")
    assert (status.open, status.reached, status.ended) == (0, ordered, 2 - ordered)


def test_a_job_that_is_cancelled_in_the_middle_of_an_order_sends_nothing(place):
    place.submit(ONE)
    before = place.book.begin_port

    def begin_port(*arguments, **more):
        jobs.cancel(place.book, "ports")
        return before(*arguments, **more)

    place.book.begin_port = begin_port
    place.work()
    assert place.submitted() == 0
    assert told(place) == [(ONE, "failed", ItemState.CANCELLED)]


def test_two_workers_order_it_once(place):
    place.submit(ONE)
    before = place.book.begin_port
    other = place.another()
    seen = []

    def begin_port(*arguments, **more):
        seen.append(other.run(jobs.fill(["ports:000001"], ports=[place.details])))
        return before(*arguments, **more)

    place.book.begin_port = begin_port
    place.work()
    assert seen == [jobs.Filled(decided=0, left=("ports:000001",))]
    assert place.submitted() == 1


def test_what_cannot_be_ported_at_all_is_refused_when_it_is_submitted(place):
    for numbers, more, said in (
        ([], {}, "numbers must not be empty"),
        ([ONE, ONE], {}, "same number"),
        (["12"], {}, r"numbers\[0\]"),
        ([Desired(ONE, release=True)], {}, "gives it up"),
        ([ONE], {"name": ""}, "name"),
        ([ONE], {"reference": 7}, "reference"),
        ([ONE], {"max_fee": 7}, "max_fee"),
    ):
        with pytest.raises(InvalidInput, match=said):
            place.submit(*numbers, **more)
    with pytest.raises(SpendLimitExceeded, match="12 USD"):
        place.submit(ONE, TWO, max_fee=Money("11"))
    with pytest.raises(Unsupported):
        jobs.submit_ports(place.book, [ONE], make("leadping", {"api_key": "k"}), name="x", max_fee=Money("12"))
    assert jobs.every(place.book) == []


def test_the_same_port_again_is_the_same_job_and_another_is_refused(place):
    assert place.submit(ONE).is_new
    assert not place.submit(ONE).is_new
    assert not jobs.submit_ports(place.book, [ONE], "voicetel", name="ports", max_fee=Money("600")).is_new
    with pytest.raises(InvalidInput, match="something else"):
        place.submit(ONE, TWO)


def test_a_worker_of_other_accounts_leaves_it(place):
    place.submit(ONE)
    other, _ = phone_of(place.book, "leadping")
    (filled,) = (other.run(jobs.fill(ids)) for ids in jobs.chunks(place.book, "ports"))
    assert filled.left == ("ports:000001",)
    assert [one.reason for one in jobs.results(place.book, "ports")] == [
        "voicetel/voicetel is not one of this worker's accounts"
    ]


def test_details_that_are_none_are_refused(place):
    with pytest.raises(InvalidInput, match="PortDetails"):
        jobs.fill(["ports:000001"], ports=["pin"])


def test_a_worker_that_lacks_something_does_not_keep_others_from_the_order(place):
    place.submit(ONE)
    for _ in range(3):
        place.work(ports=None)
        place.phone.recover(deadline=10)
    assert place.book.due_tasks() == ["ports:000001"]
    place.work()
    assert place.submitted() == 1


@pytest.mark.parametrize("status", [400, 402])
def test_an_order_that_was_refused_and_stands_there_after_all_is_not_made_again_by_a_resumption(place, status):
    place.played._is_porting_in = lambda _: False  # its answer about portability does not know of it
    place.played.faults.add(Fault(kind="error", status=status, done=True, operation="port_submit", times=1))
    place.submit(ONE)
    place.work()
    assert told(place) == [(ONE, "failed", PortState.REFUSED)]
    assert jobs.resume(place.book, "ports") == 1
    place.work()
    assert told(place) == [(ONE, "open", PortState.NEEDS_LOA)]
    assert (place.submitted(), len(place.played.account.ports)) == (1, 1)


def test_a_number_that_cannot_be_ported_any_more_ends_though_its_first_order_was_not_sent(place):
    place.played.faults.add(Fault(kind="refuse", operation="port_submit", times=1))
    place.submit(ONE)
    place.work()
    assert told(place)[0][1] == "open"
    place.played._is_porting_in = lambda _: True
    place.clock.advance(3700.0)
    place.phone.recover(deadline=20, ports=[place.details])
    (row,) = jobs.results(place.book, "ports")
    assert (row.outcome, row.reason) == ("failed", "it cannot be ported now: A port is in progress")


def test_a_job_whose_account_no_worker_has_can_be_cancelled(place):
    place.submit(ONE)
    stranger, _ = phone_of(place.book, "leadping")
    with stranger:
        stranger.recover(deadline=5)
        assert jobs.cancel(place.book, "ports") == 1
    assert jobs.status(place.book, "ports").open == 0


def test_tasks_that_a_worker_passes_on_do_not_hide_the_others(place, monkeypatch):
    monkeypatch.setattr(journal_tasks, "LISTED", 2)
    for at in range(3):
        jobs.submit_ports(place.book, [TWO], "voicetel/other", name=f"a{at}", max_fee=Money("600"))
    place.submit(ONE)
    for _ in range(3):
        place.clock.advance(61.0)
        place.phone.recover(deadline=20, ports=[place.details])
    assert place.submitted() == 1


def test_an_amount_that_is_written_otherwise_is_the_same_order(place):
    place.submit(ONE, max_fee=Money("60"))
    assert place.submit(ONE, max_fee=Money("60.00")).is_new is False
