"""Rate limits as a budget: the requests that an account may still send, and the time of the next one.

An adapter declares its provider's documented limits as :class:`Limit`. A session consults the account's
:class:`Budget` before each request and sleeps as long as that says. Methods take the time as an argument, never read a
clock and return at once, so blocking clients, asynchronous clients and tests share the arithmetic.

The arithmetic is a sliding window over the times of recent requests and of those that wait for their turn: see
:mod:`anycarrier.engine.rate_windows`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from anycarrier import processes
from anycarrier.engine.rate_windows import FIRST, SLACK, Held, Limit, Stated, Window
from anycarrier.engine.retry import retry_after
from anycarrier.errors import RateLimited
from anycarrier.exchange import Exchange, Request, now, sleep

if TYPE_CHECKING:
    from anycarrier.exchange import Response

__all__ = ["MAX_WAIT", "Budget", "Limit", "Stated", "Window"]

MAX_WAIT = 120.0
"""Seconds that a request waits for a rate limit at most, by default."""

GRANTED = 60.0
"""Seconds for which a purchase may use the place that was reserved for it."""

SLICE = 1.0
"""Seconds of one sleep, so that a caller that is stopped while it waits ends soon."""


Ticket: TypeAlias = tuple[int, ...]
"""The argument that :meth:`Budget.observe` wants back: one number for each window that answers state."""

_lock = threading.Lock()
"""One lock for all budgets: it is held for a microsecond, and never during a sleep."""


def _forked() -> None:
    global _lock  # noqa: PLW0603
    _lock = threading.Lock()


processes.in_child(_forked)


class Budget:
    """Requests that one account may send. Thread-safe; no method waits but the exchanges.

    Args:
        limits: documented ones.
        window_of: makes the window of a limit, or gives one that other budgets count in too.
    """

    def __init__(self, limits: Sequence[Limit] = (), *, window_of: Callable[[Limit], Window] = Window) -> None:
        self.windows = tuple(window_of(limit) for limit in limits)
        # A 429 is put down to the first of those that count a request: the narrowest, then the shortest.
        ordered = sorted(self.windows, key=lambda window: (not window.limit.only, window.limit.seconds))
        self._wide = tuple(window for window in ordered if not window.limit.only)
        self._narrow = {
            counted: tuple(window for window in ordered if not window.limit.only or counted in window.limit.only)
            for limit in limits
            for counted in limit.only
        }
        self._held = Held(FIRST, 30.0)
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
                    yield from sleep(min(place - moment, SLICE), "rate_limit")
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
