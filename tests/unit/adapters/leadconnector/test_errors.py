"""LeadConnector: every shape of error becomes the error that it means."""

from __future__ import annotations

from typing import Any

import pytest

from anycarrier import (
    AnyCarrierError,
    AuthenticationFailed,
    InvalidRequest,
    NotFound,
    PermissionDenied,
    ProviderDown,
    RateLimited,
    Search,
    TransportError,
    UnexpectedResponse,
)
from support.lc import MODES, NAMES, NUMBER, Lc, answer, listed, lost

CLOUDFLARE = b"<html><head><title>Access denied</title></head><body>Error 1010 Ray ID: 1</body></html>"


def failed(response: Any, name: str = "lc_phone", mode: str = "sync", **settings: Any) -> AnyCarrierError:
    lc = Lc(name, *[response] * 3, mode=mode, **settings)
    with pytest.raises(AnyCarrierError) as caught:
        lc.list()
    assert caught.value.provider == name
    assert not caught.value.maybe_applied
    return caught.value


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (401, {"statusCode": 401, "message": "Invalid JWT"}, AuthenticationFailed, "Invalid JWT"),
        (401, {"statusCode": 401, "message": "Invalid Private Integration token"}, AuthenticationFailed, "Integration"),
        (401, {"message": "Invalid token: access token is invalid", "error": "U"}, AuthenticationFailed, "access"),
        (401, {"message": "The token is not authorized for this scope."}, PermissionDenied, "phonenumbers.read"),
        (401, {"message": "This location is not accessible from this token!"}, PermissionDenied, "not for this"),
        (403, {"message": "The token does not have access to this location."}, PermissionDenied, "not for this"),
        (401, {"message": "version header was not found."}, InvalidRequest, "API version"),
        (401, {"status": 401, "message": "version header is invalid", "traceId": "t-1"}, InvalidRequest, "request t-1"),
        (400, {"message": "Invalid locationId format", "error": "Bad Request"}, InvalidRequest, "Invalid locationId"),
        (422, {"message": ["property x should not exist", "y is bad"], "error": "U"}, InvalidRequest, "t; y is bad"),
        (404, {"message": "Phone system is not connected to this account"}, NotFound, "no phone system"),
        (404, {"message": "No Twilio account found"}, NotFound, "no phone system"),
        (500, {"msg": "Internal server error", "accountStatus": "suspended"}, ProviderDown, "accountStatus: suspended"),
        (404, {"error": {"code": "NOT_FOUND", "message": "The App was not found."}}, UnexpectedResponse, "App was not"),
        (404, {"message": "Cannot GET /phone-system", "statusCode": 404}, UnexpectedResponse, "Cannot GET"),
        (404, {"message": "no Route matched with those values"}, UnexpectedResponse, "no Route"),
        (400, {"error": "only this"}, InvalidRequest, "only this"),
        (403, {"message": "You do not have permission to access this resource"}, PermissionDenied, "do not have"),
    ],
)
def test_each_shape(name: str, mode: str, status: int, body: Any, kind: type, words: str) -> None:
    error = failed(answer(body, status), name, mode)
    assert type(error) is kind
    assert error.status == status
    assert words in str(error)


def test_codes() -> None:
    assert failed(answer({"error": {"code": "NO_SUCH_FIELD", "message": "x"}}, 400)).code == "NO_SUCH_FIELD"
    not_connected = failed(answer({"message": "Phone system is not connected to this account"}, 404))
    assert not_connected.code == "phone_system_not_connected"


def test_the_scope_that_is_missing_is_named() -> None:
    body = {"message": "The token is not authorized for this scope."}
    lc = Lc("lc_phone", answer(body, 401))
    with pytest.raises(PermissionDenied, match=r"numberpools\.read"):
        lc.run(lc.provider.number_pools())


