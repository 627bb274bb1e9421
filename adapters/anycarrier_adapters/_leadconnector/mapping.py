"""Mapping of LeadConnector's records to the neutral model."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from math import isfinite
from typing import TypeAlias

from anycarrier.adapter import (
    UNSET,
    Feature,
    ForwardTo,
    InvalidNumber,
    LazyFields,
    Line,
    Mine,
    Money,
    NoForward,
    Offer,
    OwnedNumber,
    PhoneNumber,
    Pool,
    Route,
    Rows,
    Status,
    blank_to_none,
    blanks_to_none,
    build,
    phone_number,
    price_of,
    settled,
)

from .options import LINES
from .schemas import AvailableNumber, Capabilities, FoundCapabilities, Inventory, NumberPage, NumberRow, date_of
from .schemas.details import PoolDetails

__all__ = ["Routes", "offers", "owned", "pool", "status_of"]

Routes: TypeAlias = tuple[Route, ...] | None

_LINES = {"local": Line.LOCAL, "tollfree": Line.TOLL_FREE, "mobile": Line.MOBILE, "national": Line.NATIONAL}
_STATUS = {"active": Status.ACTIVE, "suspended": Status.SUSPENDED}
"""By the account's status: the list is of active numbers, and those of a suspended account do not work."""


def status_of(word: str | None) -> Status:
    """Status of a number, by that of its account."""
    return _STATUS.get((word or "active").casefold(), Status.UNKNOWN)


@lru_cache(200)
def _line(word: str | None) -> Line | None:
    """``tollFree`` (search, purchase), ``toll-free`` (list), ``toll free``: the same; an unknown word is ``None``."""
    return _LINES.get(re.sub(r"[^a-z]", "", (word or "").casefold()))


def _features(stated: FoundCapabilities | Capabilities | None) -> dict[Feature, bool]:
    if stated is None:
        return {}
    four = {Feature.VOICE: stated.voice, Feature.SMS: stated.sms, Feature.MMS: stated.mms, Feature.FAX: stated.fax}
    return {feature: value for feature, value in four.items() if value is not None}


def _degrees(text: str | None) -> float | None:
    """A coordinate; ``None`` for anything else."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if isfinite(value) and abs(value) <= 180 else None


def _price(row: AvailableNumber) -> Money | None:
    price = row.price
    unit = None if price is None else blank_to_none(price.price_unit)
    if price is None or price.price is None or unit is None:
        return None
    return _money(str(price.price), unit)


@lru_cache(200)
def _money(amount: str, unit: str) -> Money | None:
    """By its text, because amounts that are equal may have more digits or fewer."""
    return price_of(Decimal(amount), unit)


def _purchase(fingerprint: str | None, country: str, line: Line | None) -> dict[str, str]:
    wanted = {
        "fingerprintId": fingerprint,
        "countryCode": country,
        "numberType": None if line is None else LINES.get(line),
    }
    return {name: value for name, value in wanted.items() if value is not None}


OFFER = LazyFields[AvailableNumber, Offer](
    Offer,
    postal_code=lambda row, _: blank_to_none(row.postal_code),
    rate_center=lambda row, _: blank_to_none(row.rate_center),
    lata=lambda row, _: blank_to_none(row.lata),
    country=lambda row, _: blank_to_none(row.iso_country),
    latitude=lambda row, _: _degrees(row.latitude),
    longitude=lambda row, _: _degrees(row.longitude),
    features=lambda row, _: _features(row.capabilities),
    price=lambda row, _: _price(row),
    address_requirement=lambda row, _: blank_to_none(row.address_requirements),
)


def offers(mine: Mine, country: str, line: Line | None, rows: Rows[AvailableNumber, Inventory]) -> Sequence[Offer]:
    """Offers of a search in *country* for numbers of the kind *line*, or of any kind.

    An offer's kind is that of its price, else toll-free by its digits, else the only one that was searched for.
    """
    fingerprint = blank_to_none(rows.around.fingerprint_id)

    def line_of(row: AvailableNumber, offer: Offer) -> Line | None:
        said = None if row.price is None else row.price.number_type
        return _line(said) or (Line.TOLL_FREE if offer.number.is_toll_free else line)

    return build(
        OFFER.but(line=line_of, purchase=lambda _, offer: _purchase(fingerprint, offer.country or country, offer.line)),
        rows,
        **mine,
        number=rows.numbers("phone_number"),
        city=blanks_to_none([row.locality for row in rows.rows]),
        state=blanks_to_none([row.region for row in rows.rows]),
    )


def _routes(row: NumberRow) -> Routes:
    """Forwarding as far as a record states it: by its own field, or as the service that takes calls."""
    service = row.inbound_call_service
    forwards = service is not None and (service.type or "").strip().casefold() == "forward"
    stated = row.forwarding_number is not UNSET
    number = blank_to_none(row.forwarding_number) if isinstance(row.forwarding_number, str) else None
    if number is None and forwards and service is not None:
        number = service.value
    if isinstance(number, str) and number:
        try:
            return (ForwardTo(PhoneNumber(number, region=blank_to_none(row.country_code))),)
        except (InvalidNumber, TypeError):
            return None
    return (NoForward(),) if stated and not forwards else None


OWNED = LazyFields[NumberRow, OwnedNumber](
    OwnedNumber,
    id=lambda row, _: blank_to_none(row.sid),
    label=lambda row, _: blank_to_none(row.friendly_name),
    features=lambda row, _: _features(row.capabilities),
    line=lambda row, _: _line(row.type),
    routes=lambda row, _: _routes(row),
    created=lambda row, _: date_of(row.date_added) or date_of(row.date_created),
    detail=lambda row, _: settled(row),
)


def owned(mine: Mine, rows: Rows[NumberRow, NumberPage]) -> Sequence[OwnedNumber]:
    """Numbers of a page."""
    word = blank_to_none(rows.around.account_status)
    return build(OWNED, rows, **mine, number=rows.numbers("phone_number"), status=status_of(word), provider_status=word)


def pool(mine: Mine, record: PoolDetails) -> Pool:
    """Number pool of a location."""
    return Pool(
        **mine,
        id=record.id,
        name=record.name,
        numbers=tuple(phone_number(one.phone_number) for one in record.numbers),
        forward_to=record.forwarding_number,
        detail=record,
        raw=record.raw,
    )
