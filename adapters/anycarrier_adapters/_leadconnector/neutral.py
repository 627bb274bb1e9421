"""From LeadConnector's words to the neutral model: pure tables and functions, for whoever has read a record."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from math import isfinite
from typing import Any, TypeAlias

from anycarrier.model import ForwardTo, Line, Money, NoForward, Route, Status, price_of
from anycarrier.numbers import InvalidNumber, PhoneNumber

from .options import LINES

__all__ = [
    "Routes", "date_of", "degrees", "line_of", "line_of_offer", "money", "purchase", "routes", "status_of",
]  # fmt: skip

Routes: TypeAlias = tuple[Route, ...] | None

_LINES = {"local": Line.LOCAL, "tollfree": Line.TOLL_FREE, "mobile": Line.MOBILE}
_STATUS = {"active": Status.ACTIVE, "suspended": Status.SUSPENDED}
"""By the account's status: the list is of active numbers, and those of a suspended account do not work."""


def status_of(word: str | None) -> Status:
    """A number's life, by the account's."""
    return _STATUS.get((word or "active").casefold(), Status.UNKNOWN)


@lru_cache(200)
def line_of(word: str | None) -> Line | None:
    """``tollFree`` (search, purchase), ``toll-free`` (list), ``toll free``: the same; an unknown word is ``None``."""
    return _LINES.get(re.sub(r"[^a-z]", "", (word or "").casefold()))


def line_of_offer(word: str | None, number: PhoneNumber, asked: Line | None) -> Line | None:
    """What the price says it is; else toll-free by its digits; else the only kind that was *asked* for."""
    return line_of(word) or (Line.TOLL_FREE if number.is_toll_free else asked)


def purchase(fingerprint: str | None, country: str, line: Line | None) -> dict[str, str]:
    """What a purchase needs beyond the number."""
    wanted = {"fingerprintId": fingerprint, "countryCode": country, "numberType": None if line is None else LINES[line]}
    return {name: value for name, value in wanted.items() if value is not None}


def money(amount: str | None, unit: str | None) -> Money | None:
    """A price from its amount, as it was written, and its unit."""
    return None if amount is None or unit is None else _money(amount, unit)


@lru_cache(200)
def _money(amount: str, unit: str) -> Money | None:
    """By its text, because amounts that are equal may have more digits or fewer."""
    return price_of(amount, unit)


def degrees(text: str | None) -> float | None:
    """A coordinate; ``None`` for what is none."""
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if isfinite(value) and abs(value) <= 180 else None


def date_of(value: object) -> datetime | None:
    """A date in ISO 8601 or RFC 2822; one without an offset is UTC, one in another form is ``None``."""
    return _read_date(value.strip()) if isinstance(value, str) and value.strip() else None


@lru_cache(2000)
def _read_date(text: str) -> datetime | None:
    from email.utils import parsedate_to_datetime

    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            date = read(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return date if date.tzinfo is not None else date.replace(tzinfo=UTC)
    return None


def routes(forwarding: str | None, service: str | None, target: Any, region: str | None, *, stated: bool) -> Routes:
    """Forwarding as far as a record states it: by its own field, or as the *service* that takes calls."""
    forwards = service is not None and service.casefold() == "forward"
    number = forwarding or (target if forwards else None)
    if isinstance(number, str) and number:
        try:
            return (ForwardTo(PhoneNumber(number, region=region)),)
        except (InvalidNumber, TypeError):
            return None
    return (NoForward(),) if stated and not forwards else None
