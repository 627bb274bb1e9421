"""The purchase journal: every method is one transaction, committed when it returns.

The same SQL runs on SQLite and on PostgreSQL. Methods block; exchanges call them through
:class:`anycarrier.exchange.Call`. Writes about an item are fenced: only its owner makes them.
"""

# ruff: noqa: S608 - only constants of this package are put into SQL; values are always bound

from __future__ import annotations

import json

from attrs import evolve

from anycarrier.attempt import Attempt, AttemptState
from anycarrier.model import Money
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase.journal import functions
from anycarrier.purchase.journal.batches import Batches
from anycarrier.purchase.journal.claims import DAY
from anycarrier.purchase.journal.database import Transaction
from anycarrier.purchase.journal.mapping import (
    ANOTHERS,
    ENTRY,
    LATE,
    STATE,
    check_cap,
    draft_values,
    entry_of,
    is_watched,
    stamped,
    state_values,
)
from anycarrier.purchase.journal.spending import PAID, costs, spent_since
from anycarrier.purchase.journal.types import (
    AttemptRecord,
    Caps,
    ItemState,
    LeaseLost,
)

__all__ = ["Journal"]

_LIVE = "('SENT','IN_DOUBT','PLACED','CONFIRMED')"
_COLUMNS = "intent_id, seq, provider, account, e164, key, body, body_sha256, price, setup, currency, holder, " + STATE
_BEGIN = (
    f"INSERT INTO anycarrier_attempt({_COLUMNS}) VALUES"
    " (?, (SELECT coalesce(max(seq), 0) + 1 FROM anycarrier_attempt WHERE intent_id = ?),"
    f" {', '.join('?' for _ in _COLUMNS.split(',')[2:])}) RETURNING id, seq"
)
_STAGES = {AttemptState.PLACED: ("PLACED", "('PLACED')"), AttemptState.CONFIRMED: ("ACTIVE", "('PLACED','ACTIVE')")}
"""By the state of an attempt that has a number: its item's state, and the goals that this reaches."""

_SEEN_NOW = "last_sent = ?, absent = 0, unknown = 0, next_at = 0, no_replay = 1"
"""Columns of an attempt that turned up: the looks and the refusal that gave it up prove nothing any more."""


