"""Rate limits as a budget: the requests that an account may still send, and the time of the next one.

An adapter declares its provider's documented limits as :class:`Limit`. A session consults the account's
:class:`Budget` before each request and sleeps as long as that says. Methods take the time as an argument, never read a
clock and return at once, so blocking clients, asynchronous clients and tests share the arithmetic.

The arithmetic is a sliding window over the times of recent requests and of those that wait for their turn: a request
may leave when the one ``requests`` places before it is ``seconds`` old. So a burst leaves at once, no interval of
``seconds`` holds more than ``requests``, and waiting callers are served in order.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from itertools import repeat
from typing import TYPE_CHECKING, TypeAlias

from attrs import field, frozen

from anycarrier import processes
from anycarrier.engine.backoff import backoff
from anycarrier.engine.retry import retry_after
from anycarrier.errors import RateLimited
from anycarrier.exchange import Exchange, Request, now, sleep
from anycarrier.hints import by_hints
from anycarrier.validation import seconds, validator, whole

if TYPE_CHECKING:
    from anycarrier.exchange import Response

__all__ = ["MAX_WAIT", "Budget", "Limit", "Stated", "Window"]

MAX_WAIT = 120.0
"""Seconds that a request waits for a rate limit at most, by default."""

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

GRANTED = 60.0
"""Seconds for which a purchase may use the place that was reserved for it."""

SLICE = 1.0
"""Seconds of one sleep, so that a caller that is stopped while it waits ends soon."""

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
    """

    requests: int = field(validator=validator(whole, 1, 10**9))
    seconds: float = field(validator=validator(seconds, zero=False))
    only: tuple[str, ...] = field(default=(), kw_only=True)
    stated: Stated | None = field(default=None, kw_only=True)


class _Held:
    """The time until which a 429 holds callers back."""

    __slots__ = ("first", "most", "strikes", "until")

    def __init__(self, first: float, most: float) -> None:
        self.first = first
        self.most = most
        self.strikes = 0
        self.until = NEVER

    def refused(self, at: float, asked: float | None) -> None:
        """Hold back after a 429: for the seconds of its ``Retry-After`` (``asked``), else longer each time."""
        if asked is None:
            if at < self.until - SLACK:
                return  # it left before the one that is held back for
            self.strikes += 1
            asked = backoff(self.strikes, self.first, self.most)
        self.until = max(self.until, at + min(asked, HELD_MOST))

    def answered(self, at: float) -> None:
        """End the series of 429 after another status."""
        if at >= self.until:
            self.strikes = 0


