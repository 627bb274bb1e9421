"""Port orders in the journal: each is on record before it is sent, and what became of it afterwards.

Numbers, digest, reference, states and the link to the letter of authorization are on record; subscriber, account number
and PIN are not, and neither are the provider's words, which may quote them.
"""

# ruff: noqa: S608 - only constants of this module are put into SQL; values are always bound

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from attrs import evolve, frozen

from anycarrier.attempt import Attempt, AttemptState, Denial, Draft
from anycarrier.errors import InvalidInput, JournalError
from anycarrier.model import Money
from anycarrier.numbers import PhoneNumber, stated
from anycarrier.port_records import LIVE, PortRecord, PortState, RecordedNumber
from anycarrier.purchase.journal.database import Transaction
from anycarrier.purchase.journal.mapping import stamped
from anycarrier.purchase.journal.steps import Steps

__all__ = ["PortEntry", "Ports"]

_COLUMNS = (
    "id, request_id, reference, provider, account, digest, order_id, state, due, loa_url, fee, currency, reason,"
    " denial, first_sent, last_sent, absent, unknown, next_at, created"
)
_LIVE = ", ".join(f"'{state}'" for state in sorted(LIVE))
_OPEN = f"EXISTS (SELECT 1 FROM anycarrier_port_number n WHERE n.port_id = p.id AND n.state IN ({_LIVE}))"
_OF_NUMBER = "EXISTS (SELECT 1 FROM anycarrier_port_number n WHERE n.port_id = p.id AND n.e164 = ?)"
_MANY = 200
"""Numbers or orders in one question."""


@frozen(kw_only=True)
class PortEntry:
    """An order in the journal, with what decides about it while it is in doubt.

    Attributes:
        digest: of the whole order under the request id, see :mod:`anycarrier.porting.digest`.
        attempt: its one request, by the states of a purchase without a key.
    """

    id: int
    record: PortRecord
    digest: str
    attempt: Attempt


class Ports(Steps):
    """The part of a journal that has the port orders. See :class:`anycarrier.purchase.journal.Journal`."""

    def ports(
        self, request_id: str | None = None, number: PhoneNumber | None = None, open: bool | None = None
    ) -> list[PortRecord]:
        """Port orders on record, oldest first; each argument that is named narrows them.

        Args:
            request_id: the caller's id of ``port_in``.
            number: number that they name.
            open: whether one of their numbers is on its way, or perhaps is.
        """
        return [one.record for one in self.port_entries(request_id=request_id, number=number, open=open)]

    def port_entries(
        self,
        *,
        request_id: str | None = None,
        number: PhoneNumber | None = None,
        open: bool | None = None,
        provider: str | None = None,
        account: str | None = None,
        since: float | None = None,
        reference: str | None = None,
    ) -> list[PortEntry]:
        """:meth:`ports` with what decides about them; *since* is the Unix time from which they were recorded."""
        wanted: Mapping[str, object] = {
            "p.request_id = ?": request_id,
            "p.reference = ?": reference,
            "p.provider = ?": provider,
            "p.account = ?": account,
            "p.created >= ?": since,
            _OF_NUMBER: None if number is None else str(number),
        }
        named = {sql: value for sql, value in wanted.items() if value is not None}
        where = [*named]
        if open is not None:
            where.append(_OPEN if open else f"NOT {_OPEN}")
        clause = f" WHERE {' AND '.join(where)}" if where else ""

        def work(tx: Transaction) -> list[PortEntry]:
            rows = tx.rows(f"SELECT {_COLUMNS} FROM anycarrier_port p{clause} ORDER BY id", *named.values())
            return [_entry(row, numbers) for row, numbers in zip(rows, _numbers(tx, rows), strict=True)]

        return self._read(work)

    def live_ports(self, provider: str, numbers: Sequence[PhoneNumber]) -> dict[PhoneNumber, str]:
        """The request ids of live orders of a provider that name one of *numbers*."""

        def work(tx: Transaction) -> dict[PhoneNumber, str]:
            found: dict[PhoneNumber, str] = {}
            for at in range(0, len(numbers), _MANY):
                some = numbers[at : at + _MANY]
                sql = (
                    "SELECT n.e164, p.request_id FROM anycarrier_port_number n"
                    " JOIN anycarrier_port p ON p.id = n.port_id"
                    f" WHERE n.provider = ? AND n.state IN ({_LIVE}) AND n.e164 IN ({', '.join('?' * len(some))})"
                )
                found |= {stated(row[0]): row[1] for row in tx.rows(sql, provider, *map(str, some))}
            return found

        return self._read(work)

    def port_ids(self, provider: str, account: str) -> frozenset[str]:
        """The provider's ids of the account's orders that are on record."""
        sql = "SELECT order_id FROM anycarrier_port WHERE provider = ? AND account = ? AND order_id IS NOT NULL"
        return frozenset(row[0] for row in self._read(lambda tx: tx.rows(sql, provider, account)))

    def begin_port(self, record: PortRecord, digest: str) -> PortEntry:
        """Record an order, in doubt from now on, before its first byte may leave.

        Raises:
            AlreadyClaimed: a live order of this provider names one of its numbers.
        """
        with self._database.transaction() as tx:
            now = tx.time()
            sent = stamped(_attempt(record, AttemptState.SENT, now, now), now, first=True)
            fee = record.fee
            row = tx.rows(
                "INSERT INTO anycarrier_port(request_id, reference, provider, account, digest, state, fee, currency,"
                " first_sent, last_sent, created) VALUES (?, ?, ?, ?, ?, 'in_doubt', ?, ?, ?, ?, ?) RETURNING id",
                record.request_id,
                record.reference,
                record.provider,
                record.account,
                digest,
                None if fee is None else str(fee.amount),
                None if fee is None else fee.currency,
                sent.first_sent,
                sent.last_sent,
                now,
            )
            entry_id: int = row[0][0]
            for one in record.numbers:
                tx.run(
                    "INSERT INTO anycarrier_port_number(port_id, provider, e164, state) VALUES (?, ?, ?, 'in_doubt')",
                    entry_id,
                    record.provider,
                    str(one.number),
                )
        began = evolve(
            record,
            state=PortState.IN_DOUBT,
            numbers=tuple(evolve(one, state=PortState.IN_DOUBT, reason="") for one in record.numbers),
            created=now,
        )
        return PortEntry(id=entry_id, record=began, digest=digest, attempt=evolve(sent, state=AttemptState.IN_DOUBT))

    def write_port(self, entry: PortEntry, record: PortRecord, attempt: Attempt, *, answered: bool = False) -> bool:
        """Record what is known of an order by now; whether it was written.

        It is not where another process has learned more of it meanwhile: the order then has another state or id than
        in *entry*. *answered* is for its own sender, whose answer counts for more than the looks of others: it is
        written unless its id is known already.

        Raises:
            AlreadyClaimed: a number that turned up late is in another live order of the provider by now.
        """
        known = entry.record
        where, values = "order_id = ?", [known.port_id]
        if known.port_id is None:
            where, values = ("order_id IS NULL", []) if answered else ("order_id IS NULL AND state = ?", [known.state])

        def work(tx: Transaction) -> bool:
            written = tx.run(
                "UPDATE anycarrier_port SET order_id = ?, state = ?, due = ?, loa_url = ?, fee = ?, currency = ?,"
                " reason = ?, denial = ?, last_sent = ?, absent = ?, unknown = ?, next_at = ?"
                f" WHERE id = ? AND {where}",
                record.port_id,
                record.state.value,
                None if record.due is None else record.due.isoformat(),
                record.loa_url,
                None if record.fee is None else str(record.fee.amount),
                None if record.fee is None else record.fee.currency,
                record.reason,
                None if attempt.denial is None else attempt.denial.value,
                attempt.last_sent,
                attempt.absent,
                attempt.unknown,
                attempt.next_at,
                entry.id,
                *values,
            )
            for one in record.numbers if written else ():
                tx.run(
                    "UPDATE anycarrier_port_number SET state = ?, reason = ? WHERE port_id = ? AND e164 = ?",
                    one.state.value,
                    one.reason,
                    entry.id,
                    str(one.number),
                )
            return written > 0

        return self._twice(work)


