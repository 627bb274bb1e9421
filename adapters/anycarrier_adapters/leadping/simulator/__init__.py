"""Simulator of Leadping's phone numbers, in memory: its API of June, of August or of October 2026.

Written from the published page of the update, the official OpenAPI document and the field lists of the PyPI package
alone; it shares no code with the adapter. :data:`CHOICES` lists every decision that they leave open.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from anycarrier.simulator import Call, Refused, SimAnswer, json_answer, route

from ._base import DUMMY_API_KEY
from .account import Account
from .paging import body_of, page_of
from .records import OTHER_OWNER, OWNER, Number

__all__ = ["CHOICES", "DUMMY_API_KEY", "OTHER_OWNER", "OWNER", "SIMULATOR", "LeadpingSimulator"]

CHOICES: Mapping[str, str] = MappingProxyType(
    {
        "unknown path": "404 without a body, as ASP.NET answers, also for the list path of another version.",
        "credentials": "Bearer only; a source key (lp_src_) is refused like an unknown one: 401 with a challenge.",
        "content type of problems": "2026-06 and 2026-08: application/problem+json for 403 and 429, text/plain for "
        "DELETE, else application/json; 2026-10: application/problem+json. problem_type= sets one for all.",
        "validation": "400 with errors by field in every version, although the member appeared with 2026-08.",
        "search: phoneNumber": "a prefix of the number in E.164 form; punctuation is ignored.",
        "search: location": "location is compared with the city, state with the two letters, countryCode with US, "
        "without regard to case. Ascending, at most 100.",
        "price": "set by price=, in USD; a number that cannot be bought has none.",
        "purchase of a number that is not for sale": "400; no document names a status.",
        "purchase beyond the wallet": "400; no document names a status.",
        "purchase without enabled": "disabled, in the versions that have the field: false is the default of the type.",
        "purchase without numberHealthEnabled": "opted in and charged in 2026-10; earlier servers ignore the member.",
        "provisioning": "ends after some seconds, in failure for the numbers in failing=. Charged at once, without a "
        "refund after a failure.",
        "update": "replaces everything that a request can set: an absent enabled is false, an absent override none; an "
        "absent owner stays. Unknown members are ignored. Another number in the body is 400.",
        "update by ordinary credentials": "a changed override is 403 unless admin=True.",
        "owner": "any other id is another account: the answer still shows the number, afterwards it is not found.",
        "release": "2026-06: held for some seconds with the dates shown, then gone; the later records have no such "
        "fields, and the number is gone at once. A second release during the hold is accepted again.",
        "numbers that leave": "a number that was ported out (the event port_out, or the day on which it arrives at a "
        "joined simulator) is not found from then on, is not for sale, and costs nothing more. Before, nothing shows "
        "that it is on its way: no version has a word for it.",
        "port-out record": "account number, PIN, house number and ZIP code that a port order has to agree with are "
        "made up; the option service_record sets others.",
        "release during provisioning": "accepted.",
        "list": "pages of pageSize up to 100, else of 50; the token is opaque. search applies to searchFields, or to "
        "name and number; filters compare for equality; the rest of the body is ignored.",
        "numbers as text": "June's documents show counts as text, its client reads numbers: as_text= decides.",
        "texts and calls": "none is sent by the API here; the events text and call let them pass, paid from the "
        "wallet. Three stand at the start, unless owned= names the numbers.",
        "events": "newest first; 400 for a number that is not the owner's.",
        "capacity": "6 texts in a minute, 60 in an hour, 200 in a day, and 2, 30 and 100 calls, counted backwards.",
        "reports": "of seven days unless the request names others; startDate and endDate are whole days of UTC.",
        "sender": "the conversation's override; else a number of the recipient's area code; else the oldest. Numbers "
        "without a 10DLC campaign send no texts. Without any: 200 with canSend false.",
        "override with a number that cannot send": "200 with canSend false; an unknown number is 400.",
        "owners": "two, of whose user the credential is; each has its numbers and its wallet, the second an empty one.",
        "switch": "changes what every further request with the key is about; 403 for an owner that is not offered.",
        "rate limit": "300 requests in 60 seconds per credential, then 429; with Retry-After unless retry_after=False.",
    }
)

LIST_PATHS = {
    "2026-06": "/phone-numbers/all/my",
    "2026-08": "/phone-numbers/all/organization",
    "2026-10": "/phone-numbers/all/organization",
}


class LeadpingSimulator(Account):
    """Leadping. ``Base`` in ``_base`` documents the settings."""

    name = "leadping"
    choices = CHOICES
    settings = MappingProxyType({"api_key": DUMMY_API_KEY})
    story = MappingProxyType({"purchase": "create"})
    search_most = 100

    # Searching

    @route("POST", "/phone-numbers/search")
    def search(self, call: Call) -> SimAnswer:
        body = body_of(call)
        wanted = body.get("phoneNumber")
        beginning = "+" + "".join(filter(str.isdigit, wanted)) if isinstance(wanted, str) and wanted else ""
        place = body.get("location")
        where: dict[str, Any] = place if isinstance(place, dict) else {}
        found = [
            {"number": number, "location": self._location(at)}
            for number, at in self.stock.items()
            if number.startswith(beginning)
            and _alike(where.get("location"), at.city)
            and _alike(where.get("state"), at.state)
            and _alike(where.get("countryCode"), "US")
        ]
        return json_answer(200, {"numbers": found[: self.search_most]})

    @route("POST", "/phone-numbers/is-available-for-purchase")
    def availability(self, call: Call) -> SimAnswer:
        number = body_of(call).get("phoneNumber")
        if not isinstance(number, str) or not number:
            raise Refused(400, "Request validation failed", errors={"phoneNumber": ["The field is required."]})
        place = self.stock.get(number)
        return json_answer(
            200,
            {
                "phoneNumber": number,
                "isAvailable": place is not None,
                "price": None if place is None else self._figure(float(self.price)),
                "currency": None if place is None else "USD",
                "location": None if place is None else self._location(place),
            },
        )

    # Buying

    @route("POST", "/phone-numbers")
    def create(self, call: Call) -> SimAnswer:
        body = body_of(call)
        name, number = self._named(body)
        if number not in self.stock:
            raise Refused(400, "The phone number is not available for purchase.", kind="validation")
        health = self.api_version == "2026-10" and body.get("numberHealthEnabled") is not False
        cost = self.price * (2 if health else 1)
        if cost > self.wallet:
            raise Refused(400, "The wallet balance is insufficient.", kind="validation")
        self.wallet -= cost
        self.charge(call, number, cost)
        self.stock.pop(number)
        one = self._add(number, name, ready=self.time() + self.provisioning)
        one.owner = self.owner
        one.fails = number in self.failing
        one.charged = cost
        one.enabled = body.get("enabled") is True or self.api_version == "2026-10"
        one.health = health
        return json_answer(200, self._record(one))

    def _named(self, body: Mapping[str, Any]) -> tuple[str, str]:
        name, number = body.get("name"), body.get("number")
        errors: dict[str, list[str]] = {}
        if self.api_version != "2026-10" and (not isinstance(name, str) or not name.strip()):
            errors["name"] = ["The Name field is required."]
        if isinstance(name, str) and len(name) > 255:
            errors["name"] = ["The field Name must be a string with a maximum length of 255."]
        if not isinstance(number, str) or not number:
            errors["number"] = ["The Number field is required."]
        if errors:
            raise Refused(400, "Request validation failed", kind="validation", errors=errors)
        return str(name or ""), str(number)

    # Numbers

    @route("POST", "/phone-numbers/all/my")
    def list_of_june(self, call: Call) -> SimAnswer:
        return self._list(call)

    @route("POST", "/phone-numbers/all/organization")
    def list_of_organization(self, call: Call) -> SimAnswer:
        return self._list(call)

    def _list(self, call: Call) -> SimAnswer:
        if call.request.path != LIST_PATHS[self.api_version]:
            return SimAnswer(404)
        rows = [self._row(one) for one in self.numbers.values() if one.owner == self.owner]
        return json_answer(200, page_of(rows, body_of(call), stuck=self.stuck))

    @route("GET", "/phone-numbers/{phoneNumberId}")
    def get(self, call: Call) -> SimAnswer:
        return json_answer(200, self._record(self._mine(call)))

    @route("PUT", "/phone-numbers/{phoneNumberId}")
    def update(self, call: Call) -> SimAnswer:
        one = self._mine(call)
        body = body_of(call)
        complete = dict(body) if body.get("number") or self.api_version != "2026-06" else {**body, "number": one.number}
        name, number = self._named(complete)
        if number != one.number:
            raise Refused(400, "The number of a phone number cannot change.", kind="validation")
        if self.api_version == "2026-10":
            one.name = name
            if isinstance(body.get("numberHealthEnabled"), bool):
                one.health = body["numberHealthEnabled"]
            one.modified = self.time()
            return json_answer(200, self._record(one))
        if self.api_version == "2026-06":
            override = body.get("adminEnablementOverride")
            if override != one.override and not self.admin:
                raise Refused(403, "Forbidden", kind="forbidden")
            one.override = override if isinstance(override, dict) else None
        one.name, one.enabled, one.modified = name, body.get("enabled") is True, self.time()
        owner = body.get("businessId" if self.api_version == "2026-06" else "organizationId")
        if isinstance(owner, str) and owner:
            one.owner = owner
        return json_answer(200, self._record(one))

    @route("DELETE", "/phone-numbers/{phoneNumberId}", success=204)
    def remove(self, call: Call) -> SimAnswer:
        one = self._mine(call, content_type="text/plain")
        if one.release_requested is None:
            one.release_requested = self.time()
            one.release_at = self.time() + (self.hold if self.api_version == "2026-06" else 0.0)
        self._let_go()
        return SimAnswer(204)

    @route("GET", "/phone-numbers/{phoneNumberId}/warmup")
    def warmup(self, call: Call) -> SimAnswer:
        return json_answer(200, self._report(self._mine(call), call))

    def _mine(self, call: Call, **more: Any) -> Number:
        one = self.numbers.get(call.values["phoneNumberId"])
        if one is None or one.owner != self.owner:
            raise Refused(404, "Not Found", kind="not-found", detail="The phone number was not found.", **more)
        return one


def _alike(wanted: object, stated: str) -> bool:
    return not isinstance(wanted, str) or not wanted or wanted.strip().casefold() == stated.casefold()


SIMULATOR = LeadpingSimulator
