"""Threads of the blocking driver: one prefetches pages, several run exchanges at once.

Threads stop at their next effect, never in the middle of one. The wait for that is short, since an interrupt must take
effect while a thread waits for an answer. All are daemons, so a waiting one does not delay the end of the program.
"""

from __future__ import annotations

import queue
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from queue import SimpleQueue
from typing import Any, NoReturn

from anycarrier.errors import TransportError
from anycarrier.exchange import AwaitRateLimit, Call, Done, Exchange, Failed, Now, Request, Within, caught
from anycarrier.transports.protocol import WireRequest

__all__ = ["Ahead", "Crew", "Stop", "Stopped", "ended", "hand_on"]

PROMPT = 1.0
"""Seconds to wait for threads to stop. One that waits longer for an answer is left running: it writes nothing and stops
when the answer has arrived."""

WRITING = 3.0
"""Seconds to wait for threads in a purchase or another write, so that an outcome that arrives soon is recorded. A later
one is in doubt, as after a crash: the attempt was recorded before it was sent."""


class Stopped(BaseException):
    """Unwinds a thread whose exchange is awaited no longer."""


class Stop:
    """A stop signal for threads and the threads that they begin; it knows which of them are busy.

    Busy is a thread in a write, whose outcome must be recorded, and one that ends: what it knows of a purchase must be
    handed on, from each thread to the one that waits for it.

    Args:
        outer: that of the current thread, if it began in one.
    """

    def __init__(self, outer: Stop | None = None) -> None:
        self._outer = outer
        self._set_at: float | None = None
        self._busy: set[int] = set() if outer is None else outer._busy  # noqa: SLF001
        self._waits = None if outer is None else threading.get_ident()
        # A thread gives up before the one that waits for it does, so that what it knows is not too late.
        self._patience: float = 1.0 if outer is None else outer._patience * 0.9  # noqa: SLF001

    def set(self) -> None:
        """Stop everything at its next effect."""
        self._set_at = self._set_at or time.monotonic()

    def began(self) -> float | None:
        """The second of the interrupt, by whichever thread it is known first."""
        return (self._outer and self._outer.began()) or self._set_at

    def is_set(self) -> bool:
        """Return whether to stop."""
        return self.began() is not None

    def waited_enough(self) -> bool:
        """Return whether threads that have not ended by now are left running."""
        busy = self._busy - {threading.get_ident()}
        waited = time.monotonic() - (self.began() or 0.0)
        return waited > (WRITING if busy else PROMPT) * self._patience

    def at(self, effect: object) -> None:
        """Raise :class:`Stopped` before *effect*, unless it records or measures something done before."""
        if isinstance(effect, Within):
            return  # the effect in it comes here too
        if isinstance(effect, Now | Request | AwaitRateLimit):
            if self.is_set() and not isinstance(effect, Now):
                self._end()
            return  # a request yields further effects, and those are checked
        me = threading.get_ident()
        if isinstance(effect, Call):
            self._busy.add(me)
            return
        if self.is_set():
            self._end()
        if isinstance(effect, WireRequest) and effect.purpose != "read":
            self._busy.add(me)
        else:
            self._busy.discard(me)

    def _end(self) -> NoReturn:
        self._busy.add(threading.get_ident())
        raise Stopped

    def over(self, hand_on: Callable[[], object]) -> None:
        """End the current thread: *hand_on* puts its outcome where the one that waits looks; that one is busy now."""
        me = threading.get_ident()
        if me in self._busy and self._waits is not None:
            self._busy.add(self._waits)
        hand_on()
        if me != self._waits:  # it is the same one where the system gave no thread
            self._busy.discard(me)


