"""Canned answers of the APIs that other clients are for: Twilio, Telnyx, and Cloudflare's DNS."""

from __future__ import annotations

from typing import Any

from benchmark.shape import Asked, dumps, ten_digit

# -- Twilio


def twilio_found(index: int) -> dict[str, Any]:
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


def twilio_owned(index: int) -> dict[str, Any]:
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


def twilio_page(rows: list[bytes], asked: Asked) -> bytes:
    size, page = int(asked.query.get("PageSize", "50")), int(asked.query.get("Page", "0"))
    after = b"null"
    if (page + 1) * size < len(rows):
        after = dumps(f"{asked.path}?PageSize={size}&Page={page + 1}")
    inner = b",".join(rows[page * size : (page + 1) * size])
    return b'{"incoming_phone_numbers":[%s],"page":%d,"page_size":%d,"next_page_uri":%s}' % (inner, page, size, after)


# -- Telnyx


def telnyx_found(index: int) -> dict[str, Any]:
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


def telnyx_owned(index: int) -> dict[str, Any]:
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


def telnyx_page(rows: list[bytes], asked: Asked) -> bytes:
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


def cloudflare_record(index: int) -> dict[str, Any]:
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


def cloudflare_page(rows: list[bytes], asked: Asked) -> bytes:
    size, page = int(asked.query.get("per_page", "100")), int(asked.query.get("page", "1"))
    inner = b",".join(rows[(page - 1) * size : page * size])
    pages = -(-len(rows) // size)
    return (
        b'{"success":true,"errors":[],"messages":[],"result":[%s],"result_info":{"page":%d,"per_page":%d,'
        b'"total_pages":%d,"count":%d,"total_count":%d}}' % (inner, page, size, pages, size, len(rows))
    )
