"""``buy`` and ``wait``."""

from __future__ import annotations

from typing import Any

from anycarrier.capabilities import refuse
from anycarrier.cli.advice import command, recover_command
from anycarrier.cli.ask import confirm
from anycarrier.cli.choose import Choice
from anycarrier.cli.context import Context, Ended
from anycarrier.cli.exits import Exit
from anycarrier.cli.journals import writing
from anycarrier.cli.orders import announced, both, finished, pursuing
from anycarrier.cli.records import owned_facts, record
from anycarrier.model import OwnedNumber, Status
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase import AttemptState, Journal, Order, Purchase

__all__ = ["buy", "show", "wait"]


def buy(context: Context) -> int:
    """Buy one number: an order for exactly this one, from one provider, written down in the journal as any other."""
    args = context.args
    number = PhoneNumber(args.number)
    choice = Choice.of(args)
    provider = choice.make()
    if not hasattr(type(provider), "draft"):
        raise refuse(provider, "buy")
    confirm(
        context,
        f"Buy {both(number)} from {choice.label}?",
        "It costs money. Giving the number up later does not bring the money back.",
    )
    order = Order(number=number, deadline=args.deadline)
    with writing(context) as book:
        _not_ours_yet(context, book, provider, number)
        name = announced(context)
        with pursuing(context, [provider], book, go_on=name) as client:
            return finished(context, book, lambda: client.provision(order, request_id=name), show=_shown)


def _shown(context: Context, purchase: Purchase) -> None:
    one = purchase.bought[0]
    owned = one.owned or OwnedNumber(provider=one.provider, account=one.account, number=one.number)
    show(context, owned)
    if owned.status is Status.PENDING and not context.out.as_json:
        context.out.line(f"It is being set up; to wait for it: {command(context.args, 'wait', owned.number.e164)}")


def _not_ours_yet(context: Context, book: Journal, provider: Any, number: PhoneNumber) -> None:
    """Raise :class:`Ended` where another order has the number already, or pursues it."""
    args = context.args
    for entry in book.entries(provider.name, provider.accounts[0].id):
        if not entry.live or entry.attempt.draft.number != number:
            continue
        request = entry.intent_id.rpartition("#")[0]
        if request == args.request_id:
            return
        if entry.attempt.state is AttemptState.CONFIRMED:
            raise Ended(
                f"{number} was bought by request {request}, see: {command(args, 'get', number.e164)}", Exit.REFUSED
            )
        raise Ended(
            f"{number} is being bought by request {request}; do not buy it again, go on with: "
            f"{recover_command(args, request)}", Exit.UNKNOWN,
        )  # fmt: skip


def wait(context: Context) -> int:
    """Wait until a number is set up or has failed."""
    with context.chosen() as client:
        owned = client.wait(context.args.number, deadline=context.args.deadline)
    show(context, owned)
    return Exit.REFUSED if owned.status is Status.FAILED else Exit.DONE


def show(context: Context, owned: OwnedNumber) -> None:
    """A number on the account."""
    if context.out.as_json:
        context.out.json(record(owned, raw=context.args.raw))
    else:
        context.out.facts(owned_facts(owned))
