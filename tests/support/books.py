"""Attempts and requests for tests of the journal."""

from __future__ import annotations

from decimal import Decimal

from anycarrier.attempt import Draft
from anycarrier.model import Money
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase.journal import spending
from anycarrier.purchase.journal.types import OrderRecord

NUMBER = PhoneNumber("+12015550123")


def draft(number=NUMBER, key="k1", price="1.00", account="main", setup=None):
    price, setup = (None if amount is None else Money(amount) for amount in (price, setup))
    return Draft(provider="fake", account=account, number=number, key=key, body=b"{}", price=price, setup_price=setup)


def made(journal, name="r", items=1):
    return journal.create(OrderRecord(id=name, digest="d", order="{}"), items, 100.0)[1]


def claimed(journal, name="r", owner="me"):
    (item,) = made(journal, name)
    assert journal.claim(item, owner)[1]
    return item


def totals(journal):
    """The running totals of what was spent, as a journal has them."""
    database = journal._database
    with database.transaction(writes=False) as tx:
        return {one for one in spending.totals(tx) if any(one[3:])}


def recount(journal):
    """The same from a count of every attempt, in Python."""
    found = {}
    with journal._database.transaction(writes=False) as tx:
        columns = "price, currency, setup, first_sent"
        rows = tx.rows(f"SELECT {columns} FROM anycarrier_attempt WHERE state IN {spending.PAID}")  # noqa: S608
    for price, currency, setup, first_sent in rows:
        cost = None if price is None else Decimal(price) + Decimal(setup or 0)
        parts = [Decimal(one) * 1_000_000 for one in (price, setup) if one]
        whole = all(one == int(one) and abs(one) < 10**15 for one in parts)
        for span in (60, 3600):
            place = (span, int(first_sent // span) * span, currency or "")
            amount, attempts, uncounted = found.get(place, (0, 0, 0))
            amount += int(cost * 1_000_000) if cost is not None and whole else 0
            found[place] = amount, attempts + 1, uncounted + (not whole)
    return {(*place, *sums) for place, sums in found.items()}


def keeps_prices(book):
    of = ("a", "a", "all")
    assert book.price(*of).age is None
    assert book.claim_price(*of, 60.0)
    assert not book.claim_price(*of, 60.0)
    book.release_price(*of)
    assert book.claim_price(*of, 60.0)
    book.keep_price(*of, Money("0.50"))
    kept = book.price(*of)
    assert kept.price == Money("0.50")
    assert kept.age is not None
    assert kept.age < 5
    assert book.claim_price(*of, 60.0)
    book.keep_price(*of, None)
    assert book.price(*of).price is None
    assert book.price("a", "b", "all").age is None
