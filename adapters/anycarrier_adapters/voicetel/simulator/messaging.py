"""Routes of texts, and campaigns. OpenAPI: Numbers and Messaging."""

from __future__ import annotations

import re
from typing import Any

from anycarrier.simulator import Call, Refused, SimAnswer, route

from ._base import DAY, EMAIL, TEN_DIGITS, Base, date_text, good, is_int
from .records import Campaign, Inbound, Owned

__all__ = ["Messaging"]

CAMPAIGN = re.compile(r"C[A-Z0-9]{6}", re.ASCII)
CARRIERS = ["AT&T", "T-Mobile", "Verizon"]
JOB_STATES = ("queued", "hosting", "assigning", "routing")
JOB_STEP = 5.0


class Messaging(Base):
    """``/v2.2/messaging`` and, of numbers, ``sms``, ``messaging`` and ``messaging-campaign``."""

    def catch_up(self) -> None:
        super().catch_up()
        for campaign in [one for account in self.accounts.values() for one in account.campaigns.values()]:
            if campaign.due is not None and campaign.due <= self.now():
                campaign.state, campaign.status, campaign.due = "ACTIVE", "CAMPAIGN_DCA_COMPLETE", None
        for account in self.accounts.values():
            for number in sorted(account.enabling):
                owned = account.owned.get(number)
                if owned is not None and owned.job is not None:
                    if self.now() < owned.job_at + JOB_STEP * len(JOB_STATES):
                        continue
                    self._bind(owned, account.campaigns[owned.job])
                    account.document = None
                account.enabling.discard(number)

    # -- texts

    @route("GET", "/v2.2/numbers/{number}/sms")
    def sms_get(self, call: Call) -> SimAnswer:
        owned = self._owned(call)
        inbound = self.account.inbound.get(owned.row)
        if inbound is None:
            raise Refused(404, "No SMS routing configured")
        return good({"number": owned.number, "type": inbound.type, "resource": inbound.resource})

    @route("PUT", "/v2.2/numbers/{number}/sms")
    def sms_set(self, call: Call) -> SimAnswer:
        owned = self._owned(call)
        body = call.members()
        kind, resource = body.get("type"), body.get("resource")
        if kind not in ("email", "webhook", "sip") or not isinstance(resource, str) or not _reachable(kind, resource):
            raise Refused(400, "Missing or invalid fields: type, resource")
        inbound = Inbound(kind, resource)
        if owned.row:
            self.account.inbound[owned.row] = inbound
        else:
            owned.row = self._row(inbound)
        return good({"number": owned.number, "type": kind, "resource": resource})

    @route("DELETE", "/v2.2/numbers/{number}/sms", success=204)
    def sms_remove(self, call: Call) -> SimAnswer:
        owned = self._owned(call)
        if not owned.row:
            raise Refused(404, "No SMS routing configured")
        row, owned.row = owned.row, 0
        if all(other.row != row for other in self.account.owned.values()):
            del self.account.inbound[row]
        return SimAnswer(204)

    @route("GET", "/v2.2/numbers/{number}/messaging")
    def messaging_get(self, call: Call) -> SimAnswer:
        return good(self._messaging(self._owned(call)))

    @route("GET", "/v2.2/numbers/messaging")
    def messaging_bulk(self, call: Call) -> SimAnswer:
        rows: list[dict[str, Any]] = []
        for number in _listed(call, "numbers", 1000):
            owned = self.account.owned.get(number)
            if not TEN_DIGITS.fullmatch(number):
                raise Refused(400, "numbers query parameter is malformed")
            if owned is not None and owned.since <= self.time():
                rows.append(self._messaging(owned))
            else:
                rows.append({**self._messaging(Owned(number, 0.0)), "onAccount": False})
        return good({"numbers": rows})

    @route("PATCH", "/v2.2/numbers/{number}/messaging")
    def messaging_update(self, call: Call) -> SimAnswer:
        owned = self._owned(call)
        body = call.members()
        updated = [name for name in ("routeIn", "routeOut") if name in body]
        if not updated or not all(is_int(body[name]) for name in updated):
            raise Refused(400, "No update fields present")
        if "routeIn" in body:
            if body["routeIn"] and body["routeIn"] not in self.account.inbound:
                raise Refused(403, "routeIn does not belong to this account")
            owned.row = body["routeIn"]
        if "routeOut" in body:
            owned.carrier = body["routeOut"]
        return good({"number": owned.number, "updated": updated})

    def _messaging(self, owned: Owned) -> dict[str, Any]:
        campaign = self.account.campaigns.get(owned.campaign or "")
        inbound = self.account.inbound.get(owned.row)
        network = campaign.network if campaign else None
        state: dict[str, Any] = {
            "number": owned.number, "onAccount": True, "enabled": inbound is not None or campaign is not None,
            "carrier": owned.carrier, "routeIn": owned.row, "resource": inbound.resource if inbound else "",
            "network": network, "campaign": None,
        }  # fmt: skip
        if campaign is not None:
            upstream = self._upstream(network)[0]
            state["campaign"] = {
                "id": campaign.id,
                "status": campaign.state,
                "network": network,
                "upstreamCnpId": upstream,
            }
        if self.later:
            state["pending"] = self._job(owned)
        return state

    # -- campaigns

    @route("PUT", "/v2.2/numbers/{number}/messaging-campaign")
    def campaign_assign(self, call: Call) -> SimAnswer:
        owned = self._owned(call)
        wanted = call.members().get("campaignId")
        if not isinstance(wanted, str) or not re.fullmatch(r"[A-Z0-9]+", wanted, re.ASCII):
            raise Refused(400, "campaignId missing or malformed")
        campaign = self.account.campaigns.get(wanted)
        if campaign is None:
            raise Refused(404, "Campaign not found.")
        if campaign.network is None:
            raise Refused(400, "Campaign is not on a supported messaging path")
        if self.later and campaign.network == "A" and owned.campaign != wanted:
            raise Refused(409, "This messaging path takes no new numbers.")
        before = self.account.campaigns.get(owned.campaign or "")
        conflict = before is not None and before.network != campaign.network
        already = owned.campaign == wanted
        upstream, carrier = self._upstream(campaign.network)
        pending = campaign.network == "C" and not already
        if not pending:
            self._bind(owned, campaign)
        elif owned.job != wanted:
            owned.job, owned.job_at = wanted, self.time()
            self.account.enabling.add(owned.number)
        data: dict[str, Any] = {
            "number": owned.number, "campaignId": wanted, "carrier": carrier, "network": campaign.network,
            "upstreamCnpId": upstream, "previousNetwork": before.network if before and conflict else None,
            "previousNetworkCleared": conflict and not pending,
        }  # fmt: skip
        if not self.later:
            return good(data)
        status = "pending" if pending else "already" if already else "enabled"
        data |= {"status": status, "alreadyAssigned": already, "orderId": None, "warning": None, "message": None}
        data["job"] = self._job(owned)
        return good(data, 202 if pending else 200)

    def _job(self, owned: Owned) -> dict[str, Any] | None:
        if owned.job is None:
            return None
        step = min(int((self.time() - owned.job_at) / JOB_STEP), len(JOB_STATES) - 1)
        return {
            "campaignId": owned.job,
            "state": JOB_STATES[step],
            "message": f"The number is {JOB_STATES[step]}.",
            "createdAt": date_text(owned.job_at),
            "updatedAt": date_text(owned.job_at + step * JOB_STEP),
        }

    @route("DELETE", "/v2.2/numbers/{number}/messaging-campaign")
    def campaign_unassign(self, call: Call) -> SimAnswer:
        owned = self._owned(call)
        campaign = self._unbinding(call, 404)
        if campaign.id not in (owned.campaign, owned.job):
            raise Refused(404, "Number is not bound to this campaign.")
        self._unbind(owned, campaign)
        return good({
            "number": owned.number, "campaignId": campaign.id, "network": campaign.network,
            "upstreamCnpId": self._upstream(campaign.network)[0], "unassigned": True,
        })  # fmt: skip

    @route("DELETE", "/v2.2/numbers/messaging-campaign")
    def campaign_unassign_many(self, call: Call) -> SimAnswer:
        numbers = _listed(call, "numbers", 1000)
        campaign = self._unbinding(call, 409)
        if campaign.network is None:
            raise Refused(409, "Campaign is not on a supported messaging path")
        if not all(TEN_DIGITS.fullmatch(number) for number in numbers):
            raise Refused(400, "Required field missing or malformed")
        done: list[str] = []
        failed: list[dict[str, str]] = []
        for number in numbers:
            owned = self.account.owned.get(number)
            if owned is not None and campaign.id in (owned.campaign, owned.job):
                self._unbind(owned, campaign)
                done.append(number)
            else:
                reason = "Not on this account" if owned is None else "Not bound to this campaign"
                failed.append({"number": number, "reason": reason})
        return good({
            "campaignId": campaign.id, "network": campaign.network,
            "upstreamCnpId": self._upstream(campaign.network)[0], "unassignedNumbers": done, "failed": failed,
        })  # fmt: skip

    def _unbinding(self, call: Call, missing: int) -> Campaign:
        wanted = call.query("campaignId")
        if wanted is None or not CAMPAIGN.fullmatch(wanted):
            raise Refused(400, "Required query parameter missing (campaignId)")
        campaign = self.account.campaigns.get(wanted)
        if campaign is None:
            raise Refused(missing, "Campaign not found.")
        return campaign

    def _bind(self, owned: Owned, campaign: Campaign) -> None:
        owned.campaign, owned.carrier, owned.job = campaign.id, self._upstream(campaign.network)[1], None

    @staticmethod
    def _unbind(owned: Owned, campaign: Campaign) -> None:
        if owned.campaign == campaign.id:
            owned.campaign, owned.carrier = None, 0
        if owned.job == campaign.id:
            owned.job = None

    @route("GET", "/v2.2/messaging/campaigns")
    def campaign_status(self, call: Call) -> SimAnswer:
        rows: list[dict[str, Any]] = []
        for wanted in _listed(call, "ids", 100):
            campaign = self.account.campaigns.get(wanted)
            row: dict[str, Any] = {
                "id": wanted,
                "status": campaign.status if campaign else "CAMPAIGN_INVALID_ID",
                "numbers": [
                    owned.number for owned in self.account.owned.values() if campaign and owned.campaign == wanted
                ],
            }
            if self.later:
                done = campaign is not None and campaign.status == "CAMPAIGN_DCA_COMPLETE"
                elected = {"electionComplete": done, "electedCarriers": CARRIERS if done else [], "carriers": []}
                row["dca"] = elected if campaign else None
            rows.append(row)
        return good({"campaigns": rows})

    @route("POST", "/v2.2/messaging/campaigns", success=201)
    def campaign_register(self, call: Call) -> SimAnswer:
        body = call.members()
        brand, name = body.get("messagingBrandId"), body.get("externalCampaignId")
        if not (isinstance(name, str) and re.fullmatch(r"[A-Z0-9]+", name, re.ASCII)):
            raise Refused(400, "Required field missing or malformed: externalCampaignId")
        if not isinstance(body.get("campaignDescription"), str) or brand not in self.account.brands:
            raise Refused(400, "Required field missing, or the network rejected it.")
        self.account.campaigns.setdefault(
            name, Campaign(name, "B", "PENDING", "CAMPAIGN_PENDING_DCA", self.time() + DAY)
        )
        return good({"result": {"statusCode": "200", "status": "Success"}}, 201)

    @route("POST", "/v2.2/messaging/brands", success=201)
    def brand_register(self, call: Call) -> SimAnswer:
        body = call.members()
        brand, name = body.get("messagingBrandId"), body.get("messagingBrandName")
        if not (isinstance(brand, str) and re.fullmatch(r"B[A-Za-z0-9]+", brand, re.ASCII) and isinstance(name, str)):
            raise Refused(400, "Fields Required: messagingBrandId, messagingBrandName")
        self.account.brands.add(brand)
        return good({"result": {"statusCode": "200", "status": "Success"}}, 201)


def _listed(call: Call, name: str, most: int) -> list[str]:
    items = [item.strip() for item in (call.query(name) or "").split(",") if item.strip()]
    if not 1 <= len(items) <= most:
        raise Refused(400, f"{name} parameter missing or empty")
    return items


def _reachable(kind: str, resource: str) -> bool:
    if kind == "email":
        return EMAIL.fullmatch(resource) is not None
    if kind == "sip":
        return bool(resource.strip())
    found = re.fullmatch(r"https://([^/:?#@\s]+)(:[0-9]+)?([/?#]\S*)?", resource)
    return found is not None and not found[1].endswith(".invalid")
