"""Orders and their items on record, and the claims of workers on items.

A claim is a lease: the item belongs to its worker until the lease ends, and each of its writes extends it.
"""

# ruff: noqa: S608 - only constants of this package are put into SQL; values are always bound

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from anycarrier.errors import InvalidInput, JournalError
from anycarrier.model import Money
from anycarrier.purchase.journal import functions
from anycarrier.purchase.journal.changes import Changes
from anycarrier.purchase.journal.database import Database, Transaction
from anycarrier.purchase.journal.mapping import AHEAD, ENTRY, STATE, entry_of, state_values
from anycarrier.purchase.journal.reader import no_item, order_of, snapshot_of
from anycarrier.purchase.journal.types import JournalLost, LeaseLost, OpenItems, OrderRecord, Snapshot
from anycarrier.purchase.resolution import SEND_WITHIN, Instant, sane

if TYPE_CHECKING:
    from anycarrier.purchase.journal.places import JournalPlaces

__all__ = ["DAY", "HELD", "LONGEST_LEASE", "Claims"]

_ENTRY_AT = 2 + len(functions.ITEM) + len(functions.REQUEST)
"""The column of a claim with which its attempt begins."""

DAY = 86_400.0

LONGEST_LEASE = 3600.0
"""Seconds; a claim that lasts longer was written by a clock that was ahead, and is free."""

HELD = "(owner IS NOT NULL AND lease_until >= ? AND lease_until <= ?)"
"""A worker has the item, in SQL; its values are now and now plus :data:`LONGEST_LEASE`."""


