"""Records that LeadConnector sends, to either version (SPEC-L and SPEC-3, components/schemas).

Names of capabilities are read in either case, dates as ISO 8601 or RFC 2822.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from anycarrier.adapter import (
    E164,
    UNSET,
    Converting,
    Count,
    Flag,
    Forgiving,
    Meta,
    OneOf,
    Record,
    Text,
    UnsetType,
)

__all__ = [
    "AccountRecord",
    "AvailableNumber",
    "Bought",
    "Capabilities",
    "FoundCapabilities",
    "InboundCallService",
    "Inventory",
    "NumberPage",
    "NumberPool",
    "NumberPools",
    "NumberRow",
    "PooledNumber",
    "Price",
    "RcsPage",
    "RcsRow",
    "RcsSenderId",
    "TokenAnswer",
]


def date_of(value: object) -> datetime | None:
    """A date in ISO 8601 or RFC 2822; without an offset it is UTC, in another form ``None``."""
    if isinstance(value, datetime):
        return value
    return _date(value.strip()) if isinstance(value, str) and value.strip() else None


@lru_cache(2000)
def _date(text: str) -> datetime | None:
    from email.utils import parsedate_to_datetime

    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            date = read(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        return date if date.tzinfo is not None else date.replace(tzinfo=UTC)
    return None


def _if_true_or_false(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _if_object(value: object) -> object:
    return value if isinstance(value, dict | Record) else None


def _if_number(value: object) -> object:
    return None if isinstance(value, bool) or (isinstance(value, str) and not value.strip()) else value


def _seconds(value: object) -> float | None:
    value = _if_number(value)
    seconds = None if value is None else float(str(value))
    if seconds is not None and not (isfinite(seconds) and seconds >= 0):
        raise ValueError("seconds were expected")
    return seconds


def _if_amount(value: object) -> Decimal | None:
    """An amount; what is no price is unknown, and does not hide the other facts."""
    try:
        amount = None if isinstance(value, bool) else Decimal(str(value))
    except ArithmeticError:
        return None
    return amount if amount is not None and amount.is_finite() and 0 <= amount < 10**12 else None


def _texts(value: object) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str) and item) if isinstance(value, list | tuple) else ()


def texts_by_name(value: object) -> dict[str, str]:
    members = value.items() if isinstance(value, Mapping) else ()
    return {name: text for name, text in members if isinstance(text, str)}


def senders(value: object) -> list[Any]:
    found = value if isinstance(value, list) else []
    return [
        one for one in found if isinstance(one, RcsSenderId) or (isinstance(one, dict) and _is_text(one.get("number")))
    ]


def _is_text(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool))


Known: TypeAlias = Annotated[bool | None, Forgiving(_if_true_or_false)]
"""Optional boolean; anything else is unknown."""
Size: TypeAlias = Annotated[Annotated[int, Meta(ge=0)] | None, Forgiving(_if_number)]
Texts: TypeAlias = Annotated[tuple[str, ...] | None, Forgiving(_texts, always=True)]
if TYPE_CHECKING:
    Date: TypeAlias = datetime | None
else:
    Date = Annotated[str | None, Converting(date_of)]
    """``None`` for a form that no document has; ``raw`` has the text."""


# -- search


class FoundCapabilities(Record, forbid_unknown_fields=True, rename={"mms": "MMS", "sms": "SMS"}):
    """Capabilities of an offer."""

    mms: Flag = None
    sms: Flag = None
    voice: Flag = None
    fax: Flag = None

    @classmethod
    def forgive(cls, members: dict[str, Any]) -> dict[str, Any] | None:
        known = {"mms": "MMS", "sms": "SMS", "voice": "voice", "fax": "fax"}
        return {
            known[name.casefold()]: value
            for name, value in members.items()
            if name.casefold() in known and isinstance(value, bool)
        }


class Price(Record, rename=None):
    """Price per month."""

    number_type: Text = None
    price: Annotated[Decimal | None, Forgiving(_if_amount)] = None
    price_unit: Text = None


class AvailableNumber(Record):
    """Number that can be bought (``AvailablePhoneNumberDto``). Coordinates are texts."""

    phone_number: E164
    friendly_name: Text = None
    iso_country: Text = None
    lata: Text = None
    locality: Text = None
    rate_center: Text = None
    latitude: Text = None
    longitude: Text = None
    region: Text = None
    postal_code: Text = None
    address_requirements: Annotated[str | None, OneOf(values=("none", "any", "local", "foreign"))] = None
    beta: Known = None
    capabilities: Annotated[FoundCapabilities | None, Forgiving(_if_object)] = None
    price: Price | None = None


class Inventory(Record):
    """Object that holds the numbers of a search (``AvailableNumbersResponseDto``), to which the fingerprint belongs."""

    fingerprint_id: Text = None


# -- purchase


class Bought(Record):
    """v3's answer (``PurchaseNumberForLocationV3ResponseDto``). ``id`` is the account's, no number's."""

    number: str
    location_id: Text = None
    id: Text = None
    under_lc_account: Known = None


