"""Mapping of Leadping's records to the neutral model."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from operator import attrgetter
from typing import Any

from anycarrier.adapter import (
    BindingStatus,
    CampaignBinding,
    Feature,
    LazyFields,
    LazySequence,
    Line,
    NoTexts,
    Offer,
    OwnedNumber,
    PhoneNumber,
    Route,
    Rows,
    Status,
    ToGateway,
    blank_to_none,
    build,
    price_of,
    settled,
    stated,
)

from .errors import PROVIDER
from .options import Available
from .schemas import Availability, Coordinate, FoundNumber, Location, NumberRecord, NumberRow, Routing
from .schemas.enums import InventoryState, LifecycleState, NumberStatus

__all__ = ["available", "binding", "binding_status", "campaign_id", "listed", "offers", "owned", "status_of"]

# -- status

_STATUS: Mapping[str, Status] = {
    NumberStatus.UNREGISTERED: Status.PENDING,
    NumberStatus.PROVISIONING: Status.PENDING,
    NumberStatus.FAILED_PROVISIONING: Status.FAILED,
    NumberStatus.ACTIVE: Status.ACTIVE,
    NumberStatus.EXPIRED: Status.UNKNOWN,
    NumberStatus.SUSPENDED: Status.SUSPENDED,
    NumberStatus.PENDING_RELEASE: Status.RELEASING,
}

_INVENTORY: Mapping[str, Status | None] = {
    InventoryState.AVAILABLE: None,  # of the assignment, not of the number
    InventoryState.ASSIGNED: Status.ACTIVE,
    InventoryState.PENDING_VERIFICATION: Status.PENDING,
    InventoryState.READY_FOR_SMS: Status.ACTIVE,
    InventoryState.READY_FOR_VOICE: Status.ACTIVE,
    InventoryState.RESTRICTED: Status.SUSPENDED,
    InventoryState.SUSPENDED: Status.SUSPENDED,
    InventoryState.FAILED: Status.FAILED,
    InventoryState.RELEASED: Status.RELEASED,
    InventoryState.PENDING_RELEASE: Status.RELEASING,
    InventoryState.WARMUP_ONLY: Status.ACTIVE,
    InventoryState.INTERNAL_TEST_ONLY: Status.ACTIVE,
}

_LIFECYCLE: Mapping[str, Status | None] = {
    LifecycleState.UNKNOWN: None,
    LifecycleState.REQUESTED: Status.PENDING,
    LifecycleState.PURCHASING: Status.PENDING,
    LifecycleState.PURCHASED: Status.PENDING,
    LifecycleState.PROVISIONING: Status.PENDING,
    LifecycleState.ACTIVE: Status.ACTIVE,
    LifecycleState.FAILED: Status.FAILED,
    LifecycleState.RELEASED: Status.RELEASED,
    LifecycleState.SUSPENDED: Status.SUSPENDED,
}

_RANK = (
    Status.ACTIVE,
    Status.UNKNOWN,
    Status.PENDING,
    Status.SUSPENDED,
    Status.FAILED,
    Status.RELEASING,
    Status.RELEASED,
)
"""Precedence of statuses: of two that disagree, the later one holds, so a number is active only without objection."""

_WORDS = attrgetter("status", "inventory_state", "provider_status", "sms_ready", "voice_ready", "enabled")
_ROW_WORDS = attrgetter(
    "status", "inventory_state", "provider_status", "sms_ready", "voice_ready", "enabled", "provider_lifecycle_state"
)


def status_of(number: NumberRecord | NumberRow) -> tuple[Status, str | None]:
    """Return the neutral status, and Leadping's word that decided.

    Rests on ``status`` and ``inventoryState``, in a row also on ``providerLifecycleState``, else on ``providerStatus``.
    Since 2026-08 there are no such words; then ``smsReady`` and ``voiceReady`` decide, if they are stated.
    """
    return _status(*(_ROW_WORDS(number) if isinstance(number, NumberRow) else _WORDS(number)))


@lru_cache(1000)
def _status(
    status: str | None,
    inventory: str | None,
    provider: str | None,
    sms: bool | None,
    voice: bool | None,
    enabled: bool | None,
    lifecycle: str | None = None,
) -> tuple[Status, str | None]:
    said = [(_STATUS, status), (_INVENTORY, inventory), (_LIFECYCLE, lifecycle)]
    read = [(table.get(word, Status.UNKNOWN), str(word)) for table, word in said if word and blank_to_none(word)]
    found = [(status, word) for status, word in read if status is not None]
    provider = blank_to_none(provider)
    if not found and provider is not None:
        found = [(_LIFECYCLE.get(provider.title()) or Status.UNKNOWN, provider)]
    if found:
        return max(found, key=lambda one: _RANK.index(one[0]))
    if sms or voice:
        return Status.ACTIVE, None
    if sms is False and voice is False and enabled is not False:
        return Status.PENDING, None
    return Status.UNKNOWN, read[0][1] if read else None


# -- 10DLC

_BINDING: Mapping[str, BindingStatus] = {
    **dict.fromkeys(
        ("active", "approved", "assigned", "accepted", "provisioned", "mnoprovisioned", "registered", "complete",
         "completed", "verified"),
        BindingStatus.ACTIVE,
    ),
    **dict.fromkeys(
        ("pending", "submitted", "inreview", "review", "pendingreview", "pendingtelnyxreview", "pendingassignment",
         "assigning", "processing", "inprogress", "provisioning", "tcrpending", "tcraccepted", "telnyxaccepted",
         "mnopending", "mnoaccepted", "resubmissionready"),
        BindingStatus.PENDING,
    ),
    **dict.fromkeys(
        ("failed", "rejected", "declined", "expired", "suspended", "deactivated", "needschanges", "failedassignment",
         "tcrfailed", "tcrexpired", "tcrsuspended", "telnyxfailed", "mnorejected", "mnoprovisioningfailed"),
        BindingStatus.FAILED,
    ),
    "pendingunassignment": BindingStatus.UNBINDING,
}  # fmt: skip
"""Leadping publishes no list of these words: they are those of its 10DLC enums and of its carrier Telnyx."""

_BINDING_RANK = (
    BindingStatus.ACTIVE,
    BindingStatus.UNKNOWN,
    BindingStatus.PENDING,
    BindingStatus.UNBINDING,
    BindingStatus.FAILED,
)


def binding_status(words: Iterable[str | None]) -> tuple[BindingStatus, str | None]:
    """Return the state of a binding, and the text that decided; texts are compared by their letters."""
    read = [
        (_BINDING.get("".join(filter(str.isalnum, word)).casefold(), BindingStatus.UNKNOWN), word)
        for word in words
        if word is not None
    ]
    return max(read, key=lambda one: _BINDING_RANK.index(one[0])) if read else (BindingStatus.UNKNOWN, None)


def campaign_id(record: NumberRecord) -> str | None:
    """Return the 10DLC campaign. ``campaignId`` of the record or its routing is a campaign of Leadping's own."""
    if record.ten_dlc is not None and record.ten_dlc.campaign_id is not None:
        return record.ten_dlc.campaign_id
    return None if record.routing is None else record.routing.ten_dlc_application_id


