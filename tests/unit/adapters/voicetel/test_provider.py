"""VoiceTel's neutral operations, by scripted outcomes."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anycarrier import errors as e
from anycarrier.exchange import Sleep
from anycarrier.model import (
    BindingStatus,
    Feature,
    ForwardTo,
    Line,
    Money,
    NoForward,
    NoTexts,
    Offer,
    ReleaseState,
    Route,
    Status,
    TextsToEmail,
    TextsToSip,
    TextsToWebhook,
    ToGateway,
)
from anycarrier.numbers import PhoneNumber
from anycarrier.provider import Attempt, AttemptState
from anycarrier.purchase import buy, resolve
from anycarrier.search import Search
from anycarrier_adapters.voicetel import MessagingRoutes, VoiceTelPurchase, VoiceTelTransfer
from support.script import Script, answer, failing, items, json_of, lost, play, query_of, unsent
from support.voicetel import CAMPAIGN, NUMBER, OTHER, M, N, provider

V = provider()
LONDON = PhoneNumber("+442079460018")


def ok(data: Any, status: int = 200) -> Any:
    return answer({"status": "success", "data": data}, status)


def no(status: int, message: str = "no", **more: Any) -> Any:
    return answer({"status": "error", "error": {"code": status, "message": message, **more}}, status)


def html(status: int) -> Any:
    return answer(b"<html><body>Bad Gateway</body></html>", status, content_type="text/html")


def row(number: str = NUMBER, **more: Any) -> dict[str, Any]:
    return {
        "number": number,
        "route": 4,
        "gateway": None,
        "translated": number,
        "carrier": 0,
        "forward": False,
        "forwardTo": None,
        "smsEnabled": False,
        "faxEnabled": False,
        "cnam": False,
        **more,
    }


def found(*rows: dict[str, Any]) -> Any:
    return ok({"numbers": list(rows)})


def available(number: str = NUMBER, **more: Any) -> dict[str, Any]:
    return {"number": number, "city": "Closter", "province": "NJ", "rateCenter": "CLOSTER", "lata": "224", **more}


# -- searching


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        (Search(area_code="201"), {"tnMask": "201", "quantity": "10"}),
        (Search(prefix="201555"), {"tnMask": "201555", "quantity": "10"}),
        (Search(area_code="201", prefix="201555"), {"tnMask": "201555", "quantity": "10"}),
        (Search(area_code="201", limit=1), {"tnMask": "201", "quantity": "1"}),
        (Search(area_code="201", limit=1000), {"tnMask": "201", "quantity": "1000"}),
        (Search(area_code="201", state=" nj "), {"tnMask": "201", "quantity": "10", "province": "NJ"}),
        (Search(area_code="201", rate_center=" CLOSTER"), {"tnMask": "201", "quantity": "10", "rateCenter": "CLOSTER"}),
        (Search(area_code="201", lata="224"), {"tnMask": "201", "quantity": "10", "lata": "224"}),
        (Search(area_code="201", ends_with="23", limit=2), {"tnMask": "201", "quantity": "1000"}),
        (Search(area_code="201", contains="555"), {"tnMask": "201", "quantity": "1000"}),
        (Search(area_code="201", city="closter"), {"tnMask": "201", "quantity": "1000"}),
        (Search(area_code="201", country="US"), {"tnMask": "201", "quantity": "1000"}),
    ],
)
def test_search_sends_what_voicetel_takes_and_applies_the_rest_over_its_maximum(
    query: Search, sent: dict[str, str]
) -> None:
    offers, (request,) = play(V.search(query), found(available()))
    assert (request.method, request.path, request.purpose) == ("GET", "/v2.2/inventory", "read")
    assert query_of(request) == sent
    assert [offer.number for offer in offers] == [N]


@pytest.mark.parametrize(
    ("query", "kept"),
    [
        (Search(area_code="201", ends_with="24"), [OTHER]),
        (Search(area_code="201", contains="50124"), [OTHER]),
        (Search(area_code="201", city="TENAFLY"), [OTHER]),
        (Search(area_code="201", country="CA"), []),
        (Search(area_code="201", limit=1), [NUMBER]),
        (Search(area_code="201"), [NUMBER, OTHER]),
        (Search(area_code="201", state="NY"), []),
        (Search(area_code="201", line="toll_free"), []),
    ],
)
def test_every_offer_matches_every_filter_and_there_are_no_more_than_asked_for(query: Search, kept: list[str]) -> None:
    offers, _ = play(V.search(query), found(available(), available(OTHER, city="Tenafly")))
    assert [offer.number.ten_digit for offer in offers] == kept


def test_toll_free_is_told_by_the_number_itself() -> None:
    rows = [{"number": "8005550123"}, {"number": "8005550199", "city": ""}]
    offers, _ = play(V.search(Search(area_code="800", line="toll_free", ends_with="9")), found(*rows))
    assert [(offer.number, offer.line, offer.country) for offer in offers] == [("+18005550199", Line.TOLL_FREE, None)]
    assert offers[0].city is None


@pytest.mark.parametrize(
    ("query", "feature"),
    [
        (Search(), "search.no_digits"),
        (Search(state="NJ", city="Closter"), "search.no_digits"),
        (Search(area_code="201", features={"sms"}), "search.features"),
        (Search(area_code="201", features=frozenset(Feature)), "search.features"),
        (Search(area_code="201", line="local"), "search.local"),
        (Search(area_code="201", line="mobile"), "search.mobile"),
        (Search(area_code="201", max_price=Money(1)), "search.max_price"),
        (Search(area_code="201", country="GB"), "search.country"),
        (Search(line="toll_free"), "search.no_digits"),
    ],
)
def test_a_filter_that_cannot_be_kept_is_refused_before_any_request(query: Search, feature: str) -> None:
    error, script = failing(V.search(query))
    assert isinstance(error, e.Unsupported)
    assert error.feature == feature
    assert error.reason
    assert not script.effects


def test_search_reads_numbers_as_text_and_text_as_numbers_and_ignores_what_is_new() -> None:
    body = ok({"numbers": [{"number": int(NUMBER), "lata": 224, "province": None, "new": [1]}], "more": 1})
    (offer,), _ = play(V.search(Search(area_code="201")), body)
    assert (offer.number, offer.lata, offer.state) == (N, "224", None)
    assert offer.raw["new"] == [1]


def test_a_search_without_one_number_that_can_be_read_is_an_error_and_the_place_is_named() -> None:
    error, _ = failing(V.search(Search(area_code="201")), found(available("example"), available("2115550123")))
    assert isinstance(error, e.UnexpectedResponse)
    assert "data.numbers.1.number" in str(error)
    assert "2115550123" not in str(error)


DIGITS = st.text("0123456789", min_size=1, max_size=10)
PRINTABLE = st.text(st.characters(categories=["L", "Nd"]), min_size=1, max_size=20)


@given(
    area=st.sampled_from([None, "201", "800"]),
    more=st.from_regex("([2-9][0-9]{0,6})?", fullmatch=True),
    limit=st.integers(1, 1000),
    state=st.none() | st.from_regex("[A-Za-z]{2}", fullmatch=True),
    rate_center=st.none() | PRINTABLE,
    lata=st.none() | st.from_regex("[1-9][0-9]{2}", fullmatch=True),
    ends=st.none() | DIGITS,
    city=st.none() | PRINTABLE,
)
def test_filters_round_trip_through_the_query(
    area: Any, more: str, limit: int, state: Any, rate_center: Any, lata: Any, ends: Any, city: Any
) -> None:
    prefix = f"{area}{more}" if area else (more[:3] or "2")
    query = Search(
        area_code=area,
        prefix=prefix,
        limit=limit,
        state=state,
        rate_center=rate_center,
        lata=lata,
        ends_with=ends,
        city=city,
    )
    offers, (request,) = play(V.search(query), found())
    assert offers == []
    sent = dict(query_of(request))
    quantity = sent.pop("quantity")
    assert int(quantity) == (1000 if ends or city else limit)
    read_back = {
        "tnMask": query.leading,
        "province": state and state.upper(),
        "rateCenter": rate_center,
        "lata": lata,
    }
    assert sent == {name: value for name, value in read_back.items() if value}


# -- buying


def place(*outcomes: Any, options: Any = ()) -> Any:
    draft, _ = play(V.draft(N, key="ac1_0", options=options))
    return V.place(draft), *outcomes


def ordered(*numbers: str, failed: Any = (), **more: Any) -> Any:
    return ok(
        {
            "orderId": "1",
            "amountCharged": len(numbers) * 0.5,
            "numbersOrdered": list(numbers),
            "failed": failed and list(failed),
        }
        | more,
        201,
    )


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


# -- ordering several


def test_an_order_of_several_tells_each_ones_fate() -> None:
    body = ordered(OTHER, failed=[{"number": NUMBER, "reason": "taken"}], amountCharged="0.50")
    result, (request,) = play(V.order([NUMBER, M], route=1000), body)
    assert [owned.number for owned in result.numbers] == [M]
    assert result.failed == {N: "taken"}
    assert result.amount_charged == Money(Decimal("0.50"))
    assert json_of(request) == {"numbers": [{"number": NUMBER, "route": 1000}, {"number": OTHER, "route": 1000}]}
    assert request.headers["idempotency-key"].startswith("ac1_")
    assert (request.purpose, request.operation) == ("purchase", "voicetel.order")


def test_an_order_whose_outcome_is_unknown_names_its_key() -> None:
    for outcome in (lost(), html(502), ordered(NUMBER), no(500)):
        error, script = failing(V.order([N, M]), outcome)
        assert isinstance(error, e.OutcomeUnknown)
        assert error.key == script.requests[0].headers["idempotency-key"]
        assert error.number == "+12015550123, +12015550124"
        _, (again,) = play(V.order([N, M], key=error.key), ordered(NUMBER, OTHER))
        assert (again.body, again.headers) == (script.requests[0].body, script.requests[0].headers)


def test_an_order_that_was_refused_says_so() -> None:
    for outcome, kind in ((no(402), e.InsufficientFunds), (no(502), e.ProviderDown), (unsent(), e.TransportError)):
        error, _ = failing(V.order([N]), outcome)
        assert type(error) is kind
        assert not error.maybe_applied


@pytest.mark.parametrize("numbers", [[], [N, NUMBER], [PhoneNumber(f"+1201555{n:04}") for n in range(100, 201)]])
def test_an_order_takes_1_to_100_different_numbers(numbers: Any) -> None:
    error, script = failing(V.order(numbers))
    assert isinstance(error, e.InvalidInput)
    assert not script.effects


def test_an_order_of_100_numbers() -> None:
    numbers = [f"2015550{n}" for n in range(100, 200)]
    result, (request,) = play(V.order(numbers, key="k"), ordered(*numbers))
    assert len(result.numbers) == 100
    assert json_of(request)["numbers"] == numbers


def test_a_key_has_the_documented_form() -> None:
    for key in ("with.dot", "", "k" * 129, "k\n"):
        error, script = failing(V.order([N], key=key))
        assert isinstance(error, e.InvalidInput)
        assert not script.requests


# -- owning


def test_a_list_is_streamed() -> None:
    owned, (request,) = items(V.list(), found(row(), row(OTHER, forward=True, forwardTo=NUMBER)))
    assert [one.number for one in owned] == [N, M]
    assert owned[1].routes == (ToGateway(4), ForwardTo(N), NoTexts())
    assert owned[1].raw["forwardTo"] == NUMBER
    assert (request.path, request.stream, request.purpose) == ("/v2.2/numbers", True, "read")


@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 64, 65536])
def test_a_list_may_come_in_pieces_of_any_size(chunk: int) -> None:
    rows = [row(gateway='"numbers":[{ \\"ü€😀'), row(OTHER)]
    body = b'{"x":"\\ud83d\\ude00","data":' + json.dumps({"numbers": rows}, ensure_ascii=False).encode()
    body += b',"status":"success"}'
    owned, _ = items(V.list(), answer(body), chunk=chunk)
    assert [one.number for one in owned] == [N, M]
    assert owned[0].raw["gateway"] == rows[0]["gateway"]


def test_an_account_without_numbers_is_an_empty_list() -> None:
    for empty in (no(404, "No numbers found"), found()):
        owned, _ = items(V.list(), empty)
        assert owned == []


@pytest.mark.parametrize(
    "other", [html(404), answer(None, 404), answer({"error": "no"}, 404), answer({"status": "error"}, 404)]
)
def test_any_other_404_is_not_an_empty_list(other: Any) -> None:
    error, _ = failing(V.list(), other)
    assert isinstance(error, e.UnexpectedResponse)


@pytest.mark.parametrize(("response", "kind"), [(no(401), e.AuthenticationFailed), (no(500), e.ProviderDown)])
def test_errors_of_a_list_are_read_from_the_stream(response: Any, kind: Any) -> None:
    error, _ = failing(V.list(), response, chunk=3)
    assert type(error) is kind
    assert error.detail == "no"


def test_a_list_says_when_to_come_back() -> None:
    error, _ = failing(V.list(), answer(None, 429, retry_after="900"))
    assert isinstance(error, e.RateLimited)
    assert error.retry_after == 900


@pytest.mark.parametrize(
    "broken",
    [
        row("2115550123"),
        row("example"),
        row(None),
        row(forward=True, forwardTo="example"),
        row(route="abc"),
        "text",
        None,
        [],
    ],
)
def test_a_record_that_cannot_be_read_does_not_hide_the_others(broken: Any) -> None:
    error, script = failing(V.list(), found(row(), broken, row(OTHER)))
    assert [one.number for one in script.emitted] == [N, M]
    assert isinstance(error, e.UnexpectedResponse)
    assert "1 of 3 records cannot be read: data.numbers.1" in str(error)
    assert "2115550123" not in str(error)


def test_a_list_that_breaks_off_is_an_error_after_what_came() -> None:
    body = found(row(), row(OTHER)).body
    error, script = failing(V.list(), answer(body[:-40]))
    assert isinstance(error, e.UnexpectedResponse)
    assert [one.number for one in script.emitted] == [N]
    error, script = failing(V.list(), (answer(body[:-40]), lost("broken")))
    assert isinstance(error, e.TransportError)
    assert [one.number for one in script.emitted] == [N]


@pytest.mark.parametrize(
    "body",
    [
        {"status": "error", "data": {"numbers": []}},
        {"data": {"numbers": []}},
        {"status": "success", "numbers": []},
        {"status": "success", "data": {"numbers": {}}},
        {"status": "success", "data": []},
        [],
        "text",
        None,
        {},
    ],
)
def test_a_list_of_another_shape_is_an_error(body: Any) -> None:
    error, script = failing(V.list(), answer(json.dumps(body).encode()))
    assert isinstance(error, e.UnexpectedResponse)
    assert not script.emitted


def test_get_reads_one_number_with_its_typed_record() -> None:
    odd = {"route": "1000", "carrier": "17", "forward": "true", "forwardTo": int(OTHER), "translated": "#1"}
    body = ok(row(gateway="203.0.113.10:5060", smsEnabled=True, **odd))
    owned, (request,) = play(V.get("(201) 555-0123"), body)
    assert request.path_values == {"number": NUMBER}
    assert owned.routes == (ToGateway(1000), ForwardTo(M))
    assert (owned.detail.gateway, owned.detail.carrier, owned.detail.translated) == ("203.0.113.10:5060", 17, "#1")
    assert (owned.status, owned.provider_status, owned.line) == (Status.ACTIVE, None, None)


def test_what_voicetel_does_not_say_is_not_made_up() -> None:
    assert play(V.get(N), ok({"number": NUMBER}))[0].routes is None
    assert play(V.get(N), ok(row(forward=True)))[0].routes == (ToGateway(4), NoTexts())
    assert play(V.get(N), ok(row(forward=False, forwardTo="", route=None)))[0].routes == (NoForward(), NoTexts())


def test_an_answer_about_another_number_is_refused() -> None:
    calls = [
        (V.get(N), ok(row(OTHER))),
        (V.campaign_of(N), ok({"number": OTHER, "campaign": None})),
        (V.bind_campaign(N, CAMPAIGN), ok({"number": OTHER})),
        (V.unbind_campaign(N, CAMPAIGN), ok({"number": OTHER})),
        (V.transfer(N, "1"), ok({"number": OTHER})),
        (V.route(N, ToGateway(1)), ok({"number": OTHER, "route": 1})),
        (V.bind_campaign(N, CAMPAIGN), ok({"number": NUMBER, "campaignId": "COTHER1"})),
        (V.unbind_campaign(N, CAMPAIGN), ok({"number": NUMBER, "campaignId": "COTHER1", "unassigned": True})),
        (V.transfer(N, "1"), ok({"number": NUMBER, "accountId": 2})),
    ]
    for exchange, body in calls:
        error, script = failing(exchange, body)
        assert isinstance(error, e.UnexpectedResponse)
        assert "another" in str(error)
        assert error.maybe_applied is (script.requests[0].method != "GET")


def test_release_gives_back_and_remove_does_not() -> None:
    release, (request,) = play(V.release(N), answer(None, 204))
    assert (release.state, release.number) == (ReleaseState.RELEASED, N)
    assert (request.method, request.path) == ("POST", "/v2.2/numbers/{number}/release")
    removed, (request,) = play(V.remove(N), answer(None, 204))
    assert removed.state is ReleaseState.RELEASED
    assert (request.method, request.path) == ("DELETE", "/v2.2/numbers/{number}")


def test_a_release_that_is_refused_is_porting_or_not_ours() -> None:
    """404 is not documented for it, so the number is asked for before the refusal is explained."""
    error, _ = failing(V.release(N), no(409, "Failed"), no(404))
    assert isinstance(error, e.NotFound)
    for seen in (ok(row()), no(500), html(404)):
        error, _ = failing(V.release(N), no(409, "Failed"), seen)
        assert isinstance(error, e.Conflict)
        assert error.detail == "Failed"
    error, _ = failing(V.remove(N), no(409))
    assert isinstance(error, e.Conflict)
    error, _ = failing(V.remove(N), no(404))
    assert isinstance(error, e.NotFound)


def test_a_write_is_repeated_only_when_it_was_not_done() -> None:
    _, requests = play(V.release(N), unsent(), answer(None, 204))
    assert len(requests) == 2
    for response in (lost(), html(502), html(503), no(500), answer(None, 429)):
        error, script = failing(V.release(N), response)
        assert error.maybe_applied is not isinstance(error, e.RateLimited)
        assert len(script.requests) == 1


def test_an_empty_answer_with_a_body_must_be_voicetels() -> None:
    play(V.remove(N), ok({}))
    for wrong in (html(200), answer(None, 200), answer([]), answer({"status": "error", "data": {}})):
        error, _ = failing(V.remove(N), wrong)
        assert isinstance(error, e.UnexpectedResponse)
        assert error.maybe_applied


def test_transfer_names_account_and_route() -> None:
    answered = ok({"number": NUMBER, "accountId": 1000000002, "route": 4})
    transfer, (request,) = play(V.transfer(N, "1000000002"), answered)
    assert json_of(request) == {"accountId": 1000000002, "route": 4}
    assert transfer.to_account == "1000000002"
    _, (request,) = play(V.transfer(N, "1000000002", options=[VoiceTelTransfer(route=1001)]), answered)
    assert json_of(request)["route"] == 1001
    for wrong in ("", "x", "-1", "012", "1 ", "1\n", "٣", "9" * 5000):
        error, script = failing(V.transfer(N, wrong))
        assert isinstance(error, e.InvalidInput)
        assert not script.effects
    error, _ = failing(V.transfer(N, "1"), no(409))
    assert isinstance(error, e.Conflict)


# -- where calls and texts go


@pytest.mark.parametrize(
    ("route", "method", "path", "body"),
    [
        (ToGateway(1000), "PUT", "route", {"route": 1000}),
        (ToGateway("1000"), "PUT", "route", {"route": 1000}),
        (ForwardTo(M), "PUT", "forward", {"destination": OTHER}),
        (NoForward(), "DELETE", "forward", None),
        (
            TextsToWebhook("https://example.com/sms"),
            "PUT",
            "sms",
            {"type": "webhook", "resource": "https://example.com/sms"},
        ),
        (TextsToEmail("user@example.com"), "PUT", "sms", {"type": "email", "resource": "user@example.com"}),
        (TextsToSip("203.0.113.10"), "PUT", "sms", {"type": "sip", "resource": "203.0.113.10"}),
        (NoTexts(), "DELETE", "sms", None),
        (MessagingRoutes(route_in=0), "PATCH", "messaging", {"routeIn": 0}),
        (MessagingRoutes(route_in=7, route_out=17), "PATCH", "messaging", {"routeIn": 7, "routeOut": 17}),
    ],
)
def test_each_route_is_one_request_and_one_look(route: Route, method: str, path: str, body: Any) -> None:
    done = answer(None, 204) if body is None else ok({"number": NUMBER})
    owned, (request, read) = play(V.route(N, route), done, ok(row()))
    assert (request.method, request.path) == (method, f"/v2.2/numbers/{{number}}/{path}")
    assert (None if request.body is None else json_of(request)) == body
    assert (read.method, read.path) == ("GET", "/v2.2/numbers/{number}")
    assert owned.number == N


def test_several_routes_are_applied_in_the_order_given() -> None:
    routes = TextsToEmail("user@example.com"), NoForward(), ToGateway(1000)
    _, requests = play(V.route(N, *routes), ok({}), answer(None, 204), ok({}), ok(row()))
    assert [request.path.rpartition("/")[2] for request in requests] == ["sms", "forward", "route", "{number}"]


@pytest.mark.parametrize("failure", [no(400, "Invalid route"), lost(), html(502), no(409)])
def test_a_failure_in_the_middle_says_what_was_applied(failure: Any) -> None:
    routes = TextsToEmail("user@example.com"), NoForward(), ToGateway(1000)
    error, script = failing(V.route(N, *routes), ok({}), answer(None, 204), failure)
    assert error.applied == routes[:2]
    assert len(script.requests) == 3
    error, _ = failing(V.route(N, *routes), failure)
    assert error.applied == ()
    error, _ = failing(V.route(N, *routes), ok({}), answer(None, 204), ok({}), no(404))
    assert isinstance(error, e.NotFound)
    assert error.applied == routes


def test_texts_that_go_nowhere_already_are_no_error() -> None:
    owned, _ = play(V.route(N, NoTexts()), no(404, "No SMS routing configured"), ok(row()))
    assert NoTexts() in owned.routes
    error, _ = failing(V.route(N, NoTexts()), no(404), no(404))
    assert isinstance(error, e.NotFound)
    error, _ = failing(V.route(N, NoTexts()), html(404))
    assert isinstance(error, e.UnexpectedResponse)


class Teleport(Route):
    feature = "route.teleport"


@pytest.mark.parametrize(
    ("routes", "kind"),
    [
        ((), e.InvalidInput),
        ((ForwardTo(LONDON),), e.Unsupported),
        ((ToGateway(1), ForwardTo(LONDON)), e.Unsupported),
        ((ToGateway("sip:pbx"),), e.InvalidInput),
        ((ToGateway(-1),), e.InvalidInput),
        ((ToGateway(1), ToGateway(2)), e.InvalidInput),
        ((NoForward(), ForwardTo(M)), e.InvalidInput),
        ((NoTexts(), TextsToEmail("user@example.com")), e.InvalidInput),
        ((TextsToWebhook("http://example.com/"),), e.InvalidInput),
        ((ToGateway(1), Teleport()), e.Unsupported),
    ],
)
def test_routes_that_cannot_be_set_are_refused_before_the_first_is(routes: tuple[Route, ...], kind: Any) -> None:
    error, script = failing(V.route(N, *routes))
    assert type(error) is kind
    assert not script.effects


def test_messaging_routes_name_at_least_one() -> None:
    with pytest.raises(e.InvalidInput):
        MessagingRoutes()
    with pytest.raises(e.InvalidInput):
        V.api.set_messaging(N)


@pytest.mark.parametrize(
    "call",
    [
        lambda n: V.draft(n, key="k"),
        V.get,
        V.release,
        V.remove,
        V.campaign_of,
        lambda n: V.transfer(n, "1"),
        lambda n: V.route(n, NoForward()),
        lambda n: V.bind_campaign(n, CAMPAIGN),
        V.unbind_campaign,
        lambda n: V.order([N, n]),
    ],
)
def test_numbers_of_other_plans_are_refused_before_any_request(call: Any) -> None:
    error, script = failing(call(LONDON))
    assert isinstance(error, e.Unsupported)
    assert error.safe_elsewhere
    assert not script.effects


# -- 10DLC


def bound(**more: Any) -> dict[str, Any]:
    return {
        "number": NUMBER,
        "campaignId": CAMPAIGN,
        "carrier": 17,
        "network": "A",
        "upstreamCnpId": "SFL9UTQ",
        "previousNetwork": None,
        "previousNetworkCleared": False,
        **more,
    }


@pytest.mark.parametrize(
    ("response", "status", "word"),
    [
        (ok(bound()), BindingStatus.ACTIVE, None),
        (ok(bound(status="enabled", alreadyAssigned=False)), BindingStatus.ACTIVE, "enabled"),
        (ok(bound(status="already", alreadyAssigned=True)), BindingStatus.ACTIVE, "already"),
        (ok(bound(status="pending", network="C")), BindingStatus.PENDING, "pending"),
        (ok(bound(status="PENDING"), 202), BindingStatus.PENDING, "PENDING"),
        (ok(bound(), 202), BindingStatus.PENDING, None),
        (ok(bound(status="enabled"), 202), BindingStatus.PENDING, "enabled"),
        (ok(bound(job={"state": "hosting", "message": "m"}), 202), BindingStatus.PENDING, "hosting"),
        (ok(bound(job={"state": "queued"})), BindingStatus.PENDING, "queued"),
        (ok(bound(job={"state": "done"})), BindingStatus.ACTIVE, "done"),
        (ok(bound(status="pending", job={"state": "failed"}), 202), BindingStatus.FAILED, "failed"),
        (ok(bound(job={"state": "levitating"})), BindingStatus.UNKNOWN, "levitating"),
        (ok(bound(status="new word")), BindingStatus.UNKNOWN, "new word"),
        (ok(bound(status=None, job=None)), BindingStatus.ACTIVE, None),
        (ok({"number": int(NUMBER)}), BindingStatus.ACTIVE, None),
    ],
)
def test_binding_in_all_shapes(response: Any, status: BindingStatus, word: str | None) -> None:
    binding, (request,) = play(V.bind_campaign(N, CAMPAIGN), response)
    assert (binding.status, binding.provider_status, binding.campaign_id) == (status, word, CAMPAIGN)
    assert (request.method, json_of(request)) == ("PUT", {"campaignId": CAMPAIGN})
    assert binding.raw["number"] in (NUMBER, int(NUMBER))


def test_unbinding_puts_the_campaign_into_the_query() -> None:
    answered = ok({"number": NUMBER, "campaignId": CAMPAIGN, "unassigned": True})
    binding, (request,) = play(V.unbind_campaign(N, CAMPAIGN), answered)
    assert (binding.status, binding.campaign_id) == (BindingStatus.UNBOUND, None)
    assert (request.method, query_of(request), request.body) == ("DELETE", {"campaignId": CAMPAIGN}, None)
    for unsaid in ({"unassigned": False}, {}):
        binding, _ = play(V.unbind_campaign(N, CAMPAIGN), ok({"number": NUMBER, **unsaid}))
        assert (binding.status, binding.campaign_id) == (BindingStatus.UNKNOWN, CAMPAIGN)


def test_unbinding_looks_the_campaign_up() -> None:
    has = ok({"number": NUMBER, "campaign": {"id": CAMPAIGN, "status": "ACTIVE"}})
    _, (_, request) = play(V.unbind_campaign(N), has, ok({"number": NUMBER, "unassigned": True}))
    assert query_of(request) == {"campaignId": CAMPAIGN}
    binding, _ = play(V.unbind_campaign(N), ok({"number": NUMBER, "campaign": None}))
    assert binding.status is BindingStatus.UNBOUND


@pytest.mark.parametrize(
    ("state", "status", "campaign_id"),
    [
        ({"campaign": {"id": CAMPAIGN, "status": "ACTIVE"}}, BindingStatus.ACTIVE, CAMPAIGN),
        ({"campaign": {"id": CAMPAIGN, "status": "active", "network": "C", "dca": {}}}, BindingStatus.ACTIVE, CAMPAIGN),
        ({"campaign": {"id": CAMPAIGN, "status": "EXPIRED"}}, BindingStatus.FAILED, CAMPAIGN),
        ({"campaign": {"id": CAMPAIGN, "status": "SUSPENDED"}}, BindingStatus.FAILED, CAMPAIGN),
        ({"campaign": {"id": CAMPAIGN, "status": "PENDING"}}, BindingStatus.PENDING, CAMPAIGN),
        ({"campaign": {"id": CAMPAIGN, "status": "LEVITATING"}}, BindingStatus.UNKNOWN, CAMPAIGN),
        ({"campaign": {"id": CAMPAIGN}}, BindingStatus.UNKNOWN, CAMPAIGN),
        ({"campaign": {}}, BindingStatus.UNKNOWN, None),
        ({"campaign": None}, BindingStatus.UNBOUND, None),
        ({"campaign": None, "onAccount": True, "pending": None}, BindingStatus.UNBOUND, None),
        ({}, BindingStatus.UNKNOWN, None),
        ({"campaign": None, "pending": {"campaignId": CAMPAIGN, "state": "queued"}}, BindingStatus.PENDING, None),
        ({"campaign": None, "pending": True}, BindingStatus.PENDING, None),
        ({"campaign": None, "pending": False}, BindingStatus.UNBOUND, None),
    ],
)
def test_campaign_of_in_all_shapes(state: dict[str, Any], status: BindingStatus, campaign_id: str | None) -> None:
    binding, _ = play(V.campaign_of(N), ok({"number": NUMBER, **state}))
    assert (binding.status, binding.campaign_id) == (status, campaign_id)


def test_campaign_of_a_number_of_others_is_not_found() -> None:
    for foreign in (no(404), ok({"number": NUMBER, "onAccount": False, "campaign": None})):
        error, _ = failing(V.campaign_of(N), foreign)
        assert isinstance(error, e.NotFound)


@pytest.mark.parametrize("campaign", ["", "ch5k5iz", "CH5 5IZ", "C1\n", "../..", "É", "A" * 65])
def test_ids_of_campaigns_have_the_documented_form(campaign: str) -> None:
    for exchange in (V.bind_campaign(N, campaign), V.unbind_campaign(N, campaign)):
        error, script = failing(exchange)
        assert isinstance(error, e.InvalidInput)
        assert not script.requests


def test_an_id_that_can_be_bound_may_not_have_the_form_for_unbinding() -> None:
    play(V.bind_campaign(N, "ABC123"), ok({"number": NUMBER}))
    error, script = failing(V.unbind_campaign(N, "ABC123"))
    assert isinstance(error, e.InvalidInput)
    assert not script.requests


# -- settings


@pytest.mark.parametrize(
    ("settings", "problems"),
    [
        ({"api_key": None}, ["api_key is missing"]),
        ({"api_key": ""}, ["api_key is missing"]),
        ({"api_key": "a b"}, ["api_key must be printable"]),
        ({"api_key": None, "username": "1000000001"}, ["api_key is missing", "username and password are set together"]),
        ({"api_key": "k", "username": "1", "password": "p"}, ["username and password are set together"]),
        ({"api_key": None, "base_url": "http://example.com"}, ["base_url must be https", "api_key is missing"]),
        ({"base_url": "https://example.com"}, ["base_url names a host"]),
    ],
)
def test_settings_that_are_wrong_are_all_listed(settings: dict[str, Any], problems: list[str]) -> None:
    with pytest.raises(e.ConfigurationError) as caught:
        provider(**settings)
    assert len(caught.value.problems) == len(problems)
    for expected in problems:
        assert any(expected in problem for problem in caught.value.problems)


def test_the_provider_shows_no_key() -> None:
    key = "f" * 32
    one = provider(api_key=key, account="main")
    assert one.account == "main"
    assert key not in repr(vars(one))
    assert key not in repr(one.accounts)
