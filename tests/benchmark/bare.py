"""The baseline of every comparison: httpx and ``json.loads`` by hand, the same requests for the same bytes."""

from __future__ import annotations

import json
from typing import Any

import httpx

from benchmark.shape import AREA

LOCATION = "/phone-system/numbers/location/loc1"
ACCOUNT = "/2010-04-01/Accounts/AC" + "0" * 32
ZONE = "/client/v4/zones"

SEARCH: dict[str, tuple[str, str, dict[str, Any] | None]] = {
    "voicetel": ("GET", f"/v2.2/inventory?tnMask={AREA}&quantity=50", None),
    "lc_phone": ("GET", f"{LOCATION}/available?countryCode=US&numberTypes=local&firstPart={AREA}", None),
    "lc_legacy": ("GET", f"{LOCATION}/available?countryCode=US&numberTypes=local&firstPart={AREA}", None),
    "leadping": ("POST", "/phone-numbers/search", {"phoneNumber": f"+1{AREA}"}),
    "twilio": ("GET", f"{ACCOUNT}/AvailablePhoneNumbers/US/Local.json?AreaCode={AREA}&PageSize=50", None),
    "telnyx": ("GET", f"/available_phone_numbers?filter[national_destination_code]={AREA}&filter[limit]=50", None),
    "cloudflare": ("GET", f"{ZONE}/z50/dns_records?page=1&per_page=100", None),
}


def after(shape: str, page: int, answer: Any, number: int) -> tuple[str, str, dict[str, Any] | None] | None:
    """The request for the next page, after the one of this *number* was answered; ``None`` when there is none."""
    if shape == "voicetel":
        return None if number else ("GET", "/v2.2/numbers", None)
    if shape == "leadping":
        token = answer["continuationToken"] if number else None
        body = {"pageSize": page, "continuationToken": token}
        return None if number and token is None else ("POST", "/phone-numbers/all/organization", body)
    if shape == "twilio":
        path = answer["next_page_uri"] if number else f"{ACCOUNT}/IncomingPhoneNumbers.json?PageSize={page}"
        return path and ("GET", path, None)
    if shape == "telnyx":
        if number and number >= answer["meta"]["total_pages"]:
            return None
        return "GET", f"/phone_numbers?page[number]={number + 1}&page[size]={page}", None
    if shape == "cloudflare":
        if number and number >= answer["result_info"]["total_pages"]:
            return None
        return "GET", f"{ZONE}/z1/dns_records?page={number + 1}&per_page={page}", None
    if number and len(answer.get("data", answer)["numbers"]) < page:
        return None
    return "GET", f"{LOCATION}?pageSize={page}&page={number}", None


def read(shape: str, what: str, answer: Any) -> None:
    """Read what the subjects read, too, of every record."""
    inside, *names = READ[shape, what]
    rows = answer.get("data", answer) if inside == "numbers" else answer
    for row in rows[inside]:
        for name in names:
            _ = row[name]


READ: dict[tuple[str, str], tuple[str, ...]] = {
    ("voicetel", "search"): ("numbers", "number", "city", "province"),
    ("voicetel", "list"): ("numbers", "number", "route"),
    ("lc_phone", "search"): ("numbers", "phoneNumber", "locality", "region"),
    ("lc_phone", "list"): ("numbers", "phoneNumber", "friendlyName"),
    ("lc_legacy", "search"): ("numbers", "phoneNumber", "locality", "region"),
    ("lc_legacy", "list"): ("numbers", "phoneNumber", "friendlyName"),
    ("leadping", "search"): ("numbers", "number", "location"),
    ("leadping", "list"): ("items", "number", "name"),
    ("twilio", "search"): ("available_phone_numbers", "phone_number", "locality", "region"),
    ("twilio", "list"): ("incoming_phone_numbers", "phone_number", "status"),
    ("telnyx", "search"): ("data", "phone_number", "region_information"),
    ("telnyx", "list"): ("data", "phone_number", "status"),
    ("cloudflare", "search"): ("result", "name", "type"),
    ("cloudflare", "list"): ("result", "name", "type"),
}
"""Path of the records, and the member that is read of each."""


class Bare:
    """Blocking: ``httpx.Client.get`` and ``json.loads``."""

    asynchronous = False

    def __init__(self, shape: str, base: str, page: int = 0) -> None:
        self.client = httpx.Client(headers={"authorization": "Bearer 0"})
        self.shape, self.base, self.page = shape, base, page

    def search(self) -> None:
        method, path, body = SEARCH[self.shape]
        read(self.shape, "search", json.loads(self._send(method, path, body).content))

    def list(self) -> None:
        number, answer = 0, None
        while wanted := after(self.shape, self.page, answer, number):
            answer = json.loads(self._send(*wanted).content)
            read(self.shape, "list", answer)
            number += 1

    def _send(self, method: str, path: str, body: Any) -> httpx.Response:
        if method == "GET":
            return self.client.get(self.base + path)
        return self.client.post(self.base + path, json=body)


class BareAsync:
    """Asynchronous: ``httpx.AsyncClient.get`` and ``json.loads``."""

    asynchronous = True

    def __init__(self, shape: str, base: str, page: int = 0) -> None:
        self.client = httpx.AsyncClient(headers={"authorization": "Bearer 0"})
        self.shape, self.base, self.page = shape, base, page

    async def search(self) -> None:
        method, path, body = SEARCH[self.shape]
        read(self.shape, "search", json.loads((await self._send(method, path, body)).content))

    async def list(self) -> None:
        number, answer = 0, None
        while wanted := after(self.shape, self.page, answer, number):
            answer = json.loads((await self._send(*wanted)).content)
            read(self.shape, "list", answer)
            number += 1

    async def _send(self, method: str, path: str, body: Any) -> httpx.Response:
        if method == "GET":
            return await self.client.get(self.base + path)
        return await self.client.post(self.base + path, json=body)
