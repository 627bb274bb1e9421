"""Orders in words and as JSON, for ``provision``, ``buy`` and ``recover``, and the exit code of each end."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from attrs import evolve

from anycarrier import errors
from anycarrier.capabilities import support_of
from anycarrier.cli.context import Context
from anycarrier.cli.error_text import line_of, recover_command
from anycarrier.cli.exit_codes import Exit, exit_code
from anycarrier.cli.journal import place, shown
from anycarrier.cli.json_output import both, error_record, record, ten_digit
from anycarrier.cli.output import say, warn
from anycarrier.cli.progress import Ticker
from anycarrier.cli.reason_text import at, code_of, words
from anycarrier.client import Client
from anycarrier.errors import AnyCarrierError, JournalError, OutcomeUnknown
from anycarrier.failover import Failover
from anycarrier.features import Cannot, in_words
from anycarrier.json_forms.writing import time_text
from anycarrier.model import Money, ProviderOptions
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase import Bought, ItemState, Journal, OrderItem, Purchase
from anycarrier.purchase.plan import TRIED
from anycarrier.purchase.provisioning import purchase_of

__all__ = [
    "STATES",
    "announced",
    "bought_line",
    "bought_record",
    "consequence",
    "cost",
    "counter",
    "finished",
    "prices",
    "purchase_record",
    "pursuing",
    "report",
    "show_items",
    "slot_line",
    "slot_record",
]


# -- doing


def announced(context: Context, book: Journal) -> str:
    """The order's id, printed before anything is sent: with it the order can be finished whatever happens."""
    args = context.args
    if args.request_id is None:
        args.request_id = f"r{secrets.token_hex(6)}"
    before = purchase_of(args.request_id, book)
    args.already = before is not None and before.complete
    if before is not None:
        bought = ", ".join(both(number) for number in before.numbers)
        was = f"has already bought {bought}" if bought else "is on record already"
        say(f"Request {args.request_id} {was}: the same id never buys again.")
        return str(args.request_id)
    say(
        f"Request {args.request_id}, on record in {shown(place(context))}. If this is interrupted: "
        f"{recover_command(args, args.request_id)}"
    )
    return str(args.request_id)


@contextmanager
def pursuing(
    context: Context,
    members: list[Any],
    book: Journal,
    *,
    several: bool = False,
    go_on: str | None = None,
    options: Sequence[ProviderOptions] = (),
) -> Iterator[Client[Failover]]:
    """A client that buys from *members*, with *options*, through *book* and shows its progress; *go_on* is the id of
    the order."""
    now = time.time if context.clock is None else _wall(context)
    with Ticker(now, several=several) as ticker:
        provider = Failover(members, journal=book, notify=ticker.tell, options=options)
        accounts = [account.id for account in provider.accounts]
        ticker.ails = lambda: "; ".join(words(said) for one in accounts if (said := provider.breaker.said(one)))
        try:
            with context.client(provider) as client:
                yield client
        except KeyboardInterrupt as stop:
            raise KeyboardInterrupt(
                f"{str(stop) or 'interrupted'}; what was under way is on record, go on with: "
                f"{recover_command(context.args, go_on)}"
            ) from stop


def _wall(context: Context) -> Callable[[], float]:
    clock = context.clock
    assert clock is not None  # noqa: S101 - asked before
    return lambda: clock.now().wall


def finished(
    context: Context,
    book: Journal,
    run: Callable[[], Purchase],
    *,
    show: Callable[[Context, Purchase], None] | None = None,
) -> int:
    """Run an order, show its outcome and what to do next; the exit code.

    Args:
        context: of the command.
        book: the journal.
        run: runs the order.
        show: shows the outcome in place of :func:`report`, where everything is bought.
    """
    error: AnyCarrierError | None = None
    try:
        purchase = run()
    except AnyCarrierError as raised:
        held = getattr(raised, "purchase", None)
        if not isinstance(held, Purchase):
            raise
        if isinstance(raised, JournalError):
            return _without_journal(context, held, raised)
        purchase, error = held, raised
    if show is not None and purchase.complete:
        show(context, purchase)
        return Exit.DONE
    try:
        return report(context, book, purchase, error)
    except JournalError as broken:
        said = error.message if error is not None else "the order was run"
        lost = JournalError(f"{said}; {broken.message}", code=broken.code, maybe_applied=True)
        return _without_journal(context, purchase, lost)


