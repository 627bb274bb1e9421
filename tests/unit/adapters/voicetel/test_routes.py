"""VoiceTel's routes of calls and texts."""

from __future__ import annotations

from typing import Any

import pytest

from anycarrier import errors as e
from anycarrier.model import ForwardTo, NoForward, NoTexts, Route, TextsToEmail, TextsToSip, TextsToWebhook, ToGateway
from anycarrier.numbers import PhoneNumber
from anycarrier_adapters.voicetel import MessagingRoutes
from support.script import answer, failing, json_of, lost, play
from support.voicetel import CAMPAIGN, NUMBER, OTHER, M, N
from support.voicetel_answers import V, html, no, ok, row

LONDON = PhoneNumber("+442079460018")


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
