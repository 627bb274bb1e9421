"""Switches on record: plans that move numbers to another account, of which one process at a time carries each on."""

from __future__ import annotations

from enum import StrEnum

from attrs import frozen

from anycarrier.numbers import PhoneNumber, stated
from anycarrier.purchase.journal.claims import LONGEST_LEASE
from anycarrier.purchase.journal.ports import Ports

__all__ = ["SwitchRecord", "SwitchState", "Switches"]


class SwitchState(StrEnum):
    """State of a switch on record."""

    OPEN = "OPEN"
    """It goes on whenever its plan is applied."""
    UNDONE = "UNDONE"
    """Its undoing was applied: nothing more of it is begun."""


@frozen(kw_only=True)
class SwitchRecord:
    """A switch on record; times are Unix seconds on the journal's clock.

    Attributes:
        id: id of its plan.
        source: account that the numbers leave, as ``provider/account``.
        target: account that they come to.
        created: time at which it was applied first.
    """

    id: str
    source: str
    target: str
    state: SwitchState
    created: float


class Switches(Ports):
    """The part of a journal that has the switches. See :class:`anycarrier.purchase.journal.Journal`."""

    def claim_switch(self, switch_id: str, source: str, target: str, owner: str) -> float:
        """Claim a switch for *owner*, or claim it once more; it is recorded where it is new.

        One owner at a time moves numbers away from an account, by whatever switch: two plans must not buy for one
        number.

        Returns:
            Zero; or the seconds for which another owner has it still, or another switch from that account.
        """
        with self._database.transaction() as tx:
            tx.take_turn()
            now = tx.time()
            held = tx.rows(
                "SELECT max(lease_until) FROM anycarrier_switch"
                " WHERE source = ? AND id <> ? AND owner IS NOT NULL AND lease_until >= ? AND lease_until <= ?",
                source,
                switch_id,
                now,
                now + LONGEST_LEASE,
            )[0][0]
            if held is not None:
                return max(float(held) - now, 0.001)
            tx.run(
                "INSERT INTO anycarrier_switch(id, source, target, state, created) VALUES (?, ?, ?, 'OPEN', ?)"
                " ON CONFLICT (id) DO NOTHING",
                switch_id,
                source,
                target,
                now,
            )
            mine = tx.run(
                "UPDATE anycarrier_switch SET owner = ?, lease_until = ? WHERE id = ?"
                " AND (owner IS NULL OR owner = ? OR lease_until < ? OR lease_until > ?)",
                owner,
                now + self.lease,
                switch_id,
                owner,
                now,
                now + LONGEST_LEASE,
            )
            if mine:
                return 0.0
            until: float = tx.rows("SELECT lease_until FROM anycarrier_switch WHERE id = ?", switch_id)[0][0]
            return max(until - now, 0.001)

    def leave_switch(self, switch_id: str, owner: str) -> None:
        """End the claim of *owner*, if it has it still."""
        with self._database.transaction() as tx:
            tx.run(
                "UPDATE anycarrier_switch SET owner = NULL, lease_until = 0 WHERE id = ? AND owner = ?",
                switch_id,
                owner,
            )

    def end_switch(self, switch_id: str, state: SwitchState) -> bool:
        """Record the state in which a switch has ended; ``False`` where there is no such switch."""
        with self._database.transaction() as tx:
            return bool(tx.run("UPDATE anycarrier_switch SET state = ? WHERE id = ?", state.value, switch_id))

    def switch(self, switch_id: str) -> SwitchRecord | None:
        """The switch of this id; ``None`` for one that was never applied."""
        with self._database.transaction(writes=False) as tx:
            rows = tx.rows("SELECT id, source, target, state, created FROM anycarrier_switch WHERE id = ?", switch_id)
        return _record(*rows[0]) if rows else None

    def switches(self) -> list[SwitchRecord]:
        """Every switch on record, oldest first."""
        with self._database.transaction(writes=False) as tx:
            rows = tx.rows("SELECT id, source, target, state, created FROM anycarrier_switch ORDER BY created, id")
        return [_record(*row) for row in rows]

    def other_switches(self, switch_id: str, source: str) -> list[str]:
        """Ids of the switches from an account that go on, without this one, oldest first."""
        with self._database.transaction(writes=False) as tx:
            rows = tx.rows(
                "SELECT id FROM anycarrier_switch WHERE source = ? AND id <> ? AND state = 'OPEN' ORDER BY created",
                source,
                switch_id,
            )
        return [row[0] for row in rows]

    def moved_for(self, switch_id: str) -> dict[PhoneNumber, float]:
        """Seconds since each number of a switch was first seen on its new account, or its replacement was set up."""
        with self._database.transaction(writes=False) as tx:
            now = tx.time()
            rows = tx.rows(
                "SELECT e164, min(created) FROM anycarrier_change WHERE plan = ? AND state = 'DONE'"
                " AND what IN ('port_in', 'replace') GROUP BY e164",
                switch_id,
            )
        return {stated(number): max(0.0, now - created) for number, created in rows}


def _record(switch_id: str, source: str, target: str, state: str, created: float) -> SwitchRecord:
    return SwitchRecord(id=switch_id, source=source, target=target, state=SwitchState(state), created=created)