def _numbers(tx: Transaction, rows: Sequence[Sequence[Any]]) -> list[list[Sequence[Any]]]:
    """The rows of the numbers of each order, in the order in which they were recorded."""
    found: dict[int, list[Sequence[Any]]] = {row[0]: [] for row in rows}
    ids = [*found]
    for at in range(0, len(ids), _MANY):
        some = ids[at : at + _MANY]
        sql = (
            "SELECT port_id, e164, state, reason FROM anycarrier_port_number"
            f" WHERE port_id IN ({', '.join('?' * len(some))}) ORDER BY port_id, e164"
        )
        for row in tx.rows(sql, *some):
            found[row[0]].append(row)
    return [found[one] for one in ids]


_STATES = {
    PortState.IN_DOUBT: AttemptState.IN_DOUBT,
    PortState.REFUSED: AttemptState.REJECTED,
    PortState.ABSENT: AttemptState.REFUTED,
}


def _attempt(record: PortRecord, state: AttemptState, first_sent: float, last_sent: float) -> Attempt:
    """The one request of an order, which is looked for as a purchase without a key is."""
    draft = Draft(provider=record.provider, account=record.account, number=record.numbers[0].number, key="", body=b"")
    return Attempt(draft=draft, state=state, first_sent=first_sent, last_sent=last_sent)


def _entry(row: Sequence[Any], numbers: Sequence[Sequence[Any]]) -> PortEntry:
    try:
        record = PortRecord(
            request_id=row[1],
            reference=row[2],
            provider=row[3],
            account=row[4],
            port_id=row[6],
            state=PortState(row[7]),
            numbers=tuple(
                RecordedNumber(number=stated(one[1]), state=PortState(one[2]), reason=one[3]) for one in numbers
            ),
            due=None if row[8] is None else date.fromisoformat(row[8]),
            loa_url=row[9],
            fee=None if row[10] is None else Money(row[10], row[11]),
            reason=row[12],
            created=row[19],
        )
        attempt = evolve(
            _attempt(record, _STATES.get(record.state, AttemptState.CONFIRMED), row[14], row[15]),
            denial=None if row[13] is None else Denial(row[13]),
            absent=row[16],
            unknown=row[17],
            next_at=row[18],
        )
    except (ValueError, TypeError, LookupError, InvalidInput) as error:
        raise JournalError(
            f"the journal's port order {row[0]} cannot be read ({type(error).__name__}): it is damaged, or another "
            "release wrote it; restore the journal, or use that release"
        ) from None
    return PortEntry(id=row[0], record=record, digest=row[5], attempt=attempt)
