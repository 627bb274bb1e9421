"""From a request to bytes on a wire and back."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st

from anycarrier import errors as e
from anycarrier.engine.accounts import Account, StaticToken
from anycarrier.engine.request import request_id, wire_request
from anycarrier.engine.retry import RetryPolicy
from anycarrier.exchange import Request, Response, Sleep
from anycarrier.testing import VirtualClock
from anycarrier.wire import ask, body_of, json_body, load_json, pairs, parse_json, says_done, status_error
from support.script import Script, answer, failing, lost, play, unsent

ACCOUNT = Account(id="a", provider="p", base_url="https://api.example.com/base", credentials=StaticToken("t"))
READ = Request(account="a", operation="get", method="GET", path="/v1/things")
WRITE = evolve(READ, method="PUT", purpose="write")
PURCHASE = evolve(READ, method="POST", purpose="purchase")
ONCE = RetryPolicy(attempts=1)


def url_of(path: str, **values: str) -> str:
    return wire_request(evolve(READ, path=path, path_values=values), ACCOUNT, {}).url


def test_the_url_is_built_from_the_accounts_base_url() -> None:
    assert url_of("/v1/things/{id}/x", id="7") == "https://api.example.com/base/v1/things/7/x"
    wire = wire_request(evolve(READ, query=(("a", "b c&d"), ("a", "é/?"), ("e", "")), path="/x"), ACCOUNT, {})
    assert wire.url == "https://api.example.com/base/x?a=b%20c%26d&a=%C3%A9%2F%3F&e="
    assert wire.origin == ACCOUNT.base_url


@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        ("../../admin", "..%2F..%2Fadmin"),
        ("1?x=1", "1%3Fx%3D1"),
        ("1#f", "1%23f"),
        ("a/b", "a%2Fb"),
        ("1%2F..%2F", "1%252F..%252F"),
        ("a b", "a%20b"),
        ("é", "%C3%A9"),
        ("{other}", "%7Bother%7D"),
        ("\r\n", "%0D%0A"),
    ],
)
def test_values_in_a_path_stay_one_segment(value: str, quoted: str) -> None:
    assert url_of("/v1/{id}/end", id=value) == f"https://api.example.com/base/v1/{quoted}/end"


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_values_that_would_move_a_path_are_refused(value: str) -> None:
    with pytest.raises(e.InvalidInput):
        url_of("/v1/{id}", id=value)


@pytest.mark.parametrize("path", ["v1", "//example.com/", "/v1//x", "https://example.com/", "/v1/{missing}"])
def test_paths_are_templates_of_ours(path: str) -> None:
    with pytest.raises(e.InvalidInput):
        url_of(path)


@given(st.text(min_size=1))
def test_no_value_leaves_its_segment(value: str) -> None:
    if value in (".", ".."):
        return
    url = url_of("/v1/{id}/end", id=value)
    assert url.startswith("https://api.example.com/base/v1/")
    assert url.count("/") == 6
    assert not set(url) & set(" ?#\r\n\\")
    assert url.isascii()


def test_headers_are_plain_text() -> None:
    request = evolve(READ, headers={"idempotency-key": "k"}, body=b"{}", method="POST")
    headers = dict(wire_request(request, ACCOUNT, {"authorization": "Bearer t"}).headers)
    assert headers["idempotency-key"] == "k"
    assert headers["authorization"] == "Bearer t"
    assert headers["content-type"] == "application/json"
    assert headers["user-agent"].startswith("anycarrier/")
    assert "content-type" not in dict(wire_request(READ, ACCOUNT, {}).headers)
    for value in ("a\r\nx: y", "é", "\0", "a\nb"):
        with pytest.raises(e.InvalidInput) as caught:
            wire_request(evolve(request, headers={"idempotency-key": value}), ACCOUNT, {})
        assert value not in str(caught.value)


def test_nothing_of_what_is_sent_is_shown() -> None:
    request = evolve(READ, headers={"x": "canary"}, query=(("q", "canary"),), body=b"canary")
    assert "canary" not in repr(request)
    assert "canary" not in repr(wire_request(request, ACCOUNT, {"authorization": "canary"}))


def test_bodies_are_compact_and_the_same_for_the_same_value() -> None:
    value = {"b": 1, "a": "é", "none": None, "inner": {"none": None}}
    assert json_body(value) == b'{"b":1,"a":"\xc3\xa9","inner":{"none":null}}'
    assert json_body({"b": 1, "a": None}, nulls=True) == b'{"b":1,"a":null}'
    for wrong in ({"a": "\ud800"}, {"a": float("nan")}, {"a": {1, 2}}):
        with pytest.raises(e.InvalidInput):
            json_body(wrong)


def test_pairs() -> None:
    given = pairs(a="x", b=3, c=True, d=False, e=None, f="", g=["1", "2"], h=[], i=0)
    assert given == (("a", "x"), ("b", "3"), ("c", "true"), ("d", "false"), ("g", "1,2"), ("i", "0"))


# -- asking


def error_of(request: Request, response: Response) -> e.AnyCarrierError:
    return status_error(request, response, provider="p", detail=response.body.decode() or None)


def test_an_accepted_status_is_the_answer() -> None:
    response, _ = play(ask(READ, error_of, accept=(200, 204)), answer(None, 204))
    assert response.status == 204


def test_any_other_is_the_error() -> None:
    error, _ = failing(ask(READ, error_of), answer(b"words", 404, x_request_id="r"))
    assert isinstance(error, e.NotFound)
    assert (error.detail, error.request_id, error.retry_after) == ("words", "r", None)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("30", 30),
        ("1.5", 1.5),
        ("Fri, 15 Jan 2027 08:17:10 GMT", 30),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
        ("soon", None),
    ],
)
def test_the_error_says_when_to_come_back(header: str, seconds: float | None) -> None:
    script = Script(answer(None, 429, retry_after=header), clock=VirtualClock(1_800_001_000.0))
    with pytest.raises(e.RateLimited) as caught:
        script.run(ask(READ, error_of, policy=ONCE))
    assert caught.value.retry_after == seconds


def test_reads_are_repeated_and_writes_and_purchases_are_not() -> None:
    _, requests = play(ask(READ, error_of), lost(), answer(None, 503), answer(None))
    assert [request.attempt for request in requests] == [1, 2, 3]
    for request in (WRITE, PURCHASE):
        for outcome in (lost(), answer(None, 503)):
            _, script = failing(ask(request, error_of), outcome)
            assert len(script.requests) == 1
            assert not any(isinstance(effect, Sleep) for effect in script.effects)
    _, requests = play(ask(WRITE, error_of), unsent(), answer(None))
    assert len(requests) == 2
    _, script = failing(ask(PURCHASE, error_of), unsent())
    assert len(script.requests) == 1


def test_the_body_of_a_streamed_error_is_read() -> None:
    error, _ = failing(ask(evolve(READ, stream=True), error_of), answer(b"long words", 400), chunk=3)
    assert error.detail == "long words"


def test_but_not_without_end() -> None:
    script = Script(answer(b"x" * 100, 400), chunk=7)
    streamed = script._respond(evolve(READ, stream=True), answer(b"x" * 100, 400))
    whole = script.run(body_of(streamed, limit=20))
    assert whole.body == b"x" * 20
    assert whole.status == 400


# -- statuses


@pytest.mark.parametrize("asked", [READ, WRITE, PURCHASE], ids=["read", "write", "purchase"])
def test_every_status_has_an_error_and_says_whether_it_may_have_been_done(asked: Request) -> None:
    for status in range(100, 600):
        refused = 400 <= status < 500 and status not in (408, 425, 499)
        error = status_error(asked, answer(None, status), provider="p")
        unexpected = (not refused and status < 500) or status in (404, 410)
        assert isinstance(error, e.UnexpectedResponse if unexpected else e.ProviderError)
        assert error.maybe_applied is (asked is PURCHASE or (asked is WRITE and not refused))
        assert not (error.maybe_applied and error.safe_elsewhere)
        assert (error.provider, error.operation, error.status) == ("p", "get", status)


def test_only_the_providers_own_words_say_that_something_is_not_there() -> None:
    for status in (404, 410):
        for words in ({"code": "gone"}, {"detail": "No such number."}):
            assert isinstance(status_error(READ, answer(None, status), provider="p", **words), e.NotFound)
        assert isinstance(status_error(READ, answer(None, status), provider="p"), e.UnexpectedResponse)


def test_a_refusal_of_a_purchase_is_one_only_if_the_adapter_says_so_and_the_status_can_be_one() -> None:
    for status in range(100, 600):
        error = status_error(PURCHASE, answer(None, status), provider="p", maybe_applied=False)
        assert error.maybe_applied is (status < 400 or status in (408, 425, 429, 499))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"message": "Number purchase successful"}, True),
        ({"a": [{"b": "It was purchased."}]}, True),
        ({"status": " Success "}, True),
        ({"x": {"success": True}}, True),
        ("has been ordered", True),
        ({"message": "The purchase was not successful"}, False),
        ({"message": "unsuccessful"}, False),
        ({"success": False, "status": "error"}, False),
        ({"success": 1, "status": 400}, False),
        (None, False),
        ({"message": "Phone number is no longer available"}, False),
        ({"message": "Purchased +12015550100"}, True),
        ("Your wallet has been charged", True),
        ("You have not been charged", False),
        ("It cannot be purchased", False),
        ("Purchases are disabled", False),
    ],
)
def test_an_error_that_says_at_the_same_time_that_it_was_done(body: Any, said: bool) -> None:
    assert says_done(body) is said


def test_a_redirect_is_not_followed_and_said_to_be_one() -> None:
    assert "redirected" in str(status_error(READ, answer(None, 307), provider="p"))


@pytest.mark.parametrize(
    "name", ["x-request-id", "request-id", "x-correlation-id", "x-trace-id", "traceparent", "cf-ray"]
)
def test_names_of_request_ids(name: str) -> None:
    assert request_id({name: "r"}) == "r"
    assert request_id({}) is None


# -- JSON


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b"NaN",
        b"[Infinity]",
        b'{"a":-Infinity}',
        b'{"a":1,"a":1}',
        b'[{"a":{"b":1,"b":2}}]',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"1" * 5000,
        b"{}x",
        b"'a'",
        b"[1,]",
    ],
)
def test_json_that_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - every kind
        load_json(body)
    with pytest.raises(e.UnexpectedResponse) as caught:
        parse_json(PURCHASE, answer(body), provider="p")
    assert caught.value.maybe_applied


SCALARS = st.none() | st.booleans() | st.integers() | st.text()


@given(st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_json_that_is_read(value: Any) -> None:
    assert load_json(json.dumps(value)) == value
    assert parse_json(READ, answer(json.dumps(value).encode()), provider="p") == value


@given(st.binary())
def test_any_bytes_are_json_or_refused(body: bytes) -> None:
    try:
        load_json(body)
    except ValueError:
        pass


@given(
    st.lists(st.tuples(st.text("ab=&%/ é~.", max_size=3), st.text("ab=&+%/ é~.", max_size=3)), min_size=1, max_size=4)
)
@example([("a", "1&b"), ("c", "")])
@example([("a", "1=&b"), ("c", "2")])
def test_a_query_is_encoded_as_the_standard_library_does(query: list[tuple[str, str]]) -> None:
    wire = wire_request(evolve(READ, query=tuple(query)), ACCOUNT, {})
    assert wire.url.partition("?")[2] == urlencode(query, quote_via=quote)