class AccountRecord(Record, rename=None):
    """The legacy answer (``TwilioAccountResponseDto``): the location's account, with all its numbers.

    Only the names in ``numbers`` say what is on it.
    """

    numbers: dict[str, Any]
    id: Text = None
    account_sid: Text = None
    location_id: Text = None
    number_name: Annotated[dict[str, str] | None, Forgiving(texts_by_name)] = None


# -- numbers


class Capabilities(Record, forbid_unknown_fields=True):
    """Capabilities of a number."""

    voice: Flag = None
    sms: Flag = None
    mms: Flag = None
    fax: Flag = None

    @classmethod
    def forgive(cls, members: dict[str, Any]) -> dict[str, Any] | None:
        return {
            name.casefold(): value
            for name, value in members.items()
            if name.casefold() in ("voice", "sms", "mms", "fax") and isinstance(value, bool)
        }


class InboundCallService(Record):
    """Service that answers calls: ``voice_ai``, ``ivr`` or ``forward``, and its id or number."""

    type: Annotated[str | None, OneOf(values=("voice_ai", "ivr", "forward"))] = None
    value: Any = None


class NumberRow(Record):
    """Number of a location (``DetailedPhoneNumberDto``, ``ListNumberItemResponseDto``)."""

    phone_number: E164
    friendly_name: Text = None
    sid: Text = None
    country_code: Text = None
    capabilities: Annotated[Capabilities | None, Forgiving(_if_object)] = None
    type: Annotated[str | None, OneOf(values=("local", "toll-free", "mobile", "national"))] = None
    is_default_number: Known = None
    linked_user: Text = None
    linked_ring_all_users: Texts = None
    inbound_call_service: Annotated[InboundCallService | None, Forgiving(_if_object)] = None
    forwarding_number: Text | UnsetType = UNSET
    is_group_conversation_enabled: Known = None
    address_sid: Text = None
    bundle_sid: Text = None
    date_added: Date = None
    date_updated: Date = None
    date_created: Date = None
    origin: Annotated[str | None, OneOf(values=("twilio", "hosted", "ported"))] = None
    number_type: None = None
    """RCS senders have one."""

    @classmethod
    def forgive(cls, members: dict[str, Any]) -> dict[str, Any] | None:
        if members.get("numberType") == "rcsSenderId":
            return None
        return {name: value for name, value in members.items() if name != "numberType"}


class NumberPage(Record):
    """Object that holds a page of a location's numbers.

    ``bare`` is ours: the page was a list alone, which no document has.
    """

    page_size: Size = None
    account_status: Text = None
    total: Count = None
    bare: bool = False


class RcsSenderId(Record):
    """RCS sender (``RcsSenderIdResponseDto``): not a phone number."""

    number: str
    number_type: Text = None
    friendly_name: Text = None
    rcs_meta: Any = None


class RcsRow(RcsSenderId):
    """RCS sender among the numbers."""

    @classmethod
    def forgive(cls, members: dict[str, Any]) -> dict[str, Any] | None:
        if members.get("numberType") != "rcsSenderId":
            return None
        return {"number": members.get("phoneNumber"), **members}


class RcsPage(Record):
    """Object that holds a page of numbers, and RCS senders beside them."""

    rcs_sender_ids: Annotated[list[RcsSenderId] | None, Forgiving(senders)] = None
    page_size: Size = None
    total: Count = None


# -- number pools


class PooledNumber(Record):
    """Number within a pool."""

    phone_number: E164
    friendly_name: Text = None


class NumberPool(Record):
    """Number pool (``NumberPoolDto``); the documents require none of its fields."""

    id: Text = None
    name: Text = None
    location_id: Text = None
    numbers: Annotated[list[PooledNumber], Forgiving(lambda value: value or [])] = []  # noqa: RUF012
    forwarding_number: Text = None
    whisper: Known = None
    whisper_message: Text = None
    call_recording: Known = None
    is_active: Known = None
    inbound_call_service: Annotated[InboundCallService | None, Forgiving(_if_object)] = None


class NumberPools(Record):
    """Pools of a location."""

    pools: list[NumberPool]


# -- tokens


class TokenAnswer(Record, rename=None):
    """``POST /oauth/token``, in snake case (legacy) or camel case (v3)."""

    access_token: Annotated[str, Meta(min_length=1)]
    refresh_token: Text = None
    expires_in: Annotated[float | None, Forgiving(_seconds, always=True)] = None

    @classmethod
    def forgive(cls, members: dict[str, Any]) -> dict[str, Any] | None:
        return {re.sub("[A-Z]", lambda match: f"_{match[0].lower()}", name): value for name, value in members.items()}

    def __repr__(self) -> str:
        return "TokenAnswer(**********)"
