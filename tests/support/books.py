"""Attempts and requests for tests of the journal."""

from __future__ import annotations

from anycarrier.attempt import Draft
from anycarrier.model import Money
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase.journal.types import OrderRecord

NUMBER = PhoneNumber("+12015550123")


def draft(number=NUMBER, key="k1", price="1.00", account="main"):
    money = None if price is None else Money(price)
    return Draft(provider="fake", account=account, number=number, key=key, body=b"{}", price=money)


def made(journal, name="r", items=1):
    return journal.create(OrderRecord(id=name, digest="d", order="{}"), items, 100.0)


def claimed(journal, name="r", owner="me"):
    (item,) = made(journal, name)
    assert journal.claim(item, owner)[1]
    return item
