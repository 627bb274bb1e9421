"""Searches: one table of filters, and all that is derived from it."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, field, fields, frozen

import anycarrier
from anycarrier.capabilities import capabilities, support_of
from anycarrier.errors import InvalidInput, InvalidNumber
from anycarrier.features import EVERYTHING_ELSE, FEATURES, OPERATIONS, UNBUILT, Can, Cannot, Support
from anycarrier.filters import by_price, each_is_a_filter
from anycarrier.model import Feature, Line, Money, Offer
from anycarrier.numbers import PhoneNumber
from anycarrier.search import FILTERS, Search, features_needed, filter_offers, matches

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

        @frozen(kw_only=True, field_transformer=each_is_a_filter)
        class Wider(Search):
            color: str | None = field(default=None)


@pytest.mark.parametrize("one", [one for one in FILTERS if one.narrows], ids=lambda one: one.name)
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
    if one.core and one.name != "sort_by" and one.name != "area_code":  # which every offer states: its number
        assert isinstance(support_of(Acme(), feature), Can)
    else:
        assert support_of(Acme(), feature) == Cannot("Acme v1's answer does not state it")


def test_one_row_holds_for_all_that_have_none_but_for_filters() -> None:
    provider, rest = Acme(), Cannot("the documents have no such thing")
    rows: dict[str, Support] = {"search": Can(), EVERYTHING_ELSE: rest}
    provider.supports = rows  # type: ignore[assignment]
    assert [support_of(provider, feature) for feature in ("release", "route.gateway", "reserve")] == [rest] * 3
    assert support_of(provider, "search") == Can()
    assert support_of(provider, "search.city") == Cannot("Acme v1's answer does not state it")
    rows[EVERYTHING_ELSE] = Can()
    assert support_of(provider, "release") == Cannot("the acme adapter does not declare it")


def test_every_field_has_a_row_with_its_default() -> None:
    rows = {one.name: one.default for one in FILTERS}
    assert {**rows, "limit": 10} == {one.name: one.default for one in fields(Search)}
    assert [*rows, "limit"] == [one.name for one in fields(Search)]


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


# -- letters, and what is not wanted


@pytest.mark.parametrize(
    ("letters", "number"),
    [("JKL", "+12015550123"), ("jkl", "+14155550123"), ("TAXJKL", "+18295550123"), ("zsclll", "+19725550123")],
)
def test_letters_are_those_of_the_keypad_anywhere_in_the_number(letters: str, number: str) -> None:
    query = Search(spells=letters)
    there = evolve(OFFER, number=PhoneNumber(number))
    assert filter_offers(query, [BARE, there]) == [there]
    assert query.anywhere in there.number.national
    assert query == Search(spells=letters.upper())


def test_each_letter_has_its_key() -> None:
    said = "".join(Search(spells=part).anywhere for part in ("ABCDEFGHI", "JKLMNOPQR", "STUVWXYZ"))
    assert said == "22233344455566677778889999"


@pytest.mark.parametrize(
    "wrong", ["", "TAXI1", "8294", "TA XI", "T*XI", "ÄTAX", "ABCDEFGHIJK", 8294, b"TAXI", ["TAXI"]]
)
def test_what_is_no_letter_is_refused(wrong: Any) -> None:
    with pytest.raises(InvalidInput, match="spells must be"):
        Search(spells=wrong)


def test_digits_anywhere_are_the_longer_ones_of_two_filters_and_both_hold() -> None:
    query = Search(contains="01", spells="JJJ")
    assert query.anywhere == "555"
    assert Search(contains="55501", spells="JJJ").anywhere == "55501"
    assert Search().anywhere == ""
    assert matches(query, OFFER)
    assert not matches(Search(contains="02", spells="JJJ"), OFFER)
    assert not matches(Search(contains="01", spells="TAXI"), OFFER)


@pytest.mark.parametrize(
    ("excluding", "excluded"),
    [
        ([], False),
        (["+12015550123"], True),
        (["2015550123"], True),
        (["(201) 555-0123"], True),
        ([PhoneNumber("+12015550123")], True),
        ({"201"}, True),
        (("2015550",), True),
        (["551", "+12015550124", "2015551"], False),
        (["555"], False),
    ],
)
def test_numbers_and_first_digits_are_excluded(excluding: Any, excluded: bool) -> None:
    query = Search(area_code="201", excluding=excluding)
    assert matches(query, OFFER) is not excluded
    assert filter_offers(query, [OFFER]) == ([] if excluded else [OFFER])


@pytest.mark.parametrize(
    ("without", "left_out"), [([], False), (["4", "666"], False), ({"501"}, True), (("9", "3"), True)]
)
def test_digits_that_are_not_wanted_are_nowhere(without: Any, left_out: bool) -> None:
    assert matches(Search(without=without), OFFER) is not left_out


@pytest.mark.parametrize(
    ("field_name", "wrong", "said"),
    [
        ("excluding", "201", "a collection"),
        ("excluding", {"201": 1}, "a collection"),
        ("excluding", ["05"], "first digits"),
        ("excluding", ["20155501234"], "excluding"),
        ("excluding", [201], "excluding must be a phone number"),
        ("excluding", [""], "excluding"),
        ("excluding", [[]], "excluding must be a phone number"),
        ("excluding", [str(one) for one in range(200, 1201)], "at most 1000"),
        ("without", "4", "a collection"),
        ("without", ["x"], "1 to 10 digits"),
        ("without", [4], "1 to 10 digits"),
        ("without", [[]], "1 to 10 digits"),
        ("sort_by", "name", "sort_by must be 'price'"),
        ("sort_by", ["price"], "sort_by must be 'price'"),
    ],
)
def test_what_cannot_be_wanted_is_refused(field_name: str, wrong: Any, said: str) -> None:
    with pytest.raises((InvalidInput, InvalidNumber), match=said):
        Search(**{field_name: wrong})


def test_a_provider_is_asked_for_all_it_has_where_it_does_not_apply_a_filter() -> None:
    sent = {"area_code", "state"}
    assert Search(area_code="201", state="NJ", limit=7).quantity(sent, 100) == 7
    for more in ({"spells": "TAXI"}, {"without": {"4"}}, {"excluding": {"201"}}, {"sort_by": "price"}):
        assert Search(area_code="201", limit=7, **more).quantity(sent, 100) == 100


# -- their order


def priced(*prices: str | None) -> list[Offer]:
    money = [None if one is None else Money(*one.split()) for one in prices]
    return [evolve(OFFER, number=PhoneNumber(f"+120155501{at:02}"), price=one) for at, one in enumerate(money)]


def test_the_cheapest_come_first_those_without_a_price_last_and_equal_ones_in_their_order() -> None:
    offers = priced("2", None, "1.50", "1.5", None, "0")
    assert by_price(offers) == [offers[5], offers[2], offers[3], offers[0], offers[1], offers[4]]
    assert filter_offers(Search(sort_by="price", limit=2), offers) == [offers[5], offers[2]]
    assert filter_offers(Search(area_code="201", sort_by="price", limit=2), offers) == [offers[5], offers[2]]


def test_prices_of_two_currencies_are_not_compared() -> None:
    offers = priced("2 USD", "1 EUR", None, "1 USD", "0.50 EUR")
    assert by_price(offers) == [offers[3], offers[0], offers[4], offers[1], offers[2]]


def lists_of_filters(tree: ast.AST) -> list[int]:
    """Lines at which most filters stand in one list, set or table of their names."""
    names = {one.name for one in FILTERS}
    found = []
    for node in ast.walk(tree):
        items = node.keys if isinstance(node, ast.Dict) else getattr(node, "elts", ())
        said = {item.value for item in items if isinstance(item, ast.Constant)}
        if len(said & names) > len(names) / 3:
            found.append(node.lineno)  # type: ignore[attr-defined]
    return found


def test_no_list_of_filters_is_repeated_which_a_new_one_would_be_missing_from() -> None:
    src = Path(anycarrier.__file__).parent
    found = {
        str(path.relative_to(src))
        for path in src.rglob("*.py")
        if lists_of_filters(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert found == {"purchase/order.py"}  # those that orders of the first release were written with
