"""From Leadping's records to the neutral model: pure tables and functions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from anycarrier.decoding.raw import Document
from anycarrier.exchange import Response
from anycarrier.model import (
    BindingStatus,
    CampaignBinding,
    Feature,
    Line,
    NoTexts,
    Offer,
    OwnedNumber,
    Route,
    Status,
    ToGateway,
    price_of,
)
from anycarrier.numbers import PhoneNumber

from ._later import schemas
from .errors import PROVIDER
from .options import Available
from .words import InventoryState, LifecycleState, NumberStatus

__all__ = [
    "available",
    "binding",
    "campaign_id",
    "city_of",
    "country_of",
    "listed",
    "offers",
    "owned",
    "ready",
    "state_of",
    "status_of",
]

# -- a number's life

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
    Status.ACTIVE, Status.UNKNOWN, Status.PENDING, Status.SUSPENDED, Status.FAILED, Status.RELEASING, Status.RELEASED,
)  # fmt: skip
"""Where two words disagree the later of these holds: a number is active only when nothing speaks against it."""


class Words(Protocol):
    """What says how a number lives, in every kind of record."""

    @property
    def status(self) -> str | None: ...
    @property
    def inventory_state(self) -> str | None: ...
    @property
    def provider_status(self) -> str | None: ...
    @property
    def sms_ready(self) -> bool | None: ...
    @property
    def voice_ready(self) -> bool | None: ...
    @property
    def enabled(self) -> bool | None: ...


def status_of(number: Words) -> tuple[Status, str | None]:
    """Its life in a neutral word, and the word of Leadping's that decided.

    Rests on ``status`` and ``inventoryState``, in a row also on ``providerLifecycleState``, else on ``providerStatus``.
    Since 2026-08 there are no such words; then ``smsReady`` and ``voiceReady`` tell, where they are stated.
    """
    said = [
        (_STATUS, number.status),
        (_INVENTORY, number.inventory_state),
        (_LIFECYCLE, getattr(number, "provider_lifecycle_state", None)),
    ]
    read = [(table.get(word, Status.UNKNOWN), str(word)) for table, word in said if word is not None]
    stated = [(status, word) for status, word in read if status is not None]
    if not stated and number.provider_status is not None:
        stated = [(_LIFECYCLE.get(number.provider_status.title()) or Status.UNKNOWN, number.provider_status)]
    if stated:
        return max(stated, key=lambda one: _RANK.index(one[0]))
    if number.sms_ready or number.voice_ready:
        return Status.ACTIVE, None
    if number.sms_ready is False and number.voice_ready is False and number.enabled is not False:
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
}  # fmt: skip
"""Leadping publishes no list of these words: they are those of its 10DLC enums and of its carrier Telnyx."""

_BINDING_RANK = (BindingStatus.ACTIVE, BindingStatus.UNKNOWN, BindingStatus.PENDING, BindingStatus.FAILED)


def binding_status(words: Iterable[str | None]) -> tuple[BindingStatus, str | None]:
    """A binding's state from free texts, compared by their letters, and the text that decided; unknown without any."""
    read = [
        (_BINDING.get("".join(filter(str.isalnum, word)).casefold(), BindingStatus.UNKNOWN), word)
        for word in words
        if word is not None
    ]
    return max(read, key=lambda one: _BINDING_RANK.index(one[0])) if read else (BindingStatus.UNKNOWN, None)


def campaign_id(record: schemas.NumberRecord) -> str | None:
    """The 10DLC campaign; not ``campaignId`` of the record or its routing, which is a campaign of Leadping's own."""
    if record.ten_dlc is not None and record.ten_dlc.campaign_id is not None:
        return record.ten_dlc.campaign_id
    return None if record.routing is None else record.routing.ten_dlc_application_id


def binding(
    account: str, record: schemas.NumberRecord, rows: Iterable[schemas.NumberRow], response: Response
) -> CampaignBinding:
    """A number's campaign. *rows* are of the list, which has a status where the record has none."""
    words = [row.ten_dlc_campaign_status for row in rows]
    if record.ten_dlc is not None:
        words += [record.ten_dlc.assignment_status, record.ten_dlc.campaign_status]
    status, word = binding_status(words)
    bound = campaign_id(record)
    if bound is None and word is None and (record.ten_dlc is not None or record.routing is not None):
        status = BindingStatus.UNBOUND
    return CampaignBinding(
        provider=PROVIDER, account=account, number=record.number, campaign_id=bound, status=status,
        provider_status=word, raw=Document(response.body).at(),
    )  # fmt: skip


