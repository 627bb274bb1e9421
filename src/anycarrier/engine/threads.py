"""Threads of the blocking driver: one that fetches a page ahead, and several that run exchanges at once.

All are stopped at their next effect, never in the middle of one, and nobody waits long for that: an interrupt must be
acted upon while a thread waits for an answer. They are daemons, so one that waits does not hold up the program's end.
"""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from queue import SimpleQueue
from typing import Any

from anycarrier.errors import TransportError
from anycarrier.exchange import AwaitRateLimit, Call, Done, Exchange, Failed, Now, Request, caught
from anycarrier.transports.protocol import WireRequest

__all__ = ["Ahead", "Crew", "Stop", "Stopped", "ended", "hand_on"]

PROMPT = 1.0
"""Seconds for threads to stop of themselves. One that waits for an answer longer than that is left alone: nothing is
written there, and it stops when the answer has come."""

WRITING = 3.0
"""Seconds for those that are about a purchase or another write, so that its outcome is written down if it comes soon.
What does not is in doubt, as after a crash: the attempt is on record since before it was sent."""


class Stopped(BaseException):
    """Unwinds a thread whose exchange nobody waits for any more."""


class Stop:
    """Tells threads to stop, and those that they began in turn; and knows which of them are writing."""

    def __init__(self, outer: Stop | None = None) -> None:
        self._outer = outer
        self._set = False
        self._writing: set[int] = set() if outer is None else outer._writing  # noqa: SLF001

    def set(self) -> None:
        """Stop everything at its next effect."""
        self._set = True

    def is_set(self) -> bool:
        """Whether to stop."""
        return self._set or (self._outer is not None and self._outer.is_set())

    def writing(self) -> bool:
        """Whether any thread is about something that must not be left without a word."""
        return bool(self._writing)

    def at(self, effect: object) -> None:
        """Raise :class:`Stopped` before *effect*, unless it writes down or measures what was done before."""
        if isinstance(effect, Now | Request | AwaitRateLimit):
            if self.is_set() and not isinstance(effect, Now):
                raise Stopped
            return  # a request asks for further effects, and those are looked at
        me = threading.get_ident()
        if isinstance(effect, Call):
            self._writing.add(me)
            return
        if self.is_set():
            raise Stopped
        if isinstance(effect, WireRequest) and effect.purpose != "read":
            self._writing.add(me)
        else:
            self._writing.discard(me)

    def over(self) -> None:
        """The current thread is at its end."""
        self._writing.discard(threading.get_ident())


class Crew:
    """Runs exchanges in threads, *limit* at a time; each :class:`Crew` has its own, so nested ones cannot starve.

    Args:
        run: performs one exchange to its end.
    """

    def __init__(self, exchanges: Iterable[Exchange[Any]], limit: int, run: Callable[[Exchange[Any]], Any]) -> None:
        self._left = deque(enumerate(exchanges))
        self._outcomes: list[Any] = [None] * len(self._left)
        self._ended: SimpleQueue[BaseException | None] = queue.SimpleQueue()
        self._run = run
        self._threads = [
            threading.Thread(target=self._work, name="anycarrier", daemon=True)
            for _ in range(min(max(1, limit), len(self._left)))
        ]

    def outcomes(self, stop: Stop) -> list[Done[Any] | Failed]:
        """One for each exchange, in the order given."""
        count = len(self._outcomes)
        try:
            if not self._started():
                self._work()
            for _ in range(count):
                # Only what is no Exception, such as an interrupt, ends a thread with an error.
                if (error := self._ended.get()) is not None:
                    raise error
            return self._outcomes
        finally:
            while self._left:
                self._left.popleft()[1].close()
            stop.set()
            self._wait(stop)
            if (interrupt := sys.exception()) is not None:
                hand_on(self._stopped(), interrupt)

    def _stopped(self) -> Iterator[BaseException]:
        while not self._ended.empty():
            if (error := self._ended.get()) is not None:
                yield error

    def _started(self) -> int:
        """How many threads the system gives: a container may have a limit, and an interpreter that ends has none."""
        for at, thread in enumerate(self._threads):
            try:
                thread.start()
            except RuntimeError:
                del self._threads[at:]
                return at
        return len(self._threads)

    def _work(self) -> None:
        while True:
            try:
                at, exchange = self._left.popleft()
            except IndexError:
                return
            try:
                self._outcomes[at] = caught(lambda exchange=exchange: self._run(exchange))  # type: ignore[misc]
            except BaseException as error:  # noqa: BLE001 - it is raised where the outcomes are waited for
                self._ended.put(error)
                return
            self._ended.put(None)

    def _wait(self, stop: Stop) -> None:
        began = time.monotonic()
        for thread in self._threads:
            while thread.is_alive():
                if time.monotonic() - began > (WRITING if stop.writing() else PROMPT):
                    return
                thread.join(0.02)


