"""``purchases``: the journal, read without any provider, also while another process writes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from anycarrier.attempt import AttemptState
from anycarrier.cli.context import Context
from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.journal import place, reading, shown
from anycarrier.cli.json_output import HEAD, record, ten_digit
from anycarrier.cli.output import say
from anycarrier.cli.provision import filters, set_up_words
from anycarrier.cli.purchase_output import STATES, cost, prices
from anycarrier.cli.reason_text import at, words
from anycarrier.cli.table import Column
from anycarrier.cli.targets import request_ids
from anycarrier.errors import InvalidInput
from anycarrier.json_forms.writing import time_text
from anycarrier.purchase import ItemState, Journal, Purchase
from anycarrier.purchase.journal import AttemptRecord, OrderRecord, Snapshot
from anycarrier.purchase.journal.changes import ChangeRecord
from anycarrier.purchase.journal.types import Goal
from anycarrier.purchase.order import from_json, item_of
from anycarrier.purchase.resolution import UNDECIDED

__all__ = ["purchases"]


def purchases(context: Context) -> int:
    """List orders, newest first, or show every attempt of some of them."""
    args, named = context.args, request_ids(context)
    with reading(context) as book:
        for name in named:
            if book.request(name) is None:
                raise InvalidInput(f"the journal has no request {name!r}: anycarrier purchases lists them")
        state = None if args.state is None else ItemState(args.state.upper())
        names = named or list(
            book.found(unfinished=args.open, reference=args.reference, tags=dict(args.tag), state=state)
        )
        wanted = names if named else names[: args.limit]
        found = (snapshots for name in wanted if (snapshots := _loaded(book, name)))
        if context.out.form == "csv":
            # Row by row, however many there are.
            context.out.rows(_FIELDS, (row for snapshots in found for row in _attempts(snapshots)))
        else:
            _show(context, book, list(found), bool(named), len(names) - len(wanted))
    if len(names) > len(wanted) and context.out.form != "json":
        say(f"{len(names) - len(wanted)} more; --limit shows them")
    return Exit.DONE


def _loaded(book: Journal, name: str) -> list[Snapshot]:
    return [book.load(item) for item in book.item_ids(name)]


_COLUMNS = (
    Column("request"),
    Column("state", wraps=True),
    *HEAD,
    Column("provider"),
    Column("account"),
    Column("price"),
    Column("since"),
    Column("why", wraps=True),
)
_FIELDS = (
    *("request_id", "created", "valid_until", "intent", "slot", "state", "reason", "seq", "attempt", "provider"),
    *(
        "account",
        "number",
        "ten_digit",
        "key",
        "price",
        "sends",
        "first_sent",
        "last_sent",
        "watched",
        "why",
        "reference",
    ),
)


def _show(context: Context, book: Journal, found: list[list[Snapshot]], named: bool, left: int) -> None:
    out = context.out
    if out.form == "json":
        records = [_record(book, snapshots) for snapshots in found]
        out.json({"journal": shown(place(context)), "purchases": records, "left_off": left})
        return
    if not found:
        out.line(f"Nothing is {'open' if context.args.open else 'on record'} in {shown(place(context))}.")
    elif named:
        for count, snapshots in enumerate(found):
            if count:
                out.line()
            _one(context, book, snapshots)
    else:
        out.table(_COLUMNS, (row for snapshots in found for snapshot in snapshots for row in _rows(snapshot)))


# -- for people


def _rows(snapshot: Snapshot) -> list[tuple[object, ...]]:
    """A row for the intent, and one for each number that is paid for and not needed."""
    last = _telling(snapshot)
    rows = [_row(snapshot, last, _state(snapshot))]
    rows += [
        _row(snapshot, one, "orphan: not needed, or bought by others")
        for one in snapshot.entries
        if one.attempt.state is AttemptState.ORPHAN
    ]
    return rows


def _row(snapshot: Snapshot, entry: AttemptRecord | None, state: str) -> tuple[object, ...]:
    item = snapshot.item
    several = item.position > 1
    named = f"{item.request_id} #{item.position}" if several else item.request_id
    draft = entry.attempt.draft if entry else None
    return (
        named,
        state,
        draft and draft.number.e164,
        draft and ten_digit(draft.number),
        draft and draft.provider,
        draft.account if draft and draft.account != draft.provider else None,
        draft and prices(draft),
        _time(snapshot.request.created),
        _why(snapshot, entry),
    )


def _telling(snapshot: Snapshot) -> AttemptRecord | None:
    """The attempt that decides the state: the one that succeeded, or the one with an unknown outcome."""
    chosen = snapshot.item.attempt_id
    for entry in snapshot.entries:
        if entry.id == chosen or (chosen is None and entry.attempt.state in UNDECIDED):
            return entry
    return None


def _state(snapshot: Snapshot) -> str:
    entry = _telling(snapshot)
    if entry is not None and entry.attempt.state is AttemptState.RELEASED:
        return "released"
    if snapshot.item.state is ItemState.OPEN and entry is not None:
        return "in doubt"
    if snapshot.item.state is ItemState.ACTIVE and snapshot.request.goal is Goal.SET_UP:
        return "bought, set-up under way" if snapshot.item.claimable else "bought, set-up failed"
    return STATES[snapshot.item.state]


def _why(snapshot: Snapshot, entry: AttemptRecord | None) -> str:
    item = snapshot.item
    if item.state in (ItemState.ACTIVE, ItemState.PLACED, ItemState.SET_UP):
        return words(item.reason)
    if entry is not None:
        return words(entry.attempt.reason) or "sent, outcome not known yet"
    said = [at(account, reason) for account, reason in item.passed.items()]
    last = snapshot.entries[-1].attempt if snapshot.entries else None
    if not said and last is not None and last.reason:
        said = [at(last.draft.account, last.reason)]
    return "; ".join(said) or words(item.reason)


def _one(context: Context, book: Journal, snapshots: list[Snapshot]) -> None:
    out, request = context.out, snapshots[0].request
    order, accounts = from_json(request.order)
    wanted = str(order.number) if order.number is not None else f"{order.quantity}{filters(order.criteria)}"  # type: ignore[arg-type]
    out.facts(
        {
            "request": request.id,
            "wanted": wanted,
            "from": ", ".join(accounts),
            "prefer": order.prefer,
            "in doubt": order.in_doubt,
            "fulfilled by": "set up" if order.setup is not None else order.fulfilled_by,
            "set-up": set_up_words(order),
            "needs": ", ".join([*sorted(order.features), *order.capabilities]),
            "max price": order.max_price and cost(order.max_price),
            "spend cap": order.spend_cap and cost(order.spend_cap),
            "since": _time(request.created),
            "buys until": _time(request.valid_until),
            "reference": request.reference,
            "tags": ", ".join(f"{name}={value}" for name, value in request.tags.items()),
        }
    )
    for snapshot in snapshots:
        item = snapshot.item
        out.line()
        out.line(f"{item.id}: {_state(snapshot)}{f', {words(item.reason)}' if item.reason else ''}")
        for account, reason in item.passed.items():
            out.line(f"  skipped: {at(account, reason)}")
        for entry in snapshot.entries:
            out.line(f"  {_attempt_line(entry)}")
        for change in book.changes(item_id=item.id):
            out.line(f"  {_step_line(change)}")


def _attempt_line(entry: AttemptRecord) -> str:
    attempt = entry.attempt
    draft = attempt.draft
    price = f", {prices(draft)}" if prices(draft) else ""
    times = f", sent {attempt.sends} times" if attempt.sends > 1 else ""
    why = f": {words(attempt.reason)}" if attempt.reason else ""
    watched = " (watched, as it may turn up)" if entry.watched else ""
    state = attempt.state.value.lower().replace("_", " ")
    return (
        f"{_time(attempt.first_sent)}  {draft.number} from {draft.provider}, account {draft.account}{price}, "
        f"key {draft.key}{times}: {state}{watched}{why}"
    )


def _step_line(change: ChangeRecord) -> str:
    why = f": {words(change.reason)}" if change.reason else ""
    return f"{_time(change.created)}  set up {change.what.replace('_', ' ')}: {_outcome(change)}{why}"


def _outcome(change: ChangeRecord) -> str:
    return change.outcome.value.lower().replace("_", " ")


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


# -- for programs


def _record(book: Journal, snapshots: list[Snapshot]) -> dict[str, object]:
    """An order: its public form, and beside it what the journal has: the order, its accounts, each attempt and step."""
    request: OrderRecord = snapshots[0].request
    order, accounts = from_json(request.order)
    items = tuple(map(item_of, snapshots))
    purchase = Purchase(request_id=request.id, items=items, reference=request.reference, tags=request.tags)
    return {
        **record(purchase),
        **_request(request),
        "order": record(order),
        "accounts": list(accounts),
        "intents": [_intent(book, snapshot) for snapshot in snapshots],
    }


def _request(request: OrderRecord) -> dict[str, object]:
    return {
        "request_id": request.id,
        "created": time_text(request.created),
        "valid_until": time_text(request.valid_until),
    }


def _intent(book: Journal, snapshot: Snapshot) -> dict[str, object]:
    item, entry = snapshot.item, _telling(snapshot)
    number = entry.attempt.draft.number if entry else None
    return {
        "intent": item.id,
        "slot": item.position,
        "state": item.state.value,
        "number": record(number),
        "ten_digit": number and ten_digit(number),
        "reason": item.reason,
        "passed": dict(item.passed),
        "attempts": [_attempt(one) for one in snapshot.entries],
        "steps": [record(one) for one in book.changes(item_id=item.id)],
    }


def _attempt(entry: AttemptRecord) -> dict[str, object]:
    attempt = entry.attempt
    draft = attempt.draft
    return {
        "seq": entry.seq,
        "state": attempt.state.value,
        "provider": draft.provider,
        "account": draft.account,
        "number": draft.number.e164,
        "ten_digit": ten_digit(draft.number),
        "key": draft.key,
        "price": record(draft.price),
        "setup_price": record(draft.setup_price),
        "sends": attempt.sends,
        "first_sent": time_text(attempt.first_sent),
        "last_sent": time_text(attempt.last_sent),
        "watched": entry.watched,
        "reason": attempt.reason,
    }


def _attempts(snapshots: list[Snapshot]) -> Iterator[dict[str, object]]:
    """A row for each attempt, and one for an intent without any."""
    for snapshot in snapshots:
        item = snapshot.item
        head = {
            **_request(snapshot.request),
            "reference": snapshot.request.reference,
            "intent": item.id,
            "slot": item.position,
            "state": item.state.value,
            "reason": item.reason,
        }
        for entry in snapshot.entries:
            attempt = _attempt(entry)
            yield {**attempt, **head, "attempt": attempt["state"], "why": attempt["reason"]}
        if not snapshot.entries:
            yield head
