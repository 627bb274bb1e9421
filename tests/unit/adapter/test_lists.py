"""Lists by pages, cursors and whole documents, and filters that are sent."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from anycarrier.adapter import (
    NotAll,
    PhoneNumber,
    Request,
    Response,
    Rows,
    Search,
    UnexpectedResponse,
    filter_offers,
    first,
)
from support.made_up import API, N1, N2, N3, Row, offered, requests, rows, said
from support.script import drive as play


def numbers(found: Rows[Row, Any]) -> Sequence[PhoneNumber]:
    return [*found.numbers("number")]


# -- lists


def test_pages_by_number_end_with_the_last_one() -> None:
    found, effects = play(API.by_number(numbers), rows(N1, N2, pages=2), rows(N3, pages=2))
    assert found == [N1, N2, N3]
    asked = [dict(effect.query) for effect in effects if isinstance(effect, Request)]
    assert asked == [{"per": "2", "page": "1"}, {"per": "2", "page": "2"}]


def test_a_page_that_is_not_full_is_the_last_one() -> None:
    found, _ = play(API.by_number(numbers), rows(N1, N2), rows(N3))
    assert found == [N1, N2, N3]


def test_a_full_page_that_comes_again_is_not_all() -> None:
    error, _ = play(API.by_number(numbers), rows(N1, N2), rows(N1, N2))
    assert isinstance(error, NotAll)


def test_a_list_that_ends_before_its_total_is_not_all() -> None:
    error, _ = play(API.by_number(numbers), rows(N1, N2, total=4), rows(total=4))
    assert isinstance(error, NotAll)
    assert "2 of the 4" in str(error)


def test_a_row_that_comes_again_is_emitted_once() -> None:
    found, _ = play(API.by_number(numbers), rows(N1, N2, total=3), rows(N2, N3, total=3))
    assert found == [N1, N2, N3]


def test_pages_by_cursor_end_without_one() -> None:
    found, effects = play(API.by_cursor(numbers, body={"owned": True}), rows(N1, next="c"), rows(N2))
    assert found == [N1, N2]
    bodies = [json.loads(effect.body) for effect in effects if isinstance(effect, Request)]
    assert bodies == [{"owned": True}, {"owned": True, "after": "c"}]


@pytest.mark.parametrize(
    "second", [rows(N2, next="c"), rows(N1, next="d"), rows(N2, next="\x00")], ids=["cursor", "page", "not printable"]
)
def test_a_cursor_or_page_that_comes_again_ends_the_list_in_an_error(second: Response) -> None:
    error, _ = play(API.by_cursor(numbers), rows(N1, next="c"), second)
    assert isinstance(error, UnexpectedResponse)


def test_rows_that_cannot_be_read_hide_no_others_and_end_the_list_in_an_error() -> None:
    listing = API.by_cursor(numbers)
    answer = said({"rows": [{"number": 7}, {"number": N1}]})
    got, _ = play(first(listing, lambda number: number == N1), answer)
    assert got == N1
    error, _ = play(API.by_cursor(numbers), answer)
    assert "1 of 2 records cannot be read" in str(error)


def test_unreadable_rows_of_other_numbers_do_not_matter_to_one_number() -> None:
    mine = said({"rows": [{"number": N2, "label": {}}, {"number": N1}]})
    found, _ = play(API.by_cursor(numbers, about=N1), mine)
    assert found == [N1]
    error, _ = play(API.by_cursor(numbers, about=N1), said({"rows": [{"number": N1, "label": {}}]}))
    assert isinstance(error, UnexpectedResponse)


def test_a_list_narrowed_to_one_number_that_has_others_is_not_all() -> None:
    error, _ = play(API.by_cursor(numbers, about=N1, narrowed=True), rows(N1, N2))
    assert isinstance(error, NotAll)


def test_one_document_is_read_while_it_arrives() -> None:
    found, effects = play(API.whole(numbers, about=N2), Response(200, {}, b'{"rows": [{"number": "'))
    assert isinstance(found, UnexpectedResponse)
    found, effects = play(API.whole(numbers, about=N2), rows(N1, N2))
    assert found == [N2]
    assert requests(effects)[0].stream


def test_a_filter_that_was_sent_is_trusted_where_the_answer_does_not_state_it() -> None:
    query = Search(city="Newark", state="NJ")
    silent, right = offered(state="NJ"), offered(city="newark", state="NJ")
    wrong, other = offered(city="Trenton", state="NJ"), offered(city="Newark")
    found = [silent, right, wrong, other]
    assert filter_offers(query, found, {"city"}) == [silent, right]
    assert filter_offers(query, found) == [right]


def test_of_several_features_those_that_are_stated_must_be_there() -> None:
    query = Search(features={"sms", "voice"})
    found = [offered(), offered(features={"sms": True}), offered(features={"sms": False})]
    assert filter_offers(query, found, {"features"}) == found[:2]
