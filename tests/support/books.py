"""Attempts and requests for tests of the journal."""

from __future__ import annotations

from anycarrier.attempt import Draft
from anycarrier.model import Money
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase.journal.types import OrderRecord

NUMBER = PhoneNumber("+12015550123")


def draft(number=NUMBER, key="k1", price="1.00", account="main", setup=None):
    price, setup = (None if amount is None else Money(amount) for amount in (price, setup))
    return Draft(provider="fake", account=account, number=number, key=key, body=b"{}", price=price, setup_price=setup)


def made(journal, name="r", items=1):
    return journal.create(OrderRecord(id=name, digest="d", order="{}"), items, 100.0)


def claimed(journal, name="r", owner="me"):
    (item,) = made(journal, name)
    assert journal.claim(item, owner)[1]
    return item
