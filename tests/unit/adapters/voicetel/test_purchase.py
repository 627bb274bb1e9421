"""VoiceTel's purchase of one number: one order with its key."""

from __future__ import annotations

from typing import Any

import pytest

from anycarrier import errors as e
from anycarrier.attempt import Attempt, AttemptState
from anycarrier.exchange import Sleep
from anycarrier.model import Offer, OwnedNumber, Status
from anycarrier.numbers import PhoneNumber
from anycarrier.purchase import buy, resolve
from anycarrier_adapters.voicetel import VoiceTelPurchase, VoiceTelTransfer
from support.script import Script, answer, failing, json_of, lost, play
from support.voicetel import NUMBER, OTHER, N
from support.voicetel_answers import V, html, no, ok, ordered, row


def place(*outcomes: Any, options: Any = ()) -> Any:
    draft, _ = play(V.draft(N, key="ac1_0", options=options))
    return V.place(draft), *outcomes


def test_a_purchase_is_one_order_with_its_key() -> None:
    owned, (request,) = play(*place(ordered(NUMBER)))
    assert (request.method, request.path, request.purpose) == ("POST", "/v2.2/orders", "purchase")
    assert request.body == b'{"numbers":["2015550123"]}'
    assert request.headers == {"idempotency-key": "ac1_0"}
    assert (owned.number, owned.status, owned.account) == (N, Status.ACTIVE, "voicetel")
    assert owned.raw["orderId"] == "1"


def test_a_purchase_can_name_its_route() -> None:
    options = [VoiceTelTransfer(route=1), VoiceTelPurchase(route=1000)]
    _, (request,) = play(*place(ordered(NUMBER), options=options))
    assert json_of(request) == {"numbers": [{"number": NUMBER, "route": 1000}]}


def test_drafting_asks_for_nothing_and_gives_the_same_bytes_again() -> None:
    offer = Offer(provider="voicetel", account="voicetel", number=N)
    (one, nothing), (two, _) = play(V.draft(offer, key="k")), play(V.draft(N, key="k"))
    assert one == two
    assert not nothing


@pytest.mark.parametrize(
    "body",
    [
        ordered("+1 201 555 0123"),
        ordered(NUMBER, failed=[], orderId=7),
        ok({"numbersOrdered": [int(NUMBER)]}, 201),
        ordered(NUMBER, failed=None),
        ok({"numbersOrdered": [OTHER, NUMBER], "failed": []}, 200),
    ],
)
def test_an_order_is_confirmed_however_the_number_is_written(body: Any) -> None:
    owned, _ = play(*place(body))
    assert owned.number == N


def test_a_number_that_failed_is_unavailable_and_nothing_was_bought() -> None:
    error, _ = failing(*place(ordered(failed=[{"number": NUMBER, "reason": "gone\x1b[31m"}])))
    assert isinstance(error, e.NumberUnavailable)
    assert (error.maybe_applied, error.safe_elsewhere, error.detail) == (False, True, "gone\\u001b[31m")


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (ordered(NUMBER, failed=[{"number": NUMBER}]), "both ordered and failed"),
        (ordered(OTHER), "neither ordered nor failed"),
        (ordered(), "neither ordered nor failed"),
        (ok({}, 201), "neither ordered nor failed"),
        (ordered("example"), "neither ordered nor failed"),
        (ordered(failed=[{"reason": "gone"}]), "data.failed.0.number"),
        (ordered({"number": NUMBER}), "data.numbersOrdered.0"),
        (ok([], 201), "data"),
        (answer([], 201), "the body"),
        (answer(b"", 201), "not valid JSON"),
        (answer(b'{"status":"success","data":{"numbersOrdered":["2015550123"', 201), "not valid JSON"),
        (answer({"status": "error", "data": {"numbersOrdered": [NUMBER]}}, 201), "status"),
        (answer(b'{"status":"success","data":{"numbersOrdered":["2015550123"],"numbersOrdered":[]}}', 201), "doubled"),
        (answer(b'{"status":"success","data":{"numbersOrdered":["2015550123"],"amountCharged":NaN}}', 201), "NaN"),
        (answer(b"<html>created</html>", 201), "not valid JSON"),
        (answer(None, 204), "answered unexpectedly"),
        (answer(None, 302, location="https://example.com/"), "redirect"),
    ],
)
def test_an_answer_that_does_not_say_leaves_the_purchase_in_doubt(body: Any, says: str) -> None:
    error, _ = failing(*place(body))
    assert isinstance(error, e.UnexpectedResponse)
    assert error.maybe_applied
    assert not error.safe_elsewhere
    assert says in str(error)
    assert NUMBER not in str(error)


