"""Rate limits, as the headers of an answer state them.

100 requests in 10 seconds and 200,000 a day, each for one app and one location (OAUTH, "Rate limits").
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from attrs import define, field, frozen

from anycarrier.adapter import Moment, Request, Response, RetryPolicy, TransportError

__all__ = ["POLICY", "Noted", "RateLimits", "rate_limits"]

LONGEST_INTERVAL = 30.0
"""Seconds: a longer interval is not waited for (the limit of HighLevel's own SDK)."""


@frozen(kw_only=True)
class RateLimits:
    """Limits that one answer stated; ``None`` where it stated nothing.

    Attributes:
        limit: requests in one interval.
        remaining: of them, still free.
        interval: seconds.
        daily_limit: requests in one day.
        daily_remaining: of them, still free.
        daily_reset: when the day's count begins anew, in the provider's own words (its form is not documented).
    """

    limit: int | None = None
    remaining: int | None = None
    interval: float | None = None
    daily_limit: int | None = None
    daily_remaining: int | None = None
    daily_reset: str | None = None


def rate_limits(headers: Mapping[str, str]) -> RateLimits | None:
    """The limits that *headers* (names in lower case) state; ``None`` where they state none."""
    if _NAMES.isdisjoint(headers):
        return None
    milliseconds = _count(headers, "x-ratelimit-interval-milliseconds")
    limits = RateLimits(
        limit=_count(headers, "x-ratelimit-max"),
        remaining=_count(headers, "x-ratelimit-remaining"),
        interval=None if milliseconds is None else milliseconds / 1000,
        daily_limit=_count(headers, "x-ratelimit-limit-daily"),
        daily_remaining=_count(headers, "x-ratelimit-daily-remaining"),
        daily_reset=headers.get("x-ratelimit-daily-reset"),
    )
    return None if limits == RateLimits() else limits


_NAMES = frozenset({
    "x-ratelimit-interval-milliseconds", "x-ratelimit-max", "x-ratelimit-remaining", "x-ratelimit-limit-daily",
    "x-ratelimit-daily-remaining", "x-ratelimit-daily-reset",
})  # fmt: skip


def _count(headers: Mapping[str, str], name: str) -> int | None:
    text = headers.get(name, "").strip()
    return int(text) if re.fullmatch(r"[0-9]{1,12}", text) else None


@define
class Noted:
    """The limits as last stated; ``None`` before any answer stated them."""

    last: RateLimits | None = field(default=None)

    def note(self, response: Response) -> None:
        """Keep what *response* states; an answer that states nothing changes nothing."""
        self.last = rate_limits(response.headers) or self.last


@frozen(kw_only=True)
class _Policy(RetryPolicy):
    """After a 429 without Retry-After: the interval that it names; none at all once the day's requests are used up."""

    def wait(
        self, request: Request, outcome: Response | TransportError, attempt: int, elapsed: float, moment: Moment
    ) -> float | None:
        wait = super().wait(request, outcome, attempt, elapsed, moment)
        if wait is None or isinstance(outcome, TransportError) or outcome.status != 429:
            return wait
        limits = rate_limits(outcome.headers) or RateLimits()
        if limits.daily_remaining == 0 or (limits.interval or 0.0) > LONGEST_INTERVAL:
            return None
        if "retry-after" not in outcome.headers:
            wait = max(wait, limits.interval or 0.0)
        return wait if elapsed + wait < self.total else None


POLICY = _Policy()
"""Retry policy of reads at these providers."""
