"""VoiceTel's two long answers, read in one go; ``None`` for what the models have to look at."""

from __future__ import annotations

from functools import cache
from itertools import repeat
from typing import Literal

from anycarrier import swift
from anycarrier.model import Line, Offer, OwnedNumber, Status
from anycarrier.numbers import InvalidNumber, from_ten_digit
from anycarrier.records import Checked
from anycarrier.swift import Flag, Row, Text, Whole, nothing, present

from . import routes
from .api import PROVIDER

__all__ = ["offers", "owned"]


class _Found(Row):
    number: str
    rate_center: Text = None
    city: Text = None
    province: Text = None
    lata: Text = None


class _Inventory(Row):
    numbers: list[_Found]


class _Answer(Row):
    status: Literal["success"]
    data: _Inventory


class _Number(Row):
    number: str
    translated: Text = None
    route: Whole = None
    gateway: Text = None
    cnam: Flag = None
    forward: Flag = None
    forward_to: Text = None
    carrier: Whole = None
    sms_enabled: Flag = None
    fax_enabled: Flag = None


_inventory = cache(lambda: swift.reader(_Answer))
_numbers = cache(lambda: swift.reader(list[_Number]))

_OFFER: swift.Facts = {
    "postal_code": nothing,
    "rate_center": lambda row, _: present(row.rate_center),
    "lata": lambda row, _: present(row.lata),
    "country": lambda _, one: one.number.country,
    "latitude": nothing,
    "longitude": nothing,
    "features": lambda *_: {},
    "line": lambda _, one: Line.of(one.number),
    "price": nothing,
    "address_requirement": nothing,
    "purchase": lambda *_: {},
}

_OWNED: swift.Facts = {
    "id": nothing,
    "provider_status": nothing,
    "label": nothing,
    "features": lambda *_: {},
    "line": lambda _, one: Line.of(one.number),
    "routes": lambda row, _: routes.stated(
        row.route, row.forward, from_ten_digit(row.forward_to) if row.forward_to else None, row.sms_enabled
    ),
    "campaign_id": nothing,
    "created": nothing,
    "receipt": nothing,
    "detail": lambda _, one: _detail(one),
}


def offers(account: str, body: bytes) -> list[Offer] | None:
    """What a search found."""
    answer = _inventory()(body)
    if answer is None:
        return None
    rows = answer.data.numbers
    numbers = swift.ten_digits([row.number for row in rows])
    if numbers is None:
        return None
    return [*swift.made(
        Offer, body, ("data", "numbers"), rows, _OFFER,
        provider=repeat(PROVIDER), account=repeat(account), number=numbers,
        city=swift.texts([row.city for row in rows]), state=swift.texts([row.province for row in rows]),
    )]  # fmt: skip


def owned(account: str, text: str) -> Checked[OwnedNumber] | None:
    """A piece of the list."""
    rows = _numbers()(text)
    numbers = swift.ten_digits([row.number for row in rows]) if rows else None
    if rows is None or numbers is None:
        return None
    try:
        for forward_to in {row.forward_to for row in rows}:
            if forward_to:
                from_ten_digit(forward_to)
    except InvalidNumber:
        return None
    return swift.made(
        OwnedNumber, text, (), rows, _OWNED,
        provider=repeat(PROVIDER), account=repeat(account), number=numbers, status=repeat(Status.ACTIVE),
    )  # fmt: skip


def _detail(one: OwnedNumber) -> object:
    from .schemas import NumberRow

    return NumberRow.model_validate(one.raw)
