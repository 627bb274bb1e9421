"""Canned answers in each provider's and peer's own shape. Every number is made in memory and kept nowhere."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

_AREAS = ("201", "212", "305", "415", "512", "206", "303", "404", "602", "617",
          "702", "713", "808", "816", "901", "503", "314", "214", "312", "619")  # fmt: skip
_EXCHANGES = [code for code in range(220, 990) if code % 100 != 11 and code != 555]
FOUND = 50
"""Numbers in the answer of a search, all of the area code :data:`AREA`."""
AREA = _AREAS[0]


def ten_digit(index: int) -> str:
    """One of many different numbers that are valid."""
    rest, area = divmod(index, len(_AREAS))
    line, exchange = divmod(rest, len(_EXCHANGES))
    return f"{_AREAS[area]}{_EXCHANGES[exchange]}{1000 + 37 * line}"


def _dumps(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


class Asked(NamedTuple):
    """A request that the server got: its path without the prefix, its query, its body."""

    path: str
    query: Mapping[str, str]
    body: bytes


class Shape(NamedTuple):
    """How one API answers.

    Attributes:
        found: one number of a search, by its index.
        owned: one number of the list.
        is_search: tells a search from a list, by the path.
        search: the body around the numbers of a search.
        page: the body around the numbers of a page: (all rows, what was asked).
    """

    found: Callable[[int], dict[str, Any]]
    owned: Callable[[int], dict[str, Any]]
    is_search: Callable[[str], bool]
    search: Callable[[bytes], bytes]
    page: Callable[[list[bytes], Asked], bytes]


# -- VoiceTel: everything in one document


def _voicetel_found(index: int) -> dict[str, Any]:
    return {
        "number": ten_digit(index),
        "rateCenter": "HACKENSACK",
        "city": "Hackensack",
        "province": "NJ",
        "lata": "224",
    }


def _voicetel_owned(index: int) -> dict[str, Any]:
    number = ten_digit(index)
    return {
        "number": number,
        "translated": number,
        "route": 4,
        "gateway": "198.51.100.20:5060",
        "cnam": False,
        "forward": False,
        "forwardTo": None,
        "carrier": 3,
        "smsEnabled": True,
        "faxEnabled": False,
    }


def _enveloped(rows: bytes) -> bytes:
    return b'{"status":"success","data":{"numbers":[' + rows + b"]}}"


# -- LeadConnector, both versions


def _lc_found(index: int) -> dict[str, Any]:
    number = ten_digit(index)
    return {
        "phoneNumber": f"+1{number}",
        "friendlyName": f"({number[:3]}) {number[3:6]}-{number[6:]}",
        "isoCountry": "US",
        "lata": "224",
        "locality": "Hackensack",
        "rateCenter": "HACKENSACK",
        "latitude": "40.885900",
        "longitude": "-74.043500",
        "region": "NJ",
        "postalCode": "07601",
        "addressRequirements": "none",
        "beta": False,
        "capabilities": {"MMS": True, "SMS": True, "voice": True},
        "price": {"number_type": "local", "price": 1.15, "price_unit": "USD"},
    }


def _lc_owned(date: str) -> Callable[[int], dict[str, Any]]:
    def owned(index: int) -> dict[str, Any]:
        return {
            "phoneNumber": f"+1{ten_digit(index)}",
            "friendlyName": f"Line {index}",
            "sid": f"PN{index:032x}",
            "countryCode": "US",
            "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False},
            "type": "local",
            "isDefaultNumber": False,
            "linkedUser": None,
            "linkedRingAllUsers": [],
            "inboundCallService": None,
            "forwardingNumber": None,
            "isGroupConversationEnabled": False,
            "addressSid": None,
            "bundleSid": None,
            "dateAdded": date,
            "dateUpdated": date,
            "origin": "twilio",
        }

    return owned


def _lc_page(rows: list[bytes], asked: Asked) -> bytes:
    size, page = int(asked.query["pageSize"]), int(asked.query["page"])
    inner = b",".join(rows[page * size : (page + 1) * size])
    return b'{"numbers":[%s],"pageSize":%d,"page":%d,"accountStatus":"active","isUnderGhl":true,"rcsSenderIds":[]}' % (
        inner,
        size,
        page,
    )


def _lc3_page(rows: list[bytes], asked: Asked) -> bytes:
    size, page = int(asked.query["pageSize"]), int(asked.query["page"])
    inner = b",".join(rows[page * size : (page + 1) * size])
    return (
        b'{"status":"success","data":{"numbers":[%s],"pageSize":%d,"page":%d,"accountStatus":"active",'
        b'"isUnderLc":true,"total":%d},"message":"OK","statusCode":200}' % (inner, size, page, len(rows))
    )


# -- Leadping


def _leadping_found(index: int) -> dict[str, Any]:
    return {
        "number": f"+1{ten_digit(index)}",
        "location": {
            "location": "Hackensack, NJ",
            "state": "NJ",
            "countryCode": "US",
            "coordinate": {"latitude": 40.8859, "longitude": -74.0435},
        },
    }


def _leadping_owned(index: int) -> dict[str, Any]:
    return {
        "id": f"pn-{index:08d}",
        "name": f"Line {index}",
        "number": f"+1{ten_digit(index)}",
        "type": "Local",
        "enabled": True,
        "isDemo": False,
        "location": "Hackensack, NJ",
        "organization": "Example",
        "organizationId": "org-1",
        "ownership": "Organization",
        "routingSummary": "Team",
        "smsReady": True,
        "voiceReady": True,
        "tenDlcCampaignStatus": "Approved",
        "warmup": {
            "enabled": True,
            "state": "Ready",
            "healthStatus": "Healthy",
            "healthScore": 97,
            "progressPercent": 100,
            "callStage": "Stage 4",
        },
    }


def _leadping_page(rows: list[bytes], asked: Asked) -> bytes:
    wanted = json.loads(asked.body)
    size, start = wanted.get("pageSize") or 100, int(wanted.get("continuationToken") or 0)
    token = b'"%d"' % (start + size) if start + size < len(rows) else b"null"
    inner = b",".join(rows[start : start + size])
    return b'{"items":[%s],"pageSize":%d,"totalCount":null,"continuationToken":%s}' % (inner, size, token)


# -- Twilio


def _twilio_found(index: int) -> dict[str, Any]:
    number = ten_digit(index)
    return {
        "friendly_name": f"({number[:3]}) {number[3:6]}-{number[6:]}",
        "phone_number": f"+1{number}",
        "lata": "224",
        "locality": "Hackensack",
        "rate_center": "HACKENSACK",
        "latitude": "40.885900",
        "longitude": "-74.043500",
        "region": "NJ",
        "postal_code": "07601",
        "iso_country": "US",
        "address_requirements": "none",
        "beta": False,
        "capabilities": {"voice": True, "SMS": True, "MMS": True},
    }


def _twilio_owned(index: int) -> dict[str, Any]:
    account, sid = "AC" + "0" * 32, f"PN{index:032x}"
    here = f"/2010-04-01/Accounts/{account}/IncomingPhoneNumbers/{sid}"
    return {
        "account_sid": account, "address_sid": None, "address_requirements": "none", "api_version": "2010-04-01",
        "beta": False, "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False},
        "date_created": "Thu, 30 Jul 2015 23:19:04 +0000", "date_updated": "Thu, 30 Jul 2015 23:19:04 +0000",
        "friendly_name": f"Line {index}", "identity_sid": None, "phone_number": f"+1{ten_digit(index)}",
        "origin": "twilio", "sid": sid, "sms_application_sid": "", "sms_fallback_method": "POST",
        "sms_fallback_url": "", "sms_method": "POST", "sms_url": "", "status_callback": "",
        "status_callback_method": "POST", "trunk_sid": None, "uri": here + ".json", "voice_receive_mode": "voice",
        "voice_application_sid": "", "voice_caller_id_lookup": False, "voice_fallback_method": "POST",
        "voice_fallback_url": "", "voice_method": "POST", "voice_url": None, "emergency_status": "Active",
        "emergency_address_sid": None, "emergency_address_status": "unregistered", "bundle_sid": None,
        "status": "in-use", "type": "local",
        "subresource_uris": {"assigned_add_ons": here + "/AssignedAddOns.json"},
    }  # fmt: skip


def _twilio_page(rows: list[bytes], asked: Asked) -> bytes:
    size, page = int(asked.query.get("PageSize", "50")), int(asked.query.get("Page", "0"))
    after = b"null"
    if (page + 1) * size < len(rows):
        after = _dumps(f"{asked.path}?PageSize={size}&Page={page + 1}")
    inner = b",".join(rows[page * size : (page + 1) * size])
    return b'{"incoming_phone_numbers":[%s],"page":%d,"page_size":%d,"next_page_uri":%s}' % (inner, page, size, after)


# -- Telnyx


def _telnyx_found(index: int) -> dict[str, Any]:
    return {
        "record_type": "available_phone_number",
        "phone_number": f"+1{ten_digit(index)}",
        "vanity_format": "",
        "best_effort": False,
        "quickship": True,
        "reservable": True,
        "region_information": [
            {"region_type": "country_code", "region_name": "US"},
            {"region_type": "state", "region_name": "NJ"},
            {"region_type": "rate_center", "region_name": "HACKENSACK"},
        ],
        "cost_information": {"upfront_cost": "1.00", "monthly_cost": "1.00", "currency": "USD"},
        "features": [{"name": "sms"}, {"name": "mms"}, {"name": "voice"}],
    }


def _telnyx_owned(index: int) -> dict[str, Any]:
    return {
        "id": str(10**18 + index), "record_type": "phone_number", "phone_number": f"+1{ten_digit(index)}",
        "country_iso_alpha2": "US", "status": "active", "tags": ["sales"], "phone_number_type": "local",
        "connection_id": "1293384261075731499", "connection_name": "main", "customer_reference": None,
        "external_pin": None, "emergency_enabled": False, "emergency_status": "disabled",
        "emergency_address_id": None, "call_forwarding_enabled": False, "cnam_listing_enabled": False,
        "caller_id_name_enabled": False, "call_recording_enabled": False, "inbound_call_screening": "disabled",
        "billing_group_id": None, "messaging_profile_id": None, "messaging_profile_name": None,
        "messaging_campaign_id": None, "t38_fax_gateway_enabled": True, "hd_voice_enabled": False,
        "deletion_lock_enabled": False, "source_type": "number_order", "purchased_at": "2019-10-23T18:10:00.000Z",
        "created_at": "2019-10-23T18:10:00.000Z", "updated_at": "2019-10-24T18:10:00.000Z",
    }  # fmt: skip


def _telnyx_page(rows: list[bytes], asked: Asked) -> bytes:
    size, page = int(asked.query.get("page[size]", "250")), int(asked.query.get("page[number]", "1"))
    inner = b",".join(rows[(page - 1) * size : page * size])
    pages = -(-len(rows) // size)
    return b'{"data":[%s],"meta":{"total_pages":%d,"total_results":%d,"page_number":%d,"page_size":%d}}' % (
        inner,
        pages,
        len(rows),
        page,
        size,
    )


# -- Cloudflare's DNS, which apache-libcloud lists


def _record(index: int) -> dict[str, Any]:
    return {
        "id": f"{index:032x}",
        "name": f"host{index}.example.com",
        "type": "A",
        "content": "198.51.100.4",
        "ttl": 3600,
        "proxiable": True,
        "proxied": False,
        "locked": False,
        "created_on": "2014-01-01T05:20:00.12345Z",
        "modified_on": "2014-01-01T05:20:00.12345Z",
        "data": {},
        "meta": {"auto_added": True},
        "comment": None,
        "tags": [],
    }


def _cloudflare_page(rows: list[bytes], asked: Asked) -> bytes:
    size, page = int(asked.query.get("per_page", "100")), int(asked.query.get("page", "1"))
    inner = b",".join(rows[(page - 1) * size : page * size])
    pages = -(-len(rows) // size)
    return (
        b'{"success":true,"errors":[],"messages":[],"result":[%s],"result_info":{"page":%d,"per_page":%d,'
        b'"total_pages":%d,"count":%d,"total_count":%d}}' % (inner, page, size, pages, size, len(rows))
    )


def _available(rows: bytes) -> bytes:
    return b'{"fingerprintId":"1730000000000","numbers":[' + rows + b"]}"


SHAPES: Mapping[str, Shape] = {
    "voicetel": Shape(
        _voicetel_found,
        _voicetel_owned,
        lambda path: path.endswith("/inventory"),
        _enveloped,
        lambda rows, _: _enveloped(b",".join(rows)),
    ),
    "lc_phone": Shape(
        _lc_found,
        _lc_owned("2026-01-23T18:10:00.000Z"),
        lambda path: path.endswith("/available"),
        _available,
        _lc3_page,
    ),
    "lc_legacy": Shape(
        _lc_found,
        _lc_owned("Thu, 30 Jul 2015 23:19:04 +0000"),
        lambda path: path.endswith("/available"),
        _available,
        _lc_page,
    ),
    "leadping": Shape(
        _leadping_found,
        _leadping_owned,
        lambda path: path.endswith("/search"),
        lambda rows: b'{"numbers":[' + rows + b"]}",
        _leadping_page,
    ),
    "twilio": Shape(
        _twilio_found,
        _twilio_owned,
        lambda path: "/AvailablePhoneNumbers/" in path,
        lambda rows: b'{"uri":"/2010-04-01/","available_phone_numbers":[' + rows + b"]}",
        _twilio_page,
    ),
    "telnyx": Shape(
        _telnyx_found,
        _telnyx_owned,
        lambda path: path.endswith("/available_phone_numbers"),
        lambda rows: b'{"data":[' + rows + b'],"meta":{"total_results":50,"best_effort_results":0}}',
        _telnyx_page,
    ),
    "cloudflare": Shape(
        _record,
        _record,
        lambda path: path.endswith("/z50/dns_records"),
        lambda rows: (
            b'{"success":true,"errors":[],"messages":[],"result":['
            + rows
            + b'],"result_info":{"page":1,"per_page":100,"total_pages":1,"count":50,"total_count":50}}'
        ),
        _cloudflare_page,
    ),
}


@functools.cache
def _rows(name: str, size: int) -> list[bytes]:
    owned = SHAPES[name].owned
    return [_dumps(owned(index)) for index in range(size)]


@functools.cache
def _search(name: str) -> bytes:
    shape = SHAPES[name]
    # Every so many numbers the area code comes again: those of a search are all in the first, as it asked.
    return shape.search(b",".join(_dumps(shape.found(index * len(_AREAS))) for index in range(FOUND)))


@functools.cache
def _whole(name: str, size: int) -> bytes:
    return SHAPES[name].page(_rows(name, size), Asked("", {}, b""))


def answer(name: str, size: int, path: str, query: str, body: bytes) -> bytes:
    """The body of the answer to one request of the API called *name*, whose list has *size* numbers."""
    if SHAPES[name].is_search(path):
        return _search(name)
    if name == "voicetel":
        return _whole(name, size)
    return SHAPES[name].page(_rows(name, size), Asked(path, dict(parse_qsl(query)), body))
