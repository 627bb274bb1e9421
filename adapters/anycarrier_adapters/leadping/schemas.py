"""What Leadping sends, in all its API versions, as read by the neutral operations.

Fields of 2026-06: the page "Update business phone number settings" and the PyPI package ``leadping`` 1.0.5; of 2026-08:
the official OpenAPI document; of 2026-10: the package's release 1.0.83. Nearly all may be absent or null. A number may
come as text, and a word that an enum lacks is kept as text.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, PlainValidator, TypeAdapter, model_validator
from pydantic.alias_generators import to_camel

from anycarrier.schemas import READABLE, Number, Record, Text

from .words import (
    CallWarmupStage,
    CallWarmupState,
    InventoryState,
    LifecycleState,
    NumberStatus,
    Ownership,
    ReadinessHealth,
    ReadinessState,
    WarmupState,
)

W = TypeVar("W", bound=StrEnum)

# -- how values are read


def _word(kind: type[W]) -> Any:
    """A word of *kind*, or the text as it came when *kind* lacks it."""

    def read(value: object) -> W | str | None:
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise ValueError("Input should be text")
        try:
            return kind(value)
        except ValueError:
            return value

    return PlainValidator(read)


def _absent_when_empty(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _utc(value: datetime | None) -> datetime | None:
    return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


def _total(value: object) -> object:
    """How many there are decides whether a list is whole, so what is no number is not passed over."""
    if isinstance(value, bool):
        raise ValueError("a number was expected")
    return _absent_when_empty(value)


Flag = Annotated[bool | None, BeforeValidator(_absent_when_empty)]
Count = Annotated[int | None, BeforeValidator(_absent_when_empty)]
Degrees = Annotated[float | None, Field(allow_inf_nan=False), BeforeValidator(_absent_when_empty)]
Amount = Annotated[Decimal | None, BeforeValidator(_absent_when_empty)]
Instant = Annotated[datetime | None, BeforeValidator(_absent_when_empty), AfterValidator(_utc)]
"""A time; one without an offset is UTC."""
InventoryWord = Annotated[InventoryState | str | None, _word(InventoryState)]
StatusWord = Annotated[NumberStatus | str | None, _word(NumberStatus)]
LifecycleWord = Annotated[LifecycleState | str | None, _word(LifecycleState)]
WarmupWord = Annotated[WarmupState | str | None, _word(WarmupState)]
CallWarmupWord = Annotated[CallWarmupState | str | None, _word(CallWarmupState)]
CallStageWord = Annotated[CallWarmupStage | str | None, _word(CallWarmupStage)]
ReadinessWord = Annotated[ReadinessState | str | None, _word(ReadinessState)]
ReadinessHealthWord = Annotated[ReadinessHealth | str | None, _word(ReadinessHealth)]
OwnershipWord = Annotated[Ownership | str | None, _word(Ownership)]


class Object(Record):
    """Base: a field ``ten_dlc`` is read from ``tenDlc``."""

    model_config = ConfigDict(alias_generator=to_camel)


# -- the parts of a record


class IdName(Object):
    """A reference to a business, an organization or a user."""

    id: Text = None
    name: Text = None


class AdminEnablementOverride(Object):
    """What an administrator of Leadping decided over ``enabled`` (2026-06)."""

    enabled: Flag = None
    reason: Text = None
    updated_by_user_id: Text = None
    updated_at: Instant = None


class Capabilities(Object):
    """What a number can carry (2026-06)."""

    sms: Flag = None
    voice: Flag = None
    warmup: Flag = None
    testing: Flag = None


class Routing(Object):
    """Where calls and texts go. ``ten_dlc_application_id`` came in 2026-08, which dropped four of the others."""

    sms_enabled: Flag = None
    voice_enabled: Flag = None
    warmup_only: Flag = None
    internal_test_only: Flag = None
    team_id: Text = None
    source_id: Text = None
    campaign_id: Text = None
    messaging_profile_id: Text = None
    voice_connection_id: Text = None
    ten_dlc_application_id: Text = None


class TenDlc(Object):
    """The 10DLC registration (2026-06). The statuses are free text."""

    brand_id: Text = None
    campaign_id: Text = None
    campaign_status: Text = None
    assignment_status: Text = None
    messaging_profile_id: Text = None
    status_updated_at: Instant = None
    failure_reason: Text = None
    last_provider_event_id: Text = None


class Billing(Object):
    """Who pays for a number (2026-06)."""

    business_id: Text = None
    business_name: Text = None
    user_id: Text = None
    user_name: Text = None
    subscription_item_id: Text = None
    monthly_amount: Amount = None
    channel: Text = None


class Coordinate(Object):
    """Degrees, as text or numbers."""

    latitude: Degrees = None
    longitude: Degrees = None


class LocationSource(Object):
    """How a part of a location was found out (2026-08 and later)."""

    method: Text = None
    query: Text = None


class Location(Object):
    """Where a number is at home. The canonical names and the sources came in 2026-08."""

    location: Text = None
    state: Text = None
    country_code: Text = None
    coordinate: Coordinate | None = None
    time_zone_id: Text = None
    canonical_city: Text = None
    canonical_state: Text = None
    coordinate_source: LocationSource | None = None
    time_zone_source: LocationSource | None = None


class Event(Object):
    """Something that happened to a number (2026-06)."""

    id: Text = None
    type: Text = None
    title: Text = None
    details: Text = None
    actor_id: Text = None
    actor_name: Text = None
    created_at: Instant = None
    state: InventoryWord = None


class Readiness(Object):
    """Warm-up of texts and calls in one object (2026-08 and later)."""

    enabled: Flag = None
    state: ReadinessWord = None
    health_status: ReadinessHealthWord = None
    health_score: Count = None
    progress_percent: Count = None
    call_stage: CallStageWord = None


# -- answers


class NumberRecord(Object):
    """A number: the answer to get, update and purchase (``PhoneNumberResponse``), every field of every API version."""

    number: Number
    id: Text = None
    name: Text = None
    created_at: Instant = None
    modified_at: Instant = None
    enabled: Flag = None
    routing: Routing | None = None
    # 2026-06: a business owns it; later: an organization
    business: IdName | None = None
    organization: IdName | None = None
    user: IdName | None = None
    team_id: Text = None
    campaign_id: Text = None
    source_id: Text = None
    # 2026-06
    leadping_owned: Flag = None
    provider: Text = None
    provider_phone_number_id: Text = None
    provider_order_id: Text = None
    provider_order_status: Text = None
    provider_status: Text = None
    provider_error: Text = None
    provider_synced_at: Instant = None
    provider_released_at: Instant = None
    provider_release_requested_at: Instant = None
    provider_release_hold_starts_at: Instant = None
    provider_release_scheduled_at: Instant = None
    provider_release_reason: Text = None
    provider_release_requested_by_user_id: Text = None
    provider_release_requested_by_name: Text = None
    provider_release_unassign_at_hold_start: Flag = None
    inventory_state: InventoryWord = None
    status: StatusWord = None
    admin_enablement_override: AdminEnablementOverride | None = None
    is_preferred: Flag = None
    is_default: Flag = None
    is_internal_pool: Flag = None
    is_approved_test_destination: Flag = None
    is_messaging_program_approved: Flag = None
    capabilities: Capabilities | None = None
    ten_dlc: TenDlc | None = None
    billing: Billing | None = None
    location: Location | None = None
    warmup_enabled: Flag = None
    warmup_state: WarmupWord = None
    health_status: WarmupWord = None
    warmup_health_score: Count = None
    warmup_progress_percent: Count = None
    warmup_next_action_at: Instant = None
    warmup_pause_reason: Text = None
    health_reason: Text = None
    call_warmup_enabled: Flag = None
    call_warmup_state: CallWarmupWord = None
    call_warmup_stage: CallStageWord = None
    call_warmup_next_action_at: Instant = None
    call_warmup_pause_reason: Text = None
    call_warmup_health_reason: Text = None
    events: list[Event] | None = None
    # 2026-08 and 2026-10
    phone_identity_id: Text = None
    warmup: Readiness | None = None
    number_health_enabled: Flag = None
    sms_ready: Flag = None
    voice_ready: Flag = None
    is_demo: Flag = None
    ownership: OwnershipWord = None

    @property
    def owner(self) -> IdName | None:
        """The business or organization that owns it."""
        return self.business or self.organization


class NumberRow(Object):
    """A row of the list (``PhoneNumberTableRow``), every field of every API version.

    ``business``, ``organization``, ``user``, ``location`` and ``capabilities`` are flat text here. ``number`` is
    ``None`` only for a demonstration row (``is_demo``) whose number is none.
    """

    number: Number | None = None
    id: Text = None
    name: Text = None
    type: Text = None
    ownership: OwnershipWord = None
    routing_summary: Text = None
    capabilities: Text = None
    location: Text = None
    business: Text = None
    organization: Text = None
    organization_id: Text = None
    user: Text = None
    billing_attribution: Text = None
    enabled: Flag = None
    sms_ready: Flag = None
    voice_ready: Flag = None
    warmup_only: Flag = None
    internal_test_only: Flag = None
    is_messaging_program_approved: Flag = None
    status: StatusWord = None
    inventory_state: InventoryWord = None
    provider_lifecycle_state: LifecycleWord = None
    provider_status: Text = None
    provider_reconciliation_status: Text = None
    ten_dlc_campaign_id: Text = None
    ten_dlc_campaign_status: Text = None
    warmup_state: WarmupWord = None
    health_status: WarmupWord = None
    warmup_health_score: Count = None
    warmup_progress_percent: Count = None
    admin_enablement_override: AdminEnablementOverride | None = None
    warmup: Readiness | None = None
    is_demo: Flag = None

    @model_validator(mode="before")
    @classmethod
    def _number_of_a_demonstration(cls, row: object) -> object:
        if isinstance(row, dict) and row.get("isDemo") is True and not _readable(row.get("number")):
            return {name: value for name, value in row.items() if name != "number"}
        return row

    @model_validator(mode="after")
    def _number_is_there(self) -> NumberRow:
        if self.number is None and not self.is_demo:
            raise ValueError("number is missing")
        return self


_NUMBER = TypeAdapter(Number)


def _readable(value: object) -> bool:
    try:
        _NUMBER.validate_python(value)
    except ValueError:
        return False
    return True


NUMBER_ROWS = TypeAdapter(list[NumberRow], config=ConfigDict(defer_build=True))
"""Rows of the list, already decoded."""


class Page(Object):
    """One page of the list. ``items`` must be there: its absence must never pass for an empty account."""

    items: list[Any]
    page_size: Count = None
    total_count: Annotated[Annotated[int, Field(ge=0)] | None, BeforeValidator(_total)] = None
    continuation_token: Text = None


class FoundNumber(Object):
    """A number that can be bought. The answer states its location and nothing else."""

    number: Number
    location: Location | None = None


class Found(Object):
    """``POST /phone-numbers/search``."""

    numbers: Annotated[list[FoundNumber | None], READABLE]


class Availability(Object):
    """``POST /phone-numbers/is-available-for-purchase``."""

    is_available: bool
    phone_number: Number | None = None
    price: Annotated[Decimal | None, Field(ge=0), BeforeValidator(_absent_when_empty)] = None
    currency: Text = None
    location: Location | None = None