def _without_journal(context: Context, purchase: Purchase, error: JournalError) -> int:
    """Show the known part of an order whose journal failed."""
    line = line_of(context.args, error)
    _show(context, purchase, {"error": _error(purchase, error, line)})
    warn(line)
    return exit_code(error)


def report(context: Context, book: Journal, purchase: Purchase, error: AnyCarrierError | None = None) -> int:
    """Show the outcome of *purchase*; the exit code."""
    args = context.args
    code, line = Exit.DONE, ""
    if not purchase.complete:
        code, line = _undecided(context, book, purchase) if purchase.open else _ended(context, book, purchase)
    more: dict[str, object] = {"already_bought": True} if args.already else {}
    if line:
        more["error"] = _error(purchase, error, line)
    _show(context, purchase, more)
    if line:
        warn(f"{args.command}: {line}")
    return code


def _show(context: Context, purchase: Purchase, more: dict[str, object]) -> None:
    out = context.out
    if out.form == "json":
        out.json({**purchase_record(purchase), **more})
    elif out.form == "csv":
        show_items(context, purchase.items)
    else:
        for one in purchase.bought:
            out.line(bought_line(one))


def show_items(context: Context, items: Sequence[OrderItem]) -> None:
    """Show every number that was ordered, as CSV: where it stands, and for one that was bought its price."""
    fields = ("intent", "state", "provider", "account", "number", "ten_digit", "price", "key", "reason", "resume_at")
    wanted = context.args.number  # an order for one number, which an item without a purchase lacks
    number = None if wanted is None else PhoneNumber(wanted)
    named = {"number": number and number.e164, "ten_digit": number and ten_digit(number)}
    records = (
        {**slot_record(one), **(bought_record(one.bought) if one.bought else {} if one.number else named)}
        for one in items
    )
    context.out.rows(fields, records)


def _undecided(context: Context, book: Journal, purchase: Purchase) -> tuple[int, str]:
    said: list[str] = []
    for item in purchase.items:
        if not item.undecided:
            continue
        if item.number is None:
            said.append(words(item.reason) or "no purchase could be started yet")
            continue
        drafts = [entry.attempt.draft for entry in book.load(item.id).entries]
        provider = next(draft.provider for draft in drafts if draft.key == item.key)
        if item.state is ItemState.PLACED:
            said.append(f"{item.number} was ordered from {provider}, which is setting it up")
            continue
        why = f" ({words(item.reason)})" if item.reason else ""
        said.append(f"{item.number} may have been bought from {provider}, key {item.key}{why}")
    some = f"{len(purchase.bought)} of {len(purchase.items)} bought; " if len(purchase.items) > 1 else ""
    go_on = recover_command(context.args, purchase.request_id)
    return Exit.UNKNOWN, f"{some}{'; '.join(dict.fromkeys(said))}; do not buy again, go on with: {go_on}"


def _ended(context: Context, book: Journal, purchase: Purchase) -> tuple[int, str]:
    if all(item.bought is not None for item in purchase.items):
        failed = "; ".join(words(item.reason) for item in purchase.items if item.setup == "failed")
        again = recover_command(context.args, purchase.request_id)
        return Exit.REFUSED, f"{len(purchase.bought)} bought, and not set up: {failed}; try again with: {again}"
    reasons = _reasons(book, purchase)
    codes = {code_of(reason) for reason in reasons.values()}
    code = codes.pop() if len(codes) == 1 else Exit.REFUSED
    why = "; ".join(at(account, reason) for account, reason in reasons.items())
    count = len(purchase.items)
    what = "nothing was bought" if not purchase.bought else f"{len(purchase.bought)} of {count} bought, and no more"
    advice = "; anycarrier doctor says more" if code == Exit.DENIED else ""
    return code, f"{what} (request {purchase.request_id} has ended): {why or 'no reason is on record'}{advice}"


def _reasons(book: Journal, purchase: Purchase) -> dict[str, str]:
    """The reason of each account without a number: why it was skipped, or how its last attempt ended."""
    found: dict[str, str] = {}
    other: list[str] = []
    for item in purchase.items:
        if item.bought is not None:
            continue
        for entry in book.load(item.id).entries:
            found[entry.attempt.draft.account] = entry.attempt.reason
        found.update(item.reasons)
        other.append(item.reason)
    found = {account: reason for account, reason in found.items() if reason}
    if not found or any(reason != TRIED for reason in other):
        found[""] = "; ".join(dict.fromkeys(reason for reason in other if reason and reason not in found.values()))
    return {account: reason for account, reason in found.items() if reason}


