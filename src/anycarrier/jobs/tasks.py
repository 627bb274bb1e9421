"""Work on the tasks of jobs, parts of plans and port orders: each claimed by one worker, which goes on where the last
one stopped.

When a request that changes something may leave, after all waits, the worker looks whether the task is its own still
and the job was not cancelled; else the request is not sent.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from attrs import evolve, field, frozen

from anycarrier.errors import (
    AnyCarrierError,
    JournalError,
    ProviderDown,
    RateLimited,
    TransportError,
    UnexpectedResponse,
    masked,
    printable,
)
from anycarrier.exchange import (
    AsCompleted,
    Emit,
    Exchange,
    Exclusive,
    Failed,
    Listing,
    Request,
    Together,
    now,
    together,
)
from anycarrier.jobs.kinds import CLOSED, KINDS
from anycarrier.numbers import PhoneNumber
from anycarrier.ports import PortDetails
from anycarrier.purchase.context import PurchaseContext, Stopped, new_owner
from anycarrier.purchase.journal.task_records import Standing, TaskNumber, TaskRecord
from anycarrier.purchase.journal.types import CANCELLED

__all__ = ["Claim", "TaskWork", "carried", "is_halted", "passes"]

T = TypeVar("T")

AT_ONCE = 4
"""Tasks that are worked on at once."""

SOON = 60.0
"""Seconds after which a task that has to wait goes on; twice as long after each visit that changed nothing."""

LONGEST = 3600.0
"""Seconds between two looks at most."""

WRITTEN = 32
"""Numbers whose results are recorded in one transaction."""

_HALTED = "job_halted"
"""Code of the error of a request that was not sent since its worker has to stop."""


@frozen
class TaskWork:
    """All that tasks need of the client that works on them.

    Attributes:
        provider: its provider: one, or several as one.
        context: its accounts and journal.
        ports: what port orders need: a ``PortOrder`` for its own numbers, ``PortDetails`` for all others.
        passed: ids of tasks that it lacks something for, and leaves to other workers.
    """

    provider: Any
    context: PurchaseContext
    ports: Sequence[PortDetails] = ()
    passed: set[str] = field(factory=set[str])


def is_halted(error: AnyCarrierError | None) -> bool:
    """Return whether a request was not sent since its worker has to stop."""
    return error is not None and error.code == _HALTED


def passes(error: AnyCarrierError) -> bool:
    """Return whether what failed is worth another try later: nothing says that it cannot be done."""
    return (
        error.maybe_applied
        or error.retry_after is not None
        or is_halted(error)
        or isinstance(error, ProviderDown | RateLimited | TransportError)
    )


def words_of(error: AnyCarrierError) -> str:
    """*error* in words for the journal."""
    return printable(masked(str(error)))


class Claim:
    """A task that a worker has claimed.

    Args:
        work: what it works with.
        task: the task.
        owner: name of the worker.
        until: second of the steady clock after which no change is begun.
        stopped: called before a change is begun; once it returns true, none is begun any more.
    """

    def __init__(self, work: TaskWork, task: TaskRecord, owner: str, until: float, stopped: Stopped) -> None:
        self.work = work
        self.task = task
        self.is_cancelled = task.is_cancelled
        self.wait: float | None = None
        self.reason = ""
        self._owner = owner
        self.until = until
        self._stopped = stopped
        self._extended: float | None = None
        self._known: dict[int, TaskNumber] = {one.line: one for one in task.numbers}
        self._unwritten: dict[int, TaskNumber] = {}
        self._has_changed = False
        self._has_begun = False

    @property
    def numbers(self) -> Sequence[TaskNumber]:
        """Its numbers, as far as they are known by now."""
        return [*self._known.values()]

    def ended_by(self, error: AnyCarrierError) -> None:
        """Note an error about the task as a whole: it waits, or its open numbers end."""
        words = words_of(error)
        if passes(error):
            self.waits(error.retry_after, "" if is_halted(error) else words)
            return
        self.note(
            [
                evolve(one, state=KINDS[self.task.kind].fails, is_open=False, reason=words)
                for one in self.numbers
                if one.is_open
            ]
        )

    def waits(self, seconds: float | None, reason: str) -> None:
        """Note that the task goes on later, and why."""
        self.wait = seconds
        self.reason = reason

    def passes_on(self, reason: str) -> None:
        """Note that this worker lacks something for the task, which others may go on with at once."""
        self.waits(0.0, reason)
        self.work.passed.add(self.task.id)

    def note(self, numbers: Sequence[TaskNumber]) -> None:
        """Note what is known of numbers, which is recorded with others."""
        for one in numbers:
            before = self._known[one.line]
            if one != before:
                self._has_changed = True
                self._known[one.line] = self._unwritten[one.line] = one

    def close(self, under_way: Collection[PhoneNumber]) -> None:
        """Note that the job was cancelled: what is not *under_way* has ended."""
        self.note(
            [
                evolve(one, state=CLOSED, is_open=False, reason=CANCELLED)
                for one in self.numbers
                if one.is_open and one.number not in under_way
            ]
        )

    # -- driving what is done for it

    def each(self, listing: Listing[T], take: Callable[[T], None], *, looks: bool = False) -> Exchange[None]:
        """Drive *listing*, and *take* each of its items; one that only *looks* is held up by nothing."""
        outcome: Any = None
        try:
            while True:
                effect = listing.send(outcome)
                outcome = None
                if isinstance(effect, Emit):
                    for item in effect.items:
                        take(item)
                    yield from self.write_down(WRITTEN)
                elif isinstance(effect, AsCompleted):
                    taking = [self._taken(self.guarded(one, looks=looks), take) for one in effect.exchanges]
                    yield from _all(taking, effect.limit)
                else:
                    outcome = yield from self._performed(effect, looks)
        except StopIteration:
            return
        finally:
            listing.close()

    def _taken(self, exchange: Exchange[T], take: Callable[[T], None]) -> Exchange[None]:
        take((yield from exchange))
        yield from self.write_down(WRITTEN)

    def guarded(self, exchange: Exchange[T], *, looks: bool = False) -> Exchange[T]:
        """*exchange*, whose changes are sent only as long as the worker may."""
        outcome: Any = None
        try:
            while True:
                effect = exchange.send(outcome)
                outcome = yield from self._performed(effect, looks)
        except StopIteration as stop:
            value: T = stop.value
            return value
        finally:
            exchange.close()

    def _performed(self, effect: Any, looks: bool) -> Exchange[Any]:
        if isinstance(effect, Together):
            effect = evolve(effect, exchanges=tuple(self.guarded(one, looks=looks) for one in effect.exchanges))
        elif isinstance(effect, Exclusive):
            effect = evolve(effect, exchange=self.guarded(effect.exchange, looks=looks))
        elif isinstance(effect, Request):
            if looks or effect.purpose == "read":
                yield from self._held()
            else:
                effect = evolve(effect, permit=partial(self._permitted, effect.purpose == "purchase"))
        return (yield effect)

    def _held(self, *, begins: bool = False, always: bool = False) -> Exchange[Standing | None]:
        """The standing of the worker, whose lease is extended where that is due; ``None`` if it was not read."""
        moment = (yield from now()).monotonic
        context = self.work.context
        extend = begins or self._extended is None or moment - self._extended > context.journal.lease / 4
        if not (extend or always):
            return None
        if extend:
            self._extended = moment
        hold = partial(context.journal.hold_task, self.task.id, self._owner, extend=extend, begins=begins)
        standing: Standing = yield from context.journaled(hold, "hold task")
        self.is_cancelled = self.is_cancelled or standing is Standing.CANCELLED
        return standing

    def _permitted(self, is_purchase: bool) -> Exchange[AnyCarrierError | None]:
        """The error of a change that may not be sent, now that it could leave; ``None`` where it may."""
        try:
            halted = yield from self._halts(is_purchase)
        except JournalError as error:
            error.maybe_applied = False
            return error
        return UnexpectedResponse(f"not sent: {halted}", code=_HALTED, maybe_applied=False) if halted else None

    def _halts(self, is_purchase: bool) -> Exchange[str]:
        standing = yield from self._held(begins=not self._has_begun, always=True)
        self._has_begun = True
        if standing is Standing.CANCELLED:
            return "the job was cancelled"
        if is_purchase:
            return ""  # the journal fences these by themselves, whichever worker goes on with them
        if standing is Standing.LOST:
            return "another worker has the task by now"
        if (yield from now()).monotonic >= self.until or (self._stopped is not None and self._stopped()):
            self.waits(0.0, "")
            return "the worker stops"
        return ""

    # -- recording

    def write_down(self, at_least: int = 1) -> Exchange[None]:
        """Record what was noted, once there is enough of it."""
        if len(self._unwritten) < at_least:
            return
        numbers = [*self._unwritten.values()]
        self._unwritten.clear()
        write = partial(self.work.context.journal.write_task_numbers, self.task.id, self._owner, numbers)
        yield from self.work.context.journaled(write, "task numbers")

    def leave(self) -> Exchange[None]:
        """Record what is left, and let others have the task."""
        yield from self.write_down()
        tries = 0 if self._has_changed else self.task.tries + 1
        wait = self.wait
        if wait is None:
            wait = min(LONGEST, SOON * 2.0 ** min(tries, 10))
        leave = partial(
            self.work.context.journal.leave_task, self.task.id, self._owner, wait=wait, tries=tries, reason=self.reason
        )
        yield from self.work.context.journaled(leave, "leave task")


Kinds = Mapping[Any, Callable[[Claim], Exchange[None]]]


def carried(work: TaskWork, task_ids: Sequence[str], until: float, stopped: Stopped, kinds: Kinds) -> Exchange[None]:
    """Work on tasks side by side, each until it has ended or has to wait."""
    yield from _all([_one(work, one, until, stopped, kinds) for one in task_ids], AT_ONCE)


def _one(work: TaskWork, task_id: str, until: float, stopped: Stopped, kinds: Kinds) -> Exchange[None]:
    if (yield from now()).monotonic >= until or (stopped is not None and stopped()):
        return
    journal = work.context.journal
    owner = yield from new_owner()
    try:
        task = yield from work.context.journaled(partial(journal.claim_task, task_id, owner), "claim task")
        if task is None:
            return
        claim = Claim(work, task, owner, until, stopped)
        yield from _visited(claim, kinds[task.kind])
        yield from claim.leave()
    except BaseException:
        journal.abandon(owner)  # what was not recorded is found out by the next visit
        raise


def _visited(claim: Claim, carry_out: Callable[[Claim], Exchange[None]]) -> Exchange[None]:
    try:
        yield from carry_out(claim)
    except JournalError:
        raise
    except AnyCarrierError as error:
        claim.ended_by(error)


def _all(exchanges: Sequence[Exchange[Any]], limit: int) -> Exchange[None]:
    outcomes = yield from together(exchanges, limit=limit)
    broken = next((one.error for one in outcomes if isinstance(one, Failed)), None)
    if broken is not None:
        raise broken
