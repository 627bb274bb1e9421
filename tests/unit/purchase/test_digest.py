"""The digest of an order: the same for the same meaning, another for everything that matters."""

from __future__ import annotations

from itertools import combinations

import pytest
from attrs import evolve, fields

from anycarrier import InvalidInput, Money
from anycarrier.purchase import Order, journal
from anycarrier.purchase.digest import VERSION, digest
from anycarrier.purchase.journal.types import OrderRecord
from anycarrier.purchase.order import from_json
from anycarrier.purchase.provisioning import buy_through_journal
from anycarrier.search import Search
from support.orders import N, Shop, World

BASE = Order(criteria=Search())
VALUES = {
    "criteria": [Search(area_code="201")],
    "number": ["+12015550123", "+12015550124"],
    "features": [["sms"], ["sms", "voice"]],
    "capabilities": [["release"], ["release", "list"]],
    "max_price": [Money("1"), Money("1.5"), Money("10"), Money("0.1"), Money("0"), Money("1", "EUR")],
    "spend_cap": [Money("1"), Money("1.5"), Money("10"), Money("1", "EUR")],
    "quantity": [2, 20],
    "prefer": ["cheapest", "health"],
    "in_doubt": ["hold"],
    "valid_for": [86_401, 8_640.5, 8_640],
    "fulfilled_by": ["placed"],
}
"""Of each field of an order: values that differ from its default, and from each other."""
CRITERIA = {
    "area_code": ["201", ["201", "551"], ["551", "201"]],
    "prefix": ["201", "201555"],
    "ends_with": ["00", "0"],
    "contains": ["00"],
    "spells": ["TAXI"],
    "excluding": [["201"], ["201", "551"]],
    "without": [["4"], ["4", "13"]],
    "city": ["Closter"],
    "state": ["NJ"],
    "postal_code": ["07624"],
    "rate_center": ["CLOSTER"],
    "lata": ["224"],
    "features": [["sms"], ["mms"]],
    "line": ["local", "mobile"],
    "max_price": [Money("1"), Money("1.01")],
    "country": ["US", "CA"],
    "sort_by": ["price"],
    "limit": [11, 100],
}


def of(order: Order, *accounts: str) -> str:
    return digest(order.to_json(accounts or ("acme/a", "acme/b")))


def different() -> dict[str, Order]:
    """Orders of which no two are the same, by what is said of them."""
    orders = {"default": BASE}
    for name, values in VALUES.items():
        for value in values:
            changes = {name: value, **({"criteria": None} if name == "number" else {})}
            orders[f"{name} {value}"] = evolve(BASE, **changes)
    for name, values in CRITERIA.items():
        for value in values:
            orders[f"criteria.{name} {value}"] = Order(criteria=Search(**{name: value}))
    del orders[f"criteria {VALUES['criteria'][0]}"]  # the search for an area code, once more
    return orders


def test_every_field_of_an_order_and_of_its_search_is_tried() -> None:
    assert {one.name for one in fields(Order)} - {"deadline", "setup", "reference", "tags"} == set(VALUES)
    assert {one.name for one in fields(Search)} == set(CRITERIA)


def test_orders_that_differ_in_anything_that_matters_have_different_digests() -> None:
    digests = {name: digest(order.to_json(["acme/a"])) for name, order in different().items()}
    assert [(one, other) for one, other in combinations(digests, 2) if digests[one] == digests[other]] == []
    assert of(BASE, "acme/a", "acme/b") != of(BASE, "acme/b", "acme/a")  # the first is preferred
    assert of(BASE, "acme/a") != of(BASE, "acme/a", "acme/b")