class Crew:
    """Runs exchanges in threads, *limit* at a time; each :class:`Crew` has its own, so nested ones cannot starve.

    Args:
        run: performs one exchange to its end.
        stop: ends the threads, by an interrupt or when an iterator is closed.
    """

    def __init__(
        self, exchanges: Iterable[Exchange[object]], limit: int, run: Callable[[Exchange[object]], object], stop: Stop
    ) -> None:
        self._left = deque(enumerate(exchanges))
        self._outcomes: list[Any] = [None] * len(self._left)
        self._ended: SimpleQueue[BaseException | int] = queue.SimpleQueue()
        self._run = run
        self._stop = stop
        self._threads = [
            threading.Thread(target=self._work, name="anycarrier", daemon=True)
            for _ in range(min(max(1, limit), len(self._left)))
        ]

    def outcomes(self) -> list[Done[object] | Failed]:
        """The outcome of each exchange, in their order."""
        ends = self._ends()
        try:
            for _ in ends:
                pass
        except BaseException as error:
            # One that came here, between two ends, is to be seen there too: it carries what is known of purchases.
            ends.throw(error)
            raise
        return self._outcomes

    def as_completed(self) -> Iterator[Done[Any] | Failed]:
        """The outcome of each exchange, as soon as that is known; closing the iterator stops the threads."""
        ends = self._ends()
        try:
            for at in ends:
                outcome, self._outcomes[at] = self._outcomes[at], None
                yield outcome
        except BaseException as error:
            ends.throw(error)
            raise

    def _ends(self) -> Generator[int, None, None]:
        """The place of each exchange that has ended."""
        count = len(self._outcomes)
        try:
            if not self._started():
                self._work()
            for _ in range(count):
                # Only what is no Exception, such as an interrupt, ends a thread with an error.
                if isinstance(end := self._ended.get(), BaseException):
                    raise end
                yield end
        finally:
            while self._left:
                self._left.popleft()[1].close()
            self._stop.set()
            self._wait()
            if (interrupt := sys.exception()) is not None:
                hand_on(self._stopped(), interrupt)

    def _stopped(self) -> Iterator[BaseException]:
        while not self._ended.empty():
            if isinstance(end := self._ended.get(), BaseException):
                yield end

    def _started(self) -> int:
        """The number of threads that start: containers have a limit, and an interpreter that ends starts none."""
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
            end: BaseException | int = at
            try:
                self._outcomes[at] = caught(lambda exchange=exchange: self._run(exchange))  # type: ignore[misc]
            except BaseException as error:  # noqa: BLE001 - it is raised where the outcomes are waited for
                end = error
            self._stop.over(lambda end=end: self._ended.put(end))  # type: ignore[misc]
            if isinstance(end, BaseException):
                return

    def _wait(self) -> None:
        for thread in self._threads:
            while thread.is_alive():
                if self._stop.waited_enough():
                    return
                thread.join(0.02)


class Ahead:
    """The thread of an iterator that prefetches its pages.

    It is two queues and a thread: a pool's futures take twice as long.

    Args:
        end: closes the listing; called in the thread, at its end.
    """

    def __init__(self, end: Callable[[], None]) -> None:
        self.stop = Stop()
        self._end = end
        self._fetching = self._lost = False
        self._begin()

    def _begin(self) -> None:
        self._wanted: SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
        self._fetched: SimpleQueue[Done[object] | Failed | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def _fetch(self) -> None:
        try:
            while (fetch := self._wanted.get()) is not None:
                self._fetched.put(caught(fetch))
        except Stopped:
            pass
        finally:
            self.stop.over(lambda: self._fetched.put(None))
            self._end()

    def begin(self, fetch: Callable[[], object]) -> Ahead:
        """Begin to fetch; does nothing once this is closed."""
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
        """The page, or the error that fetching it raised."""
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
        """Wait briefly for the end of the thread, and no longer for an answer that does not arrive."""
        if self._thread is not None:
            self._thread.join(PROMPT)
        elif not self._lost:
            self._end()

    def forked(self) -> None:
        """Go on in a child, which has no such thread: a page that was being fetched never arrives."""
        self._lost = self._fetching
        self._begin()


def hand_on(stopped: Iterable[BaseException], interrupt: BaseException) -> None:
    """Attach the purchases that were *stopped* to *interrupt*: the first as its ``outcome_unknown``, all as notes."""
    for one in stopped:
        unknown = getattr(one, "outcome_unknown", None)
        if unknown is None or one is interrupt:
            continue
        if getattr(interrupt, "outcome_unknown", None) is None:
            interrupt.outcome_unknown = unknown  # type: ignore[attr-defined]
        for note in getattr(one, "__notes__", ()):
            interrupt.add_note(note)


def ended(why: str = "the client was closed while it listed") -> TransportError:
    """The error of an iterator whose page never arrives."""
    return TransportError(why, kind="closed", maybe_applied=False)