class Window(_Held):
    """Requests counted by one :class:`Limit`. Not thread-safe by itself: a :class:`Budget` locks it.

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


Ticket: TypeAlias = tuple[int, ...]
"""The argument that :meth:`Budget.observe` wants back: one number for each window that answers state."""

_lock = threading.Lock()
"""One lock for all budgets: it is held for a microsecond, and never during a sleep."""


def _forked() -> None:
    global _lock  # noqa: PLW0603
    _lock = threading.Lock()


processes.in_child(_forked)


class Budget:
    """Requests that one account may send. Thread-safe; no method waits but the exchanges."""

    def __init__(self, limits: Sequence[Limit] = ()) -> None:
        self.windows = tuple(Window(limit) for limit in limits)
        # A 429 is put down to the first of those that count a request: the narrowest, then the shortest.
        ordered = sorted(self.windows, key=lambda window: (not window.limit.only, window.limit.seconds))
        self._wide = tuple(window for window in ordered if not window.limit.only)
        self._narrow = {
            counted: tuple(window for window in ordered if not window.limit.only or counted in window.limit.only)
            for limit in limits
            for counted in limit.only
        }
        self._held = _Held(FIRST, 30.0)
        self._granted: list[float] = []
        self._struck = False
        self._latest = float("-inf")
        processes.begins_anew(self)

    def forked(self) -> None:
        """Go on in a child: requests that left count on, those that wait in the parent do not."""
        self._granted = []
        for window in self.windows:
            window.forked()

    def windows_of(self, request: Request) -> tuple[Window, ...]:
        """The limits that count *request*."""
        if not self._narrow:
            return self._wide
        return self._narrow.get(f"{request.method} {request.path}", self._wide)

    def try_acquire(self, request: Request, at: float) -> Ticket | None:
        """Count *request* as leaving now. ``None`` if it has to :meth:`wait`; then nothing is counted.

        A purchase always leaves, since it is in the journal already. What :meth:`reserve` counted is not counted again.
        """
        windows = self.windows_of(request)
        with _lock:
            at = self._now(at)
            if request.purpose == "purchase":
                while self._granted:
                    if at - self._granted.pop() <= GRANTED:
                        return _leave(tuple(window for window in windows if window.limit.only), at, windows)
                return _leave(windows, at)
            latest = at + SLACK
            if self._held.until > latest:
                return None
            for window in windows:
                if window.next(at) > latest:
                    return None
            return _leave(windows, at)

    def _now(self, at: float) -> float:
        """*at*, or the latest time seen: a thread may be held up after it read the clock, and requests of other threads
        have left before its own.
        """
        if at > self._latest:
            self._latest = at
        return self._latest

    def wait(self, request: Request, at_most: float, provider: str) -> Exchange[Ticket | RateLimited]:
        """Take the next free place and sleep until it comes. An error is returned, not raised.

        A caller that stops waiting gives its place back. Answers that arrive meanwhile count for waiting callers too.
        """
        return self._queue(self.windows_of(request), at_most, provider, request.operation)

    def reserve(self, at_most: float, provider: str, operation: str) -> Exchange[RateLimited | None]:
        """Take a place for a purchase before it is written to the journal, and sleep until it comes."""
        outcome = yield from self._queue(self._wide, at_most, provider, operation)
        if isinstance(outcome, RateLimited):
            return outcome
        at = (yield from now()).monotonic
        with _lock:
            self._granted.append(at)
        return None

    def _queue(
        self, windows: tuple[Window, ...], at_most: float, provider: str, operation: str
    ) -> Exchange[Ticket | RateLimited]:
        moment = (yield from now()).monotonic
        until = moment + at_most + SLACK
        place = self._reserve(windows, moment, until)
        try:
            while True:
                if place > until:
                    return _used_up(windows, place - moment, provider, operation)
                if place > moment + SLACK:
                    yield from sleep(min(place - moment, SLICE))
                    moment = (yield from now()).monotonic
                    continue
                with _lock:
                    moment = self._now(moment)
                    _give_back(windows, place)
                    held = max([self._held.until, *(window.until for window in windows)]) > moment + SLACK
                    due = max([moment, *(window.due(moment) for window in windows)])
                    if not held and due <= moment + SLACK:
                        return _leave(windows, moment)
                place = self._reserve(windows, moment, until, None if held else due)
        except BaseException:  # the waiting caller is stopped
            with _lock:
                _give_back(windows, place)
            raise

    def _reserve(self, windows: tuple[Window, ...], at: float, until: float, place: float | None = None) -> float:
        with _lock:
            at = self._now(at)
            place = self._next(windows, at) if place is None else place
            if place <= until:
                for window in windows:
                    window.take(place)
                    window.waiting += 1
        return place

    def _next(self, windows: tuple[Window, ...], at: float) -> float:
        place = max(at, self._held.until)
        for window in windows:
            place = max(place, window.next(at))
        return place

    def wants(self, response: Response, ticket: Ticket) -> bool:
        """Return whether :meth:`observe` has anything to learn from this answer."""
        return bool(ticket) or response.status == 429 or self._struck

    def observe(self, request: Request, response: Response, ticket: Ticket, at: float, wall: float) -> None:
        """Learn from an answer: its headers, and a 429."""
        windows = self.windows_of(request)
        held = windows[0] if windows else self._held
        with _lock:
            stating = [window for window in windows if window.limit.stated is not None]
            empty = [
                window.observe(at, before, response.headers) for window, before in zip(stating, ticket, strict=True)
            ]
            if response.status == 429:
                asked = retry_after(response.headers, wall)
                held.refused(at, max((one for one in empty if one), default=None) if asked is None else asked)
                self._struck = True
            elif held.strikes:
                held.answered(at)

    def as_dict(self, at: float) -> dict[str, object]:
        """The remaining budget as JSON-able data."""
        with _lock:
            return {
                "held": round(max(0.0, self._held.until - at), 3),
                "windows": [window.as_dict(at) for window in self.windows],
            }


def _leave(counting: tuple[Window, ...], at: float, stating: tuple[Window, ...] | None = None) -> Ticket:
    for window in counting:
        window.take(at)
        window.sent += 1
    return tuple([window.used - window.sent for window in stating or counting if window.limit.stated is not None])


def _give_back(windows: tuple[Window, ...], place: float) -> None:
    for window in windows:
        window.give_back(place)
        window.waiting -= 1


def _used_up(windows: tuple[Window, ...], wait: float, provider: str, operation: str) -> RateLimited:
    said = " and ".join(f"{window.requests} requests in {window.seconds:g} s" for window in windows)
    allowed = f"the provider allows {said}" if said else "the provider answered 429"
    return RateLimited(
        f"{allowed}: the next request could go in {wait:.0f} s, longer than max_wait; nothing was sent",
        provider=provider,
        operation=operation,
        retry_after=wait,
        maybe_applied=False,
    )
