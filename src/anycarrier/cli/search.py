"""``search``: one provider, or every one that has settings at once."""

from __future__ import annotations

import re
from argparse import Namespace
from collections.abc import Sequence
from typing import Any

from attrs import frozen

from anycarrier.cli.accounts import ALL, VARIABLE, Choice, configured
from anycarrier.cli.context import Context
from anycarrier.cli.error_text import line_of
from anycarrier.cli.exit_codes import Exit, exit_code
from anycarrier.cli.json_output import HEAD, error_record, features, record_view, ten_digit
from anycarrier.cli.output import warn
from anycarrier.cli.table import Column
from anycarrier.engine.accounts import Account
from anycarrier.errors import AnyCarrierError, ConfigurationError, InvalidInput
from anycarrier.exchange import Exchange, Failed, together
from anycarrier.filters import by_price
from anycarrier.finding import find_offers
from anycarrier.model import Money, Offer
from anycarrier.search import FILTERS, Search
from anycarrier.settings import environment_value

__all__ = ["criteria", "money", "search"]


def search(context: Context) -> int:
    """Find numbers and show them."""
    args = context.args
    query = criteria(args, args.limit, money(args.max_price, "--max-price"))
    name = args.provider or (None if args.account else environment_value(VARIABLE))
    if name == ALL:
        if args.account or args.base_url or args.settings:
            raise ConfigurationError(f"--provider {ALL} takes no --account, --base-url or --set: each has its own")
        return _all(context, query)
    with context.chosen() as client:
        offers = client.search(query)
    _show(context, offers, [])
    return Exit.DONE


@frozen
class _Several:
    """Several providers in one client, for one search of all."""

    providers: Sequence[Any]
    name: str = ALL
    title: str = "all providers that have settings"

    @property
    def accounts(self) -> tuple[Account, ...]:
        return tuple(account for provider in self.providers for account in provider.accounts)

    def search(self, query: Search) -> Exchange[list[Any]]:
        """An outcome for each provider, in order; one that fails does not stop the others."""
        return (yield from together(find_offers(provider, query) for provider in self.providers))


def _all(context: Context, query: Search) -> int:
    choices = configured()
    if not choices:
        raise ConfigurationError("no provider has settings: anycarrier doctor says what to set")
    providers: list[object] = []
    asked: list[Choice] = []
    failed: list[tuple[Choice, AnyCarrierError]] = []
    taken: set[str] = set()
    for choice in choices:
        try:
            provider = choice.make()
            ids = {account.id for account in provider.accounts}
            if ids & taken:
                raise ConfigurationError(
                    f"passed over: another account is also called {', '.join(sorted(ids & taken))}",
                    provider=choice.provider,
                )
        except AnyCarrierError as error:
            failed.append((choice, error))
            continue
        taken |= ids
        providers.append(provider)
        asked.append(choice)
    offers: list[Offer] = []
    if providers:
        several = _Several(providers)
        with context.client(several) as client:
            outcomes = client.run(several.search(query))
        for choice, outcome in zip(asked, outcomes, strict=True):
            if not isinstance(outcome, Failed):
                offers += outcome.value
            elif isinstance(outcome.error, AnyCarrierError):
                failed.append((choice, outcome.error))
            else:
                raise outcome.error
    if query.sort_by:
        offers = by_price(offers)
    answered = len(failed) < len(choices)
    _show(context, offers, failed, answered)
    # An answer from one is an answer; when nobody answered, the first reason counts.
    return Exit.DONE if answered else exit_code(failed[0][1])


_COLUMNS = (
    *HEAD,
    Column("city", wraps=True),
    Column("state"),
    Column("rate center", wraps=True),
    Column("can", wraps=True),
    Column("per month"),
    Column("provider"),
    Column("account"),
)


def _row(offer: Offer) -> tuple[object, ...]:
    return (
        offer.number.e164,
        ten_digit(offer.number),
        offer.city,
        offer.state,
        offer.rate_center,
        features(offer.features),
        f"{offer.price or ''}, {offer.setup_price} once" if offer.setup_price else offer.price,
        offer.provider,
        None if offer.account == offer.provider else offer.account,
    )


def _show(
    context: Context, offers: Sequence[Offer], failed: Sequence[tuple[Choice, AnyCarrierError]], answered: bool = True
) -> None:
    def document(records: Sequence[object]) -> dict[str, object]:
        return {
            "offers": records,
            "failed": [
                {"provider": choice.provider, "account": choice.account, "error": error_record(error)}
                for choice, error in failed
            ],
        }

    empty = "No numbers found." if answered else ""
    context.out.show(record_view(Offer, _COLUMNS, _row, raw=context.args.raw, empty=empty), offers, document)
    for _, error in failed:
        warn(line_of(context.args, error))


def criteria(args: Namespace, limit: int, max_price: Money | None = None) -> Search:
    """The search that the filters say."""
    typed = {one.name: getattr(args, one.name) or one.default for one in FILTERS if one.name != "max_price"}
    return Search(**typed, max_price=max_price, limit=limit)


def money(text: str | None, option: str) -> Money | None:
    """The amount in *text*, the value of *option*."""
    if text is None:
        return None
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) ?([A-Z]{3})?", text)
    if found is None:
        raise InvalidInput(f"{option} is an amount, such as 1.50 or 1.50USD")
    return Money(found[1], found[2] or "USD")
