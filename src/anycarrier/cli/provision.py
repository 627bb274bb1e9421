"""``provision``: numbers from the first of several providers that can sell them, each paid once whatever breaks."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from anycarrier.cli.accounts import Choice, made, sources
from anycarrier.cli.confirm import confirm
from anycarrier.cli.context import Context
from anycarrier.cli.exit_codes import Exit
from anycarrier.cli.journal import writing
from anycarrier.cli.json_output import both, record, route_words, ten_digit
from anycarrier.cli.numbers import route_of
from anycarrier.cli.output import warn
from anycarrier.cli.provider_options import options_for
from anycarrier.cli.purchase_output import announced, consequence, cost, counter, finished, prices, pursuing
from anycarrier.cli.reason_text import at, words
from anycarrier.cli.search import criteria, money
from anycarrier.desired_state import Desired
from anycarrier.errors import InvalidInput
from anycarrier.failover import Failover
from anycarrier.features import FEATURES
from anycarrier.model import Feature, Money, ProviderOptions, Route
from anycarrier.purchase import Order, Quote
from anycarrier.search import Search, filters_used
from anycarrier.suggestions import meant

__all__ = ["filters", "provision", "set_up_words", "show_quote"]

OFFERS = 10
"""Offers that each search requests, at least."""


def provision(context: Context) -> int:
    """Run an order, or show what it would buy."""
    args = context.args
    order = _order(args)
    choices = sources(args)
    members = made(choices, lenient=args.sources == [("from", "all")])
    options = options_for(args, members)
    if args.dry_run:
        return _dry(context, order, members, options)
    confirm(context, f"Buy {_wanted(order)} from {_from(choices, order)}, {_caps(order)}?", consequence(members))
    with writing(context) as book:
        name = announced(context, book)
        several = order.quantity > 1
        with pursuing(context, members, book, several=several, go_on=name, options=options) as client:
            return finished(context, book, lambda: client.provision(order, request_id=name))


def _order(args: Namespace) -> Order:
    facts = [name for name in args.need if name in Feature.__members__.values()]
    unknown = sorted(set(args.need) - set(facts) - set(FEATURES))
    if unknown:
        takes = f"; it takes {', '.join(Feature)} of the number, and of its provider: {', '.join(FEATURES)}"
        near = "".join(meant(one, [*Feature, *FEATURES]) for one in unknown)
        raise InvalidInput(f"--need does not take {', '.join(unknown)}{near or takes}")
    limit = min(1000, max(OFFERS, 2 * args.count))
    return Order(
        criteria=criteria(args, limit),
        features=frozenset(map(Feature, facts)),
        capabilities=[name for name in args.need if name not in facts],
        max_price=money(args.max_price, "--max-price"),
        spend_cap=money(args.spend_cap, "--spend-cap"),
        quantity=args.count,
        prefer=args.prefer,
        in_doubt=args.in_doubt,
        fulfilled_by=args.fulfilled_by,
        deadline=args.deadline,
        setup=_setup(args),
        reference=args.reference,
        tags=dict(args.tag),
    )


def _setup(args: Namespace) -> Desired | None:
    wanted = Desired(
        routes=[route_of(kind, text) for kind, text in args.routes],
        campaign=args.campaign,
        label=args.label,
        caller_name=args.caller_name,
    )
    return wanted if any(wanted.values()) else None


# -- the question


def _wanted(order: Order) -> str:
    assert order.criteria is not None  # noqa: S101 - made above
    needs = [*sorted(order.features), *order.capabilities]
    able = f" that can {', '.join(needs)}" if needs else ""
    return f"{counter(order.quantity, 'number')}{filters(order.criteria)}{able}{_setting_up(order)}"


def _setting_up(order: Order) -> str:
    said = set_up_words(order)
    return f" and set {'each' if order.quantity > 1 else 'it'} up ({said})" if said else ""


def set_up_words(order: Order) -> str:
    """The set-up of an order for people; empty without one."""
    return ", ".join(
        route_words(value) if isinstance(value, Route) else f"{what.replace('_', ' ')} {value}"
        for what, value in (order.setup.values() if order.setup is not None else ())
    )


def filters(query: Search) -> str:
    """The filters of a search, in words that follow ``numbers``."""
    said = [one.said(value) for one, value in filters_used(query) if one.name != "max_price"]
    return f" ({', '.join(said)})" if said else ""


def _from(choices: list[Choice], order: Order) -> str:
    between = {"given": ", else ", "cheapest": " or ", "health": " or "}[order.prefer]
    how = {"given": "", "cheapest": " (the cheapest)", "health": " (one in good health)"}[order.prefer]
    return f"{between.join(choice.label for choice in choices)}{how if len(choices) > 1 else ''}"


def _caps(order: Order) -> str:
    said: list[str] = []
    if order.max_price is not None:
        said.append(f"at most {cost(order.max_price)} a month{' each' if order.quantity > 1 else ''}")
    if order.spend_cap is not None:
        said.append(f"at most {cost(order.spend_cap)} a month in all")
    return " and ".join(said) or "at any price"


# -- what would be bought


def _dry(context: Context, order: Order, members: list[object], options: list[ProviderOptions]) -> int:
    with context.client(Failover(members, options=options)) as client:
        quote: Quote = client.quotes(order)
    within, over = _within(order, quote)
    enough = len(within) >= order.quantity
    show_quote(context, quote, within, order.quantity, over)
    if not enough:
        found = counter(len(within), "number")
        warn(f"provision: {found} of {order.quantity} would be bought{f': {over}' if over else ''}")
    return Exit.DONE if enough else Exit.REFUSED


def show_quote(context: Context, quote: Quote, within: list[Any], wanted: int, over: str = "") -> None:
    """Show what would be bought.

    Args:
        context: of the command.
        quote: what each account offers.
        within: the choices of *quote* under the caps.
        wanted: how many numbers the order is for.
        over: why not more of them would be bought.
    """
    out = context.out
    found = [
        {
            "provider": one.provider,
            "account": one.account,
            "number": one.number.e164,
            "ten_digit": ten_digit(one.number),
            "price": record(one.price),
            "setup_price": record(one.setup_price),
        }
        for one in within
    ]
    if out.form == "csv":
        out.rows(("provider", "account", "number", "ten_digit", "price", "setup_price"), found)
        return
    if out.form == "json":
        out.json(
            {
                "dry_run": True,
                "complete": len(within) >= wanted,
                "wanted": wanted,
                "would_buy": found,
                "passed": {account: words(reason) for account, reason in quote.passed.items()},
                "reason": over,
            }
        )
        return
    for one in within:
        account = f" (account {one.account})" if one.account != one.provider else ""
        price = f"at {prices(one)}" if one.price else "at a price that the provider does not state"
        out.line(f"Would buy {both(one.number)} from {one.provider}{account} {price}")
    for account, reason in quote.passed.items():
        out.line(f"Would skip {at(account, reason)}")
    out.line("Nothing was bought, and nothing is reserved.")


def _within(order: Order, quote: Quote) -> tuple[list[object], str]:
    """The choices under the cap for all of them together, and why the others are not."""
    if order.spend_cap is None:
        return list(quote.choices), ""
    kept: list[object] = []
    total = Money(0, order.spend_cap.currency)
    for one in quote.choices:
        costs = one.first_month
        more = Money(total.amount + costs.amount, total.currency) if costs else total
        if order.spend_cap < more:
            span = "in the first month" if one.setup_price else "a month"
            return kept, f"with the next one they would cost {cost(more)} {span}, more than {cost(order.spend_cap)}"
        total = more
        kept.append(one)
    return kept, ""