# -- saying


def _error(purchase: Purchase, error: AnyCarrierError | None, line: str) -> dict[str, object]:
    if error is None:
        bought = all(item.bought is not None for item in purchase.items)
        ended = errors.SetUpFailed if bought else errors.OrderExhausted
        error = (OutcomeUnknown if purchase.open else ended)(line, operation="provision")
    made = {name: held for name, held in error_record(error).items() if name != "purchase"}  # it stands beside
    if isinstance(error, OutcomeUnknown):
        # With several numbers, the slots name them.
        made = {**made, "number": getattr(error, "number", None)}
    return {**made, "message": line}


def purchase_record(purchase: Purchase) -> dict[str, object]:
    """A purchase as JSON data: its public form, and ``slots``, its items under the names of earlier releases."""
    return {**record(_on_record(purchase)), "slots": [slot_record(item) for item in purchase.items]}


def _on_record(purchase: Purchase) -> Purchase:
    """*purchase* as the journal has it, so that the same order is shown alike by each command."""
    items = (evolve(one, bought=one.bought and evolve(one.bought, owned=None)) for one in purchase.items)
    return evolve(purchase, items=tuple(items))


def bought_record(one: Bought) -> dict[str, object]:
    """A bought number as JSON data, as the journal has it."""
    made: dict[str, object] = record(evolve(one, owned=None))
    return made


def slot_record(item: OrderItem) -> dict[str, object]:
    """One ordered number as JSON data."""
    number = item.bought.number if item.bought else item.number
    return {
        "intent": item.id,
        "state": item.state.value,
        "number": record(number),
        "ten_digit": number and ten_digit(number),
        "key": item.bought.key if item.bought else item.key,
        "reason": item.reason,
        "reasons": dict(item.reasons),
        "resume_at": time_text(item.resume_at),
        "setup": item.setup,
    }


def bought_line(one: Bought) -> str:
    """A bought number, for people."""
    account = f" (account {one.account})" if one.account != one.provider else ""
    price = f", {prices(one)}" if one.price else ""
    return f"Bought {both(one.number)} from {one.provider}{account}{price}"


def slot_line(item: OrderItem) -> str:
    """The state of one ordered number, for people."""
    if item.bought is not None:
        return f"{item.id}  {bought_line(item.bought)}"
    why = f": {words(item.reason)}" if item.reason else ""
    about = f" {item.number}" if item.number else ""
    return f"{item.id}  {STATES[item.state]}{about}{why}"


STATES = {
    ItemState.OPEN: "open",
    ItemState.PLACED: "being set up",
    ItemState.ACTIVE: "bought",
    ItemState.SET_UP: "set up",
    ItemState.REFUSED: "refused",
    ItemState.EXHAUSTED: "not bought",
    ItemState.CANCELLED: "cancelled",
    ItemState.PARKED: "parked",
}


def consequence(providers: list[Any]) -> str:
    """The cost of a purchase from *providers*, and what of it cannot be undone."""
    kept = [(one.name, support_of(one, "release")) for one in providers]
    said = [f"{name} cannot {in_words('release')}: {how.reason}" for name, how in kept if isinstance(how, Cannot)]
    if not said:
        return "This costs money. Giving the number up later does not bring the money back."
    return f"This costs money every month, for as long as the number is on the account. {'. '.join(said)}."


def cost(money: Money) -> str:
    """An amount for people, with cents at least."""
    exponent = money.amount.as_tuple().exponent
    cents = isinstance(exponent, int) and exponent > -2
    return f"{money.amount:.2f} {money.currency}" if cents else f"{money.amount} {money.currency}"


class Priced(Protocol):
    """An offer, a draft or a bought number."""

    @property
    def price(self) -> Money | None: ...
    @property
    def setup_price(self) -> Money | None: ...


def prices(one: Priced) -> str:
    """The price per month and the set-up cost for people; empty where neither is known."""
    said = [f"{cost(one.price)} a month"] if one.price else []
    if one.setup_price:
        said.append(f"{cost(one.setup_price)} once")
    return " and ".join(said)


def counter(count: int, what: str) -> str:
    """``1 number``, ``2 numbers``."""
    return f"{count} {what}{'' if count == 1 else 's'}"
