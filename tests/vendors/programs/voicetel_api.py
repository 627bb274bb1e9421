"""Every method of VoiceTel's own client against the simulator: ``voicetel_api.py BASE VERSION sync|async SETTINGS``.

Arguments and answers are those of the published OpenAPI document. Release 2.2.10 of the client has other names for some
arguments, and none for others: it is called as it can be, and the right answer is the same.
"""

from __future__ import annotations

import json
import sys
from operator import attrgetter
from typing import Any

from recorder import Recorder
from voicetel import AsyncClient, Client, models

OWNED, BOUND = "2015550197", "2125550199"
FREE, NEXT, OUTSIDE = "2015550100", "2015550101", "9075550123"
USERNAME, PASSWORD = "1000000001", "abc1234567"
SECOND = 1000000002
ADDRESS = {"address1": "411 HACKENSACK AVENUE", "city": "HACKENSACK", "state": "NJ", "zip": "07601"}
PORT = {
    "did": [OUTSIDE], "name": "Acme Corp", "nameType": "business", "lcBtn": OUTSIDE, "lcAccountNumber": "123456789",
    "streetNumber": "550", "street": "Main", "streetType": "ST", "city": "Chicago", "state": "IL", "zip": "60601",
    "country": "US", "authPerson": "Jane Smith",
}  # fmt: skip
SENT = {"statusCode": "200", "status": "Success"}


