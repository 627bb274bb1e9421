"""LeadConnector's own operations: typed both ways, as the official documents have them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from pydantic.alias_generators import to_camel

from anycarrier import PhoneNumber
from anycarrier import errors as e
from anycarrier.adapter import Secret
from anycarrier.decoding import Details, Record
from anycarrier.transports.protocol import WireRequest
from anycarrier_adapters._leadconnector.schemas import details
from support.documented import differing
from support.lc import LOCATION, NAMES, Lc, answer, available, enveloped, listed

from .test_specs import EXCEPTIONS, Documents, typed

NUMBER = "+12015550123"
SECRET = Secret("secret-of-the-app")
TOKENS = {
    "access_token": "at-new",
    "refresh_token": "rt-new",
    "expires_in": 86399,
    "userId": "u",
    "newToken": "x",
    "n": 1,
}


def calls(name: str, api: Any) -> Iterator[tuple[Any, Any]]:
    """Every operation with every argument, and an answer to it."""
    v3 = name == "lc_phone"
    types = ["local", "tollFree", "mobile"]
    parts = {"first_part": "201", "last_part": "3", "anywhere": "5"}
    yield api.available("US", types=types, **parts, sms=True, mms=True, voice=True), available(NUMBER)
    stripe = {"payment_intent_id": "pi_1", "stripe_account_id": "acct_1", "payment_method_id": "pm_1"}
    bought = {"number": NUMBER, "locationId": LOCATION, "id": "t", "underLcAccount": True}
    yield (
        api.purchase(
            NUMBER, country_code="US", number_type="local", address_sid="AD1", bundle_sid="BU1", locality="San Antonio",
            region="TX", fingerprint_id="1", skip_location_kyc=False, **(stripe if v3 else {}),
        ),
        enveloped(bought, 201) if v3 else {"numbers": {NUMBER: "conversation"}, "id": "x"},
    )  # fmt: skip
    rcs = {"include_rcs_sender_ids": True} if v3 else {}
    yield api.number_page(page=2, page_size=10, search_filter="+1201", skip_number_pool=True, **rcs), listed()
    yield api.pool_list(), {"success": True, "data": [], "total": 0}
    grant = {"client_id": "c", "client_secret": SECRET, "user_type": "Location", "redirect_uri": "https://x.example"}
    yield api.access_token("authorization_code", code=Secret("code"), **grant), TOKENS
    yield api.access_token("refresh_token", refresh_token=Secret("rt"), **grant), TOKENS
    yield api.location_token("comp1", "loc1"), TOKENS
    more = {"query": "x", "is_installed": True, "version_id": "v", "on_trial": True, "plan_id": "p", "location_id": "l"}
    paged: dict[str, Any] = {"skip": 1, "limit": 10}
    if v3:
        paged = {"page_size": 20, "page_token": "t", "restrict_to_user_locations": True}
    body = {"items": [], "pagination": {"hasNextPage": False}} if v3 else {"locations": [], "count": 0}
    yield api.installed_locations("comp1", "app1", **more, **paged), body


def sent(name: str) -> list[WireRequest]:
    lc = Lc(name)
    for exchange, body in calls(name, lc.provider.api):
        lc.wire.answers.append(answer(body, 201 if "purchase" in str(getattr(exchange, "__name__", "")) else 200))
        lc.run(exchange)
    return lc.wire.requests


@pytest.mark.specs
@pytest.mark.parametrize("name", NAMES)
def test_every_documented_parameter_and_member_is_an_argument(name: str) -> None:
    requests, documents = sent(name), Documents(name)
    given: dict[str, set[str]] = {}
    for request in requests:
        parts = urlsplit(request.url)
        fields = {key for key, _ in parse_qsl(parts.query)}
        kind = dict(request.headers).get("content-type", "")
        text = (request.body or b"").decode()
        body = dict(parse_qsl(text)) if "form" in kind else typed(text or "{}", "number")
        given.setdefault(f"{request.method} {parts.path}", set()).update(fields, body)
    found: set[str] = set()
    for document in documents.documents:
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                label = f"{method.upper()} {path.replace('{locationId}', LOCATION)}"
                if label not in given:
                    found.add(f"{name} {label}: no operation")
                    continue
                whole = documents.resolved(operation, document)
                names = {one["name"] for one in whole.get("parameters", ()) if one["in"] == "query"}
                for content in whole.get("requestBody", {}).get("content", {}).values():
                    names |= content["schema"]["properties"].keys()
                found |= {f"{name} {label}: {one}" for one in names - given[label]}
    assert sorted(found) == excused("unsent", name)


ANSWERS: dict[tuple[str, str], tuple[type[Record], ...]] = {
    ("GET", "/phone-system/number-pools"): (details.PoolList,),
    ("GET", "/phone-system/numbers/location/{locationId}/available"): (details.Found,),
    ("POST", "/phone-system/numbers/location/{locationId}/purchase"): (details.BoughtDetails, details.AccountDetails),
    ("GET", "/phone-system/numbers/location/{locationId}"): (details.NumberList,),
    ("POST", "/oauth/token"): (details.Grant,),
    ("POST", "/oauth/location-token"): (details.Grant,),
    ("POST", "/oauth/locationToken"): (details.Grant,),
    ("GET", "/oauth/installed-locations"): (details.InstalledLocations,),
    ("GET", "/oauth/installedLocations"): (details.InstalledLocations,),
}


@pytest.mark.specs
@pytest.mark.parametrize("name", NAMES)
def test_every_documented_member_of_an_answer_has_a_field_of_its_kind(name: str) -> None:
    documents = Documents(name)
    found: set[str] = set()
    for document in documents.documents:
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                kinds = ANSWERS.get((method.upper(), path))
                if kinds is None:
                    continue
                schema = answered(documents, operation, document)
                if schema is None:
                    continue
                if kinds[0] is details.Grant:
                    schema = {
                        "properties": {
                            to_camel(one) if "_" in one else one: part for one, part in schema["properties"].items()
                        }
                    }
                kind = kinds[-1] if name == "lc_legacy" else kinds[0]
                found |= {f"{name} {method.upper()} {path}: {one}" for one in differing(kind, schema)}
    assert sorted(found) == excused("field", name)


def answered(documents: Documents, operation: Any, document: Any) -> Any:
    """The schema of a good answer's payload; ``None`` where the document has none."""
    whole = documents.resolved(operation, document)
    (good,) = [one for status, one in whole["responses"].items() if status in ("200", "201")]
    content = good.get("content")
    if not content:
        return None
    schema = merged(content["application/json"]["schema"])
    return schema["properties"]["data"] if "statusCode" in schema["properties"] else schema


