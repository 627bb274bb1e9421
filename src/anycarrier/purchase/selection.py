"""Selection of numbers for an order: searches, and offers that are suitable."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol, TypeAlias, cast

from attrs import evolve, field, frozen

from anycarrier import validation
from anycarrier.attempt import Draft
from anycarrier.capabilities import support_of
from anycarrier.errors import (
    AnyCarrierError,
    ConfigurationError,
    ProviderDown,
    RateLimited,
    TransportError,
    UnexpectedResponse,
)
from anycarrier.exchange import Exchange, Failed, together
from anycarrier.features import Cannot, in_words
from anycarrier.finding import find_offers
from anycarrier.model import Money, Offer, ProviderOptions
from anycarrier.money import first_month
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase.order import Order, check_order
from anycarrier.purchase.protocols import StatesPrices
from anycarrier.purchase.sending import reason_of
from anycarrier.search import Search

__all__ = [
    "Choice",
    "Found",
    "Quote",
    "cannot_serve",
    "cheapest",
    "choices",
    "found_at",
    "in_one_currency",
    "is_passing",
    "quotes",
    "stated_price",
    "too_dear",
    "widened",
    "with_price",
]

MOST_OFFERS = 1000
"""Offers of one search at most."""


class Searching(Protocol):
    """A way to search a provider, such as :func:`anycarrier.finding.find_offers`."""

    def __call__(
        self, provider: Any, query: Search, *, options: Sequence[ProviderOptions] = ()
    ) -> Exchange[Sequence[Offer]]: ...


Pricing: TypeAlias = Callable[[StatesPrices, str, PhoneNumber, Sequence[ProviderOptions]], Exchange[Money | None]]
"""A way to learn the price of a number of a provider's account."""


def stated_price(
    provider: StatesPrices, _: str, number: PhoneNumber, options: Sequence[ProviderOptions] = ()
) -> Exchange[Money | None]:
    """The price of *number* as *provider* states it now."""
    return provider.price_of(number, options=options)


@frozen(kw_only=True)
class Choice:
    """A suitable number, with its price per month and what it costs once, as far as they are known.

    Attributes:
        unpriced: whether its provider states the price elsewhere, and was not read yet: nothing is known about caps.
    """

    account: str
    provider: str
    target: Offer | PhoneNumber
    price: Money | None = None
    setup_price: Money | None = None
    unpriced: bool = False

    @property
    def first_month(self) -> Money | None:
        """Cost of the first month: price and set-up cost; ``None`` if the price is not known."""
        return first_month(self.price, self.setup_price)

    @property
    def number(self) -> PhoneNumber:
        """The number itself."""
        return self.target.number if isinstance(self.target, Offer) else self.target


@frozen(kw_only=True)
class Found:
    """Offers of an account for an order.

    Attributes:
        choices: suitable numbers, in the provider's order.
        reason: the reason that there is none.
        error: the error; after a passing one, the account may have offers later.
        more: whether the account may have more offers than the search was limited to.
    """

    account: str
    choices: Sequence[Choice] = ()
    reason: str = ""
    error: Exception | None = None
    more: bool = False


@frozen(kw_only=True)
class Quote:
    """Numbers that an order would buy now; nothing is reserved. ``passed`` maps skipped accounts to the reason."""

    choices: Sequence[Choice]
    passed: dict[str, str] = field(factory=dict[str, str])


def is_passing(error: Exception) -> bool:
    """Return whether a later request may succeed, so that *error* must not end an order.

    An error of the client's settings is one, such as a token store that cannot be read: another client may have better
    ones. So is what an application's own code raises.
    """
    passing = isinstance(error, ProviderDown | RateLimited | TransportError | UnexpectedResponse | ConfigurationError)
    return passing or not isinstance(error, AnyCarrierError)


def cannot_serve(order: Order, provider: Any) -> str | None:
    """The reason that *provider* cannot serve *order*, whatever its offers; ``None`` if it can."""
    for feature in ("buy", *(() if order.number is not None else ("search",)), *order.needs):
        support = support_of(provider, feature)
        if isinstance(support, Cannot):
            return f"cannot {in_words(feature)}: {support.reason}"
    return None


