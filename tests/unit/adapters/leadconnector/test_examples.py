"""LeadConnector's official documents: every example in them is read."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from anycarrier import (
    AnyCarrierError,
    AuthenticationFailed,
    Feature,
    ForwardTo,
    InvalidRequest,
    Line,
    Money,
    NoForward,
    NotFound,
    NumberUnavailable,
    PermissionDenied,
    ProviderDown,
    Search,
    Status,
)
from anycarrier_adapters import lc_phone
from support.lc import NAMES, Lc, Wire, answer, available, listed
from support.lc_documents import Documents

pytestmark = pytest.mark.specs


# -- their examples


def examples(name: str) -> dict[tuple[str, str, str], Any]:
    """Every documented answer: those written out, else put together from the examples of the fields."""
    documents = Documents(name)
    found: dict[tuple[str, str, str], Any] = {}
    for _, path, operation, document in documents.operations():
        for status, response in documents.resolved(operation["responses"], document).items():
            for content in response.get("content", {}).values():
                key = (path.rpartition("/")[2], status)
                for label, example in content.get("examples", {}).items():
                    found[*key, label] = example["value"]
                if "examples" not in content:
                    found[*key, "schema"] = composed(content["schema"], leaves=False)
                    found[*key, "leaves"] = composed(content["schema"], leaves=True)
    return found


def composed(schema: Any, *, leaves: bool) -> Any:
    """From the examples of the fields; with *leaves* from the innermost ones."""
    for part in schema.get("allOf", ()):
        schema = {**schema, **part, **({"example": schema["example"]} if "example" in schema else {})}
    if "example" in schema and not (leaves and ("properties" in schema or "properties" in schema.get("items", {}))):
        return schema["example"]
    if "properties" in schema:
        return {key: composed(value, leaves=leaves) for key, value in schema["properties"].items()}
    if "items" in schema:
        return [composed(schema["items"], leaves=leaves)]
    return {}


Check = Callable[[Lc], None]


def error(kind: type[AnyCarrierError], words: str, operation: Callable[[Lc], Any]) -> Check:
    def check(lc: Lc) -> None:
        with pytest.raises(kind, match=words) as caught:
            operation(lc)
        assert type(caught.value) is kind
        assert not caught.value.maybe_applied

    return check


def search(lc: Lc) -> Any:
    return lc.search(Search())


def owned(lc: Lc) -> Any:
    return lc.list()


def pools(lc: Lc) -> Any:
    return lc.run(lc.provider.number_pools())


def place(number: str) -> Callable[[Lc], Any]:
    """The purchase alone, after a search of its own."""

    def placed(lc: Lc) -> Any:
        lc.wire.answers.insert(0, answer(available(number)))
        draft = lc.run(lc.provider.draft(lc.search(Search())[0], key="k"))
        return lc.run(lc.provider.place(draft))

    return placed


def check_offer(lc: Lc) -> None:
    (offer,) = search(lc)
    assert offer.number == "+18705871861"
    assert (offer.city, offer.state, offer.postal_code, offer.country) == ("Wynne", "AR", "72396", "US")
    assert (offer.rate_center, offer.lata, offer.latitude, offer.longitude) == ("WYNNE", "528", 35.2418, -90.846)
    assert offer.features == {Feature.MMS: True, Feature.SMS: True, Feature.VOICE: True}
    assert (offer.price, offer.line) == (Money(Decimal("1.15"), "USD"), Line.LOCAL)
    assert offer.address_requirement == "none"
    assert offer.purchase == {"fingerprintId": "1773314252953", "countryCode": "US", "numberType": "local"}


def check_account_record(lc: Lc) -> None:
    number = place("+18705871861")(lc)
    assert (number.number, number.label, number.status) == ("+18705871861", "My Number", Status.ACTIVE)
    assert number.detail.account_sid == "AC" + "x" * 32
    assert number.detail.location_id == "aa4PBpxnPc9bs4LSdiW7"


def check_slim_record(lc: Lc) -> None:
    number = place("+17745678902")(lc)
    assert (number.number, number.status) == ("+17745678902", Status.ACTIVE)
    assert (number.detail.id, number.detail.under_lc_account) == ("twilio-account-123", False)


def check_two_numbers(lc: Lc) -> None:
    first, second = owned(lc)
    assert (first.number, first.id, first.label) == (
        "+14155552671",
        "PN1234567890abcdef1234567890abcde",
        "Sales Line 1",
    )
    assert first.line is Line.LOCAL
    assert first.features == {Feature.VOICE: True, Feature.SMS: True, Feature.MMS: True, Feature.FAX: False}
    assert first.routes == (ForwardTo("+14155552672"),)
    assert first.created == datetime(2023, 1, 15, 10, 30, tzinfo=UTC)
    assert first.detail.linked_user == "user_123456789"
    assert first.detail.inbound_call_service.type == "voice_ai"
    assert (second.number, second.line, second.label) == ("+18005551234", Line.TOLL_FREE, "Support Toll-Free")
    assert second.routes == (NoForward(),)
    assert second.detail.linked_user is None
    assert second.status is Status.ACTIVE


def check_nothing(lc: Lc) -> None:
    assert owned(lc) == []


def check_slim_list(lc: Lc) -> None:
    (number,) = owned(lc)
    assert (number.number, number.label, number.id, number.line) == ("+17745678902", "Main line", None, None)
    assert (number.status, number.provider_status) == (Status.ACTIVE, "active")
    assert (number.routes, number.features) == (None, {})


def check_full_list(lc: Lc) -> None:
    senders = [{"number": "rcs-sender-id", "numberType": "rcsSenderId"}]
    body = json.loads(lc.wire.answers[0].body)  # type: ignore[union-attr]
    assert senders[0].items() <= body["data"]["rcsSenderIds"][0].items()
    # The schema's example states one number more than it shows: it is on the next page.
    assert body["data"]["total"] == 2
    lc.wire.answers.append(answer(listed({"phoneNumber": "+12015550123"})))
    number, other = owned(lc)
    assert other.number == "+12015550123"
    assert lc.wire.query()["page"] == "1"
    assert (number.number, number.id) == ("+17745678902", "PN" + "X" * 32)
    assert number.features == {Feature.VOICE: True, Feature.SMS: True, Feature.MMS: True, Feature.FAX: False}
    assert number.routes == (ForwardTo("+17745678903"),)
    assert number.created == datetime(2024, 1, 1, tzinfo=UTC)
    assert number.detail.linked_ring_all_users == ("user-123", "user-456")
    assert number.detail.inbound_call_service.value == "flow-123"


def check_pool(lc: Lc) -> None:
    (pool,) = pools(lc)
    assert (pool.id, pool.name, pool.location_id) == ("ve9EPM428h8vShlRW1KT", "Sales Team Pool", "loc123")
    assert [(each.phone_number, each.friendly_name) for each in pool.numbers] == [("+14155552671", "Sales Line 1")]
    assert (pool.whisper, pool.call_recording, pool.is_active) == (True, True, True)
    assert (pool.forwarding_number, pool.whisper_message) == ("+14155552671", "Incoming call from sales line")


def token(lc: Lc) -> Any:
    lc.wire.answers.append(answer(listed()))
    return lc.list()


def check_token(lc: Lc) -> None:
    token(lc)
    assert lc.wire.header("authorization") == ["Bearer ab12dc0ae1234a7898f9ff06d4f69gh"]
    saved = lc.provider.accounts[0].credentials.secrets()
    assert "xy34dc0ae1234a4858f9ff06d4f66ba" in saved


NOT_JSON_ROOM = "{locationId}"
TOKEN_ERRORS = {
    "401": error(AuthenticationFailed, "access token is invalid", token),
    "422": error(InvalidRequest, "Unprocessable Entity", token),
}
CHECKS: dict[str, dict[tuple[str, str, str], Check]] = {
    "lc_legacy": {
        ("number-pools", "200", "successful-response"): check_pool,
        ("number-pools", "400", ""): error(InvalidRequest, "Invalid locationId format", pools),
        ("available", "200", "successful-response"): check_offer,
        ("available", "400", ""): error(InvalidRequest, "countryCode is required", search),
        ("available", "401", ""): error(AuthenticationFailed, "access token is invalid", search),
        ("purchase", "201", "successful-response"): check_account_record,
        ("purchase", "400", ""): error(NumberUnavailable, "no longer available", place("+12015550123")),
        ("purchase", "401", ""): error(AuthenticationFailed, "access token is invalid", place("+12015550123")),
        (NOT_JSON_ROOM, "200", "successful-response"): check_two_numbers,
        (NOT_JSON_ROOM, "200", "empty-response"): check_nothing,
        (NOT_JSON_ROOM, "400", ""): error(InvalidRequest, "pagination parameters", owned),
        (NOT_JSON_ROOM, "401", ""): error(AuthenticationFailed, "access token is invalid", owned),
        (NOT_JSON_ROOM, "404", ""): error(NotFound, "no phone system.*not connected", owned),
        (NOT_JSON_ROOM, "500", ""): error(ProviderDown, "accountStatus: suspended", owned),
        ("token", "200", ""): check_token,
        ("token", "400", ""): error(InvalidRequest, "Bad Request", token),
        ("token", "401", ""): TOKEN_ERRORS["401"],
        ("token", "422", ""): TOKEN_ERRORS["422"],
    },
    "lc_phone": {
        ("purchase", "201", ""): check_slim_record,
        (NOT_JSON_ROOM, "200", "schema"): check_slim_list,
        (NOT_JSON_ROOM, "200", "leaves"): check_full_list,
        ("token", "200", ""): check_token,
        ("token", "400", "invalidParameter"): error(InvalidRequest, "Invalid parameter: grantType", token),
        ("token", "400", "missingParameter"): error(InvalidRequest, "Missing parameter: clientId", token),
        ("token", "400", "invalidRefreshToken"): error(AuthenticationFailed, "sign in again", token),
        ("token", "400", "locationNotActive"): error(PermissionDenied, "not active", token),
        ("token", "401", ""): TOKEN_ERRORS["401"],
        ("token", "422", ""): TOKEN_ERRORS["422"],
    },
}


@pytest.mark.parametrize("name", NAMES)
def test_every_documented_answer_is_read(name: str) -> None:
    checks = CHECKS[name]
    used = set()
    for (room, status, label), body in examples(name).items():
        key = (room, status, label) if (room, status, label) in checks else (room, status, "")
        assert key in checks, f"nobody says what {room} {status} {label} means"
        used.add(key)
        checks[key](client_of(name, room, int(status), body))
    assert used == set(checks), "the document has these no more"


def client_of(name: str, room: str, status: int, body: Any) -> Lc:
    wire = Wire(answer(body, status))
    if room != "token":
        return Lc(name, wire=wire)

    class Store:
        tokens = lc_phone.Tokens(access_token="a", refresh_token="b", expires_at=0)

        def load(self) -> Any:
            return self.tokens

        def save(self, tokens: Any) -> None:
            self.tokens = tokens

    return Lc(name, wire=wire, client_id="id", client_secret="cs-sesame", token_source=Store())
