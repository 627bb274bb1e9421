"""Listings are handed out page by page, and streams are closed."""

from __future__ import annotations

import pytest

from anycarrier.errors import TransportError
from anycarrier.exchange import Emit, Exchange, Listing, collect, read, send, together
from support.rigs import Rig, asking, get


def pages(count: int, seen: list[str]) -> Listing[int]:
    try:
        for page in range(count):
            yield from asking(f"/page/{page}")
            yield Emit([page * 2, page * 2 + 1])
    finally:
        seen.append("closed")


def test_a_listing_is_handed_out_page_by_page(rig: Rig) -> None:
    made, seen = rig(), []  # type: ignore[var-annotated]
    assert made.items(pages(3, seen)) == [0, 1, 2, 3, 4, 5]
    assert len(made.transport.sent) == 3
    assert seen == ["closed"]


def test_stopping_early_asks_for_no_further_page(rig: Rig) -> None:
    made, seen = rig(), []  # type: ignore[var-annotated]
    assert made.items(pages(3, seen), most=1) == [0]
    assert len(made.transport.sent) == 1
    assert seen == ["closed"]


def test_a_listing_can_be_collected_inside_an_exchange(rig: Rig) -> None:
    assert rig().run(collect(pages(2, []))) == [0, 1, 2, 3]


def streaming() -> Listing[bytes]:
    response = yield from send(get(stream=True))
    while chunk := (yield from read(response.stream)):
        yield Emit([chunk])


def test_a_streams_end_and_early_exit_both_close_it(rig: Rig) -> None:
    for most, expected in ((10, [b"a", b"b", b"c"]), (2, [b"a", b"b"])):
        made = rig(lambda _: [b"a", b"b", b"c"])
        assert made.items(streaming(), most) == expected
        assert made.transport.closed == list(made.transport.chunks)


def test_a_broken_stream_raises_and_is_closed(rig: Rig) -> None:
    made = rig(lambda _: [b"a", TransportError("broke off", kind="broken")])
    with pytest.raises(TransportError, match="broke off"):
        made.items(streaming())
    assert made.transport.closed == list(made.transport.chunks)


def test_streams_of_an_exchange_that_fails_are_closed(rig: Rig) -> None:
    def opening() -> Exchange[None]:
        yield from together([send(get(stream=True)), send(get(stream=True))])
        raise ValueError("no")

    made = rig(lambda _: [b"a"])
    with pytest.raises(ValueError, match="no"):
        made.run(opening())
    assert set(made.transport.closed) == set(made.transport.chunks)
    assert len(made.transport.closed) == 2
