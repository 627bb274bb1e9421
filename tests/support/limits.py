"""Requests for tests of rate limits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from anycarrier.engine.rate_limits import Budget, Limit, Stated
from anycarrier.exchange import Request, Response

STATED = Stated(limit="x-max", remaining="x-left", milliseconds="x-ms")
TEN = Limit(10, 10.0, stated=STATED)


def request(path: str = "/things", method: str = "GET", **more: Any) -> Request:
    return Request(account="a", operation="op", method=method, path=path, **more)


def observe(budget: Budget, at: float, ticket: Any, status: int = 200, **headers: str) -> None:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    budget.observe(request(), Response(status, named), ticket, at, 0.0)


def left(budget: Budget, at: float) -> int:
    return budget.windows[0].left(at)


def most_in(times: Iterable[float], seconds: float) -> int:
    """Most of *times* that lie within an interval."""
    ordered, most, first = sorted(times), 0, 0
    for place, one in enumerate(ordered):
        while one - ordered[first] >= seconds:
            first += 1
        most = max(most, place - first + 1)
    return most
