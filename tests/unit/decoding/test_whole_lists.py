"""A list that ends without an error is whole: nothing is missing from it, and nothing in it twice."""

from __future__ import annotations

import json
from typing import Any

import pytest

from anycarrier import Client, NotFound, PhoneNumber, UnexpectedResponse
from anycarrier.attempt import Attempt, AttemptState, Draft
from anycarrier.decoding.pages import NotAll, Pages
from anycarrier.exchange import Response
from anycarrier.testing import VirtualClock
from anycarrier_adapters.lc_phone import LCPhone
from anycarrier_adapters.leadping import Leadping
from anycarrier_adapters.voicetel import VoiceTel
from support.lc import NAMES, ROW, Lc, Wire, answer, enveloped

LEADPING = Leadping(api_key="lp_0")
PHONE = LCPhone(token="pit-0", location_id="loc1")
VOICETEL = VoiceTel(api_key="0" * 32)


def read(provider: Any, *pages: Any) -> tuple[list[str], str | None]:
    """Items of the list, and the error that it ends in."""
    given: list[str] = []
    with Client(provider, transport=Wire(*map(answer, pages)), clock=VirtualClock()) as client:
        try:
            given.extend(owned.number for owned in client.list())
        except NotAll as error:
            return given, str(error)
    return given, None


def number(place: int) -> str:
    return f"+1201555{100 + place:04}"


def lc(*places: int, total: int | None = None, size: int = 3, odd: bool = False) -> dict[str, Any]:
    """A page; with *odd* it is one that only the models read."""
    stated = {"pageSize": size, "page": 0, "accountStatus": "active"} | ({} if total is None else {"total": total})
    more = {"isDefaultNumber": "odd"} if odd else {}
    return enveloped(
        {"numbers": [{**ROW, "phoneNumber": number(place), "sid": f"PN{place}", **more} for place in places], **stated}
    )


@pytest.mark.parametrize("odd", [False, True])
@pytest.mark.parametrize("provider", [PHONE])
@pytest.mark.parametrize(
    ("pages", "given", "error"),
    [
        ([((0, 1), 3), ((2,), 3)], 3, None),  # filtered after paging: a short page is not the last
        ([((0, 1), 3), ((), 3)], 2, "2 of the 3"),
        ([((), 1)], 0, "0 of the 1"),
        ([((0, 1, 2), 5), ((2, 3, 4), 5)], 5, None),  # they overlap
        ([((0, 1, 2), 5), ((0, 3, 4), 5)], 5, None),  # a pinned row
        ([((0, 1, 2), 6), ((3, 4), 5), ((), 5)], 5, "5 of the 6"),  # one was released meanwhile: another was skipped
        ([((0, 1, 2), 4), ((0, 1, 2), 4)], 3, "3 of the 4"),
        ([((0, 1, 2), None), ((0, 1, 2), None)], 3, "came again"),
        ([((0, 1, 2), None), ((0,), None)], 3, None),
        ([((0, 1, 2), None), ((2, 3), None)], 4, None),
        ([((0, 0, 1), 2)], 2, None),
        ([((0, 1, 2), 2)], 3, None),  # more than stated is fine
    ],
)
def test_leadconnectors_pages(
    provider: Any, pages: list[tuple[tuple[int, ...], int | None]], given: int, error: str | None, odd: bool
) -> None:
    numbers, said = read(provider, *(lc(*places, total=total, odd=odd) for places, total in pages))
    assert numbers == [number(place) for place in range(given)]
    assert said is None if error is None else error in str(said)


def row(place: int) -> dict[str, Any]:
    return {"id": f"num_{place}", "number": number(place), "name": "Main", "status": "Active"}


def leadping(*places: int, total: int | None = None, token: str | None = None, odd: bool = False) -> dict[str, Any]:
    more = {"warmupHealthScore": "87"} if odd else {}
    rows = [{**row(place), **more} for place in places]
    return {"items": rows, "pageSize": 100, "totalCount": total, "continuationToken": token}


@pytest.mark.parametrize("odd", [False, True])
@pytest.mark.parametrize(
    ("pages", "given", "error"),
    [
        ([((0, 1), 3, "a"), ((2,), 3, None)], 3, None),
        ([((0, 1), 3, None)], 2, "2 of the 3"),
        ([((), 1, None)], 0, "0 of the 1"),
        ([((0, 1), None, "a"), ((), None, "b"), ((1, 2), None, None)], 3, None),
        ([((0, 1), None, "a"), ((0, 2), None, None)], 3, None),
        ([((0, 1), 5, "a"), ((2, 1), 2, None)], 3, "3 of the 5"),
    ],
)
def test_leadpings_pages(pages: list[Any], given: int, error: str | None, odd: bool) -> None:
    made = (leadping(*places, total=total, token=token, odd=odd) for places, total, token in pages)
    numbers, said = read(LEADPING, *made)
    assert numbers == [number(place) for place in range(given)]
    assert said is None if error is None else error in str(said)


def test_leadping_that_gives_a_page_again_under_ever_new_cursors_is_not_read_for_ever() -> None:
    wire = Wire(*(answer(leadping(0, 1, token=f"t{place}")) for place in range(9)))
    again = pytest.raises(UnexpectedResponse, match="came again")
    with Client(LEADPING, transport=wire, clock=VirtualClock()) as client, again:
        list(client.list())
    assert len(wire.requests) == 2
    wire = Wire(*(answer(leadping(token=f"t{place}")) for place in range(200)))
    endless = pytest.raises(UnexpectedResponse, match="in a row that are empty")
    with Client(LEADPING, transport=wire, clock=VirtualClock()) as client, endless:
        list(client.list())
    assert len(wire.requests) == 100