def merged(schema: Any) -> Any:
    """*schema* with its ``allOf`` in place."""
    if isinstance(schema, list):
        return [merged(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {key: merged(part) for key, part in schema.items() if key != "allOf"}
    for part in schema.get("allOf", ()):
        plain = {**merged(part), **plain}
    return plain


def excused(part: str, name: str) -> list[str]:
    found = tomllib.loads(EXCEPTIONS.read_text()).get(part, [])
    assert all(len(entry["reason"]) > 20 for entry in found)
    return sorted(one for entry in found for one in entry["finding"] if one.startswith(f"{name} "))


# -- what is read


@pytest.mark.parametrize("name", NAMES)
def test_a_search_is_a_record_with_exact_prices_numbers_and_raw(name: str) -> None:
    lc = Lc(name, answer({**available(NUMBER), "new": 1}))
    found = lc.run(lc.provider.api.available("US", types=["local"]))
    [offer] = found.numbers
    assert type(offer.phone_number) is PhoneNumber
    assert offer.price is None or isinstance(offer.price.price, Decimal)
    assert offer.raw["phoneNumber"] == NUMBER
    assert found.fingerprint_id


@pytest.mark.parametrize("name", NAMES)
def test_dates_of_a_number_are_dates_in_either_form(name: str) -> None:
    rows = [
        {"phoneNumber": NUMBER, "dateAdded": "Mon, 23 Feb 2026 22:00:52 +0000", "dateUpdated": "2026-02-23T22:00:52Z"},
        {"phoneNumber": "+12015550124", "dateAdded": "soon", "other": 1},
    ]
    lc = Lc(name, answer({"numbers": rows, "accountStatus": "frozen"}))
    page = lc.run(lc.provider.api.number_page())
    first, second = page.numbers
    date = datetime(2026, 2, 23, 22, 0, 52, tzinfo=UTC)
    assert (first.date_added, first.date_updated, second.date_added) == (date, date, None)
    assert (second.raw["other"], page.account_status) == (1, "frozen")
    lc.wire.answers.append(answer({"numbers": rows}))
    assert [one.phone_number for one in lc.iterate(lc.provider.api.numbers())] == [NUMBER, "+12015550124"]


@pytest.mark.parametrize("name", NAMES)
def test_tokens_are_secrets_and_never_shown(name: str) -> None:
    camel = {"accessToken": "at-new", "refreshToken": "rt-new", "expiresIn": 86399, "userId": "u", "n": 1}
    for body in (TOKENS, camel):
        lc = Lc(name, answer(body))
        grant = lc.run(lc.provider.api.location_token("comp1", "loc1"))
        assert (grant.access_token.reveal(), grant.refresh_token.reveal()) == ("at-new", "rt-new")
        assert (grant.expires_in, grant.user_id, grant.raw["n"]) == (86399, "u", 1)
        assert not any(secret in f"{grant!r} {dict(grant.raw)}" for secret in ("at-new", "rt-new"))
        assert isinstance(grant, Details)


@pytest.mark.parametrize("name", NAMES)
def test_a_grant_that_is_refused_is_an_error_without_its_secrets(name: str) -> None:
    lc = Lc(name, answer({"statusCode": 400, "message": "Invalid grant: refresh token is invalid"}, 400))
    with pytest.raises(e.AnyCarrierError) as caught:
        lc.run(
            lc.provider.api.access_token(
                "refresh_token", client_id="c", client_secret=SECRET, refresh_token=Secret("rt-old")
            )
        )
    assert "rt-old" not in str(caught.value)
    assert SECRET.reveal() not in str(caught.value)
    [request] = lc.wire.requests
    assert "authorization" not in {key.lower() for key, _ in request.headers}
