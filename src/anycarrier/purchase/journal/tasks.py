"""Tasks on record: the parts of a plan and the port orders that a job has, each done by one worker at a time.

A claim is a lease, as that of an item: what a worker knows of the numbers of its task is written only as long as it has
the lease, or once the job was cancelled.
"""

# ruff: noqa: S608 - only constants of this package are put into SQL; values are always bound

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence

from anycarrier.errors import InvalidInput
from anycarrier.purchase.journal.claims import DAY, HELD, LONGEST_LEASE
from anycarrier.purchase.journal.database import Transaction
from anycarrier.purchase.journal.job_records import RECENT, JobKind, JobRecord, JobState
from anycarrier.purchase.journal.jobs import PAGE, Jobs
from anycarrier.purchase.journal.task_records import (
    NUMBER,
    NewTask,
    Standing,
    TaskCounts,
    TaskNumber,
    TaskRecord,
    number_of,
)
from anycarrier.purchase.journal.types import CANCELLED

__all__ = ["NewTask", "Standing", "TaskCounts", "TaskNumber", "TaskRecord", "Tasks"]

LISTED = 1000
"""Tasks that are named at once."""


class Tasks(Jobs):
    """The part of a journal that has the tasks. See :class:`anycarrier.purchase.journal.Journal`."""

    def create_task_job(
        self,
        name: str,
        kind: JobKind,
        digest: str,
        tasks: Sequence[NewTask],
        within: Callable[[Transaction, Sequence[str]], None] | None = None,
    ) -> tuple[JobRecord, bool]:
        """Record a job with its tasks in one transaction; the job on record, and whether it is new.

        Args:
            name: its name.
            kind: what it does.
            digest: of all that it does.
            tasks: its tasks, at least one. Each gets an id of the name and its place, such as ``move:000001``.
            within: called within the transaction with the ids of the tasks, for a new job.

        Raises:
            InvalidInput: the name was used for another job.
        """
        ids = [f"{name}:{place:06}" for place in range(1, len(tasks) + 1)]
        with self._database.transaction() as tx:
            made = tx.rows(
                "INSERT INTO anycarrier_job(name, kind, digest, orders, numbers, set_ups, state, created)"
                " VALUES (?, ?, ?, ?, ?, 0, 'OPEN', ?) ON CONFLICT (name) DO NOTHING RETURNING id",
                name,
                kind.value,
                digest,
                len(tasks),
                sum(len(one.numbers) for one in tasks),
                tx.time(),
            )
            if made:
                job_id = made[0][0]
                rows = ((task_id, job_id, one.body) for task_id, one in zip(ids, tasks, strict=True))
                tx.insert_many("anycarrier_task", ("id", "job_id", "body"), rows)
                places = ((task_id, *place) for task_id, one in zip(ids, tasks, strict=True) for place in one.numbers)
                numbers = (
                    (task_id, line, provider, account, str(number))
                    for line, (task_id, provider, account, number) in enumerate(places, 1)
                )
                tx.insert_many("anycarrier_task_number", ("task_id", "line", "provider", "account", "e164"), numbers)
                if within is not None:
                    within(tx, ids)
            job = self._job(tx, name)
        assert job is not None  # noqa: S101 - it was there, or was recorded
        if (job.kind, job.digest) != (kind, digest):
            raise InvalidInput(f"job {name!r} was submitted already, and is about something else; choose another name")
        return job, bool(made)

    def claim_task(self, task_id: str, owner: str) -> TaskRecord | None:
        """Claim a task for *owner*; ``None`` where there is nothing to do for it now, or another worker has it."""
        with self._database.transaction() as tx:
            now = tx.time()
            self._free_abandoned(tx)
            if owner in self._gone or not tx.run(
                "UPDATE anycarrier_task SET owner = ?, lease_until = ? WHERE id = ? AND claimable = 1"
                f" AND {_DUE} AND NOT {HELD}",
                owner,
                now + self.lease,
                task_id,
                now,
                now + DAY,
                now,
                now + LONGEST_LEASE,
            ):
                return None
            row = tx.rows(
                "SELECT j.kind, j.state, t.body, t.round, t.tries, j.id FROM anycarrier_task t"
                " JOIN anycarrier_job j ON j.id = t.job_id WHERE t.id = ?",
                task_id,
            )[0]
            numbers = tx.rows(f"SELECT {NUMBER} FROM anycarrier_task_number WHERE task_id = ? ORDER BY line", task_id)
        return TaskRecord(
            id=task_id,
            job_id=row[5],
            kind=JobKind(row[0]),
            is_cancelled=row[1] == JobState.CANCELLED,
            body=row[2],
            round=row[3],
            tries=row[4],
            numbers=tuple(map(number_of, numbers)),
        )

    def hold_task(self, task_id: str, owner: str, *, extend: bool, begins: bool = False) -> Standing:
        """The standing of *owner* towards a task.

        Args:
            extend: extend the lease.
            begins: note that something of the task is about to be sent, with an extended lease.
        """

        def work(tx: Transaction) -> Standing:
            sets = "lease_until = ?, begun = 1" if begins else "lease_until = ?"
            until = tx.time() + self.lease if extend else 0.0
            mine = not extend or tx.run(f"UPDATE anycarrier_task SET {sets} WHERE {_MINE}", until, task_id, owner)
            rows = tx.rows(
                "SELECT j.state, t.owner, t.claimable FROM anycarrier_task t JOIN anycarrier_job j ON j.id = t.job_id"
                " WHERE t.id = ?",
                task_id,
            )
            # Whoever has it: nothing of a cancelled job is begun.
            if rows and rows[0][0] == JobState.CANCELLED:
                return Standing.CANCELLED
            return Standing.MINE if mine and rows and [*rows[0][1:]] == [owner, 1] else Standing.LOST

        return self._twice(work) if extend else self._read(work)

    def write_task_numbers(self, task_id: str, owner: str, numbers: Sequence[TaskNumber]) -> bool:
        """Record what is known of numbers of a task, and extend the lease; ``False`` where *owner* has it no more."""

        def work(tx: Transaction) -> bool:
            now = tx.time()
            if not tx.run(
                f"UPDATE anycarrier_task SET lease_until = ? WHERE {_MINE}", now + self.lease, task_id, owner
            ):
                return False
            for one in self._closing(tx, task_id, numbers):
                tx.run(
                    "UPDATE anycarrier_task_number SET state = ?, is_open = ?, reason = ?, detail = ?, ended = ?"
                    " WHERE task_id = ? AND line = ?",
                    one.state,
                    int(one.is_open),
                    one.reason,
                    json.dumps(dict(one.detail)) if one.detail else None,
                    None if one.is_open else now,
                    task_id,
                    one.line,
                )
            return True

        return self._twice(work)

    def leave_task(self, task_id: str, owner: str, *, wait: float, tries: int, reason: str) -> None:
        """End the claim of *owner*, if it has it still: the task goes on after *wait* seconds, unless all its numbers
        have ended."""

        def work(tx: Transaction) -> None:
            tx.run(
                "UPDATE anycarrier_task SET owner = NULL, lease_until = 0, resume_at = ?, tries = ?, reason = ?,"
                f" claimable = CASE WHEN {_HAS_OPEN} THEN 1 ELSE 0 END"
                f" WHERE {_MINE}",
                tx.time() + wait,
                tries,
                reason,
                task_id,
                owner,
            )

        self._twice(work)

    def open_tasks(self, job_id: int) -> Iterator[str]:
        """Ids of a job's tasks for which there is something to do, or to wait for, page by page."""
        after = ""
        sql = f"SELECT id FROM anycarrier_task WHERE job_id = ? AND id > ? AND claimable = 1 ORDER BY id LIMIT {PAGE}"
        while page := self._page(sql, (job_id, after)):
            yield from (row[0] for row in page)
            after = page[-1][0]

    def count_open_tasks(self) -> int:
        """The number of tasks for which there is something to do, or to wait for."""
        count: int = self._read(lambda tx: tx.rows("SELECT count(*) FROM anycarrier_task WHERE claimable = 1"))[0][0]
        return count

    def due_tasks(self) -> list[str]:
        """Ids of the first tasks that can go on now, and that no worker has."""
        sql = (
            f"SELECT id FROM anycarrier_task WHERE claimable = 1 AND {_DUE} AND NOT {HELD}"
            f" ORDER BY resume_at, id LIMIT {LISTED}"
        )

        def work(tx: Transaction) -> list[str]:
            now = tx.time()
            return [row[0] for row in tx.rows(sql, now, now + DAY, now, now + LONGEST_LEASE)]

        return self._read(work)

    def tasks_left(self, task_ids: Sequence[str]) -> dict[str, bool]:
        """Those of some tasks that have not ended, each with whether it waits for a time."""
        if not task_ids:
            return {}
        marks = ", ".join("?" * len(task_ids))

        def work(tx: Transaction) -> dict[str, bool]:
            now = tx.time()
            rows = tx.rows(
                f"SELECT id, resume_at > ? AND owner IS NULL FROM anycarrier_task WHERE id IN ({marks})"
                " AND claimable = 1",
                now,
                *task_ids,
            )
            return {row[0]: bool(row[1]) for row in rows}

        return self._read(work)

    def task_counts(self, job_id: int) -> TaskCounts:
        """Count the numbers of a job's tasks."""
        of_job = "FROM anycarrier_task_number n JOIN anycarrier_task t ON t.id = n.task_id WHERE t.job_id = ?"

        def work(tx: Transaction) -> TaskCounts:
            now = tx.time()
            states = tx.rows(
                f"SELECT n.state, n.is_open, count(*) {of_job} GROUP BY n.state, n.is_open",
                job_id,
            )
            count, first = tx.rows(f"SELECT count(*), min(n.ended) {of_job} AND n.ended >= ?", job_id, now - RECENT)[0]
            return TaskCounts(
                states={(row[0], bool(row[1])): row[2] for row in states},
                recent=count,
                span=0.0 if first is None else max(0.0, now - first),
            )

        return self._read(work)

    def task_rows(self, job_id: int) -> Iterator[tuple[str, str, TaskNumber]]:
        """Every number of a job's tasks, page by page, with the id of its task and the reason for which that waits."""
        columns = ", ".join(f"n.{name}" for name in NUMBER.split(", "))
        sql = (
            f"SELECT {columns}, t.id, t.reason FROM anycarrier_task_number n JOIN anycarrier_task t ON t.id = n.task_id"
            f" WHERE t.job_id = ? AND (t.id, n.line) > (?, ?) ORDER BY t.id, n.line LIMIT {PAGE}"
        )
        after: tuple[str, int] = ("", 0)
        while page := self._page(sql, (job_id, *after)):
            yield from ((row[-2], row[-1], number_of(row)) for row in page)
            after = page[-1][-2], page[-1][0]

    def tasks(self) -> Iterator[dict[str, object]]:
        """Every task as JSON-able data, with what is known of its numbers, page by page."""
        sql = (
            "SELECT t.id, j.name, t.body, t.claimable, t.round, t.reason FROM anycarrier_task t"
            f" JOIN anycarrier_job j ON j.id = t.job_id WHERE t.id > ? ORDER BY t.id LIMIT {PAGE // 10}"
        )
        after = ""
        while page := self._page(sql, (after,)):
            for row in page:
                numbers = self._rows(
                    f"SELECT {NUMBER} FROM anycarrier_task_number WHERE task_id = ? ORDER BY line", row[0]
                )
                made = dict(zip(("id", "job", "body", "claimable", "round", "reason"), row, strict=True))
                names = NUMBER.split(", ")
                yield {
                    **made,
                    "body": json.loads(row[2]),
                    "numbers": [_with_detail(dict(zip(names, one, strict=True))) for one in numbers],
                }
            after = page[-1][0]

    def cancel_tasks(self, job_id: int) -> int:
        """Close the tasks of a job that were not begun; how many numbers they have. Nothing of the others begins any
        more: their worker, or the next one, finds out what is under way."""

        def work(tx: Transaction) -> int:
            tx.run("UPDATE anycarrier_job SET state = 'CANCELLED' WHERE id = ?", job_id)
            tx.run("UPDATE anycarrier_task SET resume_at = 0 WHERE job_id = ? AND claimable = 1", job_id)
            return self._close_tasks(tx, "job_id = ? AND begun = 0 AND claimable = 1", job_id)

        return self._twice(work)

    def cancel_orders(self, job_id: int, reference: str) -> None:
        """Cancel the orders that tasks of a job have placed under a *reference*: its resumption opens them again."""

        def work(tx: Transaction) -> int:
            tx.run(
                "UPDATE anycarrier_intent SET job_id = ? WHERE job_id IS NULL AND request_id IN"
                " (SELECT id FROM anycarrier_request WHERE reference = ? AND job_id IS NULL)",
                job_id,
                reference,
            )
            tx.run("UPDATE anycarrier_request SET job_id = ? WHERE reference = ? AND job_id IS NULL", job_id, reference)
            return len(tx.rows("SELECT 1 FROM anycarrier_request WHERE job_id = ? LIMIT 1", job_id))

        if self._twice(work):
            self.cancel_job(job_id)

    def reopen_tasks(
        self,
        job_id: int,
        reached: Sequence[str],
        stays: Sequence[str],
        within: Callable[[Transaction, Sequence[str]], None] | None = None,
    ) -> int:
        """Open again what a cancellation closed, and what ended without being *reached*; how many numbers there is
        something to do for.

        Args:
            job_id: the job.
            reached: states in which a number has come to its end well.
            stays: states in which a number stays in its round: it is looked at again, and not begun anew.
            within: called within the transaction with the ids of the open tasks.
        """
        ended = f"is_open = 0 AND NOT {_among('state', reached)}"
        mine = "EXISTS (SELECT 1 FROM anycarrier_task t WHERE t.id = task_id AND t.job_id = ?)"
        has_ended = (
            f"EXISTS (SELECT 1 FROM anycarrier_task_number n WHERE n.task_id = anycarrier_task.id AND n.{ended})"
        )
        with self._database.transaction() as tx:
            tx.run("UPDATE anycarrier_job SET state = 'OPEN' WHERE id = ?", job_id)
            tx.run(f"UPDATE anycarrier_task SET round = round + 1 WHERE job_id = ? AND {has_ended}", job_id, *reached)
            tx.run(
                "UPDATE anycarrier_task_number SET is_open = 1, reason = '', ended = NULL,"
                f" round = CASE WHEN {_among('state', stays)} THEN round"
                f" ELSE (SELECT t.round FROM anycarrier_task t WHERE t.id = task_id) END WHERE {ended} AND {mine}",
                *stays,
                *reached,
                job_id,
            )
            tx.run(
                "UPDATE anycarrier_task SET claimable = 1, tries = 0, resume_at = 0, reason = ''"
                f" WHERE job_id = ? AND {_HAS_OPEN}",
                job_id,
            )
            ids = [
                row[0]
                for row in tx.rows(
                    "SELECT id FROM anycarrier_task WHERE job_id = ? AND claimable = 1 ORDER BY id", job_id
                )
            ]
            if within is not None:
                within(tx, ids)
            count: int = tx.rows(f"SELECT count(*) FROM anycarrier_task_number WHERE is_open = 1 AND {mine}", job_id)[
                0
            ][0]
            return count

    # -- within a transaction

    def _closing(self, tx: Transaction, task_id: str, numbers: Sequence[TaskNumber]) -> Sequence[TaskNumber]:
        """*numbers*, without those that close for a cancellation which was taken back meanwhile."""
        if all(one.reason != CANCELLED for one in numbers):
            return numbers
        lock = " FOR SHARE OF j" if self._database.dialect == "postgres" else ""
        state = tx.rows(
            "SELECT j.state FROM anycarrier_job j JOIN anycarrier_task t ON t.job_id = j.id WHERE t.id = ?" + lock,
            task_id,
        )[0][0]
        return numbers if state == JobState.CANCELLED else [one for one in numbers if one.reason != CANCELLED]

    def _close_tasks(self, tx: Transaction, where: str, *values: object) -> int:
        count = tx.run(
            f"{_CLOSE} WHERE is_open = 1 AND task_id IN (SELECT id FROM anycarrier_task WHERE {where})",
            CANCELLED,
            tx.time(),
            *values,
        )
        tx.run(f"UPDATE anycarrier_task SET claimable = 0, owner = NULL, lease_until = 0 WHERE {where}", *values)
        return count


_MINE = "id = ? AND owner = ? AND claimable = 1"
_HAS_OPEN = "EXISTS (SELECT 1 FROM anycarrier_task_number n WHERE n.task_id = anycarrier_task.id AND n.is_open = 1)"
_DUE = "(resume_at <= ? OR resume_at > ?)"
"""It can go on, in SQL; its values are now and a day after: a longer wait was written by a clock that was ahead."""
_CLOSE = "UPDATE anycarrier_task_number SET state = 'cancelled', is_open = 0, reason = ?, ended = ?"


def _with_detail(row: dict[str, object]) -> dict[str, object]:
    detail = row["detail"]
    return {**row, "detail": json.loads(detail) if isinstance(detail, str) else None}


def _among(column: str, values: Sequence[str]) -> str:
    return f"{column} IN ({', '.join('?' * len(values))})" if values else "1 = 0"
