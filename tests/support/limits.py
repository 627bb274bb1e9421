"""Requests for tests of rate limits."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Sequence
from typing import Any

from anycarrier.engine.rate_limits import Budget, Limit, Stated
from anycarrier.engine.shared_budget import pace_of
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


def places_hold_the_limit(limit: Limit, owners: Sequence[Any]) -> None:
    """Let each of *owners*, stores of places, take as many as *limit* has, side by
    side: no interval holds more of them."""
    pace, times, asked = pace_of(limit), list[float](), list[float]()

    def take(owner: Any) -> None:
        for _ in range(limit.requests):
            began = time.time()
            times.append(began + owner.take("key", pace, 1, 0.0, 1e9))
            asked.append(time.time() - began)

    threads = [threading.Thread(target=take, args=(owner,)) for owner in owners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(times) == len(owners) * limit.requests
    # The places lie as the store's clock says, which it read at some time while it was asked.
    assert most_in(times, limit.seconds * 0.999 - max(asked)) <= limit.requests
    assert max(times) - min(times) <= len(owners) * limit.seconds / (0.98 if limit.requests > 20 else 0.4)


def most_in(times: Iterable[float], seconds: float) -> int:
    """Most of *times* that lie within an interval."""
    ordered, most, first = sorted(times), 0, 0
    for place, one in enumerate(ordered):
        while one - ordered[first] >= seconds:
            first += 1
        most = max(most, place - first + 1)
    return most
