"""``port-in``: orders of ports, through the journal."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from typing import Any

from anycarrier.capabilities import require
from anycarrier.cli.accounts import Choice
from anycarrier.cli.confirm import confirm
from anycarrier.cli.context import Context
from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.journal import candid, existing, place, shown, writing
from anycarrier.cli.json_output import both, error_record, record, ten_digit
from anycarrier.cli.output import View, say, warn
from anycarrier.cli.purchase_output import cost, counter
from anycarrier.cli.search import money
from anycarrier.cli.table import Column
from anycarrier.cli.targets import listed
from anycarrier.model import Money
from anycarrier.number_files import WrongFile, read_desired, read_port_order
from anycarrier.ports import PortIn, PortOrder, PortRecord, PortState, RecordedNumber

__all__ = ["port_in", "records_code", "records_view", "rows_of"]


def port_in(context: Context) -> int:
    """Order ports of numbers, and show what became of each."""
    args = context.args
    choice = Choice.of(args)
    provider = choice.make()
    require(provider, "port_in")
    try:
        order = read_port_order(
            args.file,
            numbers=None if args.of_file is None else read_desired(args.of_file),
            max_fee=money(args.max_fee, "--max-fee"),
        )
    except WrongFile as wrong:
        for problem in wrong.problems:
            warn(f"port-in: {problem}")
        if context.out.form == "json":
            context.out.error({"error": error_record(wrong)})
        return Exit.USAGE
    if not _is_on_record(context):
        _confirm(context, choice.label, provider.port_fee, order)
    with writing(context) as book:
        _announce(context)
        with context.client(provider) as client:
            made: PortIn = client.port_in(order, request_id=args.request_id, journal=book, deadline=args.deadline)
    return _show(context, made)


def _is_on_record(context: Context) -> bool:
    """Return whether the order was confirmed before, under the same request id."""
    name = context.args.request_id
    if name is None:
        return False
    with candid(context):
        book = existing(context)
        if book is None:
            return False
        with book:
            return bool(book.ports(request_id=name))


def _confirm(context: Context, label: str, fee: Money, order: PortOrder) -> None:
    found = [one.number for one in order.numbers if one.number is not None]
    total = Money(fee.amount * len(found), fee.currency)
    each = f" ({cost(fee)} each)" if len(found) > 1 else ""
    confirm(
        context,
        f"Port {listed(found, both)} to {label} for {cost(total)}{each}?",
        "This costs money, also where the losing carrier refuses, and cannot be taken back by a command.",
    )


def _announce(context: Context) -> None:
    """Print the order's id before anything is sent: with it the order goes on, whatever happens."""
    args = context.args
    if args.request_id is None:
        args.request_id = f"p{secrets.token_hex(6)}"
    say(
        f"Request {args.request_id}, on record in {shown(place(context))}. If this is interrupted, run it again with "
        f"--request-id {args.request_id}: nothing is ordered twice."
    )


# -- outcomes


def _show(context: Context, made: PortIn) -> int:
    out = context.out
    if out.form == "json":
        out.json(record(made))
    else:
        out.show(records_view(), rows_of(made.records))
    for one in made.refused:
        warn(f"port-in: {one.number} cannot be ported: {one.reason or 'no reason is stated'}; it was not ordered")
    if made.unsent:
        warn(f"port-in: {counter(len(made.unsent), 'number')} not ordered yet: the same command goes on")
    for url in dict.fromkeys(one.loa_url for one in made.records if one.loa_url and one.state is PortState.NEEDS_LOA):
        say(f"Sign the letter of authorization at {url}")
    code = records_code(made.records)
    if code == Exit.UNKNOWN or made.unsent:
        return Exit.UNKNOWN
    return Exit.REFUSED if made.refused else code


def records_code(records: Iterable[PortRecord]) -> int:
    """The exit code of orders: 75 where one is in doubt, 1 where a number is not coming by them."""
    states = {number.state for one in records for number in one.numbers}
    if PortState.IN_DOUBT in states:
        return Exit.UNKNOWN
    return Exit.REFUSED if states & _NOT_COMING else Exit.DONE


_NOT_COMING = frozenset({PortState.REJECTED, PortState.REFUSED, PortState.ABSENT, PortState.LEFT_OUT})


def rows_of(records: Iterable[PortRecord]) -> Iterator[tuple[PortRecord, RecordedNumber]]:
    """A row for each number of *records*."""
    return ((one, number) for one in records for number in one.numbers)


def records_view(empty: str = "") -> View:
    """The view of orders on record, with a row for each number."""
    columns = (
        Column("number"),
        Column("state"),
        Column("port"),
        Column("due"),
        Column("reason", wraps=True),
        Column("request"),
    )
    return View(columns, _row, _FIELDS, _record, empty)


_FIELDS = (
    "request_id", "provider", "account", "port_id", "number", "ten_digit", "state", "due", "loa_url", "reason",
    "reference",
)  # fmt: skip


def _row(pair: Any) -> tuple[object, ...]:
    one, number = pair
    reason = number.reason or one.reason
    return (number.number, number.state.value, one.port_id, one.due, reason, one.request_id)


def _record(pair: Any) -> dict[str, object]:
    one, number = pair
    made: dict[str, object] = record(one)
    return {
        **{name: made[name] for name in _FIELDS if name in made},
        "number": number.number.e164,
        "ten_digit": ten_digit(number.number),
        "state": number.state.value,
        "reason": number.reason or one.reason,
    }