def choices(
    order: Order,
    provider: Any,
    account: str,
    taken: Collection[PhoneNumber] = (),
    options: Sequence[ProviderOptions] = (),
    search: Searching = find_offers,
    price_of: Pricing | None = stated_price,
) -> Exchange[Found]:
    """The suitable numbers of *account* for *order*, without those *taken*. An error is returned, not raised.

    Without *price_of*, a price that is stated elsewhere is not read: the choice is ``unpriced``.
    """
    wanted = order.needs_price or order.prefer == "cheapest"
    prices = _stated_by(provider) if wanted else None
    try:
        if order.number is not None:
            offers: Sequence[Offer | PhoneNumber] = [order.number]
        else:
            offers = yield from search(provider, _asked(order), options=options)
        kept: list[Choice] = []
        reason = "nothing matches"
        for offer in offers:
            number = offer.number if isinstance(offer, Offer) else offer
            price = offer.price if isinstance(offer, Offer) else None
            if number in taken:
                reason = "every match was tried"
                continue
            unpriced = price is None and prices is not None and price_of is None
            if price is None and prices is not None and price_of is not None:
                price = yield from price_of(prices, account, number, options)
            setup = offer.setup_price if isinstance(offer, Offer) else None
            choice = Choice(
                account=account,
                provider=provider.name,
                target=offer,
                price=price,
                setup_price=setup,
                unpriced=unpriced,
            )
            lacking = _lacking(order, choice)
            if lacking:
                reason = lacking
                continue
            kept.append(choice)
    except AnyCarrierError as error:
        return Found(account=account, reason=reason_of(error), error=error)
    more = order.criteria is not None and len(offers) >= order.criteria.limit
    return Found(account=account, choices=kept, reason="" if kept else reason, more=more)


def widened(order: Order) -> Order:
    """*order*, whose search asks for as many offers as any can: the first few are being bought by others."""
    return evolve(order, criteria=evolve(_asked(order), limit=MOST_OFFERS))


def _asked(order: Order) -> Search:
    assert order.criteria is not None  # noqa: S101 - an order has criteria or a number
    return order.criteria


def with_price(
    order: Order, choice: Choice, provider: object, options: Sequence[ProviderOptions], price_of: Pricing
) -> Exchange[tuple[Choice, str | None]]:
    """*choice* with its price, if it was not read yet, and the cap of *order* that it exceeds."""
    prices = _stated_by(provider) if choice.unpriced else None
    if prices is None:
        return choice, None
    price = yield from price_of(prices, choice.account, choice.number, options)
    known = evolve(choice, price=price, unpriced=False)
    return known, too_dear(order, known)


def _stated_by(provider: object) -> StatesPrices | None:
    """*provider*, where it states prices elsewhere than in its offers."""
    return cast("StatesPrices", provider) if issubclass(type(provider), StatesPrices) else None


def _lacking(order: Order, choice: Choice) -> str | None:
    stated = choice.target.features if isinstance(choice.target, Offer) else {}
    for feature in sorted(order.features):
        if not stated.get(feature):
            return f"{'lacks' if feature in stated else 'does not say whether it has'} {feature.value}"
    return None if choice.unpriced else too_dear(order, choice)


def too_dear(order: Order, one: Choice | Draft) -> str | None:
    """The cap of *order* that the first month of *one* exceeds, in words; ``None`` if it exceeds none. Costs in two
    currencies exceed any."""
    price, setup = one.price, one.setup_price
    if order.needs_price and price is None:
        return "the price is not known"
    if price is not None and setup is not None and price.currency != setup.currency:
        return f"the price is in {price.currency}, the set-up cost in {setup.currency}, so no cap can be checked"
    cost = one.first_month
    for cap in (order.max_price, order.spend_cap):
        if cap is None or cost is None:
            continue
        if cost.currency != cap.currency:
            return f"the price is in {cost.currency}, the cap in {cap.currency}"
        if cap < cost:
            span = "a month" if setup is None else f"in the first month, {setup.amount} of it for the set-up"
            return f"costs {cost.amount} {cost.currency} {span}, more than {cap.amount}"
    return None


