"""VoiceTel's two long answers, read in one go; ``None`` for what the models have to look at."""

from __future__ import annotations

from functools import cache
from itertools import repeat
from operator import itemgetter
from typing import Any

from pydantic_core import SchemaValidator
from pydantic_core import core_schema as c

from anycarrier import swift
from anycarrier.border import Document, Raw
from anycarrier.model import ForwardTo, Later, NoForward, NoTexts, Offer, OwnedNumber, Route, Status, ToGateway
from anycarrier.numbers import InvalidNumber, from_ten_digit
from anycarrier.records import Checked
from anycarrier.swift import FLAG, NONE, TEXT, WHOLE, facts_of, members_of, present

from . import schemas
from .api import PROVIDER

__all__ = ["offers", "owned"]


@cache
def _inventory() -> SchemaValidator:
    row = swift.whole(
        "number", number=c.str_schema(strict=True), city=TEXT, province=TEXT, rateCenter=TEXT, lata=TEXT,
        rate_center=swift.never(),
    )  # fmt: skip
    data = swift.whole("numbers", numbers=c.list_schema(row))
    return SchemaValidator(swift.whole("status data", status=c.literal_schema(["success"]), data=data))


@cache
def _numbers() -> SchemaValidator:
    never = swift.never()  # the models know these by their Python names too
    return SchemaValidator(c.list_schema(swift.part(
        "number", number=c.str_schema(strict=True), route=WHOLE, gateway=TEXT, translated=TEXT, carrier=WHOLE,
        forward=FLAG, forwardTo=TEXT, smsEnabled=FLAG, faxEnabled=FLAG, cnam=FLAG, forward_to=never, sms_enabled=never,
        fax_enabled=never,
    )))  # fmt: skip


def offers(account: str, body: bytes) -> list[Offer] | None:
    """What a search found."""
    answer = swift.read(_inventory(), body)
    if answer is None:
        return None
    rows: list[dict[str, Any]] = answer["data"]["numbers"]
    if members_of(body) != len(answer) + len(answer["data"]) + sum(map(len, rows)):
        return None
    numbers = swift.numbers([row["number"] for row in rows])
    if numbers is None:
        return None
    known: dict[str, swift.Facts] = {}
    facts = [known.get(number[:5]) or facts_of(number, known) for number in numbers]
    return swift.made(
        Offer, provider=repeat(PROVIDER), account=repeat(account), number=numbers,
        city=[present(row.get("city")) for row in rows], state=[present(row.get("province")) for row in rows],
        postal_code=NONE, rate_center=[present(row.get("rateCenter")) for row in rows],
        lata=[present(row.get("lata")) for row in rows], country=[country for country, _ in facts], latitude=NONE,
        longitude=NONE, features=swift.empty(), line=[line for _, line in facts], price=NONE, address_requirement=NONE,
        purchase=swift.empty(), raw=rows,
    )  # fmt: skip


class _Row(Later):
    def made(self, one: OwnedNumber) -> schemas.NumberRow:
        return schemas.NumberRow.model_validate(one.raw)


_ROW = _Row()
_ROUTES = itemgetter("route", "forward", "forwardTo", "smsEnabled")


def owned(account: str, text: str) -> Checked[OwnedNumber] | None:
    """A piece of the list."""
    rows: list[dict[str, Any]] | None = swift.read(_numbers(), text)
    numbers = swift.numbers([row["number"] for row in rows]) if rows else None
    if rows is None or numbers is None:
        return None
    wished = [*map(_ROUTES, rows)]
    try:
        routes = {each: _routes(*each) for each in {*wished}}
    except InvalidNumber:
        return None
    known: dict[str, swift.Facts] = {}
    return Checked(swift.made(
        OwnedNumber, provider=repeat(PROVIDER), account=repeat(account), number=numbers, id=NONE,
        status=repeat(Status.ACTIVE), provider_status=NONE, label=NONE, features=swift.empty(),
        line=[(known.get(number[:5]) or facts_of(number, known))[1] for number in numbers],
        routes=[routes[each] for each in wished], campaign_id=NONE, created=NONE, detail=repeat(_ROW),
        raw=map(Raw, repeat(Document(text)), zip(range(len(rows)))),
    ))  # fmt: skip


def _routes(
    route: int | None, forward: bool | None, forward_to: str | None, texts: bool | None
) -> tuple[Route, ...] | None:
    """As :func:`.reading.owned` has them; raises ``InvalidNumber`` for a number that only looks like one."""
    number = from_ten_digit(forward_to) if forward_to else None
    routes: list[Route] = []
    if route is not None:
        routes.append(ToGateway(route))
    if forward and number:
        routes.append(ForwardTo(number))
    elif forward is False:
        routes.append(NoForward())
    if texts is False:
        routes.append(NoTexts())
    return tuple(routes) or None
