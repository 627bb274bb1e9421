"""Steps that set up the number of an order: changes of an item, written by the worker that has claimed it."""

from __future__ import annotations

from anycarrier.purchase.journal.changes import ChangeOutcome, NewChange
from anycarrier.purchase.journal.claims import Claims
from anycarrier.purchase.journal.database import Transaction

__all__ = ["Steps"]


class Steps(Claims):
    """The part of a journal about set-ups. See :class:`anycarrier.purchase.journal.Journal`."""

    def begin_step(self, item_id: str, owner: str, change: NewChange) -> int:
        """Record a step before its request is sent; its id.

        Raises:
            LeaseLost: *owner* no longer owns the item.
        """
        with self._database.transaction() as tx:
            now = tx.time()
            self._fence(tx, item_id, owner, now)
            return self._insert(tx, change, now)

    def end_step(
        self, item_id: str, owner: str, step: int, outcome: ChangeOutcome, reason: str = "", *, final: bool = False
    ) -> None:
        """Record the outcome of a step, or of one look more at it. With *final* it cannot be done, for *reason*, which
        ends the set-up; the number stays.

        Raises:
            LeaseLost: *owner* no longer owns the item.
        """
        with self._database.transaction() as tx:
            now = tx.time()
            self._fence(tx, item_id, owner, now)
            self._conclude(tx, step, outcome, reason, now)
            if final:
                self._end_set_up(tx, item_id, "ACTIVE", reason)

    def end_set_up(self, item_id: str, owner: str) -> None:
        """End the set-up of an item, of which every step is done.

        Raises:
            LeaseLost: *owner* no longer owns the item.
        """
        with self._database.transaction() as tx:
            self._fence(tx, item_id, owner, tx.time())
            self._end_set_up(tx, item_id, "SET_UP", "")

    def reopen_set_ups(self, request_id: str) -> None:
        """Let workers try again those set-ups of an order that failed."""
        with self._database.transaction() as tx:
            tx.run(
                "UPDATE anycarrier_intent SET claimable = 1, reason = '' WHERE request_id = ? AND state = 'ACTIVE'"
                " AND claimable = 0 AND EXISTS"
                " (SELECT 1 FROM anycarrier_request WHERE id = request_id AND goal = 'SET_UP')",
                request_id,
            )

    def _end_set_up(self, tx: Transaction, item_id: str, state: str, reason: str) -> None:
        tx.run(
            "UPDATE anycarrier_intent SET state = ?, claimable = 0, reason = ?, owner = NULL, lease_until = 0,"
            " resume_at = 0 WHERE id = ?",
            state,
            reason,
            item_id,
        )