NOT_PLAIN: list[Any] = [
    {"status": "error", "error": {"code": 409, "message": "no"}},
    {"status": "error", "error": {"code": "400", "message": "no"}},
    {"status": "error", "error": {"code": True, "message": "no"}},
    {"status": "error", "error": {"message": "no"}},
    {"status": "error", "error": {"code": 400, "message": "Order successful"}},
    {"status": "error", "error": {"code": 400, "message": "no"}, "success": True},
    {"status": "error", "error": {"code": 400, "message": "no"}, "data": {"numbersOrdered": ["2015550123"]}},
    {"status": "success", "error": {"code": 400, "message": "no"}},
]


@pytest.mark.parametrize(
    ("response", "kind", "maybe_applied"),
    [
        (no(400), e.InvalidRequest, False),
        (html(400), e.InvalidRequest, True),
        (answer(b"", 400), e.InvalidRequest, True),
        (answer({"status": "error", "error": "text"}, 400), e.InvalidRequest, True),
        (answer({"message": "no"}, 400), e.InvalidRequest, True),
        (answer({"status": "error", "error": {"code": 400}}, 400), e.InvalidRequest, True),
        (no(401), e.AuthenticationFailed, False),
        (html(401), e.AuthenticationFailed, True),
        (no(402), e.InsufficientFunds, False),
        (html(402), e.InsufficientFunds, True),
        (no(403), e.PermissionDenied, False),
        (no(409), e.Conflict, False),
        (html(409), e.Conflict, True),
        (no(404), e.NotFound, False),
        (html(404), e.UnexpectedResponse, True),
        (no(408), e.UnexpectedResponse, True),
        (no(425), e.UnexpectedResponse, True),
        (no(429), e.RateLimited, True),
        (html(429), e.RateLimited, True),
        *((answer(body, 400), e.InvalidRequest, True) for body in NOT_PLAIN),
        (no(502), e.ProviderDown, False),
        (html(502), e.ProviderDown, True),
        (answer(b'{"status":"error","error":{"message":"rej', 502), e.ProviderDown, True),
        (answer(b"[" * 100_000, 502), e.ProviderDown, True),
        (no(500), e.ProviderDown, True),
        (no(503), e.ProviderDown, True),
        (no(504), e.ProviderDown, True),
    ],
)
def test_only_voicetels_own_refusal_proves_anything(response: Any, kind: Any, maybe_applied: bool) -> None:
    error, script = failing(*place(response))
    assert type(error) is kind
    assert error.maybe_applied is maybe_applied
    assert error.safe_elsewhere is (not maybe_applied and kind not in (e.NotFound, e.Conflict))  # those are looked into
    assert len(script.requests) == 1


def test_429_says_when_to_come_back_and_is_not_repeated() -> None:
    error, script = failing(*place(answer(None, 429, retry_after="17")))
    assert error.retry_after == 17
    assert len(script.requests) == 1


def test_a_lost_answer_is_asked_for_again_with_the_same_key_and_bytes() -> None:
    script = Script(lost(), html(502), ordered(NUMBER))
    assert script.run(buy(V, N)).number == N
    first, *again = script.requests
    assert len(again) == 2
    for request in again:
        assert (request.body, request.headers) == (first.body, first.headers)
    waits = [effect.seconds for effect in script.effects if isinstance(effect, Sleep) and effect.seconds]
    assert waits == [2, 4]


