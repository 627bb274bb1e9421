"""Rate budgets that processes share: the place of each request comes from a store, one call for each.

Requests leave evenly, at 98 % of a documented rate (generic cell rate algorithm, ITU-T I.371), with a burst of 2 % of
it: no interval holds more than the documented number, from all of them together. Of a limit of some few requests half
may leave at once, and the rest evenly. A worker that dies loses its places of the next half a second, and no
more.

Where the store does not answer, nothing is sent: the journal lies in the same database, and nothing may be bought
without it.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias, runtime_checkable

from attrs import frozen

from anycarrier.engine.accounts import Account
from anycarrier.engine.rate_limits import Budget, Limit, Ticket
from anycarrier.engine.rate_windows import SLACK
from anycarrier.engine.retry import retry_after
from anycarrier.errors import AnyCarrierError, RateLimited, masked, printable
from anycarrier.exchange import Exchange, Request, Response, call, exclusive, now, sleep

__all__ = ["Pace", "Places", "SharedBudget", "pace_of", "shared_budgets"]

MARGIN = 0.02
"""Share of a limit that may leave at once, and the rest evenly."""

FEW = 20
"""Requests of a limit of which half may leave at once: 2 % of them are none."""

LONGEST_EVEN = 3600.0
"""Seconds of the longest limit whose requests leave evenly; those of a longer one are taken in slices."""

SLICE = 100
"""Requests of a long limit that a process takes at once."""

LONGEST_SLEEP = 1.0
"""Seconds of one sleep, so that a caller that is stopped while it waits ends soon."""

NEAR = 0.5
"""Seconds before its place at which a request lets the next one of its process take one."""

UNSTATED = 1.0
"""Seconds for which a 429 that says no time holds all processes back."""


@frozen
class Pace:
    """A limit as even steps.

    Attributes:
        step: seconds between two requests.
        burst: seconds by which requests may be ahead of their step, together.
    """

    step: float
    burst: float


def pace_of(limit: Limit) -> Pace:
    """The pace at which no interval of *limit* holds more than its number."""
    at_once = limit.requests // 2 if limit.requests <= FEW else int(limit.requests * MARGIN)
    at_once = max(1, at_once)
    step = limit.seconds / max(1, limit.requests - at_once)
    return Pace(step, (at_once - 1) * step)


@runtime_checkable
class Places(Protocol):
    """A store of places that processes share. Its methods block, and may be called from any thread."""

    def take(self, key: str, pace: Pace, count: int, hold: float, at_most: float) -> float | None:
        """Take the next *count* places of the limit *key*.

        Args:
            hold: seconds from now on before which no place of this limit lies, for anybody.
            at_most: seconds; a place that lies later is not taken.

        Returns:
            Seconds until the last of them; ``None`` where the next one lies later than *at_most*.

        Raises:
            AnyCarrierError: the store cannot be reached.
        """
        ...

    def take_slice(self, key: str, limit: Limit, count: int) -> float:
        """Take *count* requests of a long limit. Returns zero, or the seconds until there may be as many.

        Raises:
            AnyCarrierError: the store cannot be reached.
        """
        ...


_Wanted: TypeAlias = tuple[tuple[str, Limit], ...]


class SharedBudget(Budget):
    """Requests that one account may send, counted together with all processes that name the same *key*.

    Args:
        limits: documented ones.
        key: name of the account in the store.
        places: the store.
        everybody: name of all accounts together, for limits per address; by default *key*.
    """

    def __init__(self, limits: Sequence[Limit], key: str, places: Places, everybody: str | None = None) -> None:
        super().__init__(limits)
        self._places = places
        owners = [(everybody or key) if limit.per_address else key for limit in limits]
        self._shared = tuple(
            (f"{owner}/{limit.requests}/{limit.seconds:g}/{' '.join(limit.only)}", limit)
            for owner, limit in zip(owners, limits, strict=True)
        )
        self._failures = 0
        self.forked()

    def forked(self) -> None:
        """Go on in a child: places and slices that the parent took are the parent's."""
        super().forked()
        self._asking = threading.Lock()  # held while the store answers
        self._guard = threading.Lock()  # held for a microsecond: an event loop may take it
        self._left: dict[str, int] = {}
        self._queued: Counter[tuple[_Wanted, str]] = Counter()
        self._owed, self._hold = 0, 0.0

    def try_acquire(self, request: Request, at: float) -> Ticket | None:
        """Count *request* as leaving now, where it is a purchase; ``None`` for all others, which have to wait for a
        place.

        A purchase always leaves, since it is in the journal already. A repetition of one has no place: the next place
        is taken for it too.
        """
        if request.purpose != "purchase":
            return None
        with self._guard:
            if self._granted:
                self._granted.pop()
            else:
                self._owed += 1
        return ()

    def wait(self, request: Request, at_most: float, provider: str) -> Exchange[Ticket | RateLimited]:
        """Take a place, and sleep until it comes. An error is returned, not raised."""
        counted = f"{request.method} {request.path}"
        wanted = tuple(one for one in self._shared if not one[1].only or counted in one[1].only)
        # One request at a time stands in line with purchases, of which each was searched for already: a search whose
        # purchase gets no place in time is a request for nothing.
        return self._place(wanted, at_most, provider, request.operation, line="requests")

    def reserve(self, at_most: float, provider: str, operation: str) -> Exchange[RateLimited | None]:
        """Take a place for a purchase before it is written to the journal, and sleep until it comes."""
        wanted = tuple(one for one in self._shared if not one[1].only)
        outcome = yield from self._place(wanted, at_most, provider, operation)
        if isinstance(outcome, RateLimited):
            return outcome
        self._granted.append((yield from now()).monotonic)
        return None

    def _place(
        self, wanted: _Wanted, at_most: float, provider: str, operation: str, line: str = ""
    ) -> Exchange[Ticket | RateLimited]:
        """Take a place and wait for it. The next request of the process takes one when that is near, so that a process
        which is killed loses few, and one that is held up for a moment none.

        Args:
            line: name of the line whose first one waits with the purchases; without it, a purchase.
        """
        if not wanted:
            return ()
        paces = [pace_of(limit) for _, limit in wanted if limit.seconds <= LONGEST_EVEN]
        queued = wanted, line
        with self._guard:
            ahead = self._queued[queued] + (self._queued[wanted, ""] if line else 0)
            self._queued[queued] += 1
            failures = self._failures
        try:
            behind = max((ahead * pace.step - pace.burst for pace in paces), default=0.0)
            if behind > at_most:
                return _too_late(wanted[0][1], behind, provider, operation)
            until = (yield from now()).monotonic + at_most
            turn = self._in_turn(wanted, until, failures, provider, operation)
            name = f"place {id(self)} {wanted[0][0]}"
            turn = exclusive(name, turn)
            due = yield from exclusive(f"{line} {name}", turn) if line else turn
        finally:
            with self._guard:
                self._queued[queued] -= 1
        if isinstance(due, RateLimited):
            return due
        yield from _sleep_until(due)
        return ()

    def _in_turn(
        self, wanted: _Wanted, until: float, failures: int, provider: str, operation: str
    ) -> Exchange[float | RateLimited]:
        """Take a place, and sleep until it is near; the time at which it comes."""
        at_most = max(0.0, until - (yield from now()).monotonic)
        try:
            seconds, limit = yield from call(lambda: self._taken(wanted, at_most, failures), "rate limit")
        except AnyCarrierError as error:
            said = printable(masked(str(error)))
            return _refused(f"the shared rate budget cannot be reached ({said})", 1.0, provider, operation)
        if limit is not None:
            return _too_late(limit, seconds, provider, operation)
        due = (yield from now()).monotonic + seconds
        yield from _sleep_until(due - NEAR)
        return due

    def _taken(self, wanted: _Wanted, at_most: float, failures: int) -> tuple[float, Limit | None]:
        """Seconds until the place, of all limits the latest; with the limit that has none soon enough. Blocks.

        Args:
            failures: number of failures of the store when the request began to wait.
        """
        with self._asking:
            if self._failures != failures:  # a try may take long where nothing answers: one serves all that waited
                raise AnyCarrierError("it failed for another request")
            with self._guard:
                owed, self._owed = self._owed, 0
                hold, self._hold = self._hold, 0.0
            done = False
            try:
                seconds, limit = self._latest_place(wanted, 1 + owed, hold, at_most)
                done = limit is None
            except AnyCarrierError:
                self._failures += 1
                raise
            finally:
                if not done:
                    with self._guard:
                        self._owed, self._hold = self._owed + owed, max(self._hold, hold)
            return seconds, limit

    def _latest_place(self, wanted: _Wanted, count: int, hold: float, at_most: float) -> tuple[float, Limit | None]:
        longest = 0.0
        for key, limit in wanted:
            if limit.seconds > LONGEST_EVEN:
                if wait := self._slice(key, limit, count):
                    return wait, limit
                continue
            seconds = self._places.take(key, pace_of(limit), count, hold, at_most)
            if seconds is None:
                return at_most, limit
            longest = max(longest, seconds)
        return longest, None

    def _slice(self, key: str, limit: Limit, count: int) -> float:
        """Take *count* requests from this process's slice of a long limit; the seconds to wait where there are none."""
        left = self._left.get(key, 0)
        if left < count:
            more = max(count, min(SLICE, limit.requests // 100))
            if wait := self._places.take_slice(key, limit, more):
                return wait
            left += more
        self._left[key] = left - count
        return 0.0

    def wants(self, response: Response, ticket: Ticket) -> bool:
        """Return whether :meth:`observe` has anything to learn from this answer: from a 429 alone."""
        return response.status == 429

    def observe(self, request: Request, response: Response, ticket: Ticket, at: float, wall: float) -> None:
        """Learn from a 429: with the next place, all processes are held back."""
        asked = retry_after(response.headers, wall)
        with self._guard:
            self._hold = max(self._hold, UNSTATED if asked is None else asked)

    def as_dict(self, at: float) -> dict[str, object]:
        """The limits as JSON-able data; what is left of them is in the store alone."""
        return {
            "held": round(self._hold, 3),
            "windows": [
                {"requests": window.requests, "seconds": window.seconds, "shared": True} for window in self.windows
            ],
        }


def _sleep_until(due: float) -> Exchange[None]:
    while (left := due - (yield from now()).monotonic) > SLACK:
        yield from sleep(min(left, LONGEST_SLEEP), "rate_limit")


def _too_late(limit: Limit, wait: float, provider: str, operation: str) -> RateLimited:
    said = f"all processes together may send {limit.requests} requests in {limit.seconds:g} s"
    return _refused(f"{said}, and the next could go later than max_wait", wait, provider, operation)


def _refused(said: str, wait: float, provider: str, operation: str) -> RateLimited:
    return RateLimited(
        f"{said}; nothing was sent",
        provider=provider,
        operation=operation,
        retry_after=wait,
        maybe_applied=False,
    )


def shared_budgets(places: Places) -> Callable[[Account], Budget]:
    """The budget of each account, counted in *places*; a limit per address counts as if all had one address."""

    def budget_of(account: Account) -> Budget:
        provider = f"{account.provider}/{account.base_url}"
        owner = account.counted_as or account.owner or account.id
        return SharedBudget(account.limits, f"{provider}/{owner}", places, provider)

    return budget_of
