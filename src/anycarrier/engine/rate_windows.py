"""Documented limits, and the sliding windows that count requests against them.

A request may leave when the one ``requests`` places before it is ``seconds`` old. So a burst leaves at once, no
interval of ``seconds`` holds more than ``requests``, and waiting callers are served in order. Methods take the time as
an argument and never read a clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from itertools import repeat

from attrs import field, frozen

from anycarrier.engine.retry import backoff
from anycarrier.hints import by_hints
from anycarrier.validation import seconds, validator, whole

__all__ = ["FIRST", "SLACK", "Held", "Limit", "Stated", "Window"]

MARGIN, MARGIN_MOST = 0.02, 1.0
"""Share of its length, and seconds at most, by which a window is extended: requests that leave ``seconds`` apart may
arrive a little closer. It costs 2 % of the rate."""

ROWS = 1000
"""Times that a window stores at most; for a larger limit, each stands for several requests."""

BELIEVED = 600.0
"""Seconds for which "nothing is left" is believed of a longer window whose end is not stated."""

REQUESTS_MOST, SECONDS_MOST = 1_000_000, 31 * 86_400.0
"""Stated limits beyond these are ignored."""

FIRST = 0.25
"""Seconds for which the first 429 without ``Retry-After`` holds an account back."""

HELD_MOST = 3600.0
"""Seconds for which a 429 holds an account back at most."""

SLACK = 1e-9
"""Seconds; a shorter wait is a rounding error."""

NEVER = float("-inf")


@frozen(kw_only=True, field_transformer=by_hints)
class Stated:
    """Names of the headers that state a limit and its remainder, in lower case.

    Attributes:
        limit: requests in the window.
        remaining: requests that are left of it.
        milliseconds: length of the window.
    """

    limit: str = ""
    remaining: str = ""
    milliseconds: str = ""


@frozen(field_transformer=by_hints)
class Limit:
    """A documented limit: a number of requests within any interval of some seconds.

    Attributes:
        requests: the number.
        seconds: length of the interval.
        only: requests that share it, by method and path template such as ``"GET /v1/account"``; empty for all of the
            account's requests.
        stated: headers that state it.
        per_address: whether the provider counts by the address of the client, so that all accounts of a
            :class:`~anycarrier.engine.budget_table.BudgetTable` share it.
    """

    requests: int = field(validator=validator(whole, 1, 10**9))
    seconds: float = field(validator=validator(seconds, zero=False))
    only: tuple[str, ...] = field(default=(), kw_only=True)
    stated: Stated | None = field(default=None, kw_only=True)
    per_address: bool = field(default=False, kw_only=True)


class Held:
    """The time until which a 429 holds callers back."""

    __slots__ = ("first", "most", "strikes", "until")

    def __init__(self, first: float, most: float) -> None:
        self.first = first
        self.most = most
        self.strikes = 0
        self.until = NEVER

    def refused(self, at: float, wait: float | None) -> None:
        """Hold back after a 429: for the seconds of its ``Retry-After`` (*wait*), else longer each time."""
        if wait is None:
            if at < self.until - SLACK:
                return  # it left before the one that is held back for
            self.strikes += 1
            wait = backoff(self.strikes, self.first, self.most)
        self.until = max(self.until, at + min(wait, HELD_MOST))

    def answered(self, at: float) -> None:
        """End the series of 429 after another status."""
        if at >= self.until:
            self.strikes = 0


class Window(Held):
    """Requests counted by one :class:`Limit`. Not thread-safe by itself: its budget locks it.

    Attributes:
        requests: of the limit as declared, or as answers have stated it since.
        seconds: likewise.
        waiting: requests with a place in the future.
        sent: requests that left, including those that other programs must have sent.
    """

    __slots__ = (
        "_left",
        "_rows",
        "_said",
        "_share",
        "_span",
        "_times",
        "limit",
        "requests",
        "seconds",
        "sent",
        "waiting",
    )

    def __init__(self, limit: Limit) -> None:
        super().__init__(max(FIRST, limit.seconds / limit.requests), limit.seconds)
        self.limit = limit
        self.waiting = 0
        self.sent = 0
        self._times: deque[float] = deque()
        self._share = 1  # requests that one row of the times stands for
        self._left = 0  # of these, the last row's that are still free
        self._said: tuple[str | None, str | None] = (None, None)
        self._fit(limit.requests, limit.seconds)

    def _fit(self, requests: int, seconds: float) -> None:
        share = -(-requests // ROWS)
        if share != self._share:
            taken = len(self._times) * self._share - self._left
            each = [time for time in self._times for _ in range(self._share)][-taken:] if taken else []
            self._times = deque(each[::-1][::share][::-1])
            self._share, self._left = share, len(self._times) * share - taken
        self.requests: int = requests
        self.seconds: float = seconds
        self._rows = requests // share
        self._span = seconds + min(seconds * MARGIN, MARGIN_MOST)

    def next(self, at: float) -> float:
        """The time at which the next request may leave: *at*, or later."""
        times = self._times
        if times and times[0] + self._span <= at + SLACK:
            self._forget(at)
        row = len(times) - self._rows
        if at < self.until:
            at = self.until
        if row < 0:
            return at
        if self._left:
            return max(at, times[-1])
        return max(at, times[row] + self._span)

    def _forget(self, at: float) -> None:
        """Drop requests that count no longer."""
        times, span = self._times, self._span
        at += SLACK
        while times and times[0] + span <= at:
            times.popleft()
            if not times:
                self._left = 0

    def due(self, at: float) -> float:
        """The time at which a request whose place has come may leave: earlier ones may have left after their places."""
        from bisect import bisect_right  # waiting is rare

        self._forget(at)
        row = bisect_right(self._times, at) - self._rows
        return at if row < 0 or self._share > 1 else max(at, self._times[row] + self._span)

    def take(self, at: float) -> None:
        """Count a request that leaves, or will leave, *at* this time."""
        times = self._times
        if self._left:
            self._left -= 1
            times[-1] = max(times[-1], at)
            return
        self._left = self._share - 1
        if not times or at >= times[-1]:
            times.append(at)
        elif self._share > 1:
            times.append(times[-1])
        else:
            from bisect import insort

            insort(times, at)

    def give_back(self, at: float) -> None:
        """Uncount a request that does not leave after all."""
        if self._share == 1:
            try:
                self._times.remove(at)
            except ValueError:
                pass

    def forked(self) -> None:
        """Drop the requests that wait in the parent, which have the latest places."""
        if self._share == 1:
            for _ in range(min(self.waiting, len(self._times))):
                self._times.pop()
        self.waiting = 0

    @property
    def used(self) -> int:
        """Requests that left and count still."""
        return len(self._times) * self._share - self._left - self.waiting

    def left(self, at: float) -> int:
        """Requests that may leave at once."""
        return 0 if self.next(at) > at + SLACK else max(0, self.requests - self.used - self.waiting)

    def resets(self, at: float) -> float:
        """Seconds until the whole limit is free, if nothing more is sent."""
        self.next(at)
        return max(0.0, self.until - at, self._times[-1] + self._span - at if self._times else 0.0)

    def observe(self, at: float, before: int, headers: Mapping[str, str]) -> float | None:
        """Learn from the *headers* of an answer; *before* is ``used - sent`` as it was when its request left.

        If they state that nothing is left, returns the seconds after which something certainly is.
        """
        names = self.limit.stated
        if names is None:
            return None
        said = (headers.get(names.limit), headers.get(names.milliseconds))
        if said != self._said:  # mostly it says the same as before
            self._said = said
            requests, seconds = _count(said[0]) or 0, (_count(said[1]) or 0) / 1000
            self._fit(
                requests if 0 < requests <= REQUESTS_MOST else self.requests,
                seconds if 0 < seconds <= SECONDS_MOST else self.seconds,
            )
        remaining = _count(headers.get(names.remaining))
        if remaining is None:
            return None
        requests = self.requests
        # The provider may have counted all that we sent until now. Whatever it counts beyond that was sent by others.
        others = min(requests - remaining - (before + self.sent), requests - self.used)
        if others > 0:
            taken = len(self._times) * self._share - self._left + others
            rows = -(-taken // self._share)
            ends = at + min(self.seconds, BELIEVED)
            self._times = deque(sorted([*self._times, *repeat(ends - self._span, rows - len(self._times))]))
            self._left = rows * self._share - taken
            self.sent += others
        return None if remaining else min(self.seconds, BELIEVED)

    def as_dict(self, at: float) -> dict[str, object]:
        """For people and JSON."""
        return {
            "limit": self.requests,
            "seconds": self.seconds,
            "only": list(self.limit.only),
            "remaining": self.left(at),
            "resets": round(self.resets(at), 3),
        }


def _count(text: str | None) -> int | None:
    text = text.strip() if text else ""
    return int(text) if len(text) <= 12 and text.isascii() and text.isdigit() else None