class Journal(Batches):
    """Purchases on record, in one database.

    Args:
        database: see :func:`anycarrier.purchase.journal.open`.
        lease: seconds for which an item belongs to its worker, from its last write; must be longer than the total
            timeout of a purchase request and :data:`anycarrier.purchase.resolution.SEND_WITHIN` together.
        day_cap: no attempt begins whose first month, price and set-up cost, would raise the cost of all begun within
            24 hours beyond this.
    """

    def __enter__(self) -> Journal:
        return self

    # -- attempts

    def begin(
        self,
        item_id: str,
        owner: str,
        attempt: Attempt,
        request_cap: Money | None = None,
        holder: str | None = None,
    ) -> AttemptRecord:
        """Record an attempt before its first byte may leave.

        *holder* identifies the account under any name, see :attr:`anycarrier.engine.accounts.Account.holder`.

        Raises:
            LeaseLost: *owner* no longer owns the item, or it is not open.
            AlreadyClaimed: the item or the number has a live attempt.
            SpendCapExceeded: the spending cap would be exceeded, or cannot be checked because a price is unknown.
        """
        draft = attempt.draft
        caps = Caps(request=request_cap, day=self.day_cap)
        cost = draft.first_month  # raises where price and set-up cost are in two currencies: the columns have one
        if self._database.dialect == "postgres":
            return self._begin_at_once(item_id, owner, attempt, caps, holder)
        # Every worker that is about to spend waits here, so that each sees the spending of the others.
        with self._database.transaction(turn=bool(caps)) as tx:
            now = tx.time()
            self._check_caps(tx, item_id, cost, caps, now)
            self._fence(tx, item_id, owner, now)
            attempt = stamped(attempt, now, first=True)
            row = tx.rows(
                _BEGIN,
                item_id,
                item_id,
                *draft_values(attempt.draft),
                holder,
                *state_values(attempt),
            )
            return AttemptRecord(id=row[0][0], item_id=item_id, seq=row[0][1], attempt=attempt)

    def _begin_at_once(
        self, item_id: str, owner: str, attempt: Attempt, caps: Caps, holder: str | None
    ) -> AttemptRecord:
        with self._database.transaction(turn=True) if caps else self._database.alone() as tx:
            if caps:
                self._check_caps(tx, item_id, attempt.draft.first_month, caps, tx.time())
            entry = functions.begun(tx, item_id, owner, self.lease, attempt, holder)
            if entry is None:
                raise LeaseLost(item_id)
            return entry

    def resend(self, entry: AttemptRecord, owner: str, attempt: Attempt) -> AttemptRecord:
        """Record that an attempt is about to be sent once more.

        Raises:
            LeaseLost: *owner* no longer owns the item, or the attempt has ended.
        """
        with self._database.transaction() as tx:
            now = tx.time()
            self._fence(tx, entry.item_id, owner, now)
            attempt = stamped(attempt, now)
            self._write(tx, entry.id, attempt, watched=False)
        return evolve(entry, attempt=attempt)

    def record(
        self, entry: AttemptRecord, owner: str, attempt: Attempt, passed: tuple[str, str] | None = None
    ) -> AttemptRecord:
        """Record the state of an attempt, and in the same transaction what it means for its item: one that is placed or
        confirmed brings it forward, and one that fails after it was placed opens it again.

        The record says whether it fulfilled the item's order, so that no worker has to look.

        *passed* is an account to skip from now on for this item, and the reason.

        Raises:
            LeaseLost: *owner* no longer owns the item, or the attempt has ended.
        """
        watched = is_watched(attempt)
        fulfilled = False
        if passed is None and self._database.dialect == "postgres":
            with self._database.alone() as tx:
                claimable = functions.recorded(tx, entry, owner, self.lease, attempt)
            if claimable is None:
                raise LeaseLost(entry.item_id)
            return evolve(entry, attempt=attempt, watched=watched, fulfilled=not claimable)
        with self._database.transaction() as tx:
            self._fence(tx, entry.item_id, owner, tx.time())
            self._write(tx, entry.id, attempt, watched=watched)
            draft = attempt.draft
            if draft.price is not None and draft.first_month != entry.attempt.draft.first_month:
                # What was charged, where the answer says it: the caps count that from now on.
                tx.run(
                    "UPDATE anycarrier_attempt SET price = ?, setup = ?, currency = ? WHERE id = ?",
                    str(draft.price.amount),
                    None if draft.setup_price is None else str(draft.setup_price.amount),
                    draft.price.currency,
                    entry.id,
                )
            if attempt.state in _STAGES:
                fulfilled = self._advance(tx, entry, attempt.state)
            elif entry.attempt.state is AttemptState.PLACED:
                tx.run("UPDATE anycarrier_intent SET state = 'OPEN', attempt_id = NULL WHERE id = ?", entry.item_id)
            if passed is not None:
                self._pass(tx, entry.item_id, *passed)
        return evolve(entry, attempt=attempt, watched=watched, fulfilled=fulfilled)

    def skip_account(self, item_id: str, owner: str, account: str, reason: str) -> None:
        """Skip *account* for this item from now on; *reason* says why."""
        with self._database.transaction() as tx:
            self._fence(tx, item_id, owner, tx.time())
            self._pass(tx, item_id, account, reason)

    def end(self, item_id: str, owner: str, state: ItemState, reason: str) -> None:
        """Close or park an open item and release the claim."""
        with self._database.transaction() as tx:
            self._fence(tx, item_id, owner, tx.time())
            tx.run(
                "UPDATE anycarrier_intent SET state = ?, claimable = 0, attempt_id = NULL, reason = ?, owner = NULL,"
                " lease_until = 0 WHERE id = ?",
                state.value,
                reason,
                item_id,
            )

    # -- afterwards

    def unwatch(self, entry: AttemptRecord) -> None:
        """Take an attempt off the watch list."""
        with self._database.transaction() as tx:
            tx.run("UPDATE anycarrier_attempt SET watched = 0 WHERE id = ?", entry.id)

    def reopen(self, entry: AttemptRecord, attempt: Attempt) -> None:
        """Reopen a parked item whose provider has answered; *attempt* is its present state."""
        with self._database.transaction() as tx:
            if tx.run(
                "UPDATE anycarrier_intent SET state = 'OPEN', claimable = 1, reason = '', resume_at = 0 WHERE id = ?"
                " AND state = 'PARKED'",
                entry.item_id,
            ):
                self._write(tx, entry.id, attempt, watched=is_watched(attempt))
                if attempt.state in _STAGES:
                    self._advance(tx, entry, attempt.state)

    def found_late(self, entry: AttemptRecord, seen: AttemptState = AttemptState.CONFIRMED) -> AttemptState | None:
        """Record that the number of a refused or refuted attempt was bought after all; *seen* is ``PLACED`` while its
        provider sets it up.

        Returns *seen* if its item still lacked a number and takes this one, ``ORPHAN`` if it has or is buying another,
        or wants none any more, ``None`` if the number is on record already.
        """
        with self._database.transaction() as tx:
            # Locks the item's row, so that what is read next stays true.
            tx.run("UPDATE anycarrier_intent SET slot = slot WHERE id = ?", entry.item_id)
            fresh = entry_of(tx.rows(f"SELECT {ENTRY} FROM anycarrier_attempt WHERE id = ?", entry.id)[0])
            if not is_watched(fresh.attempt):
                return None
            draft = fresh.attempt.draft
            if tx.rows(
                f"SELECT 1 FROM anycarrier_attempt WHERE provider = ? AND account = ? AND e164 = ? AND state IN {PAID}",
                draft.provider,
                draft.account,
                str(draft.number),
            ):
                # Another attempt has or is buying this very number: a number is owned once, so it is that one's.
                return None
            free = tx.rows(
                "SELECT 1 FROM anycarrier_intent WHERE id = ?"
                " AND state IN ('OPEN','REFUSED','EXHAUSTED','PARKED') AND NOT EXISTS"
                f" (SELECT 1 FROM anycarrier_attempt WHERE intent_id = ? AND state IN {_LIVE})",
                entry.item_id,
                entry.item_id,
            )
            state = seen if free else AttemptState.ORPHAN
            tx.run(
                f"UPDATE anycarrier_attempt SET {_SEEN_NOW}, state = ?, watched = 0, reason = ? WHERE id = ?",
                tx.time(),
                state.value,
                LATE,
                entry.id,
            )
            if free:
                self._advance(tx, entry, state)
            return state

    def adopt(self, entry: AttemptRecord, owner: str) -> bool:
        """Give an orphan to its own item, which lacks a number; whether it takes it. A look then says whether it is
        active.

        The item does not take it if another attempt has or is buying the number by now: a number is owned once, so it
        is that one's.

        Raises:
            LeaseLost: *owner* no longer owns the item.
            AlreadyClaimed: another attempt for the number began at this very moment.
        """
        with self._database.transaction() as tx:
            now = tx.time()
            self._fence(tx, entry.item_id, owner, now)
            taken = tx.rows(
                "SELECT 1 FROM anycarrier_attempt o JOIN anycarrier_attempt a ON a.e164 = o.e164"
                " AND ((a.provider = o.provider AND a.account = o.account) OR a.holder = o.holder)"
                f" WHERE o.id = ? AND a.id <> o.id AND a.state IN {_LIVE}",
                entry.id,
            )
            if taken:
                tx.run(
                    "UPDATE anycarrier_attempt SET state = 'REFUTED', watched = 0, reason = ? WHERE id = ?"
                    " AND state = 'ORPHAN'",
                    ANOTHERS,
                    entry.id,
                )
                return False
            if tx.run(
                f"UPDATE anycarrier_attempt SET {_SEEN_NOW}, state = 'PLACED' WHERE id = ? AND state = 'ORPHAN'",
                now,
                entry.id,
            ):
                self._advance(tx, entry, AttemptState.PLACED)
            return True

    def released(self, provider: str, account: str, number: PhoneNumber) -> bool:
        """Record that a number was released or transferred, so that it may be bought again one day; whether it was on
        record."""
        where = "provider = ? AND account = ? AND e164 = ?"
        of = (provider, account, str(number))
        # One that is being set up, by its provider or by us, is not waited for any more, and a silence neither.
        items = (
            "UPDATE anycarrier_intent SET state = 'CANCELLED', claimable = 0, attempt_id = NULL, owner = NULL,"
            " lease_until = 0, reason = 'its number was released'"
            " WHERE (state = 'PARKED' OR (state IN ('PLACED','ACTIVE') AND claimable = 1)) AND id IN"
            f" (SELECT intent_id FROM anycarrier_attempt WHERE {where} AND state IN ('PLACED','CONFIRMED'))"
        )
        attempts = (
            f"UPDATE anycarrier_attempt SET state = 'RELEASED' WHERE {where}"
            " AND state IN ('PLACED','CONFIRMED','ORPHAN')"
        )

        def work(tx: Transaction) -> bool:
            tx.run(items, *of)
            return tx.run(attempts, *of) > 0

        return self._twice(work)

    def release_in_doubt(self, provider: str, account: str, number: PhoneNumber, what: str) -> bool:
        """Record that a number was perhaps released or transferred: *what* says it in words. It stays on record as
        bought until that is known. Whether it was on record."""
        sql = (
            "UPDATE anycarrier_attempt SET reason = ? WHERE provider = ? AND account = ? AND e164 = ?"
            " AND state IN ('PLACED','CONFIRMED','ORPHAN')"
        )
        return self._twice(lambda tx: tx.run(sql, what, provider, account, str(number)) > 0)

    # -- within a transaction

    def _write(self, tx: Transaction, entry_id: int, attempt: Attempt, *, watched: bool) -> None:
        names = ", ".join(f"{name.strip()} = ?" for name in STATE.split(","))
        if not tx.run(
            f"UPDATE anycarrier_attempt SET {names}, watched = ? WHERE id = ?"
            " AND state IN ('SENT','IN_DOUBT','PLACED')",
            *state_values(attempt),
            int(watched),
            entry_id,
        ):
            raise LeaseLost(str(entry_id))

    def _advance(self, tx: Transaction, entry: AttemptRecord, state: AttemptState) -> bool:
        """Bring an item forward to the stage of its attempt, free of its worker; whether that fulfills its order."""
        item_state, goals = _STAGES[state]
        advanced = tx.rows(
            "UPDATE anycarrier_intent SET state = ?, attempt_id = ?, reason = '', owner = NULL, lease_until = 0,"
            " resume_at = 0, claimable = CASE WHEN (SELECT goal FROM anycarrier_request WHERE id = request_id)"
            f" IN {goals} THEN 0 ELSE 1 END WHERE id = ? RETURNING claimable",
            item_state,
            entry.id,
            entry.item_id,
        )
        if state is AttemptState.CONFIRMED and entry.seq > 1:
            self._learned(tx, entry)
        return not advanced[0][0]

    def _pass(self, tx: Transaction, item_id: str, account: str, reason: str) -> None:
        passed = json.loads(tx.rows("SELECT passed FROM anycarrier_intent WHERE id = ?", item_id)[0][0])
        passed[account] = reason
        tx.run("UPDATE anycarrier_intent SET passed = ? WHERE id = ?", json.dumps(passed), item_id)

    def _check_caps(self, tx: Transaction, item_id: str, cost: Money | None, caps: Caps, now: float) -> None:
        if caps.request is not None:
            rows = costs(
                tx,
                "a.intent_id IN (SELECT id FROM anycarrier_intent WHERE request_id ="
                " (SELECT request_id FROM anycarrier_intent WHERE id = ?))",
                item_id,
            )
            check_cap("the order's", caps.request, cost, rows)
        if caps.day is not None:
            check_cap("the day's", caps.day, cost, spent_since(tx, self._database.dialect, now - DAY))
