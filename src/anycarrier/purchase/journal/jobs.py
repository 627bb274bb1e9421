"""Jobs on record: many orders that are worked on, counted and cancelled together."""

# ruff: noqa: S608 - only constants of this package are put into SQL; values are always bound

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from anycarrier.errors import InvalidInput
from anycarrier.purchase.journal.claims import HELD, LONGEST_LEASE
from anycarrier.purchase.journal.database import Transaction
from anycarrier.purchase.journal.job_records import (
    RECENT,
    JobCounts,
    JobKind,
    JobOrderRecord,
    JobRecord,
    JobState,
)
from anycarrier.purchase.journal.mapping import cost_of
from anycarrier.purchase.journal.spending import PAID
from anycarrier.purchase.journal.switches import Switches
from anycarrier.purchase.journal.types import (
    CANCELLED,
    AlreadyClaimed,
    AttemptRecord,
    Goal,
    ItemState,
    Snapshot,
)

__all__ = ["Jobs"]

T = TypeVar("T")

PAGE = 1000
"""Rows that are read at once."""


class Jobs(Switches):
    """The part of a journal that has the jobs. See :class:`anycarrier.purchase.journal.Journal`."""

    def create_job(
        self,
        name: str,
        digest: str,
        orders: Sequence[JobOrderRecord],
        within: Callable[[Transaction], None] | None = None,
    ) -> tuple[JobRecord, bool]:
        """Record a job with its orders and their items in one transaction; the job on record, and whether it is new.

        Args:
            name: its name.
            digest: of all its orders.
            orders: its orders, at least one.
            within: called within the transaction, once all is recorded, for a new job.

        Raises:
            InvalidInput: the name was used for other orders, or a request id of them is in use.
        """
        numbers = sum(one.quantity for one in orders)
        try:
            with self._database.transaction() as tx:
                now = tx.time()
                made = tx.rows(
                    "INSERT INTO anycarrier_job(name, digest, orders, numbers, set_ups, state, created)"
                    " VALUES (?, ?, ?, ?, ?, 'OPEN', ?) ON CONFLICT (name) DO NOTHING RETURNING id",
                    name,
                    digest,
                    len(orders),
                    numbers,
                    sum(one.request.goal is Goal.SET_UP for one in orders),
                    now,
                )
                if made:
                    self._insert_orders(tx, made[0][0], orders, now)
                    if within is not None:
                        within(tx)
                job = self._job(tx, name)
        except AlreadyClaimed:
            raise InvalidInput(f"request ids of job {name!r} are in use by other orders; choose another name") from None
        assert job is not None  # noqa: S101 - it was there, or was recorded
        if job.digest != digest:
            raise InvalidInput(
                f"job {name!r} was submitted already, with other orders, other accounts or another validity; under "
                "another name all of it would be bought once more"
            )
        return job, bool(made)

    def job(self, name: str) -> JobRecord | None:
        """The job of this name; ``None`` where there is none."""
        return self._read(lambda tx: self._job(tx, name))

    def jobs(self) -> list[JobRecord]:
        """All jobs, newest first."""
        rows = self._read(lambda tx: tx.rows(f"SELECT {_JOB} FROM anycarrier_job ORDER BY id DESC"))
        return [_job_of(row) for row in rows]

    def job_counts(self, job_id: int) -> JobCounts:
        """Count a job's items."""
        of_job = "FROM anycarrier_intent i JOIN anycarrier_attempt a ON a.intent_id = i.id WHERE i.job_id = ?"

        def work(tx: Transaction) -> JobCounts:
            now = tx.time()
            states = tx.rows(
                "SELECT state, claimable, count(*) FROM anycarrier_intent WHERE job_id = ? GROUP BY state, claimable",
                job_id,
            )
            # These are few, so they are found by an index of their own, and then those of the job among them.
            found = "FROM anycarrier_attempt a JOIN anycarrier_intent i ON i.id = a.intent_id WHERE i.job_id + 0 = ?"
            doubt = tx.rows(f"SELECT count(*) {found} AND a.state IN ('SENT','IN_DOUBT')", job_id)
            costs = tx.rows(
                f"SELECT a.price, a.setup, a.currency, count(*) {of_job} AND a.state IN {PAID}"
                " GROUP BY a.price, a.setup, a.currency",
                job_id,
            )
            recent = tx.rows(
                f"SELECT count(*), min(a.first_sent) {found} AND a.state IN ('PLACED','CONFIRMED')"
                " AND a.first_sent >= ?",
                job_id,
                now - RECENT,
            )
            failed = tx.rows(
                "SELECT count(*) FROM anycarrier_intent i JOIN anycarrier_request r ON r.id = i.request_id"
                " WHERE i.job_id = ? AND i.state = 'ACTIVE' AND i.claimable = 0 AND r.goal = 'SET_UP'"
                " AND EXISTS (SELECT 1 FROM anycarrier_job j WHERE j.id = ? AND j.set_ups > 0)",
                job_id,
                job_id,
            )
            count, first = recent[0]
            return JobCounts(
                states={(ItemState(row[0]), bool(row[1])): row[2] for row in states},
                in_doubt=doubt[0][0],
                costs=[(cost_of(row[0], row[1], row[2]), row[3]) for row in costs],
                recent=count,
                set_ups_failed=failed[0][0],
                span=0.0 if first is None else max(0.0, now - first),
                now=now,
            )

        return self._read(work)

    def open_job_items(self, job_id: int) -> Iterator[tuple[str, str]]:
        """Ids of a job's items for which there is something to do, each with its order's digest, page by page."""
        sql = (
            "SELECT i.id, r.digest FROM anycarrier_intent i JOIN anycarrier_request r ON r.id = i.request_id"
            f" WHERE i.job_id = ? AND i.id > ? AND i.claimable = 1 ORDER BY i.id LIMIT {PAGE}"
        )
        after = ""
        while page := self._page(sql, (job_id, after)):
            yield from ((row[0], row[1]) for row in page)
            after = page[-1][0]

    def open_of(self, item_ids: Sequence[str], *, free: bool = False) -> list[str]:
        """Those of some items for which there is something to do, in their order; *free* for those without a worker."""
        if not item_ids:
            return []
        sql = f"SELECT id FROM anycarrier_intent WHERE id IN ({', '.join('?' * len(item_ids))}) AND claimable = 1"

        def work(tx: Transaction) -> set[str]:
            if not free:
                return {row[0] for row in tx.rows(sql, *item_ids)}
            now = tx.time()
            return {row[0] for row in tx.rows(f"{sql} AND NOT {HELD}", *item_ids, now, now + LONGEST_LEASE)}

        found = self._read(work)
        return [one for one in item_ids if one in found]

    def cancel_job(self, job_id: int) -> int:
        """Close the items of a job that have nothing under way; how many. From then on nothing of it begins."""

        def mark(tx: Transaction) -> None:
            tx.run("UPDATE anycarrier_job SET state = 'CANCELLED' WHERE id = ?", job_id)
            tx.run("UPDATE anycarrier_request SET cancelled = 1 WHERE job_id = ?", job_id)

        self._twice(mark)
        lock = " FOR UPDATE" if self._database.dialect == "postgres" else ""
        page = (
            "SELECT id FROM anycarrier_intent WHERE job_id = ? AND id > ? AND claimable = 1 AND state = 'OPEN'"
            f" ORDER BY id LIMIT {PAGE}{lock}"
        )
        closed, after = 0, ""
        while True:

            def close(tx: Transaction, after: str = after) -> tuple[int, str | None]:
                # Locked first, in a statement of its own: a purchase that begins meanwhile is seen by the next one.
                ids = [row[0] for row in tx.rows(page, job_id, after)]
                if not ids:
                    return 0, None
                count = tx.run(
                    "UPDATE anycarrier_intent SET state = 'CANCELLED', claimable = 0, attempt_id = NULL, reason = ?,"
                    f" owner = NULL, lease_until = 0, resume_at = 0 WHERE id IN ({', '.join('?' * len(ids))})"
                    " AND NOT EXISTS (SELECT 1 FROM anycarrier_attempt a WHERE a.intent_id = anycarrier_intent.id"
                    " AND a.state IN ('SENT','IN_DOUBT','PLACED','CONFIRMED'))",
                    CANCELLED,
                    *ids,
                )
                return count, ids[-1]

            count, last = self._twice(close)
            closed += count
            if last is None:
                return closed
            after = last

    def reopen_job(
        self, job_id: int, within: Callable[[Transaction, Iterator[tuple[str, str]]], None] | None = None
    ) -> int:
        """Open again what a cancellation closed, what ended without a number, and set-ups that failed; how many items
        there is something to do for.

        Args:
            job_id: the job.
            within: called within the transaction with the open items, each with its order's digest.
        """
        valid_for = {
            "sqlite": "json_extract(criteria, '$.order.valid_for')",
            "postgres": "(criteria::json -> 'order' ->> 'valid_for')::double precision",
        }[self._database.dialect]

        def work(tx: Transaction) -> int:
            now = tx.time()
            tx.run("UPDATE anycarrier_job SET state = 'OPEN' WHERE id = ?", job_id)
            tx.run(
                f"UPDATE anycarrier_request SET cancelled = 0, valid_until = {valid_for} + ?"
                " WHERE job_id = ? AND cancelled = 1",
                now,
                job_id,
            )
            tx.run(
                "UPDATE anycarrier_intent SET state = 'OPEN', claimable = 1, reason = '', passed = '{}'"
                " WHERE job_id = ? AND state IN ('CANCELLED','REFUSED','EXHAUSTED')",
                job_id,
            )
            tx.run(
                "UPDATE anycarrier_intent SET claimable = 1, reason = '' WHERE job_id = ? AND state = 'ACTIVE'"
                " AND claimable = 0 AND EXISTS"
                " (SELECT 1 FROM anycarrier_request WHERE id = request_id AND goal = 'SET_UP')",
                job_id,
            )
            rows = tx.rows(
                "SELECT i.id, r.digest FROM anycarrier_intent i JOIN anycarrier_request r ON r.id = i.request_id"
                " WHERE i.job_id = ? AND i.claimable = 1 ORDER BY i.id",
                job_id,
            )
            if within is not None:
                within(tx, ((row[0], row[1]) for row in rows))
            return len(rows)

        with self._database.transaction() as tx:
            return work(tx)

    def job_rows(self, job_id: int) -> Iterator[tuple[Snapshot, AttemptRecord | None]]:
        """Every item of a job, page by page, with the attempt that says most about it: the one that has the number,
        else the one under way, else the last one."""
        sql = f"SELECT id FROM anycarrier_intent WHERE job_id = ? AND id > ? ORDER BY id LIMIT {PAGE}"
        after = ""

        def work(tx: Transaction) -> list[Snapshot]:
            ids = [row[0] for row in tx.rows(sql, job_id, after)]
            return self._snapshots(tx, ids, tx.time()) if ids else []

        while page := self._read(work):
            yield from ((snapshot, _telling(snapshot)) for snapshot in page)
            after = page[-1].item.id

    def connected(self, work: Callable[[Any], T]) -> T:
        """Call *work* with the connection of psycopg, in a transaction of its own; on PostgreSQL."""
        with self._database.transaction() as tx:
            return work(tx.connection)

    # -- within a transaction

    def _job(self, tx: Transaction, name: str) -> JobRecord | None:
        rows = tx.rows(f"SELECT {_JOB} FROM anycarrier_job WHERE name = ?", name)
        return _job_of(rows[0]) if rows else None

    def _insert_orders(self, tx: Transaction, job_id: int, orders: Sequence[JobOrderRecord], now: float) -> None:
        requests = (
            (
                one.request.id,
                one.request.digest,
                one.request.digest_version,
                one.request.order,
                now,
                now + one.valid_for,
                one.request.goal.value,
                one.request.reference,
                json.dumps(dict(one.request.tags)) if one.request.tags else None,
                job_id,
            )
            for one in orders
        )
        tx.insert_many("anycarrier_request", _REQUEST_COLUMNS, requests)
        items = (
            (f"{one.request.id}#{position}", one.request.id, position, "OPEN", 1, job_id)
            for one in orders
            for position in range(1, one.quantity + 1)
        )
        tx.insert_many("anycarrier_intent", ("id", "request_id", "slot", "state", "claimable", "job_id"), items)
        tags = ((one.request.id, name, value) for one in orders for name, value in one.request.tags.items())
        tx.insert_many("anycarrier_tag", ("request_id", "name", "value"), tags)


_REQUEST_COLUMNS = (
    "id",
    "digest",
    "digest_version",
    "criteria",
    "created",
    "valid_until",
    "goal",
    "reference",
    "tags",
    "job_id",
)
_JOB = "id, name, digest, orders, numbers, state, created, kind"


def _job_of(row: Sequence[Any]) -> JobRecord:
    return JobRecord(
        id=row[0],
        name=row[1],
        digest=row[2],
        orders=row[3],
        numbers=row[4],
        state=JobState(row[5]),
        created=row[6],
        kind=JobKind(row[7]),
    )


def _telling(snapshot: Snapshot) -> AttemptRecord | None:
    entries = snapshot.entries
    has_it = (entry for entry in entries if entry.id == snapshot.item.attempt_id)
    under_way = (entry for entry in entries if entry.live)
    return next(has_it, None) or next(under_way, None) or (entries[-1] if entries else None)