def test_a_purchase_that_stays_unknown_can_be_resolved_later() -> None:
    error, script = failing(buy(V, N, deadline=1), lost())
    assert isinstance(error, e.OutcomeUnknown)
    assert (error.number, error.key) == ("+12015550123", script.requests[0].headers["idempotency-key"])
    later = Script(ordered(NUMBER), clock=script.clock)
    owned = later.run(resolve(V, error))
    assert owned.number == N
    assert later.requests[0].headers == script.requests[0].headers
    assert later.requests[0].body == script.requests[0].body


def test_a_number_that_is_gone_is_looked_for_before_that_is_believed() -> None:
    gone = ordered(failed=[{"number": NUMBER, "reason": "gone"}])
    error, script = failing(buy(V, N), gone, no(404), no(404))
    assert isinstance(error, e.NumberUnavailable)
    assert [request.path for request in script.requests] == ["/v2.2/orders", *["/v2.2/numbers/{number}"] * 2]
    owned, _ = play(buy(V, N), gone, ok(row()))
    assert owned.number == N


def attempt() -> Attempt:
    draft, _ = play(V.draft(N, key="k"))
    return Attempt(draft=draft, state=AttemptState.IN_DOUBT, first_sent=0, last_sent=0)


def test_a_look_believes_only_voicetels_own_no() -> None:
    assert play(V.find_purchase(attempt()), no(404))[0] is None
    assert play(V.find_purchase(attempt()), ok(row()))[0].number == N
    for other in (html(404), answer(None, 404), answer({"status": "error"}, 404), no(401), ok(row(OTHER)), ok({})):
        error, _ = failing(V.find_purchase(attempt()), other)
        assert not isinstance(error, e.NotFound)


# -- one order for several purchases

FOUR = [PhoneNumber(f"+1201555012{n}") for n in range(3, 7)]
TENS = [number.ten_digit for number in FOUR]


def together(*outcomes: Any, options: Any = ()) -> Any:
    drafts, _ = play(V.draft_many(FOUR, key="ac1_0", options=options))
    return V.place_many(drafts), *outcomes


def test_an_order_of_several_is_one_request_with_one_key() -> None:
    told, (request,) = play(*together(ordered(*TENS, amountCharged=2.0), options=[VoiceTelPurchase(route=1000)]))
    assert json_of(request) == {"numbers": [{"number": ten, "route": 1000} for ten in TENS]}
    assert request.headers == {"idempotency-key": "ac1_0"}
    assert [owned.number for owned in told.values()] == FOUR == V.numbers_in(drafted()[0])
    assert {str(owned.receipt.charged) for owned in told.values()} == {"0.5 USD"}
    assert not any(owned.receipt.others for owned in told.values())


def drafted() -> Any:
    return play(V.draft_many(FOUR, key="ac1_0", options=[VoiceTelPurchase(route=1000)]))[0]


def test_an_answer_tells_each_number_of_an_order_by_itself() -> None:
    both, bought, failed, neither = TENS
    answer = ordered(both, bought, failed=[{"number": both}, {"number": failed, "reason": "gone"}])
    told, _ = play(*together(answer))
    kinds = [type(told[number]) for number in FOUR]
    assert kinds == [e.UnexpectedResponse, OwnedNumber, e.NumberUnavailable, e.UnexpectedResponse]
    assert [getattr(told[number], "maybe_applied", None) for number in FOUR] == [True, None, False, True]
    assert neither not in str(told[FOUR[3]])


def test_a_reason_that_something_was_done_leaves_a_number_in_doubt() -> None:
    failed = [{"number": TENS[0], "reason": "the number was ordered"}]
    told, _ = play(*together(ordered(*TENS[1:], failed=failed)))
    assert told[FOUR[0]].maybe_applied
    told, _ = play(*together(ordered(*TENS[1:], "2015550199", failed=[{"number": TENS[0], "reason": "gone"}])))
    assert told[FOUR[0]].maybe_applied, "the answer lists a number as bought that was not ordered"
    assert told[FOUR[1]].receipt.others == ("2015550199",)


def test_one_purchase_of_an_order_sends_the_whole_order_again() -> None:
    draft = drafted()[1]
    owned, (request,) = play(V.place(draft), ordered(*TENS))
    assert request.body == draft.body
    assert owned.number == draft.number
    assert owned.receipt.others == (), "the others of the order are no strangers"
