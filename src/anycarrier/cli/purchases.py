"""``purchases``: what the journal says, without asking any provider, also while another process writes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from anycarrier.cli.context import Context
from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.journal import place, reading, shown
from anycarrier.cli.json_output import record, ten_digit
from anycarrier.cli.output import say
from anycarrier.cli.provision import filters
from anycarrier.cli.purchase_output import STATES, cost
from anycarrier.cli.reason_text import at, words
from anycarrier.errors import InvalidInput
from anycarrier.provider import AttemptState
from anycarrier.purchase import ItemState, Journal
from anycarrier.purchase.journal import AttemptRecord, OrderRecord, Snapshot
from anycarrier.purchase.order import from_json
from anycarrier.purchase.resolution import OPEN

__all__ = ["purchases"]


def purchases(context: Context) -> int:
    """List orders, newest first, or show all that was tried for one."""
    args = context.args
    with reading(context) as book:
        if args.request_id is not None:
            names = [args.request_id]
            if book.request(args.request_id) is None:
                raise InvalidInput(f"the journal has no request {args.request_id!r}: anycarrier purchases lists them")
        else:
            names = book.request_ids(unfinished=args.open)
        found = [(name, _loaded(book, name)) for name in names[: args.limit]]
    _show(context, [snapshots for _, snapshots in found if snapshots], len(names) - len(found))
    return Exit.DONE


def _loaded(book: Journal, name: str) -> list[Snapshot]:
    return [book.load(item) for item in book.item_ids(name)]


def _show(context: Context, found: list[list[Snapshot]], left: int) -> None:
    out, args = context.out, context.args
    if out.as_json:
        out.json({
            "journal": shown(place(context)), "purchases": [_record(snapshots) for snapshots in found], "left_off": left
        })  # fmt: skip
        return
    if not found:
        out.line(f"Nothing is {'open' if args.open else 'on record'} in {shown(place(context))}.")
        return
    if args.request_id is not None:
        _one(context, found[0])
    else:
        rows = [row for snapshots in found for snapshot in snapshots for row in _rows(snapshot)]
        out.table(("request", "state", "number", "ten digits", "provider", "account", "price", "since", "why"), rows)
    if left:
        say(f"{left} more; --limit shows them")


# -- for people


def _rows(snapshot: Snapshot) -> list[tuple[object, ...]]:
    """A line for the intent, and one for each number that is paid for and not needed."""
    last = _telling(snapshot)
    rows = [_row(snapshot, last, _state(snapshot))]
    rows += [
        _row(snapshot, one, "orphan: not needed, or somebody else's")
        for one in snapshot.entries
        if one.attempt.state is AttemptState.ORPHAN
    ]
    return rows


def _row(snapshot: Snapshot, entry: AttemptRecord | None, state: str) -> tuple[object, ...]:
    item = snapshot.item
    several = item.position > 1
    named = f"{item.request_id} #{item.position}" if several else item.request_id
    draft = entry.attempt.draft if entry else None
    price = draft.price if draft else None
    return (
        named, state, draft and draft.number.e164, draft and ten_digit(draft.number), draft and draft.provider,
        draft.account if draft and draft.account != draft.provider else None, price and cost(price),
        _time(snapshot.request.created), _why(snapshot, entry),
    )  # fmt: skip


def _telling(snapshot: Snapshot) -> AttemptRecord | None:
    """The attempt that says how the intent stands: what fulfilled it, or what is in doubt."""
    chosen = snapshot.item.attempt_id
    for entry in snapshot.entries:
        if entry.id == chosen or (chosen is None and entry.attempt.state in OPEN):
            return entry
    return None


def _state(snapshot: Snapshot) -> str:
    entry = _telling(snapshot)
    if entry is not None and entry.attempt.state is AttemptState.RELEASED:
        return "given up since"
    if snapshot.item.state is ItemState.OPEN and entry is not None:
        return "in doubt"
    return STATES[snapshot.item.state]


def _why(snapshot: Snapshot, entry: AttemptRecord | None) -> str:
    item = snapshot.item
    if item.state is ItemState.FULFILLED:
        return ""
    if entry is not None:
        return words(entry.attempt.reason) or "sent, and nothing is known of it yet"
    said = [at(account, reason) for account, reason in item.passed.items()]
    last = snapshot.entries[-1].attempt if snapshot.entries else None
    if not said and last is not None and last.reason:
        said = [at(last.draft.account, last.reason)]
    return "; ".join(said) or words(item.reason)


def _one(context: Context, snapshots: list[Snapshot]) -> None:
    out, request = context.out, snapshots[0].request
    order, accounts = from_json(request.order)
    wanted = str(order.number) if order.number is not None else f"{order.quantity}{filters(order.criteria)}"  # type: ignore[arg-type]
    out.facts({
        "request": request.id, "wanted": wanted, "from": ", ".join(accounts), "prefer": order.prefer,
        "in doubt": order.in_doubt, "needs": ", ".join([*sorted(order.features), *order.capabilities]),
        "max price": order.max_price and cost(order.max_price), "spend cap": order.spend_cap and cost(order.spend_cap),
        "since": _time(request.created), "buys until": _time(request.valid_until),
    })  # fmt: skip
    for snapshot in snapshots:
        item = snapshot.item
        out.line()
        out.line(f"{item.id}: {_state(snapshot)}{f', {words(item.reason)}' if item.reason else ''}")
        for account, reason in item.passed.items():
            out.line(f"  passed over: {at(account, reason)}")
        for entry in snapshot.entries:
            out.line(f"  {_attempt_line(entry)}")


def _attempt_line(entry: AttemptRecord) -> str:
    attempt = entry.attempt
    draft = attempt.draft
    price = f", {cost(draft.price)} a month" if draft.price else ""
    times = f", sent {attempt.sends} times" if attempt.sends > 1 else ""
    why = f": {words(attempt.reason)}" if attempt.reason else ""
    watched = " (watched, in case it turns up)" if entry.watched else ""
    state = attempt.state.value.lower().replace("_", " ")
    return (
        f"{_time(attempt.first_sent)}  {draft.number} from {draft.provider}, account {draft.account}{price}, "
        f"key {draft.key}{times}: {state}{watched}{why}"
    )


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


# -- for programs


def _record(snapshots: list[Snapshot]) -> dict[str, Any]:
    request: OrderRecord = snapshots[0].request
    document = json.loads(request.order)
    return {
        "request_id": request.id, "created": _iso(request.created), "valid_until": _iso(request.valid_until),
        "order": document["order"], "accounts": document["accounts"],
        "intents": [_intent(snapshot) for snapshot in snapshots],
    }  # fmt: skip


def _intent(snapshot: Snapshot) -> dict[str, Any]:
    item, entry = snapshot.item, _telling(snapshot)
    number = entry.attempt.draft.number if entry else None
    return {
        "intent": item.id, "slot": item.position, "state": item.state.value, "number": record(number),
        "ten_digit": number and ten_digit(number), "reason": item.reason, "passed": dict(item.passed),
        "attempts": [_attempt(one) for one in snapshot.entries],
    }  # fmt: skip


def _attempt(entry: AttemptRecord) -> dict[str, Any]:
    attempt = entry.attempt
    draft = attempt.draft
    return {
        "seq": entry.seq, "state": attempt.state.value, "provider": draft.provider, "account": draft.account,
        "number": draft.number.e164, "ten_digit": ten_digit(draft.number), "key": draft.key,
        "price": record(draft.price), "sends": attempt.sends, "first_sent": _iso(attempt.first_sent),
        "last_sent": _iso(attempt.last_sent), "watched": entry.watched, "reason": attempt.reason,
    }  # fmt: skip


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()
