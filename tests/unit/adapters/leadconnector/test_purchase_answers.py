"""Answers to LeadConnector's purchase: what confirms it, what refuses it, and what is looked into."""

from __future__ import annotations

from typing import Any

import pytest

from anycarrier import AnyCarrierError, AuthenticationFailed, InvalidRequest, NumberUnavailable, OutcomeUnknown
from anycarrier.attempt import AttemptState
from support.lc import NAMES, NUMBER, ROW, Lc, answer, bought, listed, lost, unsent
from support.lc_offers import OTHER, offer_of

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
