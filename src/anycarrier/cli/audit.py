"""``audit``: the writes to numbers that the journal has, read without any provider."""

from __future__ import annotations

from datetime import UTC, datetime

from anycarrier.cli.context import Context
from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.journal import place, reading, shown
from anycarrier.cli.json_output import HEAD, record_view, route_words, ten_digit
from anycarrier.cli.table import Column
from anycarrier.desired_state import ChangeOutcome, ChangeRecord, Value
from anycarrier.model import Route
from anycarrier.number_files.values import written_value
from anycarrier.number_services import EmergencyAddress
from anycarrier.numbers import PhoneNumber
from anycarrier.search import Search

__all__ = ["audit", "value_words"]

_OUTCOMES = {
    ChangeOutcome.SENT: "sent, outcome not on record",
    ChangeOutcome.DONE: "done",
    ChangeOutcome.PENDING: "pending at the provider",
    ChangeOutcome.FAILED: "not made",
    ChangeOutcome.IN_DOUBT: "in doubt",
}


def audit(context: Context) -> int:
    """List the changes on record, oldest first."""
    args = context.args
    columns = (
        Column("when"),
        *HEAD,
        Column("what"),
        Column("before", wraps=True),
        Column("after", wraps=True),
        Column("outcome", wraps=True),
        Column("reference"),
        Column("account"),
    )
    with reading(context) as book:
        found = book.changes(
            number=None if args.number is None else PhoneNumber(args.number),
            since=None if args.since is None else book.now() - args.since,
            reference=args.reference,
            plan=args.plan,
        )
        view = record_view(ChangeRecord, columns, _row, empty=f"No such write is on record in {shown(place(context))}.")
        context.out.show(view, found)
    return Exit.DONE


def _row(change: ChangeRecord) -> tuple[object, ...]:
    outcome = _OUTCOMES[change.outcome]
    return (
        datetime.fromtimestamp(change.created, UTC).strftime("%Y-%m-%d %H:%M:%S"),
        change.number,
        ten_digit(change.number),
        change.what,
        value_words(change.before),
        value_words(change.after),
        f"{outcome}: {change.reason}" if change.reason else outcome,
        change.reference,
        change.account,
    )


def value_words(value: Value) -> str:
    """One side of a change in words; ``?`` where it is not known."""
    match value:
        case None:
            return "?"
        case bool():
            return "yes" if value else "none"
        case Route():
            return route_words(value)
        case EmergencyAddress():
            return ", ".join(filter(None, (value.street, value.unit, value.city, value.state, value.postal_code)))
        case Search():
            return written_value(value)
    return value