class Claims(Changes):
    """The part of a journal that says who works on what. See :class:`anycarrier.purchase.journal.Journal`."""

    def __init__(self, database: Database, *, lease: float = 60.0, day_cap: Money | None = None) -> None:
        super().__init__(database)
        given: object = lease
        if not isinstance(given, int | float) or isinstance(given, bool) or not 0 < given <= LONGEST_LEASE:
            raise InvalidInput(f"lease must be a number of seconds, more than 0 and at most {LONGEST_LEASE:.0f}")
        cap: object = day_cap
        if not isinstance(cap, Money | None):
            raise InvalidInput(f"day_cap must be Money, such as Money('20'), got {type(cap).__name__}")
        self.lease = lease
        self.day_cap = day_cap
        self._abandoned: set[str] = set()
        self._places: JournalPlaces | None = None
        self._gone: set[str] = set()

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database, and of the claims of those who were interrupted."""
        if self._abandoned:
            try:
                with self._database.transaction() as tx:
                    self._free_abandoned(tx)
            except (JournalError, JournalLost):
                pass  # then their leases end by themselves
        if self._places is not None:
            self._places.close()
        self._database.close()

    @property
    def is_shared(self) -> bool:
        """Return whether several processes may write at once: on PostgreSQL."""
        return self._database.dialect == "postgres"

    def places(self) -> JournalPlaces:
        """Places in rate limits that all processes of this journal share.

        Raises:
            ConfigurationError: the journal is not on PostgreSQL.
        """
        if self._places is None:
            from anycarrier.purchase.journal.places import places_of

            self._places = places_of(self._database)
        return self._places

    def create(self, request: OrderRecord, quantity: int, valid_for: float) -> tuple[OrderRecord, list[str]]:
        """Record an order, unless it is there; the order on record, and the ids of its items, one for each number.

        Raises:
            InvalidInput: the request id was used for a different order.
        """
        if self._database.dialect == "postgres":
            return self._create_at_once(request, quantity, valid_for)
        with self._database.transaction() as tx:
            now = tx.time()
            mine = tx.run(
                "INSERT INTO anycarrier_request(id, digest, digest_version, criteria, created, valid_until, goal,"
                " reference, tags) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
                request.id,
                request.digest,
                request.digest_version,
                request.order,
                now,
                now + valid_for,
                request.goal.value,
                request.reference,
                json.dumps(dict(request.tags)) if request.tags else None,
            )
            for name, value in request.tags.items() if mine else ():
                tx.run("INSERT INTO anycarrier_tag(request_id, name, value) VALUES (?, ?, ?)", request.id, name, value)
            kept = _same(request, self._request(tx, request.id))
            for position in range(1, quantity + 1):
                tx.run(
                    "INSERT INTO anycarrier_intent(id, request_id, slot, state, claimable) VALUES (?, ?, ?, 'OPEN', 1)"
                    " ON CONFLICT (id) DO NOTHING",
                    f"{request.id}#{position}",
                    request.id,
                    position,
                )
            return kept, self._item_ids(tx, request.id)

    def _create_at_once(self, request: OrderRecord, quantity: int, valid_for: float) -> tuple[OrderRecord, list[str]]:
        with self._database.alone() as tx:
            is_new, row = functions.created(tx, request, quantity, valid_for)
        kept = _same(request, order_of(row))
        ids = [f"{request.id}#{position}" for position in range(1, quantity + 1)]
        return kept, ids if is_new else self.item_ids(request.id)

    def claim(self, item_id: str, owner: str) -> tuple[Snapshot, bool]:
        """The item, and whether it is *owner*'s now: there is something to do, and no other worker has a lease.

        A lease longer than any possible one was written by a clock that was ahead, and does not count.
        """
        if self._database.dialect == "postgres":
            snapshot, is_mine = self._claim_at_once(item_id, owner)
            if snapshot.request.created <= snapshot.now + AHEAD:
                return snapshot, is_mine
        with self._database.transaction() as tx:
            now = tx.time()
            self._free_abandoned(tx)
            # A worker that was interrupted while this waited for its turn claims nothing any more.
            mine = (
                0
                if owner in self._gone
                else tx.run(
                    "UPDATE anycarrier_intent SET owner = ?, lease_until = ?, resume_at = 0 WHERE id = ?"
                    " AND claimable = 1 AND (owner IS NULL OR owner = ? OR lease_until < ? OR lease_until > ?)",
                    owner,
                    now + self.lease,
                    item_id,
                    owner,
                    now,
                    now + LONGEST_LEASE,
                )
            )
            snapshot = self._snapshot(tx, item_id, now)
            if snapshot.request.created > now + AHEAD:
                self._mend_requests(tx, now)
                snapshot = self._snapshot(tx, item_id, now)
            return snapshot, mine == 1

    def _claim_at_once(self, item_id: str, owner: str) -> tuple[Snapshot, bool]:
        if self._abandoned:
            with self._database.transaction() as tx:
                self._free_abandoned(tx)
        with self._database.alone() as tx:
            claimant = None if owner in self._gone else owner
            rows = functions.claimed(tx, item_id, claimant, self.lease, LONGEST_LEASE)
        if owner in self._gone:
            self._abandoned.add(owner)  # interrupted meanwhile: another thread may have looked for its claim before
        if not rows:
            raise no_item(item_id)
        is_mine, now = rows[0][:2]
        entries = [entry_of(row[_ENTRY_AT:]) for row in rows if row[_ENTRY_AT] is not None]
        return snapshot_of(rows[0][2:], entries, now), is_mine

    def claim_next(self, owner: str, after: str = "", *, due: bool = False) -> str | None:
        """Claim for *owner* the first open item without a worker whose id follows *after*; ``None`` if there is none.

        *due* leaves out those that were let go until a time that has not come yet.
        """
        skip = "" if self._database.dialect == "sqlite" else " FOR UPDATE SKIP LOCKED"
        # A claim that is lost costs nothing, so it is one statement, which waits for no disk.
        with self._database.alone() as tx:
            self._free_abandoned(tx)
            if owner in self._gone:
                return None
            now = tx.now()
            waits = f" AND (resume_at <= {now} OR resume_at > {now} + {DAY})" if due else ""
            taken = tx.rows(
                f"UPDATE anycarrier_intent SET owner = ?, lease_until = {now} + ?, resume_at = 0 WHERE id ="
                " (SELECT id FROM anycarrier_intent WHERE claimable = 1 AND id > ?"
                f" AND (owner IS NULL OR lease_until < {now} OR lease_until > {now} + {LONGEST_LEASE})"
                f"{waits} ORDER BY id LIMIT 1{skip}) RETURNING id",
                owner,
                self.lease,
                after,
            )
            return str(taken[0][0]) if taken else None

    def open_items(self) -> OpenItems:
        """Numbers of the items for which there is something to do, and the time at which the next one can go on."""

        def work(tx: Transaction) -> OpenItems:
            now = tx.time()
            found = tx.rows(
                f"SELECT count(*), sum(CASE WHEN {HELD} THEN 1 ELSE 0 END), min(CASE WHEN {HELD} THEN NULL"
                " WHEN resume_at > ? AND resume_at <= ? THEN resume_at END)"
                " FROM anycarrier_intent WHERE claimable = 1",
                *(now, now + LONGEST_LEASE) * 2,
                now,
                now + DAY,
            )
            count, held_now, next_at = found[0]
            return OpenItems(count=count, held=held_now or 0, next_in=None if next_at is None else next_at - now)

        return self._read(work)

    def unclaimed_ids(self, most: int) -> list[str]:
        """Ids of the first items for which there is something to do and that no worker has, *most* at most."""
        sql = f"SELECT id FROM anycarrier_intent WHERE claimable = 1 AND NOT {HELD} ORDER BY id LIMIT ?"

        def work(tx: Transaction) -> list[str]:
            now = tx.time()
            return [row[0] for row in tx.rows(sql, now, now + LONGEST_LEASE, most)]

        return self._read(work)

    def release_claim(self, item_id: str, owner: str, resume_at: float = 0.0) -> None:
        """Release a claim of an item that can be continued from *resume_at* on, within a day."""
        with self._database.transaction() as tx:
            tx.run(
                "UPDATE anycarrier_intent SET owner = NULL, lease_until = 0, resume_at = ? WHERE id = ? AND owner = ?",
                resume_at,
                item_id,
                owner,
            )

    def abandon(self, owner: str) -> None:
        """Note that *owner* was interrupted, without touching the database: its claim is free from the next one on."""
        self._gone.add(owner)
        self._abandoned.add(owner)

    def release_all_claims(self) -> None:
        """Release every claim. Only if it is certain that no other process uses this journal."""
        with self._database.transaction() as tx:
            for table in ("anycarrier_intent", "anycarrier_switch", "anycarrier_task"):
                tx.run(f"UPDATE {table} SET owner = NULL, lease_until = 0 WHERE owner IS NOT NULL")

    def mend_times(self) -> None:
        """Correct times that a clock which was ahead has written."""
        with self._database.transaction() as tx:
            now = tx.time()
            rows = tx.rows(
                f"SELECT {ENTRY} FROM anycarrier_attempt WHERE last_sent > ? OR first_sent > ? OR next_at > ?",
                now + SEND_WITHIN + AHEAD,
                now + AHEAD,
                now + DAY + AHEAD,
            )
            self._mend_requests(tx, now)
            names = ", ".join(f"{name.strip()} = ?" for name in STATE.split(","))
            for entry in map(entry_of, rows):
                tx.run(
                    f"UPDATE anycarrier_attempt SET {names} WHERE id = ?",
                    *state_values(sane(entry.attempt, DAY, Instant(now, now))),
                    entry.id,
                )

    # -- within a transaction

    def _mend_requests(self, tx: Transaction, now: float) -> None:
        tx.run(
            "UPDATE anycarrier_request SET valid_until = valid_until - created + ?, created = ? WHERE created > ?",
            now,
            now,
            now + AHEAD,
        )

    def _free_abandoned(self, tx: Transaction) -> None:
        for owner in tuple(self._abandoned):
            for table in ("anycarrier_intent", "anycarrier_task"):
                tx.run(f"UPDATE {table} SET owner = NULL, lease_until = 0 WHERE owner = ?", owner)
            self._abandoned.discard(owner)

    def _fence(self, tx: Transaction, item_id: str, owner: str, now: float) -> None:
        if not tx.run(
            "UPDATE anycarrier_intent SET lease_until = ? WHERE id = ? AND owner = ? AND claimable = 1",
            now + self.lease,
            item_id,
            owner,
        ):
            raise LeaseLost(item_id)


def _same(request: OrderRecord, kept: OrderRecord | None) -> OrderRecord:
    if kept is None or not request.is_same(kept):
        raise InvalidInput(f"request id {request.id!r} was already used for a different order; choose a new one")
    return kept
