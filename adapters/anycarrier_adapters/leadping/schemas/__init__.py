"""Records that Leadping sends, in every version of its API.

Sources: for 2026-06 the page "Update business phone number settings" and the PyPI package ``leadping`` 1.0.5, for
2026-08 the official OpenAPI document, for 2026-10 the package's release 1.0.83. Nearly every member may be absent or
null. A count may come as text, and a word that an enum lacks stays text.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

from anycarrier.adapter import (
    Amount,
    AnyNumber,
    Converting,
    Count,
    Flag,
    Forgiving,
    Instant,
    InvalidNumber,
    Meta,
    OptionalAnyNumber,
    PhoneNumber,
    Record,
    Success,
    Text,
    blank_to_none,
)

from .enums import (
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

# -- field types


def _word(kind: type[StrEnum]) -> Forgiving:
    known = {word.value: word for word in kind}

    def read(value: object) -> object:
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            raise ValueError("text was expected")
        return known.get(value, value)

    return Forgiving(read, always=True)


def _figure(value: object) -> int | None:
    if type(value) is int or (value := blank_to_none(value)) is None:
        return value
    try:
        figure = Decimal(str(value))
        if figure == (whole := int(figure)):
            return whole
    except (ArithmeticError, ValueError):
        pass
    raise ValueError("a whole number was expected")


def _degrees(value: object) -> float | None:
    if type(value) is float or (value := blank_to_none(value)) is None:
        return value
    try:
        degrees = float(str(value))
    except ValueError:
        raise ValueError("a number was expected") from None
    if not isfinite(degrees):
        raise ValueError("a finite number was expected")
    return degrees


def _price(value: object) -> object:
    if (stated := blank_to_none(value)) is None:
        return None
    try:
        price = Decimal(str(stated))
    except ArithmeticError:
        raise ValueError("an amount was expected") from None
    if not price.is_finite() or price < 0:
        raise ValueError("an amount of at least 0 was expected")
    return price


_FIGURE = Annotated[str, Meta(pattern="^-?[0-9]{1,18}$")]
_DEGREES = Annotated[str, Meta(pattern="^-?[0-9]{1,3}([.][0-9]{1,30})?$")]
if TYPE_CHECKING:
    Figure: TypeAlias = int | None
    Degrees: TypeAlias = float | None
else:  # June's documents show numbers as text
    Figure = Annotated[int | _FIGURE | None, Converting(_figure)]
    Degrees = Annotated[float | _DEGREES | None, Converting(_degrees)]
Price: TypeAlias = Annotated[Decimal | None, Forgiving(_price, always=True)]
InventoryWord: TypeAlias = Annotated[str | None, _word(InventoryState)]
StatusWord: TypeAlias = Annotated[str | None, _word(NumberStatus)]
LifecycleWord: TypeAlias = Annotated[str | None, _word(LifecycleState)]
WarmupWord: TypeAlias = Annotated[str | None, _word(WarmupState)]
CallWarmupWord: TypeAlias = Annotated[str | None, _word(CallWarmupState)]
CallStageWord: TypeAlias = Annotated[str | None, _word(CallWarmupStage)]
ReadinessWord: TypeAlias = Annotated[str | None, _word(ReadinessState)]
ReadinessHealthWord: TypeAlias = Annotated[str | None, _word(ReadinessHealth)]
OwnershipWord: TypeAlias = Annotated[str | None, _word(Ownership)]


# -- the parts of a record


class IdName(Record):
    """Reference to a business, an organization or a user."""

    id: Text = None
    name: Text = None


class AdminEnablementOverride(Record):
    """Decision of a Leadping administrator over ``enabled`` (2026-06)."""

    enabled: Flag = None
    reason: Text = None
    updated_by_user_id: Text = None
    updated_at: Instant = None


class Capabilities(Record):
    """Capabilities of a number (2026-06)."""

    sms: Flag = None
    voice: Flag = None
    warmup: Flag = None
    testing: Flag = None


class Routing(Record):
    """Destinations of calls and texts. ``ten_dlc_application_id`` came in 2026-08, which dropped four of the others."""

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


class TenDlc(Record):
    """10DLC registration (2026-06). The statuses are free text."""

    brand_id: Text = None
    campaign_id: Text = None
    campaign_status: Text = None
    assignment_status: Text = None
    messaging_profile_id: Text = None
    status_updated_at: Instant = None
    failure_reason: Text = None
    last_provider_event_id: Text = None


class Billing(Record):
    """Payer and price of a number (2026-06)."""

    business_id: Text = None
    business_name: Text = None
    user_id: Text = None
    user_name: Text = None
    subscription_item_id: Text = None
    monthly_amount: Amount = None
    channel: Text = None


class Coordinate(Record):
    """Degrees, as text or numbers."""

    latitude: Degrees = None
    longitude: Degrees = None


class LocationSource(Record):
    """Source of a part of a location (2026-08 and later)."""

    method: Text = None
    query: Text = None


class Location(Record):
    """Home of a number. The canonical names and the sources came in 2026-08."""

    location: Text = None
    state: Text = None
    country_code: Text = None
    coordinate: Coordinate | None = None
    time_zone_id: Text = None
    canonical_city: Text = None
    canonical_state: Text = None
    coordinate_source: LocationSource | None = None
    time_zone_source: LocationSource | None = None


class Event(Record):
    """Event in the life of a number (2026-06)."""

    id: Text = None
    type: Text = None
    title: Text = None
    details: Text = None
    actor_id: Text = None
    actor_name: Text = None
    created_at: Instant = None
    state: InventoryWord = None


class Readiness(Record):
    """Warm-up of texts and calls in one object (2026-08 and later)."""

    enabled: Flag = None
    state: ReadinessWord = None
    health_status: ReadinessHealthWord = None
    health_score: Figure = None
    progress_percent: Figure = None
    call_stage: CallStageWord = None


# -- answers


class NumberRecord(Record):
    """Number: the answer to get, update and purchase (``PhoneNumberResponse``), with the members of every version."""

    number: AnyNumber
    id: Text = None
    name: Text = None
    created_at: Instant = None
    modified_at: Instant = None
    enabled: Flag = None
    routing: Routing | None = None
    # the owner: a business in 2026-06, later an organization
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
    warmup_health_score: Figure = None
    warmup_progress_percent: Figure = None
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
        """Owner: a business or an organization."""
        return self.business or self.organization


class NumberRow(Record, kw_only=True):
    """Row of the list (``PhoneNumberTableRow``), with the members of every version, in their order on the wire.

    ``business``, ``organization``, ``user``, ``location`` and ``capabilities`` are flat text here.
    """

    id: Text = None
    name: Text = None
    number: AnyNumber
    type: Text = None
    enabled: Flag = None
    is_demo: Flag = None
    location: Text = None
    organization: Text = None
    organization_id: Text = None
    ownership: OwnershipWord = None
    routing_summary: Text = None
    sms_ready: Flag = None
    voice_ready: Flag = None
    status: StatusWord = None
    inventory_state: InventoryWord = None
    provider_lifecycle_state: LifecycleWord = None
    provider_status: Text = None
    ten_dlc_campaign_id: Text = None
    ten_dlc_campaign_status: Text = None
    warmup: Readiness | None = None
    capabilities: Text = None
    business: Text = None
    user: Text = None
    billing_attribution: Text = None
    warmup_only: Flag = None
    internal_test_only: Flag = None
    is_messaging_program_approved: Flag = None
    provider_reconciliation_status: Text = None
    warmup_state: WarmupWord = None
    health_status: WarmupWord = None
    warmup_health_score: Figure = None
    warmup_progress_percent: Figure = None
    admin_enablement_override: AdminEnablementOverride | None = None

    @classmethod
    def forgive(cls, members: dict[str, Any]) -> dict[str, Any] | None:
        """Leave out a demonstration row whose number is none."""
        if members.get("isDemo") is True:
            try:
                PhoneNumber(members.get("number", ""))
            except InvalidNumber:
                return None
        return members


class Page(Record):
    """Members around the rows of one page of the list."""

    page_size: Figure = None
    total_count: Count = None
    continuation_token: Text = None


class FoundNumber(Record):
    """Number that can be bought. The answer states its location and nothing else."""

    number: AnyNumber
    location: Location | None = None


class Availability(Record):
    """Answer of ``POST /phone-numbers/is-available-for-purchase``."""

    is_available: bool
    phone_number: OptionalAnyNumber = None
    price: Price = None
    currency: Text = None
    location: Location | None = None


class Accepted(Record):
    """Envelope of a purchase's answer, which is refused where it says itself that it failed."""

    @classmethod
    def refuse(cls, members: Mapping[str, Any], status: int) -> str | None:
        return Success.refuse(members, status)