def found_at(
    order: Order,
    providers: Mapping[str, object],
    taken: Collection[PhoneNumber] = (),
    options: Sequence[ProviderOptions] = (),
    search: Searching = find_offers,
    price_of: Pricing | None = stated_price,
) -> Exchange[list[Found]]:
    """The offers of *providers*, by account, for *order*; all are searched at once. See :func:`choices`."""
    asked = [
        choices(order, provider, account, taken, options, search, price_of) for account, provider in providers.items()
    ]
    if len(asked) == 1:  # no thread for it, which would only be waited for
        try:
            return [(yield from asked[0])]
        except Exception as error:  # noqa: BLE001 - its account is passed over, whatever an application's code raised
            return [Found(account=next(iter(providers)), reason=reason_of(error), error=error)]
    outcomes = yield from together(asked)
    return [
        Found(account=account, reason=reason_of(one.error), error=one.error) if isinstance(one, Failed) else one.value
        for account, one in zip(providers, outcomes, strict=True)
    ]


def in_one_currency(order: Order, found: Sequence[Found]) -> list[Found]:
    """*found* without choices whose price cannot be compared: in another currency than the order's cap or, if it has no
    cap, than the first stated price. An account without other choices gets the reason."""
    caps = [cap.currency for cap in (order.max_price, order.spend_cap) if cap is not None]
    prices = [choice.price.currency for one in found for choice in one.choices if choice.price is not None]
    currency = next(iter([*caps, *prices]), None)
    kept: list[Found] = []
    for one in found:
        able = [choice for choice in one.choices if choice.price is None or choice.price.currency == currency]
        if len(able) == len(one.choices):
            kept.append(one)
            continue
        theirs = next(choice.price.currency for choice in one.choices if choice.price and choice not in able)
        reason = "" if able else f"its prices are in {theirs}, which cannot be compared with {currency}"
        kept.append(evolve(one, choices=able, reason=reason))
    return kept


def cheapest(found: Sequence[Found]) -> list[Choice]:
    """All choices, of one currency, by price, then by set-up cost: the price is paid each month, the set-up once.

    Those without a price come last, in their order; a set-up cost that is not stated counts as none.
    """
    every = [choice for one in found for choice in one.choices]
    return sorted(every, key=lambda one: (one.price is None, _amount(one.price), _amount(one.setup_price)))


def _amount(money: Money | None) -> Decimal:
    return Decimal(0) if money is None else money.amount


def quotes(order: Order, providers: Sequence[object]) -> Exchange[Quote]:
    """The numbers that *order* would buy, best first, with account and price. Searches every account, buys nothing."""
    check_order(order)
    passed: dict[str, str] = {}
    fit: dict[str, object] = {}
    for provider in validation.providers(providers):
        account = provider.accounts[0].id
        why = cannot_serve(order, provider)
        if why:
            passed[account] = why
        else:
            fit[account] = provider
    found = yield from found_at(order, fit)
    if order.prefer == "cheapest":
        found = in_one_currency(order, found)
    passed.update({one.account: one.reason for one in found if not one.choices})
    if order.prefer == "cheapest":
        return Quote(choices=cheapest(found)[: order.quantity], passed=passed)
    return Quote(choices=[choice for one in found for choice in one.choices][: order.quantity], passed=passed)


def priced(choice: Choice, draft: Draft) -> Draft:
    """*draft*, with the price and the set-up cost of *choice* where it has none itself."""
    if draft.price is None and choice.price is not None:
        draft = evolve(draft, price=choice.price)
    if draft.setup_price is None and choice.setup_price is not None:
        draft = evolve(draft, setup_price=choice.setup_price)
    return draft
