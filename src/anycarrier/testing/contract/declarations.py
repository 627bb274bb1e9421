"""Cases of a provider's declarations: every feature that it declares works, every other one is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

import pytest
from attrs import evolve

from anycarrier import capabilities as declared
from anycarrier.errors import (
    AnyCarrierError,
    InvalidInput,
    Unsupported,
)
from anycarrier.exchange import Response
from anycarrier.features import EVERYTHING_ELSE, FEATURES, OPERATIONS, UNBUILT, Cannot
from anycarrier.model import BindingStatus, Feature, Line, Money, Offer, ReleaseState, Route, ToGateway
from anycarrier.numbers import PhoneNumber
from anycarrier.search import FILTERS, Search, matches
from anycarrier.simulator import SimAnswer, Simulator
from anycarrier.testing.contract.altered_answers import answers
from anycarrier.testing.fakes import AnyClient, Mode, StubTransport
from anycarrier.testing.provider_case import BASE, ProviderCase

__all__ = ["DeclarationCases"]


class DeclarationCases(ProviderCase):
    """Declared features, filters, routes and writes."""

    # -- declarations

    def test_the_simulator_has_the_operations_that_are_named(self) -> None:
        played = self.simulate()
        has = sorted({line.operation for line in played.routes})
        for what in ("purchase", "listing"):
            named = getattr(self, what)
            assert named in has, (
                f"ProviderCase.{what} is {named!r}, and the simulator has no operation of that name, so no "
                f"fault would ever strike it; it has {', '.join(has)}"
            )

    def test_it_declares_every_feature_and_nothing_else(self) -> None:
        provider = self.provider(BASE)
        for feature in FEATURES:
            support = declared.support_of(provider, feature)
            if isinstance(support, Cannot):
                assert "does not declare" not in support.reason, feature
                assert len(support.reason) > 20, feature
        assert not set(provider.supports) - {*FEATURES, EVERYTHING_ELSE}

    def test_it_has_the_operations_that_it_declares(self) -> None:
        provider = self.provider(BASE)
        for operation in OPERATIONS:
            # One that it has and cannot with these settings is refused: the case below sees to that.
            assert declared.has(provider, operation) or not self.can(operation), operation

    def test_its_capabilities_are_plain_data(self, mode: Mode) -> None:
        with AnyClient(mode, self.provider(BASE), StubTransport(_nobody)) as phone:
            told = phone.capabilities()
        assert json.loads(json.dumps(told)) == told
        assert set(told["features"]) == set(FEATURES)
        assert told["provider"] == self.provider(BASE).name

    def test_what_it_cannot_is_refused_before_anything_is_sent(self, mode: Mode) -> None:
        queries = {"search.no_digits": Search(), **dict(self._each_filter())}
        refused = 0
        with AnyClient(mode, self.provider(BASE), StubTransport(_nobody)) as phone:
            for feature in FEATURES:
                if self.can(feature) or feature in UNBUILT:
                    continue
                with pytest.raises(Unsupported) as caught:
                    self.attempt(phone, feature, queries)
                operation = feature.partition(".")[0]
                assert caught.value.feature in (feature, operation)
                assert caught.value.reason
                assert caught.value.provider == self.provider(BASE).name
                assert not caught.value.maybe_applied
                assert caught.value.safe_elsewhere
                refused += 1
            assert not phone.sent
        assert refused == sum(not self.can(feature) for feature in {*FEATURES} - {*UNBUILT})

    def test_it_declares_why_it_cannot_what_no_client_has(self) -> None:
        for feature in UNBUILT:
            assert not self.can(feature), f"{feature} is declared as Can, and no client has a method for it"

    def _each_filter(self, offer: Offer | None = None) -> Iterator[tuple[str, Search]]:
        """A search for each filter, by feature; for a value of *offer*, where it states one."""
        for one in FILTERS:
            for feature, value in one.examples(offer):
                alone = one.name in ("area_code", "prefix")
                yield feature, Search(**{one.name: value}) if alone else self.also(**{one.name: value})

    # -- what is declared

    def test_what_it_can_is_not_refused(self, phone: AnyClient) -> None:
        offers = phone.search(self.criteria)
        filters = {"search.no_digits": Search(), **dict(self._each_filter(offers[0]))}
        for feature, query in filters.items():
            if not self.can(feature):
                continue
            try:
                phone.search(query)
            except Unsupported as refused:
                raise AssertionError(f"{feature} is declared as Can, and refused: {refused.reason}") from refused
            except AnyCarrierError:  # a provider may have nothing of the kind to say
                continue

    def test_a_filter_that_few_fit_holds_for_every_offer(self, phone: AnyClient) -> None:
        prices = [offer.price for offer in phone.search(self.also(limit=50)) if offer.price is not None]
        cheapest = min(prices, key=lambda price: price.amount) if prices else Money("0.02")
        rare = {one.name: one.rare for one in FILTERS if one.rare is not None}
        rare |= {"prefix": (self.criteria.leading + "999")[:6]}
        rare |= {"max_price": Money(cheapest.amount / 2, cheapest.currency)}
        filters: list[dict[str, Any]] = [{name: value} for name, value in rare.items() if self.can(f"search.{name}")]
        filters += [{"line": line} for line in Line if self.can(f"search.{line.value}")]
        for one in filters:
            query = Search(**{"area_code": self.criteria.leading[:3], "limit": 50, **one})
            self._holds(query, phone.search(query))

    def test_features_that_are_asked_for_are_had(self, phone: AnyClient, played: Simulator) -> None:
        if not self.can("search.features"):
            return
        query = self.also(features={Feature.VOICE, Feature.SMS, Feature.MMS}, limit=50)

        def change(_: str | None, answer: SimAnswer) -> SimAnswer:
            return evolve(answer, body=answer.body.replace(b"true", b"false"))

        self._holds(query, phone.search(query))
        with answers(played, change):  # a server may take a filter for a hint
            try:
                found = phone.search(query)
            except AnyCarrierError:
                return
        self._holds(query, found)

    def test_offers_are_sorted_by_price(self, phone: AnyClient, played: Simulator) -> None:
        if not self.can("search.sort_by"):
            return
        prices = count(9999, -1)

        def change(_: str | None, answer: SimAnswer) -> SimAnswer:
            return evolve(answer, body=_PRICE.sub(lambda at: at[1] + b"%d.5" % next(prices), answer.body))

        with answers(played, change):
            found = phone.search(self.also(sort_by="price", limit=3))
        amounts = [offer.price.amount for offer in found if offer.price is not None]
        assert len(amounts) == 3
        assert amounts == sorted(amounts), "not sorted by price"
        assert amounts[0] < 9999 - 3, "the first three were sorted, not all that the provider has"

    def _holds(self, query: Search, found: Sequence[Offer]) -> None:
        wrong = [offer for offer in found if not matches(query, offer)]
        assert not wrong, f"{query} finds {wrong[:1]}, which it must not: a filter is sent, applied here, or refused"

    # -- writes

    def test_routes_that_contradict_each_other_are_refused(self, phone: AnyClient) -> None:
        pairs = [[one, other] for one in self.routes for other in self.routes if _contradict(one, other)]
        pairs = [pair for pair in pairs if all(self.can(route.feature) for route in pair)]
        if self.can("route.gateway"):
            pairs.append([ToGateway(self.gateways[0]), ToGateway(self.gateways[1])])
        if not self.can("route"):
            return
        for pair in pairs:
            sent = len(phone.sent)
            with pytest.raises(InvalidInput):
                phone.route(self.absent, *pair)
            assert len(phone.sent) == sent, f"{pair} contradict each other, and something was sent"

    def test_another_campaign_is_not_unbound(self, phone: AnyClient) -> None:
        if not self.can("unbind_campaign") or not self.can("bind_campaign"):
            return
        number = self.settled(phone, phone.buy(phone.search(self.criteria)[0]))
        phone.bind_campaign(number, self.campaign)
        with pytest.raises(AnyCarrierError):
            phone.unbind_campaign(number, self.other_campaign)
        bound = phone.campaign_of(number)
        assert bound.campaign_id == self.campaign, "the campaign that was not named was unbound"
        assert bound.status is not BindingStatus.UNBOUND

    def test_a_release_is_told_as_it_is(self, phone: AnyClient, played: Simulator) -> None:
        if not self.can("release"):
            return
        bought = self.settled(phone, phone.buy(phone.search(self.criteria)[0]))
        released = phone.release(bought.number)
        gone = bought.number.ten_digit in {PhoneNumber(number).ten_digit for _, number in played.ledger.releases}
        still = [owned for owned in phone.list() if owned.number == bought.number]
        if released.state is ReleaseState.RELEASED:
            assert gone or not still, "reported as released, and the number is still on the account"


_PRICE = re.compile(rb'("[A-Za-z_]*(?:price|cost|month)[A-Za-z_]*": ?"?)[0-9.]+', re.IGNORECASE)


def _contradict(one: Route, other: Route) -> bool:
    """Return whether both say where texts go, or both whether calls are forwarded."""

    def slot(route: Route) -> str:
        return ".".join(route.feature.split(".")[:2])

    return one != other and slot(one) == slot(other)


def _nobody(request: Any) -> Response:
    raise AssertionError(f"nothing was to be sent, and {request.label} was")
