"""LeadConnector: one number, one fingerprint, at most one purchase."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import evolve

from anycarrier import (
    AnyCarrierError,
    AuthenticationFailed,
    InvalidInput,
    InvalidRequest,
    Money,
    NumberUnavailable,
    OutcomeUnknown,
    Search,
    Status,
    UnexpectedResponse,
)
from anycarrier.provider import AttemptState
from anycarrier_adapters import lc_legacy, lc_phone
from support.lc import MODES, NAMES, NUMBER, ROW, VERSIONS, Lc, answer, available, bought, listed, lost, unsent

ADDRESS = "AD1234567890abcdef1234567890abcde"
OTHER = "+18705550124"


def offer_of(lc: Lc, **changes: Any) -> Any:
    lc.wire.answers.insert(0, answer(available(NUMBER, **changes)))
    return lc.search(Search())[0]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", NAMES)
def test_an_offer_is_bought_with_its_own_fingerprint(name: str, mode: str) -> None:
    lc = Lc(name, bought(name, NUMBER), mode=mode)
    owned = lc.buy(offer_of(lc))
    assert (owned.number, owned.status, owned.provider) == (NUMBER, Status.ACTIVE, name)
    assert owned.label == (None if name == "lc_phone" else "My Number")
    assert owned.raw["id"] in ("twilio-account-123", "8xMPW85D2z5jgcTa5L1p")
    assert owned.id is None  # neither version gives the number's id
    request = lc.wire.requests[-1]
    assert (request.method, request.purpose) == ("POST", "purchase")
    assert lc.wire.path().endswith("/purchase")
    assert lc.wire.header("version") == [VERSIONS[name]]
    assert lc.wire.header("content-type") == ["application/json"]
    assert request.body == (
        b'{"phoneNumber":"+18705550123","countryCode":"US","numberType":"local","fingerprintId":"1773314252953"}'
    )
    assert len(lc.wire.requests) == 2


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", NAMES)
def test_the_answer_decides_its_shape(name: str, shape: str) -> None:
    lc = Lc(name, bought(shape, NUMBER))
    assert lc.buy(offer_of(lc)).number == NUMBER


def test_all_that_a_caller_may_give_goes_under_its_documented_name() -> None:
    everything = lc_phone.LCPurchase(
        address_sid=ADDRESS,
        bundle_sid="BU1234567890abcdef1234567890abcde",
        locality="San Antonio",
        region="TX",
        skip_location_kyc=False,
        payment_intent_id="pi_3Oxx",
        stripe_account_id="acct_1Oxx",
        payment_method_id="pm_1Oxx",
        country_code="CA",
        number_type="toll_free",
    )
    lc = Lc("lc_phone", bought("lc_phone", NUMBER))
    lc.buy(offer_of(lc), options=[lc_legacy.LCPurchase(region="XX"), everything])
    assert lc.wire.body() == {
        "phoneNumber": NUMBER,
        "countryCode": "CA",
        "numberType": "tollFree",
        "fingerprintId": "1773314252953",
        "addressSid": ADDRESS,
        "bundleSid": "BU1234567890abcdef1234567890abcde",
        "locality": "San Antonio",
        "region": "TX",
        "skipLocationKYC": False,
        "paymentIntentId": "pi_3Oxx",
        "stripeAccountId": "acct_1Oxx",
        "paymentMethodId": "pm_1Oxx",
    }
    assert not hasattr(lc_legacy.LCPurchase(), "payment_intent_id")
    assert (lc_phone.LCPurchase.provider, lc_legacy.LCPurchase.provider) == NAMES


@pytest.mark.parametrize(
    "wrong",
    [
        {"address_sid": ""},
        {"address_sid": "BU1"},
        {"bundle_sid": "x"},
        {"locality": ""},
        {"locality": "a\nb"},
        {"locality": " "},
        {"country_code": "us"},
        {"number_type": "satellite"},
        {"payment_intent_id": "acct_1"},
    ],
)
def test_options_that_are_wrong(wrong: dict[str, str]) -> None:
    with pytest.raises(InvalidInput, match=next(iter(wrong))):
        lc_phone.LCPurchase(**wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("requirement", ["any", "local", "foreign", "something-new"])
@pytest.mark.parametrize("name", NAMES)
def test_an_address_requirement_without_an_address_is_refused_before_sending(name: str, requirement: str) -> None:
    lc = Lc(name)
    offer = offer_of(lc, addressRequirements=requirement)
    with pytest.raises(InvalidInput, match=rf"addressRequirements: {requirement}.*address_sid"):
        lc.buy(offer)
    assert len(lc.wire.requests) == 1
    module = lc_phone if name == "lc_phone" else lc_legacy
    lc.wire.answers.append(bought(name, NUMBER))
    lc.buy(offer, options=[module.LCPurchase(address_sid=ADDRESS)])  # the refusal used no fingerprint up
    assert lc.wire.body()["addressSid"] == ADDRESS


def test_a_bare_numbers_address_requirement_is_read_from_its_own_search() -> None:
    lc = Lc("lc_legacy", answer(available(NUMBER, addressRequirements="local")))
    with pytest.raises(InvalidInput, match="address"):
        lc.buy(NUMBER)
    assert [request.method for request in lc.wire.requests] == ["GET"]


@pytest.mark.parametrize("name", NAMES)
def test_a_bare_number_is_searched_for_first(name: str) -> None:
    lc = Lc(name, answer(available(OTHER, NUMBER, mark="77")), bought(name, NUMBER))
    lc.buy(NUMBER)
    assert lc.wire.query(0) == {
        "countryCode": "US",
        "numberTypes": "local,tollFree,mobile",
        "firstPart": "870555",
        "lastPart": "0123",
    }
    assert lc.wire.body()["fingerprintId"] == "77"


def test_the_search_for_one_number_grows_wider_until_it_has_it() -> None:
    lc = Lc(
        "lc_legacy",
        answer(available(mark="1")),
        answer(available(OTHER, mark="2")),
        answer(available(OTHER, NUMBER, mark="3")),
        bought("lc_legacy", NUMBER),
    )
    lc.buy(NUMBER)
    parts = [{k: v for k, v in lc.wire.query(place).items() if "Part" in k or k == "anywhere"} for place in range(3)]
    assert parts == [
        {"firstPart": "870555", "lastPart": "0123"},
        {"anywhere": "8705550123"},
        {"firstPart": "870"},
    ]
    assert lc.wire.body()["fingerprintId"] == "3"


def test_a_number_that_no_search_has_is_not_bought() -> None:
    lc = Lc("lc_legacy", *[answer(available(OTHER, mark=str(place))) for place in range(3)])
    with pytest.raises(NumberUnavailable) as caught:
        lc.buy(NUMBER)
    assert not caught.value.maybe_applied
    assert caught.value.safe_elsewhere
    assert {request.method for request in lc.wire.requests} == {"GET"}


@pytest.mark.parametrize(
    ("number", "sent"),
    [
        ("+18005550123", {"countryCode": "US", "numberTypes": "tollFree", "firstPart": "800555", "lastPart": "0123"}),
        (
            "+442079460018",
            {"countryCode": "GB", "numberTypes": "local,tollFree,mobile", "firstPart": "207946", "lastPart": "0018"},
        ),
    ],
)
def test_where_a_bare_number_is_searched_for(number: str, sent: dict[str, str]) -> None:
    lc = Lc("lc_phone", answer(available(number)), bought("lc_phone", number))
    lc.buy(number)
    assert lc.wire.query(0) == sent


@pytest.mark.parametrize("name", NAMES)
def test_a_fingerprint_that_was_used_may_have_been_used_by_this_purchase(name: str) -> None:
    used = answer({"message": "fingerprintId was used before", "error": "Bad Request", "statusCode": 400}, 400)
    lc = Lc(name, used, answer(listed(ROW)))
    assert lc.buy(offer_of(lc)).number == NUMBER
    assert sum(request.method == "POST" for request in lc.wire.requests) == 1


@pytest.mark.parametrize("name", NAMES)
def test_never_two_numbers_on_one_fingerprint(name: str) -> None:
    lc = Lc(
        name,
        answer(available(NUMBER, OTHER, mark="1")),
        bought(name, NUMBER),
        answer(available(OTHER, mark="2")),
        bought(name, OTHER),
    )
    first, second = lc.search(Search())
    lc.buy(first)
    lc.buy(second)
    purchases = [lc.wire.body(place) for place, request in enumerate(lc.wire.requests) if request.method == "POST"]
    assert [(body["phoneNumber"], body["fingerprintId"]) for body in purchases] == [(NUMBER, "1"), (OTHER, "2")]


def test_an_offer_that_was_used_once_gets_a_fresh_fingerprint_and_its_own_kind_of_search() -> None:
    lc = Lc("lc_legacy", answer({"message": "no", "statusCode": 400}, 400), answer(available(NUMBER, mark="2")))
    offer = offer_of(lc)
    with pytest.raises(InvalidRequest):
        lc.buy(offer)
    lc.wire.answers.append(bought("lc_legacy", NUMBER))
    lc.buy(offer)
    assert lc.wire.query(2)["numberTypes"] == "local"
    assert lc.wire.body()["fingerprintId"] == "2"


def test_a_fingerprint_that_comes_again_is_not_taken_again() -> None:
    lc = Lc(
        "lc_legacy",
        bought("lc_legacy", NUMBER),
        answer(available(NUMBER, mark="1773314252953")),
        answer(available(NUMBER, mark="1773314252954")),
        bought("lc_legacy", NUMBER),
    )
    lc.buy(offer_of(lc))
    lc.buy(NUMBER)
    assert lc.wire.body()["fingerprintId"] == "1773314252954"


def test_without_any_fingerprint_of_its_own_nothing_is_bought() -> None:
    lc = Lc("lc_legacy", bought("lc_legacy", NUMBER), *[answer(available(NUMBER)) for _ in range(4)])
    lc.buy(offer_of(lc))
    with pytest.raises(UnexpectedResponse, match="fingerprint") as caught:
        lc.buy(NUMBER)
    assert not caught.value.maybe_applied
    assert sum(request.method == "POST" for request in lc.wire.requests) == 1


def test_an_offer_without_a_fingerprint_is_searched_for_again() -> None:
    lc = Lc("lc_legacy", answer(available(NUMBER, mark="9")), bought("lc_legacy", NUMBER))
    offer = offer_of(lc)
    lc.buy(evolve(offer, purchase={}))
    assert lc.wire.body()["fingerprintId"] == "9"


@pytest.mark.parametrize("name", NAMES)
def test_the_draft_is_marked_with_what_is_sent(name: str) -> None:
    lc = Lc(name)
    offer = offer_of(lc)
    draft = lc.run(lc.provider.draft(offer, key="ac1_mine"))
    assert draft.key == "1773314252953"
    assert b'"fingerprintId":"1773314252953"' in draft.body
    assert (draft.number, draft.price) == (NUMBER, Money("1.15"))


_SLIM = {"number": NUMBER, "locationId": "l", "id": "i", "underLcAccount": True}
CONTRADICTIONS: list[Any] = [
    {"status": "error", "data": _SLIM, "message": "Number purchase successful", "statusCode": 201},
    {"status": "Failed", "data": _SLIM},
    {"status": 400, "data": _SLIM},
    {"statusCode": 400, "data": _SLIM},
    {"success": False, "data": _SLIM},
    {"error": "Bad Request", "data": _SLIM},
    {"errors": ["x"], **_SLIM},
    {"statusCode": 200, "data": _SLIM},
]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"status": "success", "data": {}},
        {"status": "success", "data": {"number": OTHER}},
        {"numbers": {OTHER: "conversation"}},
        {"numbers": {}},
        {"numbers": [NUMBER]},
        {"number": None},
        {"status": "error", "message": "no"},
        b"",
        b"<html></html>",
        *CONTRADICTIONS,
    ],
)
def test_an_answer_that_does_not_name_the_number_confirms_nothing(name: str, body: Any) -> None:
    lc = Lc(name, answer(body, 201), answer(listed(ROW)))
    owned = lc.buy(offer_of(lc))  # it is looked for, and found
    assert owned.id == "PN1"
    assert lc.wire.query() == {"pageSize": "250", "page": "0", "searchFilter": NUMBER, "skipNumberPool": "false"}
    assert f"searchFilter=%2B{NUMBER[1:]}" in lc.wire.requests[-1].url


@pytest.mark.parametrize("status", [400, 401])
@pytest.mark.parametrize("name", NAMES)
def test_a_refusal_with_words_is_final(name: str, status: int) -> None:
    lc = Lc(name, answer({"message": "no", "error": "x", "statusCode": status}, status))
    with pytest.raises((InvalidRequest, AuthenticationFailed)) as caught:
        lc.buy(offer_of(lc))
    assert not caught.value.maybe_applied
    assert caught.value.safe_elsewhere
    assert len(lc.wire.requests) == 2


NOT_LCS_OWN: list[Any] = [
    {"message": "Forbidden"},
    {"message": "no Route matched with those values"},
    {"error": "Bad Request"},
    {"error": {"code": 400, "message": "bad request"}},
    {"errors": [{"message": "x"}], "success": False},
    {"message": "no", "statusCode": 401},
    {"message": "no", "statusCode": "400"},
    {"message": "no", "statusCode": True},
    {"message": 5, "statusCode": 400},
    {"message": "", "statusCode": 400},
    {"error": "Bad Request", "statusCode": 400},
    {"message": "no", "statusCode": 400, "error": {"code": 1}},
    # it is HighLevel's own, and says the opposite
    {"message": "Number purchase successful", "statusCode": 400},
    {"message": "no", "statusCode": 400, "status": "success"},
    {"message": "no", "statusCode": 400, "data": {"number": NUMBER}},
    {"message": f"Purchased {NUMBER}", "statusCode": 400},
    {"message": "Duplicate request: the number is in this location", "statusCode": 400},
    # another gateway's, which states the status too
    {"message": "no operation fits", "statusCode": 400, "activityId": "6f1c"},
]


@pytest.mark.parametrize(
    "response",
    [
        answer(b"<html>Bad Request</html>", 400),
        answer(b"<html></html>", 401),
        answer(b"{}", 400),
        answer(b"[]", 400),
        answer({"message": ["x"]}, 422),
        answer({"message": "no"}, 403),
        answer({"message": "no"}, 404),
        answer({"msg": "Internal server error"}, 500),
        answer(b"", 520),
        answer(b"", 302),
        answer(b"{}", 200),
        lost(),
        *(answer(body, 400) for body in NOT_LCS_OWN),
        answer({"message": "Unauthorized"}, 401),
    ],
)
def test_anything_else_is_looked_into_and_never_repeated(response: Any) -> None:
    lc = Lc("lc_legacy", response, answer(listed(ROW)))
    assert lc.buy(offer_of(lc)).number == NUMBER
    assert sum(request.method == "POST" for request in lc.wire.requests) == 1


def test_a_number_that_is_gone_is_looked_for_at_once_and_after_the_lag_in_case_it_is_ours() -> None:
    gone = answer({"message": "Phone number is no longer available", "error": "Bad Request", "statusCode": 400}, 400)
    lc = Lc("lc_legacy", gone, answer(listed()), answer(listed()))
    with pytest.raises(NumberUnavailable) as caught:
        lc.buy(offer_of(lc))
    assert caught.value.safe_elsewhere
    assert len(lc.wire.requests) == 4


def test_a_refused_connection_was_not_sent_and_is_tried_again() -> None:
    lc = Lc("lc_phone", unsent(), bought("lc_phone", NUMBER))
    lc.buy(offer_of(lc))
    assert lc.wire.requests[-1].body == lc.wire.requests[-2].body


def test_a_429_proves_nothing_so_the_list_is_asked_before_anything_else() -> None:
    own = {"message": "Too Many Requests", "statusCode": 429}
    for body in (own, b"", b"<html></html>", {"message": "Too Many Requests"}):
        lc = Lc("lc_phone", answer(body, 429), answer(listed(ROW)))
        assert lc.buy(offer_of(lc)).number == NUMBER
        assert sum(request.method == "POST" for request in lc.wire.requests) == 1


def test_absence_is_believed_after_three_whole_looks_beyond_three_minutes() -> None:

    lc = Lc("lc_legacy", lost())
    offer = offer_of(lc)
    lc.wire.answers.extend(answer(listed()) for _ in range(40))
    with pytest.raises(AnyCarrierError) as caught:
        lc.buy(offer, deadline=600)
    assert caught.value.safe_elsewhere
    assert "3 times, 180 s" in str(caught.value)


@pytest.mark.parametrize(
    "look",
    [
        answer({"message": "Phone system is not connected to this account", "statusCode": 404}, 404),
        answer([]),
        answer(b"{}"),
        answer({"numbers": [{"phoneNumber": "?"}]}),
        answer(b"<html></html>"),
        answer({"message": "x"}, 400),
    ],
    ids=["not-connected", "bare-list", "empty", "unreadable-row", "html", "refused"],
)
def test_what_is_no_whole_documented_list_proves_nothing(look: Any) -> None:
    lc = Lc("lc_legacy", lost())
    offer = offer_of(lc)
    lc.wire.answers.extend(look for _ in range(200))
    with pytest.raises(OutcomeUnknown) as caught:
        lc.buy(offer, deadline=3_000)
    assert caught.value.key == "1773314252953"
    assert caught.value.attempt.absent == 0
    assert caught.value.attempt.state is AttemptState.IN_DOUBT


def test_an_unknown_outcome_is_resolved_later() -> None:
    lc = Lc("lc_legacy", lost())
    offer = offer_of(lc)
    lc.wire.answers.extend(answer(b"", 503) for _ in range(60))
    with pytest.raises(OutcomeUnknown) as caught:
        lc.buy(offer, deadline=30)
    lc.wire.answers[:] = [answer(listed(ROW))]
    assert lc.resolve(caught.value).number == NUMBER


def test_the_rules() -> None:
    rules = Lc("lc_phone").provider.rules
    assert (rules.replay, rules.settle, rules.looks, rules.same_number_once, rules.fresh_search) == (
        False,
        180.0,
        3,
        True,
        True,
    )
    assert rules.refusals == {400, 401}
    assert Lc("lc_legacy").provider.rules is rules
