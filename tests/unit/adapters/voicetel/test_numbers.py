"""Owned numbers at VoiceTel: list, get, release, remove and transfer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from anycarrier import errors as e
from anycarrier.model import ForwardTo, NoForward, NoTexts, ReleaseState, Status, ToGateway
from anycarrier_adapters.voicetel import VoiceTelTransfer
from support.script import answer, failing, items, json_of, lost, play, unsent
from support.voicetel import CAMPAIGN, NUMBER, OTHER, M, N
from support.voicetel_answers import V, found, html, no, ok, row


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
