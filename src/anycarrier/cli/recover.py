"""``recover`` finishes open purchases; ``reconcile`` compares the journal with the accounts."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from anycarrier.attempt import AttemptState
from anycarrier.cli.accounts import Choice, configured, gathered, made, sources
from anycarrier.cli.context import Context
from anycarrier.cli.error_text import recover_command
from anycarrier.cli.exit_codes import Exit, exit_code
from anycarrier.cli.journal import reading, writing
from anycarrier.cli.json_output import HEAD, both, error_record, record, ten_digit
from anycarrier.cli.output import View, warn
from anycarrier.cli.provider_options import options_for
from anycarrier.cli.purchase_output import (
    bought_line,
    bought_record,
    counter,
    finished,
    pursuing,
    report,
    show_items,
    slot_line,
    slot_record,
)
from anycarrier.cli.table import Column
from anycarrier.cli.targets import Each, request_ids
from anycarrier.errors import ConfigurationError, InvalidInput
from anycarrier.failover import Failover
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase import Audit, Bought, Journal, Recovery, Sweep, purchase_of
from anycarrier.purchase.context import account_name
from anycarrier.purchase.journal.types import AttemptRecord
from anycarrier.purchase.order import from_json

__all__ = ["reconcile", "recover"]


def recover(context: Context) -> int:
    """Finish every open order, or those that are named."""
    args, named = context.args, request_ids(context)
    with writing(context, create=False) as book:
        for name in named:
            if book.request(name) is None:
                raise InvalidInput(f"the journal has no request {name!r}: anycarrier purchases lists them")
        if named:
            return Each(
                context, named, lambda name: _one(context, book, name), goes_on=Each.GOES_ON | {Exit.UNKNOWN}
            ).run()
        wanted = _wanted(book)
        if not wanted:
            return _nothing(context, "Nothing is open.")
        members = _members(context, wanted)
        options = options_for(args, members)
        with pursuing(context, members, book, several=True, options=options) as client:
            recovery = client.recover(deadline=args.deadline)
        return _recovered(context, recovery)


def _one(context: Context, book: Journal, name: str) -> int:
    purchase = purchase_of(name, book)
    assert purchase is not None  # noqa: S101 - looked up before
    if not purchase.open and not any(item.setup == "failed" for item in purchase.items):
        return report(context, book, purchase)
    members = _members(context, _accounts(book, [name]))
    several, options = len(purchase.items) > 1, options_for(context.args, members)
    with pursuing(context, members, book, several=several, go_on=name, options=options) as client:
        return finished(context, book, lambda: client.resume(name, deadline=context.args.deadline))


def _nothing(context: Context, said: str) -> int:
    if context.out.form == "json":
        context.out.json(_record(Recovery(items=(), sweep=Sweep())))
    elif context.out.form == "csv":
        show_items(context, ())
    else:
        context.out.line(said)
    return Exit.DONE


def _wanted(book: Journal) -> list[str]:
    """The accounts of every open order and of every watched purchase."""
    names = _accounts(book, book.request_ids(unfinished=True))
    names += [f"{provider}/{account}" for provider, account in book.accounts(watched=True)]
    return list(dict.fromkeys(names))


def _accounts(book: Journal, requests: Sequence[str]) -> list[str]:
    names: list[str] = []
    for name in requests:
        request = book.request(name)
        if request is not None:
            names += from_json(request.order)[1]
    return list(dict.fromkeys(names))


def _members(context: Context, wanted: Sequence[str]) -> list[object]:
    args = context.args
    if _chosen(args):
        return [Choice.of(args).make()]
    members, missing = gathered(wanted)
    if not members:
        why_not = "; ".join(f"{name}: {why}" for name, why in missing.items())
        raise ConfigurationError(f"no settings found for these accounts: {why_not}")
    for name, why in missing.items():
        warn(f"recover: {name} is left out: {why}")
    return members


def _chosen(args: argparse.Namespace) -> bool:
    return bool(args.provider or args.account or args.base_url or args.settings)


def _recovered(context: Context, recovery: Recovery) -> int:
    out, sweep = context.out, recovery.sweep
    if out.form == "json":
        out.json(_record(recovery))
    elif out.form == "csv":
        show_items(context, recovery.items)
    else:
        if not recovery.items and not recovery.failed and not sweep.adopted and not sweep.orphans:
            out.line("Nothing is open.")
        for item in recovery.items:
            out.line(slot_line(item))
        more = sum(recovery.counts.values()) + recovery.undecided - len(recovery.items)
        if more > 0:
            out.line(f"and {counter(more, 'more number')}")
        for one in sweep.adopted:
            out.line(f"{bought_line(one)}: its purchase counted as failed, and the number turned up")
        if sweep.watched:
            unknown = f"; {sweep.unknown} of them could not be checked now" if sweep.unknown else ""
            out.line(f"{counter(sweep.watched, 'failed purchase')} may still turn up{unknown}")
    _orphans(sweep.orphans)
    for item_id, error in recovery.failed.items():
        warn(f"recover: {item_id}: {error}")
    if recovery.undecided:
        warn(
            f"recover: {counter(recovery.undecided, 'purchase')} could not be decided yet; do not buy again, go on "
            f"with: {recover_command(context.args, None)}"
        )
        return Exit.UNKNOWN
    if recovery.failed:
        return exit_code(next(iter(recovery.failed.values())))
    return Exit.REFUSED if sweep.orphans else Exit.DONE


def _orphans(found: Sequence[Bought]) -> None:
    for one in found:
        warn(
            f"{both(one.number)} is at {one.provider} (account {one.account}) though its purchase counted as failed: "
            "it was paid for and its order does not need it, or others bought it there. Compare label and date at the "
            "provider before you decide"
        )


def _record(recovery: Recovery) -> dict[str, object]:
    sweep = recovery.sweep
    return {
        "items": [record(item) for item in recovery.items],
        "slots": [slot_record(item) for item in recovery.items],
        "failed": {item_id: error_record(error) for item_id, error in recovery.failed.items()},
        "adopted": [bought_record(one) for one in sweep.adopted],
        "orphans": [bought_record(one) for one in sweep.orphans],
        "reopened": list(sweep.reopened),
        "watched": sweep.watched,
        "unknown": sweep.unknown,
        "counts": {state.value: count for state, count in recovery.counts.items()},
        "undecided": recovery.undecided,
    }


# -- comparing


def reconcile(context: Context) -> int:
    """Read every account to its end and compare it with the journal; change nothing."""
    args = context.args
    every = not args.sources
    choices = configured() if every else sources(args)
    if not choices:
        raise ConfigurationError("no provider has settings: anycarrier doctor says what to set")
    members = made(choices, lenient=True)
    with reading(context) as book, context.client(Failover(members, journal=_Witness(book))) as client:
        audit = client.reconcile()
        if every:
            audit = _with_unread(audit, book, members)
    return _audited(context, audit)


class _Witness(Journal):
    """A journal that is only read: late numbers are reported here, and written down by ``recover``."""

    def __init__(self, book: Journal) -> None:
        self._book = book

    def entries_of(self, provider: str, account: str, numbers: Sequence[PhoneNumber]) -> list[AttemptRecord]:
        return self._book.entries_of(provider, account, numbers)

    def bought(self, provider: str, account: str, *, after: tuple[str, int], most: int) -> list[AttemptRecord]:
        return self._book.bought(provider, account, after=after, most=most)

    def under_way(self, provider: str, account: str) -> tuple[set[int], int]:
        return self._book.under_way(provider, account)

    def found_late(self, entry: AttemptRecord, seen: AttemptState = AttemptState.CONFIRMED) -> AttemptState:
        return AttemptState.ORPHAN


def _with_unread(audit: Audit, book: Journal, members: Sequence[Any]) -> Audit:
    """*audit*, where accounts that hold numbers of the journal and have no settings here count as failed."""
    from attrs import evolve

    read = {account_name(member, account.id) for member in members for account in member.accounts}
    failed: dict[str, Exception] = dict(audit.failed)
    for provider, account in book.accounts():
        if f"{provider}/{account}" not in read:
            failed.setdefault(account, ConfigurationError(f"{provider} has no settings here"))
    return evolve(audit, failed=failed)


def _audited(context: Context, audit: Audit) -> int:
    out = context.out
    if out.form == "table":
        for account, count in audit.counted.items():
            out.line(f"{account}: {counter(count, 'number')}")
    found = [(word, said, one) for word, said, held in _findings(audit) for one in held]
    if found and out.form == "table":
        out.line()
    out.show(_VIEW, found, lambda _: _audit_record(audit))
    if out.form == "table" and not found and not audit.failed:
        out.line("The journal and the accounts agree.")
    for account, error in audit.failed.items():
        warn(f"reconcile: {account} was not read: {error}")
    if audit.late:
        warn(
            "reconcile: some numbers are there though their purchases counted as failed; anycarrier recover takes them "
            "where their orders still lack one"
        )
    if audit.failed:
        return exit_code(next(iter(audit.failed.values())))
    return Exit.REFUSED if found else Exit.DONE


def _findings(audit: Audit) -> tuple[tuple[str, str, Sequence[object]], ...]:
    return (
        ("unknown", "unknown: not bought through this journal", audit.unknown),
        ("missing", "missing: bought, and not on the account", audit.missing),
        ("orphan", "orphan: not needed, or bought by others", audit.orphans),
        ("late", "late: counted as failed, and there", audit.late),
        ("refused", "refused, and there: bought by others since?", audit.refused),
    )


def _finding_row(finding: tuple[str, str, Any]) -> tuple[object, ...]:
    _, said, one = finding
    account = None if one.account == one.provider else one.account
    return one.number.e164, ten_digit(one.number), said, one.provider, account


def _finding_record(finding: tuple[str, str, object]) -> dict[str, object]:
    word, _, one = finding
    return {"finding": word, **record(one)}


_VIEW = View(
    (*HEAD, Column("finding", wraps=True), Column("provider"), Column("account")),
    _finding_row,
    ("finding", "provider", "account", "number", "ten_digit", "price", "key", "id", "status", "label", "created"),
    _finding_record,
)


def _audit_record(audit: Audit) -> dict[str, object]:
    return {
        "counted": dict(audit.counted),
        "unknown": [record(one) for one in audit.unknown],
        "missing": [bought_record(one) for one in audit.missing],
        "orphans": [bought_record(one) for one in audit.orphans],
        "late": [bought_record(one) for one in audit.late],
        "refused": [bought_record(one) for one in audit.refused],
        "failed": {account: error_record(error) for account, error in audit.failed.items()},
    }
