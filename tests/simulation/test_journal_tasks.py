"""Tasks in the journal, on each database: recorded whole, claimed by one worker at a time, cancelled and resumed."""

from __future__ import annotations

import pytest
from attrs import evolve

from anycarrier.errors import InvalidInput
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase.journal.job_records import JobKind
from anycarrier.purchase.journal.task_records import NewTask, Standing
from anycarrier.purchase.journal.types import CANCELLED

START = 1000.0


def number(at):
    return PhoneNumber(f"+1201555{100 + at:04}")


def task(*ats):
    return NewTask(body="{}", numbers=[("acme", "main", number(at)) for at in ats])


def submitted(book, *tasks, name="j", kind=JobKind.APPLY, **more):
    return book.create_task_job(name, kind, "d", tasks or (task(1, 2), task(3)), **more)[0]


def ended(book, task_id, state="done", owner="me", **more):
    record = book.claim_task(task_id, owner)
    rows = [evolve(one, state=state, is_open=False, **more) for one in record.numbers]
    assert book.write_task_numbers(task_id, owner, rows)
    book.leave_task(task_id, owner, wait=0.0, tries=0, reason="")


def rows(book, job):
    return [(task_id, one.line, one.state, one.is_open, one.reason) for task_id, _, one in book.task_rows(job.id)]


def test_a_job_is_there_with_all_its_tasks_and_numbers(book):
    calls = []
    job, is_new = book.create_task_job("j", JobKind.PORT, "d", [task(1, 2), task(3)], lambda tx, ids: calls.append(ids))
    assert (is_new, job.kind, job.orders, job.numbers) == (True, JobKind.PORT, 2, 3)
    assert calls == [["j:000001", "j:000002"]]
    assert list(book.open_tasks(job.id)) == book.due_tasks() == ["j:000001", "j:000002"]
    assert book.count_open_tasks() == 2
    assert rows(book, job) == [
        ("j:000001", 1, "", True, ""),
        ("j:000001", 2, "", True, ""),
        ("j:000002", 3, "", True, ""),
    ]
    assert (book.open_items().count, list(book.open_job_items(job.id))) == (0, [])


def test_the_same_job_again_is_the_same_and_another_is_refused(book):
    first = submitted(book)
    again, is_new = book.create_task_job("j", JobKind.APPLY, "d", [task(1, 2), task(3)])
    assert (again, is_new, book.count_open_tasks()) == (first, False, 2)
    for kind, digest in ((JobKind.PORT, "d"), (JobKind.APPLY, "other")):
        with pytest.raises(InvalidInput, match="something else"):
            book.create_task_job("j", kind, digest, [task(1)])


def test_a_job_that_is_not_committed_leaves_nothing(book):
    def fails(tx, ids):
        raise OSError("killed before the commit")

    with pytest.raises(OSError, match="killed"):
        submitted(book, within=fails)
    assert (book.jobs(), book.count_open_tasks()) == ([], 0)


def test_one_worker_at_a_time_has_a_task_until_its_lease_ends(book):
    submitted(book)
    record = book.claim_task("j:000001", "me")
    assert [one.number for one in record.numbers] == [number(1), number(2)]
    assert (record.kind, record.is_cancelled, record.round, record.tries) == (JobKind.APPLY, False, 0, 0)
    assert book.claim_task("j:000001", "you") is None
    assert book.due_tasks() == ["j:000002"]
    book.clock.now += 50
    assert book.hold_task("j:000001", "me", extend=False) is Standing.MINE
    assert book.hold_task("j:000001", "me", extend=True) is Standing.MINE
    book.clock.now += 50
    assert book.claim_task("j:000001", "you") is None
    book.clock.now += 50
    assert book.claim_task("j:000001", "you") is not None
    for extend in (True, False):
        assert book.hold_task("j:000001", "me", extend=extend) is Standing.LOST
    assert not book.write_task_numbers("j:000001", "me", [evolve(record.numbers[0], state="done")])
    book.leave_task("j:000001", "me", wait=0.0, tries=0, reason="")
    assert book.hold_task("j:000001", "you", extend=False) is Standing.MINE


def test_a_lease_of_a_clock_that_was_ahead_does_not_count(book):
    submitted(book)
    book.clock.now += 1_000_000
    assert book.claim_task("j:000001", "me")
    book.clock.now -= 1_000_000
    assert book.claim_task("j:000001", "you")
    book.leave_task("j:000001", "you", wait=2_000_000.0, tries=0, reason="")
    assert "j:000001" in book.due_tasks()  # nothing waits for longer than a day


def test_a_task_that_has_to_wait_is_left_alone_until_then(book):
    submitted(book, task(1))
    book.claim_task("j:000001", "me")
    book.leave_task("j:000001", "me", wait=30.0, tries=3, reason="the provider is down")
    assert (book.claim_task("j:000001", "you"), book.due_tasks()) == (None, [])
    assert book.tasks_left(["j:000001", "gone"]) == {"j:000001": True}
    assert [waits for _, waits, _ in book.task_rows(1)] == ["the provider is down"]
    book.clock.now += 31
    assert book.tasks_left(["j:000001"]) == {"j:000001": False}
    assert book.claim_task("j:000001", "you").tries == 3
    assert book.tasks_left([]) == {}


