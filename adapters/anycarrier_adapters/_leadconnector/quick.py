"""A search's answer and a page of the list, read in one go; ``None`` for what the models have to look at."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from functools import cache
from itertools import repeat
from typing import Annotated, Any, Literal

import msgspec
from attrs import frozen

from anycarrier import swift
from anycarrier.decoding.raw import Path
from anycarrier.model import Feature, Line, Offer, OwnedNumber
from anycarrier.records import Checked
from anycarrier.swift import Flag, Row, Text, nothing, present

from . import neutral

__all__ = ["Owned", "offers", "page"]

Count = Annotated[int, msgspec.Meta(ge=0, le=10**12)] | None


# -- a search's answer


class _FoundFeatures(Row, rename={"mms": "MMS", "sms": "SMS"}, forbid_unknown_fields=True):
    mms: Flag = None
    sms: Flag = None
    voice: Flag = None


class _Price(Row, rename=None):
    number_type: Text = None
    price: msgspec.Raw = msgspec.Raw(b"null")
    price_unit: Text = None


class _Found(Row):
    phone_number: str
    friendly_name: Text = None
    iso_country: Text = None
    lata: Text = None
    locality: Text = None
    rate_center: Text = None
    latitude: Text = None
    longitude: Text = None
    region: Text = None
    postal_code: Text = None
    address_requirements: Text = None
    beta: Flag = None
    capabilities: _FoundFeatures | None = None
    price: _Price | None = None


class _Inventory(Row):
    numbers: list[_Found]
    fingerprint_id: Text = None


class _Envelope(Row):
    """What stands around a payload; one that says anything but success is not read here."""

    status: Literal["success"] | msgspec.UnsetType = msgspec.UNSET
    status_code: Literal[200] | msgspec.UnsetType = msgspec.UNSET
    success: bool | msgspec.UnsetType = msgspec.UNSET
    error: msgspec.UnsetType | None = msgspec.UNSET
    errors: msgspec.UnsetType | None = msgspec.UNSET


class _Answer(_Envelope):
    data: _Inventory | msgspec.UnsetType = msgspec.UNSET
    numbers: list[_Found] | msgspec.UnsetType = msgspec.UNSET
    fingerprint_id: Text = None


_answer = cache(lambda: swift.reader(_Answer))
_AMOUNT = re.compile(rb"null|[0-9]{1,12}(\.[0-9]{1,12})?")


def _number_type(row: _Found) -> str | None:
    return None if row.price is None else present(row.price.number_type)


def _features(row: _Found) -> dict[Feature, bool]:
    stated = row.capabilities or _FoundFeatures()
    three = {Feature.MMS: stated.mms, Feature.SMS: stated.sms, Feature.VOICE: stated.voice}
    return {feature: value for feature, value in three.items() if value is not None}


def _amount(row: _Found) -> str | None:
    amount = None if row.price is None else bytes(row.price.price).decode()
    return None if amount == "null" else amount


_OFFER: swift.Facts = {
    "postal_code": lambda row, _: present(row.postal_code),
    "rate_center": lambda row, _: present(row.rate_center),
    "lata": lambda row, _: present(row.lata),
    "country": lambda row, _: present(row.iso_country),
    "latitude": lambda row, _: neutral.degrees(row.latitude),
    "longitude": lambda row, _: neutral.degrees(row.longitude),
    "features": lambda row, _: _features(row),
    "price": lambda row, _: row.price and neutral.money(_amount(row), present(row.price.price_unit)),
    "address_requirement": lambda row, _: present(row.address_requirements),
}


def offers(provider: str, account: str, country: str, asked: Line | None, body: bytes) -> list[Offer] | None:
    """What a search in *country* for numbers of the kind *asked* found."""
    answer = _answer()(body)
    if answer is None or answer.success is False:
        return None
    enveloped = answer.data is not msgspec.UNSET
    inner: Any = answer.data if enveloped else answer
    rows: list[_Found] | msgspec.UnsetType = inner.numbers
    if isinstance(rows, msgspec.UnsetType):
        return None
    numbers = swift.e164([row.phone_number for row in rows])
    amounts = {bytes(row.price.price) for row in rows if row.price is not None}
    if numbers is None or not all(map(_AMOUNT.fullmatch, amounts)):
        return None
    fingerprint = present(inner.fingerprint_id)
    facts = {
        **_OFFER,
        "line": lambda row, one: neutral.line_of_offer(_number_type(row), one.number, asked),
        "purchase": lambda _, one: neutral.purchase(fingerprint, one.country or country, one.line),
    }
    return [*swift.made(
        Offer, body, ("data", "numbers") if enveloped else ("numbers",), rows, facts,
        provider=repeat(provider), account=repeat(account), number=numbers,
        city=swift.texts([row.locality for row in rows]), state=swift.texts([row.region for row in rows]),
    )]  # fmt: skip


# -- a page of the list


class _OwnedFeatures(Row, forbid_unknown_fields=True):
    voice: Flag = None
    sms: Flag = None
    mms: Flag = None
    fax: Flag = None


class _Service(Row):
    type: Text = None
    value: Any = None


class _Number(Row):
    phone_number: str
    friendly_name: Text = None
    sid: Text = None
    country_code: Text = None
    capabilities: _OwnedFeatures | None = None
    type: Text = None
    is_default_number: Flag = None
    linked_user: Text = None
    linked_ring_all_users: list[str] | None = None
    inbound_call_service: _Service | None = None
    forwarding_number: Text | msgspec.UnsetType = msgspec.UNSET
    is_group_conversation_enabled: Flag = None
    address_sid: Text = None
    bundle_sid: Text = None
    date_added: Text = None
    date_updated: Text = None
    date_created: Text = None
    origin: Text = None
    number_type: None = None  # RCS senders have one


class _Numbers(_Envelope, kw_only=True):
    numbers: list[_Number]
    is_under_lc: Flag = None
    is_under_ghl: Flag = None
    page_size: Count = None
    page: Count = None
    account_status: Text = None
    rcs_sender_ids: Annotated[list[Any], msgspec.Meta(max_length=0)] | None = None
    total: Count = None


class _Page(_Numbers):
    numbers: list[_Number] | msgspec.UnsetType = msgspec.UNSET  # type: ignore[assignment]
    data: _Numbers | msgspec.UnsetType = msgspec.UNSET


_page = cache(lambda: swift.reader(_Page))


@frozen
class Owned:
    """A page: its numbers, what they are recognised by when they come again, and what stands around them."""

    names: Sequence[Hashable]
    page_size: int | None
    total: int | None
    account_status: str | None
    numbers: Checked[OwnedNumber]


def _owned_features(row: _Number) -> dict[Feature, bool]:
    stated = row.capabilities
    if stated is None:
        return {}
    four = {Feature.VOICE: stated.voice, Feature.SMS: stated.sms, Feature.MMS: stated.mms, Feature.FAX: stated.fax}
    return {feature: value for feature, value in four.items() if value is not None}


def _routes(row: _Number) -> neutral.Routes:
    service = row.inbound_call_service or _Service()
    forwarding = None if row.forwarding_number is msgspec.UNSET else present(row.forwarding_number)
    return neutral.routes(
        forwarding, present(service.type), service.value, present(row.country_code),
        stated=row.forwarding_number is not msgspec.UNSET,
    )  # fmt: skip


def _detail(one: OwnedNumber) -> object:
    from .schemas import NumberRow

    return NumberRow.model_validate(one.raw)


_OWNED: swift.Facts = {
    "id": lambda row, _: present(row.sid),
    "label": lambda row, _: present(row.friendly_name),
    "features": lambda row, _: _owned_features(row),
    "line": lambda row, _: neutral.line_of(present(row.type)),
    "routes": lambda row, _: _routes(row),
    "campaign_id": nothing,
    "created": lambda row, _: neutral.date_of(row.date_added) or neutral.date_of(row.date_created),
    "receipt": nothing,
    "detail": lambda _, one: _detail(one),
}


def page(provider: str, account: str, body: bytes) -> Owned | None:
    """A page of the list."""
    answer = _page()(body)
    if answer is None or answer.success is False:
        return None
    path: Path = ("numbers",)
    inner: _Numbers = answer
    if not isinstance(answer.data, msgspec.UnsetType):
        inner, path = answer.data, ("data", "numbers")
    rows: Any = inner.numbers
    if rows is msgspec.UNSET:
        return None
    numbers = swift.e164([row.phone_number for row in rows])
    if numbers is None:
        return None
    word = present(inner.account_status)
    made = swift.made(
        OwnedNumber, body, path, rows, {**_OWNED, "provider_status": lambda *_: word},
        provider=repeat(provider), account=repeat(account), number=numbers, status=repeat(neutral.status_of(word)),
    )  # fmt: skip
    names = [(row.sid, row.phone_number) for row in rows]
    return Owned(names, inner.page_size, inner.total, word, made)