# -- numbers


def offers(account: str, found: schemas.Found, response: Response) -> list[Offer]:
    """What a search found. It states the location and nothing else."""
    document = Document(response.body)
    made: list[Offer] = []
    for place, row in enumerate(found.numbers):
        if row is None:
            continue
        where = row.location or schemas.Location()
        coordinate = where.coordinate or schemas.Coordinate()
        made.append(
            Offer(
                provider=PROVIDER, account=account, number=row.number, city=_city_of(where), state=_state_of(where),
                country=country_of(where.country_code, row.number), latitude=coordinate.latitude,
                longitude=coordinate.longitude, line=Line.of(row.number), raw=document.at("numbers", place),
            )
        )  # fmt: skip
    return made


def available(number: PhoneNumber, answer: schemas.Availability, response: Response) -> Available:
    """Whether a number can be bought. A currency that is not stated is USD, as in Leadping's price list; with one that
    is no code the price is not known."""
    price = None if answer.price is None else price_of(answer.price, answer.currency or "USD")
    return Available(
        number=number, available=answer.is_available, price=price, city=_city_of(answer.location),
        state=_state_of(answer.location), raw=Document(response.body).at(),
    )  # fmt: skip


def owned(account: str, record: schemas.NumberRecord, response: Response) -> OwnedNumber:
    """A number, from its record."""
    status, word = status_of(record)
    return OwnedNumber(
        provider=PROVIDER, account=account, number=record.number, id=record.id, status=status, provider_status=word,
        label=record.name, features=features_of(record), line=Line.of(record.number), routes=routes_of(record.routing),
        campaign_id=campaign_id(record), created=record.created_at, detail=record, raw=Document(response.body).at(),
    )  # fmt: skip


def listed(account: str, number: PhoneNumber, row: schemas.NumberRow, raw: Mapping[str, Any]) -> OwnedNumber:
    """A number, from its row of the list, which has less than its record."""
    status, word = status_of(row)
    return OwnedNumber(
        provider=PROVIDER, account=account, number=number, id=row.id, status=status, provider_status=word,
        label=row.name, features=ready(row), line=Line.of(number), campaign_id=row.ten_dlc_campaign_id, detail=row,
        raw=raw,
    )  # fmt: skip


def features_of(record: schemas.NumberRecord) -> dict[Feature, bool]:
    """From ``capabilities``; since 2026-08 from ``routing``, which states what the number can be used for."""
    if record.capabilities is not None:
        stated = {Feature.SMS: record.capabilities.sms, Feature.VOICE: record.capabilities.voice}
    elif record.routing is not None:
        stated = {Feature.SMS: record.routing.sms_enabled, Feature.VOICE: record.routing.voice_enabled}
    else:
        return ready(record)
    return {feature: value for feature, value in stated.items() if value is not None}


def ready(number: schemas.NumberRecord | schemas.NumberRow) -> dict[Feature, bool]:
    """What is ready can be carried; what is not ready may be so later."""
    stated = {Feature.SMS: number.sms_ready, Feature.VOICE: number.voice_ready}
    return {feature: True for feature, ready in stated.items() if ready}


def routes_of(routing: schemas.Routing | None) -> tuple[Route, ...] | None:
    """The little of ``routing`` that has a neutral meaning: the connection of the calls, and texts switched off."""
    if routing is None:
        return None
    routes: list[Route] = []
    if routing.voice_connection_id is not None and routing.voice_enabled is not False:
        routes.append(ToGateway(routing.voice_connection_id))
    if routing.sms_enabled is False:
        routes.append(NoTexts())
    return tuple(routes) or None


# -- places


def city_of(canonical: str | None, free: str | None) -> str | None:
    """The city: the canonical one, else what the free text has before a comma."""
    return canonical or (free or "").partition(",")[0].strip() or None


def state_of(stated: str | None) -> str | None:
    """The state or province as two letters, also of one that is spelled out; as it came where it is neither."""
    return stated and _STATES.get(stated.strip().casefold(), stated)


def country_of(code: str | None, number: PhoneNumber) -> str | None:
    """The country that is stated by a code of two letters, else that of the number."""
    code = (code or "").strip().upper()
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


def _city_of(location: schemas.Location | None) -> str | None:
    return None if location is None else city_of(location.canonical_city, location.location)


def _state_of(location: schemas.Location | None) -> str | None:
    return None if location is None else state_of(location.canonical_state or location.state)
