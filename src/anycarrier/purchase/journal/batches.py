"""Many items at once: claimed, begun and recorded with a few statements, each time in one transaction.

What holds of one item holds of each of these: writes are fenced by its owner, and the unique indexes decide. A batch is
the attempts of one request, which orders a number for each of them: they share key and body.
"""

# ruff: noqa: S608 - only constants of this package are put into SQL; values are always bound

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256

from attrs import evolve

from anycarrier.attempt import Attempt, AttemptState
from anycarrier.model import Money
from anycarrier.purchase.journal.claims import DAY, LONGEST_LEASE
from anycarrier.purchase.journal.database import Transaction
from anycarrier.purchase.journal.mapping import (
    AHEAD,
    STATE,
    check_cap,
    is_watched,
    stamped,
    state_values,
)
from anycarrier.purchase.journal.spending import costs, spent_since
from anycarrier.purchase.journal.tasks import Tasks
from anycarrier.purchase.journal.types import (
    AttemptRecord,
    BatchItem,
    LeaseLost,
    NumbersClaimed,
    Recorded,
    Snapshot,
)

__all__ = ["Batches"]

LISTED = 10_000
"""Items of open batches that are read at most."""

_KINDS = {"id": "bigint", "n": "integer", "time": "double precision", "text": "text"}

_ONE = {"item": "text"}
_BEGUN = {"item": "text", "number": "text", "price": "text", "setup": "text", "currency": "text"}
_WRITTEN = {
    "attempt": "id", "state": "text", "first_sent": "time", "last_sent": "time", "sends": "n", "absent": "n",
    "unknown": "n", "next_at": "time", "no_replay": "n", "reason": "text", "order_id": "text", "watched": "n",
    "price": "text", "setup": "text", "currency": "text",
}  # fmt: skip
_ADVANCED = {"item": "text", "attempt": "id", "state": "text"}
_PASSED = {"item": "text", "account": "text", "reason": "text"}

_STAGES = {AttemptState.PLACED: "PLACED", AttemptState.CONFIRMED: "ACTIVE"}
"""By the state of an attempt that has a number: its item's state."""

_STATE = STATE.split(", ")


