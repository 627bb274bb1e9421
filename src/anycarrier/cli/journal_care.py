"""``journal``: its schema brought up to date, a copy of it, and old orders deleted."""

from __future__ import annotations

from attrs import asdict

from anycarrier.cli.confirm import confirm
from anycarrier.cli.context import Context
from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.journal import candid, place, shown, writing
from anycarrier.cli.purchase_output import counter
from anycarrier.purchase.journal import maintenance

__all__ = ["care"]

DAY = 86_400.0


def care(context: Context) -> int:
    """Carry out the action that is named."""
    return {"migrate": _migrate, "backup": _backup, "prune": _prune}[context.args.action](context)


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
