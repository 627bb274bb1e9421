"""VoiceTel's search, by scripted outcomes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anycarrier import errors as e
from anycarrier.exchange import Response
from anycarrier.model import Feature, Line, Money
from anycarrier.search import Search
from support.script import failing, play, query_of
from support.voicetel import NUMBER, OTHER, N
from support.voicetel_answers import V, found, ok


def available(number: str = NUMBER, **more: Any) -> dict[str, Any]:
    return {"number": number, "city": "Closter", "province": "NJ", "rateCenter": "CLOSTER", "lata": "224", **more}


# -- searching


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        (Search(area_code="201"), {"tnMask": "201", "quantity": "10"}),
        (Search(prefix="201555"), {"tnMask": "201555", "quantity": "10"}),
        (Search(area_code="201", prefix="201555"), {"tnMask": "201555", "quantity": "10"}),
        (Search(area_code="201", limit=1), {"tnMask": "201", "quantity": "1"}),
        (Search(area_code="201", limit=1000), {"tnMask": "201", "quantity": "1000"}),
        (Search(area_code="201", state=" nj "), {"tnMask": "201", "quantity": "10", "province": "NJ"}),
        (Search(area_code="201", rate_center=" CLOSTER"), {"tnMask": "201", "quantity": "10", "rateCenter": "CLOSTER"}),
        (Search(area_code="201", lata="224"), {"tnMask": "201", "quantity": "10", "lata": "224"}),
        (Search(area_code="201", ends_with="23", limit=2), {"tnMask": "201", "quantity": "1000"}),
        (Search(area_code="201", contains="555"), {"tnMask": "201", "quantity": "1000"}),
        (Search(area_code="201", city="closter"), {"tnMask": "201", "quantity": "1000"}),
        (Search(area_code="201", country="US"), {"tnMask": "201", "quantity": "1000"}),
        (Search(area_code="201", spells="JKL"), {"tnMask": "201", "quantity": "1000"}),
        (Search(area_code="201", excluding={OTHER}), {"tnMask": "201", "quantity": "1000"}),
        (Search(area_code="201", without={"4"}), {"tnMask": "201", "quantity": "1000"}),
    ],
)
def test_search_sends_what_voicetel_takes_and_applies_the_rest_over_its_maximum(
    query: Search, sent: dict[str, str]
) -> None:
    offers, (request,) = play(V.search(query), found(available()))
    assert (request.method, request.path, request.purpose) == ("GET", "/v2.2/inventory", "read")
    assert query_of(request) == sent
    assert [offer.number for offer in offers] == [N]


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        (Search(area_code="201", ends_with="24"), [OTHER]),
        (Search(area_code="201", contains="50124"), [OTHER]),
        (Search(area_code="201", city="TENAFLY"), [OTHER]),
        (Search(area_code="201", country="CA"), []),
        (Search(area_code="201", limit=1), [NUMBER]),
        (Search(area_code="201"), [NUMBER, OTHER]),
        (Search(area_code="201", state="NY"), []),
        (Search(area_code="201", line="toll_free"), []),
    ],
)
def test_every_offer_matches_every_filter_and_there_are_no_more_than_asked_for(query: Search, kept: list[str]) -> None:
    offers, _ = play(V.search(query), found(available(), available(OTHER, city="Tenafly")))
    assert [offer.number.ten_digit for offer in offers] == kept


def test_toll_free_is_told_by_the_number_itself() -> None:
    rows = [{"number": "8005550123"}, {"number": "8005550199", "city": ""}]
    offers, _ = play(V.search(Search(area_code="800", line="toll_free", ends_with="9")), found(*rows))
    assert [(offer.number, offer.line, offer.country) for offer in offers] == [("+18005550199", Line.TOLL_FREE, None)]
    assert offers[0].city is None


@pytest.mark.parametrize(
    ("query", "feature"),
    [
        (Search(rate_center="CLOSTER"), "search.no_digits"),
        (Search(area_code="201", features={"sms"}), "search.features"),
        (Search(area_code="201", features=frozenset(Feature)), "search.features"),
        (Search(area_code="201", line="local"), "search.local"),
        (Search(area_code="201", line="mobile"), "search.mobile"),
        (Search(area_code="201", max_price=Money(1)), "search.max_price"),
        (Search(area_code="201", country="GB"), "search.country"),
        (Search(area_code="201", sort_by="price"), "search.sort_by"),
    ],
)
def test_a_filter_that_cannot_be_kept_is_refused_before_any_request(query: Search, feature: str) -> None:
    error, script = failing(V.search(query))
    assert isinstance(error, e.Unsupported)
    assert error.feature == feature
    assert error.reason
    assert not script.effects


# -- without leading digits, through the coverage


def counted(*buckets: tuple[str, int | None]) -> Any:
    return ok({"coverage": [{"npa": npa, "nxx": "555", "count": count} for npa, count in buckets]})


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        (Search(state="nj"), {"locState": "NJ"}),
        (Search(city=" Closter"), {"city": "Closter"}),
        (Search(state="NJ", city="Closter"), {"locState": "NJ", "city": "Closter"}),
        (Search(lata="224", rate_center="CLOSTER"), {"lata": "224"}),
        (Search(state="NJ", rate_center="CLOSTER"), {"locState": "NJ"}),
        (Search(), {}),
    ],
)
def test_without_digits_the_coverage_of_the_place_names_the_area_codes(query: Search, sent: dict[str, str]) -> None:
    offers, (coverage, search) = play(V.search(query), counted(("201", 3)), found(available()))
    assert (coverage.method, coverage.path, coverage.purpose) == ("GET", "/v2.2/inventory/coverage", "read")
    assert query_of(coverage) == {"countBy": "npanxx", **sent}
    assert search.path == "/v2.2/inventory"
    assert query_of(search)["tnMask"] == "201"
    assert [offer.number for offer in offers] == [N]


def test_area_codes_with_most_numbers_are_searched_first_until_the_limit_is_met() -> None:
    coverage = counted(("201", 3), ("551", 4), ("973", 0), ("201", 2), ("x", 9), ("908", None))
    rows = [available("5515550100"), available("5515550101", province="NY"), available("5515550102")]
    offers, requests = play(V.search(Search(state="NJ", limit=3)), coverage, found(available()), found(*rows))
    assert [offer.number.ten_digit for offer in offers] == [NUMBER, "5515550100", "5515550102"]
    assert [query_of(one).get("tnMask") for one in requests] == [None, "201", "551"]
    assert [query_of(one).get("quantity") for one in requests] == [None, "3", "2"]
    assert query_of(requests[1])["province"] == "NJ"


def test_a_search_without_digits_tries_ten_area_codes_and_not_those_that_cannot_have_what_is_wanted() -> None:
    many = counted(*((f"2{code:02}", 50 - code) for code in range(1, 13)))
    offers, requests = play(V.search(Search()), many, *[found()] * 10)
    assert offers == []
    assert [query_of(one)["tnMask"] for one in requests[1:]] == [f"2{code:02}" for code in range(1, 11)]
    three = counted(("201", 3), ("416", 2), ("800", 1))
    for query, codes in (
        (Search(line="toll_free"), ["800"]),
        (Search(country="CA"), ["416", "800"]),
        (Search(excluding={"201"}), ["416", "800"]),
    ):
        _, requests = play(V.search(query), three, *[found()] * len(codes))
        assert [query_of(one)["tnMask"] for one in requests[1:]] == codes


def test_a_place_without_numbers_has_no_offers_and_an_error_of_the_coverage_is_one_of_the_search() -> None:
    assert play(V.search(Search(state="NJ")), counted())[0] == []
    error, _ = failing(V.search(Search(state="NJ")), Response(401, {}, b"{}"))
    assert isinstance(error, e.AuthenticationFailed)
    assert error.operation == "search"


def test_search_reads_numbers_as_text_and_text_as_numbers_and_ignores_what_is_new() -> None:
    body = ok({"numbers": [{"number": int(NUMBER), "lata": 224, "province": None, "new": [1]}], "more": 1})
    (offer,), _ = play(V.search(Search(area_code="201")), body)
    assert (offer.number, offer.lata, offer.state) == (N, "224", None)
    assert offer.raw["new"] == [1]


def test_a_search_without_one_number_that_can_be_read_is_an_error_and_the_place_is_named() -> None:
    error, _ = failing(V.search(Search(area_code="201")), found(available("example"), available("2115550123")))
    assert isinstance(error, e.UnexpectedResponse)
    assert "data.numbers.1.number" in str(error)
    assert "2115550123" not in str(error)


DIGITS = st.text("0123456789", min_size=1, max_size=10)
PRINTABLE = st.text(st.characters(categories=["L", "Nd"]), min_size=1, max_size=20)


@pytest.mark.slow
@given(
    area=st.sampled_from([None, "201", "800"]),
    more=st.from_regex("([2-9][0-9]{0,6})?", fullmatch=True),
    limit=st.integers(1, 1000),
    state=st.none() | st.from_regex("[A-Za-z]{2}", fullmatch=True),
    rate_center=st.none() | PRINTABLE,
    lata=st.none() | st.from_regex("[1-9][0-9]{2}", fullmatch=True),
    ends=st.none() | DIGITS,
    city=st.none() | PRINTABLE,
)
def test_filters_round_trip_through_the_query(
    area: Any, more: str, limit: int, state: Any, rate_center: Any, lata: Any, ends: Any, city: Any
) -> None:
    prefix = f"{area}{more}" if area else (more[:3] or "2")
    query = Search(
        area_code=area,
        prefix=prefix,
        limit=limit,
        state=state,
        rate_center=rate_center,
        lata=lata,
        ends_with=ends,
        city=city,
    )
    offers, (request,) = play(V.search(query), found())
    assert offers == []
    sent = dict(query_of(request))
    quantity = sent.pop("quantity")
    assert int(quantity) == (1000 if ends or city else limit)
    read_back = {"tnMask": query.leading, "province": state and state.upper(), "rateCenter": rate_center, "lata": lata}
    assert sent == {name: value for name, value in read_back.items() if value}
