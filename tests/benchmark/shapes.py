"""Canned answers in each provider's and peer's own shape. Every number is made in memory and kept nowhere."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from benchmark.peer_shapes import (
    cloudflare_page,
    cloudflare_record,
    telnyx_found,
    telnyx_owned,
    telnyx_page,
    twilio_found,
    twilio_owned,
    twilio_page,
)
from benchmark.shape import AREAS, FOUND, Asked, Shape, dumps, ten_digit

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
        twilio_found,
        twilio_owned,
        lambda path: "/AvailablePhoneNumbers/" in path,
        lambda rows: b'{"uri":"/2010-04-01/","available_phone_numbers":[' + rows + b"]}",
        twilio_page,
    ),
    "telnyx": Shape(
        telnyx_found,
        telnyx_owned,
        lambda path: path.endswith("/available_phone_numbers"),
        lambda rows: b'{"data":[' + rows + b'],"meta":{"total_results":50,"best_effort_results":0}}',
        telnyx_page,
    ),
    "cloudflare": Shape(
        cloudflare_record,
        cloudflare_record,
        lambda path: path.endswith("/z50/dns_records"),
        lambda rows: (
            b'{"success":true,"errors":[],"messages":[],"result":['
            + rows
            + b'],"result_info":{"page":1,"per_page":100,"total_pages":1,"count":50,"total_count":50}}'
        ),
        cloudflare_page,
    ),
}


@functools.cache
def _rows(name: str, size: int) -> list[bytes]:
    owned = SHAPES[name].owned
    return [dumps(owned(index)) for index in range(size)]


@functools.cache
def _search(name: str) -> bytes:
    shape = SHAPES[name]
    # Every so many numbers the area code comes again: those of a search are all in the first, as it asked.
    return shape.search(b",".join(dumps(shape.found(index * len(AREAS))) for index in range(FOUND)))


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
