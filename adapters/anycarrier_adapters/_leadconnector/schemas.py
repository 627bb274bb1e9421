"""What LeadConnector sends, whichever version was asked for (SPEC-L and SPEC-3, components/schemas).

Empty texts count as absent, names of capabilities are read in either case, dates as ISO 8601 or RFC 2822.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AliasChoices, BeforeValidator, ConfigDict, Field, PlainValidator, TypeAdapter

from anycarrier.model import Feature
from anycarrier.numbers import PhoneNumber, stated
from anycarrier.schemas import READABLE, Record, Text

from .neutral import date_of

__all__ = [
    "NUMBER_ROWS", "RCS_ROWS", "AccountRecord", "AvailableNumber", "AvailableNumbers", "Bought", "InboundCallService",
    "NumberPage", "NumberPool", "NumberPools", "NumberRow", "PooledNumber", "Price", "RcsSenderId", "Tokens",
]  # fmt: skip


def _e164(value: object) -> PhoneNumber:
    if not isinstance(value, str) or not value.startswith("+"):
        raise ValueError("an E.164 number was expected")
    return stated(value)


_FEATURES = {feature.value: feature for feature in Feature}


def _features_of(value: object) -> dict[Feature, bool]:
    if not isinstance(value, Mapping):
        return {}
    return {
        _FEATURES[name.casefold()]: stated
        for name, stated in value.items()
        if isinstance(name, str) and name.casefold() in _FEATURES and isinstance(stated, bool)
    }


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _number_or_none(value: object) -> object:
    return None if isinstance(value, bool) or (isinstance(value, str) and not value.strip()) else value


def _total(value: object) -> object:
    """How many there are decides whether a list is whole, so what is no number is not passed over."""
    if isinstance(value, bool):
        raise ValueError("a number was expected")
    return _number_or_none(value)


def _amount(value: object) -> Decimal | None:
    """An amount, as a number or text; one that cannot be a price is not known, and does not hide the others."""
    try:
        amount = None if isinstance(value, bool) else Decimal(str(value))
    except ArithmeticError:
        return None
    return amount if amount is not None and amount.is_finite() and 0 <= amount < 10**12 else None


def _texts(value: object) -> tuple[str, ...]:
    return tuple(item for item in value if isinstance(item, str) and item) if isinstance(value, list) else ()


E164 = Annotated[PhoneNumber, PlainValidator(_e164)]
Features = Annotated[dict[Feature, bool], BeforeValidator(_features_of)]
Flag = Annotated[bool | None, BeforeValidator(_flag)]
Date = Annotated[datetime | None, BeforeValidator(date_of)]
"""``None`` where it is absent or in a form that nobody documented; the record's ``raw`` has it as it came."""
Texts = Annotated[tuple[str, ...], BeforeValidator(_texts)]
Count = Annotated[Annotated[int, Field(ge=0)] | None, BeforeValidator(_number_or_none)]
Amount = Annotated[Decimal | None, PlainValidator(_amount)]
Seconds = Annotated[Annotated[float, Field(ge=0, allow_inf_nan=False)] | None, BeforeValidator(_number_or_none)]


class Price(Record):
    """What a number costs per month. Exact: the JSON number is read through its text."""

    number_type: Text = None
    price: Amount = None
    price_unit: Text = None


class AvailableNumber(Record):
    """A number that can be bought (``AvailablePhoneNumberDto``). Coordinates are texts."""

    phone_number: E164 = Field(alias="phoneNumber")
    friendly_name: Text = Field(None, alias="friendlyName")
    iso_country: Text = Field(None, alias="isoCountry")
    lata: Text = None
    locality: Text = None
    rate_center: Text = Field(None, alias="rateCenter")
    latitude: Text = None
    longitude: Text = None
    region: Text = None
    postal_code: Text = Field(None, alias="postalCode")
    address_requirements: Text = Field(None, alias="addressRequirements")
    beta: Flag = None
    capabilities: Features = Field(default_factory=dict[Feature, bool])
    price: Price | None = None


class AvailableNumbers(Record):
    """The answer of a search (``AvailableNumbersResponseDto``). The fingerprint belongs to all of it."""

    fingerprint_id: Text = Field(None, alias="fingerprintId")
    numbers: Annotated[list[AvailableNumber | None], READABLE]


class Bought(Record):
    """v3's answer to a purchase (``PurchaseNumberForLocationV3ResponseDto``). ``id`` is the account's, no number's."""

    number: str
    location_id: Text = Field(None, alias="locationId")
    id: Text = None
    under_lc_account: Flag = Field(None, alias="underLcAccount")


def _named(value: object) -> object:
    """Only the texts of a map: what else is in it does not decide anything."""
    return {name: text for name, text in value.items() if isinstance(text, str)} if isinstance(value, Mapping) else {}