def binding(account: str, record: NumberRecord, words: Iterable[str | None], raw: Mapping[str, Any]) -> CampaignBinding:
    """Return the campaign of a number. *words* are the status words of the list, where the record has none."""
    words = [*words]
    if record.ten_dlc is not None:
        words += [record.ten_dlc.assignment_status, record.ten_dlc.campaign_status]
    status, word = binding_status(words)
    bound = campaign_id(record)
    if bound is None and word is None and (record.ten_dlc is not None or record.routing is not None):
        status = BindingStatus.UNBOUND
    return CampaignBinding(
        provider=PROVIDER,
        account=account,
        number=stated(record.number),
        campaign_id=bound,
        status=status,
        provider_status=word,
        raw=raw,
    )


# -- numbers for sale

_NOWHERE = Location()
_NO_COORDINATE = Coordinate()


def _coordinate(row: FoundNumber) -> Coordinate:
    return settled((row.location or _NOWHERE).coordinate or _NO_COORDINATE)


_OFFER = LazyFields[FoundNumber, Offer](
    Offer,
    country=lambda row, offer: _country(row.location or _NOWHERE, offer.number),
    latitude=lambda row, _: _coordinate(row).latitude,
    longitude=lambda row, _: _coordinate(row).longitude,
    line=lambda _, offer: Line.of(offer.number),
)


def offers(account: str, rows: Rows[FoundNumber, Any]) -> LazySequence[Offer]:
    """Return the offers of a search, which states the location of each number and nothing else."""
    places = [row.location or _NOWHERE for row in rows.rows]
    return build(
        _OFFER,
        rows,
        provider=PROVIDER,
        account=account,
        number=rows.numbers("number"),
        city=[_city(place.canonical_city, place.location) for place in places],
        state=[_state(place.canonical_state, place.state) for place in places],
    )


def available(number: PhoneNumber, answer: Availability, raw: Mapping[str, Any]) -> Available:
    """Return the availability of a number.

    A currency that is not stated is USD, as in Leadping's price list; one that is no code leaves the price unknown.
    """
    price = None if answer.price is None else price_of(answer.price, answer.currency or "USD")
    place = answer.location or _NOWHERE
    return Available(
        number=number,
        available=answer.is_available,
        price=price,
        city=_city(place.canonical_city, place.location),
        state=_state(place.canonical_state, place.state),
        raw=raw,
    )


# -- numbers of the account


def owned(account: str, record: NumberRecord, raw: Mapping[str, Any]) -> OwnedNumber:
    """Return a number from its record."""
    status, word = status_of(record)
    number = stated(record.number)
    return OwnedNumber(
        provider=PROVIDER,
        account=account,
        number=number,
        id=record.id,
        status=status,
        provider_status=word,
        label=record.name,
        features=_features(record),
        line=Line.of(number),
        routes=_routes(record.routing),
        campaign_id=campaign_id(record),
        created=record.created_at,
        detail=record,
        raw=raw,
    )


