"""``portable``, ``ports`` and ``port``: numbers that come from another carrier."""

from __future__ import annotations

from anycarrier.cli.context import Context
from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.json_output import HEAD, record_view, status_words, ten_digit
from anycarrier.cli.output import View
from anycarrier.cli.table import Column
from anycarrier.cli.targets import numbers
from anycarrier.port_records import Port, Portability

__all__ = ["port", "port_facts", "portable", "ports"]


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
    """List the ports of the account."""
    with context.chosen() as client:
        context.out.show(_view(context.args.raw, "No ports on this account."), client.ports())
    return Exit.DONE


def port(context: Context) -> int:
    """Show one port."""
    with context.chosen() as client:
        found: Port = client.port(context.args.port_id)
    if context.out.form == "table":
        context.out.facts(port_facts(found))
    else:
        context.out.show(_view(context.args.raw), [found])
    return Exit.DONE


def _view(raw: bool, empty: str = "") -> View:
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