class AccountRecord(Record):
    """The legacy answer to a purchase (``TwilioAccountResponseDto``): the location's account, with all its numbers.

    Only the names in ``numbers`` say what is on it.
    """

    id: Text = None
    account_sid: Text = None
    location_id: Text = None
    numbers: dict[str, Any]
    number_name: Annotated[dict[str, str], BeforeValidator(_named)] = Field(default_factory=dict[str, str])


class InboundCallService(Record):
    """What answers calls: ``voice_ai``, ``ivr`` or ``forward``, and its id or number."""

    type: Text = None
    value: Any = None


class NumberRow(Record):
    """A number of a location (``DetailedPhoneNumberDto``, ``ListNumberItemResponseDto``)."""

    phone_number: E164 = Field(alias="phoneNumber")
    friendly_name: Text = Field(None, alias="friendlyName")
    sid: Text = None
    country_code: Text = Field(None, alias="countryCode")
    capabilities: Features = Field(default_factory=dict[Feature, bool])
    type: Text = None
    is_default_number: Flag = Field(None, alias="isDefaultNumber")
    linked_user: Text = Field(None, alias="linkedUser")
    linked_ring_all_users: Texts = Field((), alias="linkedRingAllUsers")
    inbound_call_service: Annotated[
        InboundCallService | None, BeforeValidator(lambda value: value if isinstance(value, Mapping) else None)
    ] = Field(None, alias="inboundCallService")
    forwarding_number: Text = Field(None, alias="forwardingNumber")
    is_group_conversation_enabled: Flag = Field(None, alias="isGroupConversationEnabled")
    address_sid: Text = Field(None, alias="addressSid")
    bundle_sid: Text = Field(None, alias="bundleSid")
    date_added: Date = Field(None, alias="dateAdded")
    date_updated: Date = Field(None, alias="dateUpdated")
    date_created: Date = Field(None, alias="dateCreated")
    origin: Text = None


class RcsSenderId(Record):
    """An RCS sender (``RcsSenderIdResponseDto``): not a phone number."""

    number: str
    number_type: Text = Field(None, alias="numberType")
    friendly_name: Text = Field(None, alias="friendlyName")
    rcs_meta: Any = Field(None, alias="rcsMeta")


class NumberPage(Record):
    """One page of a location's numbers; its rows are read one kind at a time."""

    numbers: list[Any]
    is_under_lc: Flag = Field(None, validation_alias=AliasChoices("isUnderLc", "isUnderGhl"))
    page_size: Count = Field(None, alias="pageSize")
    page: Count = None
    account_status: Text = Field(None, alias="accountStatus")
    rcs_sender_ids: Annotated[list[Any], BeforeValidator(lambda value: value or [])] = Field(
        default_factory=list[Any], alias="rcsSenderIds"
    )
    total: Annotated[Annotated[int, Field(ge=0)] | None, BeforeValidator(_total)] = None


class PooledNumber(Record):
    """A number within a pool."""

    phone_number: E164 = Field(alias="phoneNumber")
    friendly_name: Text = Field(None, alias="friendlyName")


class NumberPool(Record):
    """A number pool (``NumberPoolDto``); the documents require none of its fields."""

    id: Text = None
    name: Text = None
    location_id: Text = Field(None, alias="locationId")
    numbers: Annotated[tuple[PooledNumber, ...], BeforeValidator(lambda value: value or ())] = ()
    forwarding_number: Text = Field(None, alias="forwardingNumber")
    whisper: Flag = None
    whisper_message: Text = Field(None, alias="whisperMessage")
    call_recording: Flag = Field(None, alias="callRecording")
    is_active: Flag = Field(None, alias="isActive")
    inbound_call_service: Annotated[
        InboundCallService | None, BeforeValidator(lambda value: value if isinstance(value, Mapping) else None)
    ] = Field(None, alias="inboundCallService")


class NumberPools(Record):
    """All pools of a location."""

    pools: tuple[NumberPool, ...]


class Tokens(Record):
    """``POST /oauth/token``, in snake case (legacy) or camel case (v3)."""

    access_token: str = Field(
        min_length=1, repr=False, validation_alias=AliasChoices("access_token", "accessToken")
    )  # fmt: skip
    refresh_token: Text = Field(None, repr=False, validation_alias=AliasChoices("refresh_token", "refreshToken"))
    expires_in: Seconds = Field(None, validation_alias=AliasChoices("expires_in", "expiresIn"))


NUMBER_ROWS = TypeAdapter(list[NumberRow], config=ConfigDict(defer_build=True))
RCS_ROWS = TypeAdapter(list[RcsSenderId], config=ConfigDict(defer_build=True))