_OWNED = LazyFields[NumberRow, OwnedNumber](
    OwnedNumber,
    id=lambda row, _: blank_to_none(row.id),
    label=lambda row, _: blank_to_none(row.name),
    features=lambda row, _: _ready(row),
    line=lambda _, one: Line.of(one.number),
    campaign_id=lambda row, _: blank_to_none(row.ten_dlc_campaign_id),
    detail=lambda row, _: settled(row),
)


def listed(account: str, rows: Rows[NumberRow, Any]) -> LazySequence[OwnedNumber]:
    """Return the numbers of a page of the list, which states less than their records."""
    words = [*map(_ROW_WORDS, rows.rows)]
    known = {each: _status(*each) for each in {*words}}
    lives = [known[each] for each in words] if len(known) > 1 else [*known.values()] * len(words)
    return build(
        _OWNED,
        rows,
        provider=PROVIDER,
        account=account,
        number=rows.numbers("number"),
        status=[status for status, _ in lives],
        provider_status=[word for _, word in lives],
    )


def _features(record: NumberRecord) -> dict[Feature, bool]:
    """Return features from ``capabilities``; since 2026-08 from ``routing``, which states the uses of the number."""
    if record.capabilities is not None:
        facts = {Feature.SMS: record.capabilities.sms, Feature.VOICE: record.capabilities.voice}
    elif record.routing is not None:
        facts = {Feature.SMS: record.routing.sms_enabled, Feature.VOICE: record.routing.voice_enabled}
    else:
        return _ready(record)
    return {feature: value for feature, value in facts.items() if value is not None}


def _ready(number: NumberRecord | NumberRow) -> dict[Feature, bool]:
    """Return the features that are ready; one that is not may become ready later."""
    facts = {Feature.SMS: number.sms_ready, Feature.VOICE: number.voice_ready}
    return {feature: True for feature, ready in facts.items() if ready}


def _routes(routing: Routing | None) -> tuple[Route, ...] | None:
    """Return the part of ``routing`` that has a neutral meaning: the voice connection, and texts switched off."""
    if routing is None:
        return None
    routes: list[Route] = []
    if routing.voice_connection_id is not None and routing.voice_enabled is not False:
        routes.append(ToGateway(routing.voice_connection_id))
    if routing.sms_enabled is False:
        routes.append(NoTexts())
    return tuple(routes) or None


# -- places


@lru_cache(1000)
def _city(canonical: str | None, free: str | None) -> str | None:
    """Return the city: the canonical one, else the free text up to a comma."""
    return blank_to_none(canonical) or (free or "").partition(",")[0].strip() or None


@lru_cache(1000)
def _state(canonical: str | None, free: str | None) -> str | None:
    """Return the state or province as two letters, also of a full name; any other text stays."""
    text = blank_to_none(canonical) or blank_to_none(free)
    return text and _STATES.get(text.strip().casefold(), text)


def _country(location: Location, number: PhoneNumber) -> str | None:
    """Return the country of a code of two letters, else that of the number."""
    code = (location.country_code or "").strip().upper()
    return code if len(code) == 2 else number.country


_STATES: Mapping[str, str] = {
    "alabama": "AL", "alaska": "AK", "arizona": "AZ", "arkansas": "AR", "california": "CA", "colorado": "CO",
    "connecticut": "CT", "delaware": "DE", "district of columbia": "DC", "florida": "FL", "georgia": "GA",
    "hawaii": "HI", "idaho": "ID", "illinois": "IL", "indiana": "IN", "iowa": "IA", "kansas": "KS", "kentucky": "KY",
    "louisiana": "LA", "maine": "ME", "maryland": "MD", "massachusetts": "MA", "michigan": "MI", "minnesota": "MN",
    "mississippi": "MS", "missouri": "MO", "montana": "MT", "nebraska": "NE", "nevada": "NV", "new hampshire": "NH",
    "new jersey": "NJ", "new mexico": "NM", "new york": "NY", "north carolina": "NC", "north dakota": "ND",
    "ohio": "OH", "oklahoma": "OK", "oregon": "OR", "pennsylvania": "PA", "puerto rico": "PR", "rhode island": "RI",
    "south carolina": "SC", "south dakota": "SD", "tennessee": "TN", "texas": "TX", "utah": "UT", "vermont": "VT",
    "virginia": "VA", "washington": "WA", "west virginia": "WV", "wisconsin": "WI", "wyoming": "WY", "alberta": "AB",
    "british columbia": "BC", "manitoba": "MB", "new brunswick": "NB", "newfoundland and labrador": "NL",
    "nova scotia": "NS", "northwest territories": "NT", "nunavut": "NU", "ontario": "ON",
    "prince edward island": "PE", "quebec": "QC", "saskatchewan": "SK", "yukon": "YT",
}  # fmt: skip
