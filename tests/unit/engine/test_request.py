"""From a request to bytes on a wire and back."""

from __future__ import annotations

from urllib.parse import quote, urlencode

import pytest
from attrs import evolve
from hypothesis import example, given
from hypothesis import strategies as st

from anycarrier import errors as e
from anycarrier.engine.accounts import Account, StaticToken
from anycarrier.engine.request import request_id, wire_request
from anycarrier.engine.retry import RetryPolicy
from anycarrier.exchange import Request

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


@pytest.mark.slow
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
        assert "header idempotency-key " in str(caught.value)


def test_nothing_of_what_is_sent_is_shown() -> None:
    request = evolve(READ, headers={"x": "canary"}, query=(("q", "canary"),), body=b"canary")
    assert "canary" not in repr(request)
    assert "canary" not in repr(wire_request(request, ACCOUNT, {"authorization": "canary"}))


@pytest.mark.parametrize(
    "name", ["x-request-id", "request-id", "x-correlation-id", "x-trace-id", "traceparent", "cf-ray"]
)
def test_names_of_request_ids(name: str) -> None:
    assert request_id({name: "r"}) == "r"
    assert request_id({}) is None


@pytest.mark.slow
@given(
    st.lists(st.tuples(st.text("ab=&%/ é~.", max_size=3), st.text("ab=&+%/ é~.", max_size=3)), min_size=1, max_size=4)
)
@example([("a", "1&b"), ("c", "")])
@example([("a", "1=&b"), ("c", "2")])
def test_a_query_is_encoded_as_the_standard_library_does(query: list[tuple[str, str]]) -> None:
    wire = wire_request(evolve(READ, query=tuple(query)), ACCOUNT, {})
    assert wire.url.partition("?")[2] == urlencode(query, quote_via=quote)