def test_a_location_without_a_phone_system_is_neither_empty_nor_a_missing_number() -> None:
    lc = Lc("lc_legacy", answer({"message": "Phone system is not connected to this account", "statusCode": 404}, 404))
    with pytest.raises(NotFound) as caught:
        lc.get(NUMBER)
    assert caught.value.code == "phone_system_not_connected"


@pytest.mark.parametrize("body", [CLOUDFLARE, b"error code: 1010"])
def test_cloudflares_refusal_of_the_client(body: bytes) -> None:
    error = failed(answer(body, 403, {"content-type": "text/html", "cf-ray": "ray-1"}))
    assert type(error) is PermissionDenied
    assert error.code == "1010"
    assert "Cloudflare" in str(error)
    assert error.request_id == "ray-1"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, AuthenticationFailed),
        (403, PermissionDenied),
        (500, ProviderDown),
        (503, ProviderDown),
        (520, ProviderDown),
    ],
)
@pytest.mark.parametrize(
    "body", [b"", b"<html></html>", b"{}", b"[]", b'"x"', b"\xff", b"[" * 99_999, b'{"message": 5}']
)
def test_bodies_that_say_nothing(status: int, kind: type, body: bytes) -> None:
    error = failed(answer(body, status))
    assert type(error) is kind
    assert error.detail is None


def test_what_a_provider_says_cannot_act_on_a_terminal() -> None:
    assert "\x1b" not in str(failed(answer({"message": "\x1b[2J no"}, 400)))


@pytest.mark.parametrize("mode", MODES)
def test_a_burst_is_waited_out_for_reads(mode: str) -> None:
    limits = {"x-ratelimit-interval-milliseconds": "10000", "x-ratelimit-daily-remaining": "5"}
    lc = Lc("lc_phone", answer({"message": "Too Many Requests"}, 429, limits), answer(listed()), mode=mode)
    assert lc.list() == []
    assert lc.clock.slept == [10.0]


@pytest.mark.parametrize(
    ("headers", "slept", "retry_after"),
    [
        ({"x-ratelimit-daily-remaining": "0", "x-ratelimit-interval-milliseconds": "10000"}, 0, None),
        ({"x-ratelimit-interval-milliseconds": "60000"}, 0, 60.0),
        ({"retry-after": "3"}, 2, 3.0),
        ({}, 2, None),
    ],
)
def test_when_a_429_is_not_worth_waiting_for(headers: dict[str, str], slept: int, retry_after: float | None) -> None:
    lc = Lc("lc_phone", *[answer({"message": "Too Many Requests"}, 429, headers)] * 3)
    with pytest.raises(RateLimited) as caught:
        lc.search(Search())
    assert len(lc.clock.slept) == slept
    assert caught.value.retry_after == retry_after


def test_reads_are_repeated_after_a_lost_answer() -> None:
    lc = Lc("lc_phone", lost(), answer(b"", 503), answer(listed()))
    assert lc.list() == []
    lc = Lc("lc_phone", *[lost()] * 3)
    with pytest.raises(TransportError):
        lc.list()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("body", "requests"),
    [
        ({"message": "Invalid JWT"}, 2),
        ({"message": "The token is not authorized for this scope."}, 1),
        ({"message": "version header is invalid"}, 1),
        ({"message": "This location is not accessible from this token!"}, 1),
        (b"<html></html>", 1),
    ],
)
def test_a_token_function_is_asked_again_only_when_the_token_is_bad(body: Any, requests: int, mode: str) -> None:
    tokens = iter(["pit-old", "pit-new", "pit-new"])
    lc = Lc("lc_legacy", *[answer(body, 401)] * requests, mode=mode, token=lambda: next(tokens))
    with pytest.raises(AnyCarrierError):
        lc.list()
    assert len(lc.wire.requests) == requests
    assert lc.wire.header("authorization") == [f"Bearer {'pit-new' if requests == 2 else 'pit-old'}"]


def test_a_private_integration_token_is_never_refreshed() -> None:
    error = failed(answer({"message": "Invalid Private Integration token"}, 401))
    assert type(error) is AuthenticationFailed
