"""A number that a provider states is one even where no table knows its area code; an odd row never hides others."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from anycarrier import InvalidNumber, NotFound, OwnedNumber, PhoneNumber, Search, _libphonenumber
from anycarrier.model import Line
from anycarrier.numbers import country_of, is_another, stated
from anycarrier.purchase import Order
from anycarrier.purchase.order import from_json
from support.lc import NAMES, ROW, Lc, answer, available, listed

NEW = "+15655550123"
"""An area code that is not in use."""


@pytest.mark.parametrize("text", [NEW, NEW[2:]])
def test_a_well_formed_number_of_an_unknown_area_code_is_one_where_a_provider_states_it(text: str) -> None:
    with pytest.raises(InvalidNumber):
        PhoneNumber(text)
    number = stated(text)
    assert type(number) is PhoneNumber
    assert number == NEW
    assert (number.npa, number.ten_digit, number.country, number.masked) == ("565", NEW[2:], None, "+1565*****23")
    assert Line.of(number) is None
    for again in (pickle.loads(pickle.dumps(number)), copy.copy(number), copy.deepcopy(number)):
        assert (type(again), again) == (PhoneNumber, NEW)
    owned = OwnedNumber(provider="p", account="a", number=number)
    assert pickle.loads(pickle.dumps(owned)).number == NEW


@pytest.mark.parametrize(
    "text",
    [
        "+11655550123",
        "+15651550123",
        "+19115550123",
        "+1565555012",
        "+156555501234",
        "5655550 23",
        "15655550123",
        "565-555-0123",
        "",
        "+",
        "+1565555012\u0663",
        "+999123456789",
    ],
)
def test_what_is_not_well_formed_is_none(text: str) -> None:
    with pytest.raises(InvalidNumber):
        stated(text)


def test_what_a_table_knows_is_read_as_ever() -> None:
    assert stated("+12015550123") == stated("2015550123") == PhoneNumber("2015550123")
    assert stated("+442079460018") == PhoneNumber("+442079460018")


def test_a_newer_library_is_asked_about_an_area_code_that_the_table_does_not_have(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def ask(text: str, region: str | None, parse: object) -> str:
        asked.append(text)
        return NEW

    monkeypatch.setattr(_libphonenumber, "e164", ask)
    for newer in (False, True):
        monkeypatch.setattr(_libphonenumber, "is_newer_than_table", lambda newer=newer: newer)
        if newer:
            assert PhoneNumber(NEW) == NEW
        else:
            with pytest.raises(InvalidNumber):
                PhoneNumber(NEW)
    assert asked == [NEW]


def test_an_order_for_such_a_number_is_read_back() -> None:
    order = Order(number=stated(NEW))
    assert from_json(order.to_json(["p/a"]))[0] == order


@pytest.mark.parametrize(
    ("text", "another"),
    [
        ("+12015550123", False),
        ("2015550123", False),
        ("12015550123", False),
        ("+1 (201) 555-0123", False),
        ("+12015550124", True),
        ("2015550124", True),
        ("(201) 555-0124", True),
        ("5655550123", True),
        ("+1201*****24", False),
        ("?", False),
        ("5550124", False),
        ("", False),
        (None, False),
        (2015550124, False),
        ("2015550124 x", False),
        ("1" * 30, False),
    ],
)
def test_a_text_is_another_number_only_when_that_is_certain(text: Any, another: bool) -> None:
    assert is_another(text, PhoneNumber("+12015550123")) is another


def test_the_country_of_an_area_code() -> None:
    wanted = {"201": "US", "416": "CA", "787": "PR", "876": "JM", "340": "VI", "800": None, "565": None, "20": None}
    assert {code: country_of(code) for code in wanted} == wanted


@pytest.mark.parametrize("name", NAMES)
def test_leadconnector_is_asked_in_the_country_of_the_area_code(name: str) -> None:
    asked = [("416", None, "CA"), ("7875551", None, "PR"), ("201", None, "US"), ("800", None, "US"), (None, None, "US")]
    for leading, country, sent in (*asked, ("416", "US", "US")):
        lc = Lc(name, answer(available()))
        lc.search(Search(prefix=leading, country=country))
        assert lc.wire.query()["countryCode"] == sent


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("number", ["+11115550123", "+1565555012345", "2015550199"])
def test_that_a_number_is_absent_is_believed_beside_one_that_cannot_be_read(name: str, number: str) -> None:
    # A filtered list that shows another number decides nothing: the list is read again without the filter.
    both, other = listed({**ROW, "phoneNumber": number}, ROW), listed({**ROW, "phoneNumber": number})
    lc = Lc(name, answer(both), answer(both))
    assert lc.get(ROW["phoneNumber"]).number == ROW["phoneNumber"]
    lc = Lc(name, answer(other), answer(other))
    with pytest.raises(NotFound):
        lc.get(ROW["phoneNumber"])