@pytest.mark.parametrize("total", [True, -1, "many", [1], {"value": 1}, 0.5])
def test_a_total_that_is_no_number_makes_no_list_whole(total: Any) -> None:
    for provider, body in ((LEADPING, leadping(0, total=total)), (PHONE, lc(0, total=total))):
        with pytest.raises(UnexpectedResponse, match="total"):
            read(provider, body)


@pytest.mark.parametrize("more", [{"status": "error"}, {"success": False}, {"error": "x"}, {"errors": [{"code": 1}]}])
def test_a_page_of_leadping_that_says_that_it_failed_is_no_list(more: Any) -> None:
    for places in ((), (0, 1)):
        with pytest.raises(UnexpectedResponse, match="with status 200"):
            read(LEADPING, {**leadping(*places), **more})


class Streamed:
    """Answers with one body, in two pieces."""

    def __init__(self, body: Any) -> None:
        self.text = json.dumps(body).encode()

    def send(self, request: Any) -> Response:
        return Response(200, {}, b"", iter([self.text[:20], self.text[20:], b""]))

    def read(self, stream: Any) -> bytes:
        return bytes(next(stream))

    def close_stream(self, stream: Any) -> None: ...

    def close(self) -> None: ...


@pytest.mark.parametrize("name", ["total", "totalCount"])
@pytest.mark.parametrize(
    ("stated", "whole"),
    [(2, True), (1, True), (3, False), ("3", False), (3.0, False), (None, True), ("many", True), (True, True)],
)
def test_voicetels_document(name: str, stated: Any, whole: bool) -> None:
    rows = [{"number": number(place)[2:]} for place in range(2)]
    given: list[str] = []
    with Client(VOICETEL, transport=Streamed({"status": "success", "data": {"numbers": rows, name: stated}})) as client:
        try:
            given.extend(owned.number for owned in client.list())
        except NotAll as error:
            assert "2 of the 3" in str(error)
            assert not whole
        else:
            assert whole
    assert given == [number(0), number(1)]


@pytest.mark.parametrize("name", NAMES)
def test_leadconnectors_filter_that_hides_what_it_counts_decides_nothing(name: str) -> None:
    wanted = PhoneNumber(number(1))
    hidden = Lc(name, answer(lc(total=1)), answer(lc(0, 1, total=2)))
    assert hidden.get(wanted).number == wanted
    assert "searchFilter" not in hidden.wire.query(1)
    assert hidden.wire.query(1)["skipNumberPool"] == "false"
    absent = Lc(name, answer(lc(total=1)), answer(lc(0, total=1)))
    with pytest.raises(NotFound):
        absent.get(wanted)
    for pages in ([lc(total=1), lc(total=1)], [lc(total=1), lc(0, total=2), lc(total=2)]):
        with pytest.raises(UnexpectedResponse, match="not whole"):
            Lc(name, *map(answer, pages)).get(wanted)


def test_leadpings_search_that_hides_what_it_counts_decides_nothing() -> None:
    wanted = PhoneNumber(number(1))
    draft = Draft(provider="leadping", account="leadping", number=wanted, key="ac1_0", body=b"{}")
    attempt = Attempt(draft=draft, state=AttemptState.IN_DOUBT, first_sent=0.0, last_sent=0.0)

    def looked(*pages: Any) -> Any:
        with Client(LEADPING, transport=Wire(*map(answer, pages)), clock=VirtualClock()) as client:
            return client.run(LEADPING.find_purchase(attempt))

    assert looked(leadping(total=1), leadping(0, 1, total=2)).number == wanted
    assert looked(leadping(total=1), leadping(0, total=1)) is None
    with pytest.raises(NotAll):
        looked(leadping(total=1), leadping(0, total=2))


def names(first: int, many: int = 500) -> list[tuple[None, str]]:
    return [(None, str(place)) for place in range(first, first + many)]


def test_pages_remember_what_came() -> None:
    pages = Pages()
    for first in range(0, 2_000, 500):
        assert pages.new(names(first)) is None
    assert pages.new([(None, "7"), (None, "x"), (None, "x"), (None, "1999")], total=2_002) == [1]
    assert (pages.count, pages.stated, pages.whole) == (2_001, 2_002, False)
    assert pages.problem() == "it ends after 2001 of the 2002 records that it states"
    assert pages.new([], total=3) is None
    assert pages.stated == 2_002


def test_pages_of_a_long_list_know_the_last_ones_the_pinned_one_and_one_that_comes_again_from_long_ago() -> None:
    pages = Pages()
    pinned = (None, "pinned")
    for first in range(0, 20_000, 500):
        repeated = [pinned, *names(first - 3, 3)] if first else [pinned]
        new = pages.new([*repeated, *names(first)])
        assert new is None if first == 0 else new == [*range(4, 504)]
    assert pages.count == 20_001
    assert sum(map(len, (pages._recent, pages._before))) < 6_000
    other = Pages()
    for first in range(0, 20_000, 500):
        other.new(names(first))
    assert other.new(names(0)) == []
    assert other.count == 20_000
