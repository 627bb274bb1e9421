"""``buy`` and ``wait``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from anycarrier.attempt import AttemptState
from anycarrier.capabilities import has, lacks
from anycarrier.cli.accounts import Choice
from anycarrier.cli.confirm import can_ask, confirm
from anycarrier.cli.context import Context, Ended
from anycarrier.cli.error_text import command, recover_command
from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.journal import candid, existing, writing
from anycarrier.cli.json_output import both, owned_facts, owned_view, record
from anycarrier.cli.provider_options import options_for
from anycarrier.cli.provision import show_quote
from anycarrier.cli.purchase_output import (
    announced,
    bought_line,
    consequence,
    cost,
    finished,
    prices,
    pursuing,
    show_items,
)
from anycarrier.cli.search import money
from anycarrier.cli.targets import Each, numbers
from anycarrier.errors import AnyCarrierError, SpendLimitExceeded
from anycarrier.exchange import Exchange
from anycarrier.model import Money, OwnedNumber, ProviderOptions, Status
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase import Journal, Order, Purchase, Quote
from anycarrier.purchase.protocols import StatesPrices
from anycarrier.purchase.selection import Choice as Bid
from anycarrier.purchase.selection import is_passing, too_dear
from anycarrier.purchase.sending import NEEDS_ACTION, fresh_key

__all__ = ["buy", "show"]


def buy(context: Context) -> int:
    """Buy numbers, each with an order for exactly this number, from one provider, through the journal."""
    args = context.args
    found = numbers(context)
    if not args.dry_run:
        can_ask(context)
    own_id = args.request_id

    def act(number: PhoneNumber) -> int:
        # Of several each number is an order of its own: under an id of the caller's, the same file never buys again.
        args.request_id = own_id if args.alone or own_id is None else f"{own_id}-{number.e164}"
        return _buy(context, number)

    return Each(context, found, act, counts=False).run()


def _buy(context: Context, number: PhoneNumber) -> int:
    args = context.args
    choice = Choice.of(args)
    cap = money(args.max_price, "--max-price")
    provider = choice.make()
    if not has(provider, "buy"):
        raise lacks(provider, "buy")
    options = options_for(args, [provider])
    if args.dry_run or not _is_on_record(context, provider, number):
        bid, silence = _previewed(context, provider, number, cap, options)
        if args.dry_run:
            show_quote(context, Quote(choices=[bid]), [bid], 1)
            return Exit.DONE
        said = f"for {prices(bid)}" if bid.price else f"at an unknown price ({silence})"
        confirm(context, f"Buy {both(number)} from {choice.label} {said}?", consequence([provider]))
    order = Order(number=number, max_price=cap, deadline=args.deadline, fulfilled_by="placed")
    with writing(context) as book:
        _not_ours_yet(context, book, provider, number)
        name = announced(context, book)
        with pursuing(context, [provider], book, go_on=name, options=options) as client:
            return finished(context, book, lambda: client.provision(order, request_id=name), show=_shown)


def _is_on_record(context: Context, provider: object, number: PhoneNumber) -> bool:
    """Return whether the journal has the order already: it was confirmed then, and there may be nothing left to buy."""
    with candid(context):
        book = existing(context)
    if book is None:
        return False
    with candid(context), book:
        _not_ours_yet(context, book, provider, number)
        return context.args.request_id is not None and book.request(context.args.request_id) is not None


def _previewed(
    context: Context, provider: Any, number: PhoneNumber, cap: Money | None, options: Sequence[ProviderOptions]
) -> tuple[Bid, str]:
    """The number with its price, or why that is not known.

    The request is prepared as it would be sent, so that no order for a number that cannot be sold gets on record.

    Raises:
        AnyCarrierError: it cannot be bought from this provider, or not under *cap*.
    """
    args = context.args
    asked = args.dry_run or cap is not None or not args.yes
    with context.client(provider) as client:
        try:
            bid: Bid = client.run(_bid(provider, number, asked, options))
        except AnyCarrierError as error:
            if cap is not None or not is_passing(error):
                raise
            return Bid(account=provider.accounts[0].id, provider=provider.name, target=number), error.message
    if cap is not None and too_dear(Order(number=number, max_price=cap), bid):
        is_not = f"it costs {prices(bid)}" if bid.price else f"{provider.name} does not say what it costs"
        raise SpendLimitExceeded(
            f"nothing was bought: {is_not}, and --max-price is {cost(cap)}",
            provider=provider.name,
            operation="buy",
            safe_elsewhere=True,
        )
    return bid, f"{provider.name} does not say"


def _bid(provider: Any, number: PhoneNumber, asked: bool, options: Sequence[ProviderOptions]) -> Exchange[Bid]:
    draft = yield from provider.draft(number, key=(yield from fresh_key(provider.rules)), options=options)
    price: Money | None = draft.price
    account, name = provider.accounts[0].id, provider.name
    if price is None and asked and isinstance(provider, StatesPrices):
        price = yield from provider.price_of(number, options=options)
    return Bid(account=account, provider=name, target=number, price=price, setup_price=draft.setup_price)


def _shown(context: Context, purchase: Purchase) -> None:
    one = purchase.bought[0]
    owned = one.owned or OwnedNumber(provider=one.provider, account=one.account, number=one.number)
    if context.out.form == "json" and context.args.already:
        context.out.json({**record(owned, raw=context.args.raw), "already_bought": True})
    elif context.out.form == "csv":
        show_items(context, purchase.items)
    elif not context.args.alone and context.out.form == "table":
        context.out.line(bought_line(one))
    else:
        show(context, owned)
    if owned.status is Status.NEEDS_ACTION and context.out.form == "table":
        context.out.line(f"{NEEDS_ACTION[0].upper()}{NEEDS_ACTION[1:]}.")
    if owned.status is Status.PENDING and context.out.form == "table":
        context.out.line(f"It is being set up; to wait for it: {command(context.args, 'wait', owned.number.e164)}")


def _not_ours_yet(context: Context, book: Journal, provider: Any, number: PhoneNumber) -> None:
    """Raise :class:`Ended` where another order has bought the number, or is buying it."""
    args = context.args
    for entry in book.entries_of(provider.name, provider.accounts[0].id, [number]):
        if not entry.live:
            continue
        request = entry.item_id.rpartition("#")[0]
        if request == args.request_id:
            return
        if entry.attempt.state in (AttemptState.PLACED, AttemptState.CONFIRMED):
            raise Ended(
                f"{number} was bought by request {request}, see: {command(args, 'get', number.e164)}", Exit.REFUSED
            )
        raise Ended(
            f"{number} is being bought by request {request}; do not buy it again, go on with: "
            f"{recover_command(args, request)}",
            Exit.UNKNOWN,
        )


def show(context: Context, owned: OwnedNumber) -> None:
    """Show a number on the account."""
    out = context.out
    if out.form == "table":
        out.facts(owned_facts(owned))
    else:
        out.show(owned_view(context.args.raw), [owned])