class Ahead:
    """The one thread of an iterator, which fetches ahead.

    Two queues and a thread: a pool's futures take twice as long, and a page is fetched in some ten times of that.

    Args:
        end: closes what is iterated; called in the thread, at its end.
    """

    def __init__(self, end: Callable[[], None]) -> None:
        self.stop = Stop()
        self._end = end
        self._fetching = self._lost = False
        self._begin()

    def _begin(self) -> None:
        self._wanted: SimpleQueue[Callable[[], Any] | None] = queue.SimpleQueue()
        self._fetched: SimpleQueue[Done[Any] | Failed | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def _fetch(self) -> None:
        try:
            while (fetch := self._wanted.get()) is not None:
                self._fetched.put(caught(fetch))
        except Stopped:
            pass
        finally:
            self.stop.over()
            self._fetched.put(None)
            self._end()

    def begin(self, fetch: Callable[[], Any]) -> Ahead:
        """Fetch; nothing once this is closed."""
        self._fetching = True
        if self._thread is None:
            thread = threading.Thread(target=self._fetch, name="anycarrier-ahead", daemon=True)
            try:
                thread.start()
            except RuntimeError:  # the system gives no more threads
                self._fetched.put(caught(fetch))
                return self
            self._thread = thread
        self._wanted.put(fetch)
        return self

    def result(self) -> Any:
        """What was fetched, or what it raised."""
        if self._lost:
            raise ended("the process was forked while it listed: begin the list again in the child")
        outcome = self._fetched.get()
        if outcome is None:
            raise ended()
        self._fetching = False
        if isinstance(outcome, Failed):
            raise outcome.error
        return outcome.value

    def ask_to_stop(self) -> None:
        """Stop at the next effect."""
        self.stop.set()
        self._wanted.put(None)

    def wait(self) -> None:
        """Wait a moment for its end, and no longer for an answer that does not come."""
        if self._thread is not None:
            self._thread.join(PROMPT)
        elif not self._lost:
            self._end()

    def forked(self) -> None:
        """Go on in a child, where the thread is not, and where what it was fetching does not come."""
        self._lost = self._fetching
        self._begin()


def hand_on(stopped: Iterable[BaseException], interrupt: BaseException) -> None:
    """Give *interrupt*, which ends everything, what is known of purchases that were *stopped* because of it: the first
    as its ``outcome_unknown``, all as notes."""
    for one in stopped:
        unknown = getattr(one, "outcome_unknown", None)
        if unknown is None or one is interrupt:
            continue
        if getattr(interrupt, "outcome_unknown", None) is None:
            interrupt.outcome_unknown = unknown  # type: ignore[attr-defined]
        for note in getattr(one, "__notes__", ()):
            interrupt.add_note(note)


def ended(why: str = "the client was closed while it listed") -> TransportError:
    """What an iterator raises whose page does not come any more."""
    return TransportError(why, kind="closed", maybe_applied=False)
