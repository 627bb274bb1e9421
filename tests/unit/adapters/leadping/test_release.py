"""Leadping's release of a number."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from anycarrier import errors as e
from anycarrier.exchange import Response
from anycarrier.model import OwnedNumber, ReleaseState
from support.leadping import NUMBER, leadping, page, problem, record, requests, row, said
from support.script import drive


@pytest.mark.parametrize(
    ("answer", "state", "at"),
    [
        (
            said(record(status="PendingRelease", providerReleaseScheduledAt="2026-07-01T00:00:00Z")),
            ReleaseState.SCHEDULED,
            datetime(2026, 7, 1, tzinfo=UTC),
        ),
        (
            said(record(inventoryState="Released", providerReleasedAt="2026-06-30T00:00:00Z")),
            ReleaseState.RELEASED,
            datetime(2026, 6, 30, tzinfo=UTC),
        ),
        (said(record()), ReleaseState.SCHEDULED, None),
        (problem(404), ReleaseState.RELEASED, None),
        (Response(404, {}, b"<html>"), ReleaseState.SCHEDULED, None),
        (problem(500), ReleaseState.SCHEDULED, None),
        (Response(200, {}, b"<html>"), ReleaseState.SCHEDULED, None),
        (e.TransportError("gone", kind="broken"), ReleaseState.SCHEDULED, None),
    ],
)
def test_a_release_was_accepted_and_its_date_is_read_afterwards(
    answer: Any, state: ReleaseState, at: datetime | None
) -> None:
    ours = OwnedNumber(provider="leadping", account="leadping", number=NUMBER, id="num_1")
    released, effects = drive(leadping().release(ours), Response(204), *[answer] * 3)
    assert (released.state, released.at, released.number) == (state, at, NUMBER)
    request = requests(effects)[0]
    assert (request.method, request.body, request.query, request.purpose) == ("DELETE", None, (), "write")


@pytest.mark.parametrize("after", [said(record()), problem(500), Response(404, {}, b"<html>")])
def test_a_page_with_200_accepts_no_release(after: Any) -> None:
    ours = OwnedNumber(provider="leadping", account="leadping", number=NUMBER, id="num_1")
    doubt, _ = drive(leadping().release(ours), Response(200, {}, b"<html>welcome</html>"), *[after] * 3)
    assert isinstance(doubt, e.UnexpectedResponse)
    assert doubt.maybe_applied
    going = said(record(providerReleaseScheduledAt="2026-07-30T00:00:00Z"))
    released, _ = drive(leadping().release(ours), Response(200, {}, b"<html>welcome</html>"), going)
    assert released.state is ReleaseState.SCHEDULED


def test_a_release_by_number_looks_again_where_the_id_is_stale() -> None:
    provider = leadping()
    drive(provider.get(NUMBER), page(row(id="num_7")), said(record(id="num_7")))
    answers = [problem(404), page(row(id="num_8")), Response(204), problem(404)]
    released, effects = drive(provider.release(NUMBER), *answers)
    assert released.state is ReleaseState.RELEASED
    assert [request.method for request in requests(effects)] == ["DELETE", "POST", "DELETE", "GET"]
    missing, _ = drive(leadping().release(NUMBER), page(), page())
    assert isinstance(missing, e.NotFound)
