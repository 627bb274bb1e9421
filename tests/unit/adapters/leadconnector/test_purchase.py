"""LeadConnector: one number, one fingerprint, at most one purchase."""

from __future__ import annotations

import pytest
from attrs import evolve

from anycarrier import InvalidInput, InvalidRequest, Money, NumberUnavailable, Search, Status, UnexpectedResponse
from anycarrier_adapters import lc_legacy, lc_phone
from support.lc import ADDRESS, MODES, NAMES, NUMBER, PURCHASE, ROW, VERSIONS, Lc, answer, available, bought, listed
from support.lc_offers import OTHER, offer_of


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
    everything = lc_phone.LCPurchase(**PURCHASE, country_code="CA", number_type="toll_free")
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
    assert parts == [{"firstPart": "870555", "lastPart": "0123"}, {"anywhere": "8705550123"}, {"firstPart": "870"}]
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
