"""Orders as values: what can be ordered, and what the journal keeps of it."""

from __future__ import annotations

import pytest

from anycarrier import errors as e
from anycarrier.model import Feature, Line, Money
from anycarrier.purchase import Order
from anycarrier.purchase.order import from_json
from anycarrier.search import Search
from support.orders import NEAR


def test_orders_come_back_from_the_journal_as_they_were():
    order = Order(
        criteria=Search(area_code="201", features=[Feature.SMS], line=Line.LOCAL, max_price=Money("2.50")),
        features=["voice"],
        capabilities=["route.forward"],
        max_price=Money("3"),
        spend_cap=Money("9.99", "EUR"),
        quantity=2,
        prefer="cheapest",
        in_doubt="hold",
    )
    text = order.to_json(["a/x", "b/y"])
    assert from_json(text) == (order, ("a/x", "b/y"))
    named = Order(number="+12015550123")
    assert from_json(named.to_json([]))[0] == named


def test_an_order_with_a_filter_of_a_later_release_is_refused():
    text = Order(criteria=Search(area_code="201")).to_json([])
    assert from_json(text.replace('"city":null', '"color":null'))[0].criteria == Search(area_code="201")
    with pytest.raises(e.JournalError, match="filters that this release does not know: color"):
        from_json(text.replace('"city":null', '"color":"red"'))


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"criteria": NEAR, "number": "+12015550123"},
        {"criteria": NEAR, "quantity": 0},
        {"number": "+12015550123", "quantity": 2},
        {"criteria": NEAR, "capabilities": ["fly"]},
        {"criteria": NEAR, "prefer": "luck"},
        {"criteria": NEAR, "deadline": 0},
        {"criteria": NEAR, "in_doubt": "?"},
    ],
)
def test_what_cannot_be_ordered(wrong):
    with pytest.raises(e.InvalidInput):
        Order(**wrong)
