"""Searches: one table of filters, and all that is derived from it."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import field, frozen

from anycarrier.capabilities import capabilities, support_of
from anycarrier.features import FEATURES, OPERATIONS, UNBUILT, Can, Cannot
from anycarrier.filters import FILTERS
from anycarrier.model import Feature, Line, Money, Offer
from anycarrier.numbers import PhoneNumber
from anycarrier.search import Search, _each_is_a_filter, features_needed, filter_offers, matches

OFFER = Offer(
    provider="acme",
    account="acme",
    number=PhoneNumber("+12015550123"),
    city="Closter",
    state="NJ",
    postal_code="07624",
    rate_center="CLOSTER",
    lata="224",
    country="US",
    features={Feature.VOICE: True, Feature.FAX: False},
    line=Line.LOCAL,
    price=Money("1.50"),
)
BARE = Offer(provider="acme", account="acme", number=PhoneNumber("+442079460018"))


class Acme:
    """A provider that can search, and declares no filter."""

    name = "acme"
    title = "Acme v1"
    supports = {"search": Can()}  # noqa: RUF012


def test_a_filter_without_a_test_of_offers_cannot_exist() -> None:
    with pytest.raises(TypeError, match="has no row that says which offers match it"):

        @frozen(kw_only=True, field_transformer=_each_is_a_filter)
        class Wider(Search):
            color: str | None = field(default=None)


@pytest.mark.parametrize("one", FILTERS, ids=lambda one: one.name)
def test_an_offer_that_states_the_fact_matches_and_one_that_does_not_is_never_offered(one: Any) -> None:
    query = Search(**{one.name: one.example(OFFER)})
    assert matches(query, OFFER)
    assert filter_offers(query, [BARE, OFFER]) == [OFFER]
    assert not matches(query, BARE)


@pytest.mark.parametrize("one", [one for one in FILTERS if one.rare is not None], ids=lambda one: one.name)
def test_an_offer_with_another_fact_is_never_offered(one: Any) -> None:
    query = Search(area_code="201", **{one.name: one.rare})
    assert not matches(query, OFFER)
    assert filter_offers(query, [OFFER]) == []


@pytest.mark.parametrize("one", FILTERS, ids=lambda one: one.name)
def test_a_filter_needs_its_feature_and_a_provider_that_does_not_name_it_cannot(one: Any) -> None:
    value = one.example(OFFER)
    feature = one.feature(value)
    assert feature in features_needed(Search(**{one.name: value}))
    assert feature in FEATURES
    assert support_of(Acme(), feature) == Cannot("Acme v1's answer does not state it")


def test_a_search_that_asks_for_nothing_needs_a_provider_that_takes_no_digits() -> None:
    assert features_needed(Search()) == ["search.no_digits"]
    assert features_needed(Search(area_code="201")) == ["search.area_code"]
    assert features_needed(Search(prefix="201", line="toll_free")) == ["search.prefix", "search.toll_free"]


def test_a_price_in_another_currency_does_not_match() -> None:
    assert not matches(Search(max_price=Money("9", "EUR")), OFFER)
    assert matches(Search(max_price=Money("1.50")), OFFER)


def test_each_operation_is_a_feature_and_its_words_are_read_from_one_table() -> None:
    assert [name for name in FEATURES if "." not in name] == [*OPERATIONS, *UNBUILT]
    assert set(capabilities(Acme())["features"]) == set(FEATURES)
