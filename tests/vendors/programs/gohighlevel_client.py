"""HighLevel's own client, its phone system and its tokens: ``gohighlevel_client.py BASE VERSION async SETTINGS``.

Bodies are plain dicts: the client's own classes of them cannot be sent, and take no text as ``numberType``.
"""

from __future__ import annotations

import inspect
import json
import sys
from operator import attrgetter
from typing import Any

from highlevel import HighLevel
from recorder import Recorder, differences

FREE, OWNED, POOLED = "+12015550100", "+12015550198", "+12125550199"
COMPANY = "tDtDnQdgm2LXpyiqYvZ6"
APP = {"clientId": "6578278e879ad2646715ba9c", "clientSecret": "ab12dc0ae1234a7898f9ff06d4f69gh"}


class Story:
    """Clients with each kind of token, and the calls that a program of their user makes."""

    def __init__(self, base: str, version: str, _: str, settings: str) -> None:
        known = json.loads(settings)
        self.location = known["location_id"]
        self.kind = type("Local", (HighLevel,), {"BASE_URL": base})
        self.client = self.made(private_integration_token=known["token"])
        self.recorder = Recorder(base, methods(self.client), lambda answer: answer)

    def made(self, **settings: str) -> Any:
        """A client of the simulator, which says nothing of the errors that it raises."""
        return self.kind(**settings, log_level="none")

    def call(self, method: str, /, *arguments: Any, expects: Any, client: Any = None, **more: Any) -> Any:
        """Call a method of a client, by default of the one with a private integration token."""
        function = attrgetter(method.removeprefix("client."))(client or self.client)
        return self.recorder.call(method, lambda: function(*arguments, **more), expects)

    def phone_system(self) -> None:
        call, where = self.call, self.location
        pool = {"name": "Sales Team Pool", "locationId": where, "numbers": [{"phoneNumber": POOLED}], "isActive": True}
        call("phone_system.get_number_pool_list", where, expects={"success": True, "data": [pool], "total": 1})
        query = ("201", "", "", ["local", "mobile"], True, False, True, "US", where)
        found = call(
            "phone_system.list_available_numbers_for_a_country", *query, expects={"fingerprintId": str, "numbers": list}
        )
        price = {"price": float, "price_unit": "USD", "number_type": "local"}
        offer = {"phoneNumber": FREE, "isoCountry": "US", "region": "NJ", "price": price, "addressRequirements": "none"}
        name = "phone_system.list_available_numbers_for_a_country"
        self.recorder.problems[name] += differences(offer, found["numbers"][0])
        free = ("800", "", "", ["local", "tollFree"], False, False, False, "US", where)
        both = call("phone_system.list_available_numbers_for_a_country", *free, expects={"numbers": list})
        kinds = {row["price"]["number_type"] for row in both["numbers"]}
        self.recorder.problems[name] += differences(True, "tollFree" in kinds, "toll-free numbers are offered")
        listed = {"numbers": [{"phoneNumber": OWNED}, {"phoneNumber": "+18005550199"}], "isUnderLc": True, "total": 2}
        answer = {"status": "success", "statusCode": 200, "data": {**listed, "accountStatus": "active"}}
        call("phone_system.active_numbers", where, "v3", expects=answer)
        order = self.order(found["fingerprintId"])
        bought = {"status": "success", "statusCode": 201, "data": {"number": FREE, "locationId": where}}
        call("phone_system.purchase_number_for_location", where, "v3", order, expects=bought)
        self.with_one_version(order, answer, bought)
        path = {"method": "GET", "url": "/phone-system/number-pools", "params": {"locationId": where}}
        raw = call("client.request", **path, expects=object)
        self.recorder.problems["client.request"] += differences({"total": 1}, raw.json())

    def order(self, mark: str) -> dict[str, Any]:
        """A purchase with each of the twelve members that the document requires."""
        return {
            "phoneNumber": FREE, "countryCode": "US", "numberType": "local", "addressSid": "AD1", "bundleSid": "BU1",
            "locality": "Hackensack", "region": "NJ", "fingerprintId": mark, "skipLocationKYC": False,
            "paymentIntentId": "pi_1", "stripeAccountId": "acct_1", "paymentMethodId": "pm_1",
        }  # fmt: skip

    def with_one_version(self, order: dict[str, Any], listed: dict[str, Any], bought: dict[str, Any]) -> None:
        """The two calls that send their version twice, with one of the two headers taken out: else they are right."""
        run, phones = self.recorder.loop.run_until_complete, self.client.phone_system
        self.client.http_client.event_hooks["request"] = [once]
        found = differences(listed, run(phones.active_numbers(self.location, "v3")))
        found += differences(bought, run(phones.purchase_number_for_location(self.location, "v3", order)))
        more = {"page_size": 1, "page": 1, "search_filter": "+1", "skip_number_pool": False}
        second = run(phones.active_numbers(self.location, "v3", **more, include_rcs_sender_ids=True))
        rest = {"total": 4, "pageSize": 1, "numbers": [{"phoneNumber": POOLED}], "rcsSenderIds": list}
        found += differences({"data": rest}, second)
        assert not found, found
        self.client.http_client.event_hooks["request"] = []

    def oauth(self) -> None:
        call, app = self.call, self.made(client_id=APP["clientId"], client_secret=APP["clientSecret"])
        granted = {"accessToken": str, "refreshToken": str, "tokenType": "Bearer", "userType": "Company"}
        granted |= {"companyId": COMPANY, "expiresIn": 86_399, "approvedLocations": [self.location]}
        code = {**APP, "grantType": "authorization_code", "code": "code-0000000000000000", "userType": "Company"}
        token = call("oauth.get_access_token", code, client=app, expects=granted)
        refresh = (token["refreshToken"], APP["clientId"], APP["clientSecret"], "refresh_token", "Company")
        again = call("oauth.refresh_token", *refresh, client=app, expects=granted)
        assert again["accessToken"] != token["accessToken"]
        agency = self.made(agency_access_token=again["accessToken"], client_id="x", client_secret="x")
        where = {"companyId": COMPANY, "locationId": self.location}
        single = {"accessToken": str, "refreshToken": str, "locationId": self.location, "tokenType": "Bearer"}
        mine = call("oauth.get_location_access_token", where, client=agency, expects=single)
        place = {"_id": self.location, "name": "Example Plumbing", "isInstalled": True, "address": str}
        pages = {"totalRecords": 1, "hasNextPage": False, "hasPrevPage": False, "currentPageSize": 1}
        rows = {"items": [place], "pagination": pages}
        which = (COMPANY, APP["clientId"])
        call("oauth.get_installed_location", *which, client=agency, expects=rows)
        call("oauth.get_installed_location", *which, is_installed=False, client=agency, expects={"items": []})
        one = self.made(location_access_token=mine["accessToken"], client_id="x", client_secret="x")
        call("phone_system.get_number_pool_list", self.location, client=one, expects={"total": 1})


async def once(request: Any) -> None:
    """Leave one of the version headers of a request."""
    request.headers["version"] = request.headers.get_list("version")[0]


def methods(client: Any) -> list[str]:
    """Every method of every service of the client, and those of itself that send something."""
    services = {
        name: one for name, one in vars(client).items() if type(one).__module__.startswith("highlevel.services")
    }
    found = [
        f"{name}.{method}"
        for name, one in services.items()
        for method, _ in inspect.getmembers(type(one), inspect.iscoroutinefunction)
        if not method.startswith("_")
    ]
    return sorted([*found, "client.health_check", "client.request"])


if __name__ == "__main__":
    story = Story(*sys.argv[1:])
    story.phone_system()
    story.oauth()
    story.recorder.report()