@pytest.mark.parametrize(
    "changes",
    [
        (
            {"max_price": Money("3")},
            {"max_price": Money("3.00")},
            {"max_price": Money(3.0)},
            {"max_price": Money("3e0")},
        ),
        ({"spend_cap": Money("1200")}, {"spend_cap": Money("1.2e3")}),
        ({"max_price": Money("0")}, {"max_price": Money("-0.0")}, {"max_price": Money("0e5")}),
        ({"criteria": Search(max_price=Money("2"))}, {"criteria": Search(max_price=Money("2.0"))}),
        ({"capabilities": ["release", "list"]}, {"capabilities": ["list", "release", "list"]}),
        ({"features": ["sms", "voice"]}, {"features": {"voice", "sms"}}),
        ({"criteria": Search(excluding=["201", "551"])}, {"criteria": Search(excluding=["551", "201"])}),
        ({"criteria": None, "number": "+12015550123"}, {"criteria": None, "number": "(201) 555-0123"}),
        ({"valid_for": 3600}, {"valid_for": 3600.0}),
        ({"deadline": 1}, {"deadline": 2.5}, {}),
        ({"criteria": Search(spells="taxi")}, {"criteria": Search(spells="TAXI")}),
    ],
)
def test_two_spellings_of_one_order_have_one_digest(changes: tuple[dict[str, object], ...]) -> None:
    assert len({of(evolve(BASE, **change)) for change in changes}) == 1


def test_amounts_are_compared_exactly() -> None:
    prices = (Money("1.0000000000000000000000000000000000001"), Money("1.0000000000000000000000000000000000002"))
    assert len({of(evolve(BASE, max_price=price)) for price in prices}) == 2


def test_a_member_that_a_release_does_not_write_is_the_same_as_its_default() -> None:
    assert of(BASE, "a/b") == digest('{"order":{"criteria":{},"deadline":600.0},"accounts":["a/b"]}')


def test_the_defaults_of_an_order_and_of_a_search_are_those_of_orders_on_record() -> None:
    """A default that changes makes another order of each one that is on record: add a version of the digest then."""
    assert from_json('{"order":{"criteria":{}},"accounts":[]}')[0] == BASE
    text = '{"order":{"capabilities":[],"criteria":{"excluding":[],"features":[],"limit":10,"without":[],"city":null},'
    text += '"deadline":600,"features":[],"fulfilled_by":"active","in_doubt":"wait","max_price":null,"prefer":"given",'
    text += '"quantity":1,"valid_for":86400},"accounts":[]}'
    assert from_json(text)[0] == BASE
    assert digest(text) == digest(BASE.to_json([]))


def test_an_order_of_another_release_is_compared_by_its_meaning() -> None:
    order = evolve(BASE, max_price=Money("3.00"))
    text, other = order.to_json(["acme/a"]), evolve(order, quantity=2).to_json(["acme/a"])
    with journal.open(":memory:") as book:
        for version in (1, VERSION, VERSION + 1):
            made = digest(text) if version == VERSION else "made in another way"
            then = OrderRecord(id=f"r{version}", digest=made, digest_version=version, order=text)
            _, ids = book.create(then, 1, 60.0)
            spelled = text.replace('"3.00"', '"3"')
            assert spelled != text
            assert book.create(OrderRecord(id=then.id, digest=digest(spelled), order=spelled), 1, 60.0)[1] == ids
            with pytest.raises(InvalidInput, match="different order"):
                book.create(OrderRecord(id=then.id, digest=digest(other), order=other), 2, 60.0)


def test_a_purchase_of_one_number_that_an_earlier_release_began_goes_on_under_its_key() -> None:
    shop = Shop("a", N[:1])
    world = World(shop)
    text = Order(number=str(N[0])).to_json(["a/a"])  # before orders said what fulfills them
    world.journal.create(OrderRecord(id="key", digest="by its text", digest_version=1, order=text), 1, 86_400.0)
    bought = [world.run(buy_through_journal(N[0], [shop], journal=world.journal, key="key")) for _ in range(2)]
    assert [one.number for one in bought] == [N[0], N[0]]
    assert len(shop.keys) == 1
    with pytest.raises(InvalidInput, match="different order"):
        world.run(buy_through_journal(N[1], [shop], journal=world.journal, key="key"))
