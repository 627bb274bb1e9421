"""Changes of numbers in the journal: each is on record before it is sent, and its outcome afterwards."""

# ruff: noqa: S608 - only constants of this module are put into SQL; values are always bound

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from anycarrier.desired_state.model import Value
from anycarrier.desired_state.records import ChangeOutcome, ChangeRecord, NewChange
from anycarrier.desired_state.values import value_from_data, value_to_data
from anycarrier.errors import InvalidInput, JournalError
from anycarrier.model import NoForward, NoTexts
from anycarrier.numbers import PhoneNumber, stated
from anycarrier.purchase.journal.database import Transaction
from anycarrier.purchase.journal.prices import Prices

__all__ = ["ChangeOutcome", "ChangeRecord", "Changes", "NewChange"]

PAGE = 500
"""Changes that are read at once."""

_COLUMNS = "id, plan, intent_id, reference, provider, account, e164, what, before, after, state, reason, created, ended"
_INSERT = (
    "INSERT INTO anycarrier_change(plan, intent_id, reference, provider, account, e164, what, before, after, state,"
    " created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'SENT', ?) RETURNING id"
)


class Changes(Prices):
    """The part of a journal that has the changes. See :class:`anycarrier.purchase.journal.Journal`."""

    def begin_changes(self, changes: Sequence[NewChange]) -> list[int]:
        """Record changes, in one transaction, before the first of them is sent; returns their ids."""
        with self._database.transaction() as tx:
            now = tx.time()
            return [self._insert(tx, change, now) for change in changes]

    def end_changes(self, outcomes: Sequence[tuple[int, ChangeOutcome, str]]) -> None:
        """Record outcomes by the ids of their changes, in one transaction; recording one twice is harmless."""

        def work(tx: Transaction) -> None:
            now = tx.time()
            for change_id, outcome, reason in outcomes:
                self._conclude(tx, change_id, outcome, reason, now)

        self._twice(work)

    def changes(
        self,
        *,
        plan: str | None = None,
        item_id: str | None = None,
        reference: str | None = None,
        account: tuple[str, str] | None = None,
        number: PhoneNumber | None = None,
        since: float | None = None,
        outcome: ChangeOutcome | None = None,
    ) -> Iterator[ChangeRecord]:
        """Changes on record, oldest first, page by page; each argument that is named narrows them.

        Args:
            plan: id of their plan.
            item_id: item of an order that they set up.
            reference: the caller's own reference.
            account: name of the provider, and id of the account.
            number: number that they are about.
            since: Unix time, in seconds, from which they were recorded.
            outcome: their outcome.
        """
        wanted: Mapping[str, object] = {
            "plan = ?": plan,
            "intent_id = ?": item_id,
            "reference = ?": reference,
            "provider = ?": account and account[0],
            "account = ?": account and account[1],
            "e164 = ?": None if number is None else str(number),
            "created >= ?": since,
            "state = ?": None if outcome is None else outcome.name,
        }
        named = {sql: value for sql, value in wanted.items() if value is not None}
        sql = (
            f"SELECT {_COLUMNS} FROM anycarrier_change WHERE {' AND '.join(['id > ?', *named])}"
            f" ORDER BY id LIMIT {PAGE}"
        )
        after = 0
        while page := self._page(sql, (after, *named.values())):
            yield from map(_record, page)
            after = page[-1][0]

    def references_of(self, provider: str, account: str, numbers: Sequence[PhoneNumber]) -> dict[PhoneNumber, str]:
        """The references of the orders that bought some hundreds of *numbers* at most; without one, a number is left
        out."""
        sql = (
            "SELECT a.e164, r.reference FROM anycarrier_attempt a JOIN anycarrier_intent i ON i.id = a.intent_id"
            " JOIN anycarrier_request r ON r.id = i.request_id WHERE a.provider = ? AND a.account = ?"
            f" AND a.e164 IN ({', '.join('?' * len(numbers))})"
            " AND a.state IN ('PLACED','CONFIRMED') AND r.reference IS NOT NULL ORDER BY a.id"
        )
        rows = self._page(sql, (provider, account, *map(str, numbers)))
        return {stated(row[0]): row[1] for row in rows}

    def uses_of(self, provider: str, account: str, number: PhoneNumber) -> list[str]:
        """Words for the uses of a number that are on record: the reference of its order, its routes and campaign."""
        reference = self.references_of(provider, account, [number]).get(number)
        found = [] if reference is None else [f"it was bought for {reference!r}"]
        last = {
            record.what: record.after
            for record in self.changes(account=(provider, account), number=number, outcome=ChangeOutcome.DONE)
        }
        for what, words in _USES.items():
            value = last.get(what)
            if value is not None and value is not False and not isinstance(value, NoForward | NoTexts):
                found.append(words)
        return found

    # -- within a transaction

    def _insert(self, tx: Transaction, change: NewChange, now: float) -> int:
        row = tx.rows(
            _INSERT,
            change.plan,
            change.item_id,
            change.reference,
            change.provider,
            change.account,
            str(change.number),
            change.what,
            _text(change.before),
            _text(change.after),
            now,
        )
        number: int = row[0][0]
        return number

    def _conclude(self, tx: Transaction, change_id: int, outcome: ChangeOutcome, reason: str, now: float) -> None:
        sql = "UPDATE anycarrier_change SET state = ?, reason = ?, ended = ? WHERE id = ?"
        tx.run(sql, outcome.name, reason, now, change_id)


_USES = {
    "calls": "its calls were routed",
    "forward": "its calls are forwarded",
    "texts": "its texts were routed",
    "campaign": "it was bound to a campaign",
}
"""By the kind of change, words for a number whose last one is on record."""


def _text(value: Value) -> str | None:
    return None if value is None else json.dumps(value_to_data(value), separators=(",", ":"))


def _value(text: str | None) -> Value:
    return None if text is None else value_from_data(json.loads(text))


def _record(row: Sequence[Any]) -> ChangeRecord:
    try:
        return ChangeRecord(
            id=row[0],
            plan=row[1],
            item_id=row[2],
            reference=row[3],
            provider=row[4],
            account=row[5],
            number=stated(row[6]),
            what=row[7],
            before=_value(row[8]),
            after=_value(row[9]),
            outcome=ChangeOutcome[row[10]],
            reason=row[11],
            created=row[12],
            ended=row[13],
        )
    except (KeyError, ValueError, TypeError, InvalidInput) as error:
        raise JournalError(
            f"the journal's change {row[0]} cannot be read ({type(error).__name__}): it is damaged, or another release "
            "wrote it; restore the journal, or use that release"
        ) from None
