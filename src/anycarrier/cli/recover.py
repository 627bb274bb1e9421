"""``recover`` and ``reconcile``: finishing what was left open, and comparing the journal with the accounts."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import Any

from anycarrier.cli.accounts import Choice, configured, gathered, made, sources
from anycarrier.cli.context import Context
from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.journal import reading, writing
from anycarrier.cli.json_output import error_record, record, ten_digit
from anycarrier.cli.output import warn
from anycarrier.cli.purchase_output import (
    both,
    bought_line,
    bought_record,
    counter,
    finished,
    pursuing,
    slot_line,
    slot_record,
    told,
)
from anycarrier.cli.run import exit_code
from anycarrier.errors import ConfigurationError, InvalidInput
from anycarrier.failover import Failover
from anycarrier.provider import AttemptState
from anycarrier.purchase import Audit, Bought, ItemState, Journal, Recovery, purchase_of
from anycarrier.purchase.context import account_name
from anycarrier.purchase.journal.types import AttemptRecord
from anycarrier.purchase.order import from_json

__all__ = ["reconcile", "recover"]


def recover(context: Context) -> int:
    """Finish what is open, or one order."""
    args = context.args
    with writing(context, create=False) as book:
        if args.request_id is not None:
            if book.request(args.request_id) is None:
                raise InvalidInput(f"the journal has no request {args.request_id!r}: anycarrier purchases lists them")
            return _one(context, book, args.request_id)
        wanted = _wanted(book)
        if not wanted:
            return _nothing(context, "Nothing is open.")
        members = _members(context, wanted)
        with pursuing(context, members, book, several=True) as client:
            recovery = client.recover(deadline=args.deadline)
        return _recovered(context, recovery)


def _one(context: Context, book: Journal, name: str) -> int:
    purchase = purchase_of(name, book)
    assert purchase is not None  # noqa: S101 - looked up before
    if not purchase.open:
        return told(context, book, purchase)
    members = _members(context, _accounts(book, [name]))
    several = len(purchase.items) > 1
    with pursuing(context, members, book, several=several, go_on=name) as client:
        return finished(context, book, lambda: client.resume(name, deadline=context.args.deadline))


def _nothing(context: Context, said: str) -> int:
    if context.out.as_json:
        context.out.json(_record(Recovery(items=(), sweep=_no_sweep())))
    else:
        context.out.line(said)
    return Exit.DONE


def _no_sweep() -> Any:
    from anycarrier.purchase import Sweep

    return Sweep()


def _wanted(book: Journal) -> list[str]:
    """The accounts of every order that is open, and of every purchase that is watched."""
    names = _accounts(book, book.request_ids(unfinished=True))
    names += [f"{one.attempt.draft.provider}/{one.attempt.draft.account}" for one in book.watched()]
    return list(dict.fromkeys(names))


def _accounts(book: Journal, requests: Sequence[str]) -> list[str]:
    names: list[str] = []
    for name in requests:
        request = book.request(name)
        if request is not None:
            names += from_json(request.order)[1]
    return list(dict.fromkeys(names))


def _members(context: Context, wanted: Sequence[str]) -> list[Any]:
    args = context.args
    if _chosen(args):
        return [Choice.of(args).make()]
    members, missing = gathered(wanted)
    if not members:
        told = "; ".join(f"{name}: {why}" for name, why in missing.items())
        raise ConfigurationError(f"the settings of the accounts that this is about are missing: {told}")
    for name, why in missing.items():
        warn(f"recover: {name} cannot be asked: {why}")
    return members


def _chosen(args: argparse.Namespace) -> bool:
    return bool(args.provider or args.account or args.base_url or args.settings)


def _recovered(context: Context, recovery: Recovery) -> int:
    out, sweep = context.out, recovery.sweep
    if out.as_json:
        out.json(_record(recovery))
    else:
        if not recovery.items and not recovery.failed and not sweep.adopted and not sweep.orphans:
            out.line("Nothing is open.")
        for item in recovery.items:
            out.line(slot_line(item))
        for one in sweep.adopted:
            out.line(f"{bought_line(one)}: its purchase had come to nothing, and it is there")
        if sweep.watched:
            unknown = f", of {sweep.unknown} of them nothing could be learned now" if sweep.unknown else ""
            out.line(f"{counter(sweep.watched, 'purchase')} that came to nothing may still turn up{unknown}")
    _orphans(sweep.orphans)
    for item_id, error in recovery.failed.items():
        warn(f"recover: {item_id}: {error}")
    undecided = [item for item in recovery.items if item.state in (ItemState.OPEN, ItemState.PARKED)]
    if undecided:
        from anycarrier.cli.error_text import recover_command

        warn(
            f"recover: {counter(len(undecided), 'purchase')} could not be decided yet; do not buy again, go on with: "
            f"{recover_command(context.args, None)}"
        )
        return Exit.UNKNOWN
    if recovery.failed:
        return exit_code(next(iter(recovery.failed.values())))
    return Exit.REFUSED if sweep.orphans else Exit.DONE


def _orphans(found: Sequence[Bought]) -> None:
    for one in found:
        warn(
            f"{both(one.number)} is at {one.provider} (account {one.account}) though its purchase had come to nothing: "
            "it was paid for all the same and is not needed by its order, or somebody else bought it there. Compare "
            "label and date at the provider before anything is done about it"
        )


def _record(recovery: Recovery) -> dict[str, Any]:
    sweep = recovery.sweep
    return {
        "slots": [slot_record(item) for item in recovery.items],
        "failed": {item: error_record(error) for item, error in recovery.failed.items()},
        "adopted": [bought_record(one) for one in sweep.adopted],
        "orphans": [bought_record(one) for one in sweep.orphans],
        "reopened": list(sweep.reopened), "watched": sweep.watched, "unknown": sweep.unknown,
    }  # fmt: skip


# -- comparing


def reconcile(context: Context) -> int:
    """Read every account to its end and compare it with the journal; changes nothing."""
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
    """A journal that is only read: what turned up late is reported here, and written down by ``recover``."""

    def __init__(self, book: Journal) -> None:
        self._book = book

    def entries(self, provider: str | None = None, account: str | None = None) -> list[AttemptRecord]:
        return self._book.entries(provider, account)

    def found_late(self, entry: AttemptRecord) -> AttemptState:
        return AttemptState.ORPHAN


def _with_unread(audit: Audit, book: Journal, members: Sequence[Any]) -> Audit:
    """*audit*, with the accounts that hold numbers of the journal and have no settings here among those that failed."""
    from attrs import evolve

    read = {account_name(member, account.id) for member in members for account in member.accounts}
    failed: dict[str, Exception] = dict(audit.failed)
    for entry in book.entries():
        draft = entry.attempt.draft
        if entry.live and f"{draft.provider}/{draft.account}" not in read:
            failed.setdefault(draft.account, ConfigurationError(f"{draft.provider} has no settings here"))
    return evolve(audit, failed=failed)


def _audited(context: Context, audit: Audit) -> int:
    out = context.out
    if out.as_json:
        out.json({
            "counted": dict(audit.counted), "unknown": [record(one) for one in audit.unknown],
            "missing": [bought_record(one) for one in audit.missing],
            "orphans": [bought_record(one) for one in audit.orphans],
            "late": [bought_record(one) for one in audit.late],
            "refused": [bought_record(one) for one in audit.refused],
            "failed": {account: error_record(error) for account, error in audit.failed.items()},
        })  # fmt: skip
    else:
        for account, count in audit.counted.items():
            out.line(f"{account}: {counter(count, 'number')}")
        _table(context, audit)
    for account, error in audit.failed.items():
        warn(f"reconcile: {account} was not read: {error}")
    if audit.late:
        warn(
            "reconcile: some numbers are there though their purchases were refused or given up; anycarrier recover "
            "takes them where their orders still lack one"
        )
    if audit.failed:
        return exit_code(next(iter(audit.failed.values())))
    differs = audit.unknown or audit.missing or audit.orphans or audit.late or audit.refused
    return Exit.REFUSED if differs else Exit.DONE


def _table(context: Context, audit: Audit) -> None:
    lists: Mapping[str, Sequence[Any]] = {
        "unknown: not bought through this journal": audit.unknown,
        "missing: bought, and not on the account": audit.missing,
        "orphan: not needed, or somebody else's": audit.orphans,
        "late: refused or given up, and there": audit.late,
        "refused, and there: somebody else's by now?": audit.refused,
    }
    rows = [
        (
            one.number.e164, ten_digit(one.number), what, one.provider,
            None if one.account == one.provider else one.account,
        )
        for what, found in lists.items()
        for one in found
    ]  # fmt: skip
    if rows:
        context.out.line()
        context.out.table(("number", "ten digits", "what", "provider", "account"), rows)
    elif not audit.failed:
        context.out.line("The journal and the accounts agree.")
