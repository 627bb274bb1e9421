"""Account of the simulator: its wallet, and the businesses or organizations that own numbers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from anycarrier.simulator import Call, Refused, SimAnswer, json_answer, route

from .paging import body_of
from .records import OWNERS
from .senders import Senders
from .shapes import date_text

__all__ = ["Account"]

BUSINESS, ORGANIZATION = "/businesses/me", "/organizations/me"


class Account(Senders):
    """``/wallets``, ``/businesses/me`` (June) and ``/organizations/me``."""

    def begin(self) -> None:
        super().begin()
        self.other_wallets = {owner: Decimal(0) for owner in OWNERS if owner != self.owner}
        self.used: dict[str, float] = {self.owner: self.time()}

    @route("GET", "/wallets/me")
    def current_wallet(self, call: Call) -> SimAnswer:
        shown = {
            "id": f"wallet_{self.owner}",
            "name": self._owner_name(self.owner),
            "createdAt": date_text(0.0),
            "modifiedAt": None,
            "balanceCalculatedAt": date_text(self.time()),
            "currency": "USD",
            "purchasedAt": date_text(0.0),
            "expiresAt": None,
            "sourceType": "purchase",
            "creditStatus": "active" if self.wallet else "consumed",
            "originalTransactionId": None,
            "nextCreditExpirationAt": None,
        }
        if self.api_version == "2026-06":
            return json_answer(200, shown | {"businessId": self.owner, "balance": self._figure(float(self.wallet))})
        amounts = {
            "balance": float(self.wallet),
            "amountPurchased": float(self.first_wallet),
            "amountRemaining": float(self.wallet),
            "nextExpiringCreditAmount": None,
            "expiredCreditAmount": 0.0,
        }
        return json_answer(200, {**shown, **amounts, "organizationId": self.owner})

    @route("GET", BUSINESS)
    @route("GET", ORGANIZATION)
    def current_owner(self, call: Call) -> SimAnswer:
        return self._here(call) or json_answer(200, self._owner_record())

    @route("GET", f"{BUSINESS}/options")
    @route("GET", f"{ORGANIZATION}/options")
    def owner_options(self, call: Call) -> SimAnswer:
        return self._here(call) or json_answer(200, [self._option(owner) for owner in OWNERS])

    @route("POST", f"{BUSINESS}/switch")
    @route("POST", f"{ORGANIZATION}/switch")
    def switch_owner(self, call: Call) -> SimAnswer:
        if (gone := self._here(call)) is not None:
            return gone
        wanted = body_of(call).get("businessId" if self.api_version == "2026-06" else "organizationId")
        if not isinstance(wanted, str) or wanted not in OWNERS:
            raise Refused(403, "Forbidden", kind="forbidden")
        if wanted != self.owner:
            self.other_wallets[self.owner], self.wallet = self.wallet, self.other_wallets.pop(wanted)
            self.owner = wanted
        self.used[wanted] = self.time()
        return json_answer(200, self._owner_record())

    def _here(self, call: Call) -> SimAnswer | None:
        """Return the answer where the path is that of another version."""
        june = call.request.path.startswith(BUSINESS)
        return None if june == (self.api_version == "2026-06") else SimAnswer(404)

    def _registered(self, owner: str) -> bool:
        return any(one.owner == owner and one.campaign is not None for one in self.numbers.values())

    def _owner_record(self) -> dict[str, Any]:
        june = self.api_version == "2026-06"
        approved = "Approved" if self._registered(self.owner) else "NotStarted"
        activation: dict[str, Any] = {
            "status": "Active",
            "onboardingStatus": "Submitted",
            "paymentStatus": "PaymentMethodConfirmed",
            "billingSubscriptionStatus": "Active",
            "launchReviewStatus": "Approved",
            "controlledLaunch": False,
            "telephonyStatus": "Ready",
            "websiteStatus": "WebsiteLive",
            "tenDlcStatus": approved,
            "customerFacingStatus": "Active",
            "domainOptions": [],
            "tenDlcDraft": None,
            "events": [],
            "createdAt": date_text(0.0),
            "updatedAt": date_text(0.0),
        }
        numbers = [one for one in self.numbers.values() if one.owner == self.owner]
        shown: dict[str, Any] = {
            "id": self.owner,
            "name": self._owner_name(self.owner),
            "createdAt": date_text(0.0),
            "modifiedAt": None,
            "accountBalance": self._figure(float(self.wallet)),
            "billingPlan": "Monthly",
            "subscriptionStatus": "Active",
            "autoRefillEnabled": False,
            "status": "Active",
            "enabled": True,
            "phones": [{"id": one.id, "name": one.name, "value": one.number} for one in numbers],
            "activation": activation,
        }
        if june:
            return shown
        activation |= {
            "tenDlcApplicationId": next((one.campaign for one in numbers if one.campaign), None),
            "domainSearchAttempt": 0,
            "availableDomainCount": 0,
        }
        return shown | {"autoRefillAmount": None, "autoRefillTrigger": None, "setupStatus": "Complete"}

    def _option(self, owner: str) -> dict[str, Any]:
        june = self.api_version == "2026-06"
        shown: dict[str, Any] = {
            "id": owner,
            "name": self._owner_name(owner),
            "role": "Owner",
            "isCurrent": owner == self.owner,
            "lastUsedAt": date_text(self.used.get(owner)),
            "businessStatus" if june else "organizationStatus": "Active",
            "activationStatus": "Active",
            "needsAdminReview": False,
            "activationSummary": None,
            "readyForCustomerTraffic": True,
        }
        if june:
            return shown
        return shown | {
            "tenDlcStatus": "Approved" if self._registered(owner) else "NotStarted",
            "hasPaymentMethod": True,
            **({"isDemo": False} if self.api_version == "2026-10" else {}),
        }
