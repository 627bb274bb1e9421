"""``journal``: its schema brought up to date, a copy of it, all of it as JSON, and old orders deleted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from attrs import asdict

from anycarrier.cli.confirm import confirm
from anycarrier.cli.context import Context
from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.journal import candid, place, reading, shown, writing
from anycarrier.cli.json_output import record
from anycarrier.cli.purchase_output import counter
from anycarrier.purchase.journal import Journal, maintenance
from anycarrier.purchase.order import from_json

__all__ = ["care"]

DAY = 86_400.0


def care(context: Context) -> int:
    """Carry out the action that is named."""
    return {"migrate": _migrate, "backup": _backup, "export": _export, "prune": _prune}[context.args.action](context)


def _migrate(context: Context) -> int:
    with candid(context):
        before, after = maintenance.bring_up_to_date(place(context))
    said = f"It has schema {after} already" if before == after else f"Brought from schema {before} to {after}"
    return _done(context, {"from": before, "to": after}, f"{shown(place(context))}: {said}.")


def _backup(context: Context) -> int:
    with candid(context):
        maintenance.backup(place(context), context.args.file)
    said = f"Copied {shown(place(context))} to {context.args.file}, and checked it."
    return _done(context, {"file": str(context.args.file)}, said)


def _export(context: Context) -> int:
    with reading(context) as book:
        for kind, found in (
            ("order", _orders(book)),
            ("attempt", book.export()),
            ("change", map(record, book.changes())),
            ("port", map(record, book.ports())),
            ("switch", map(record, book.switches())),
            ("job", map(record, book.jobs())),
            ("task", book.tasks()),
        ):
            _print(context, kind, found)
    return Exit.DONE


def _orders(book: Journal) -> Iterator[dict[str, object]]:
    for request_id in book.request_ids():
        if (found := book.request(request_id)) is not None:  # it may be pruned meanwhile
            order, accounts = from_json(found.order)
            yield {**record(found), "order": record(order), "accounts": accounts}


def _print(context: Context, kind: str, found: Iterable[dict[str, object]]) -> None:
    for one in found:
        context.out.json({"record": kind, **one})


def _prune(context: Context) -> int:
    days = context.args.older_than
    with writing(context, create=False) as book:
        found = maintenance.prune(book, days * DAY, dry_run=True)
        orders = counter(found.orders, "order")
        if context.args.dry_run or not found.orders:
            return _done(context, asdict(found), f"{orders} ended more than {counter(days, 'day')} ago.")
        confirm(
            context,
            f"Delete {orders} that ended more than {counter(days, 'day')} ago from {shown(place(context))}?",
            "Their ids no longer protect from buying again, and nothing brings them back: anycarrier journal backup "
            "FILE makes a copy first.",
        )
        found = maintenance.prune(book, days * DAY)
    parts = (counter(found.orders, "order"), counter(found.items, "item"), counter(found.attempts, "attempt"))
    return _done(context, asdict(found), f"Deleted {', '.join(parts)}.")


def _done(context: Context, found: dict[str, object], said: str) -> int:
    if context.out.form == "json":
        context.out.json(found)
    elif context.out.form == "csv":
        context.out.rows(tuple(found), [found])
    else:
        context.out.line(said)
    return Exit.DONE
