"""The peers as subjects, each pointed at the loopback server as far as it lets itself be pointed."""

from __future__ import annotations

from typing import Any

from benchmark.shape import AREA


class VoicetelApi:
    asynchronous = False
    shape = "voicetel"

    def __init__(self, base: str) -> None:
        from voicetel import Client

        self.client = Client(api_key="0" * 32, base_url=base)

    def search(self) -> int:
        rows = self.client.inumbering.search_inventory(tn_mask=AREA, quantity=50).numbers
        for row in rows:
            _ = row.number, row.city, row.province
        return len(rows)

    def list(self) -> int:
        rows = self.client.numbers.list().numbers
        for row in rows:
            _ = row.number, row.route
        return len(rows)


class VoicetelApiAsync:
    asynchronous = True
    shape = "voicetel"

    def __init__(self, base: str) -> None:
        from voicetel import AsyncClient

        self.client = AsyncClient(api_key="0" * 32, base_url=base)

    async def search(self) -> int:
        rows = (await self.client.inumbering.search_inventory(tn_mask=AREA, quantity=50)).numbers
        for row in rows:
            _ = row.number, row.city, row.province
        return len(rows)


class GoHighLevel:
    asynchronous = True
    shape = "lc_phone"
    page = 1000

    def __init__(self, base: str) -> None:
        from highlevel import HighLevel

        HighLevel.BASE_URL = base  # there is no setting for it
        self.client = HighLevel(private_integration_token="pit-0", log_level="error")

    async def search(self) -> int:
        found = await self.client.phone_system.list_available_numbers_for_a_country(
            AREA, "", "", ["local"], True, True, True, "US", "loc1"
        )
        for row in found["numbers"]:
            _ = row["phoneNumber"], row["locality"], row["region"]
        return len(found["numbers"])

    async def list(self) -> int:
        count = page = 0
        while True:
            found = await self.client.phone_system.active_numbers("loc1", "v3", page_size=self.page, page=page)
            rows = found["data"]["numbers"]
            for row in rows:
                _ = row["phoneNumber"], row["friendlyName"]
            count, page = count + len(rows), page + 1
            if len(rows) < self.page or count >= found["data"]["total"]:
                return count


class Leadping:
    asynchronous = True
    shape = "leadping"
    page = 1000

    def __init__(self, base: str) -> None:
        self.client = leadping(base)

    async def search(self) -> int:
        from leadping.models.phone_number_search_request import PhoneNumberSearchRequest

        found = await self.client.phone_numbers.search.post(PhoneNumberSearchRequest(phone_number=f"+1{AREA}"))
        for row in found.numbers:
            _ = row.number, row.location
        return len(found.numbers)

    async def list(self) -> int:
        from leadping.models.request_data_options import RequestDataOptions

        count, token = 0, None
        while True:
            options = RequestDataOptions(page_size=self.page, continuation_token=token)
            found = await self.client.phone_numbers.all.organization.post(options)
            for row in found.items:
                _ = row.number, row.name
            count, token = count + len(found.items), found.continuation_token
            if token is None:
                return count


def leadping(base: str, http: Any = None) -> Any:
    """Leadping's client, as its own instructions make it."""
    from kiota_abstractions.authentication.anonymous_authentication_provider import AnonymousAuthenticationProvider
    from kiota_http.httpx_request_adapter import HttpxRequestAdapter
    from leadping import LeadpingOpenApiClient

    adapter = HttpxRequestAdapter(AnonymousAuthenticationProvider(), http_client=http, base_url=base)
    return LeadpingOpenApiClient(adapter)


class Twilio:
    asynchronous = False
    shape = "twilio"
    page = 1000

    def __init__(self, base: str) -> None:
        from twilio.rest import Client

        self.client = Client("AC" + "0" * 32, "0" * 32)
        self.client.api.base_url = base  # there is no setting for it

    def search(self) -> int:
        rows = self.client.available_phone_numbers("US").local.list(area_code=int(AREA), limit=50)
        for row in rows:
            _ = row.phone_number, row.locality, row.region
        return len(rows)

    def list(self) -> int:
        count = 0
        for row in self.client.incoming_phone_numbers.stream(page_size=self.page):
            _ = row.phone_number, row.status
            count += 1
        return count


class TwilioAsync:
    asynchronous = True
    shape = "twilio"

    def __init__(self, base: str) -> None:
        from twilio.http.async_http_client import AsyncTwilioHttpClient
        from twilio.rest import Client

        self.client = Client("AC" + "0" * 32, "0" * 32, http_client=AsyncTwilioHttpClient())
        self.client.api.base_url = base

    async def search(self) -> int:
        rows = await self.client.available_phone_numbers("US").local.list_async(area_code=int(AREA), limit=50)
        for row in rows:
            _ = row.phone_number, row.locality, row.region
        return len(rows)


class Telnyx:
    asynchronous = False
    shape = "telnyx"
    page = 250

    def __init__(self, base: str) -> None:
        from telnyx import Telnyx as Client

        self.client = Client(api_key="0", base_url=base)

    def search(self) -> int:
        rows = self.client.available_phone_numbers.list(filter={"national_destination_code": AREA, "limit": 50}).data
        for row in rows:
            _ = row.phone_number, row.region_information
        return len(rows)

    def list(self) -> int:
        count = 0
        for row in self.client.phone_numbers.list(page_size=self.page):
            _ = row.phone_number, row.status
            count += 1
        return count


class TelnyxAsync:
    asynchronous = True
    shape = "telnyx"

    def __init__(self, base: str) -> None:
        from telnyx import AsyncTelnyx

        self.client = AsyncTelnyx(api_key="0", base_url=base)

    async def search(self) -> int:
        found = await self.client.available_phone_numbers.list(filter={"national_destination_code": AREA, "limit": 50})
        for row in found.data:
            _ = row.phone_number, row.region_information
        return len(found.data)


class Libcloud:
    asynchronous = False
    shape = "cloudflare"
    page = 100

    def __init__(self, base: str) -> None:
        from urllib.parse import urlsplit

        from libcloud.dns.base import Zone
        from libcloud.dns.drivers import cloudflare

        url = urlsplit(base)
        cloudflare.API_BASE = f"{url.path}/client/v4"  # there is a setting for host and port only
        driver = cloudflare.CloudFlareDNSDriver("0", secure=False, host=url.hostname, port=url.port)
        self.few, self.all = (Zone(name, "example.com", "master", None, driver) for name in ("z50", "z1"))

    def search(self) -> int:
        return self._records(self.few)

    def list(self) -> int:
        return self._records(self.all)

    def _records(self, zone: Any) -> int:
        count = 0
        for record in zone.driver.iterate_records(zone):
            _ = record.name, record.data
            count += 1
        return count


SUBJECTS: dict[str, Any] = {
    "voicetel_api": VoicetelApi,
    "gohighlevel": GoHighLevel,
    "leadping": Leadping,
    "twilio": Twilio,
    "telnyx": Telnyx,
    "libcloud": Libcloud,
}
ASYNC: dict[str, Any] = {
    "voicetel_api": VoicetelApiAsync,
    "gohighlevel": GoHighLevel,
    "leadping": Leadping,
    "twilio": TwilioAsync,
    "telnyx": TelnyxAsync,
}
