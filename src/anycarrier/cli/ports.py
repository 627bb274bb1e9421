"""``portable``, ``ports`` and ``port``: numbers that come from another carrier."""

from __future__ import annotations

from anycarrier.cli.context import Context
from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.journal import writing
from anycarrier.cli.json_output import HEAD, record, record_view, status_words, ten_digit
from anycarrier.cli.output import View
from anycarrier.cli.port_in import records_code, records_view, rows_of
from anycarrier.cli.table import Column
from anycarrier.cli.targets import numbers
from anycarrier.port_records import Port, Portability
from anycarrier.porting import observe_ports

__all__ = ["port", "port_facts", "port_view", "portable", "ports"]


def portable(context: Context) -> int:
    """Say of each number whether it can be ported in."""
    found = numbers(context)
    with context.chosen() as client:
        answers: list[Portability] = client.portable(found)
    view = record_view(
        Portability,
        (*HEAD, Column("portable"), Column("losing carrier", wraps=True), Column("reason", wraps=True)),
        lambda one: (
            one.number,
            ten_digit(one.number),
            "yes" if one.is_portable else "no",
            one.losing_carrier,
            one.reason,
        ),
        raw=context.args.raw,
    )
    context.out.show(view, answers)
    return Exit.DONE if all(one.is_portable for one in answers) else Exit.REFUSED


def ports(context: Context) -> int:
    """List the ports of the account, or the orders on record."""
    args = context.args
    if args.on_record or args.request_id is not None:
        return _recorded(context)
    with context.chosen() as client:
        context.out.show(port_view(context.args.raw, "No ports on this account."), client.ports())
    return Exit.DONE


def _recorded(context: Context) -> int:
    args = context.args
    with writing(context, create=False) as book, context.chosen() as client:
        found = client.run(observe_ports(client.provider, journal=book, request_id=args.request_id))
    if context.out.form == "json":
        for one in found:
            context.out.json(record(one))
    else:
        context.out.show(records_view("No port is on record."), rows_of(found))
    code = records_code(found)
    return Exit.UNKNOWN if any(one.is_open for one in found) else code


def port(context: Context) -> int:
    """Show one port."""
    with context.chosen() as client:
        found: Port = client.port(context.args.port_id)
    if context.out.form == "table":
        context.out.facts(port_facts(found))
    else:
        context.out.show(port_view(context.args.raw), [found])
    return Exit.DONE


def port_view(raw: bool, empty: str = "") -> View:
    """The view of ports as their provider states them."""
    columns = (
        Column("port"),
        Column("state", wraps=True),
        Column("due"),
        Column("numbers", wraps=True),
        Column("message", wraps=True),
        Column("provider"),
    )
    return record_view(Port, columns, _row, raw=raw, empty=empty)


def _row(one: Port) -> tuple[object, ...]:
    return (
        one.id,
        status_words(one.state, one.provider_status),
        one.due,
        ", ".join(map(str, one.numbers or ())),
        one.reason,
        one.provider,
    )


def port_facts(one: Port) -> dict[str, object]:
    """A port, for people."""
    return {
        "port": one.id,
        "provider": one.provider,
        "account": one.account,
        "state": status_words(one.state, one.provider_status),
        "due": one.due and one.due.isoformat(),
        "numbers": ", ".join(map(str, one.numbers or ())),
        "message": one.reason,
        "sign here": one.loa_url,
        "to do": one.by_hand,
        "since": one.created and one.created.isoformat(),
    }
