"""LeadConnector's simulators: every documented operation is played, with state that fits together."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from openapi_schema_validator import OAS30Validator

from anycarrier import Client
from anycarrier import errors as e
from anycarrier.adapter import Secret
from anycarrier.registry import make
from anycarrier.simulator import SimAnswer, SimRequest, SimTransport, load
from anycarrier.testing import VirtualClock
from anycarrier_adapters._leadconnector.simulator import (
    DUMMY_APP,
    DUMMY_CLIENT,
    DUMMY_CODE,
    DUMMY_COMPANY,
    DUMMY_LOCATION,
    DUMMY_SECRET,
    LeadConnectorSimulator,
)
from support.lc import NAMES, VERSIONS

from .test_native import excused, merged
from .test_specs import Documents

BASE = "http://127.0.0.1:1"
APP = {"client_id": DUMMY_CLIENT, "client_secret": Secret(DUMMY_SECRET)}
SECOND = {"second": {"owned": ["+13055550199"], "location_id": "loc2", "token": "pit-second"}}


def played(name: str, **options: Any) -> LeadConnectorSimulator:
    found = load(name, **options)
    assert isinstance(found, LeadConnectorSimulator)
    return found


def client(name: str, simulator: LeadConnectorSimulator, **settings: Any) -> Client[Any]:
    provider = make(name, {"base_url": BASE, **simulator.settings_of("main"), **settings})
    return Client(provider, transport=SimTransport({BASE: simulator}), clock=VirtualClock())


def company(name: str, simulator: LeadConnectorSimulator) -> Client[Any]:
    """A client with the token of the company, from a consent."""
    with client(name, simulator) as phone:
        grant = phone.native.access_token("authorization_code", code=Secret(DUMMY_CODE), user_type="Company", **APP)
    return client(name, simulator, token=grant.access_token.reveal())


# -- state


@pytest.mark.parametrize("name", NAMES)
def test_each_location_has_its_numbers_and_its_token(name: str) -> None:
    simulator = played(name, accounts=SECOND)
    second = {"token": "pit-second", "location_id": "loc2"}
    with client(name, simulator) as first, client(name, simulator, **second) as other:
        assert [one.number for one in other.list()] == ["+13055550199"]
        bought = other.buy("+13055550100")
        assert {one.number for one in other.list()} == {"+13055550199", bought.number}
        assert bought.number not in {one.number for one in first.list()}
        [charge] = simulator.ledger.charges
        assert (charge.number, charge.account) == (bought.number, "second")
    with client(name, simulator, location_id="loc2") as wrong, pytest.raises(e.AnyCarrierError, match="not accessible"):
        list(wrong.list())


@pytest.mark.parametrize("name", NAMES)
def test_a_consent_gives_tokens_once_and_they_refresh(name: str) -> None:
    simulator = played(name, accounts=SECOND)
    with client(name, simulator) as phone:
        simulator.happen("consent", code="c-loc2", location="loc2")
        grant = phone.native.access_token("authorization_code", code=Secret("c-loc2"), **APP)
        assert (grant.user_type, grant.location_id, grant.company_id) == ("Location", "loc2", DUMMY_COMPANY)
        with pytest.raises(e.InvalidRequest, match="authorization code is invalid"):
            phone.native.access_token("authorization_code", code=Secret("c-loc2"), **APP)
        renewed = phone.native.access_token("refresh_token", refresh_token=grant.refresh_token, **APP)
        assert renewed.location_id == "loc2"
        assert renewed.access_token.reveal() != grant.access_token.reveal()
        with pytest.raises(e.AnyCarrierError):
            phone.native.access_token("client_credentials", **APP)
    with client(name, simulator, token=renewed.access_token.reveal(), location_id="loc2") as second:
        assert [one.number for one in second.list()] == ["+13055550199"]


@pytest.mark.parametrize("name", NAMES)
def test_a_company_gets_the_tokens_of_its_locations_and_no_others(name: str) -> None:
    others = {**SECOND, "foreign": {"company_id": "company2", "location_id": "loc9"}}
    simulator = played(name, accounts=others)
    with company(name, simulator) as agency:
        found = agency.native.installed_locations(DUMMY_COMPANY, DUMMY_APP)
        rows = found.items or found.locations
        assert {row.id for row in rows} == {DUMMY_LOCATION, "loc2"}
        grant = agency.native.location_token(DUMMY_COMPANY, "loc2")
        for place in ("loc9", "nowhere"):
            with pytest.raises(e.InvalidRequest):
                agency.native.location_token(DUMMY_COMPANY, place)
        simulator.happen("uninstall", location="loc2")
        with pytest.raises(e.AnyCarrierError, match="not active"):
            agency.native.location_token(DUMMY_COMPANY, "loc2")
        left = agency.native.installed_locations(DUMMY_COMPANY, DUMMY_APP, is_installed=True)
        assert {row.id for row in left.items or left.locations} == {DUMMY_LOCATION}
        with pytest.raises(e.AnyCarrierError):
            agency.native.installed_locations("company2", DUMMY_APP)
    assert grant.location_id == "loc2"
    gone = client(name, simulator, token=grant.access_token.reveal(), location_id="loc2")
    with gone, pytest.raises(e.AuthenticationFailed):
        list(gone.list())
    with client(name, simulator) as location, pytest.raises(e.PermissionDenied, match="scope"):
        location.native.location_token(DUMMY_COMPANY, "loc2")


def test_locations_come_page_by_page_in_v3() -> None:
    simulator = played("lc_phone", accounts={f"place{at}": {} for at in range(4)})
    with company("lc_phone", simulator) as agency:
        seen: list[str] = []
        token = None
        for _ in range(3):
            page = agency.native.installed_locations(DUMMY_COMPANY, DUMMY_APP, page_size=2, page_token=token)
            seen += [row.id for row in page.items]
            token = page.pagination.next_page_token
        assert (len(seen), len({*seen}), token, page.pagination.total_records) == (5, 5, None, 5)
        with pytest.raises(e.NotFound):
            agency.native.installed_locations(DUMMY_COMPANY, "another")


@pytest.mark.parametrize("name", NAMES)
def test_a_number_is_bought_by_the_provider_s_own_operations(name: str) -> None:
    simulator = played(name)
    with client(name, simulator) as phone:
        found = phone.native.available("US", types=["local"], first_part="305")
        number = found.numbers[0].phone_number
        phone.native.purchase(number, country_code="US", number_type="local", fingerprint_id=found.fingerprint_id)
        page = phone.native.number_page(page_size=2, page=1, search_filter="+1")
        assert (page.page, page.page_size, page.account_status) == (1, 2, "active")
        assert number in {one.phone_number for one in phone.native.numbers()}
        pools = phone.native.pool_list()
        assert [one.phone_number for one in pools.data[0].numbers] == ["+12125550199"]


# -- the documents


def ask(
    simulator: LeadConnectorSimulator,
    name: str,
    method: str,
    path: str,
    token: str,
    query: Any = None,
    form: Any = None,
    body: Any = None,
) -> tuple[int, Any]:
    kind = "application/json" if form is None else "application/x-www-form-urlencoded"
    headers = {
        "authorization": f"Bearer {token}",
        "version": VERSIONS[name],
        "user-agent": "test",
        "content-type": kind,
    }
    data = urlencode(form).encode() if form is not None else b"" if body is None else json.dumps(body).encode()
    pairs = tuple((query or {}).items())
    answer = simulator.handle(SimRequest(method, path, query=pairs, headers=headers, body=data))
    assert isinstance(answer, SimAnswer)
    return answer.status, json.loads(answer.body)


ROOM = f"/phone-system/numbers/location/{DUMMY_LOCATION}"


def talk(name: str, simulator: LeadConnectorSimulator) -> list[tuple[Any, ...]]:
    """One ordinary and one refused request of every operation: method, path, query, form, body, status."""
    v3 = name == "lc_phone"
    names = (
        ("clientId", "clientSecret", "grantType", "code")
        if v3
        else ("client_id", "client_secret", "grant_type", "code")
    )
    consent = dict(zip(names, (DUMMY_CLIENT, DUMMY_SECRET, "authorization_code", DUMMY_CODE), strict=True))
    here = "/oauth/location-token" if v3 else "/oauth/locationToken"
    installed = "/oauth/installed-locations" if v3 else "/oauth/installedLocations"
    company = {"companyId": DUMMY_COMPANY}
    buy = {"phoneNumber": "+13055550100", "countryCode": "US", "numberType": "local"}
    pools = "/phone-system/number-pools"
    return [
        ("POST", "/oauth/token", None, consent, None, 200),
        ("POST", "/oauth/token", None, consent, None, 400),
        ("POST", here, None, {**company, "locationId": DUMMY_LOCATION}, None, 200),
        ("POST", here, None, company, None, 422),
        ("GET", installed, {**company, "appId": DUMMY_APP}, None, None, 200),
        ("GET", installed, company, None, None, 422),
        ("GET", pools, {"locationId": DUMMY_LOCATION}, None, None, 200),
        ("GET", pools, {"locationId": "x"}, None, None, 401),
        ("GET", f"{ROOM}/available", {"countryCode": "US", "numberTypes": "local"}, None, None, 200),
        ("GET", f"{ROOM}/available", {}, None, None, 400),
        ("POST", f"{ROOM}/purchase", None, None, buy, 201),
        ("POST", f"{ROOM}/purchase", None, None, buy, 400),
        ("GET", ROOM, {"pageSize": "10"}, None, None, 200),
        ("GET", ROOM, {"pageSize": "0"}, None, None, 400),
    ]


@pytest.mark.specs
@pytest.mark.parametrize("name", NAMES)
def test_every_operation_is_answered_as_its_document_says(name: str) -> None:
    simulator, documents = played(name), Documents(name)
    # An agency's token, for the operations of OAuth too.
    simulator.happen("consent", code="another")
    with client(name, simulator) as phone:
        token = phone.native.access_token("authorization_code", code=Secret("another"), **APP).access_token.reveal()
    found: set[str] = set()
    for method, path, query, form, body, wanted in talk(name, simulator):
        status, answer = ask(simulator, name, method, path, token, query, form, body)
        assert status == wanted, (path, answer)
        schema = answered(documents, method, path.replace(DUMMY_LOCATION, "{locationId}"), status)
        if schema is not None:
            found |= {
                f"{name} {method} {path.replace(DUMMY_LOCATION, '{locationId}')}: {error.json_path.partition('].')[2]}"
                f" {error.validator}"
                for error in OAS30Validator(schema).iter_errors(answer)
            }
    assert sorted(found) == excused("played", name)
    asked = {(line.method, line.path) for line in simulator.ledger.requests}
    documented = {
        (method.upper(), path)
        for document in documents.documents
        for path, methods in document["paths"].items()
        for method in methods
        if path.startswith(("/phone-system", "/oauth"))
    }
    assert documented <= asked


def answered(documents: Documents, method: str, path: str, status: int) -> Any:
    for document in documents.documents:
        operation = document["paths"].get(path, {}).get(method.lower())
        if operation is None:
            continue
        response = operation["responses"].get(str(status), {})
        for content in (response.get("content") or {}).values():
            return merged(documents.resolved(content["schema"], document))
    return None
