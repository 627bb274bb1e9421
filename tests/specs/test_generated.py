"""Whatever the official schemas allow becomes a value or ``UnexpectedResponse``: VoiceTel, LC legacy and LC v3.

Leadping's part stands with its other documents, in ``tests/unit/adapters/leadping/test_specs.py``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen
from hypothesis import strategies as st

from anycarrier.attempt import Attempt, AttemptState, Draft
from anycarrier.errors import AnyCarrierError, Conflict, NotFound, NumberUnavailable, OutcomeUnknown
from anycarrier.exchange import Response
from anycarrier.model import ForwardTo, NoForward, NoTexts, PhoneNumber, TextsToEmail, ToGateway
from anycarrier.number_services import EmergencyAddress
from anycarrier.registry import make
from anycarrier.search import Search
from anycarrier_adapters._leadconnector.auth import Tokens
from anycarrier_adapters.voicetel import MessagingRoutes
from support.lc import LOCATION, TOKEN
from support.schemas import EXAMPLES, answered, judge, made, real, resolved

pytestmark = pytest.mark.specs

NUMBER = PhoneNumber("+12015550123")


@frozen
class Case:
    """One operation of ours, and where its answers are documented.

    Attributes:
        of: the operation: its id, or its method and path.
        ask: makes the exchange.
        file: the document.
        allowed: errors that a good answer may mean.
        values: whether some of the answers that are made have to be understood.
        nothing: documented errors that say that there is nothing.
    """

    of: str
    ask: Callable[[], Any]
    file: str
    mend: Callable[[Any], None]
    before: tuple[Response, ...] = ()
    after: tuple[Response, ...] = ()
    allowed: tuple[type[AnyCarrierError], ...] = ()
    values: bool = True
    nothing: tuple[int, ...] = ()


# -- the documents


@cache
def document(file: str) -> Any:
    folder = os.environ.get("ANYCARRIER_SPECS")
    if not folder:
        pytest.skip("official documents not given: set ANYCARRIER_SPECS")
    return json.loads((Path(folder) / file).read_text(encoding="utf-8"))


COMMON = {
    "leadconnector-phone-system.json": "leadconnector-common-schemas.json",
    "leadconnector-oauth.json": "leadconnector-common-schemas.json",
    "leadconnector-phone-system-v3.json": "leadconnector-common-schemas-v3.json",
    "leadconnector-oauth-v3.json": "leadconnector-common-schemas-v3.json",
}


def operation(file: str, of: str) -> Any:
    for path, methods in document(file)["paths"].items():
        for method, found in methods.items():
            if of in (found.get("operationId"), f"{method.upper()} {path}"):
                return found
    raise AssertionError(f"{file} has no operation {of}")


def schemas(case: Case) -> dict[int, Any]:
    """The schema of each documented answer that has a body, by status."""

    def look(reference: str) -> Any:
        there = reference.startswith("../") or reference.rpartition("/")[2] not in named
        home = document(COMMON[case.file])["components"]["schemas"] if there else named
        return home[reference.rpartition("/")[2]]

    named = document(case.file)["components"]["schemas"]
    found: dict[int, Any] = {}
    for status, response in operation(case.file, case.of)["responses"].items():
        for content in response.get("content", {}).values():
            found[int(status)] = resolved(content["schema"], look)
    return found


# -- VoiceTel

VOICETEL = "voicetel-openapi.json"
MEMBERS = {
    "number": NUMBER.ten_digit,
    "translated": NUMBER.ten_digit,
    "forwardTo": "2015550124",
    "status": "success",
    "destination": "2015550124",
    "accountId": 1000000002,
    "campaignId": "CH5K5IZ",
    "id": "CH5K5IZ",
    "numbersOrdered": [NUMBER.ten_digit],
}
GOT = answered({"status": "success", "data": {"number": NUMBER.ten_digit, "route": 4}}, 200)


def drafted(provider: str, body: bytes = b'{"numbers": ["%b"]}' % NUMBER.ten_digit.encode()) -> Draft:
    return Draft(provider=provider, account=provider, number=NUMBER, key="ac1_k", body=body)


def attempted(provider: str) -> Attempt:
    return Attempt(draft=drafted(provider), state=AttemptState.IN_DOUBT, first_sent=0.0, last_sent=0.0)


def voicetel(of: str, ask: Callable[[Any], Any], *, mend: dict[str, Any] | None = None, **more: Any) -> Case:
    def exchange() -> Any:
        return ask(make("voicetel", {"api_key": "0" * 32}))

    return Case(of, exchange, VOICETEL, lambda answer: real(answer, MEMBERS | (mend or {})), **more)


def logged_in() -> Any:
    provider = make("voicetel", {"username": "1000000001", "password": "abc1234567"})
    return provider.accounts[0].credentials.headers()


ORDERED: dict[str, Any] = {"failed": []}
RECORD = {"dn": f"1{NUMBER.ten_digit}"}
NAMED = {"cnam": "ACME", "carrierStatus": "Success"}
LOOKED_UP = {"destination": NUMBER.ten_digit, "ani": NUMBER.ten_digit}
ADDRESS = EmergencyAddress(name="Acme", street="1 Main St", city="Hackensack", state="NJ", postal_code="07601")
VOICETEL_CASES = {
    "search": voicetel("inventorySearch", lambda v: v.search(Search(area_code="201", limit=1000))),
    "buy": voicetel("orderCreate", lambda v: v.place(drafted("voicetel")), mend=ORDERED, allowed=(NumberUnavailable,)),
    "order": voicetel("orderCreate", lambda v: v.order([NUMBER]), mend=ORDERED, allowed=(OutcomeUnknown,)),
    "list": voicetel("numbersList", lambda v: v.list(), nothing=(404,)),
    "get": voicetel("numbersGet", lambda v: v.get(NUMBER)),
    "look": voicetel("numbersGet", lambda v: v.find_purchase(attempted("voicetel")), nothing=(404,)),
    "release": voicetel("numbersRelease", lambda v: v.release(NUMBER)),
    "remove": voicetel("numbersDelete", lambda v: v.remove(NUMBER)),
    "transfer": voicetel("numbersMove", lambda v: v.transfer(NUMBER, "1000000002")),
    "gateway": voicetel("numbersRoute", lambda v: v.route(NUMBER, ToGateway(1000)), after=(GOT,)),
    "forward": voicetel("numbersForwardSet", lambda v: v.route(NUMBER, ForwardTo("+12015550124")), after=(GOT,)),
    "no forward": voicetel("numbersForwardDelete", lambda v: v.route(NUMBER, NoForward())),
    "texts": voicetel("numbersSmsSet", lambda v: v.route(NUMBER, TextsToEmail("user@example.com")), after=(GOT,)),
    "no texts": voicetel("numbersSmsDelete", lambda v: v.route(NUMBER, NoTexts())),
    "messaging": voicetel(
        "numbersMessagingPatch", lambda v: v.route(NUMBER, MessagingRoutes(route_in=1)), after=(GOT,)
    ),
    "bind": voicetel("numbersMessagingCampaignAssign", lambda v: v.bind_campaign(NUMBER, "CH5K5IZ")),
    "unbind": voicetel("numbersMessagingCampaignUnassign", lambda v: v.unbind_campaign(NUMBER, "CH5K5IZ")),
    "campaign of": voicetel("numbersMessagingGet", lambda v: v.campaign_of(NUMBER), allowed=(NotFound,)),
    "balance": voicetel("accountGet", lambda v: v.balance()),
    "campaign": voicetel("messagingCampaignStatus", lambda v: v.find_campaign("CH5K5IZ")),
    "coverage": voicetel("inventoryCoverage", lambda v: v.coverage("state", Search())),
    "emergency address": voicetel("e911QueryRecord", lambda v: v.emergency_address(NUMBER), mend=RECORD),
    "emergency addresses": voicetel("e911QueryAll", lambda v: v.emergency_addresses(), mend=RECORD, nothing=(404,)),
    "check address": voicetel("e911Validate", lambda v: v.check_emergency_address(ADDRESS)),
    # A success whose carrierStatus says that the carrier refused the name is a Conflict.
    "caller name": voicetel(
        "numbersLidb", lambda v: v.set_caller_name(NUMBER, "ACME"), mend=NAMED, allowed=(Conflict,)
    ),
    "carrier": voicetel("lrnLookup", lambda v: v.look_up(NUMBER, caller_name=False), mend=LOOKED_UP),
    "name of caller": voicetel("cnamLookup", lambda v: v.look_up(NUMBER, carrier=False)),
    "sign in": Case("accountApiKey", logged_in, VOICETEL, lambda answer: real(answer, {"apikey": "0" * 32})),
}


# -- LeadConnector

LEGACY, V3 = "leadconnector-phone-system.json", "leadconnector-phone-system-v3.json"
ROOM = "/phone-system/numbers/location/{locationId}"


class Ended:
    """Tokens that have to be refreshed at once."""

    tokens = Tokens(access_token="a", refresh_token="b", expires_at=0.0)

    def load(self) -> Tokens:
        return self.tokens

    def save(self, tokens: Tokens) -> None:
        assert isinstance(tokens, Tokens)


def mend_lc(answer: Any) -> None:
    real(answer, {"phoneNumber": NUMBER.e164, "number": NUMBER.e164, "accountStatus": "active"})
    if isinstance(answer, dict) and isinstance(answer.get("numbers"), dict):
        answer["numbers"] = {NUMBER.e164: "conversation"}


def leadconnector(name: str) -> Iterator[tuple[str, Case]]:
    own = V3 if name == "lc_phone" else LEGACY
    oauth = "leadconnector-oauth-v3.json" if name == "lc_phone" else "leadconnector-oauth.json"

    def made_by(ask: Callable[[Any], Any], **settings: Any) -> Callable[[], Any]:
        return lambda: ask(make(name, {"location_id": LOCATION, **(settings or {"token": TOKEN})}))

    def case(of: str, ask: Callable[[Any], Any], file: str = own, **more: Any) -> Case:
        return Case(of, made_by(ask), file, mend_lc, **more)

    # v3's document has no answer of the search and of the pools: those are read as the legacy document has them.
    yield "search", case(f"GET {ROOM}/available", lambda lc: lc.search(Search(limit=1000)), LEGACY)
    yield "number_pools", case("GET /phone-system/number-pools", lambda lc: lc.number_pools(), LEGACY)
    yield "pools", case("GET /phone-system/number-pools", lambda lc: lc.pools(), LEGACY)
    yield "buy", case(f"POST {ROOM}/purchase", lambda lc: lc.place(drafted(name)))
    yield "list", case(f"GET {ROOM}", lambda lc: lc.list())
    yield "get", case(f"GET {ROOM}", lambda lc: lc.get(NUMBER), allowed=(NotFound,))
    yield "look", case(f"GET {ROOM}", lambda lc: lc.find_purchase(attempted(name)))
    if name == "lc_phone":
        yield "rcs_sender_ids", case(f"GET {ROOM}", lambda lc: lc.api.rcs_sender_ids())
    signing = made_by(
        lambda lc: lc.accounts[0].credentials.headers(), client_id="i", client_secret="s", token_source=Ended()
    )
    yield "token", Case("POST /oauth/token", signing, oauth, lambda answer: None)


CASES: dict[str, Case] = {
    **{f"voicetel {name}": case for name, case in VOICETEL_CASES.items()},
    **{f"{name} {what}": case for name in ("lc_legacy", "lc_phone") for what, case in leadconnector(name)},
}


@pytest.mark.usefixtures("without_coverage")
@pytest.mark.parametrize("name", CASES)
def test_a_good_answer_is_a_value_or_an_unexpected_response(name: str) -> None:
    case = CASES[name]
    good = [st.tuples(st.just(status), made(schema)) for status, schema in schemas(case).items() if status < 300]
    if not good:  # a 204: its body, if there is one, means nothing
        good = [st.tuples(st.just(204), st.none() | st.text(max_size=5))]
        case = evolve(case, after=(GOT,) if case.of.endswith(("ForwardDelete", "SmsDelete")) else ())
    seen = judge(st.one_of(good), case.ask, mend=case.mend, before=case.before, after=case.after, allowed=case.allowed)
    assert seen["value"] or not case.values, seen
    assert seen.total() >= EXAMPLES


@pytest.mark.usefixtures("without_coverage")
@pytest.mark.parametrize("name", CASES)
def test_a_documented_error_is_an_error_of_the_providers(name: str) -> None:
    case = CASES[name]
    bad = [st.tuples(st.just(status), made(schema)) for status, schema in schemas(case).items() if status >= 300]
    if not bad:  # v3's document has none but those of the legacy one
        case = evolve(case, file=LEGACY)
        bad = [st.tuples(st.just(status), made(schema)) for status, schema in schemas(case).items() if status >= 300]
    seen = judge(st.one_of(bad), case.ask, mend=lambda answer: None, allowed=(OutcomeUnknown,), nothing=case.nothing)
    assert case.nothing or not seen["value"]
    assert seen.total() >= EXAMPLES


def test_there_are_thousands() -> None:
    assert 2 * len(CASES) * EXAMPLES >= 2_000
