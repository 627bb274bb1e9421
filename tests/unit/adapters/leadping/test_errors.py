"""Leadping's problems as errors, its rate limit, and waiting for a number."""

from __future__ import annotations

from typing import Any

import pytest

from anycarrier import Search
from anycarrier import errors as e
from anycarrier.exchange import Response
from anycarrier.model import Status
from anycarrier.testing import VirtualClock
from anycarrier_adapters.leadping.simulator import LeadpingSimulator
from support.leadping import JUNE, OCTOBER, calling, leadping, said
from support.script import drive


@pytest.mark.parametrize(
    "content_type", ["application/problem+json", "application/json", "text/json", "text/plain", "text/html", ""]
)
def test_a_problem_is_read_whatever_its_content_type(content_type: str) -> None:
    body = {
        "type": "https://leadping.ai/docs/errors/validation",
        "title": "Request validation failed",
        "status": 400,
        "detail": "One or more fields.",
        "errors": {"number": ["is required", "is short"], "x": 1},
        "traceId": "00-1-2",
    }
    error, _ = drive(leadping().search(Search()), said(body, 400, content_type))
    assert type(error) is e.InvalidRequest
    assert error.code == body["type"]
    assert error.detail == "Request validation failed; One or more fields.; number: is required; number: is short"
    assert error.request_id == "00-1-2"


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b'{"title": 7, "errors": [1]}', b"<html>", b'{"detail": NaN}'])
def test_a_problem_that_is_none_is_judged_by_its_status(body: bytes) -> None:
    error, _ = drive(leadping().search(Search()), Response(403, {}, body))
    assert type(error) is e.PermissionDenied
    assert error.detail is None


def test_beyond_three_hundred_requests_a_minute() -> None:
    clock = VirtualClock()
    simulator = LeadpingSimulator(now=clock.time, requests=3, retry_after=True)
    with calling(simulator, clock) as phone:
        for _ in range(3):
            phone.search(Search())
        with pytest.raises(e.RateLimited) as caught:
            phone.search(Search())
        assert caught.value.retry_after is not None
        assert caught.value.retry_after > 20  # longer than is waited for without being asked
        clock.sleep(caught.value.retry_after)
        phone.search(Search())
    simulator = LeadpingSimulator(now=clock.time, requests=1, retry_after=False)
    with calling(simulator, clock) as phone:
        phone.search(Search())
        with pytest.raises(e.RateLimited) as caught:
            phone.search(Search())
        assert caught.value.retry_after is None


# -- waiting


@pytest.mark.parametrize("api_version", [JUNE, OCTOBER])
def test_waiting_until_it_is_active_or_has_failed(api_version: Any) -> None:
    clock = VirtualClock()
    simulator = LeadpingSimulator(now=clock.time, api_version=api_version, provisioning=40, failing=["+12015550101"])
    with calling(simulator, clock) as phone:
        good, bad = phone.buy("+12015550100"), phone.buy("+12015550101")
        assert good.status is bad.status is Status.PENDING
        with pytest.raises(e.StillPending):
            phone.wait(good, deadline=10)
        assert phone.wait(good).status is Status.ACTIVE
        if api_version == JUNE:
            failed = phone.wait("+12015550101")
            assert (failed.status, failed.provider_status) == (Status.FAILED, "FailedProvisioning")
            assert failed.detail.provider_error
    assert [charge.amount for charge in simulator.ledger.charges] == [2, 2]
    assert [number for _, number, _ in simulator.ledger.refunds] == ["+12015550101"]  # what failed costs nothing
    assert simulator.ledger.total() == 2
