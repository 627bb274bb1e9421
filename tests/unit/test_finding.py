"""Searches around the one of a provider: several area codes, one after the other."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from anycarrier import Search, Unsupported
from anycarrier.engine.accounts import Account, StaticToken
from anycarrier.errors import InvalidInput, ProviderDown
from anycarrier.exchange import Exchange
from anycarrier.features import Can, Cannot, Support
from anycarrier.finding import find_offers
from anycarrier.model import Money, Offer, ProviderOptions
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase.digest import digest
from anycarrier.purchase.order import Order, from_json
from anycarrier.purchase.selection import quotes
from anycarrier.search import filter_offers
from support.script import play


class Acme:
    """A provider with numbers of some area codes, which notes the searches that it gets."""

    name = "acme"
    title = "Acme v1"
    accounts = (Account(id="acme", provider="acme", base_url="https://acme.test", credentials=StaticToken("t")),)
    supports: Mapping[str, Support] = {"search": Can(), "search.area_code": Can(), "buy": Can()}

    def __init__(self, failing: str | None = None, **supports: Support) -> None:
        self.asked: list[Search] = []
        self.failing = failing
        self.supports = {**self.supports, **{f"search.{name}": one for name, one in supports.items()}}

    def search(self, query: Search, *, options: Sequence[ProviderOptions] = ()) -> Exchange[list[Offer]]:
        yield from ()
        self.asked.append(query)
        if self.failing in query.area_codes:
            raise ProviderDown("down", provider="acme")
        every = [f"+1{code}55501{line:02}" for code in query.area_codes for line in range(4)]
        return filter_offers(query, [self.offer(one) for one in every])

    def offer(self, number: str) -> Offer:
        """One of area code 201 is cheaper than any other."""
        price = Money("1" if number[2:5] == "201" else "2")
        return Offer(provider="acme", account="acme", number=PhoneNumber(number), price=price)


def found(provider: Any, query: Search) -> list[str]:
    return [offer.number.e164 for offer in play(find_offers(provider, query))[0]]


def test_one_area_code_is_the_search_of_the_provider_as_it_stands() -> None:
    acme = Acme()
    query = Search(area_code="201", limit=3)
    assert found(acme, query) == ["+12015550100", "+12015550101", "+12015550102"]
    assert acme.asked == [query]
    assert acme.asked[0] is query


def test_a_list_of_one_area_code_is_that_area_code() -> None:
    assert Search(area_code=["201"]) == Search(area_code=("201", "201")) == Search(area_code="201")


def test_several_area_codes_are_asked_for_in_their_order_until_the_limit_is_met() -> None:
    acme = Acme()
    assert found(acme, Search(area_code=["551", "201", "212"], state=None, limit=6)) == [
        "+15515550100", "+15515550101", "+15515550102", "+15515550103", "+12015550100", "+12015550101",
    ]  # fmt: skip
    assert [(one.area_code, one.limit) for one in acme.asked] == [("551", 6), ("201", 2)]


def test_an_error_of_one_area_code_is_an_error_unless_the_limit_was_met_before() -> None:
    acme = Acme(failing="201")
    with pytest.raises(ProviderDown):
        found(acme, Search(area_code=["551", "201"], limit=5))
    assert len(found(acme, Search(area_code=["551", "201"], limit=4))) == 4


def test_a_provider_that_takes_several_area_codes_gets_them_at_once() -> None:
    acme = Acme(area_codes=Can())
    query = Search(area_code=["551", "201"], limit=6)
    assert len(found(acme, query)) == 6
    assert acme.asked == [query]


@pytest.mark.parametrize("lacking", ["area_codes", "area_code"])
def test_several_area_codes_are_refused_where_the_provider_says_that_it_cannot(lacking: str) -> None:
    acme = Acme(**{lacking: Cannot("it takes states only")})
    with pytest.raises(Unsupported, match="it takes states only") as caught:
        found(acme, Search(area_code=["551", "201"]))
    assert caught.value.feature == "search.area_codes"
    assert not acme.asked


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ([], "1 to 100 area codes, got 0"),
        (["2" + f"{one:02}" for one in range(100)] + ["301"], "1 to 100 area codes, got 101"),
        (["201", 551], "not int"),
        (["201", "5"], "digits of an area code"),
        (["201", "055"], "the first of them 2 to 9"),
        ({"201", "551"}, "or a list of them, not set"),
        (201, "or a list of them, not int"),
    ],
)
def test_area_codes_that_are_none_are_refused(wrong: Any, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        Search(area_code=wrong)


def test_a_prefix_and_several_area_codes_exclude_each_other() -> None:
    with pytest.raises(InvalidInput, match="exclude each other"):
        Search(area_code=["201", "551"], prefix="201")


def test_an_order_with_several_area_codes_comes_back_from_the_journal() -> None:
    order = Order(criteria=Search(area_code=["551", "201"], limit=6), quantity=5)
    text = order.to_json(["acme"])
    assert from_json(text) == (order, ("acme",))
    assert digest(text) != digest(Order(criteria=Search(area_code=["201", "551"], limit=6), quantity=5).to_json([]))
    assert '"area_code":"201"' in Order(criteria=Search(area_code=["201"])).to_json([])


def test_filters_of_every_kind_come_back_from_the_journal_and_change_nothing_where_they_are_not_used() -> None:
    query = Search(
        area_code="201", spells="taxi", excluding=["(201) 555-0123", "201666"], without={"13", "4"}, sort_by="price"
    )
    order = Order(criteria=query)
    text = order.to_json(["acme"])
    assert from_json(text) == (order, ("acme",))
    criteria = json.loads(text)["order"]["criteria"]
    assert criteria["excluding"] == ["+12015550123", "201666"]
    assert criteria["without"] == ["13", "4"]
    plain = json.loads(Order(criteria=Search(area_code="201")).to_json([]))["order"]["criteria"]
    assert not {"spells", "excluding", "without", "sort_by"} & plain.keys()


def test_sorted_offers_of_several_area_codes_come_from_all_of_them() -> None:
    acme = Acme(max_price=Can())
    offers, _ = play(find_offers(acme, Search(area_code=["551", "201"], sort_by="price", limit=3)))
    assert [offer.number.e164 for offer in offers] == ["+12015550100", "+12015550101", "+12015550102"]
    assert [(one.area_code, one.limit) for one in acme.asked] == [("551", 3), ("201", 3)]


def test_an_order_takes_its_numbers_from_several_area_codes() -> None:
    acme = Acme()
    order = Order(criteria=Search(area_code=["551", "201"], limit=6), quantity=5)
    quote, _ = play(quotes(order, [acme]))
    assert [choice.number.npa for choice in quote.choices] == ["551"] * 4 + ["201"]