def test_a_task_ends_with_the_last_of_its_numbers(book):
    job = submitted(book, task(1, 2))
    record = book.claim_task("j:000001", "me")
    first, second = record.numbers
    assert book.write_task_numbers("j:000001", "me", [evolve(first, state="done", is_open=False, detail={"a": "b"})])
    book.leave_task("j:000001", "me", wait=0.0, tries=0, reason="")
    assert book.count_open_tasks() == 1
    assert book.claim_task("j:000001", "me").numbers[0].detail == {"a": "b"}
    book.write_task_numbers("j:000001", "me", [evolve(second, state="failed", is_open=False, reason="no")])
    book.leave_task("j:000001", "me", wait=0.0, tries=0, reason="")
    assert (book.count_open_tasks(), book.claim_task("j:000001", "me")) == (0, None)
    counts = book.task_counts(job.id)
    assert (counts.states, counts.recent, counts.span) == ({("done", False): 1, ("failed", False): 1}, 2, 0.0)
    book.clock.now += 100
    assert book.task_counts(job.id).recent == 0


def test_a_cancellation_closes_what_was_not_begun_and_a_worker_learns_of_it(book):
    job = submitted(book)
    book.claim_task("j:000001", "me")
    book.claim_task("j:000002", "another")  # which has sent nothing yet
    assert book.hold_task("j:000001", "me", extend=True, begins=True) is Standing.MINE
    assert book.cancel_tasks(job.id) == 1
    assert book.hold_task("j:000002", "another", extend=True, begins=True) is Standing.CANCELLED
    assert book.hold_task("j:000001", "me", extend=False) is Standing.CANCELLED
    assert list(book.open_tasks(job.id)) == ["j:000001"]
    book.leave_task("j:000001", "me", wait=0.0, tries=0, reason="")
    assert book.claim_task("j:000001", "you").is_cancelled
    assert rows(book, job)[2] == ("j:000002", 3, "cancelled", False, "it was cancelled")
    assert book.cancel_tasks(job.id) == 0


def test_a_worker_that_learned_of_a_cancellation_closes_nothing_once_it_was_taken_back(book):
    job = submitted(book)
    claimed = book.claim_task("j:000001", "me")
    assert book.hold_task("j:000001", "me", extend=True, begins=True) is Standing.MINE
    book.cancel_tasks(job.id)
    assert book.hold_task("j:000001", "me", extend=False) is Standing.CANCELLED
    book.reopen_tasks(job.id, [], [])
    closed = [evolve(one, state="cancelled", is_open=False, reason=CANCELLED) for one in claimed.numbers]
    book.write_task_numbers("j:000001", "me", closed)
    assert rows(book, job)[0][3] is True
    book.cancel_tasks(job.id)
    book.write_task_numbers("j:000001", "me", closed)
    assert rows(book, job)[0][2:] == ("cancelled", False, CANCELLED)


def test_a_resumption_opens_what_did_not_come_to_its_end_in_another_round(book):
    job = submitted(book, task(1), task(2), task(3), task(4))
    for at, state in enumerate(("done", "failed", "rejected"), 1):
        ended(book, f"j:{at:06}", state)
    assert book.cancel_tasks(job.id) == 1
    calls = []
    count = book.reopen_tasks(job.id, ["done"], ["rejected"], lambda tx, ids: calls.append(ids))
    assert (count, calls) == (3, [["j:000002", "j:000003", "j:000004"]])
    rounds = [book.claim_task(f"j:{at:06}", "me") for at in (2, 3, 4)]
    assert [(one.round, one.numbers[0].round) for one in rounds] == [(1, 1), (1, 0), (1, 1)]
    assert not any(one.is_cancelled for one in rounds)
    assert [one[2:] for one in rows(book, job)] == [
        ("done", False, ""),
        ("failed", True, ""),
        ("rejected", True, ""),
        ("cancelled", True, ""),
    ]


def test_a_resumption_of_a_kind_without_such_states_opens_all(book):
    job = submitted(book, task(1))
    ended(book, "j:000001")
    assert book.reopen_tasks(job.id, ["done"], []) == 0
    assert book.reopen_tasks(job.id, [], []) == 1
    assert book.claim_task("j:000001", "me").numbers[0].round == 1


def test_the_claim_of_a_worker_that_was_interrupted_is_free_from_the_next_one_on(book):
    submitted(book)
    book.claim_task("j:000001", "me")
    book.abandon("me")
    assert book.claim_task("j:000001", "me") is None
    assert book.claim_task("j:000001", "you") is not None


def test_many_numbers_are_read_page_by_page(book, monkeypatch):
    monkeypatch.setattr("anycarrier.purchase.journal.tasks.PAGE", 3)
    job = submitted(book, *(task(*range(at, at + 4)) for at in range(0, 20, 4)))
    assert [one.line for _, _, one in book.task_rows(job.id)] == [*range(1, 21)]
    assert len(list(book.open_tasks(job.id))) == 5