class Story:
    """One client and the calls that a program of its user makes."""

    def __init__(self, base: str, version: str, kind: str, settings: str) -> None:
        self.later = version == "2.2.17"
        self.client: Any = (AsyncClient if kind == "async" else Client)(
            **json.loads(settings), base_url=base, max_retries=0
        )
        groups = {name: group for name, group in vars(self.client).items() if not name.startswith("_")}
        methods = [f"{name}.{method}" for name, group in groups.items() for method in dir(group) if method[0] != "_"]
        self.recorder = Recorder(base, sorted([*methods, "login"]), plain)

    def call(self, method: str, *arguments: Any, expects: Any, body: dict[str, Any] | None = None, **more: Any) -> Any:
        """Call a method; a *body* is made into the class that the method's signature asks for."""
        function = attrgetter(method)(self.client)

        def run() -> Any:
            rest = [] if body is None else [request_class(function)(**body)]
            return function(*arguments, *rest, **more)

        return self.recorder.call(method, run, expects)

    def account(self) -> None:
        call, happen = self.call, self.recorder.happen
        assert call("login", USERNAME, PASSWORD, expects=self.client.api_key) == self.client.api_key
        happen("credit", amount="2.50")
        happen("call", caller=OWNED, to="2125550150", seconds=60)
        rates, services = {"did": 0.5, "sms": 0.005}, {"sms": True, "e911": True}
        mine = {"username": USERNAME, "cash": 102.49, "enabled": True, "rates": rates, "services": services}
        call("account.get", expects=mine)
        call("account.credits", expects={"credits": [{"amount": 2.5, "paid": False, "date": str}]})
        if self.later:
            call("account.credits", status="unpaid", expects={"credits": [{"amount": 2.5}]})
            call("account.credits", status="paid", expects={"credits": []})
        call("account.payments", expects={"payments": [{"amount": 100.0, "status": "Completed", "date": str}]})
        value = {"dst": "2125550150", "cid": OWNED, "dur": "60", "ba": "0.010000", "nr": "0.01"}
        call("account.cdr", expects={"cdr": [{"id": str, "key": [USERNAME, str], "value": value}], "start": int})
        call("account.cdr", start=86400, end=1, expects={"cdr": [], "start": 86400, "end": 1})
        call("account.recurring_charges", expects={"charges": [{"amount": 1.5, "description": str}], "total": 1.5})
        call("account.registration", expects={"uri": f"sip:{USERNAME}@192.0.2.1:5060", "agent": str})
        call("account.recover", body={"email": "user@example.com"}, expects={"message": str})
        change = {"timezone": "America/Denver", "notify": False}
        call("account.update", body=change, expects={"updated": ["notify", "timezone"]})
        call("account.get", expects=change)
        new = {"name": "New Inc", "email": "new@example.com"}
        call("account.signup", body=new, expects={**new, "username": str, "password": str})
        sub = {"username": "1000000009", "name": "Sub Inc", "email": "sub@example.com"}
        call("account.add", body=sub, expects={**sub, "masterAccount": "1000000009", "password": str})

    def acl(self) -> None:
        call, rows = self.call, [{"cidr": "203.0.113.0/24"}, {"cidr": "198.51.100.7/32"}]
        call("acl.add", body={"acl": rows}, expects={"added": rows})
        which: Any = {"cidrs": ["198.51.100.7/32"]} if self.later else {"body": {"acl": rows[1:]}}
        call("acl.remove", **which, expects={"removed": rows[1:]})
        left = rows[:1] if self.later else rows
        call("acl.list", expects={"acl": left})
        call("authentication.get", expects={"authType": 0, "authTypeDescription": "Digest", "acl": left})
        changed = {"updated": [{"field": "authType", "value": 3}]}
        call("authentication.update", body={"authType": 3}, expects=changed)
        call("authentication.get", expects={"authType": 3, "authTypeDescription": "Digest AND IP Auth"})

    def emergency(self) -> None:
        call = self.call
        checked = call("e911.validate", body=ADDRESS, expects={"address": {**ADDRESS, "addressid": int}})
        there = {**ADDRESS, "dn": f"1{OWNED}", "callername": "EXAMPLE INC"}
        by_id = {"addressid": checked["address"]["addressid"], "callername": "Example Inc"}
        call("e911.provision", OWNED, body=by_id, expects={"record": there})
        whole = {**ADDRESS, "dn": BOUND, "callername": "Example Inc", "address2": "STE 200"}
        other = {**there, "dn": f"1{BOUND}", "address2": "STE 200"}
        call("e911.create", body=whole, expects={"record": other})
        call("e911.list", expects={"records": [there, other]})
        call("e911.remove", BOUND, expects=None)
        call("e911.get", OWNED, expects={"record": there})
        call("e911.list", expects={"records": [there]})

    def gateways(self) -> None:
        call, row = self.call, {"gateway": "sip2.example.com", "limit": 5, "prefix": "9", "system": False}
        made = call("gateways.add", body={"gateway": "sip2.example.com", "limit": 5, "prefix": "9"}, expects=row)
        call("gateways.update", made["id"], body={"limit": 7}, expects={**row, "limit": 7})
        call("gateways.get", made["id"], expects={**row, "id": made["id"], "limit": 7})
        call("numbers.set_route", OWNED, body={"route": made["id"]}, expects={"number": OWNED, "route": made["id"]})
        call("gateways.numbers", made["id"], expects={"numbers": [{"number": OWNED}]})
        call("numbers.set_route", OWNED, body={"route": 4}, expects={"number": OWNED, "route": 4})
        call("gateways.remove", made["id"], expects=None)
        left = call("gateways.list", expects={"gateways": list})
        assert made["id"] not in [one["id"] for one in left["gateways"]]

    def inventory(self) -> None:
        call, home = self.call, {"city": "Hackensack", "province": "NJ", "rateCenter": "HACKENSACK", "lata": "224"}
        found = {"numbers": [{"number": FREE, **home}, {"number": NEXT, **home}]}
        query: Any = {"tn_mask": "201", "quantity": 2} if self.later else {"npa": 201, "limit": 2}
        call("inumbering.search_inventory", **query, expects=found)
        if self.later:
            query = {"province": "NJ", "rate_center": "HACKENSACK", "lata": "224", "quantity": 1, "tn_mask": "201555*"}
            call("inumbering.search_inventory", **query, expects={"numbers": [{"number": FREE, **home}]})
        buckets = {
            "state": {"locState": "NJ"}, "city": {"city": "Hackensack"}, "npanxx": {"npa": "201", "nxx": "555"},
            "rateCenter": {"rcAbbre": "HACKENSACK", "lata": "224"}, "block": {"block": "2015550"},
        }  # fmt: skip
        for kind, bucket in buckets.items():
            query = {"count_by": kind, "npa": "201", "loc_state": "NJ"} if self.later else {"state": "NJ"}
            call("inumbering.coverage", **query, expects={"coverage": [{**bucket, "count": int}]})
        bought = {"orderId": str, "amountCharged": 0.5, "numbersOrdered": [FREE], "failed": []}
        call("inumbering.order", body={"numbers": [FREE]}, expects=bought)
        spec = {"numbers": [{"number": NEXT, "route": 1000}]}
        call("inumbering.order", body=spec, expects={"numbersOrdered": [NEXT], "failed": []})
        call("numbers.get", NEXT, expects={"number": NEXT, "route": 1000})

    def ports(self) -> None:
        call, switch = self.call, "9075550100"
        portable = {"number": OUTSIDE, "portable": True, "losingCarrier": str, "localRoutingNumber": switch}
        call("inumbering.port_availability", OUTSIDE, expects={**portable, "rateCenterTier": "0", "reason": None})
        features = [{"number": OUTSIDE, "routing": {"gatewayId": 1000}, "lidb": {"name": "Acme"}}]
        rest = {
            "streetPrefix": "N",
            "floor": "2",
            "pin": "1234",
            "desiredDueDate": "2027-02-01T12:00:00Z",
            "features": features,
        }
        answer = {"pid": str, "ticket": int, "message": str, "loaUrl": str, "portUrl": str}
        made = call("inumbering.submit_port", body={**PORT, **rest}, expects=answer)
        row = {"pid": made["pid"], "id": str, "status": "Submitted", "createdAt": str}
        call("inumbering.ports", expects={"ports": [row]})
        whole = {**row, "numbers": [OUTSIDE], "name": "Acme Corp", "email": "user@example.com"}
        call("inumbering.port", made["pid"], expects={"port": whole})
        self.recorder.happen("loa", pid=made["pid"])
        call("inumbering.port", made["pid"], expects={"port": {"status": "In Progress"}})

    def lookups(self) -> None:
        self.call("lookups.cnam", BOUND, expects={"number": BOUND, "cnam": str})
        switch = {"ani": OWNED, "destination": BOUND, "lrn": {"city": "NEW YORK", "lata": "132", "state": "NY"}}
        self.call("lookups.lrn", BOUND, OWNED, expects=switch)

    def texts(self) -> None:
        call, to = self.call, "4155550199"
        body = {"fromNumber": BOUND, "toNumber": to, "text": "Hello"}
        sent = call("messaging.send", body=body, expects={"type": "sms", "parts": 1, "id": str, "toNumber": to})
        picture = {**body, "subject": "s", "mediaUrls": ["https://example.com/a.png"]}
        call("messaging.send", body=picture, expects={"type": "mms", "mediaUrls": picture["mediaUrls"]})
        text = {"id": sent["id"], "value": {"direction": "out", "message": "Hello"}}
        call("messaging.history", number=BOUND, expects={"number": BOUND, "type": "sms", "messages": [text]})
        answer = {"type": "mms", "messages": [{"id": str}]}
        call("messaging.history", number=BOUND, type="mms", expects=answer)
        past: Any = {"from_": 86400, "to_": 1} if self.later else {"start": 86400, "end": 1}
        call("messaging.history", number=BOUND, **past, expects={"messages": []})
        brand = {"messagingBrandId": "BNEW1", "messagingBrandName": "Example Inc"}
        call("messaging.brands", body=brand, expects={"result": SENT})
        campaign = {"messagingBrandId": "BNEW1", "externalCampaignId": "CNEW001", "campaignDescription": "reminders"}
        call("messaging.campaign_create", body=campaign, expects={"result": SENT})
        states = [
            {"id": "CNEW001", "status": "CAMPAIGN_PENDING_DCA", "numbers": []},
            {"id": "CB2PATH", "status": "CAMPAIGN_DCA_COMPLETE", "numbers": [BOUND]},
        ]
        which = {"ids": ["CNEW001", "CB2PATH"]} if self.later else {}
        call("messaging.campaign_status", **which, expects={"campaigns": states})

    def campaigns(self) -> None:
        call = self.call
        bound = {"number": OWNED, "campaignId": "CB2PATH", "network": "B", "carrier": 19, "upstreamCnpId": str}
        if self.later:
            bound |= {"status": "enabled", "alreadyAssigned": False, "job": None}
        call("numbers.assign_campaign", OWNED, body={"campaignId": "CB2PATH"}, expects=bound)
        state = {"number": OWNED, "enabled": True, "network": "B", "campaign": {"id": "CB2PATH", "status": "ACTIVE"}}
        call("numbers.get_messaging", OWNED, expects=state)
        row = {"number": FREE, "onAccount": True, "enabled": False, "campaign": None}
        away = {"number": OUTSIDE, "onAccount": False}
        call("messaging.numbers_state", numbers=[OWNED, FREE, OUTSIDE], expects={"numbers": [state, row, away]})
        gone = {"number": OWNED, "campaignId": "CB2PATH", "unassigned": True, "network": "B"}
        which = {"campaign_id": "CB2PATH"} if self.later else {}
        call("numbers.unassign_campaign", OWNED, **which, expects=gone)
        failed = [{"number": OWNED, "reason": str}]
        many = {"campaignId": "CB2PATH", "unassignedNumbers": [BOUND], "failed": failed}
        call("numbers.bulk_unassign_campaign", [BOUND, OWNED], **which, expects=many)
        if self.later:
            pending = {"status": "pending", "network": "C", "job": {"campaignId": "CH5K5IZ", "state": "queued"}}
            call("numbers.assign_campaign", OWNED, body={"campaignId": "CH5K5IZ"}, expects=pending)
            call("numbers.get_messaging", OWNED, expects={"pending": {"campaignId": "CH5K5IZ"}})

    def features(self) -> None:
        call = self.call
        call("numbers.set_forward", FREE, body={"destination": BOUND}, expects={"number": FREE, "forwardTo": BOUND})
        call("numbers.get", FREE, expects={"number": FREE, "route": 4, "forward": True, "forwardTo": BOUND})
        call("numbers.remove_forward", FREE, expects=None)
        call("numbers.get", FREE, expects={"forward": False, "forwardTo": None, "faxEnabled": False})
        changed = {"number": FREE, "translation": BOUND}
        call("numbers.set_translation", FREE, body={"translation": BOUND}, expects=changed)
        call("numbers.set_cnam", FREE, body={"enabled": True}, expects={"number": FREE, "cnam": True})
        call("numbers.get", FREE, expects={"translated": BOUND, "cnam": True})
        name = {"cnam": "FREE INC", "customerOrderReference": "r1"}
        call("numbers.set_lidb", FREE, body=name, expects={"number": FREE, **name, "carrierStatus": "Success"})
        call("lookups.cnam", FREE, expects={"cnam": "FREE INC"})
        fax = {"number": FREE, "email": "fax@example.com"}
        call("numbers.set_fax", FREE, body={"email": "fax@example.com"}, expects=fax)
        call("numbers.get_fax", FREE, expects=fax)
        call("numbers.remove_fax", FREE, expects=None)
        places = {"webhook": "https://example.com/sms", "email": "u@example.com", "sip": "192.0.2.1"}
        for kind, resource in places.items():
            body = {"type": kind, "resource": resource}
            call("numbers.set_sms", FREE, body=body, expects={"number": FREE, **body})
            call("numbers.get_sms", FREE, expects={"number": FREE, **body})
        routed = {"number": FREE, "updated": ["routeIn", "routeOut"]}
        call("numbers.patch_messaging", FREE, body={"routeIn": 0, "routeOut": 0}, expects=routed)
        call("numbers.remove_sms", BOUND, expects=None)
        call("numbers.get", BOUND, expects={"smsEnabled": False})
        pin = {"number": FREE, "portOutPin": "4287", **({"changed": True} if self.later else {})}
        call("numbers.set_port_out_pin", FREE, body={"pin": "4287"}, expects=pin)

    def leaving(self) -> None:
        call, third = self.call, "2015550102"
        call("numbers.add", body={"number": third, "route": 1000}, expects={"number": third, "route": 1000})
        moved = {"number": third, "accountId": SECOND, "route": 4}
        call("numbers.move", third, body={"accountId": SECOND, "route": 4}, expects=moved)
        call("numbers.remove", FREE, expects=None)
        call("numbers.release", NEXT, expects=None)
        rows = [{"number": number} for number in (OWNED, "2015550198", BOUND)]
        call("numbers.list", expects={"numbers": rows})

    def support(self) -> None:
        call, words = self.call, ("No calls.", "Since when?", "Today.")
        body = {"subject": "Calls", "message": words[0]}
        shown = {"id": int, "subject": "Calls", "status": "active", "threadsCount": 1, "preview": words[0]}
        made = call("support.create", body=body, expects={"ticket": shown})["ticket"]["id"]
        self.recorder.happen("reply", ticket=made, message=words[1])
        call("support.reply", made, body={"message": words[2]}, expects={"message": "Reply added"})
        call("support.messages", made, expects={"messages": [{"id": int, "body": body} for body in words]})
        call("support.get", made, expects={"ticket": {**shown, "id": made, "threadsCount": 3, "preview": words[2]}})
        call("support.update", made, body={"status": "closed"}, expects={"id": made, "status": "closed"})
        listed = call("support.list", expects={"tickets": list})
        assert [one["status"] for one in listed["tickets"] if one["id"] == made] == ["closed"]
        call("support.delete", made, expects=None)
        left = call("support.list", expects={"tickets": list})
        assert made not in [one["id"] for one in left["tickets"]]


def plain(answer: Any) -> Any:
    """JSON values of a pydantic model; what is none already is."""
    return answer.model_dump(mode="json", by_alias=True) if hasattr(answer, "model_dump") else answer


def request_class(function: Any) -> Any:
    """The class of the argument ``body``."""
    return getattr(models, function.__annotations__["body"])


if __name__ == "__main__":
    story = Story(*sys.argv[1:])
    for chapter in (
        story.account, story.acl, story.emergency, story.gateways, story.inventory, story.ports, story.lookups,
        story.texts, story.campaigns, story.features, story.leaving, story.support,
    ):  # fmt: skip
        chapter()
    story.recorder.report()
