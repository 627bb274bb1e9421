"""A search's answer and a page of the list, read in one go; ``None`` for what the models have to look at."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import cache, lru_cache
from itertools import repeat
from operator import attrgetter
from typing import Annotated, Any

import msgspec
from attrs import frozen

from anycarrier import swift
from anycarrier.model import Feature, Line, Offer, OwnedNumber, Status
from anycarrier.records import Checked
from anycarrier.swift import Flag, Row, Text, Whole, nothing, present

from .errors import PROVIDER
from .mapping import city_of, country_of, state_of, status_of

__all__ = ["Owned", "offers", "page"]

Degrees = Annotated[float, msgspec.Meta(ge=-1e6, le=1e6)] | None


# -- a search's answer


class _Coordinate(Row):
    latitude: Degrees = None
    longitude: Degrees = None


class _Method(Row):
    method: Text = None
    query: Text = None


class _Location(Row):
    location: Text = None
    state: Text = None
    country_code: Text = None
    coordinate: _Coordinate | None = None
    time_zone_id: Text = None
    canonical_city: Text = None
    canonical_state: Text = None
    coordinate_source: _Method | None = None
    time_zone_source: _Method | None = None


class _Found(Row):
    number: str
    location: _Location | None = None


class _Answer(Row):
    numbers: list[_Found]


_answer = cache(lambda: swift.reader(_Answer))
_NOWHERE = _Location()


def _coordinate(row: _Found) -> _Coordinate:
    return (row.location or _NOWHERE).coordinate or _Coordinate()


_OFFER: swift.Facts = {
    "postal_code": nothing,
    "rate_center": nothing,
    "lata": nothing,
    "country": lambda row, one: country_of((row.location or _NOWHERE).country_code, one.number),
    "latitude": lambda row, _: _coordinate(row).latitude,
    "longitude": lambda row, _: _coordinate(row).longitude,
    "features": lambda *_: {},
    "line": lambda _, one: Line.of(one.number),
    "price": nothing,
    "address_requirement": nothing,
    "purchase": lambda *_: {},
}


@lru_cache(1000)
def _city(canonical: str | None, free: str | None) -> str | None:
    return city_of(present(canonical), free)


@lru_cache(1000)
def _state(canonical: str | None, stated: str | None) -> str | None:
    return state_of(present(canonical) or present(stated))


def offers(account: str, body: bytes) -> list[Offer] | None:
    """What a search found."""
    answer = _answer()(body)
    numbers = None if answer is None else swift.e164([row.number for row in answer.numbers])
    if answer is None or numbers is None:
        return None
    where = [row.location or _NOWHERE for row in answer.numbers]
    return [*swift.made(
        Offer, body, ("numbers",), answer.numbers, _OFFER,
        provider=repeat(PROVIDER), account=repeat(account), number=numbers,
        city=[_city(one.canonical_city, one.location) for one in where],
        state=[_state(one.canonical_state, one.state) for one in where],
    )]  # fmt: skip


# -- a page of the list


class _Readiness(Row):
    enabled: Flag = None
    state: Text = None
    health_status: Text = None
    health_score: Whole = None
    progress_percent: Whole = None
    call_stage: Text = None


class _Number(Row, kw_only=True):
    id: Text = None
    name: Text = None
    number: str
    type: Text = None
    enabled: Flag = None
    is_demo: Flag = None
    location: Text = None
    organization: Text = None
    organization_id: Text = None
    ownership: Text = None
    routing_summary: Text = None
    sms_ready: Flag = None
    voice_ready: Flag = None
    status: Text = None
    inventory_state: Text = None
    provider_lifecycle_state: Text = None
    provider_status: Text = None
    ten_dlc_campaign_id: Text = None
    ten_dlc_campaign_status: Text = None
    warmup: _Readiness | None = None
    capabilities: Text = None
    business: Text = None
    user: Text = None
    billing_attribution: Text = None
    warmup_only: Flag = None
    internal_test_only: Flag = None
    is_messaging_program_approved: Flag = None
    provider_reconciliation_status: Text = None
    warmup_state: Text = None
    health_status: Text = None
    warmup_health_score: Whole = None
    warmup_progress_percent: Whole = None
    admin_enablement_override: None = None


class _Page(Row):
    items: list[_Number]
    page_size: Whole = None
    total_count: Annotated[int, msgspec.Meta(ge=0, le=10**12)] | None = None
    continuation_token: Text = None
    # There in an answer that contradicts itself, which the careful reader refuses.
    status: None = None
    success: None = None
    error: None = None
    errors: None = None


_page = cache(lambda: swift.reader(_Page))


_DECIDE = attrgetter(
    "status", "inventory_state", "provider_lifecycle_state", "provider_status", "sms_ready", "voice_ready", "enabled"
)
"""What the neutral status of a row depends on."""
_IS_DEMO = attrgetter("is_demo")


@frozen
class Owned:
    """A page: its cursor and total, what its numbers are recognised by when they come again, and they themselves."""

    continuation_token: str | None
    total_count: int | None
    names: Sequence[Hashable]
    owned: Checked[OwnedNumber]


def _features(row: _Number) -> dict[Feature, bool]:
    ready = {Feature.SMS: row.sms_ready, Feature.VOICE: row.voice_ready}
    return {feature: True for feature, stated in ready.items() if stated}


def _detail(one: OwnedNumber) -> object:
    from .schemas import NumberRow

    return NumberRow.model_validate(one.raw)


_OWNED: swift.Facts = {
    "id": lambda row, _: present(row.id),
    "label": lambda row, _: present(row.name),
    "features": lambda row, _: _features(row),
    "line": lambda _, one: Line.of(one.number),
    "routes": nothing,
    "campaign_id": lambda row, _: present(row.ten_dlc_campaign_id),
    "created": nothing,
    "receipt": nothing,
    "detail": lambda _, one: _detail(one),
}


def page(account: str, body: bytes) -> Owned | None:
    """A page of the list."""
    answer = _page()(body)
    rows = [] if answer is None else answer.items
    numbers = swift.e164([row.number for row in rows])
    if answer is None or numbers is None or any(map(_IS_DEMO, rows)):
        return None
    words = [*map(_DECIDE, rows)]
    known = {each: _life(*each) for each in {*words}}
    lives = [*map(known.__getitem__, words)] if len(known) > 1 else [*known.values()] * len(words)
    names = [(row.id, row.number) for row in rows]
    return Owned(present(answer.continuation_token), answer.total_count, names, swift.made(
        OwnedNumber, body, ("items",), rows, _OWNED,
        provider=repeat(PROVIDER), account=repeat(account), number=numbers,
        status=[status for status, _ in lives], provider_status=[word for _, word in lives],
    ))  # fmt: skip


@lru_cache(1000)
def _life(*words: Any) -> tuple[Status, str | None]:
    """Status, and the word that decided it, as the careful reader has them."""
    status, inventory, lifecycle, provider, sms, voice, enabled = words
    return status_of(_Number(
        number="", status=status or None, inventory_state=inventory or None, provider_status=present(provider),
        provider_lifecycle_state=lifecycle or None, sms_ready=sms, voice_ready=voice, enabled=enabled,
    ))  # fmt: skip
