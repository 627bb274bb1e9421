"""Answers of the simulator, in the form of each API version."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ._base import Base
from .records import OWNERS, Number, Place

__all__ = ["Shapes", "date_text"]

_READINESS: Mapping[str, Any] = {
    "enabled": True,
    "state": "In Progress",
    "healthStatus": "Healthy",
    "healthScore": 87,
    "progressPercent": 40,
    "callStage": "Stage 0",
}
_INVENTORY = {
    "PendingRelease": "Pending release",
    "Provisioning": "Pending verification",
    "FailedProvisioning": "Failed",
    "Active": "Assigned",
}
_LIFECYCLE = {
    "PendingRelease": "Active",
    "Provisioning": "Provisioning",
    "FailedProvisioning": "Failed",
    "Active": "Active",
}


class Shapes(Base):
    """Records, rows, places and traffic of numbers."""

    def _owner_name(self, owner: str) -> str:
        return OWNERS.get(owner, "Another account")

    def _figure(self, value: float) -> float | str:
        return f"{value:g}" if self.as_text and self.api_version == "2026-06" else value

    def _location(self, place: Place) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "location": f"{place.city}, {place.state}",
            "state": place.state,
            "countryCode": "US",
            "coordinate": {"latitude": self._figure(place.latitude), "longitude": self._figure(place.longitude)},
            "timeZoneId": place.zone,
        }
        if self.api_version != "2026-06":
            source = {"method": "Telnyx-city-state", "query": shown["location"]}
            shown |= {
                "canonicalCity": place.city,
                "canonicalState": place.state,
                "coordinateSource": source,
                "timeZoneSource": source,
            }
        return shown

    def _record(self, one: Number) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "id": one.id,
            "name": one.name,
            "number": one.number,
            "createdAt": date_text(one.created),
            "modifiedAt": date_text(one.modified),
        }
        if self.api_version == "2026-06":
            return shown | self._june(one)
        works = self._status(one) == "Active"
        shown |= {
            "phoneIdentityId": f"pid_{one.id}",
            "organization": {"id": one.owner, "name": self._owner_name(one.owner)},
            "enabled": one.enabled,
            "warmup": _READINESS,
            "routing": {
                "smsEnabled": works,
                "voiceEnabled": works,
                "teamId": None,
                "sourceId": None,
                "campaignId": None,
                "tenDlcApplicationId": one.campaign,
            },
        }
        if self.api_version == "2026-08":
            return shown | {"leadpingOwned": True}
        return shown | {
            "ownership": "Organization",
            "smsReady": works,
            "voiceReady": works,
            "isDemo": False,
            "numberHealthEnabled": one.health,
        }

    def _june(self, one: Number) -> dict[str, Any]:
        status = self._status(one)
        place = self.places.get(one.number)
        orders = {"Provisioning": ("pending", "purchase-pending"), "FailedProvisioning": ("failure", "purchase-failed")}
        order_status, provider_status = orders.get(status, ("success", "active"))
        routing = {
            "smsEnabled": True,
            "voiceEnabled": True,
            "warmupOnly": False,
            "internalTestOnly": False,
            "teamId": None,
            "sourceId": None,
            "campaignId": None,
            "messagingProfileId": "mp_1",
            "voiceConnectionId": "vc_1",
        }
        ten_dlc = {
            "brandId": "BTEST01",
            "campaignId": one.campaign,
            "campaignStatus": "Approved",
            "assignmentStatus": "Assigned",
            "messagingProfileId": "mp_1",
            "statusUpdatedAt": date_text(one.created),
            "failureReason": None,
            "lastProviderEventId": None,
        }
        billing = {
            "businessId": one.owner,
            "businessName": self._owner_name(one.owner),
            "userId": None,
            "userName": None,
            "subscriptionItemId": "si_1",
            "channel": "sms",
            "monthlyAmount": self._figure(float(self.price)),
        }
        event = {
            "id": "evt_1",
            "type": "created",
            "title": "Number added",
            "details": None,
            "actorId": None,
            "actorName": "System",
            "createdAt": date_text(one.created),
            "state": "Pending verification",
        }
        return {
            "business": {"id": one.owner, "name": self._owner_name(one.owner)},
            "user": None,
            "teamId": None,
            "campaignId": None,
            "sourceId": None,
            "leadpingOwned": True,
            "provider": "Telnyx",
            "providerPhoneNumberId": f"tn_{one.id}",
            "providerOrderId": f"to_{one.id}",
            "providerOrderStatus": order_status,
            "providerStatus": provider_status,
            "providerError": "The carrier refused the order." if status == "FailedProvisioning" else None,
            "providerSyncedAt": date_text(one.created),
            "providerReleasedAt": None,
            "providerReleaseRequestedAt": date_text(one.release_requested),
            "providerReleaseHoldStartsAt": date_text(one.release_requested),
            "providerReleaseScheduledAt": date_text(one.release_at),
            "providerReleaseReason": None,
            "providerReleaseRequestedByUserId": None,
            "providerReleaseRequestedByName": None,
            "providerReleaseUnassignAtHoldStart": False,
            "inventoryState": _INVENTORY[status],
            "status": status,
            "capabilities": {"sms": True, "voice": True, "warmup": True, "testing": False},
            "routing": routing,
            "tenDlc": None if one.campaign is None else ten_dlc,
            "billing": billing,
            "isPreferred": False,
            "isDefault": False,
            "location": None if place is None else self._location(place),
            "enabled": one.enabled,
            "adminEnablementOverride": one.override,
            "isInternalPool": False,
            "isApprovedTestDestination": False,
            "isMessagingProgramApproved": one.campaign is not None,
            "warmupEnabled": True,
            "warmupState": "Warming",
            "healthStatus": "Healthy",
            "warmupHealthScore": self._figure(87),
            "warmupProgressPercent": self._figure(40),
            "warmupNextActionAt": None,
            "warmupPauseReason": None,
            "healthReason": None,
            "callWarmupEnabled": False,
            "callWarmupState": "Not Started",
            "callWarmupStage": "Stage 0",
            "callWarmupNextActionAt": None,
            "callWarmupPauseReason": None,
            "callWarmupHealthReason": None,
            "events": [event],
        }

    def _row(self, one: Number) -> dict[str, Any]:
        status = self._status(one)
        works = status == "Active"
        shown: dict[str, Any] = {
            "id": one.id,
            "name": one.name,
            "number": one.number,
            "type": "Local",
            "enabled": one.enabled,
            "routingSummary": "Unassigned",
            "smsReady": works,
            "voiceReady": works,
            "tenDlcCampaignStatus": None if one.campaign is None else "Approved",
        }
        if self.api_version == "2026-06":
            place = self.places.get(one.number)
            return shown | {
                "ownership": "Leadping",
                "capabilities": "SMS, Voice",
                "business": self._owner_name(one.owner),
                "user": "",
                "location": "" if place is None else f"{place.city}, {place.state}",
                "billingAttribution": self._owner_name(one.owner),
                "warmupOnly": False,
                "internalTestOnly": False,
                "isMessagingProgramApproved": one.campaign is not None,
                "status": status,
                "inventoryState": _INVENTORY[status],
                "providerLifecycleState": _LIFECYCLE[status],
                "providerStatus": "active" if works else "pending",
                "providerReconciliationStatus": "InSync",
                "tenDlcCampaignId": one.campaign,
                "warmupState": "Warming",
                "healthStatus": "Healthy",
                "warmupHealthScore": self._figure(87),
                "warmupProgressPercent": self._figure(40),
                "adminEnablementOverride": one.override,
            }
        shown |= {"organization": self._owner_name(one.owner), "organizationId": one.owner, "warmup": _READINESS}
        if self.api_version == "2026-08":
            return shown | {"ownership": "Leadping-owned"}
        return shown | {"ownership": "Organization", "location": "", "isDemo": False}


def date_text(at: float | None) -> str | None:
    if at is None:
        return None
    return datetime.fromtimestamp(max(at, 0.0), UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"