class Batches(Tasks):
    """The part of a journal for many items at once. See :class:`anycarrier.purchase.journal.Journal`."""

    def claim_many(self, item_ids: Sequence[str], owner: str) -> list[tuple[Snapshot, bool]]:
        """Each of these items, and whether it is *owner*'s now, as :meth:`claim` says it; an unknown one is left
        out."""
        table = self._table(_ONE)
        chosen = (
            f"SELECT id FROM anycarrier_intent WHERE id IN (SELECT item FROM {table}) AND claimable = 1"
            " AND (owner IS NULL OR owner = ? OR lease_until < ? OR lease_until > ?)"
        )
        if self._database.dialect != "sqlite":
            chosen += " FOR UPDATE SKIP LOCKED"  # another worker's by the time it would be read
        listed = json.dumps([[item] for item in item_ids])

        with self._database.transaction() as tx:
            now = tx.time()
            self._free_abandoned(tx)
            mine: set[str] = set()
            if owner not in self._gone:
                rows = tx.rows(
                    "UPDATE anycarrier_intent SET owner = ?, lease_until = ?, resume_at = 0"
                    f" WHERE id IN ({chosen}) RETURNING id",
                    owner,
                    now + self.lease,
                    listed,
                    owner,
                    now,
                    now + LONGEST_LEASE,
                )
                mine = {row[0] for row in rows}
            snapshots = self._snapshots(tx, item_ids, now)
            if any(one.request.created > now + AHEAD for one in snapshots):
                self._mend_requests(tx, now)
                snapshots = self._snapshots(tx, item_ids, now)
        return [(one, one.item.id in mine) for one in snapshots]

    def load_many(self, item_ids: Sequence[str]) -> list[Snapshot]:
        """Each of these items and its attempts, at one moment; an unknown one is left out."""
        return self._read(lambda tx: self._snapshots(tx, item_ids, tx.time()))

    def release_many(self, item_ids: Sequence[str], owner: str, resume_at: float = 0.0) -> None:
        """Release claims of items that can be continued from *resume_at* on, within a day."""
        with self._database.transaction() as tx:
            tx.run(
                "UPDATE anycarrier_intent SET owner = NULL, lease_until = 0, resume_at = ? WHERE owner = ?"
                f" AND id IN (SELECT item FROM {self._table(_ONE)})",
                resume_at,
                owner,
                json.dumps([[item] for item in item_ids]),
            )

    def open_batches(self) -> list[BatchItem]:
        """Items that are open and have an undecided attempt of a request that others share; some thousands at most."""
        shared = (
            "SELECT i.id, a.provider, a.account, a.key, a.next_at, count(*) OVER (PARTITION BY a.provider, a.account,"
            " a.key) AS shared FROM anycarrier_intent i JOIN anycarrier_attempt a ON a.intent_id = i.id"
            " AND a.state IN ('SENT','IN_DOUBT') WHERE i.claimable = 1"
        )
        sql = f"SELECT id, provider, account, key FROM ({shared}) b WHERE shared > 1 ORDER BY next_at, key, id LIMIT ?"
        rows = self._page(sql, (LISTED,))
        return [BatchItem(item_id=row[0], provider=row[1], account=row[2], key=row[3]) for row in rows]

    def begin_many(
        self,
        owner: str,
        attempts: Sequence[tuple[str, Attempt]],
        request_cap: Money | None = None,
        holder: str | None = None,
    ) -> list[AttemptRecord]:
        """Record the attempts of one request, each with the id of its item, before its first byte may leave: all of
        them, or none.

        *request_cap* and *holder* are those of :meth:`anycarrier.purchase.journal.Journal.begin`.

        Raises:
            LeaseLost: *owner* no longer owns one of the items, or it is not open.
            NumbersClaimed: items or numbers have a live attempt; the others may be begun without them.
            SpendCapExceeded: all of them together would exceed a spending cap.
        """
        first = attempts[0][1]
        listed = json.dumps([[item, *_begun(attempt)] for item, attempt in attempts])
        # Raises where price and set-up cost are in two currencies: the columns have one.
        every = [attempt.draft.first_month for _, attempt in attempts]
        with self._database.transaction() as tx:
            now = tx.time()
            if request_cap is not None or self.day_cap is not None:
                tx.take_turn()
                self._check_all_caps(tx, [item for item, _ in attempts], every, request_cap, now)
            self._fence_many(tx, [item for item, _ in attempts], owner, now)
            rows = tx.rows(
                f"INSERT INTO anycarrier_attempt(intent_id, seq, e164, price, setup, currency, provider, account, key,"
                f" body, body_sha256, holder, {STATE}) SELECT r.item, (SELECT coalesce(max(seq), 0) + 1 FROM"
                " anycarrier_attempt a WHERE a.intent_id = r.item), r.number, r.price, r.setup, r.currency,"
                f" {', '.join(self._bound(kind) for kind in _CONSTANT)} FROM {self._table(_BEGUN)} WHERE true"
                # In the order of the numbers, so that two who want the same ones wait for each other in one direction.
                " ORDER BY r.number ON CONFLICT DO NOTHING RETURNING id, intent_id, seq",
                first.draft.provider,
                first.draft.account,
                first.draft.key,
                first.draft.body,
                sha256(first.draft.body).hexdigest(),
                holder,
                *state_values(stamped(first, now, first=True)),
                listed,
            )
            begun = {row[1]: (row[0], row[2]) for row in rows}
            if len(begun) < len(attempts):
                # Undone, since the body names the others' numbers.
                raise NumbersClaimed({one.draft.number for item, one in attempts if item not in begun})
        return [
            AttemptRecord(
                id=begun[item][0], item_id=item, seq=begun[item][1], attempt=stamped(attempt, now, first=True)
            )
            for item, attempt in attempts
        ]

    def resend_many(self, entries: Sequence[AttemptRecord], owner: str) -> list[AttemptRecord]:
        """Record that the request of *entries*, each in its new state, is about to be sent once more.

        Raises:
            LeaseLost: *owner* no longer owns one of the items, or an attempt has ended.
        """
        with self._database.transaction() as tx:
            now = tx.time()
            self._fence_many(tx, [entry.item_id for entry in entries], owner, now)
            resent = [evolve(entry, attempt=stamped(entry.attempt, now)) for entry in entries]
            self._write_many(tx, resent)
        return resent

    def record_many(self, entries: Sequence[Recorded], owner: str) -> set[int]:
        """Record the outcome of a batch, in one transaction, and what it means for the items.

        An item that *owner* no longer owns is left out; the ids of the attempts that were recorded.

        Raises:
            LeaseLost: an attempt of an item that *owner* owns has ended.
        """
        having = [one for one in entries if one.entry.attempt.state in _STAGES]
        others = [one for one in entries if one.entry.attempt.state not in _STAGES]
        with self._database.transaction() as tx:
            now = tx.time()
            owned = self._advance_many(tx, [one.entry for one in having], owner) if having else set[str]()
            if others:
                owned |= self._fenced(tx, [one.entry.item_id for one in others], owner, now)
            mine = [one for one in entries if one.entry.item_id in owned]
            if mine:
                self._write_many(tx, [evolve(one.entry, watched=is_watched(one.entry.attempt)) for one in mine])
            passed = [[one.entry.item_id, *one.passed] for one in mine if one.passed is not None]
            if passed:
                self._pass_many(tx, passed)
        return {one.entry.id for one in mine}

    # -- within a transaction

    def _table(self, columns: dict[str, str]) -> str:
        """A table ``r`` in SQL with these columns, by the name of their kind, of one value: its rows as JSON."""
        if self._database.dialect == "sqlite":
            picked = ", ".join(f"json_extract(value, '$[{n}]') AS {name}" for n, name in enumerate(columns))
            return f"(SELECT {picked} FROM json_each(?)) AS r"
        picked = ", ".join(
            f"(value ->> {n})::{_KINDS[kind]} AS {name}" for n, (name, kind) in enumerate(columns.items())
        )
        return f"(SELECT {picked} FROM jsonb_array_elements(?::jsonb) AS value) AS r"

    def _bound(self, kind: str) -> str:
        """A bound value within a SELECT, where PostgreSQL does not know the kind of its column."""
        return "?" if self._database.dialect == "sqlite" else f"?::{kind}"

    def _fenced(self, tx: Transaction, item_ids: Sequence[str], owner: str, now: float) -> set[str]:
        """Those of these items that *owner* owns and that are open, their leases extended."""
        rows = tx.rows(
            "UPDATE anycarrier_intent SET lease_until = ? WHERE owner = ? AND claimable = 1"
            f" AND id IN (SELECT item FROM {self._table(_ONE)}) RETURNING id",
            now + self.lease,
            owner,
            json.dumps([[item] for item in item_ids]),
        )
        return {row[0] for row in rows}

    def _fence_many(self, tx: Transaction, item_ids: Sequence[str], owner: str, now: float) -> None:
        owned = self._fenced(tx, item_ids, owner, now)
        if lost := sorted({*item_ids} - owned):
            raise LeaseLost(", ".join(lost[:3]))

    def _write_many(self, tx: Transaction, entries: Sequence[AttemptRecord]) -> None:
        columns = ", ".join(f"{name} = r.{name}" for name in (*_STATE, "watched", "price", "setup", "currency"))
        rows = [[one.id, *state_values(one.attempt), int(one.watched), *_begun(one.attempt)[1:]] for one in entries]
        written = tx.run(
            f"UPDATE anycarrier_attempt AS a SET {columns} FROM {self._table(_WRITTEN)} WHERE a.id = r.attempt"
            " AND a.state IN ('SENT','IN_DOUBT')",
            json.dumps(rows),
        )
        if written != len(entries):
            raise LeaseLost(f"one of {len(entries)} attempts")

    def _advance_many(self, tx: Transaction, entries: Sequence[AttemptRecord], owner: str) -> set[str]:
        """Bring items of *owner* forward to the stages of their attempts; their ids."""
        rows = [[entry.item_id, entry.id, _STAGES[entry.attempt.state]] for entry in entries]
        goal = "(SELECT goal FROM anycarrier_request q WHERE q.id = i.request_id)"
        advanced = tx.rows(
            "UPDATE anycarrier_intent AS i SET state = r.state, attempt_id = r.attempt, reason = '', owner = NULL,"
            f" lease_until = 0, resume_at = 0, claimable = CASE WHEN {goal} IN ('PLACED', r.state) THEN 0 ELSE 1 END"
            f" FROM {self._table(_ADVANCED)} WHERE i.id = r.item AND i.owner = ? AND i.claimable = 1 RETURNING id",
            json.dumps(rows),
            owner,
        )
        for entry in entries:
            if entry.attempt.state is AttemptState.CONFIRMED and entry.seq > 1:
                self._learned(tx, entry)
        return {row[0] for row in advanced}

    def _learned(self, tx: Transaction, entry: AttemptRecord) -> None:
        """Watch earlier attempts to buy the number of *entry* no more: it is on the account."""
        draft = entry.attempt.draft
        tx.run(
            "UPDATE anycarrier_attempt SET watched = 0 WHERE intent_id = ? AND seq < ? AND watched = 1"
            " AND provider = ? AND account = ? AND e164 = ?",
            entry.item_id,
            entry.seq,
            draft.provider,
            draft.account,
            str(draft.number),
        )

    def _pass_many(self, tx: Transaction, passed: Sequence[Sequence[str]]) -> None:
        added = (
            "json_patch(passed, json_object(r.account, r.reason))"
            if self._database.dialect == "sqlite"
            else "(passed::jsonb || jsonb_build_object(r.account, r.reason))::text"
        )
        tx.run(
            f"UPDATE anycarrier_intent AS i SET passed = {added} FROM {self._table(_PASSED)} WHERE i.id = r.item",
            json.dumps(passed),
        )

    def _check_all_caps(
        self,
        tx: Transaction,
        item_ids: Sequence[str],
        every: Sequence[Money | None],
        request_cap: Money | None,
        now: float,
    ) -> None:
        """Raise ``SpendCapExceeded`` where the costs of *every* item together do not fit under a cap."""
        if request_cap is not None:
            orders = f"SELECT id, request_id FROM anycarrier_intent WHERE id IN (SELECT item FROM {self._table(_ONE)})"
            of = {row[0]: row[1] for row in tx.rows(orders, json.dumps([[item] for item in item_ids]))}
            wanted: dict[str, list[Money | None]] = {}
            for item_id, cost in zip(item_ids, every, strict=True):
                wanted.setdefault(of[item_id], []).append(cost)
            for request_id, new in wanted.items():
                of_request = "a.intent_id IN (SELECT id FROM anycarrier_intent WHERE request_id = ?)"
                check_cap("the order's", request_cap, new[0], [*new[1:], *costs(tx, of_request, request_id)])
        if self.day_cap is not None:
            spent = spent_since(tx, self._database.dialect, now - DAY)
            check_cap("the day's", self.day_cap, every[0], [*every[1:], *spent])


_CONSTANT = (
    "text", "text", "text", "bytea", "text", "text",
    "text", "double precision", "double precision", "integer", "integer", "integer", "double precision", "integer",
    "text", "text",
)  # fmt: skip
"""Kinds of the values that every attempt of a batch has alike: six, and those of ``STATE``."""


def _begun(attempt: Attempt) -> tuple[str, str | None, str | None, str | None]:
    """Number, price, set-up cost and currency of an attempt, as its columns have them."""
    draft = attempt.draft
    known = draft.price or draft.setup_price
    return (
        str(draft.number),
        None if draft.price is None else str(draft.price.amount),
        None if draft.setup_price is None else str(draft.setup_price.amount),
        None if known is None else known.currency,
    )
